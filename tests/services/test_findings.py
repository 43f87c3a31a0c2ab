"""What the rules found, stored: a save brings up to date what it touched, and nothing is left."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin_app.models import Finding, Grade, Student, Unit, UnitState
from admin_app.services import children, codes, confirmation, findings, notes, other_counts, units
from admin_app.services.errors import Invalid, Refused
from admin_app.services.other_counts import SchoolRow
from tests.country import ManualClock
from tests.services.conftest import Chain, refused
from tests.services.test_races import race

PIN, OTHER_PIN = "1234567890121", "3100600445635"
TYPED: dict[str, Any] = {
    "id_kind": "pin",
    "id_number": PIN,
    "prefix": "เด็กหญิง",
    "first_name": "สมหญิง",
    "last_name": "ใจดี",
    "sex": "F",
    "birth_date": "15/3/2560",
    "grade": "P1",
    "nationality": "TH",
}


def record(chain: Chain, school: Unit, **over: Any) -> Student:
    """A child typed in by the school's own people."""
    own, clock = chain.country.own(school), chain.country.clock
    return children.create(own, chain.cycle.id, school.id, TYPED | over, clock)


def edit(chain: Chain, child: Student, **values: Any) -> Student:
    """The school edits the child as it stands now."""
    fresh = Student.get_by_id(child.id)
    own = chain.country.own(fresh.school)
    return children.edit(own, child.id, fresh.version, values, chain.country.clock)


def stored() -> set[tuple[str, int, str, str]]:
    """(school's code, child, rule, basis) of everything stored."""
    rows = Finding.select(Finding, Unit).join(Unit, on=(Finding.unit == Unit.id))
    return {(row.unit.code, row.student_id, row.rule, row.basis) for row in rows}


def rules_of(child: Student) -> list[str]:
    """The rules that the child breaks, by what is stored."""
    found = Finding.select(Finding.rule).where(Finding.student_id == child.id)
    return sorted(row.rule for row in found)


def test_a_fault_is_found_at_the_save_and_gone_with_it(chain: Chain) -> None:
    child = record(chain, chain.school, prefix="เด็กชาย")
    assert rules_of(child) == ["prefix_against_sex"]
    edit(chain, child, prefix="เด็กหญิง")
    assert rules_of(child) == []


def test_a_number_in_two_schools_is_an_error_in_both_until_one_lets_go(chain: Chain) -> None:
    here = record(chain, chain.school)
    there = record(chain, chain.far, first_name="สมศรี")
    assert rules_of(here) == rules_of(there) == ["number_elsewhere"]
    row = Finding.get(Finding.student_id == there.id)
    assert (row.unit_id, row.level, row.lao_id) == (chain.far.id, "school", chain.far.lao_id)
    assert (row.province_id, row.severity) == (chain.far.province_id, "error")
    children.remove(chain.country.own(chain.far), [there.id], "moved", chain.country.clock)
    assert [found[2] for found in stored()] == ["no_children"]
    children.restore(chain.country.own(chain.far), [there.id], chain.country.clock)
    assert rules_of(here) == rules_of(there) == ["number_elsewhere"]
    edit(chain, there, id_number=OTHER_PIN)
    assert stored() == set()


def test_one_name_and_birth_date_in_two_schools_is_a_query_in_both(chain: Chain) -> None:
    here = record(chain, chain.school)
    there = record(chain, chain.sister, id_number=OTHER_PIN)
    assert rules_of(here) == rules_of(there) == ["twin_elsewhere"]
    edit(chain, there, birth_date="16/3/2560")
    assert stored() == set()


def test_children_of_another_cycle_are_no_twins(chain: Chain) -> None:
    record(chain, chain.school)
    later = chain.country.cycle("2567-2")
    own, clock = chain.country.own(chain.far), chain.country.clock
    children.create(own, later.id, chain.far.id, TYPED, clock)
    assert stored() == set()


