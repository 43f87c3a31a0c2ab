"""A unit's revisions, what a digest stands for, and two revisions beside each other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from peewee import Database

from admin_app.domain.proof import canonical, digest
from admin_app.models import Cycle, Snapshot, Student, Unit
from admin_app.services import children, comparing, confirmation, other_counts, revisions
from admin_app.services.errors import NotFound
from admin_app.services.other_counts import SchoolRow
from admin_app.services.revisions import NoDigest, read_digest
from tests.country import Country, ManualClock

DIGEST = "0123456789abcdef" * 4


class Place:
    """A province with an LAO of two schools, all confirmed once."""

    def __init__(self, db: Database) -> None:
        self.clock = ManualClock()
        self.country = Country(db, self.clock)
        self.lao = self.country.lao("81")
        self.school, self.sister = self.country.school(self.lao), self.country.school(self.lao)
        self.far = self.country.lao("82")
        self.cycle: Cycle = self.country.cycle()
        self.province = self.country.province("81")
        self.country.confirm_tree(self.province, self.cycle)
        for school in (self.school, self.sister):
            keep_lines(self.cycle, school)

    def unlock(self, unit: Unit, reason: str = "ข้อมูลผิด") -> None:
        self.clock.tick(hours=1)
        dla = self.country.actor("helpdesk")
        confirmation.move(dla, self.cycle.id, unit.id, "unlock", self.clock, reason=reason)

    def confirm(self, *units: Unit) -> None:
        for unit in units:
            self.clock.tick(hours=1)
            self.country.confirm(unit, self.cycle)
            if unit.level == "school":
                keep_lines(self.cycle, unit)

    def snapshot(self, unit: Unit, revision: int) -> Snapshot:
        return Snapshot.get(
            Snapshot.cycle == self.cycle.id, Snapshot.unit == unit.id, Snapshot.revision == revision
        )

    def compared(self, unit: Unit, first: int = 1, last: int = 2) -> comparing.Comparison:
        return comparing.compare(self.cycle, unit, first, last)


def keep_lines(cycle: Cycle, school: Unit) -> None:
    """The lines of the latest snapshot: each child that is active, with what tells it apart."""
    rows = Student.select().where(
        Student.cycle == cycle.id, Student.school == school.id, Student.status == "active"
    )
    lines = [
        f"{row.id} {digest(canonical([row.first_name, row.grade, row.sex]))[:16]}\n"
        for row in rows.order_by(Student.id)
    ]
    latest = Snapshot.select().where(Snapshot.unit == school.id).order_by(Snapshot.revision.desc())
    Snapshot.update(lines="".join(lines)).where(Snapshot.id == latest.get().id).execute()


@pytest.fixture
def place(db: Database) -> Place:
    return Place(db)


def change_the_school(place: Place) -> tuple[Student, Student, Student]:
    """One child comes, one goes, one changes: (who came, who went, who changed)."""
    actor = place.country.own(place.school)
    went, changed = Student.select().where(Student.school == place.school.id).order_by(Student.id)
    children.remove(actor, [went.id], "moved", place.clock)
    new = {"first_name": "กานดา", "nationality": "LA"}
    children.edit(actor, changed.id, changed.version, new, place.clock)
    children.attest(actor, [changed.id], place.clock)
    came = place.country.child(place.school, place.cycle, attested=True, grade="P1", sex="F")
    return came, went, changed


# --- the list of revisions ------------------------------------------------------------------------


def test_each_revision_says_who_confirmed_it_and_how_it_ended(place: Place) -> None:
    place.unlock(place.school, "เด็กซ้ำ")
    place.confirm(place.school)
    first, second = revisions.every(place.cycle.id, place.school.id)
    assert (first.number, second.number) == (1, 2)
    assert first.confirmed
    assert first.confirmed.who == place.country.own(place.school).name
    assert first.ended
    assert (first.ended.tag, first.ended.reason) == ("move.unlock", "เด็กซ้ำ")
    assert second.ended is None
    (of_lao,) = revisions.every(place.cycle.id, place.lao.id)
    assert of_lao.ended
    assert of_lao.ended.details["because_of"] == place.school.code


def test_a_revision_that_was_returned_says_so(place: Place) -> None:
    place.unlock(place.province)
    actor = place.country.own(place.province)
    confirmation.move(actor, place.cycle.id, place.lao.id, "return", place.clock, reason="ตรวจใหม่")
    (revision,) = revisions.every(place.cycle.id, place.lao.id)
    assert revision.ended
    assert (revision.ended.tag, revision.ended.reason) == ("move.return", "ตรวจใหม่")


def test_a_unit_that_never_confirmed_has_no_revision(place: Place) -> None:
    assert revisions.every(place.cycle.id, place.far.id) == []
    with pytest.raises(NotFound):
        revisions.one([], 1)


# --- what somebody types --------------------------------------------------------------------------

TYPED = [
    DIGEST,
    DIGEST.upper(),
    f"  {DIGEST}\n",
    " ".join(DIGEST[start : start + 8] for start in range(0, 64, 8)),
    "-".join(DIGEST[start : start + 8] for start in range(0, 64, 8)),
    DIGEST.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
    f"https://lec.example/proof/?digest={DIGEST}",
    f"​{DIGEST}​",
]


@pytest.mark.parametrize("text", TYPED)
def test_a_digest_is_read_however_it_was_typed(text: str) -> None:
    assert read_digest(text) == DIGEST


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), (DIGEST[:-1], 63), (DIGEST + "0", 65), ("g" * 64, 64), ("ก", 1)]
)
def test_what_cannot_be_a_digest_is_told_with_its_length(text: str, length: int) -> None:
    with pytest.raises(NoDigest) as info:
        read_digest(text)
    assert info.value.length == length


# --- what a digest stands for ---------------------------------------------------------------------


def test_a_digest_is_of_the_present_an_older_or_a_reopened_revision(place: Place) -> None:
    dla = place.country.actor("department")

    def stands(revision: int = 1) -> Any:
        found = revisions.check(dla, place.snapshot(place.school, revision).digest)
        assert found
        assert found.intact
        assert (found.unit, found.cycle) == (place.school, place.cycle)
        return found.stands, found.by and found.by.number

    assert stands() == (revisions.PRESENT, None)
    place.unlock(place.school)
    assert stands() == (revisions.REOPENED, None)
    place.confirm(place.school)
    assert stands() == (revisions.REPLACED, 2)
    assert stands(2) == (revisions.PRESENT, None)
    place.unlock(place.school)
    place.confirm(place.school)
    assert stands() == (revisions.REPLACED, 2)


def test_an_altered_snapshot_is_told(place: Place) -> None:
    row = place.snapshot(place.school, 1)
    Snapshot.update(content=row.content + " ").where(Snapshot.id == row.id).execute()
    found = revisions.check(place.country.actor("department"), row.digest)
    assert found
    assert not found.intact


# role, whose digest, whether it is known
REACH = [
    ("department", "school", True),
    ("helpdesk", "school", True),
    ("province", "school", True),
    ("province", "province", True),
    ("lao", "school", True),
    ("lao", "lao", True),
    ("lao", "province", False),
    ("school", "school", True),
    ("school", "sister", False),
    ("school", "lao", False),
]


@pytest.mark.parametrize(("role", "of", "known"), REACH)
def test_a_digest_is_known_in_scope_only(place: Place, role: str, of: str, known: bool) -> None:
    homes = {"province": place.province, "lao": place.lao, "school": place.school}
    actor = place.country.actor(role, homes.get(role))
    unit = getattr(place, of)
    assert (revisions.check(actor, place.snapshot(unit, 1).digest) is not None) is known
    assert revisions.check(actor, DIGEST) is None
    if known:
        assert revisions.unit(actor, unit.code) == unit
        return
    with pytest.raises(NotFound):
        revisions.unit(actor, unit.code)


# --- two revisions beside each other --------------------------------------------------------------


def test_a_schools_comparison_names_counts_children_and_what_was_done(place: Place) -> None:
    place.unlock(place.school, "นับผิด")
    came, went, changed = change_the_school(place)
    place.confirm(place.school)
    found = place.compared(place.school)
    assert found.intact
    assert not found.same
    assert found.children
    assert found.children.came == (came.id,)
    assert found.children.left == (went.id,)
    assert found.children.changed == (changed.id,)
    old, new = (json.loads(place.snapshot(place.school, n).content)["counts"] for n in (1, 2))
    assert {move.key: (move.old, move.new) for move in found.counts} == {
        (grade, sex): (before, after)
        for grade in ("K1", "P1", "P2")
        for place_, sex in ((1, "M"), (2, "F"))
        if (before := count(old, grade, place_)) != (after := count(new, grade, place_))
    }
    assert found.counts
    assert [(move.key, move.difference) for move in found.nationality] == [
        (("LA",), 1),
        (("TH",), -1),
    ]
    assert [one.ended.reason for one in found.endings if one.ended] == ["นับผิด"]
    tags = [event.tag for event in found.entries]
    assert tags[0] == "move.confirm"
    assert tags[-1] == "move.unlock"
    assert {"child.removed", "child.edited"} <= set(tags)


def count(rows: list[list[Any]], grade: str, column: int) -> int:
    return next((row[column] for row in rows if row[0] == grade), 0)


def test_confirmed_again_without_a_change_both_say_the_same(place: Place) -> None:
    place.unlock(place.school)
    place.confirm(place.school)
    found = place.compared(place.school)
    assert found.same
    assert found.totals[0].old == found.totals[0].new == 2


def test_the_levels_above_name_which_unit_below_moved_and_by_how_much(place: Place) -> None:
    place.unlock(place.school)
    change_the_school(place)
    place.country.child(place.school, place.cycle, attested=True)
    place.confirm(place.school, place.lao, place.province)
    of_lao, of_province = place.compared(place.lao), place.compared(place.province)
    (school,) = of_lao.below
    assert (school.code, school.revisions, school.children) == (place.school.code, (1, 2), (2, 3))
    (lao,) = of_province.below
    assert (lao.code, lao.revisions, lao.children) == (place.lao.code, (1, 2), (4, 5))
    for found in (of_lao, of_province):
        assert (found.totals[0].old, found.totals[0].new) == (4, 5)
        assert sum(move.difference for move in found.counts) == 1
        assert found.children
        assert [len(found.children.came), len(found.children.left)] == [2, 1]
        assert len(found.children.changed) == 1
        assert [one.ended.details["because_of"] for one in found.endings if one.ended] == [
            place.school.code
        ]


def test_cells_of_other_affiliations_that_moved_are_named(place: Place) -> None:
    place.unlock(place.lao)
    rows = [SchoolRow("วัดดอน", "PESAO", "", {"P1": (3, 4)})]
    actor = place.country.own(place.lao)
    _lao, sheet = other_counts.sheet(actor, place.cycle.id, place.lao.id)
    version = sheet.version if sheet else 0
    other_counts.save(
        actor, place.cycle.id, place.lao.id, version, rows, place.clock, declared_none=False
    )
    place.confirm(place.lao, place.province)
    cells = {move.key: (move.old, move.new) for move in place.compared(place.lao).other_cells}
    assert cells == {("วัดดอน", "P1", "M"): (0, 3), ("วัดดอน", "P1", "F"): (0, 4)}
    above = place.compared(place.province)
    assert {move.key: move.new for move in above.others} == {
        ("PESAO", "P1", "M"): 3,
        ("PESAO", "P1", "F"): 4,
    }
    assert above.below[0].others == (0, 7)


def test_a_revision_without_lines_says_that_none_were_kept(place: Place) -> None:
    place.unlock(place.school)
    place.confirm(place.school, place.lao)
    row = place.snapshot(place.school, 1)
    content = {k: v for k, v in json.loads(row.content).items() if k != "lines"} | {"form": 1}
    Snapshot.update(lines="", content=canonical(content)).where(Snapshot.id == row.id).execute()
    assert place.compared(place.school).children is None
    assert place.compared(place.lao).children is None
    assert not place.compared(place.school).intact


def test_what_is_not_there_cannot_be_compared(place: Place) -> None:
    with pytest.raises(NotFound):
        place.compared(place.school, 1, 2)
    with pytest.raises(NotFound):
        place.compared(place.far, 1, 2)
