"""The table of findings: what stands in it, the difference that is written, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from peewee import chunked, fn

from admin_app.domain import evaluation
from admin_app.domain.moves import Status
from admin_app.domain.rules import RULE
from admin_app.models import Finding, Unit, UnitState
from admin_app.services import ground

Place = tuple[int, int, str]
"""Where a finding stands: unit, child (0: the unit itself), rule."""


class Owner(NamedTuple):
    """The unit that a finding belongs to, with the units above it."""

    id: int
    level: str
    lao: int | None
    province: int | None


Wanted = dict[Place, tuple[Owner, evaluation.Finding]]


def owner(unit: Unit) -> Owner:
    """The unit as the owner of its findings."""
    return Owner(unit.id, unit.level, unit.lao_id, unit.province_id)


def standing(
    cycle_id: int, where: Any, student_ids: Collection[int] | None
) -> dict[Place, Finding]:
    """The stored findings; of these children, or of all."""
    query = Finding.select().where(Finding.cycle == cycle_id, where)
    if student_ids is None:
        rows: Iterable[Finding] = list(query)
    else:
        rows = [
            row
            for some in chunked(sorted(student_ids), ground.CHUNK)
            for row in query.where(Finding.student_id << some)
        ]
    return {(row.unit_id, row.student_id, row.rule): row for row in rows}


def _confirmed(cycle_id: int, unit_id: int) -> bool:
    """Whether the unit stands by what it noted; after a reopening the note is looked at again."""
    state = UnitState.get_or_none(UnitState.cycle == cycle_id, UnitState.unit == unit_id)
    return state is not None and state.status == Status.CONFIRMED


def store(cycle_id: int, wanted: Wanted, before: dict[Place, Finding], now: datetime) -> None:
    """Write the difference, in the order of places; what stays the same keeps its note."""
    gone = [before[place].id for place in sorted(before.keys() - wanted.keys())]
    for some in chunked(gone, ground.CHUNK):
        Finding.delete().where(Finding.id << some).execute()
    for place in sorted(wanted.keys() & before.keys()):
        _, found = wanted[place]
        row, params = before[place], json.dumps(found.params, ensure_ascii=False)
        same = evaluation.stands(row.basis, found)
        if same and row.params == params:
            continue
        change: dict[str, Any] = {"params": params}
        if not same and not (row.note and _confirmed(cycle_id, place[0])):
            change |= {"note": "", "noted_at": None, "noted_by": None, "found_at": now}
            change |= {"basis": found.basis}
        Finding.update(change).where(Finding.id == row.id).execute()
    fresh = [
        {
            "cycle": cycle_id,
            "unit": place.id,
            "level": place.level,
            "lao": place.lao,
            "province": place.province,
            "student_id": found.child_id,
            "rule": found.rule,
            "severity": RULE[found.rule].severity,
            "basis": found.basis,
            "params": json.dumps(found.params, ensure_ascii=False),
            "found_at": now,
        }
        for key in sorted(wanted.keys() - before.keys())
        for place, found in (wanted[key],)
    ]
    for part in chunked(fresh, ground.CHUNK):
        Finding.insert_many(part).execute()


def counts(cycle_id: int, unit_id: int) -> dict[str, int]:
    """Rule → how many errors, or queries without a note, the unit has now."""
    rows: Iterable[Any] = (
        Finding.select(Finding.rule, fn.COUNT(Finding.id))
        .where(Finding.cycle == cycle_id, Finding.unit == unit_id, Finding.note == "")
        .group_by(Finding.rule)
        .tuples()
    )
    return {rule: number for rule, number in rows if rule in RULE}


def children_with(cycle_id: int, rule: str) -> Any:
    """The ids of the children that break a rule, as a query; scope is the caller's."""
    return Finding.select(Finding.student_id).where(Finding.cycle == cycle_id, Finding.rule == rule)


def units_with(cycle_id: int, severity: str) -> Any:
    """The ids of the units with an error, or with a query that has no note, as a query."""
    return (
        Finding.select(Finding.unit)
        .where(Finding.cycle == cycle_id, Finding.severity == severity, Finding.note == "")
        .distinct()
    )