def test_three_of_one_number_are_told_of_each_other(chain: Chain) -> None:
    one, two, three = (record(chain, chain.school, first_name=f"สม{n}") for n in "กขค")
    for child, others in ((one, [two, three]), (two, [one, three]), (three, [one, two])):
        row = Finding.get(Finding.student_id == child.id)
        assert row.rule == "twice_in_school"
        assert json.loads(row.params) == {"others": sorted(other.id for other in others)}
    edit(chain, three, id_number=OTHER_PIN)
    assert rules_of(one) == rules_of(two) == ["twice_in_school"]
    assert rules_of(three) == []


def test_a_school_is_compared_with_its_own_last_round(chain: Chain) -> None:
    later = chain.country.cycle("2567-2")
    chain.country.children(chain.school, chain.cycle, 30, grade="P1")
    chain.country.children(chain.school, later, 12, grade="P1")
    chain.country.children(chain.far, later, 12, grade="P1")
    for school in (chain.school, chain.far):
        findings.ensure(later.id, school, chain.country.clock.now)
    found = {row.rule: json.loads(row.params) for row in Finding.select()}
    assert found.keys() == {"total_changed", "grade_changed"}
    assert (found["total_changed"]["before"], found["total_changed"]["now"]) == (30, 12)
    assert "30 → 12" in found["grade_changed"]["grades"]
    assert {row.unit_id for row in Finding.select()} == {chain.school.id}


def rows(*counts: int) -> list[SchoolRow]:
    """Schools of another affiliation, each with so many boys in ป.1."""
    return [
        SchoolRow(f"วัด{n}", "PRIVATE", counts={"P1": (count, 0)}) for n, count in enumerate(counts)
    ]


def test_counts_of_other_affiliations_are_compared_with_the_last_round(chain: Chain) -> None:
    later = chain.country.cycle("2567-2")
    lao, clock = chain.actor("lao"), chain.country.clock
    other_counts.save(lao, chain.cycle.id, chain.lao.id, 0, rows(100), clock)
    assert stored() == set()
    other_counts.save(lao, later.id, chain.lao.id, 0, rows(100, 21), clock)
    assert [found[2] for found in stored()] == ["other_changed"]
    other_counts.save(lao, later.id, chain.lao.id, 1, rows(100, 20), clock)
    assert stored() == set()
    other_counts.save(lao, later.id, chain.lao.id, 2, [], clock, declared_none=True)
    assert [found[2] for found in stored()] == ["other_none"]
    assert refused(lambda: chain.country.confirm(chain.lao, later)) == [
        "below_open",
        "queries_open",
    ]


# --- incremental and whole are the same -----------------------------------------------------------

NUMBERS = (PIN, OTHER_PIN, "1234567890122")
NAMES = ("สมหญิง", "สมใจ")
BIRTHS = ("15/3/2560", "16/3/2560", "")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["create", "edit", "remove", "restore"]),
        st.integers(0, 2),
        st.integers(0, 9),
        st.sampled_from(NUMBERS),
        st.sampled_from(NAMES),
        st.sampled_from(BIRTHS),
    ),
    min_size=3,
    max_size=14,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_what_saves_leave_behind_is_what_a_look_at_everything_finds(
    chain: Chain, acts: list[tuple[str, int, int, str, str, str]]
) -> None:
    Finding.delete().execute()
    Student.delete().execute()
    schools = (chain.school, chain.sister, chain.far)
    made: list[Student] = []
    for act, school, pick, number, name, born in acts:
        values = {"id_number": number, "first_name": name, "birth_date": born}
        clock = chain.country.clock
        try:
            if act == "create" or not made:
                made.append(record(chain, schools[school], **values))
                continue
            child = made[pick % len(made)]
            own = chain.country.own(child.school)
            if act == "edit":
                edit(chain, child, **values)
            elif act == "remove":
                children.remove(own, [child.id], "left", clock)
            else:
                children.restore(own, [child.id], clock)
        except (Invalid, Refused):
            continue
    after_saves = stored()
    for school in schools:
        findings.refresh(chain.cycle.id, school, chain.country.clock.now)
    whole = {found for found in stored() if found[2] != "no_children"}
    assert {found for found in after_saves if found[2] != "no_children"} == whole


