"""What a confirm freezes: counts, rosters, and a chain of digests up to the department."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from admin_app.domain import proof
from admin_app.domain.money import UNBOUNDED, RateRow, RateSet
from admin_app.models import Snapshot, Student, Subdistrict
from admin_app.services import other_counts, rates, rosters, snapshots
from admin_app.services.child_fields import FIELDS
from admin_app.services.other_counts import SchoolRow
from tests.country import CLOSES, ManualClock
from tests.services.conftest import Chain


def content(chain: Chain, unit: Any) -> dict[str, Any]:
    """The content of the unit's present snapshot, after holding it against its digest."""
    snapshot = snapshots.current(chain.cycle.id, unit.id)
    assert snapshot is not None
    assert hashlib.sha256(snapshot.content.encode()).hexdigest() == snapshot.digest
    found: dict[str, Any] = json.loads(snapshot.content)
    assert snapshots.canonical(found) == snapshot.content
    assert (found["cycle"], found["level"]) == (chain.cycle.code, unit.level)
    assert (found["code"], found["name"]) == (unit.code, unit.name)
    assert found["revision"] == snapshot.revision
    return found


def head(chain: Chain, unit: Any) -> list[Any]:
    """How the level above names the unit."""
    snapshot = snapshots.current(chain.cycle.id, unit.id)
    assert snapshot is not None
    return [unit.code, snapshot.revision, snapshot.digest]


def test_a_schools_snapshot_holds_its_counts_and_its_roster(chain: Chain) -> None:
    for grade, sex, over in (
        ("P2", "M", {}),
        ("K1", "F", {}),
        ("P1", "F", {"nationality": "MM", "id_kind": "gcode", "id_number": "G123456789012"}),
        ("P1", "F", {}),
        ("P1", "M", {"status": "removed", "removal_reason": "left"}),
    ):
        attested = "status" not in over
        chain.country.child(
            chain.school, chain.cycle, attested=attested, grade=grade, sex=sex, **over
        )
    chain.country.confirm(chain.school, chain.cycle)
    found = content(chain, chain.school)
    assert found["counts"] == [["K1", 0, 1], ["P1", 0, 2], ["P2", 1, 0]]
    assert found["children"] == 4
    assert found["nationality"] == {"MM": 1, "TH": 3}
    assert found["id_kind"] == {"gcode": 1, "pin": 3}
    assert found["roster"] == rosters.roster_digest(chain.cycle.id, chain.school.id)


def test_a_schools_snapshot_holds_a_line_of_each_child(chain: Chain) -> None:
    kept = chain.country.children(chain.school, chain.cycle, 3, attested=True)
    chain.country.child(chain.school, chain.cycle, status="removed", removal_reason="left")
    chain.country.confirm(chain.school, chain.cycle)
    before = snapshots.current(chain.cycle.id, chain.school.id)
    assert before is not None
    assert content(chain, chain.school)["lines"] == proof.digest(before.lines)
    found = [line.split() for line in before.lines.splitlines()]
    assert [int(child) for child, _ in found] == [child.id for child in kept]
    assert all(len(begins) == proof.LINE_DIGITS for _, begins in found)
    chain.move("lao", chain.school, "return")
    Student.update(last_name="อื่น").where(Student.id == kept[1].id).execute()
    chain.country.confirm(chain.school, chain.cycle)
    after = snapshots.current(chain.cycle.id, chain.school.id)
    assert after is not None
    pairs = zip(before.lines.splitlines(), after.lines.splitlines(), strict=True)
    assert [was == now for was, now in pairs] == [True, False, True]


def test_a_snapshot_holds_where_the_histories_ended_its_own_and_those_below(chain: Chain) -> None:
    chain.country.confirm_tree(chain.province, chain.cycle)
    for unit, below in (
        (chain.school, None),
        (chain.lao, [chain.school, chain.sister]),
        (chain.province, [chain.lao]),
    ):
        found = content(chain, unit)
        (own,) = chain.events("move.confirm", unit)
        assert found["history"] == [own.number - 1, own.previous]
        ends = [chain.events("move.confirm", lower)[-1] for lower in below or ()]
        told = [[event.unit.code, event.number, event.digest] for event in ends]
        assert found.get("below") == (None if below is None else told)


