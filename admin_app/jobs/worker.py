"""The worker: takes jobs up one after the other and brings each to an end, whatever happens."""

from __future__ import annotations

import logging
import os
import socket
import threading
import traceback
from contextlib import suppress
from secrets import token_hex

from peewee import InterfaceError, OperationalError

from admin_app.database import Clock, is_sqlite, let_go_after
from admin_app.domain.access import may
from admin_app.domain.refusals import Refusal
from admin_app.jobs import queue
from admin_app.jobs.kinds import KIND, ask
from admin_app.models import Job, User, database
from admin_app.services import accounts, jobs
from admin_app.services.errors import NotFound, Refused
from admin_app.services.jobs import Cancelled, Hand, Lost, Stopped

log = logging.getLogger("lec.jobs")
REST_S = 0.05
"""SQLite has one writer: so long a worker lets others write after each batch."""
LONGEST_SLEEP_S = 1.0
STILL_S = 60
"""PostgreSQL lets go of what a worker has locked when that stands still for so long."""
LAST_BATCH_S = 20.0


def name() -> str:
    """Who takes a job up: machine, process, and something that is never used twice."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{token_hex(6)}"


class Worker:
    """Performs jobs on the bound database; ``stop`` is set when it is to end."""

    def __init__(self, clock: Clock, stop: threading.Event) -> None:
        self.clock = clock
        self.stop = stop
        self._busy = threading.Lock()

    def look(self) -> None:
        """Perform whatever waits: jobs whose ring was lost or whose worker died."""
        with database.connection_context():
            waiting = jobs.waiting(self.clock())
        for job_id in waiting:
            if not self.stop.is_set():
                self.perform(job_id)

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
    actor = accounts.actor_of(owner)
    if kind is None:
        raise NotFound(hand.job.kind)
    if not (accounts.may_act(owner, clock()) and may(actor, kind.permission)):
        raise Refused([Refusal("job_owner")])
    hand.end(kind.perform(hand, actor))
    if kind.then:
        with suppress(Refused):  # whoever has asked for too much looks when he opens the page
            ask(actor, kind.then, hand.job.cycle_id, clock)


def _tell(job: Job, error: Exception) -> None:
    """Into the log: what broke and where; never the error's own words, which may name a child."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("job %s (%s) broke: %s\n%s", job.id, job.kind, type(error).__name__, where)


def run(url: str, clock: Clock) -> None:
    """Perform the jobs of the queue at ``url`` until SIGTERM or SIGINT, then the batch in hand."""
    huey = queue.open_queue(url)
    consumer = huey.create_consumer(
        workers=1,
        worker_type="thread",
        max_delay=LONGEST_SLEEP_S,
        graceful_signal="TERM",
        shutdown_timeout=LAST_BATCH_S,
    )
    worker = Worker(clock, consumer.stop_flag)
    queue.answer(huey, worker.perform, worker.look)
    consumer.run()
    worker.finish()
