"""``make bench``: the list of children against Flask-Admin's default, and a school's hot paths.

Everything is measured in one run over one SQLite file, so that the machine's speed cancels out of
the ratios. The default view shows rows as they come; "sorted" is the same view in the order of
names, as ours is.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from admin_app import create_app, database, migrate
from admin_app.config import Settings
from admin_app.domain.identity import make_pin
from admin_app.models import Cycle, SchoolGrade, Student, Unit, User
from admin_app.models import database as tables
from admin_app.services import accounts, children, confirmation, findings
from seed import national
from seed.demo_accounts import DEMO_ACCOUNTS
from tests.bench import certificate, exports, imports, plain

CHILDREN = 200_000
RUNS = 9
PAGE_SIZE, LATER_PAGE = 50, 200
AIM_RATIO, AIM_MS = 3.0, 300.0
SCHOOL_OF, LARGE_SCHOOL_OF, AIM_SAVE_MS = 1_200, 5_000, 50.0
PASSWORD = "a-password-for-the-benchmark"
WITHOUT_TOKENS = {"WTF_CSRF_ENABLED": False}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: medians in milliseconds; the default's are None without one."""

    name: str
    ours: float
    default: float | None = None
    ordered: float | None = None
    aim: float = AIM_MS

    def __str__(self) -> str:
        line = f"{self.name:<36}{self.ours:>9.1f}"
        if self.default is None or self.ordered is None:
            return f"{line}{'':>34}  {_word(self.ours < self.aim)} (under {self.aim:.0f} ms)"
        ratio = self.default / self.ours
        line += f"{self.default:>9.1f}{ratio:>7.1f}×{self.ordered:>9.1f}"
        return f"{line}{self.ordered / self.ours:>7.1f}×  {_word(ratio >= AIM_RATIO)} (3× or more)"


def _word(met: bool) -> str:
    return "pass" if met else "FAIL"


def median_ms(
    run: Callable[[], object], after: Callable[[], object] = lambda: None, runs: int = RUNS
) -> float:
    """The median of ``runs`` after one to warm up; ``after`` each, not measured, puts all back."""
    times = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
        after()
    return statistics.median(times[1:]) * 1000


