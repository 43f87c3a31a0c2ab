"""Snapshots: what a confirm freezes, as canonical JSON and its SHA-256.

A school's content holds its counts and the digest of its roster; an LAO's the revisions and digests
of its schools and its other-affiliation counts; a province's its LAOs'; the department's its
provinces'. Each holds where the unit's history ended, and those of the units directly below.
``FORM`` numbers the serialisation: a change of form is a new number. Form 1 had neither histories
nor lines of children.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from peewee import fn

from admin_app.database import tuples
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.proof import FORM, canonical, digest
from admin_app.models import (
    Code,
    Cycle,
    Grade,
    OtherCount,
    OtherSchool,
    OtherSheet,
    Snapshot,
    Student,
    Unit,
    UnitState,
)
from admin_app.services import chain, rates, rosters, standing
from admin_app.services.progress import ancestors, open_below

PRESENT = (
    (Snapshot.cycle == UnitState.cycle)
    & (Snapshot.unit == UnitState.unit)
    & (Snapshot.revision == UnitState.revision)
)
"""The snapshot of a state's present revision, for joins."""
Content = tuple[dict[str, Any], str]
"""What is frozen, and (of a school) a line of each child."""


def _named(unit: Unit) -> dict[str, Any]:
    return {"code": unit.code, "name": unit.name, "kind": unit.kind}


def _place(unit: Unit) -> dict[str, Any]:
    district = unit.district
    return {"district": {"code": district.code, "name": district.name} if district else None}


def _above(unit: Unit) -> dict[str, Any]:
    """The LAO and the province that the unit lies in, by level, as they are called now."""
    return {"above": {u.level: {"code": u.code, "name": u.name} for u in ancestors(unit)}}


def grades_of(codes: Iterable[str]) -> list[list[Any]]:
    """[[code, name, stage, place], …] of these grades, in their order."""
    columns = (Grade.code, Grade.name, Grade.stage, Grade.position)
    query = Grade.select(*columns).where(Grade.code << sorted(codes)).order_by(Grade.position)
    return [list(row) for row in tuples(query)]


def affiliations_of(schools: Iterable[dict[str, Any]]) -> list[list[Any]]:
    """[[code, name, place], …] of the affiliations of these schools' contents, in their order."""
    codes = {school["affiliation"] for school in schools}
    query = (
        Code.select(Code.code, Code.name, Code.position)
        .where(Code.list == "affiliation", Code.code << sorted(codes))
        .order_by(Code.position, Code.code)
    )
    return [list(row) for row in tuples(query)]


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