# --- when they are made anew --------------------------------------------------------------------


def test_findings_older_than_the_rules_are_made_anew_when_a_page_asks(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle, prefix="นาย", sex="F")
    assert stored() == set()
    findings.ensure(chain.cycle.id, chain.school, chain.country.clock.now)
    assert [found[2] for found in stored()] == ["prefix_against_sex"]
    state = chain.country.state(chain.school, chain.cycle)
    assert state.checked == chain.cycle.rules_version


def test_what_is_confirmed_keeps_the_findings_it_was_confirmed_with(chain: Chain) -> None:
    chain.country.ready(chain.school, chain.cycle)
    chain.country.confirm(chain.school, chain.cycle)
    Student.update(prefix="นาย", sex="F").execute()
    UnitState.update(checked=0).execute()
    findings.ensure(chain.cycle.id, chain.school, chain.country.clock.now)
    assert stored() == set()


def test_a_confirm_looks_at_the_rows_and_not_at_what_was_found_before(chain: Chain) -> None:
    chain.country.ready(chain.school, chain.cycle)
    findings.ensure(chain.cycle.id, chain.school, chain.country.clock.now)
    Student.update(birth_date=date(2030, 1, 1)).where(Student.school == chain.school.id).execute()
    with pytest.raises(Refused) as info:
        chain.country.confirm(chain.school, chain.cycle)
    blocked = [(r.code, r.params.get("code")) for r in info.value.refusals]
    assert blocked == [("rule_errors", "born_in_future")]


def test_two_schools_that_save_one_number_at_once_meet_no_deadlock(chain: Chain) -> None:
    for n in range(6):
        typed = [record(chain, s, first_name=f"{s.code}ก{n}") for s in (chain.school, chain.far)]
        numbers = [PIN, OTHER_PIN]
        results = race(
            *(
                lambda child=child, number=number: edit(chain, child, id_number=number)
                for child in typed
                for number in numbers
            )
        )
        broken = [r for r in results if isinstance(r, Exception) and "Conflict" not in repr(r)]
        assert not broken
        for school in (chain.school, chain.far):
            own = [row.id for row in Student.select().where(Student.school == school.id)]
            children.remove(chain.country.own(school), own, "left", chain.country.clock)


# --- notes ---------------------------------------------------------------------------------------


def old_child(chain: Chain, **over: Any) -> Student:
    """A child of ten in ป.1."""
    return record(chain, chain.school, **{"birth_date": "15/3/2557"} | over)


def explain(chain: Chain, role: str = "school", note: str = "เข้าเรียนช้า", **over: Any) -> int:
    """Explain the one query there is."""
    row = Finding.get(Finding.severity == "query")
    shown = {row.id: over.get("basis", row.basis)}
    return notes.explain(chain.actor(role), shown, note, chain.country.clock)


def test_a_query_blocks_confirming_until_it_is_explained(chain: Chain) -> None:
    child = old_child(chain)
    children.attest(chain.actor("school"), [child.id], chain.country.clock)
    confirm = lambda: chain.country.confirm(chain.school, chain.cycle)  # noqa: E731
    assert refused(confirm) == ["queries_open"]
    assert explain(chain) == 1
    confirm()
    event = chain.events("finding.explained", chain.school)[0]
    assert "เข้าเรียนช้า" not in event.details
    assert json.loads(event.details)["rules"] == ["age_unusual"]


def test_a_note_stands_until_what_it_explains_changes(chain: Chain) -> None:
    child = old_child(chain)
    explain(chain)
    edit(chain, child, last_name="ใจงาม")
    assert Finding.get().note == "เข้าเรียนช้า"
    edit(chain, child, birth_date="15/3/2556")
    assert Finding.get().note == ""


