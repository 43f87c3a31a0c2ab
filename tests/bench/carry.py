"""How long the carry-over of a country takes, on SQLite and on PostgreSQL, and what others wait."""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
from peewee import OperationalError

from admin_app import database, migrate
from admin_app.domain.access import Actor
from admin_app.jobs import kinds
from admin_app.jobs.worker import Worker
from admin_app.models import Cycle, Job, Student, UnitState, User
from admin_app.models import database as tables
from admin_app.services import accounts, carry_over, cycles
from seed import national
from tests.postgres_server import server_url


@contextmanager
def filled(url: str, children: int, laos: int, schools: int) -> Iterator[Actor]:
    """A country whose one cycle the department has closed; gives somebody of DLA."""
    opened = database.bind(url)
    with opened.connection_context():
        migrate.up()
        now = database.now()
        national.load(now, children=children, laos=laos, schools=schools, report=lambda text: None)
        dla = accounts.actor_of(User.get(User.username == "dla"))
        UnitState.update(status="confirmed", confirmed_at=now, confirmed_by=dla.user_id).where(
            UnitState.level == "department"
        ).execute()
    yield dla
    if hasattr(opened, "close_all"):
        opened.close_all()


def new_cycle(dla: Actor) -> Cycle:
    """The first round of the year after."""
    last = Cycle.get()
    moments = {key: getattr(last, key) + timedelta(days=365) for key in cycles.MOMENTS}
    values = moments | {"late_policy": "accept", "name": ""}
    return cycles.create(dla, last.year + 1, 1, values, database.now)


def _write(stop: threading.Event, waits: list[float]) -> None:
    """Somebody who saves something small every 0.1 s, and how long each save took."""
    with tables.connection_context():
        while not stop.is_set():
            started = time.perf_counter()
            with suppress(OperationalError), database.transaction():  # it may wait in vain
                User.update(signed_in_at=database.now()).where(User.username == "dla").execute()
            waits.append(time.perf_counter() - started)
            stop.wait(0.1)


def carry(url: str, children: int, laos: int, schools: int) -> str:
    """A line of the table: the job from its start to its end, and how long saves waited."""

    with filled(url, children, laos, schools) as dla:
        with tables.connection_context():
            cycle = new_cycle(dla)
            started = time.perf_counter()
            carry_over.prepare(dla, cycle.id, database.now)
            ready = time.perf_counter() - started
            job = kinds.ask(dla, "carry_over", cycle.id, database.now)
        stop, waits = threading.Event(), list[float]()
        writer = threading.Thread(target=_write, args=(stop, waits))
        writer.start()
        started = time.perf_counter()
        Worker(database.now, threading.Event()).perform(job.id)
        spent = time.perf_counter() - started
        stop.set()
        writer.join()
        with tables.connection_context():
            job = Job.get_by_id(job.id)
            assert job.status == "done", (job.status, job.error)
            count = Student.select().where(Student.cycle == cycle.id).count()
            assert count == children, count
    kind = url.partition(":")[0]
    return (
        f"{kind:<12}{children:>10,}{ready:>9.1f}{spent:>9.1f}{children / spent:>12,.0f}"
        f"{statistics.median(waits) * 1000:>11.0f}{max(waits) * 1000:>11.0f}"
    )


def main(children: int = 200_000, laos: int = 785, schools: int = 2_000) -> int:
    """Measure on both databases and print the table."""
    print("\ncarry-over of a country into the first round of the next year, by the job")
    print(f"{'':<12}{'children':>10}{'ready s':>9}{'job s':>9}{'children/s':>12}", end="")
    print(f"{'save ms':>11}{'longest ms':>11}")
    with tempfile.TemporaryDirectory(prefix="lec-bench-") as folder:
        print(carry(f"sqlite:///{Path(folder) / 'bench.db'}", children, laos, schools), flush=True)
    with server_url() as server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE carry")
        print(carry(server.rsplit("/", 1)[0] + "/carry", children, laos, schools), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
