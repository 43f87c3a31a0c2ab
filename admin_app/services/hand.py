"""A job in a worker's hand: brought forward in whole batches, or watched over while it reads.

Whoever writes first makes sure that the job is still this worker's.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import InterfaceError, OperationalError

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.refusals import Refusal
from admin_app.domain.text import N_
from admin_app.models import Job, database

log = logging.getLogger("lec.jobs")
BEAT_S = 1.0
"""So often a job that only reads writes its sign of life, and looks whether it is to end."""
MOMENT = "moment"
# what a job is at where it does not go from unit to unit
PHASES: dict[str, str] = {
    "reading": N_("reading"),
    "checking": N_("checking"),
    "writing": N_("writing"),
    "rules": N_("checking by the rules"),
    "finishing": N_("finishing the file"),
}


class Cancelled(Exception):
    """Somebody asked for an end: what was done stays, the rest is left."""


class Stopped(Exception):
    """The worker is to end: the job goes back to the queue."""


class Lost(Exception):
    """The job is another worker's by now, or has ended: this one must not touch it any more."""


def dump_error(error: Refusal) -> str:
    """A refusal as JSON; the moments that it names, too."""
    told = {"code": error.code, "params": error.params}
    return json.dumps(told, sort_keys=True, default=lambda at: {MOMENT: at.isoformat()})


def load_error(text: str) -> Refusal:
    """What ``dump_error`` wrote."""
    told = json.loads(
        text,
        object_hook=lambda found: (
            datetime.fromisoformat(found[MOMENT]) if found.keys() == {MOMENT} else found
        ),
    )
    return Refusal(told["code"], told["params"])


def end_row(
    job: Job,
    status: str,
    now: datetime,
    *,
    result: dict[str, Any] | None = None,
    error: Refusal | None = None,
) -> None:
    """Inside a transaction: the job's end, as ``status``."""
    Job.update(
        status=status,
        done=Job.total if status == "done" else Job.done,
        ended_at=now,
        doing="",
        result=json.dumps(result or {}, sort_keys=True),
        error=dump_error(error) if error else "",
    ).where(Job.id == job.id).execute()


@dataclass
class Ending:
    """What the last transaction of a job leaves on it: the result, and a file that it made."""

    result: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    expires_at: datetime | None = None


class Pulse(threading.Thread):
    """Signs of life and progress while the worker reads for long, on a connection of its own.

    A long read is one transaction: within it neither can the job's row be written (SQLite) nor a
    cancel be seen. ``problem``: what ends the work, Lost and Cancelled among them.
    """

    def __init__(self, hold: Callable[..., datetime]) -> None:
        super().__init__(name="pulse", daemon=True)
        self.told: dict[str, Any] = {}
        self.problem: Exception | None = None
        self.over = threading.Event()
        self._hold = hold

    def run(self) -> None:
        while self.problem is None and not self.over.wait(BEAT_S):
            try:
                with database.connection_context(), transaction():
                    self._hold(**self.told)
            except (OperationalError, InterfaceError) as error:
                log.info("no sign of life this time (%s)", type(error).__name__)
            except Exception as error:
                self.problem = error


class Hand:
    """A job in a worker's hand. ``stopping``: whether the worker is to end; ``rest``: called after
    each batch, so that others may write in between.
    """

    def __init__(
        self,
        job: Job,
        clock: Clock,
        stopping: Callable[[], bool] = lambda: False,
        rest: Callable[[], object] = lambda: None,
    ) -> None:
        self.job = job
        self.clock = clock
        self._stopping = stopping
        self._rest = rest
        mine = (Job.worker == job.worker) & (Job.status == "running")
        self._mine = (Job.id == job.id) & mine
        self._pulse: Pulse | None = None

    @property
    def params(self) -> dict[str, Any]:
        """What was asked for."""
        found: dict[str, Any] = json.loads(self.job.params)
        return found

    def _hold(self, **changes: Any) -> datetime:
        """Inside a transaction: the job's row, as long as it is ours. Raises Lost, Cancelled."""
        now = self.clock()
        if not Job.update(beat_at=now, **changes).where(self._mine).execute():
            raise Lost
        if Job.select().where(Job.id == self.job.id, Job.cancel_asked).exists():
            raise Cancelled
        return now

    def plan(self, done: int, total: int) -> None:
        """How much there is and how much of it is done already, in any unit that can be counted."""
        with transaction():
            begun = json.dumps({"begun_with": done})
            self._hold(done=done, total=total, result=begun)

    @contextmanager
    def batch(self, size: int, doing: str = "") -> Iterator[datetime]:
        """One whole piece of the work, of ``size``, as one transaction; gives its moment.

        Raises Stopped, Cancelled or Lost before anything is written.
        """
        if self._stopping():
            raise Stopped
        with transaction():
            yield self._hold(done=Job.done + size, doing=doing[:64])
        self._rest()

    @contextmanager
    def pulsing(self) -> Iterator[None]:
        """Signs of life by themselves while the block reads, or writes one long transaction."""
        self._pulse = Pulse(self._hold)
        self._pulse.start()
        try:
            yield
        finally:
            self._pulse.over.set()
            self._pulse.join()
            self._pulse = None

    def pulse(self, done: int, total: int | None = None, doing: str = "") -> None:
        """Within ``pulsing``, outside or inside a transaction: so much is done; costs next to
        nothing. Raises Stopped, Cancelled, Lost.
        """
        if self._stopping():
            raise Stopped
        if self._pulse is None:
            return
        if self._pulse.problem is not None:
            raise self._pulse.problem
        told: dict[str, Any] = {"done": done, "doing": doing[:64]}
        self._pulse.told = told if total is None else told | {"total": total}

    @contextmanager
    def ending(self) -> Iterator[Ending]:
        """The last transaction: what is written in the block and the job's end, or neither.

        Raises Stopped, Cancelled or Lost, and then nothing of it was written.
        """
        if self._stopping():
            raise Stopped
        with transaction():
            end = Ending()
            yield end
            now = self._hold()
            end_row(self.job, "done", now, result=end.result)
            Job.update(file=end.file, expires_at=end.expires_at).where(
                Job.id == self.job.id
            ).execute()

    def end(self, result: dict[str, Any]) -> None:
        """The work is done; nothing is left to do when it ended in ``ending``."""
        self._close("done", result=result)

    def fail(self, error: Refusal) -> None:
        """The work cannot be done; ``error`` says why, and what to do next."""
        self._close("failed", error=error)

    def cancelled(self) -> None:
        """The work ends where it stands, as was asked."""
        self._close("cancelled")

    def _close(self, status: str, **told: Any) -> None:
        with transaction():
            job = for_update(Job.select().where(self._mine)).get_or_none()
            if job is not None:
                end_row(job, status, self.clock(), **told)

    def give_back(self, *, counts: bool) -> None:
        """Back to the queue, to go on from where it stands; ``counts``: as an attempt."""
        attempts = Job.attempts if counts else Job.attempts - 1
        with transaction():
            Job.update(status="queued", attempts=attempts, worker="", doing="").where(
                self._mine
            ).execute()