def test_a_note_is_too_short_too_long_or_on_an_error_refused(chain: Chain) -> None:
    old_child(chain)
    for note in ("ok", "ก" * 501):
        with pytest.raises(Invalid):
            explain(chain, note=note)
    wrong = record(chain, chain.school, first_name="สมใจ", prefix="นาย")
    row = Finding.get(Finding.rule == "prefix_against_sex", Finding.student_id == wrong.id)
    with pytest.raises(Invalid):
        notes.explain(chain.actor("school"), {row.id: row.basis}, "เป็นอย่างนั้น", chain.country.clock)


def test_the_lao_may_explain_for_its_school_and_nobody_above(chain: Chain) -> None:
    old_child(chain)
    for role in ("province", "department", "helpdesk"):
        assert refused(lambda role=role: explain(chain, role)) == ["not_allowed"]
    explain(chain, "lao")
    assert chain.events("finding.explained", chain.school)[0].on_behalf


def test_a_note_of_the_level_above_is_changed_by_that_level_alone(chain: Chain) -> None:
    old_child(chain)
    explain(chain, "lao", note="เทศบาลตรวจแล้ว")
    for note in ("", "โรงเรียนเขียนทับ"):
        assert refused(lambda note=note: explain(chain, note=note)) == ["note_of_above"]
    assert explain(chain, note="เทศบาลตรวจแล้ว") == 0
    assert Finding.get().noted_by_id == chain.actor("lao").user_id
    Finding.update(noted_by=chain.actor("department").user_id).execute()
    assert refused(lambda: explain(chain, "lao", note="ใหม่กว่า")) == ["note_of_above"]
    Finding.update(noted_by=chain.actor("school").user_id).execute()
    assert explain(chain, "lao", note="ใหม่กว่า") == 1


def test_of_several_notes_none_is_written_when_one_is_of_the_level_above(chain: Chain) -> None:
    old_child(chain)
    old_child(chain, first_name="สมใจ", id_number=OTHER_PIN)
    first, second = Finding.select().where(Finding.rule == "age_unusual").order_by(Finding.id)
    notes.explain(chain.actor("lao"), {first.id: first.basis}, "เทศบาลตรวจแล้ว", chain.country.clock)
    shown = {first.id: first.basis, second.id: second.basis}
    args = (chain.actor("school"), shown, "เข้าเรียนช้า", chain.country.clock)
    assert refused(lambda: notes.explain(*args)) == ["note_of_above"]
    assert Finding.get_by_id(second.id).note == ""


def test_a_note_is_not_written_under_a_confirmed_school(chain: Chain) -> None:
    child = old_child(chain)
    children.attest(chain.actor("school"), [child.id], chain.country.clock)
    explain(chain)
    chain.country.confirm(chain.school, chain.cycle)
    assert refused(lambda: explain(chain, note="")) == ["already_confirmed"]


def test_a_note_on_something_that_changed_meanwhile_is_not_saved(
    chain: Chain, clock: ManualClock
) -> None:
    old_child(chain)
    with pytest.raises(Exception, match="changed by somebody else"):
        explain(chain, basis="{}")
    assert Finding.get().note == ""


def test_levels_above_count_what_was_found_below_them(chain: Chain) -> None:
    old_child(chain)
    record(chain, chain.school, first_name="สมใจ", prefix="นาย", id_number=OTHER_PIN)
    for unit in (chain.school, chain.lao, chain.province, chain.country.department):
        tally = notes.tally(chain.cycle.id, unit)
        assert (tally.error, tally.query, tally.explained) == (1, 1, 0)
    explain(chain)
    tally = notes.tally(chain.cycle.id, chain.lao)
    assert (tally.error, tally.query, tally.explained) == (1, 0, 1)
    assert notes.tally(chain.cycle.id, chain.sister) == notes.Tally()
    found, _ = notes.listed(chain.actor("province"), chain.cycle.id, chain.province)
    assert [one.row.note for one in found] == ["เข้าเรียนช้า", ""]
    far = chain.country.actor("province", chain.far.province)
    assert notes.listed(far, chain.cycle.id, chain.country.department)[0] == []


