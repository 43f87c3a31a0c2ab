"""What blocks a unit's confirmation, each with a count: the rules over its rows, run here."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from admin_app.database import tuples
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.moves import Refusal
from admin_app.domain.rules import RULE, Child, Finding, Ground, Severity, run
from admin_app.domain.thai import to_local
from admin_app.models import Grade, OtherSheet, SchoolGrade, Student
from admin_app.services import leavers
from admin_app.services.standing import Standing


def ground(school_id: int, now: datetime) -> Ground:
    """What the rules may look up for this school."""
    grades = dict(tuples(Grade.select(Grade.id, Grade.code)))
    offered = tuples(SchoolGrade.select(SchoolGrade.grade).where(SchoolGrade.school == school_id))
    return Ground(
        offered=frozenset(grades[grade_id] for (grade_id,) in offered),
        grades=frozenset(grades.values()),
        today=to_local(now).date(),
    )


def findings(cycle_id: int, school_id: int, now: datetime) -> list[Finding]:
    """Every finding over the school's active children."""
    rows = (
        Student.select(
            Student.id,
            Student.id_kind,
            Student.id_number,
            Student.no_id_reason,
            Student.first_name,
            Student.last_name,
            Student.birth_date,
            Student.grade,
        )
        .where(Student.cycle == cycle_id, Student.school == school_id, Student.status == "active")
        .tuples()
    )
    return run([Child(*row) for row in rows], ground(school_id, now))


def _school_blockers(standing: Standing, now: datetime) -> list[Refusal]:
    found = findings(standing.cycle.id, standing.unit.id, now)
    counts = Counter(
        finding.rule for finding in found if RULE[finding.rule].severity is Severity.ERROR
    )
    blockers = [
        Refusal("rule_errors", {"count": counts[code], "rule": RULE[code].message, "code": code})
        for code in RULE
        if counts[code]
    ]
    active = Student.select().where(
        Student.cycle == standing.cycle.id,
        Student.school == standing.unit.id,
        Student.status == "active",
    )
    undecided = leavers.count(standing.cycle.id, standing.unit.id)
    if undecided:
        blockers.append(Refusal("leavers_undecided", {"count": undecided}))
    unattested = active.where(Student.attested_at.is_null()).count()
    if unattested:
        blockers.append(Refusal("not_attested", {"count": unattested}))
    if not active.exists():
        blockers.append(Refusal("no_children"))
    return blockers


def _lao_blockers(standing: Standing, now: datetime) -> list[Refusal]:
    sheet = OtherSheet.get_or_none(
        OtherSheet.cycle == standing.cycle.id, OtherSheet.lao == standing.unit.id
    )
    if sheet is None or not sheet.recorded:
        return [Refusal("other_counts_missing")]
    if not (sheet.declared_none or sheet.schools.exists()):
        return [Refusal("other_counts_missing")]
    return []


BLOCKERS: dict[str, Any] = {SCHOOL: _school_blockers, LAO: _lao_blockers}


def blockers(standing: Standing, now: datetime) -> tuple[Refusal, ...]:
    """What blocks the unit's own data; units below that are open are told by the move itself."""
    find = BLOCKERS.get(standing.unit.level)
    return tuple(find(standing, now)) if find else ()
