"""Carrying the last confirmed cycle's children and schools over into a new one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from admin_app.domain import thai
from admin_app.models import Cycle, OtherCount, OtherSchool, OtherSheet, Student, Unit, UnitState
from admin_app.services import carry_over, children, cycles, other_counts, readiness, standing
from admin_app.services.carry_over import Progress
from admin_app.services.errors import NotFound
from admin_app.services.other_counts import SchoolRow
from tests.country import CLOSES, LETTER, Country
from tests.services.conftest import Chain, refused

YEAR_ON = {k: v + timedelta(days=365) for k, v in LETTER.items() if k.endswith("_at")}
# of a child that is not carried: its own row's, or made anew
ANEW = {"id", "cycle", "grade", "leaver", "carried_from", "attested_at", "attested_by", "version"}
ANEW |= {"created_at", "updated_at", "updated_by"}


def close(chain: Chain) -> None:
    """The department closes the chain's cycle, whatever is confirmed in it."""
    chain.country.clock.set(CLOSES + timedelta(hours=1))
    chain.move("department", chain.country.department, "close", reason="provinces are missing")


def prepared(chain: Chain, code: str = "2568-1") -> Cycle:
    """A new cycle, ready to be carried into."""
    made = chain.country.cycle(code, start=False, **YEAR_ON)
    return carry_over.prepare(chain.actor("department"), made.id, chain.country.clock)


def carry(chain: Chain, cycle: Cycle, most: int = 1_000) -> Progress:
    """What is left, at most so many batches of it."""
    for batch in list(carry_over.batches(cycle))[:most]:
        carry_over.carry(chain.actor("department"), cycle, batch, chain.country.clock())
    found = carry_over.progress(cycle)
    assert found is not None
    return found


def carried(chain: Chain, code: str = "2568-1") -> Cycle:
    """The chain's cycle closed, and carried over whole into a new one."""
    close(chain)
    cycle = prepared(chain, code)
    assert carry(chain, cycle).whole
    return cycle


def new_row(child: Student, cycle: Cycle) -> Student:
    """The child in the new cycle."""
    return Student.get(Student.cycle == cycle.id, Student.carried_from == child.id)


def of_each_grade(chain: Chain) -> dict[str, Student]:
    """A child in each of the grades that the school offers."""
    return {
        grade: chain.country.child(chain.school, chain.cycle, grade=grade)
        for grade in ("K1", "P1", "P2")
    }


# --- children -----------------------------------------------------------------------------------


def test_a_new_year_promotes_every_child_and_proposes_leavers(chain: Chain) -> None:
    before = of_each_grade(chain)
    cycle = carried(chain)
    after = {grade: new_row(child, cycle) for grade, child in before.items()}
    # what follows K1 is K2, what follows P2 is P3: the school offers neither
    assert {grade: (row.grade, row.leaver) for grade, row in after.items()} == {
        "K1": ("K1", True),
        "P1": ("P2", False),
        "P2": ("P2", True),
    }


def test_the_second_round_of_the_year_carries_as_is(chain: Chain) -> None:
    before = of_each_grade(chain)
    cycle = carried(chain, "2567-2")
    for grade, child in before.items():
        assert (new_row(child, cycle).grade, new_row(child, cycle).leaver) == (grade, False)


def test_a_leaver_nobody_has_decided_on_is_not_promoted_but_asked_for_again(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle, grade="P1", leaver=True)
    row = new_row(child, carried(chain))
    assert (row.grade, row.leaver) == ("P1", True)


def test_a_grade_that_is_missing_or_unknown_is_kept_to_be_corrected(chain: Chain) -> None:
    rows = [chain.country.child(chain.school, chain.cycle, grade=g) for g in ("", "X9")]
    cycle = carried(chain)
    found = [(new_row(row, cycle).grade, new_row(row, cycle).leaver) for row in rows]
    assert found == [("", False), ("X9", False)]


def test_all_about_a_child_comes_along_but_its_attestation(chain: Chain) -> None:
    over: dict[str, Any] = {"nationality": "MM", "entered_on": LETTER["opens_at"].date()}
    child = chain.country.child(chain.school, chain.cycle, attested=True, **over)
    none = {"id_kind": "none", "id_number": None, "no_id_reason": "being applied for"}
    without = chain.country.child(chain.school, chain.cycle, **none)
    cycle = carried(chain)
    for old in (Student.get_by_id(child.id), Student.get_by_id(without.id)):
        new = new_row(old, cycle)
        kept = old.__data__.keys() - ANEW
        assert {key: new.__data__[key] for key in kept} == {key: old.__data__[key] for key in kept}
        assert (new.attested_at, new.attested_by, new.version) == (None, None, 1)
        assert new.created_at == new.updated_at == chain.country.clock()
        assert new.updated_by_id == chain.actor("department").user_id


