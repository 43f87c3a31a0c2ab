"""The demo shows DLA's published figures, and work in every state."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from admin_app.database import bind, tuples
from admin_app.domain import identity
from admin_app.models import (
    TABLES,
    Cycle,
    Event,
    Grade,
    Snapshot,
    Student,
    Unit,
    UnitState,
    User,
    database,
)
from admin_app.services import accounts, readiness, snapshots
from admin_app.services.standing import read
from seed import demo, demo_open
from seed.demo_accounts import DEMO_ACCOUNTS
from seed.demo_walk import at
from tests.conftest import _create_postgres, _drop_postgres
from tests.seed.conftest import NOW

KRABI_FILE = Path(__file__).parents[2] / "seed" / "data" / "krabi_report02.csv"
OPEN = "2569-1"

with KRABI_FILE.open(encoding="utf-8", newline="") as file:
    PUBLISHED = list(csv.DictReader(file))

pytestmark = pytest.mark.xdist_group("demo")
seeded = pytest.mark.usefixtures("loaded_demo")


def state(code: str, cycle: str = OPEN) -> UnitState:
    query = UnitState.select().join(Unit, on=(UnitState.unit == Unit.id)).where(Unit.code == code)
    return query.where(UnitState.cycle == Cycle.get(code=cycle)).get()


def blockers(code: str) -> dict[str, int | None]:
    """Blocker, or rule broken → how many."""
    found = readiness.blockers(read(Cycle.get(code=OPEN).id, Unit.get(code=code)), NOW)
    return {r.params.get("code", r.code): r.params.get("count") for r in found}


def krabi_figures(rows: Iterable[Any]) -> dict[str, Counter[str]]:
    """(school's name, stage, children) rows → school → stage → children."""
    figures: dict[str, Counter[str]] = {}
    for school, stage, children in rows:
        figures.setdefault(school, Counter())[stage] += children
    return figures


def published() -> dict[str, Counter[str]]:
    rows = [
        (row["school"], stage, int(row[stage]))
        for row in PUBLISHED
        for stage in list(row)[3:-1]
        if int(row[stage])
    ]
    return krabi_figures(rows)


@seeded
def test_krabis_children_are_those_of_the_published_report_school_by_school() -> None:
    rows = tuples(
        Student.select(Unit.name, Grade.stage, Student.id)
        .join(Unit, on=(Student.school == Unit.id))
        .join(Grade, on=(Student.grade == Grade.code))
        .where(
            Student.cycle == Cycle.get(code="2567-1"),
            Student.province == Unit.get(code="81"),
            Student.status == "active",
        )
    )
    assert krabi_figures((name, stage, 1) for name, stage, _ in rows) == published()
    assert len(rows) == 6_955 == sum(int(row["total"]) for row in PUBLISHED)


@seeded
def test_krabis_snapshots_hold_the_published_report() -> None:
    cycle = Cycle.get(code="2567-1")
    stages = dict(tuples(Grade.select(Grade.code, Grade.stage)))
    rows = []
    for unit in Unit.select().where(Unit.level == "school", Unit.code.contains("81")):
        if unit.province.code == "81":
            content = json.loads(snapshots.current(cycle.id, unit.id).content)
            rows += [(unit.name, stages[grade], b + g) for grade, b, g in content["counts"]]
    assert krabi_figures(rows) == published()


@seeded
def test_krabi_has_the_laos_and_schools_of_the_report() -> None:
    below = Unit.select().where(Unit.province == Unit.get(code="81"))
    laos = {unit.name: unit for unit in below.where(Unit.level == "lao")}
    assert set(laos) == {row["lao"] for row in PUBLISHED}
    assert all(unit.name.startswith(unit.kind) for unit in laos.values())
    assert [
        (unit.district.name, unit.lao.name, unit.name)
        for unit in below.where(Unit.level == "school").order_by(Unit.id)
    ] == [(row["district"], row["lao"], row["school"]) for row in PUBLISHED]


@seeded
def test_every_unit_of_2567_1_is_confirmed_and_the_letters_moments_hold() -> None:
    cycle = Cycle.get(code="2567-1")
    states = UnitState.select().where(UnitState.cycle == cycle)
    assert states.where(UnitState.status == "open").count() == 0
    assert states.where(UnitState.level == "province").count() == 76
    assert states.where(UnitState.late, UnitState.level == "lao").count() >= 2
    assert states.where(UnitState.late, UnitState.level == "province").count() == 0
    assert cycle.opens_at == datetime(2024, 4, 28, 17, tzinfo=UTC)
    assert cycle.school_due_at == cycle.lao_due_at == datetime(2024, 6, 10, 17, tzinfo=UTC)
    assert cycle.province_due_at == cycle.closes_at == datetime(2024, 6, 11, 10, tzinfo=UTC)
    latest = states.where(UnitState.level != "department").order_by(UnitState.confirmed_at.desc())
    assert latest.first().confirmed_at < cycle.closes_at <= state("DLA", "2567-1").confirmed_at


@seeded
def test_every_number_is_valid_but_for_the_planted_ones() -> None:
    rows = tuples(Student.select(Student.id_kind, Student.id_number, Student.cycle))
    wrong = [number for kind, number, _ in rows if identity.check(kind, number)]
    assert len(wrong) == 2
    numbers = Counter((cycle, number) for _, number, cycle in rows if number)
    assert [count for count in numbers.values() if count > 1] == [2, 2]


@seeded
def test_the_open_cycle_holds_units_in_every_state() -> None:
    assert blockers("6810116001") == {
        "identity_wrong": 1,
        "queries_open": 1,
        "not_attested": 40,
    }
    assert set(blockers("4810101002")) == {
        "identity_wrong",
        "grade_missing",
        "twice_in_school",
        "not_attested",
    }
    assert set(blockers("4810101004")) == {"number_elsewhere", "not_attested"}
    assert set(blockers("5810601001")) == {"number_elsewhere", "queries_open", "not_attested"}
    assert blockers("6810116") == {"other_counts_missing": None}
    assert state("6810116001").children == 714
    assert state("6810116002").status == "confirmed"
    assert (state("4810101003").status, state("4810101003").late) == ("confirmed", True)
    assert (state("5810103").status, state("5810103").late) == ("confirmed", True)
    assert state("4810101").status == "open"
    assert state("81").status == "open"
    assert state("82").status == "confirmed"
    assert {state(unit.code).status for unit in Unit.select().where(Unit.level == "lao")} == {
        "open",
        "confirmed",
    }


@seeded
@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("6810115001", "move.unlock"),
        ("6810115", "move.unlock"),
        ("5810201001", "move.return"),
        ("4810101004", "move.extend"),
    ],
)
def test_a_reopened_or_extended_unit_has_its_reason_in_the_history(code: str, tag: str) -> None:
    event = Event.select().where(Event.unit == Unit.get(code=code)).order_by(Event.id.desc()).get()
    assert (event.tag, bool(event.reason), state(code).status) == (tag, True, "open")


