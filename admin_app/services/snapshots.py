"""Snapshots: what a confirm freezes, as canonical JSON and its SHA-256.

A school's content holds its counts and the digest of its roster; an LAO's the revisions and digests
of its schools and its other-affiliation counts; a province's its LAOs'; the department's its
provinces'. ``FORM`` numbers the serialisation: a change of form is a new number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from peewee import fn

from admin_app.database import tuples
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.proof import FORM, canonical, digest
from admin_app.models import (
    Cycle,
    Grade,
    OtherCount,
    OtherSchool,
    OtherSheet,
    Snapshot,
    Student,
    Subdistrict,
    Unit,
    UnitState,
)
from admin_app.services import rates


def roster_digest(cycle_id: int, school_id: int) -> str:
    """SHA-256 over one canonical line per active child, in the order of ids."""
    rows: Iterable[Any] = (
        Student.select(
            Student.id,
            Student.id_kind,
            Student.id_number,
            Student.no_id_reason,
            Student.prefix,
            Student.first_name,
            Student.last_name,
            Student.sex,
            Student.birth_date,
            Student.grade,
            Student.nationality,
            Student.disability,
            Student.disadvantage,
            Subdistrict.code,
            Student.entered_on,
        )
        .left_outer_join(Subdistrict, on=(Student.home_subdistrict == Subdistrict.id))
        .where(Student.cycle == cycle_id, Student.school == school_id, Student.status == "active")
        .order_by(Student.id)
        .tuples()
    )
    running = hashlib.sha256()
    for row in rows:
        line = [value.isoformat() if hasattr(value, "isoformat") else value for value in row]
        running.update(canonical(line).encode() + b"\n")
    return running.hexdigest()


def _named(unit: Unit) -> dict[str, Any]:
    return {"code": unit.code, "name": unit.name, "kind": unit.kind}


def _place(unit: Unit) -> dict[str, Any]:
    district = unit.district
    return {"district": {"code": district.code, "name": district.name} if district else None}


def grade_positions() -> dict[str, int]:
    """Grade code → its place in the order of grades."""
    return dict(tuples(Grade.select(Grade.code, Grade.position)))


def school_counts(cycle_id: int, school_ids: Any) -> dict[int, list[list[Any]]]:
    """School id → [[grade, boys, girls], …] of its active children, in the order of grades."""
    rows: Iterable[Any] = (
        Student.select(Student.school, Student.grade, Student.sex, fn.COUNT(Student.id))
        .where(
            Student.cycle == cycle_id,
            Student.school << school_ids,
            Student.status == "active",
        )
        .group_by(Student.school, Student.grade, Student.sex)
        .tuples()
    )
    order = grade_positions()
    counts: dict[int, dict[str, list[int]]] = {}
    for school_id, grade, sex, number in rows:
        pair = counts.setdefault(school_id, {}).setdefault(grade, [0, 0])
        pair[0 if sex == "M" else 1] += number
    return {
        school_id: [
            [grade, *by_grade[grade]]
            for grade in sorted(by_grade, key=lambda code: (order.get(code, 999), code))
        ]
        for school_id, by_grade in counts.items()
    }


def other_content(cycle_id: int, lao_id: int) -> dict[str, Any]:
    """The LAO's sheet of other affiliations as content."""
    sheet = OtherSheet.get_or_none(OtherSheet.cycle == cycle_id, OtherSheet.lao == lao_id)
    if sheet is None:
        return {"declared_none": False, "schools": []}
    order = grade_positions()
    schools = list(sheet.schools.order_by(OtherSchool.position, OtherSchool.id))
    counts: dict[int, list[list[Any]]] = {school.id: [] for school in schools}
    for count in OtherCount.select().where(OtherCount.other_school << list(counts)):
        counts[count.other_school_id].append([count.grade, count.boys, count.girls])
    return {
        "declared_none": sheet.declared_none,
        "schools": [
            {
                "code": school.code,
                "name": school.name,
                "affiliation": school.affiliation,
                "counts": sorted(counts[school.id], key=lambda c: (order.get(c[0], 999), c[0])),
            }
            for school in schools
        ],
    }


def _tally(cycle_id: int, school_id: int, column: Any) -> dict[str, int]:
    rows: Iterable[Any] = (
        Student.select(column, fn.COUNT(Student.id))
        .where(Student.cycle == cycle_id, Student.school == school_id, Student.status == "active")
        .group_by(column)
        .tuples()
    )
    return dict(rows)