def test_what_was_removed_stays_behind(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle, status="removed", removal_reason="moved")
    cycle = carried(chain)
    assert not Student.select().where(Student.cycle == cycle.id).exists()


def test_a_school_that_did_not_confirm_brings_what_it_had(chain: Chain) -> None:
    chain.country.confirm(chain.country.ready(chain.school, chain.cycle), chain.cycle)
    chain.country.children(chain.sister, chain.cycle, 3)
    cycle = carried(chain)
    assert chain.country.state(chain.school, cycle).children == 2
    assert chain.country.state(chain.sister, cycle).children == 3


def test_a_school_that_takes_no_part_any_more_carries_nothing(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 2)
    chain.country.children(chain.far, chain.cycle, 3)
    close(chain)
    Unit.update(active=False).where(Unit.id == chain.far.id).execute()
    cycle = prepared(chain)
    found = carry(chain, cycle)
    assert (found.whole, found.children, found.left) == (True, 2, 3)
    assert (
        not Student.select().where(Student.cycle == cycle.id, Student.school == chain.far).exists()
    )


def test_a_school_that_leaves_while_it_is_prepared_is_not_waited_for(chain: Chain) -> None:
    chain.country.children(chain.far, chain.cycle, 3)
    close(chain)
    cycle = prepared(chain)
    Unit.update(active=False).where(Unit.id == chain.far.id).execute()
    found = carry(chain, cycle)
    assert (found.whole, found.children) == (True, 0)


