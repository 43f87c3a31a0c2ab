"""An export as a job: killed, cancelled, two workers; never half a file, never two entries."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from peewee import Database

from admin_app.config import INSTANCE, BadSetting, Settings, from_environment
from admin_app.database import now
from admin_app.exports import build
from admin_app.jobs import kinds, queue
from admin_app.jobs.worker import Worker
from admin_app.models import AccessLog, Cycle, Job, Unit, User
from admin_app.services import accounts, housekeeping, jobs
from admin_app.services.files import FOLDER_AFTER, ORPHAN_AFTER, shelf
from tests.country import Country, ManualClock
from tests.jobs.conftest import SECRET, ended, make_dead, refresh, wait_until, worker_of

CHILDREN = 60
# as run.py worker, but it tells of each row, and takes its time for it
SLOW = """
import sys, time
from admin_app.exports import lists
from admin_app.services import hand
lists.TOLD_EVERY = 1
hand.BEAT_S = 0.05
pulse = hand.Hand.pulse
def slowly(*args, **kwargs):
    time.sleep(0.05)
    pulse(*args, **kwargs)
hand.Hand.pulse = slowly
import run
sys.exit(run.main(["worker"]))
"""


@dataclass(frozen=True)
class Place:
    """A school with children, its person, and the settings of workers."""

    country: Country
    cycle: Cycle
    school: Unit
    settings: Settings

    def ask(self, name: str = "roster", unit: Unit | None = None, role: str = "school") -> Job:
        """The person asks for the export; by default the school for its own roster."""
        where = unit or self.school
        actor = self.country.actor(role, self.school if role == "school" else None)
        params = {"name": name, "unit": where.code, "edition": ""}
        return kinds.ask(actor, "export", self.cycle.id, now, params)

    def files(self) -> list[Path]:
        """What lies in the folder."""
        return sorted(path for path in self.settings.files.glob("*") if path.is_file())

    def perform(self, job: Job, stop: threading.Event | None = None) -> Job:
        """A worker of this process takes the job up."""
        self.country.db.close()
        Worker(now, stop or threading.Event()).perform(job.id)
        self.country.db.connect(reuse_if_open=True)
        return refresh(job)


@pytest.fixture
def place(db: Database, database_url: str, tmp_path: Path) -> Place:
    """A school whose roster somebody wants."""
    country = Country(db, ManualClock())
    school = country.school(country.lao("81"))
    cycle = country.cycle()
    country.children(school, cycle, CHILDREN)
    settings = Settings(database_url, SECRET, files_dir=str(tmp_path / "kept"))
    queue.bell.bind(settings.queue)
    shelf.bind(settings.files, timedelta(hours=24))
    return Place(country, cycle, school, settings)


def rows_of(path: Path) -> int:
    """How many children stand in a roster."""
    sheet = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]
    numbers = [row[0] for row in sheet.iter_rows(values_only=True)]
    return sum(isinstance(number, int) for number in numbers)


def half_way(job: Job) -> bool:
    """Whether some rows are written, and many are not."""
    found = refresh(job)
    return bool(found.total == CHILDREN and 5 <= found.done <= CHILDREN // 2)


def is_whole(place: Place, job: Job) -> None:
    """Holds that the job's one file holds everything, and was entered into the log once."""
    found = refresh(job)
    assert (found.status, found.error) == ("done", "")
    (path,) = [path for path in place.files() if path.suffix == ".xlsx"]
    assert path.name == found.file
    assert rows_of(path) == CHILDREN
    entry = AccessLog.get()
    assert (entry.tag, entry.rows, entry.user_id) == ("export", CHILDREN, found.owner_id)
    assert jobs.glance(found, now()).result["size"] == path.stat().st_size


def test_a_worker_killed_half_way_leaves_nothing_to_hand_out_and_the_next_one_makes_it_whole(
    place: Place,
) -> None:
    job = place.ask()
    with worker_of(place.settings, SLOW) as worker:
        wait_until(lambda: half_way(job), "half of the work")
        worker.kill()
        worker.wait()
    found = refresh(job)
    assert (found.status, found.file, found.attempts) == ("running", "", 1)
    assert [path.suffix for path in place.files()] == [".part"]
    assert not AccessLog.select().exists()
    make_dead(job)
    with worker_of(place.settings):
        wait_until(lambda: ended(job), "the end")
    assert refresh(job).attempts == 2
    is_whole(place, job)
    assert housekeeping.sweep_files(now()) == 0  # what is left behind may still be written to
    assert housekeeping.sweep_files(now() + ORPHAN_AFTER + timedelta(minutes=1)) >= 1
    assert [path.name for path in place.files()] == [refresh(job).file]