def other_contents(cycle_id: int, lao_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """LAO id → its sheet of other affiliations as content."""
    order = grade_positions()
    sheets = OtherSheet.select(OtherSheet.lao, OtherSheet.declared_none).where(
        OtherSheet.cycle == cycle_id, OtherSheet.lao << list(lao_ids)
    )
    declared = dict.fromkeys(lao_ids, False) | dict(tuples(sheets))
    found: dict[int, dict[str, Any]] = {
        lao_id: {"declared_none": none, "schools": []} for lao_id, none in declared.items()
    }
    mine = (OtherSchool.cycle == cycle_id) & (OtherSchool.lao << list(lao_ids))
    counts: dict[int, list[list[Any]]] = defaultdict(list)
    columns = (OtherCount.other_school, OtherCount.grade, OtherCount.boys, OtherCount.girls)
    for school_id, *cell in tuples(OtherCount.select(*columns).join(OtherSchool).where(mine)):
        counts[school_id].append(cell)
    schools: Iterable[OtherSchool] = (
        OtherSchool.select().where(mine).order_by(OtherSchool.position, OtherSchool.id)
    )
    for school in schools:
        found[school.lao_id]["schools"].append(
            {
                "code": school.code,
                "name": school.name,
                "affiliation": school.affiliation,
                "counts": sorted(counts[school.id], key=lambda c: (order.get(c[0], 999), c[0])),
            }
        )
    return found


def _school(cycle: Cycle, unit: Unit) -> Content:
    roster = rosters.read(cycle.id, [unit.id])[unit.id]
    counts = roster.counts(grade_positions())
    return {
        **_named(unit),
        **_place(unit),
        **_above(unit),
        "counts": counts,
        "grades": grades_of(grade for grade, _, _ in counts),
        "children": sum(boys + girls for _, boys, girls in counts),
        "nationality": dict(roster.nationality),
        "id_kind": dict(roster.id_kind),
        "roster": roster.digest,
        "lines": digest(roster.lines),
    }, roster.lines


def heads_below(cycle_id: int, parent_ids: Sequence[int]) -> dict[int, list[list[Any]]]:
    """Unit id → [[code, revision, digest], …] of the confirmed units directly below, by code."""
    found: dict[int, list[list[Any]]] = {parent: [] for parent in parent_ids}
    rows = tuples(
        UnitState.select(UnitState.parent, Unit.code, UnitState.revision, Snapshot.digest)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .join(Snapshot, on=PRESENT)
        .where(
            UnitState.cycle == cycle_id,
            UnitState.parent << list(parent_ids),
            UnitState.status == "confirmed",
        )
        .order_by(Unit.code)
    )
    for parent, *head in rows:
        found[parent].append(head)
    return found


def _below(cycle: Cycle, unit: Unit) -> list[list[Any]]:
    """[[code, number, digest], …]: where the histories end of all that take part directly below."""
    codes = dict(
        tuples(
            UnitState.select(UnitState.unit, Unit.code)
            .join(Unit, on=(UnitState.unit == Unit.id))
            .where(UnitState.cycle == cycle.id, UnitState.parent == unit.id, UnitState.active)
        )
    )
    heads = chain.heads(codes)
    return sorted([codes[unit_id], *head] for unit_id, head in heads.items())


def _heads(cycle: Cycle, unit: Unit) -> list[list[Any]]:
    return heads_below(cycle.id, [unit.id])[unit.id]


def _lao(cycle: Cycle, unit: Unit) -> Content:
    other = other_contents(cycle.id, [unit.id])[unit.id]
    return {
        **_named(unit),
        **_place(unit),
        **_above(unit),
        "schools": _heads(cycle, unit),
        "other": other,
        "affiliations": affiliations_of(other["schools"]),
        "below": _below(cycle, unit),
    }, ""


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


def _province(cycle: Cycle, unit: Unit) -> Content:
    return {
        **_named(unit),
        "laos": _heads(cycle, unit),
        "rates": rates_content(cycle.id),
        "grades": grades(),
        "below": _below(cycle, unit),
    }, ""


def _last(cycle: Cycle, unit: Unit) -> list[Any] | None:
    """[cycle, revision, digest] of the closed round before, to which a budget is compared."""
    before = standing.last_before(cycle, Cycle.id << standing.closed_nationally())
    found = current(before.id, unit.id) if before else None
    return [before.code, found.revision, found.digest] if before and found else None


def _department(cycle: Cycle, unit: Unit) -> Content:
    return {
        **_named(unit),
        "provinces": _heads(cycle, unit),
        "missing": sorted(state.unit.code for state in open_below(cycle, unit)),
        "last": _last(cycle, unit),
        "rates": rates_content(cycle.id),
        "grades": grades(),
        "below": _below(cycle, unit),
    }, ""


CONTENT: dict[str, Callable[[Cycle, Unit], Content]] = {
    SCHOOL: _school,
    LAO: _lao,
    PROVINCE: _province,
    DEPARTMENT: _department,
}


def take(cycle: Cycle, unit: Unit, revision: int, now: datetime) -> Snapshot:
    """Freeze what ``unit`` has now as ``revision``. Inside the confirming transaction only."""
    found, lines = CONTENT[unit.level](cycle, unit)
    content = canonical(
        {
            "form": FORM,
            "cycle": cycle.code,
            "level": unit.level,
            "revision": revision,
            "history": chain.heads([unit.id])[unit.id],
            **found,
        }
    )
    return Snapshot.create(
        cycle=cycle.id,
        unit=unit.id,
        revision=revision,
        taken_at=now,
        content=content,
        digest=digest(content),
        lines=lines,
    )


def current(cycle_id: int, unit_id: int) -> Snapshot | None:
    """The snapshot of the unit's present revision while it is confirmed, else None."""
    return (
        Snapshot.select()
        .join(UnitState, on=PRESENT)
        .where(
            UnitState.cycle == cycle_id,
            UnitState.unit == unit_id,
            UnitState.status == "confirmed",
        )
        .get_or_none()
    )