def test_an_unlock_keeps_the_notes(chain: Chain) -> None:
    child = old_child(chain)
    children.attest(chain.actor("school"), [child.id], chain.country.clock)
    explain(chain)
    chain.country.confirm(chain.school, chain.cycle)
    chain.move("helpdesk", chain.school, "unlock")
    chain.country.confirm(chain.school, chain.cycle)
    assert Finding.get().note == "เข้าเรียนช้า"


def test_what_refused_a_confirm_can_be_looked_at_afterwards(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle, prefix="นาย", sex="F")
    args = (chain.actor("school"), chain.cycle.id, chain.school.id, "confirm", chain.country.clock)
    with pytest.raises(Refused):
        confirmation.move(*args)
    assert [found[2] for found in stored()] == ["prefix_against_sex"]


# --- what the rules look at changes --------------------------------------------------------------


def look(chain: Chain, school: Unit | None = None) -> list[str]:
    """What a page of the school shows now."""
    where = school or chain.school
    findings.ensure(chain.cycle.id, where, chain.country.clock.now)
    return [row.rule for row in Finding.select().where(Finding.unit == where.id)]


def unit_edit(chain: Chain, unit: Unit, grades: list[str] | None = None, **values: Any) -> None:
    """DLA edits the unit as it stands now."""
    version = Unit.get_by_id(unit.id).version
    dla = chain.actor("department")
    units.edit(dla, unit.id, version, values, chain.country.clock, grades=grades)


def test_a_schools_grades_are_looked_at_anew_when_dla_changes_them(chain: Chain) -> None:
    record(chain, chain.school)
    assert look(chain) == []
    unit_edit(chain, chain.school, ["K1"])
    assert look(chain) == ["grade_not_offered"]
    unit_edit(chain, chain.school, ["K1", "P1"])
    assert look(chain) == []


def test_the_usual_ages_are_looked_at_anew_when_dla_changes_them(chain: Chain) -> None:
    record(chain, chain.school)
    assert look(chain) == []
    grade = Grade.get(Grade.code == "P1")
    values = {"name": grade.name, "min_age": 14, "max_age": 15}
    codes.edit_grade(chain.actor("department"), grade.id, values, chain.country.clock)
    assert look(chain) == ["age_unusual"]


def test_who_takes_no_part_is_nobodys_twin(chain: Chain) -> None:
    record(chain, chain.school)
    record(chain, chain.sister, first_name="สมศรี")
    assert look(chain) == ["number_elsewhere"]
    unit_edit(chain, chain.sister, active=False)
    assert look(chain) == []
    unit_edit(chain, chain.sister, active=True)
    assert look(chain) == ["number_elsewhere"]


def test_a_confirmed_schools_note_stands_whoever_else_turns_up(chain: Chain) -> None:
    child = record(chain, chain.school)
    record(chain, chain.sister, id_number=OTHER_PIN)
    children.attest(chain.actor("school"), [child.id], chain.country.clock)
    row = Finding.get(Finding.unit == chain.school.id)
    notes.explain(chain.actor("school"), {row.id: row.basis}, "คนละคน", chain.country.clock)
    chain.country.confirm(chain.school, chain.cycle)
    record(chain, chain.far, id_number="1111111111119")
    assert Finding.get_by_id(row.id).note == "คนละคน"
    assert len(json.loads(Finding.get_by_id(row.id).params)["others"]) == 2
    chain.move("helpdesk", chain.school, "unlock")
    findings.refresh(chain.cycle.id, chain.school, chain.country.clock.now)
    assert Finding.get_by_id(row.id).note == ""
