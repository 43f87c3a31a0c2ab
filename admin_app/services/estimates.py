"""What lunch, milk and subsidy come to for a unit, on its screens: nothing here is handed out.

A confirmed unit is read from its schools' snapshots, under the rates that its province was
confirmed under once it is; an open one from the live rows, under the cycle's latest rates.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from peewee import fn

from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.money import KINDS, LUNCH, RateSet
from admin_app.models import Cycle, Snapshot, Student, Unit, UnitState
from admin_app.services import rates, snapshots
from admin_app.services.errors import NotFound

GROUP: dict[str, str] = {SCHOOL: SCHOOL, LAO: SCHOOL, PROVINCE: LAO, DEPARTMENT: PROVINCE}
"""Level → the level of the rows that its estimate is made of."""


class Place(NamedTuple):
    """A school: its ids by level, its kind, its children by grade."""

    ids: dict[str, int]
    kind: str
    heads: dict[str, int]


@dataclass(slots=True)
class Sums:
    """Children, those counted for lunch, and satang a year by kind."""

    children: int = 0
    counted: int = 0
    satang: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    @property
    def whole(self) -> int:
        """All money."""
        return sum(self.satang.values())

    def add(self, place: Place, paying: RateSet) -> None:
        """Count a school."""
        self.children += sum(place.heads.values())
        for kind in KINDS:
            due = paying.due(kind, place.kind, place.heads)
            self.satang[kind] += due.satang
            if kind == LUNCH:
                self.counted += due.children


@dataclass(frozen=True, slots=True)
class Estimate:
    """A unit's estimate. ``rows``: the units directly below with theirs, by name.

    ``confirmed``: of what was confirmed, not a draft. ``edition``: of the cycle's rates; None where
    there is none, or each province has its own.
    """

    total: Sums
    rows: tuple[tuple[Unit, Sums], ...]
    confirmed: bool
    edition: int | None


def _schools(cycle_id: int, unit: Unit) -> Any:
    """The states of the unit's schools (a school's own), as a condition."""
    scope = getattr(UnitState, BY_KEY[unit.level].scope_column or SCHOOL, UnitState.unit)
    return (UnitState.cycle == cycle_id) & (UnitState.level == SCHOOL) & (scope == unit.id)


def _ids(school: int, lao: int, province: int) -> dict[str, int]:
    return {SCHOOL: school, LAO: lao, PROVINCE: province}


def _live(cycle_id: int, unit: Unit) -> Iterator[Place]:
    mine = _schools(cycle_id, unit)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    counted: Iterable[Any] = (  # by school and not by scope: there is an index that holds it all
        Student.select(Student.school, Student.grade, fn.COUNT(Student.id))
        .where(
            Student.cycle == cycle_id,
            Student.school << UnitState.select(UnitState.unit).where(mine),
            Student.status == "active",
        )
        .group_by(Student.school, Student.grade)
        .tuples()
    )
    for school, grade, number in counted:
        counts[school][grade] = number
    taking_part: Iterable[Any] = (
        UnitState.select(UnitState.unit, UnitState.lao, UnitState.province, Unit.kind)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .where(mine, UnitState.active | (UnitState.status == "confirmed"))
        .tuples()
    )
    for school, lao, province, kind in taking_part:
        yield Place(_ids(school, lao, province), kind, counts.get(school, {}))


def _frozen(cycle_id: int, unit: Unit) -> Iterator[Place]:
    query: Iterable[Any] = (
        UnitState.select(UnitState.unit, UnitState.lao, UnitState.province, Snapshot.content)
        .join(Snapshot, on=snapshots.PRESENT)
        .where(_schools(cycle_id, unit), UnitState.status == "confirmed")
        .tuples()
    )
    for school, lao, province, text in query:
        content = json.loads(text)
        heads = {grade: boys + girls for grade, boys, girls in content["counts"]}
        yield Place(_ids(school, lao, province), content["kind"], heads)


def _paying(cycle_id: int, province_id: int | None) -> tuple[RateSet, int | None]:
    """The rates that a province was confirmed under, else the latest, and their number."""
    found = snapshots.current(cycle_id, province_id) if province_id else None
    if found is not None:
        content = json.loads(found.content)
        return rates.frozen(content), rates.frozen_edition(content)
    latest = rates.edition(cycle_id)
    return rates.rates_of(latest), latest.number if latest else None


def _with_units(sums: dict[int, Sums]) -> tuple[tuple[Unit, Sums], ...]:
    units = Unit.select().where(Unit.id << list(sums)).order_by(Unit.name_key, Unit.code)
    return tuple((unit, sums[unit.id]) for unit in units)


def _country(cycle: Cycle, unit: Unit) -> Estimate:
    """The country of the department's snapshot, a province at a time."""
    top = snapshots.current(cycle.id, unit.id)
    if top is None:
        raise NotFound("not closed")
    content = json.loads(top.content)
    number = rates.frozen_edition(content)
    whole = None if number is None else rates.frozen(content)
    total, sums = Sums(), {}
    codes = [code for code, *_ in content["provinces"]]
    for province in Unit.select().where(Unit.code << codes, Unit.level == PROVINCE):
        paying = _paying(cycle.id, province.id)[0] if whole is None else whole
        sums[province.id] = Sums()
        for place in _frozen(cycle.id, province):
            sums[province.id].add(place, paying)
            total.add(place, paying)
    return Estimate(total, _with_units(sums), confirmed=True, edition=number)


def of(cycle: Cycle, unit: Unit) -> Estimate:
    """What the unit comes to in a year. NotFound: it takes no part; the country is not closed."""
    if unit.level == DEPARTMENT:
        return _country(cycle, unit)
    state = UnitState.get_or_none(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
    if state is None:
        raise NotFound("state")
    confirmed = state.status == "confirmed"
    paying, number = _paying(cycle.id, state.province_id)
    total, sums = Sums(), defaultdict[int, Sums](Sums)
    for place in _frozen(cycle.id, unit) if confirmed else _live(cycle.id, unit):
        total.add(place, paying)
        sums[place.ids[GROUP[unit.level]]].add(place, paying)
    rows = () if unit.level == SCHOOL else _with_units(sums)
    return Estimate(total, rows, confirmed, number)