def test_children_of_a_school_that_moved_are_where_the_school_is_now(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    close(chain)
    lao = chain.far.lao
    Unit.update(parent=lao.id, lao=lao.id, province=lao.province_id).where(
        Unit.id == chain.school.id
    ).execute()
    cycle = prepared(chain)
    carry(chain, cycle)
    row = new_row(child, cycle)
    assert (row.school_id, row.lao_id, row.province_id) == (
        chain.school.id,
        lao.id,
        lao.province_id,
    )
    assert chain.country.state(chain.school, cycle).lao_id == lao.id


def test_counters_and_histories_tell_what_came(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 3, grade="P1", attested=True)
    chain.country.child(chain.school, chain.cycle, grade="P2")
    cycle = carried(chain)
    state = chain.country.state(chain.school, cycle)
    assert (state.children, state.attested, state.carried, state.checked) == (4, 0, 4, 0)
    assert chain.country.state(chain.sister, cycle).carried == 0
    (event,) = chain.events("child.carried")
    assert (event.unit_id, event.reason, event.on_behalf) == (chain.school.id, "2567-1", False)
    assert json.loads(event.details) == {"count": 4, "leavers": 1}


# --- schools of other affiliations ----------------------------------------------------------------


def counted(chain: Chain) -> OtherSheet:
    """The LAO's sheet of the chain's cycle: two schools with counts."""
    rows = [
        SchoolRow("วัดเหนือ", "PESAO", "81000001", {"P1": (3, 4)}),
        SchoolRow("วัดใต้", "PRIVATE", "", {"P2": (5, 0)}),
    ]
    lao = chain.country.own(chain.lao)
    return other_counts.save(lao, chain.cycle.id, chain.lao.id, 0, rows, chain.country.clock)


def lao_blockers(chain: Chain, cycle: Cycle) -> list[str]:
    """What blocks the LAO's confirmation, of its own data."""
    seen = standing.read(cycle.id, chain.lao)
    return [refusal.code for refusal in readiness.blockers(seen, chain.country.clock())]


def test_an_lao_gets_its_schools_of_other_affiliations_without_counts(chain: Chain) -> None:
    counted(chain)
    cycle = carried(chain)
    _lao, sheet = other_counts.sheet(chain.country.own(chain.lao), cycle.id, chain.lao.id)
    assert sheet is not None
    assert (sheet.recorded, sheet.version, sheet.declared_none) == (False, 1, False)
    found = other_counts.rows(sheet)
    assert [(r.name, r.affiliation, r.code, r.counts) for r in found] == [
        ("วัดเหนือ", "PESAO", "81000001", {}),
        ("วัดใต้", "PRIVATE", "", {}),
    ]
    schools = OtherSchool.select().where(OtherSchool.sheet == sheet.id)
    assert {(s.children, s.cycle_id, s.lao_id, s.province_id) for s in schools} == {
        (0, cycle.id, chain.lao.id, chain.province.id)
    }
    assert [s.name_key for s in schools.order_by(OtherSchool.position)] == [
        thai.sort_key("วัดเหนือ"),
        thai.sort_key("วัดใต้"),
    ]
    assert OtherCount.select().count() == 2
    assert chain.country.state(chain.lao, cycle).carried == 2


def test_a_carried_sheet_counts_as_recorded_only_once_it_is_saved(chain: Chain) -> None:
    counted(chain)
    cycle = carried(chain)
    assert lao_blockers(chain, cycle) == ["other_counts_missing"]
    carry_over.finish(chain.actor("department"), cycle, chain.country.clock)
    chain.country.clock.set(YEAR_ON["opens_at"])
    lao = chain.country.own(chain.lao)
    _lao, sheet = other_counts.sheet(lao, cycle.id, chain.lao.id)
    assert sheet is not None
    rows = other_counts.rows(sheet)
    other_counts.save(lao, cycle.id, chain.lao.id, sheet.version, rows, chain.country.clock)
    assert OtherSheet.get_by_id(sheet.id).recorded
    assert lao_blockers(chain, cycle) == ["queries_open"]  # none now, and some the last


def test_who_declared_that_there_are_none_has_to_say_so_again(chain: Chain) -> None:
    chain.country.ready(chain.lao, chain.cycle)
    cycle = carried(chain)
    assert not OtherSheet.select().where(OtherSheet.cycle == cycle.id).exists()
    assert chain.country.state(chain.lao, cycle).carried == 0


def test_the_last_round_is_found_by_code_or_by_name(chain: Chain) -> None:
    counted(chain)
    cycle = carried(chain)
    last = other_counts.last_round(cycle, chain.lao.id)
    found = [
        other_counts.same_school(name, code, last)
        for name, code in (("วัดเหนือ (ใหม่)", "81000001"), (" วัดใต้ ", ""), ("วัดอื่น", ""))
    ]
    assert [row and row.total for row in found] == [7, 5, None]
    assert other_counts.last_round(chain.cycle, chain.lao.id) == []


# --- from which cycle, into which, how often ------------------------------------------------------


def test_nothing_is_carried_from_a_cycle_that_the_department_has_not_closed(chain: Chain) -> None:
    made = chain.country.cycle("2568-1", start=False, **YEAR_ON)
    dla = chain.actor("department")
    assert carry_over.source_of(made) is None
    assert refused(lambda: carry_over.prepare(dla, made.id, chain.country.clock)) == ["no_source"]
    assert not UnitState.select().where(UnitState.cycle == made.id).exists()


def test_the_source_is_the_last_closed_cycle_before_this_one(chain: Chain) -> None:
    close(chain)
    codes = ("2566-2", "2567-2", "2568-1")
    made = {code: chain.country.cycle(code, start=False, **YEAR_ON) for code in codes}
    sources = {code: carry_over.source_of(cycle) for code, cycle in made.items()}
    assert sources == {"2566-2": None, "2567-2": chain.cycle, "2568-1": chain.cycle}


def test_a_year_without_a_cycle_promotes_twice(chain: Chain) -> None:
    grades = ("P1", "P2", "P3", "P4")
    school = chain.country.school(chain.lao, grades)
    before = [chain.country.child(school, chain.cycle, grade=grade) for grade in grades]
    cycle = carried(chain, "2569-1")
    found = [(new_row(child, cycle).grade, new_row(child, cycle).leaver) for child in before]
    assert found == [("P3", False), ("P4", False), ("P3", True), ("P4", True)]


def test_carried_twice_is_carried_once(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 3)
    counted(chain)
    close(chain)
    cycle = prepared(chain)
    batches = list(carry_over.batches(cycle))
    for batch in batches * 2:
        carry_over.carry(chain.actor("department"), cycle, batch, chain.country.clock())
    assert list(carry_over.batches(cycle)) == []
    assert Student.select().where(Student.cycle == cycle.id).count() == 3
    assert OtherSchool.select().where(OtherSchool.cycle == cycle.id).count() == 2
    assert len(chain.events("child.carried")) == 1


def test_batches_hold_every_unit_once_and_no_more_children_than_they_may(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carry_over, "BATCH_CHILDREN", 5)
    schools = [chain.country.school(chain.lao) for _ in range(6)]
    sizes = dict(zip(schools, (1, 4, 3, 9, 2, 2), strict=True))
    for school, size in sizes.items():
        chain.country.children(school, chain.cycle, size)
    close(chain)
    cycle = prepared(chain)
    batches = list(carry_over.batches(cycle))
    units = [unit for batch in batches for unit in batch.units]
    wanted = _states_that_take_part(cycle)
    assert sorted(units) == sorted(wanted)
    by_id = {school.id: size for school, size in sizes.items()}
    for batch in batches:
        assert len(batch.units) == 1 or sum(by_id.get(unit, 0) for unit in batch.units) <= 5
    monkeypatch.setattr(carry_over, "BATCH_UNITS", 2)
    assert max(len(batch.units) for batch in carry_over.batches(cycle)) == 2


def _states_that_take_part(cycle: Cycle) -> list[int]:
    states = UnitState.select().where(
        UnitState.cycle == cycle.id, UnitState.level << ("school", "lao")
    )
    return [state.unit_id for state in states]


def test_nobody_records_in_a_cycle_that_is_being_carried_into(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 1)
    cycle = carried(chain)
    chain.country.clock.set(YEAR_ON["opens_at"])
    own = chain.country.own(chain.school)
    values = {
        "id_kind": "none",
        "no_id_reason": "being applied for",
        "first_name": "กานดา",
        "last_name": "ใจดี",
        "sex": "F",
        "grade": "P1",
    }

    def record() -> Any:
        return children.create(own, cycle.id, chain.school.id, values, chain.country.clock)

    assert refused(record) == ["not_started"]
    carry_over.finish(chain.actor("department"), cycle, chain.country.clock)
    assert record().school_id == chain.school.id


def test_into_an_opened_cycle_nothing_is_carried(chain: Chain) -> None:
    close(chain)
    cycle = prepared(chain)
    batches = list(carry_over.batches(cycle))
    dla, clock = chain.actor("department"), chain.country.clock
    cycles.start(dla, cycle.id, clock)
    assert refused(lambda: carry_over.carry(dla, cycle, batches[0], clock())) == ["cycle_open"]
    assert refused(lambda: carry_over.prepare(dla, cycle.id, clock)) == ["cycle_open"]
    assert Cycle.get_by_id(cycle.id).carried_from is None


def test_while_the_source_is_reopened_nothing_is_carried_and_then_it_goes_on(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 2)
    close(chain)
    cycle = prepared(chain)
    carry(chain, cycle, most=1)
    dla, clock = chain.actor("department"), chain.country.clock
    chain.move("department", chain.country.department, "unlock")
    assert refused(lambda: carry(chain, cycle)) == ["source_open"]
    chain.move("department", chain.country.department, "close")
    again = carry_over.prepare(dla, cycle.id, clock)
    assert again.carried_from == chain.cycle.id
    assert carry(chain, again).whole


def test_the_end_opens_the_cycle_once_and_says_so(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 2, grade="P2")
    close(chain)
    cycle = prepared(chain)
    carry(chain, cycle)
    dla, clock = chain.actor("department"), chain.country.clock
    told = [carry_over.finish(dla, cycle, clock) for _ in range(2)]
    opened = Cycle.get_by_id(cycle.id)
    assert (opened.started_at, opened.carried_from) == (clock(), chain.cycle.id)
    (event,) = chain.events("cycle.carried")
    assert [json.loads(event.details)] * 2 == told
    assert told[0] == {
        "children": 2,
        "leavers": 2,
        "schools": 3,
        "others": 0,
        "left": 0,
    }
    assert len(chain.events("cycle.started")) == 2


def test_a_unit_made_while_it_is_carried_over_takes_part_and_starts_empty(chain: Chain) -> None:
    close(chain)
    cycle = prepared(chain)
    carry(chain, cycle)
    late = chain.country.school(chain.lao)
    carry_over.finish(chain.actor("department"), cycle, chain.country.clock)
    state = chain.country.state(late, cycle)
    assert (state.children, state.carried) == (0, None)


def test_nobody_but_dla_carries_over(chain: Chain, country: Country) -> None:
    close(chain)
    made = country.cycle("2568-1", start=False, **YEAR_ON)
    for role in ("helpdesk", "province", "lao", "school"):
        with pytest.raises(NotFound):
            carry_over.prepare(chain.actor(role), made.id, country.clock)
    with pytest.raises(NotFound):
        carry_over.prepare(chain.actor("department"), 9_999, country.clock)
