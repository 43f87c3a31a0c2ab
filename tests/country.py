"""A small country for tests: units, people, children and cycles, each in one line.

Provinces, the department, grades and code lists come with the test's database. Everything goes
through the services where that is what a person would do; children are put in directly, so that a
test may also fill a cycle that is closed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from peewee import Database

from admin_app.domain import thai
from admin_app.domain.access import Actor
from admin_app.domain.identity import make_pin
from admin_app.domain.money import RateRow, RateSet
from admin_app.models import Cycle, Grade, Student, Unit, UnitState, User
from admin_app.services import accounts, confirmation, cycles, other_counts, rates, units

PASSWORD = "a password for tests"
DEFAULT_GRADES = {"school": ("K1", "P1", "P2"), "centre": ("N1", "N2"), "college": ("V1",)}


def bangkok(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment on Bangkok's clock, aware UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=thai.BANGKOK).astimezone(UTC)


NOW = bangkok(2024, 5, 20, 12)
"""Noon of a day in the middle of the letter's cycle, in which every window is open."""

LETTER: dict[str, Any] = {
    "opens_at": bangkok(2024, 4, 29),
    "school_due_at": bangkok(2024, 6, 11),
    "lao_due_at": bangkok(2024, 6, 11),
    "province_due_at": bangkok(2024, 6, 11, 17),
    "closes_at": bangkok(2024, 6, 11, 17),
    "late_policy": "accept",
    "name": "ปีการศึกษา 2567 ครั้งที่ 1",
}
CLOSES = LETTER["closes_at"]


class ManualClock:
    """A clock that stands still until it is set: ``clock()`` is ``clock.now``."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        """Put the clock to a moment."""
        self.now = now

    def tick(self, **delta: float) -> datetime:
        """Move on by a timedelta's arguments; answers with the new moment."""
        self.now += timedelta(**delta)
        return self.now


@cache
def _hashed(password: str) -> str:
    return accounts.hash_password(password)


