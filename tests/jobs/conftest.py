"""A cycle to carry over into, and workers: real processes, as ``run.py worker`` starts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psutil
import pytest
from peewee import Database

from admin_app.config import ROOT, Settings
from admin_app.database import now
from admin_app.jobs import kinds, queue
from admin_app.models import Cycle, Job, OtherSchool, Student, Unit, UnitState
from admin_app.services import carry_over, confirmation, jobs, other_counts
from admin_app.services.other_counts import SchoolRow
from tests.country import CLOSES, LETTER, Country, ManualClock

SECRET = "only for the tests of the worker, long enough"
SCHOOLS, CHILDREN = 24, 3
PATIENCE_S = 60
# as run.py worker, but a school a batch, and each batch takes its time before it is committed
SLOW_WORKER = """
import sys, time
from admin_app.services import carry_over
carry_over.BATCH_UNITS = 1
carry = carry_over.carry
def slowly(*args):
    carry(*args)
    time.sleep(0.05)
carry_over.carry = slowly
import run
sys.exit(run.main(["worker"]))
"""
# stands still after a few batches, or within one, as a machine does that is put to sleep
STALLED = """
import os, signal, sys, time
from admin_app.jobs import worker
from admin_app.services import carry_over
carry_over.BATCH_UNITS = 1
worker.STILL_S = 1
count = 0
def stand_still():
    global count
    count += 1
    if count == 6:
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(2)  # another thread may be the one that the signal reaches first
"""
STALLED_BETWEEN = (
    STALLED
    + """
class Hand(worker.Hand):
    def __init__(self, job, clock, stopping, rest):
        super().__init__(job, clock, stopping, stand_still)
worker.Hand = Hand
import run
sys.exit(run.main(["worker"]))
"""
)
STALLED_WITHIN = (
    STALLED
    + """
carry = carry_over.carry
def carry_and_stand(*args):
    carry(*args)
    stand_still()
carry_over.carry = carry_and_stand
import run
sys.exit(run.main(["worker"]))
"""
)
WORKER = 'import sys, run; sys.exit(run.main(["worker"]))'
ANEW = ("id", "cycle", "created_at", "updated_at", "updated_by")


def wait_until(true: Callable[[], Any], what: str = "it") -> None:
    """Waits, with an end."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


@dataclass(frozen=True)
class Round:
    """A closed cycle with children, a new one to carry over into, and the settings of workers."""

    country: Country
    source: Cycle
    settings: Settings

    def new_cycle(self, code: str) -> Cycle:
        """A cycle of a later year, not opened."""
        moments = {k: v + timedelta(days=365) for k, v in LETTER.items() if k.endswith("_at")}
        return self.country.cycle(code, start=False, **moments)

    def ask(self, cycle: Cycle) -> Job:
        """DLA presses the button."""
        dla = self.country.actor("department")
        carry_over.prepare(dla, cycle.id, now)
        return kinds.ask(dla, "carry_over", cycle.id, now)

    def worker(self, script: str = WORKER) -> AbstractContextManager[subprocess.Popen[str]]:
        """A worker in a process of its own."""
        return worker_of(self.settings, script)


@contextmanager
def worker_of(settings: Settings, script: str = WORKER) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own; it is ended with the block, if it lives till then."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LEC_")} | {
        "DATABASE_URL": settings.database_url,
        "QUEUE_URL": settings.queue_url,
        "FILES_DIR": str(settings.files),
        "SECRET_KEY": SECRET,
        "DEMO": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()  # ends one that stands still, too
        process.communicate()


def stands_still(process: subprocess.Popen[str]) -> bool:
    """Whether the process was stopped by a signal."""
    return psutil.Process(process.pid).status() == psutil.STATUS_STOPPED


def rows(cycle: Cycle) -> list[dict[str, Any]]:
    """What was carried over into the cycle, but for what is made anew in each."""
    found = []
    query: Any = Student.select().where(Student.cycle == cycle.id).order_by(Student.carried_from)
    for row in query.dicts():
        found.append({key: value for key, value in row.items() if key not in ANEW})
    states: Any = UnitState.select(
        UnitState.unit, UnitState.children, UnitState.attested, UnitState.carried
    ).where(UnitState.cycle == cycle.id)
    found += list(states.order_by(UnitState.unit).dicts())
    others: Any = OtherSchool.select(OtherSchool.lao, OtherSchool.position, OtherSchool.name)
    others = others.where(OtherSchool.cycle == cycle.id)
    return found + list(others.order_by(OtherSchool.lao, OtherSchool.position).dicts())


def refresh(job: Job) -> Job:
    """The job as it stands."""
    found: Job = Job.get_by_id(job.id)
    return found


def make_dead(job: Job) -> None:
    """As if the time had passed after which its worker counts as dead."""
    Job.update(beat_at=now() - jobs.DEAD_AFTER - timedelta(seconds=1)).where(
        Job.id == job.id
    ).execute()


def ended(job: Job) -> bool:
    """Whether the job has ended."""
    return refresh(job).ended_at is not None


@pytest.fixture
def a_round(db: Database, database_url: str) -> Round:
    """Schools with children in a cycle that the department has closed."""
    clock = ManualClock()
    country = Country(db, clock)
    laos = [country.lao("81"), country.lao("82")]
    schools = [country.school(laos[n % 2]) for n in range(SCHOOLS)]
    cycle = country.cycle()
    for number, school in enumerate(schools):
        for place in range(CHILDREN):
            grade = ("K1", "P1", "P2")[(number + place) % 3]
            country.child(school, cycle, grade=grade, attested=place == 0)
    row = SchoolRow("วัดเหนือ", "PESAO", "", {"P1": (3, 4)})
    other_counts.save(country.own(laos[0]), cycle.id, laos[0].id, 0, [row], clock)
    clock.set(CLOSES + timedelta(hours=1))
    confirmation.move(
        country.actor("department"),
        cycle.id,
        country.department.id,
        "close",
        clock,
        reason="provinces are missing",
    )
    settings = Settings(database_url=database_url, secret_key=SECRET)
    queue.bell.bind(settings.queue)
    return Round(country, cycle, settings)


def is_whole(cycle: Cycle, school: Unit) -> bool:
    """Whether all of the school's children came, or none, and its state says so."""
    state = UnitState.get(UnitState.cycle == cycle.id, UnitState.unit == school.id)
    came = Student.select().where(Student.cycle == cycle.id, Student.school == school.id).count()
    if state.carried is None:
        return came == 0
    return came == state.carried == state.children == CHILDREN
