"""A large import as a job: killed within its transaction, taken up again, written once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from peewee import Database

from admin_app.config import ImportLimits, Settings
from admin_app.database import is_sqlite, now
from admin_app.domain.identity import make_pin
from admin_app.imports import children, sheets
from admin_app.jobs import kinds, queue
from admin_app.jobs.worker import Worker
from admin_app.models import Cycle, Event, Job, Student, Unit, UnitState, Upload
from admin_app.services import jobs, uploads
from tests.country import Country, ManualClock
from tests.imports.conftest import NEW, sheet_of
from tests.jobs.conftest import SECRET, ended, make_dead, refresh, wait_until, worker_of

ROWS = 40
# as run.py worker, but it stands still when all rows are written and nothing is committed yet
SLOW = """
import pathlib, sys, time
from admin_app.services import findings
refresh = findings.refresh
def slowly(*args):
    refresh(*args)
    pathlib.Path({mark!r}).touch()
    time.sleep({seconds})
findings.refresh = slowly
import run
sys.exit(run.main(["worker"]))
"""


@dataclass(frozen=True)
class Place:
    """A school with an upload that waits to be accepted, and the settings of workers."""

    country: Country
    cycle: Cycle
    school: Unit
    upload: Upload
    settings: Settings
    mark: Path

    def ask(self) -> Job:
        """The school's person accepts."""
        actor = self.country.own(self.school)
        params = {"kind": uploads.ROSTER, "upload": self.upload.id}
        return kinds.ask(actor, "import", self.cycle.id, now, params)

    def slow(self, seconds: float) -> str:
        """The script of a worker that stays so long within the transaction."""
        return SLOW.format(mark=str(self.mark), seconds=seconds)

    def perform(self, job: Job) -> Job:
        """A worker of this process takes the job up."""
        self.country.db.close()
        Worker(now, threading.Event()).perform(job.id)
        self.country.db.connect(reuse_if_open=True)
        return refresh(job)

    def written(self) -> tuple[int, int, int, str]:
        """Children, the school's counter, entries of its history, and the upload's state."""
        entries = Event.select().where(Event.tag == "child.imported", Event.student_id.is_null())
        return (
            Student.select().where(Student.school == self.school.id).count(),
            UnitState.get(UnitState.unit == self.school.id).children,
            entries.count(),
            Upload.get_by_id(self.upload.id).status,
        )


NOTHING, ALL = (0, 0, 0, "preview"), (ROWS, ROWS, 1, "accepted")


@pytest.fixture
def place(db: Database, database_url: str, tmp_path: Path) -> Place:
    """A school that has sent a workbook, in a cycle that is open now."""
    country = Country(db, ManualClock(now()))
    school = country.school(country.lao("81"))
    moments = {
        name: now() + timedelta(days=days)
        for name, days in (
            ("opens_at", -10),
            ("school_due_at", 10),
            ("lao_due_at", 11),
            ("province_due_at", 12),
            ("closes_at", 12),
        )
    }
    cycle = country.cycle(**moments)
    numbers = [make_pin(f"11000{n:07}") for n in range(ROWS)]
    data = sheet_of([NEW | {"id_number": number} for number in numbers])
    plan = children.read(data, cycle, school, ImportLimits(), now())
    assert plan.writes == ROWS
    who = country.own(school)
    upload = uploads.start(who, uploads.ROSTER, cycle.id, school.id, "a.xlsx", data, plan, now)
    settings = Settings(database_url, SECRET, files_dir=str(tmp_path / "kept"))
    queue.bell.bind(settings.queue)
    return Place(country, cycle, school, upload, settings, tmp_path / "written")


def test_a_worker_killed_within_the_import_leaves_nothing_of_it_and_the_next_writes_all(
    place: Place,
) -> None:
    job = place.ask()
    with worker_of(place.settings, place.slow(60)) as worker:
        wait_until(place.mark.exists, "the writing")
        worker.kill()
        worker.wait()
    assert place.written() == NOTHING
    assert refresh(job).status == "running"
    make_dead(job)
    with worker_of(place.settings):
        wait_until(lambda: ended(job), "the end")
    found = refresh(job)
    assert (found.status, found.attempts) == ("done", 2)
    assert place.written() == ALL
    assert jobs.glance(found, now()).result["new"] == ROWS


def test_a_cancel_while_it_writes_leaves_nothing_of_it(place: Place) -> None:
    job = place.ask()
    with worker_of(place.settings, place.slow(1)):
        wait_until(place.mark.exists, "the writing")
        jobs.cancel(place.country.own(place.school), job.id, now)
        wait_until(lambda: ended(job), "the cancel")
    # SQLite has one writer: the cancel itself waits for the import, and comes too late
    wanted = ("done", ALL) if is_sqlite() else ("cancelled", NOTHING)
    assert (refresh(job).status, place.written()) == wanted


def test_two_workers_write_it_once(place: Place) -> None:
    with worker_of(place.settings, place.slow(0.5)), worker_of(place.settings, place.slow(0.5)):
        job = place.ask()
        assert place.ask() == job
        wait_until(lambda: ended(job), "the end")
    assert (refresh(job).status, refresh(job).attempts) == ("done", 1)
    assert place.written() == ALL


def test_asked_for_once_more_it_finds_nothing_left_to_do(place: Place) -> None:
    place.perform(place.ask())
    again = place.perform(place.ask())
    assert (again.status, place.written()) == ("done", ALL)


def test_it_says_what_it_is_at(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    reader = sheets.READERS[uploads.ROSTER]

    def accept(actor: object, number: int, clock: object, tell: Callable[[str], object]) -> object:
        def hear(step: str) -> None:
            told.append(step)
            tell(step)

        return reader.accept(actor, number, clock, hear)

    heard = sheets.Reader(reader.read, accept)  # type: ignore[arg-type]
    monkeypatch.setitem(sheets.READERS, uploads.ROSTER, heard)
    assert place.perform(place.ask()).status == "done"
    assert told == ["checking", "writing", "rules"]


def _someone_was_faster(place: Place) -> None:
    place.country.child(place.school, place.cycle, id_number=make_pin("110000000000"))


def _thrown_away(place: Place) -> None:
    uploads.discard(place.country.own(place.school), uploads.ROSTER, place.upload.id, now)


def _closed(place: Place) -> None:
    Cycle.update(
        school_due_at=now() - timedelta(days=3),
        lao_due_at=now() - timedelta(days=2),
        province_due_at=now() - timedelta(days=1),
        closes_at=now() - timedelta(days=1),
    ).execute()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_someone_was_faster, "import_outdated"),
        (_thrown_away, "upload_gone"),
        (_closed, "window_closed"),
    ],
)
def test_what_stands_in_the_way_is_said_and_nothing_is_written(
    place: Place, change: Callable[[Place], None], code: str
) -> None:
    job = place.ask()
    change(place)
    before = Student.select().count()
    found = place.perform(job)
    error = jobs.glance(found, now()).error
    assert error is not None
    assert (found.status, error.code) == ("failed", code)
    assert error.message % error.params
    assert Student.select().count() == before
    if code == "import_outdated":
        plan = uploads.plan_of(Upload.get_by_id(place.upload.id))
        assert any(row.touched for row in plan.rows)


def test_no_child_is_named_in_what_the_job_keeps(place: Place) -> None:
    found = place.perform(place.ask())
    kept = json.dumps([found.params, found.result, found.error, found.doing], ensure_ascii=False)
    assert NEW["first_name"] not in kept
    assert "1100000000" not in kept
