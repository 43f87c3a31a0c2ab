"""What the rules found, stored: so that lists, homes and the levels above can filter by it.

A save brings up to date what it touched: the child, its twins (by number, or by name and birth
date, wherever they are) and the school's counts; a confirm, an import and a carried school are done
whole. A finding that stays the same keeps its note; one that changed loses it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, chunked, fn

from admin_app.database import hold, transaction, tuples
from admin_app.domain import evaluation
from admin_app.domain.checks import Child, are_twins, same_name_and_birth, same_number
from admin_app.domain.evaluation import Settings
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.moves import Status
from admin_app.domain.rules import RULE, Key
from admin_app.models import Cycle, Finding, Student, Unit, UnitState
from admin_app.services import ground, standing

NUMBER_ELSEWHERE = "number_elsewhere"
"""Error: a child's identity number is active in another school of the cycle, too."""
TWIN_ELSEWHERE = "twin_elsewhere"
"""Query: a child of the same name and birth date is active in another school of the cycle."""
ELSEWHERE = (NUMBER_ELSEWHERE, TWIN_ELSEWHERE)

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


def refresh(
    cycle_id: int, school: Unit, now: datetime, student_ids: Collection[int] | None = None
) -> None:
    """Bring the findings of some children, of their twins and of the school up to date.

    ``None``: of the whole school. Inside the writing transaction, after the rows are written.
    """
    cycle = Cycle.get_by_id(cycle_id)
    settings = ground.settings(cycle_id)
    around = ground.ground(cycle, school, now)
    children = ground.children(cycle_id, school.id, student_ids)
    own = owner(school)
    wanted: Wanted = {
        (school.id, found.child_id, found.rule): (own, found)
        for found in (
            *evaluation.of_children(children, around, settings),
            *evaluation.of_unit(
                SCHOOL,
                ground.school_figures(
                    cycle, school, {code: grade.name for code, grade in around.grades.items()}
                ),
                settings,
            ),
        )
    }
    single = Finding.rule.not_in([code for code, rule in RULE.items() if rule.twins])
    touched = None if student_ids is None else {0, *student_ids}
    _store(
        cycle_id, wanted, _standing(cycle_id, (Finding.unit == school.id) & single, touched), now
    )
    _refresh_twins(cycle_id, own, student_ids, settings, now)
    if student_ids is None:
        _mark(cycle, school)


def refresh_lao(cycle_id: int, lao: Unit, now: datetime) -> None:
    """Bring the findings about an LAO's own counts up to date; none while nothing is recorded."""
    cycle = Cycle.get_by_id(cycle_id)
    wanted: Wanted = {}
    if ground.counts_recorded(cycle_id, lao.id):
        figures, settings = ground.lao_figures(cycle, lao), ground.settings(cycle_id)
        wanted = {
            (lao.id, 0, found.rule): (owner(lao), found)
            for found in evaluation.of_unit(LAO, figures, settings)
        }
    _store(cycle_id, wanted, _standing(cycle_id, Finding.unit == lao.id, None), now)
    _mark(cycle, lao)


def refresh_unit(cycle_id: int, unit: Unit, now: datetime) -> None:
    """Everything about one unit's own data anew; units above an LAO have none."""
    if unit.level == SCHOOL:
        refresh(cycle_id, unit, now)
    elif unit.level == LAO:
        refresh_lao(cycle_id, unit, now)


def ensure(cycle_id: int, unit: Unit, now: datetime) -> None:
    """Make the findings of an open unit that are older than the cycle's rules; for pages.

    What is confirmed keeps the findings that it was confirmed with.
    """
    if unit.level not in (SCHOOL, LAO) or not _stale(cycle_id, unit):
        return
    with transaction():
        standing.read(cycle_id, unit, lock=True)
        if _stale(cycle_id, unit):
            refresh_unit(cycle_id, unit, now)


def _stale(cycle_id: int, unit: Unit) -> bool:
    return (
        UnitState.select()
        .join(Cycle)
        .where(
            UnitState.cycle == cycle_id,
            UnitState.unit == unit.id,
            UnitState.status == Status.OPEN,
            UnitState.checked != Cycle.rules_version,
        )
        .exists()
    )


def _mark(cycle: Cycle, unit: Unit) -> None:
    UnitState.update(checked=cycle.rules_version).where(
        UnitState.cycle == cycle.id, UnitState.unit == unit.id
    ).execute()


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


def held_elsewhere(cycle_id: int, school_id: int, numbers: Collection[str | None]) -> set[str]:
    """Those of the identity numbers that are active in another school of the cycle."""
    held: set[str] = set()
    for some in chunked(sorted(filter(None, numbers)), ground.CHUNK):
        rows = Student.select(Student.id_number, Student.school, Student.status)
        # the status is looked at here, so that SQLite takes the index on the number
        for number, school, status in tuples(
            rows.where(Student.cycle == cycle_id, Student.id_number << some)
        ):
            if status == "active" and school != school_id:
                held.add(number)
    return held


