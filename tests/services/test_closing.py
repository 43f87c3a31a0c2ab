"""Extensions, the close and what DLA alone may do after it."""

from __future__ import annotations

import json
from datetime import timedelta

from admin_app.models import Snapshot
from admin_app.services import children, other_counts
from tests.country import CLOSES, ManualClock
from tests.services.conftest import Chain, refused

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def test_an_extension_covers_all_below_and_lets_those_above_confirm(
    chain: Chain, clock: ManualClock
) -> None:
    country, cycle = chain.country, chain.cycle
    country.confirm_tree(chain.sister, cycle)
    country.ready(chain.school, cycle)
    country.ready(chain.lao, cycle)
    clock.set(CLOSES)
    chain.move("department", chain.school, "extend", until=CLOSES + HOUR)
    clock.set(CLOSES + HOUR - SECOND)
    country.child(chain.school, cycle, attested=True)
    assert country.confirm(chain.school, cycle).late
    lao = chain.actor("lao")
    saving = lambda: other_counts.save(lao, cycle.id, chain.lao.id, 1, [], clock)  # noqa: E731
    assert refused(saving) == ["window_closed"]
    assert country.confirm(chain.lao, cycle).status == "confirmed"
    assert country.confirm(chain.province, cycle).status == "confirmed"


def test_an_extension_of_a_province_covers_its_schools(chain: Chain, clock: ManualClock) -> None:
    clock.set(CLOSES)
    chain.move("department", chain.province, "extend", until=CLOSES + HOUR)
    chain.country.ready(chain.school, chain.cycle)
    assert chain.country.confirm(chain.school, chain.cycle).status == "confirmed"
    chain.country.ready(chain.far, chain.cycle)
    assert refused(lambda: chain.country.confirm(chain.far, chain.cycle)) == ["window_closed"]
    clock.set(CLOSES + HOUR)
    assert refused(lambda: chain.country.confirm(chain.sister, chain.cycle))[0] == "window_closed"


def test_the_helpdesk_extends_up_to_the_close_and_dla_beyond(chain: Chain) -> None:
    beyond = {"until": CLOSES + SECOND}
    codes = refused(lambda: chain.move("helpdesk", chain.school, "extend", **beyond))
    assert codes == ["until_beyond_close"]
    chain.move("helpdesk", chain.school, "extend", until=CLOSES)
    state = chain.move("department", chain.school, "extend", **beyond)
    assert state.extended_until == CLOSES + SECOND
    details = [json.loads(event.details) for event in chain.events("move.extend")]
    assert details == [{"until": CLOSES.isoformat()}, {"until": (CLOSES + SECOND).isoformat()}]


def test_the_national_close_names_what_is_missing_and_needs_a_reason(
    chain: Chain, clock: ManualClock
) -> None:
    chain.country.confirm_tree(chain.province, chain.cycle)
    department = chain.country.department
    assert refused(lambda: chain.move("department", department, "close")) == ["not_closed_yet"]
    clock.set(CLOSES)
    closing = lambda **over: chain.move("department", department, "close", **over)  # noqa: E731
    assert refused(lambda: closing(reason="")) == ["below_open"]
    state = closing(reason="flood in the north")
    assert (state.status, state.late) == ("confirmed", False)
    snapshot = Snapshot.get(Snapshot.unit == department.id)
    content = json.loads(snapshot.content)
    assert [head[0] for head in content["provinces"]] == ["81"]
    assert len(content["missing"]) == 75
    assert "81" not in content["missing"]
    assert "10" not in content["missing"]
    assert chain.events("move.close")[0].reason == "flood in the north"


def test_closed_means_that_not_even_an_extension_lets_anybody_write(
    chain: Chain, clock: ManualClock
) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    clock.set(CLOSES)
    chain.move("department", chain.country.department, "close")
    chain.move("department", chain.school, "extend", until=CLOSES + HOUR)
    school = chain.actor("school")
    codes = refused(lambda: children.edit(school, child.id, 1, {"grade": "P2"}, clock))
    assert codes == ["above_confirmed"]
    chain.move("department", chain.country.department, "unlock")
    assert children.edit(school, child.id, 1, {"grade": "P2"}, clock).grade == "P2"