class Country:
    """Builds in one line; ``clock`` is what its own writes are judged by."""

    def __init__(self, db: Database, clock: ManualClock | None = None) -> None:
        self.db = db
        self.clock = clock or ManualClock()
        self._numbers = itertools.count(1)
        self._actors: dict[tuple[str, int], Actor] = {}

    @property
    def department(self) -> Unit:
        """The department."""
        return cycles.department()

    def province(self, code: str = "81") -> Unit:
        """The province with this code of two digits."""
        return Unit.get(Unit.level == "province", Unit.code == code)

    def lao(self, province: Unit | str = "81", **over: Any) -> Unit:
        """A new LAO in a province; it joins the open cycles."""
        over_it = self.province(province) if isinstance(province, str) else province
        n = next(self._numbers)
        values = {"code": f"{over_it.code}{n:04}", "name": f"ตำบลที่ {n}", "kind": "อบต."}
        return units.create(self.actor("department"), "lao", over_it, values | over, self.clock)

    def school(self, lao: Unit, grades: Iterable[str] | None = None, **over: Any) -> Unit:
        """A new school in an LAO; it joins the open cycles."""
        n = next(self._numbers)
        values = {"code": f"S{lao.code}{n:04}", "name": f"บ้านที่ {n}", "kind": "school"} | over
        offered = list(grades or DEFAULT_GRADES[values["kind"]])
        dla = self.actor("department")
        return units.create(dla, "school", lao, values, self.clock, grades=offered)

    # --- people ---------------------------------------------------------------------------

    def user(
        self, role: str, unit: Unit | None = None, *, password: str = PASSWORD, **over: Any
    ) -> User:
        """A new account that may sign in with ``password``; by default at the department."""
        where = unit or self.department
        values = {
            "username": f"{role}{next(self._numbers)}",
            "name": f"{role} of {where.code}",
            "role": role,
            "unit": where.id,
            "province": where.province_id,
            "lao": where.lao_id,
            "password_hash": _hashed(password),
            "must_change_password": False,
            "created_at": self.clock(),
        }
        return User.create(**values | over)

    def actor(self, role: str, unit: Unit | None = None) -> Actor:
        """The person of this role at the unit (made on first use)."""
        where = unit or self.department
        if (role, where.id) not in self._actors:
            self._actors[role, where.id] = accounts.actor_of(self.user(role, where))
        return self._actors[role, where.id]

    def own(self, unit: Unit) -> Actor:
        """The unit's own person."""
        return self.actor(unit.level, unit)

    def cycle(self, code: str = "2567-1", *, start: bool = True, **over: Any) -> Cycle:
        """A cycle with the letter's moments but for ``over``; started unless told otherwise."""
        year, round_ = code.split("-")
        dla = self.actor("department")
        made = cycles.create(dla, int(year), int(round_), LETTER | over, self.clock)
        return cycles.start(dla, made.id, self.clock) if start else made

    def rates(self, cycle: Cycle, change: Callable[[RateRow], RateRow | None]) -> None:
        """DLA changes the cycle's rates: the next edition has what ``change`` makes of each row."""
        found = rates.rates_of(rates.edition(cycle.id))
        rows = tuple(row for row in map(change, found.rates) if row is not None)
        rates.append(cycle.id, RateSet(rows, found.counted), self.clock())

    def out_of_service(self, *gone: Unit) -> None:
        """DLA takes the units out."""
        for unit in gone:
            version = Unit.get_by_id(unit.id).version
            units.edit(self.actor("department"), unit.id, version, {"active": False}, self.clock)

    def state(self, unit: Unit, cycle: Cycle) -> UnitState:
        """Where the unit stands now."""
        return UnitState.get(UnitState.cycle == cycle.id, UnitState.unit == unit.id)

    def ready(self, unit: Unit, cycle: Cycle, children: int = 2) -> Unit:
        """Gives the unit what its confirmation asks of its own data."""
        if unit.level == "school":
            self.children(unit, cycle, children, attested=True)
        elif unit.level == "lao":
            lao = self.own(unit)
            other_counts.save(lao, cycle.id, unit.id, 0, [], self.clock, declared_none=True)
        return unit

    def confirm(self, unit: Unit, cycle: Cycle) -> UnitState:
        """The unit's own person confirms it."""
        return confirmation.move(self.own(unit), cycle.id, unit.id, "confirm", self.clock)

    def confirm_tree(self, unit: Unit, cycle: Cycle) -> UnitState:
        """Makes ready and confirms everything below the unit, and the unit."""
        for lower in Unit.select().where(Unit.parent == unit.id, Unit.active):
            self.confirm_tree(lower, cycle)
        return self.confirm(self.ready(unit, cycle), cycle)

    # --- children -------------------------------------------------------------------------

    def child(self, school: Unit, cycle: Cycle, *, attested: bool = False, **over: Any) -> Student:
        """A child in the school, without an error unless ``over`` makes one; counters follow."""
        n = next(self._numbers)
        sex = over.get("sex", "F" if n % 2 else "M")
        code = over.get("grade", school.grades.first().grade.code)
        grade = Grade.get_or_none(Grade.code == code)
        born = cycle.year - 543 - (grade.min_age if grade else 6)
        values: dict[str, Any] = {
            "cycle": cycle.id,
            "school": school.id,
            "lao": school.lao_id,
            "province": school.province_id,
            "id_kind": "pin",
            "id_number": make_pin(f"18100{n:07}"),
            "prefix": "เด็กหญิง" if sex == "F" else "เด็กชาย",
            "first_name": f"{'กขคงจฉชซ'[n % 8]}านที",
            "last_name": f"{'กขคงจฉชซ'[n // 8 % 8]}าวนา",
            "sex": sex,
            "birth_date": date(born, 1 + n % 4, 1 + n // 4 % 28),
            "grade": code,
            "created_at": self.clock(),
            "updated_at": self.clock(),
        } | over
        values["sort_key"] = thai.sort_key(values["first_name"], values["last_name"])
        values["last_key"] = thai.sort_key(values["last_name"])
        if attested:
            values |= {"attested_at": self.clock(), "attested_by": self.own(school).user_id}
        if values.get("status", "active") == "active":
            UnitState.update(
                children=UnitState.children + 1,
                attested=UnitState.attested + attested,
                checked=0,
            ).where(UnitState.cycle == cycle.id, UnitState.unit == school.id).execute()
        return Student.create(**values)

    def children(self, school: Unit, cycle: Cycle, number: int, **over: Any) -> list[Student]:
        """Several children."""
        return [self.child(school, cycle, **over) for _ in range(number)]