# --- twins ---------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A child as a twin: where it is, and as the rules see it."""

    owner: Owner
    child: Child


Groups = dict[Hashable, set[Row]]


def _beside(cycle_id: int, key: Key, some: Any) -> Groups:
    """The active children for whom ``some(table)`` holds, each with all that share its key.

    Children without a twin are left out. ``some`` is looked up first, then the others by the index
    on (cycle, id_number) or (cycle, status, sort_key): CROSS keeps SQLite to that order.
    """
    one, other = Student.alias(), Student.alias()
    columns = [
        getattr(table, name)
        for table in (one, other)
        for name in ("school", "lao", "province", "status", *Child._fields)
    ]
    query = (
        one.select(*columns)
        .join(other, JOIN.CROSS)
        .where(
            one.cycle == cycle_id,
            one.status == "active",
            some(one),
            other.cycle == cycle_id,
            other.id != one.id,
        )
    )
    if key is same_number:
        query = query.where(other.id_number == one.id_number)
    else:
        query = query.where(
            other.status == "active",
            other.sort_key == one.sort_key,
            other.birth_date == one.birth_date,
        )
    groups: Groups = defaultdict(set)
    half = len(columns) // 2
    for found in tuples(query):
        for school, lao, province, status, *seen in (found[:half], found[half:]):
            child = Child(*seen)
            if status == "active" and (shared := key(child)) is not None:
                groups[shared].add(Row(Owner(school, SCHOOL, lao, province), child))
    return groups


def _sharing(cycle_id: int, key: Key, school_id: int, ids: Collection[int] | None) -> Groups:
    """Twins of the whole school (``None``), or of some children wherever they are."""
    if ids is None:
        return _beside(cycle_id, key, lambda table: table.school == school_id)
    groups: Groups = defaultdict(set)
    for some in chunked(sorted(ids), ground.CHUNK):
        for shared, rows in _beside(cycle_id, key, lambda table, s=some: table.id << s).items():
            groups[shared] |= rows
    return groups


def _twins(groups: Groups, key: Key, codes: dict[bool, str]) -> Wanted:
    """Findings of both kinds over groups; ``codes``: elsewhere or not → rule."""
    wanted: Wanted = {}
    for rows in groups.values():
        if len(rows) < 2:
            continue
        for place, child in rows:
            for elsewhere, code in codes.items():
                others = sorted(
                    other.id
                    for where, other in rows
                    if (where.id != place.id) is elsewhere and are_twins(child, other, key)
                )
                if others:
                    found = evaluation.Finding(code, child.id, {"others": others})
                    wanted[place.id, child.id, code] = (place, found)
    return wanted


def _refresh_twins(
    cycle_id: int,
    own: Owner,
    student_ids: Collection[int] | None,
    settings: Settings,
    now: datetime,
) -> None:
    """The rules about two children, for these children, their twins, and who was their twin."""
    for key in (same_number, same_name_and_birth):
        every = {rule.elsewhere: code for code, rule in RULE.items() if rule.twins is key}
        used = {
            elsewhere: code
            for elsewhere, code in every.items()
            if code in dict(evaluation.twin_keys(elsewhere, settings))
        }
        of_rules = Finding.rule << list(every.values())
        before = _standing(cycle_id, (Finding.unit == own.id) & of_rules, student_ids)
        partners = {
            other
            for found in before.values()
            for other in json.loads(found.params).get("others", ())
        }

        def look(key: Key = key, used: dict[bool, str] = used, partners: Any = partners) -> Wanted:
            groups = _sharing(cycle_id, key, own.id, student_ids)
            for shared, rows in _sharing(cycle_id, key, own.id, partners).items():
                groups[shared] |= rows
            return _twins(groups, key, used)

        wanted = look()
        if _crosses(own, wanted) or _crosses(own, before):
            # two schools with children in common write each other's findings: one at a time
            hold(f"twins:{cycle_id}")
            wanted = look()
        touched = {child for _, child, _ in (*wanted, *before)} | partners
        _store(cycle_id, wanted, _standing(cycle_id, of_rules, touched), now)


def _crosses(own: Owner, places: Iterable[Place]) -> bool:
    return any(unit != own.id or rule in ELSEWHERE for unit, _, rule in places)


# --- the table -----------------------------------------------------------------------------------


def _standing(
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


def _store(cycle_id: int, wanted: Wanted, before: dict[Place, Finding], now: datetime) -> None:
    """Write the difference, in the order of places; what stays the same keeps its note."""
    gone = [before[place].id for place in sorted(before.keys() - wanted.keys())]
    for some in chunked(gone, ground.CHUNK):
        Finding.delete().where(Finding.id << some).execute()
    for place in sorted(wanted.keys() & before.keys()):
        _, found = wanted[place]
        row, params = before[place], json.dumps(found.params, ensure_ascii=False)
        same = row.basis == found.basis
        if same and row.params == params:
            continue
        change: dict[str, Any] = {"params": params, "basis": found.basis}
        if not same:
            change |= {"note": "", "noted_at": None, "noted_by": None, "found_at": now}
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