CHANGES: list[dict[str, Any]] = [
    {"first_name": "อื่น"},
    {"last_name": "อื่น"},
    {"prefix": "ด.ญ."},
    {"id_kind": "gcode"},
    {"id_number": "1234567890121"},
    {"no_id_reason": "lost"},
    {"sex": "M"},
    {"birth_date": date(2016, 1, 1)},
    {"grade": "P2"},
    {"nationality": "MM"},
    {"disability": "1"},
    {"disadvantage": "1"},
    {"home_subdistrict": 1},
    {"entered_on": date(2024, 5, 16)},
    {"status": "removed", "removal_reason": "left"},
]


def test_the_roster_digest_notices_a_change_of_every_field(chain: Chain) -> None:
    assert {key for change in CHANGES for key in change} >= set(FIELDS)
    child = chain.country.child(chain.school, chain.cycle, sex="F", grade="P1")
    place = Subdistrict.select().first()
    seen = {rosters.roster_digest(chain.cycle.id, chain.school.id)}
    for number, change in enumerate(CHANGES, start=2):
        over = {"home_subdistrict": place} if "home_subdistrict" in change else change
        Student.update(over).where(Student.id == child.id).execute()
        seen.add(rosters.roster_digest(chain.cycle.id, chain.school.id))
        assert len(seen) == number, change


def test_the_roster_digest_leaves_our_own_bookkeeping_aside(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    before = rosters.roster_digest(chain.cycle.id, chain.school.id)
    Student.update(version=9, sort_key="x").where(Student.id == child.id).execute()
    assert rosters.roster_digest(chain.cycle.id, chain.school.id) == before


def test_the_digests_of_a_level_stand_in_the_level_above(chain: Chain, clock: ManualClock) -> None:
    rows = [SchoolRow("บ้านนา", "PESAO", "32020001", {"P1": (3, 4), "K1": (1, 2)})]
    lao = chain.actor("lao")
    for school in (chain.school, chain.sister):
        chain.country.confirm_tree(school, chain.cycle)
    other_counts.save(lao, chain.cycle.id, chain.lao.id, 0, rows, clock)
    milk = RateRow("milk", "", 1, UNBOUNDED, 780, 260)
    rates.append(chain.cycle.id, RateSet((milk,), {"milk": ("P1",)}), clock())
    chain.country.confirm(chain.lao, chain.cycle)
    chain.country.confirm(chain.province, chain.cycle)
    clock.set(CLOSES)
    chain.move("department", chain.country.department, "close")

    found = content(chain, chain.lao)
    assert found["schools"] == [head(chain, chain.school), head(chain, chain.sister)]
    assert found["other"] == {
        "declared_none": False,
        "schools": [
            {
                "affiliation": "PESAO",
                "code": "32020001",
                "counts": [["K1", 1, 2], ["P1", 3, 4]],
                "name": "บ้านนา",
            }
        ],
    }
    found = content(chain, chain.province)
    assert found["laos"] == [head(chain, chain.lao)]
    used = found["rates"]
    assert (used["edition"], used["counted"]) == (1, {"milk": ["P1"]})
    assert [(r["kind"], r["satang"], r["days"]) for r in used["rates"]] == [("milk", 780, 260)]
    assert {grade["code"] for grade in found["grades"]} >= {"N1", "K1", "P6", "M6", "D2"}
    assert content(chain, chain.country.department)["provinces"] == [head(chain, chain.province)]


def test_a_confirmation_after_a_return_is_a_new_revision_and_the_old_one_stays(
    chain: Chain,
) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    first = snapshots.current(chain.cycle.id, chain.school.id)
    chain.move("lao", chain.school, "return")
    assert snapshots.current(chain.cycle.id, chain.school.id) is None
    chain.country.child(chain.school, chain.cycle, attested=True)
    chain.country.confirm(chain.school, chain.cycle)
    second = snapshots.current(chain.cycle.id, chain.school.id)
    assert first is not None
    assert second is not None
    assert (first.revision, second.revision) == (1, 2)
    assert content(chain, chain.school)["children"] == 3
    assert Snapshot.get_by_id(first.id).content == first.content


def test_the_same_rows_give_the_same_content_but_for_the_revision(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    first = content(chain, chain.school)
    chain.move("lao", chain.school, "return")
    chain.country.confirm(chain.school, chain.cycle)
    moves = chain.events("move.return", chain.school)
    head_ = [moves[-1].number, moves[-1].digest]
    assert content(chain, chain.school) == first | {"revision": 2, "history": head_}
