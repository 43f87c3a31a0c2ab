"""The country or a part of it over time: confirmations day by day, against the last round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from peewee import SQL, Case, fn

from admin_app.database import local_day, tuples
from admin_app.domain.levels import LAO, PROVINCE, SCHOOL
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import standing

MOST_SLOW = 10


@dataclass(frozen=True, slots=True)
class Day:
    """How many units of a level stood confirmed at the end of a day, of those that are now."""

    day: date
    confirmed: int


def confirmations(cycle: Cycle, unit: Unit, level: str) -> list[Day]:
    """The units of ``level`` below ``unit`` confirmed by each day on which one was."""
    day = local_day(UnitState.confirmed_at)
    query = (
        UnitState.select(day, fn.COUNT(UnitState.id))
        .where(
            UnitState.cycle == cycle.id,
            UnitState.level == level,
            UnitState.status == "confirmed",
            UnitState.active,
        )
        .group_by(SQL("1"))
        .order_by(SQL("1"))
    )
    found, so_far = [], 0
    for text, number in tuples(standing.within(query, unit)):
        so_far += number
        found.append(Day(date.fromisoformat(text), so_far))
    return found


def taking_part(cycle: Cycle, unit: Unit, level: str) -> int:
    """How many units of ``level`` below ``unit`` take part."""
    query = UnitState.select().where(
        UnitState.cycle == cycle.id, UnitState.level == level, UnitState.active
    )
    number: int = standing.within(query, unit).count()
    return number


@dataclass(frozen=True, slots=True)
class Share:
    """Of the schools and LAOs of a province: how many take part, how many have confirmed."""

    total: int
    confirmed: int
    itself: bool

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all; the province itself is one of them."""
        return (self.confirmed + self.itself) * 100 // (self.total + 1)


def shares(cycle: Cycle) -> dict[str, Share]:
    """Province code → how far it is."""
    confirmed = Case(None, [(UnitState.status == "confirmed", 1)], 0)
    lower = Case(None, [(UnitState.level != PROVINCE, 1)], 0)
    query = (
        UnitState.select(
            Unit.code, fn.SUM(lower), fn.SUM(confirmed * lower), fn.SUM(confirmed * (1 - lower))
        )
        .join(Unit, on=(UnitState.province == Unit.id))
        .where(UnitState.cycle == cycle.id, UnitState.active)
        .group_by(Unit.code)
    )
    return {
        code: Share(int(total), int(done), bool(itself))
        for code, total, done, itself in tuples(query)
    }


@dataclass(frozen=True, slots=True)
class Slow:
    """An LAO that is not confirmed, whom to call, and how many of its schools are open."""

    code: str
    name: str
    phone: str
    province: str
    open_schools: int


def slowest(cycle: Cycle, unit: Unit) -> list[Slow]:
    """The open LAOs below ``unit`` with the most schools open, the most first."""
    province, school = Unit.alias(), UnitState.alias()
    left = (
        school.select(school.parent, fn.COUNT(school.id).alias("number"))
        .where(
            school.cycle == cycle.id,
            school.level == SCHOOL,
            school.status == "open",
            school.active,
        )
        .group_by(school.parent)
        .alias("open_schools")
    )
    query = (
        UnitState.select(Unit.code, Unit.name, Unit.phone, province.name, left.c.number)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .join_from(UnitState, province, on=(UnitState.province == province.id))
        .join_from(UnitState, left, on=(left.c.parent_id == UnitState.unit))
        .where(
            UnitState.cycle == cycle.id,
            UnitState.level == LAO,
            UnitState.status == "open",
            UnitState.active,
        )
        .order_by(left.c.number.desc(), Unit.code)
        .limit(MOST_SLOW)
    )
    return [Slow(*row) for row in tuples(standing.within(query, unit))]


@dataclass(frozen=True, slots=True)
class Round:
    """A round in three figures: schools that take part, children, schools confirmed."""

    cycle: Cycle
    schools: int
    children: int
    confirmed: int


def _round(cycle: Cycle, unit: Unit) -> Round:
    query = UnitState.select(
        fn.COUNT(UnitState.id),
        fn.SUM(UnitState.children),
        fn.SUM(Case(None, [(UnitState.status == "confirmed", 1)], 0)),
    ).where(UnitState.cycle == cycle.id, UnitState.level == SCHOOL, UnitState.active)
    ((schools, children, confirmed),) = tuples(standing.within(query, unit))
    return Round(cycle, schools, int(children or 0), int(confirmed or 0))


def against_last(cycle: Cycle, unit: Unit) -> tuple[Round, Round] | None:
    """This round and the last one that was opened, below ``unit``; None for the first."""
    last = standing.last_before(cycle, Cycle.started_at.is_null(False))
    return (_round(cycle, unit), _round(last, unit)) if last else None
