"""The worker: takes jobs up one after the other and brings each to an end, whatever happens."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import threading
import traceback
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import token_hex

from peewee import InterfaceError, OperationalError

from admin_app.config import LEAST_ACCESS_LOG_DAYS, Settings
from admin_app.database import Clock, is_sqlite, let_go_after
from admin_app.domain.access import may
from admin_app.domain.refusals import Refusal
from admin_app.jobs import imports, queue
from admin_app.jobs.kinds import KIND, ask
from admin_app.jobs.reading import STILL_S
from admin_app.mail import post
from admin_app.models import Job, User, database
from admin_app.services import accounts, housekeeping, jobs
from admin_app.services.errors import NotFound, Refused
from admin_app.services.files import shelf
from admin_app.services.hand import Cancelled, Hand, Lost, Stopped

log = logging.getLogger("lec.jobs")
housekeeper = logging.getLogger("lec.housekeeping")
TIDY_EVERY = timedelta(hours=1)
REST_S = 0.05
"""SQLite has one writer: so long a worker lets others write after each batch."""
LONGEST_SLEEP_S = 1.0
LAST_BATCH_S = 20.0


def name() -> str:
    """Who takes a job up: machine, process, and something that is never used twice."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{token_hex(6)}"


class Worker:
    """Performs jobs on the bound database; ``stop`` is set when it is to end.

    ``access_log_days``: how long the access log is kept.
    """

    def __init__(
        self,
        clock: Clock,
        stop: threading.Event,
        access_log_days: int = LEAST_ACCESS_LOG_DAYS,
    ) -> None:
        self.clock = clock
        self.stop = stop
        self.access_log_days = access_log_days
        self._busy = threading.Lock()
        self._tidied_at: datetime | None = None

    def look(self) -> None:
        """Perform whatever waits: jobs whose ring was lost or whose worker died. Then tidy up, at
        the first look and once an hour.
        """
        with database.connection_context():
            now = self.clock()
            waiting = jobs.waiting(now)
        for job_id in waiting:
            if not self.stop.is_set():
                self.perform(job_id)
        if self._tidied_at is None or now >= self._tidied_at + TIDY_EVERY:
            self._tidied_at = now
            self.tidy()

    def tidy(self) -> None:
        """Delete what has been kept long enough; several workers may do so at once."""
        with self._busy, database.connection_context():
            try:
                gone = housekeeping.tidy(self.clock(), self.access_log_days, self.stop.is_set)
            except (OperationalError, InterfaceError) as error:
                housekeeper.warning("tidying up failed: %s", type(error).__name__)
                return
            if gone:
                told = ", ".join(f"{name}: {count}" for name, count in gone.items())
                housekeeper.info("deleted: %s", told)

    def perform(self, job_id: int) -> None:
        """Bring one job to an end, unless another worker has it or it has ended."""
        with self._busy, database.connection_context():
            let_go_after(STILL_S)
            job = jobs.start(job_id, name(), self.clock)
            if job is None:
                return
            hand = Hand(
                job,
                self.clock,
                self.stop.is_set,
                (lambda: self.stop.wait(REST_S)) if is_sqlite() else (lambda: None),
            )
            try:
                _work(hand, self.clock)
            except Stopped:
                hand.give_back(counts=False)
            except Cancelled:
                hand.cancelled()
            except Lost:
                log.warning("job %s is another worker's by now", job.id)
            except Refused as refused:
                hand.fail(refused.refusals[0])
            except (OperationalError, InterfaceError) as error:
                log.warning("job %s: the database failed (%s)", job.id, type(error).__name__)
                hand.give_back(counts=True)
            except Exception as error:
                _tell(job, error)
                hand.fail(Refusal("job_broken", {"number": job.id}))

    def finish(self) -> None:
        """Wait for the batch in hand."""
        if self._busy.acquire(timeout=LAST_BATCH_S):
            self._busy.release()


def _work(hand: Hand, clock: Clock) -> None:
    kind = KIND.get(hand.job.kind)
    owner: User = hand.job.owner
    actor = accounts.actor_of(owner, hand.params.get("address", ""))
    if kind is None:
        raise NotFound(hand.job.kind)
    if not (accounts.may_act(owner, clock()) and may(actor, kind.needs(hand.params))):
        raise Refused([Refusal("job_owner")])
    hand.end(kind.perform(hand, actor))
    if kind.then:
        with suppress(Refused):  # whoever has asked for too much looks when he opens the page
            ask(actor, kind.then, hand.job.cycle_id, clock)


def _tell(job: Job, error: Exception) -> None:
    """Into the log: what broke and where; never the error's own words, which may name a child."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("job %s (%s) broke: %s\n%s", job.id, job.kind, type(error).__name__, where)


def run(settings: Settings, clock: Clock) -> None:
    """Perform the queue's jobs until SIGTERM or SIGINT, then the batch in hand."""
    housekeeper.setLevel(logging.INFO)
    shelf.bind(settings.files, timedelta(hours=settings.export_kept_hours))
    imports.read_within(settings.imports)
    post.bind(settings)
    tempfile.tempdir = str(shelf.scratch)  # rows of children that a killed worker leaves behind
    huey = queue.open_queue(settings.queue)
    consumer = huey.create_consumer(
        workers=1,
        worker_type="thread",
        max_delay=LONGEST_SLEEP_S,
        graceful_signal="TERM",
        shutdown_timeout=LAST_BATCH_S,
    )
    worker = Worker(clock, consumer.stop_flag, settings.access_log_days)
    queue.answer(huey, worker.perform, worker.look)
    consumer.run()
    worker.finish()