def _school(cycle: Cycle, unit: Unit) -> dict[str, Any]:
    counts = school_counts(cycle.id, [unit.id]).get(unit.id, [])
    return {
        **_named(unit),
        **_place(unit),
        "counts": counts,
        "children": sum(boys + girls for _, boys, girls in counts),
        "nationality": _tally(cycle.id, unit.id, Student.nationality),
        "id_kind": _tally(cycle.id, unit.id, Student.id_kind),
        "roster": roster_digest(cycle.id, unit.id),
    }


def _heads(cycle: Cycle, parent: Unit) -> list[list[Any]]:
    """[[code, revision, digest], …] of the confirmed units directly below, by code."""
    rows: Iterable[Any] = (
        UnitState.select(Unit.code, UnitState.revision, Snapshot.digest)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .join(
            Snapshot,
            on=(
                (Snapshot.cycle == UnitState.cycle)
                & (Snapshot.unit == UnitState.unit)
                & (Snapshot.revision == UnitState.revision)
            ),
        )
        .where(
            UnitState.cycle == cycle.id,
            UnitState.parent == parent.id,
            UnitState.status == "confirmed",
        )
        .order_by(Unit.code)
        .tuples()
    )
    return [list(row) for row in rows]


def _lao(cycle: Cycle, unit: Unit) -> dict[str, Any]:
    return {
        **_named(unit),
        **_place(unit),
        "schools": _heads(cycle, unit),
        "other": other_content(cycle.id, unit.id),
    }


def rates_content(cycle_id: int) -> dict[str, Any]:
    """The cycle's latest rates as content, with the number of their edition (0: none)."""
    found = rates.edition(cycle_id)
    return {"edition": found.number if found else 0, **rates.rates_of(found).as_dict()}


def grades() -> list[dict[str, Any]]:
    """The grades as content, in their order."""
    rows: Iterable[Any] = (
        Grade.select(Grade.code, Grade.name, Grade.stage).order_by(Grade.position).dicts()
    )
    return list(rows)


def _province(cycle: Cycle, unit: Unit) -> dict[str, Any]:
    return {
        **_named(unit),
        "laos": _heads(cycle, unit),
        "rates": rates_content(cycle.id),
        "grades": grades(),
    }


def _department(cycle: Cycle, unit: Unit) -> dict[str, Any]:
    missing: Iterable[Any] = (
        UnitState.select(Unit.code)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .where(UnitState.cycle == cycle.id, UnitState.parent == unit.id)
        .where(UnitState.status == "open", UnitState.active)
        .order_by(Unit.code)
        .tuples()
    )
    return {
        **_named(unit),
        "provinces": _heads(cycle, unit),
        "missing": [code for (code,) in missing],
        "rates": rates_content(cycle.id),
        "grades": grades(),
    }


CONTENT: dict[str, Callable[[Cycle, Unit], dict[str, Any]]] = {
    SCHOOL: _school,
    LAO: _lao,
    PROVINCE: _province,
    DEPARTMENT: _department,
}


def take(cycle: Cycle, unit: Unit, revision: int, now: datetime) -> Snapshot:
    """Freeze what ``unit`` has now as ``revision``. Inside the confirming transaction only."""
    content = canonical(
        {
            "form": FORM,
            "cycle": cycle.code,
            "level": unit.level,
            "revision": revision,
            **CONTENT[unit.level](cycle, unit),
        }
    )
    return Snapshot.create(
        cycle=cycle.id,
        unit=unit.id,
        revision=revision,
        taken_at=now,
        content=content,
        digest=digest(content),
    )


def current(cycle_id: int, unit_id: int) -> Snapshot | None:
    """The snapshot of the unit's present revision while it is confirmed, else None."""
    return (
        Snapshot.select()
        .join(
            UnitState,
            on=(
                (Snapshot.cycle == UnitState.cycle)
                & (Snapshot.unit == UnitState.unit)
                & (Snapshot.revision == UnitState.revision)
            ),
        )
        .where(
            UnitState.cycle == cycle_id,
            UnitState.unit == unit_id,
            UnitState.status == "confirmed",
        )
        .get_or_none()
    )