@seeded
def test_the_history_is_in_the_order_of_time_and_lies_in_the_past() -> None:
    moments = [at_ for (at_,) in tuples(Event.select(Event.at).order_by(Event.id))]
    assert moments == sorted(moments)
    assert moments[-1] < NOW


@seeded
def test_the_open_cycle_is_open_now() -> None:
    cycle = Cycle.get(code=OPEN)
    assert cycle.opens_at < cycle.school_due_at < NOW < cycle.closes_at
    assert cycle.started_at < cycle.opens_at


@seeded
def test_children_grow_up_between_the_cycles() -> None:
    grades = {
        cycle: dict(
            tuples(
                Student.select(Student.id_number, Student.grade)
                .join(Unit, on=(Student.school == Unit.id))
                .where(Unit.code == "6810116001", Student.cycle == Cycle.get(code=cycle))
                .where(Student.id_number.is_null(False))
            )
        )
        for cycle in ("2567-1", OPEN)
    }
    pairs = {
        (grade, grades[OPEN][number])
        for number, grade in grades["2567-1"].items()
        if number in grades[OPEN]
    }
    assert {("K1", "K3"), ("K3", "P2"), ("P4", "P6")} <= pairs
    assert len(pairs) == 7


@seeded
def test_counters_are_those_of_the_rows() -> None:
    for cycle in Cycle.select():
        active = Student.select().where(Student.cycle == cycle, Student.status == "active")
        attested = active.where(Student.attested_at.is_null(False)).count()
        states = list(UnitState.select().where(UnitState.cycle == cycle))
        assert sum(s.children for s in states) == active.count()
        assert sum(s.attested for s in states) == attested


@seeded
@pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda account: account.username)
def test_a_demo_account_signs_in(account: Any) -> None:
    user, _ = accounts.sign_in(account.username, account.password, "::1", lambda: NOW) or (None, "")
    assert user is not None
    assert (user.role, user.unit.code, user.must_change_password, user.demo) == (
        account.role,
        account.unit_code,
        False,
        True,
    )
    assert len(account.password) >= accounts.SHORTEST_PASSWORD


@seeded
def test_other_demo_accounts_have_no_password() -> None:
    named = [account.username for account in DEMO_ACCOUNTS]
    others = User.select().where(User.username.not_in(named))
    assert others.count() > 100
    assert {user.password_hash for user in others} == {""}
    assert all(user.demo for user in others)


@seeded
def test_a_second_load_changes_nothing() -> None:
    before = [table.select().count() for table in TABLES]
    said: list[str] = []
    demo.load(NOW + timedelta(days=40), report=said.append)
    assert [table.select().count() for table in TABLES] == before
    assert said == ["The demo data is there already."]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ((2026, 11, 24), (2569, 2)),
        ((2027, 3, 31), (2569, 2)),
        ((2027, 5, 2), (2570, 1)),
        ((2026, 10, 31), (2569, 1)),
        ((2024, 7, 1), (2567, 2)),
    ],
)
def test_the_open_cycle_bears_the_code_of_the_day(day: Any, code: tuple[int, int]) -> None:
    assert demo_open.code_of(at(datetime(*day, tzinfo=UTC).date(), 12)) == code


def test_the_demo_does_not_mix_with_real_accounts(db: Any) -> None:
    department = Unit.get(code="DLA")
    User.create(username="a", name="a", role="department", unit=department, created_at=NOW)
    with pytest.raises(demo.NotADemoDatabase):
        demo.load(NOW, report=lambda text: None)


@seeded
@pytest.mark.postgres
@pytest.mark.slow
def test_postgresql_gets_the_same_demo_down_to_the_national_digest(
    postgres_url: str, postgres_template: str
) -> None:
    def digests() -> list[Any]:
        query = Snapshot.select(Snapshot.cycle, Unit.code, Snapshot.revision, Snapshot.digest)
        joined = query.join(Unit, on=(Snapshot.unit == Unit.id))
        return sorted(tuples(joined))

    expected, sqlite = digests(), database.obj
    name = f"demo_{os.getpid()}"
    opened = bind(_create_postgres(postgres_url, name, postgres_template))
    opened.connect()
    try:
        demo.load(NOW, report=lambda text: None)
        assert digests() == expected
    finally:
        opened.close()
        opened.close_all()
        database.initialize(sqlite)
        _drop_postgres(postgres_url, name)
