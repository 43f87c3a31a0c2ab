"""A school, its LAO and its province in an open cycle, for every test of a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher
from peewee import Database

from admin_app.models import Cycle, Event, Unit, UnitState
from admin_app.services import confirmation, passwords
from admin_app.services.errors import Refused
from tests.country import Country, ManualClock


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong passwords by the hundred: argon2id with the least work that it allows."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_nobody", quick.hash("nobody"))


@pytest.fixture
def clock() -> ManualClock:
    """Noon in the middle of the cycle."""
    return ManualClock()


@pytest.fixture
def country(db: Database, clock: ManualClock) -> Country:
    """An empty country on the test's database."""
    return Country(db, clock)


def refused(make: Callable[[], Any]) -> list[str]:
    """The codes with which a service refuses."""
    with pytest.raises(Refused) as info:
        make()
    return [refusal.code for refusal in info.value.refusals]


@dataclass(frozen=True)
class Chain:
    """A school with its ancestors; ``sister`` is a second school of the LAO, ``far`` elsewhere."""

    country: Country
    cycle: Cycle
    province: Unit
    lao: Unit
    school: Unit
    sister: Unit
    far: Unit

    def move(self, role: str, unit: Unit, key: str, **over: Any) -> UnitState:
        """The move by the person of ``role`` in this chain, with a reason unless told otherwise."""
        return confirmation.move(
            self.actor(role),
            self.cycle.id,
            unit.id,
            key,
            self.country.clock,
            **{"reason": "because"} | over,
        )

    def actor(self, role: str) -> Any:
        """The person of ``role`` in this chain."""
        home = {"province": self.province, "lao": self.lao, "school": self.school}
        return self.country.actor(role, home.get(role))

    def status(self, unit: Unit) -> str:
        """open or confirmed."""
        status: str = self.country.state(unit, self.cycle).status
        return status

    def statuses(self) -> list[str]:
        """The states of school, sister, LAO and province."""
        return [self.status(u) for u in (self.school, self.sister, self.lao, self.province)]

    def events(self, tag: str, unit: Unit | None = None) -> list[Event]:
        """The history's entries of this tag, oldest first."""
        query = Event.select().where(Event.tag == tag).order_by(Event.id)
        return list(query.where(Event.unit == unit.id) if unit is not None else query)


@pytest.fixture
def chain(country: Country) -> Chain:
    """Krabi with one LAO of two schools, and a school in another province; the cycle is open."""
    lao = country.lao("81")
    school, sister = country.school(lao), country.school(lao)
    far = country.school(country.lao("82"))
    return Chain(country, country.cycle(), country.province("81"), lao, school, sister, far)