def test_a_cancel_half_way_leaves_no_file(place: Place) -> None:
    job = place.ask()
    with worker_of(place.settings, SLOW):
        wait_until(lambda: half_way(job), "half of the work")
        jobs.cancel(place.country.own(place.school), job.id, now)
        wait_until(lambda: ended(job), "the cancel")
    assert (refresh(job).status, refresh(job).file) == ("cancelled", "")
    assert place.files() == []
    assert not AccessLog.select().exists()


def test_two_workers_write_one_file(place: Place) -> None:
    with worker_of(place.settings, SLOW), worker_of(place.settings, SLOW):
        job = place.ask()
        assert place.ask() == job
        wait_until(lambda: ended(job), "the end")
    assert refresh(job).attempts == 1
    is_whole(place, job)
    assert len(place.files()) == 1


def test_a_worker_that_is_told_to_end_gives_the_job_back_and_leaves_no_file(place: Place) -> None:
    job = place.ask()
    with worker_of(place.settings, SLOW) as worker:
        wait_until(lambda: half_way(job), "half of the work")
        worker.terminate()
        assert worker.wait(20) == 0
    assert (refresh(job).status, refresh(job).attempts) == ("queued", 0)
    assert place.files() == []
    is_whole(place, place.perform(job))


@pytest.mark.parametrize("what", ["cancelled", "stopped", "lost"])
def test_an_end_after_the_last_row_leaves_neither_file_nor_entry(
    place: Place, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    job, stop, make = place.ask(), threading.Event(), build.make

    def make_and_end(*args: Any, **more: Any) -> build.Made:
        made = make(*args, **more)
        if what == "stopped":
            stop.set()
        changes = {"cancelled": {"cancel_asked": True}, "lost": {"worker": "another"}}
        if what in changes:
            Job.update(**changes[what]).where(Job.id == job.id).execute()
        return made

    monkeypatch.setattr(build, "make", make_and_end)
    found = place.perform(job, stop)
    wanted = {"cancelled": "cancelled", "stopped": "queued", "lost": "running"}
    assert (found.status, found.file) == (wanted[what], "")
    assert place.files() == []
    assert not AccessLog.select().exists()


def test_a_job_that_is_done_is_not_done_twice(place: Place) -> None:
    job = place.perform(place.ask())
    place.perform(job)
    is_whole(place, job)
    assert refresh(job).attempts == 1


def test_only_the_service_can_look_into_folder_and_file(place: Place) -> None:
    place.perform(place.ask())
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (shelf.folder, *place.files())]
    assert modes == [0o700, 0o600]


def test_it_is_kept_for_its_time(place: Place) -> None:
    before = now()
    job = place.perform(place.ask())
    assert before + shelf.kept <= job.expires_at <= now() + shelf.kept
    with shelf.open(job.file) as opened:  # type: ignore[union-attr]
        assert housekeeping.expire_files(job.expires_at - timedelta(seconds=1)) == 0
        assert housekeeping.expire_files(job.expires_at) == 1
        assert opened.read(2) == b"PK"
    assert (place.files(), refresh(job).file) == ([], "")
    assert housekeeping.expire_files(job.expires_at) == 0


def _locked(place: Place) -> None:
    User.update(active=False).where(User.id == place.country.own(place.school).user_id).execute()


def _moved(place: Place) -> None:
    other = place.country.school(place.country.lao("82"))
    User.update(unit=other.id, lao=other.lao_id, province=other.province_id).where(
        User.id == place.country.own(place.school).user_id
    ).execute()


@pytest.mark.parametrize(("change", "code"), [(_locked, "job_owner"), (_moved, "export_gone")])
def test_the_rights_that_count_are_those_of_the_moment_when_it_is_made(
    place: Place, change: Callable[[Place], None], code: str
) -> None:
    job = place.ask()
    change(place)
    found = place.perform(job)
    error = jobs.glance(found, now()).error
    assert error is not None
    assert (found.status, error.code) == ("failed", code)
    assert place.files() == []


