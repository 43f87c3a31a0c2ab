"""What the rules are shown: children, a school's grades and figures, and a cycle's settings."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from peewee import SQL, chunked, fn

from admin_app.database import tuples
from admin_app.domain.checks import Child, Figures, GradeAges, Ground
from admin_app.domain.evaluation import Setting, Settings
from admin_app.domain.rules import RULE, RULES
from admin_app.domain.thai import BUDDHIST_ERA, to_local
from admin_app.models import (
    Cycle,
    Grade,
    OtherCount,
    OtherSchool,
    OtherSheet,
    RuleSetting,
    SchoolGrade,
    Student,
    Unit,
)
from admin_app.services import standing

SEEN = tuple(getattr(Student, name) for name in Child._fields)
"""The columns that the rules look at."""
CHUNK = 1_000
"""Values in one IN list: far below what either database takes."""


def settings(cycle_id: int) -> Settings:
    """The rules that DLA has set otherwise in this cycle; what it left alone is the rule's own."""
    rows = RuleSetting.select().where(RuleSetting.cycle == cycle_id)
    return {
        row.rule: Setting(row.active, {**RULE[row.rule].thresholds, **json.loads(row.thresholds)})
        for row in rows
        if row.rule in RULE
    }


def all_settings(cycle_id: int) -> dict[str, Setting]:
    """Every rule as it stands in the cycle, in the table's order."""
    found = settings(cycle_id)
    return {
        rule.code: found.get(rule.code) or Setting(True, dict(rule.thresholds)) for rule in RULES
    }


def ground(cycle: Cycle, school: Unit, now: datetime) -> Ground:
    """What a check of one child may look up."""
    grades = {row.id: row for row in Grade.select()}
    offered = tuples(SchoolGrade.select(SchoolGrade.grade).where(SchoolGrade.school == school.id))
    return Ground(
        kind=school.kind,
        offered=frozenset(grades[grade_id].code for (grade_id,) in offered),
        grades={
            row.code: GradeAges(row.name, row.min_age, row.max_age, tuple(row.kinds.split()))
            for row in grades.values()
        },
        today=to_local(now).date(),
        begins=date(cycle.year - BUDDHIST_ERA, 5, 16),
    )


def children(cycle_id: int, school_id: int, ids: Collection[int] | None = None) -> list[Child]:
    """The school's active children, or those among ``ids``, as the rules see them."""
    query = Student.select(*SEEN).where(
        Student.cycle == cycle_id, Student.school == school_id, Student.status == "active"
    )
    if ids is None:
        return [Child(*row) for row in tuples(query)]
    return [
        Child(*row)
        for some in chunked(sorted(ids), CHUNK)
        for row in tuples(query.where(Student.id << some))
    ]


def previous(cycle: Cycle) -> Cycle | None:
    """The last round before this one that was opened; None for the first."""
    return standing.last_before(cycle, Cycle.started_at.is_null(False))


def _by_grade(cycle_id: int, school_id: int) -> dict[str, int]:
    """Active children per grade, from the index on (cycle, school, status, grade, sex) alone."""
    rows: Iterable[Any] = (
        Student.select(Student.grade, fn.COUNT(SQL("*")))
        .where(Student.cycle == cycle_id, Student.school == school_id, Student.status == "active")
        .group_by(Student.grade)
        .tuples()
    )
    return dict(rows)


def school_figures(cycle: Cycle, school: Unit, grades: dict[str, str] | None = None) -> Figures:
    """The school's children per grade, now and in the last round (None: it had none then)."""
    last = previous(cycle)
    before = _by_grade(last.id, school.id) if last is not None else None
    return Figures(_by_grade(cycle.id, school.id), before or None, grades or {})


def _others(cycle_id: int, lao_id: int) -> dict[str, int]:
    rows: Iterable[Any] = (
        OtherCount.select(OtherCount.grade, fn.SUM(OtherCount.boys + OtherCount.girls))
        .join(OtherSchool, on=(OtherCount.other_school == OtherSchool.id))
        .where(OtherSchool.cycle == cycle_id, OtherSchool.lao == lao_id)
        .group_by(OtherCount.grade)
        .tuples()
    )
    return {grade: int(number) for grade, number in rows}


def counts_recorded(cycle_id: int, lao_id: int) -> bool:
    """Whether the LAO has recorded its counts, or that there are none; carried-over rows do not."""
    sheets = OtherSheet.select().where(OtherSheet.cycle == cycle_id, OtherSheet.lao == lao_id)
    return bool(sheets.where(OtherSheet.recorded).exists())


def lao_figures(cycle: Cycle, lao: Unit) -> Figures:
    """The LAO's children of other affiliations per grade, now and in the last round.

    None for the last round when nothing was recorded then, which is not the same as none.
    """
    last = previous(cycle)
    known = last is not None and counts_recorded(last.id, lao.id)
    before = _others(last.id, lao.id) if last is not None and known else None
    return Figures(_others(cycle.id, lao.id), before)
