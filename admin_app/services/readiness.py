"""What blocks a unit's confirmation, each with a count: what the rules found, what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.moves import Refusal
from admin_app.domain.rules import RULE, Severity
from admin_app.models import OtherSheet, Student
from admin_app.services import found, leavers
from admin_app.services.standing import Standing


def _found(standing: Standing) -> list[Refusal]:
    """Errors by rule, in the table's order, and how many queries nobody has explained."""
    counts = found.counts(standing.cycle.id, standing.unit.id)
    blockers = [
        Refusal("no_children")
        if code == "no_children"
        else Refusal("rule_errors", {"count": counts[code], "rule": rule.message, "code": code})
        for code, rule in RULE.items()
        if code in counts and rule.severity is Severity.ERROR
    ]
    waiting = sum(
        number for code, number in counts.items() if RULE[code].severity == Severity.QUERY
    )
    if waiting:
        blockers.append(Refusal("queries_open", {"count": waiting}))
    return blockers


def _school_blockers(standing: Standing) -> list[Refusal]:
    unattested = (
        Student.select()
        .where(
            Student.cycle == standing.cycle.id,
            Student.school == standing.unit.id,
            Student.status == "active",
            Student.attested_at.is_null(),
        )
        .count()
    )
    missing = [Refusal("not_attested", {"count": unattested})] if unattested else []
    undecided = leavers.count(standing.cycle.id, standing.unit.id)
    first = [Refusal("leavers_undecided", {"count": undecided})] if undecided else []
    return [*first, *_found(standing), *missing]


def _lao_blockers(standing: Standing) -> list[Refusal]:
    sheet = OtherSheet.get_or_none(
        OtherSheet.cycle == standing.cycle.id, OtherSheet.lao == standing.unit.id
    )
    if sheet is None or not sheet.recorded:
        return [Refusal("other_counts_missing")]
    if not (sheet.declared_none or sheet.schools.exists()):
        return [Refusal("other_counts_missing")]
    return _found(standing)


BLOCKERS: dict[str, Any] = {SCHOOL: _school_blockers, LAO: _lao_blockers}


def blockers(standing: Standing, now: datetime) -> tuple[Refusal, ...]:
    """What blocks the unit's own data, by the findings as they are stored.

    Units below that are open are told by the move itself. A confirm makes the findings anew first
    (``findings.refresh_unit``), a page those that are older than the rules (``findings.ensure``).
    """
    find = BLOCKERS.get(standing.unit.level)
    return tuple(find(standing)) if find else ()