def test_it_acts_from_where_it_was_asked_for(place: Place) -> None:
    owner = User.get_by_id(place.country.own(place.school).user_id)
    actor = accounts.actor_of(owner, "203.0.113.7")
    params = {"name": "roster", "unit": place.school.code, "edition": ""}
    place.perform(kinds.ask(actor, "export", place.cycle.id, now, params))
    assert AccessLog.get().address == "203.0.113.7"


def test_two_clicks_are_one_job_and_two_people_have_two(place: Place) -> None:
    other = accounts.actor_of(place.country.user("school", place.school))
    params = {"name": "roster", "unit": place.school.code, "edition": ""}
    first = place.ask()
    assert place.ask() == first
    assert kinds.ask(other, "export", place.cycle.id, now, params) != first


def test_a_killed_workers_scratch_is_swept(place: Place) -> None:
    left = shelf.scratch / "rows"
    left.write_text("half a sheet")
    folder, fresh = shelf.scratch / "lec-export-old", shelf.scratch / "lec-export-new"
    for place_of in (folder, fresh):
        place_of.mkdir()
        (place_of / "sheet").write_text("rows of children")
    long_ago = (now() - FOLDER_AFTER - timedelta(minutes=1)).timestamp()
    for path in (folder / "sheet", folder):
        os.utime(path, (long_ago, long_ago))
    old = (now() - ORPHAN_AFTER - timedelta(minutes=1)).timestamp()
    strange = shelf.folder / "not-ours.txt"
    strange.write_text("put there by hand")
    for path in (left, strange):
        os.utime(path, (old, old))
    assert housekeeping.sweep_files(now()) == 2
    assert strange.exists()
    assert (fresh / "sheet").exists()
    assert not folder.exists()
    assert not left.exists()


@pytest.mark.parametrize("name", ["../secret", "1-abc.xlsx", "/etc/passwd", "", "1.part"])
def test_only_names_of_its_own_are_opened_or_deleted(place: Place, name: str) -> None:
    secret = shelf.folder.parent / "secret"
    secret.write_text("not to be had")
    assert shelf.open(name) is None
    shelf.delete(name)
    assert secret.exists()


def test_a_file_that_is_being_written_stays_however_long_that_takes(place: Place) -> None:
    job = place.ask()
    with shelf.part(job.id) as part:
        late: datetime = now() + ORPHAN_AFTER * 3
        assert housekeeping.sweep_files(late) == 0
        assert part.finish() == 0
        assert housekeeping.sweep_files(late) == 0
    Job.update(status="cancelled", ended_at=now()).execute()
    assert housekeeping.sweep_files(late) == 1


SQLITE, POSTGRES = "sqlite:////srv/lec/lec.db", "postgresql://lec@db/lec"
GOOD = [
    ({"DATABASE_URL": SQLITE}, "/srv/lec/lec-files", 24, 90),
    ({"DATABASE_URL": POSTGRES}, str(INSTANCE / "files"), 24, 90),
    ({"DATABASE_URL": POSTGRES, "FILES_DIR": "/mnt/files"}, "/mnt/files", 24, 90),
    ({"EXPORT_KEPT_HOURS": "72", "ACCESS_LOG_DAYS": "365"}, None, 72, 365),
]


@pytest.mark.parametrize(("given", "folder", "hours", "days"), GOOD)
def test_where_files_lie_and_how_long_things_are_kept_is_set(
    given: dict[str, str], folder: str | None, hours: int, days: int
) -> None:
    found = from_environment(given | {"SECRET_KEY": SECRET})
    assert folder is None or str(found.files) == folder
    assert (found.export_kept_hours, found.access_log_days) == (hours, days)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORT_KEPT_HOURS", "0"),
        ("EXPORT_KEPT_HOURS", "a day"),
        ("ACCESS_LOG_DAYS", "89"),
        ("ACCESS_LOG_DAYS", "3651"),
    ],
)
def test_a_time_that_may_not_be_ends_the_start(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        from_environment({"SECRET_KEY": SECRET, name: value})