def medians_ms(*runs: Callable[[], object]) -> list[float]:
    """The medians of several that are run in turn, so that all meet the machine alike."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(RUNS + 1):
        for run, found in zip(runs, times, strict=True):
            started = time.perf_counter()
            run()
            found.append(time.perf_counter() - started)
    return [statistics.median(found[1:]) * 1000 for found in times]


def _get(client: FlaskClient, path: str, shows: bytes = b"<td") -> Callable[[], object]:
    def run() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status)
        assert shows in answer.data, path

    return run


def _sign_in(app: Flask, username: str, password: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/login", data={"username": username, "password": password})
    assert answer.status_code == 302, answer.status
    return client


def lists(ours: FlaskClient, theirs: FlaskClient, cycle: Cycle) -> list[Row]:
    """The student list of the whole country, screen against screen."""
    with tables.connection_context():
        active = Student.select().where(Student.cycle == cycle.id, Student.status == "active")
        ordered = active.order_by(Student.sort_key, Student.id)
        before = ordered.offset((LATER_PAGE - 1) * PAGE_SIZE - 1).limit(1).get()
        child = active.where(Student.id_kind == "pin").offset(CHILDREN // 3).limit(1).get()
    number, name = child.id_number, child.first_name
    pairs = (
        ("page 1", "", ""),
        (f"page {LATER_PAGE}", f"?after={before.id}", f"?page={LATER_PAGE - 1}"),
        ("search by identity number", f"?search={number}", f"?search={number}"),
        ("search by name", f"?search={name}", f"?search={name}"),
        ("filter by grade", "?grade=P3", f"?{plain.equals_grade()}=P3"),
    )
    return [
        Row(
            f"student list, {title}",
            *medians_ms(
                _get(ours, f"/children/{mine}"),
                _get(theirs, f"/plain/{default}"),
                _get(theirs, f"/sorted/{default}"),
            ),
        )
        for title, mine, default in pairs
    ]


def big_school(cycle: Cycle, number: int, size: int) -> tuple[Unit, User]:
    """A school with so many children, all attested and without errors, and who works there."""
    schools = Unit.select().where(Unit.level == "school", Unit.kind == "school").order_by(Unit.id)
    school: Any = schools.offset(number).limit(1).get()
    offered = [row.grade.code for row in SchoolGrade.select().where(SchoolGrade.school == school)]
    others: Any = Student.select(Student.id).where(Student.school != school.id)
    some = others.where(Student.grade << offered).limit(size)
    Student.delete().where(Student.school == school.id).execute()
    user = User.create(
        username=f"bench{number}",
        password_hash=accounts.hash_password(PASSWORD),
        name="Bench",
        role="school",
        unit=school.id,
        province=school.province_id,
        lao=school.lao_id,
        created_at=database.now(),
        must_change_password=False,
    )
    Student.update(
        school=school.id,
        lao=school.lao_id,
        province=school.province_id,
        attested_at=database.now(),
        attested_by=user.id,
    ).where(Student.id << [row.id for row in some]).execute()
    children.recount(cycle.id)
    return school, user


def one_school(app: Flask, cycle: Cycle) -> list[Row]:
    """What a school with 1,200 children waits for."""
    with tables.connection_context(), database.transaction():
        school, user = big_school(cycle, 0, SCHOOL_OF)
    client = _sign_in(app, user.username, PASSWORD)
    actor, dla = accounts.actor_of(user), accounts.actor_of(User.get(User.username == "dla"))

    def confirm() -> None:
        confirmation.move(actor, cycle.id, school.id, "confirm", database.now)

    def unlock() -> None:
        confirmation.move(dla, cycle.id, school.id, "unlock", database.now, reason="again")

    rows = [
        Row(f"school of {SCHOOL_OF:,}, list page 1", median_ms(_get(client, "/children/"))),
        Row(f"school of {SCHOOL_OF:,}, home", median_ms(_get(client, "/", b"steps"))),
    ]
    with tables.connection_context():
        rows.append(Row(f"school of {SCHOOL_OF:,}, confirm", median_ms(confirm, after=unlock)))
    return rows


def save_in_a_large_school(cycle: Cycle) -> Row:
    """One child recorded through the service: rules, twins and counts brought up to date."""
    numbers = itertools.count()
    with tables.connection_context():
        with database.transaction():
            school, user = big_school(cycle, 1, LARGE_SCHOOL_OF)
            findings.refresh(cycle.id, school, database.now())
        actor = accounts.actor_of(user)
        grade = SchoolGrade.select().where(SchoolGrade.school == school.id).first().grade

        def save() -> None:
            n = next(numbers)
            values = {
                "id_kind": "pin",
                "id_number": make_pin(f"1999{n:08}"),
                "first_name": f"ทด{'กขคงจฉชซ'[n % 8]}",
                "last_name": "ลองบันทึก",
                "sex": "F",
                "grade": grade.code,
            }
            children.create(actor, cycle.id, school.id, values, database.now)

        taken = median_ms(save)
    return Row(f"school of {LARGE_SCHOOL_OF:,}, save a child", taken, aim=AIM_SAVE_MS)


def main() -> int:
    """Build, measure, print; the exit code is 0 whatever the figures."""
    with tempfile.TemporaryDirectory(prefix="lec-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        settings = Settings(url, "only-for-the-benchmark-0123456789", more=WITHOUT_TOKENS)
        database.bind(url)
        with tables.connection_context():
            migrate.up()
            national.load(database.now(), children=CHILDREN, laos=785, schools=2_000)
            cycle = Cycle.get()
        app, other = create_app(settings), plain.create_app()
        dla = next(account for account in DEMO_ACCOUNTS if account.username == "dla")
        client = _sign_in(app, dla.username, dla.password)
        rows = lists(client, other.test_client(), cycle) + one_school(app, cycle)
        rows.append(save_in_a_large_school(cycle))
    print(f"\nmedians of {RUNS}, {CHILDREN:,} children, SQLite; against Flask-Admin's default view")
    print(f"{'':<36}{'ours ms':>9}{'default':>9}{'ratio':>8}{'sorted':>9}{'ratio':>8}  aim")
    print("\n".join(map(str, rows)))
    certificate.main()
    return imports.main() or exports.main()


if __name__ == "__main__":
    sys.exit(main())
