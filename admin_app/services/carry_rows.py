"""Copying rows of one cycle into the next, set-based: some schools or LAOs a statement.

Everything here runs inside the transaction of ``carry_over.carry``, which locks and judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from peewee import Case, Value, ValuesList, fn

from admin_app.database import tuples
from admin_app.domain.access import Actor
from admin_app.domain.promotion import promote, steps
from admin_app.models import (
    Cycle,
    Grade,
    OtherSchool,
    OtherSheet,
    SchoolGrade,
    Student,
    Unit,
    UnitState,
)
from admin_app.services import history

# what is copied as it is; scope columns come from the unit, grade and leaver from the promotion
_COPIED = (
    Student.id_kind,
    Student.id_number,
    Student.no_id_reason,
    Student.prefix,
    Student.first_name,
    Student.last_name,
    Student.sort_key,
    Student.last_key,
    Student.sex,
    Student.birth_date,
    Student.nationality,
    Student.disability,
    Student.disadvantage,
    Student.home_subdistrict,
    Student.entered_on,
)


def _places(source: Cycle, schools: Sequence[int], up: int) -> list[tuple[int, str, str, bool]]:
    """(school, grade, grade after the promotion, leaver) for each grade present in the schools."""
    in_use = Grade.select(Grade.code, Grade.next_code).where(Grade.active)
    following = dict(tuples(in_use))
    offered: dict[int, set[str]] = {school: set() for school in schools}
    offers = (
        SchoolGrade.select(SchoolGrade.school, Grade.code)
        .join(Grade)
        .where(SchoolGrade.school << schools)
    )
    for school, code in tuples(offers):
        offered[school].add(code)
    present = (
        Student.select(Student.school, Student.grade)
        .where(Student.cycle == source.id, Student.school << schools, Student.status == "active")
        .distinct()
    )
    found = []
    for school, grade in tuples(present):
        place = promote(grade, following, offered[school], up)
        found.append((school, grade, place.grade, place.leaver))
    return found


def children(
    actor: Actor, cycle: Cycle, source: Cycle, schools: Sequence[int], now: datetime
) -> None:
    """Copy the active children of some schools; a leaver nobody decided on stays one as it is.

    Reads by Student's index (cycle, school, status, sort_key), in whose order rows are put in.
    """
    places = _places(source, schools, steps(source.year, cycle.year))
    if places:
        plan = ValuesList(places).cte("plan", columns=("school", "grade", "grade_now", "leaver"))
        at = Value(Student.created_at.db_value(now))
        constants = (*map(Value, (cycle.id, "active", "", 1)), at, at, Value(actor.user_id))
        rows = (
            Student.select(
                Unit.id,
                Unit.lao,
                Unit.province,
                Case(None, [(Student.leaver, Student.grade)], plan.c.grade_now),
                Case(None, [(Student.leaver, True)], plan.c.leaver),
                Student.id,
                *_COPIED,
                *constants,
            )
            .join(Unit, on=(Student.school == Unit.id))
            .join(plan, on=(plan.c.school == Student.school) & (plan.c.grade == Student.grade))
            .where(
                Student.cycle == source.id, Student.school << schools, Student.status == "active"
            )
            .order_by(Student.school, Student.sort_key, Student.id)
            .with_cte(plan)
        )
        Student.insert_from(
            rows,
            [
                Student.school,
                Student.lao,
                Student.province,
                Student.grade,
                Student.leaver,
                Student.carried_from,
                *_COPIED,
                Student.cycle,
                Student.status,
                Student.removal_reason,
                Student.version,
                Student.created_at,
                Student.updated_at,
                Student.updated_by,
            ],
        ).execute()
    _count(actor, cycle, source, schools, now)


def _count(
    actor: Actor, cycle: Cycle, source: Cycle, schools: Sequence[int], now: datetime
) -> None:
    """Set the schools' counters from their rows, and say in each history what came."""
    tally = (
        Student.select(
            Student.school,
            fn.COUNT(Student.id),
            fn.SUM(Case(None, [(Student.leaver, 1)], 0)),
        )
        .where(Student.cycle == cycle.id, Student.school << schools)
        .group_by(Student.school)
    )
    counted = {school: (children, leavers) for school, children, leavers in tuples(tally)}
    own = Student.select(fn.COUNT(Student.id)).where(
        Student.cycle == cycle.id, Student.school == UnitState.unit, Student.status == "active"
    )
    UnitState.update(children=own, carried=own.clone(), attested=0, checked=0).where(
        UnitState.cycle == cycle.id, UnitState.unit << schools
    ).execute()
    units: Iterable[Unit] = Unit.select().where(Unit.id << list(counted)).order_by(Unit.id)
    history.record_each(
        "child.carried",
        actor,
        now,
        [
            (unit, {"count": counted[unit.id][0], "leavers": int(counted[unit.id][1])})
            for unit in units
        ],
        cycle_id=cycle.id,
        reason=source.code,
    )


def others(actor: Actor, cycle: Cycle, source: Cycle, laos: Sequence[int], now: datetime) -> None:
    """Copy the LAOs' schools of other affiliations, without counts, as sheets not recorded yet."""
    filled = OtherSchool.select(OtherSchool.sheet).where(
        OtherSchool.cycle == source.id, OtherSchool.lao << laos
    )
    sheets = (
        OtherSheet.select(
            Value(cycle.id),
            Unit.id,
            Unit.province,
            Value(False),
            Value(False),
            Value(1),
            Value(OtherSheet.updated_at.db_value(now)),
            Value(actor.user_id),
        )
        .join(Unit, on=(OtherSheet.lao == Unit.id))
        .where(OtherSheet.cycle == source.id, OtherSheet.lao << laos, OtherSheet.id << filled)
        .order_by(Unit.id)
    )
    OtherSheet.insert_from(
        sheets,
        [
            OtherSheet.cycle,
            OtherSheet.lao,
            OtherSheet.province,
            OtherSheet.declared_none,
            OtherSheet.recorded,
            OtherSheet.version,
            OtherSheet.updated_at,
            OtherSheet.updated_by,
        ],
    ).execute()
    schools = (
        OtherSchool.select(
            OtherSheet.id,
            Value(cycle.id),
            OtherSheet.lao,
            OtherSheet.province,
            OtherSchool.position,
            OtherSchool.code,
            OtherSchool.name,
            OtherSchool.name_key,
            OtherSchool.affiliation,
            Value(0),
        )
        .join(
            OtherSheet,
            on=(OtherSheet.lao == OtherSchool.lao) & (OtherSheet.cycle == cycle.id),
        )
        .where(OtherSchool.cycle == source.id, OtherSchool.lao << laos)
        .order_by(OtherSchool.lao, OtherSchool.position, OtherSchool.id)
    )
    OtherSchool.insert_from(
        schools,
        [
            OtherSchool.sheet,
            OtherSchool.cycle,
            OtherSchool.lao,
            OtherSchool.province,
            OtherSchool.position,
            OtherSchool.code,
            OtherSchool.name,
            OtherSchool.name_key,
            OtherSchool.affiliation,
            OtherSchool.children,
        ],
    ).execute()
    own = OtherSchool.select(fn.COUNT(OtherSchool.id)).where(
        OtherSchool.cycle == cycle.id, OtherSchool.lao == UnitState.unit
    )
    UnitState.update(carried=own).where(
        UnitState.cycle == cycle.id, UnitState.unit << laos
    ).execute()
