"""Confirming, returning, extending and closing: what is written and what is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from admin_app.models import Event, Snapshot, UnitState
from admin_app.services import children, confirmation, other_counts
from admin_app.services.errors import NotFound, Refused
from tests.country import CLOSES, LETTER, ManualClock
from tests.services.conftest import Chain, refused

SECOND = timedelta(seconds=1)


def test_school_lao_and_province_confirm_one_after_the_other(chain: Chain) -> None:
    for school in (chain.school, chain.sister):
        chain.country.ready(school, chain.cycle)
        chain.country.confirm(school, chain.cycle)
    chain.country.confirm(chain.country.ready(chain.lao, chain.cycle), chain.cycle)
    state = chain.move("province", chain.province, "confirm", reason="")
    assert chain.statuses() == ["confirmed"] * 4
    assert state.confirmed_at == chain.country.clock.now
    assert state.confirmed_by_id == chain.actor("province").user_id
    assert (state.revision, state.late, state.reopened_reason) == (1, False, "")


def test_a_school_is_told_everything_that_blocks_it(chain: Chain) -> None:
    country, cycle, school = chain.country, chain.cycle, chain.school
    assert refused(lambda: country.confirm(school, cycle)) == ["no_children"]
    country.child(school, cycle, id_number="1234567890122")
    country.child(school, cycle, attested=True, grade="")
    with pytest.raises(Refused) as info:
        country.confirm(school, cycle)
    told = [(r.code, r.params.get("code"), r.params["count"]) for r in info.value.refusals]
    assert told == [
        ("rule_errors", "identity_wrong", 1),
        ("rule_errors", "grade_missing", 1),
        ("not_attested", None, 1),
    ]
    assert chain.status(school) == "open"
    assert not Snapshot.select().exists()
    assert not chain.events("move.confirm")


def test_removed_children_do_not_block(chain: Chain) -> None:
    chain.country.ready(chain.school, chain.cycle)
    wrong = chain.country.child(chain.school, chain.cycle, id_number=None)
    children.remove(chain.actor("school"), [wrong.id], "not_exist", chain.country.clock)
    assert chain.country.confirm(chain.school, chain.cycle).status == "confirmed"


def test_an_lao_waits_for_its_active_schools_and_its_other_counts(chain: Chain) -> None:
    country, cycle = chain.country, chain.cycle
    wanted = ["below_open", "other_counts_missing"]
    assert refused(lambda: country.confirm(chain.lao, cycle)) == wanted
    country.confirm_tree(chain.school, cycle)
    country.ready(chain.lao, cycle)
    assert refused(lambda: country.confirm(chain.lao, cycle)) == ["below_open"]
    chain.country.out_of_service(chain.sister)
    assert country.confirm(chain.lao, cycle).status == "confirmed"


def test_an_empty_sheet_of_other_counts_is_not_a_declaration(chain: Chain) -> None:
    for school in (chain.school, chain.sister):
        chain.country.confirm_tree(school, chain.cycle)
    lao = chain.actor("lao")
    other_counts.save(lao, chain.cycle.id, chain.lao.id, 0, [], chain.country.clock)
    assert refused(lambda: chain.move("lao", chain.lao, "confirm")) == ["other_counts_missing"]


@pytest.mark.parametrize(
    ("now", "done", "late"),
    [
        (LETTER["school_due_at"] - SECOND, True, False),
        (LETTER["school_due_at"], True, True),
        (CLOSES - SECOND, True, True),
        (CLOSES, False, False),
    ],
)
def test_a_school_is_judged_by_the_clock_at_the_moment_of_writing(
    chain: Chain, clock: ManualClock, now: Any, done: bool, late: bool
) -> None:
    chain.country.ready(chain.school, chain.cycle)
    clock.set(now)
    if done:
        assert chain.country.confirm(chain.school, chain.cycle).late is late
        assert json.loads(chain.events("move.confirm")[0].details)["late"] is late
    else:
        assert refused(lambda: chain.move("school", chain.school, "confirm")) == ["window_closed"]


def test_what_the_lao_does_for_a_school_is_marked_in_the_history(chain: Chain) -> None:
    for role, school in (("school", chain.school), ("lao", chain.sister)):
        chain.country.ready(school, chain.cycle)
        chain.move(role, school, "confirm")
        event = chain.events("move.confirm", school)[0]
        assert event.on_behalf is (role == "lao")
        assert (event.actor_role, event.user_id) == (role, chain.actor(role).user_id)


def test_a_return_or_unlock_from_above_is_nobodys_behalf(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    chain.move("lao", chain.school, "return")
    chain.country.confirm(chain.school, chain.cycle)
    chain.move("helpdesk", chain.school, "unlock")
    assert not chain.events("move.return")[0].on_behalf
    assert not chain.events("move.unlock")[0].on_behalf


def test_a_return_opens_the_unit_and_keeps_the_reason(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    state = chain.move("lao", chain.school, "return", reason=" two names are wrong ")
    assert (state.status, state.reopened_reason) == ("open", "two names are wrong")
    assert (state.confirmed_at, state.confirmed_by_id, state.late) == (None, None, False)
    assert state.revision == 1
    assert chain.events("move.return")[0].reason == "two names are wrong"


def test_a_returned_unit_confirms_again_as_the_next_revision(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    chain.move("lao", chain.school, "return")
    state = chain.country.confirm(chain.school, chain.cycle)
    assert (state.revision, state.reopened_reason) == (2, "")
    revisions = Snapshot.select().where(Snapshot.unit == chain.school.id)
    assert sorted(snapshot.revision for snapshot in revisions) == [1, 2]


@pytest.mark.parametrize(
    ("role", "level", "codes"),
    [
        ("school", "school", ["not_allowed"]),
        ("province", "school", ["not_allowed"]),
        ("helpdesk", "school", ["not_allowed"]),
        ("department", "school", ["not_allowed"]),
        ("lao", "school", ["above_confirmed"]),
        ("lao", "lao", ["not_allowed"]),
        ("province", "province", ["not_allowed"]),
    ],
)
def test_only_the_level_directly_above_returns_and_only_while_it_is_open(
    chain: Chain, role: str, level: str, codes: list[str]
) -> None:
    chain.country.confirm_tree(chain.province, chain.cycle)
    unit = getattr(chain, level)
    assert refused(lambda: chain.move(role, unit, "return")) == codes
    assert chain.statuses() == ["confirmed"] * 4


def test_a_return_needs_a_reason(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    assert refused(lambda: chain.move("lao", chain.school, "return", reason=" ")) == [
        "reason_missing"
    ]


def test_an_unlock_opens_the_unit_and_every_confirmed_ancestor(chain: Chain) -> None:
    chain.country.confirm_tree(chain.province, chain.cycle)
    helpdesk = chain.actor("helpdesk")
    preview = confirmation.preview_unlock(helpdesk, chain.cycle.id, chain.school.id)
    assert [s.unit_id for s in preview] == [chain.school.id, chain.lao.id, chain.province.id]
    chain.move("helpdesk", chain.school, "unlock", reason="a child is missing")
    assert chain.statuses() == ["open", "confirmed", "open", "open"]
    entries = {event.unit_id: event for event in chain.events("move.unlock")}
    assert set(entries) == {chain.school.id, chain.lao.id, chain.province.id}
    assert {event.reason for event in entries.values()} == {"a child is missing"}
    assert json.loads(entries[chain.lao.id].details)["because_of"] == chain.school.code
    reopened = json.loads(entries[chain.school.id].details)["reopened"]
    assert reopened == [chain.lao.code, chain.province.code]


def test_an_unlock_of_an_lao_leaves_its_schools_confirmed(chain: Chain) -> None:
    chain.country.confirm_tree(chain.province, chain.cycle)
    chain.move("department", chain.lao, "unlock")
    assert chain.statuses() == ["confirmed", "confirmed", "open", "open"]


def test_after_the_close_only_dla_reopens(chain: Chain, clock: ManualClock) -> None:
    chain.country.confirm_tree(chain.province, chain.cycle)
    clock.set(CLOSES)
    assert refused(lambda: chain.move("helpdesk", chain.school, "unlock")) == ["only_department"]
    chain.move("department", chain.country.department, "close")
    assert refused(lambda: chain.move("helpdesk", chain.lao, "unlock")) == ["department_closed"]
    chain.move("department", chain.school, "unlock")
    assert chain.statuses() == ["open", "confirmed", "open", "open"]
    assert chain.status(chain.country.department) == "open"


def test_a_bulk_move_tells_per_unit_what_became_of_it(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    for school in (chain.sister, chain.far):
        chain.country.ready(school, chain.cycle)
    ids = [chain.school.id, chain.sister.id, chain.far.id, chain.sister.id]
    lao, clock = chain.actor("lao"), chain.country.clock
    outcomes = confirmation.bulk(lao, chain.cycle.id, ids, "confirm", clock)
    told = [(o.unit.id, o.done, [r.code for r in o.refusals]) for o in outcomes]
    assert told == [
        (chain.school.id, False, ["already_confirmed"]),
        (chain.sister.id, True, []),
    ]
    assert chain.status(chain.far) == "open"


@pytest.mark.parametrize("role", ["province", "lao", "school"])
def test_units_outside_the_scope_do_not_exist(chain: Chain, role: str) -> None:
    for unit in (chain.far, chain.country.department):
        for key in ("confirm", "return", "unlock", "extend", "close", "erase"):
            with pytest.raises(NotFound):
                chain.move(role, unit, key, until=CLOSES)
        with pytest.raises(NotFound):
            confirmation.preview_unlock(chain.actor(role), chain.cycle.id, unit.id)


def test_a_unit_takes_no_part_in_a_cycle_that_does_not_exist(chain: Chain) -> None:
    school, clock = chain.actor("school"), chain.country.clock
    with pytest.raises(NotFound):
        confirmation.move(school, chain.cycle.id + 1, chain.school.id, "confirm", clock)


def test_what_buttons_show_is_what_the_move_would_answer(chain: Chain) -> None:
    clock, cycle = chain.country.clock, chain.cycle
    args = (chain.actor("school"), cycle.id, chain.school, "confirm", clock.now)
    assert [refusal.code for refusal in confirmation.possible(*args)] == ["no_children"]
    chain.country.ready(chain.school, cycle)
    assert confirmation.possible(*args) == []
    dla = chain.actor("department")
    assert confirmation.possible(dla, cycle.id, chain.school, "extend", clock.now) == []


def test_a_refused_move_leaves_nothing_behind(chain: Chain) -> None:
    assert refused(lambda: chain.move("school", chain.school, "confirm"))
    assert refused(lambda: chain.move("lao", chain.school, "return"))
    assert refused(lambda: chain.move("helpdesk", chain.school, "unlock"))
    assert not Snapshot.select().exists()
    assert not UnitState.select().where(UnitState.status == "confirmed").exists()
    assert not Event.select().where(Event.tag.startswith("move.")).exists()
