"""A school, its LAO and its province in an open cycle, for every test of a service."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from peewee import Database
from psycopg.sql import SQL, Identifier, Literal

from admin_app.models import (
    TABLES,
    Code,
    Cycle,
    Event,
    Student,
    Subdistrict,
    Unit,
    UnitState,
)
from admin_app.services import confirmation, passwords
from admin_app.services.errors import Refused
from tests.conftest import _create_postgres, _drop_postgres, _numbers
from tests.country import Country, ManualClock
from tests.twins import BORN, NUMBER

# --- one PostgreSQL database per process: creating one takes 0.4 s, putting one back 0.02 s -------
PLACES = {"district", "subdistrict"}  # nothing writes them


@pytest.fixture(scope="session")
def postgres_room(postgres_url: str, postgres_template: str) -> Iterator[str]:
    """A database with the code lists, and a copy of its rows in the schema ``kept``."""
    name = f"room_{os.getpid()}_{next(_numbers)}"
    url = _create_postgres(postgres_url, name, postgres_template)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA kept")
        for table in _tables():
            connection.execute(SQL("CREATE TABLE kept.{0} AS TABLE {0}").format(table))
    yield url
    _drop_postgres(postgres_url, name)


def _tables() -> list[Identifier]:
    names = [table._meta.table_name for table in TABLES]
    return [Identifier(name) for name in names if name not in PLACES]


def _put_back(url: str) -> None:
    """Every row as it was, no matter what refers to what; nobody else is left connected."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        role = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if role.fetchone() == (True,):
            connection.execute("SET session_replication_role = replica")
        else:
            connection.execute(SQL("TRUNCATE {0}").format(SQL(", ").join(_tables())))
        for table in _tables():
            connection.execute(SQL("DELETE FROM {0}").format(table))
            connection.execute(SQL("INSERT INTO {0} SELECT * FROM kept.{0}").format(table))
            connection.execute(
                SQL(
                    "SELECT setval(pg_get_serial_sequence({1}, 'id'), coalesce(max(id), 1),"
                    " max(id) IS NOT NULL) FROM {0}"
                ).format(table, Literal(table.as_string()))
            )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """As everywhere, a database with tables and code lists on both engines, only sooner there."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_room")
        _put_back(url)
        return url
    path = tmp_path / "lec.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


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


@pytest.fixture
def held(chain: Chain) -> Student:
    """A child in the school far away, attested, with everything that goes along."""
    return chain.country.child(
        chain.far,
        chain.cycle,
        attested=True,
        id_number=NUMBER,
        prefix="เด็กหญิง",
        first_name="ฟ้าใส",
        last_name="ฮวดเจริญ",
        sex="F",
        birth_date=BORN,
        nationality="LA",
        disability=Code.get(Code.list == "disability").code,
        disadvantage=Code.get(Code.list == "disadvantage").code,
        home_subdistrict=Subdistrict.select().first(),
        entered_on=date(2023, 5, 16),
        grade="P1",
    )
