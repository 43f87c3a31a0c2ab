"""The one door to work in the background: asked for, taken up, brought forward, ended.

The truth is the ``Job`` row; a queue only tells a worker to look at it. A job's work is done in
batches, each one transaction that also writes the job's progress and first makes sure that the
job is still this worker's: so a batch is done whole or not at all, and never by two workers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from admin_app.database import Clock, for_update, for_update_unless_locked, transaction, tuples
from admin_app.domain.access import Actor, may
from admin_app.domain.refusals import Refusal
from admin_app.domain.text import N_
from admin_app.models import Job, User
from admin_app.services.errors import NotFound, Refused
from admin_app.services.typed import row_id

LIVE = ("queued", "running")
STATUS_NAMES: dict[str, str] = {
    "queued": N_("Waiting"),
    "running": N_("Running"),
    "done": N_("Finished"),
    "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
}
DEAD_AFTER = timedelta(minutes=2)
"""Without a sign of life for so long, a worker counts as dead and its job is taken up again."""
UNANSWERED_AFTER = timedelta(minutes=1)
MOST_ATTEMPTS = 5
MOST_OF_ONE = 5


class Cancelled(Exception):
    """Somebody asked for an end: what was done stays, the rest is left."""


class Stopped(Exception):
    """The worker is to end: the job goes back to the queue."""


class Lost(Exception):
    """The job is another worker's by now, or has ended: this one must not touch it any more."""


def ask(
    actor: Actor,
    kind: str,
    permission: str,
    key: str,
    clock: Clock,
    *,
    cycle_id: int | None = None,
    params: dict[str, Any] | None = None,
) -> Job:
    """The job of ``key`` that waits or runs; a new one when there is none.

    Raises NotFound without the permission, Refused when the person has too many jobs under way.
    """
    if not may(actor, permission):
        raise NotFound(kind)
    alive = Job.select().where(Job.key == key, Job.ended_at.is_null())
    with transaction():
        for_update(User.select(User.id).where(User.id == actor.user_id)).get()
        found = alive.first()
        if found is not None:
            return found
        own = Job.select().where(Job.owner == actor.user_id, Job.ended_at.is_null()).count()
        if own >= MOST_OF_ONE:
            raise Refused([Refusal("too_many_jobs", {"count": own})])
        # somebody else may ask for the same at this moment: the index job_alive lets one through
        Job.insert(
            kind=kind,
            key=key,
            cycle=cycle_id,
            owner=actor.user_id,
            params=json.dumps(params or {}, sort_keys=True),
            created_at=clock(),
        ).on_conflict_ignore().execute()
        return Job.select().where(Job.key == key).order_by(Job.id.desc()).get()


def get(actor: Actor, job_id: Any) -> Job:
    """The job, for its owner and for who reads all jobs; NotFound for everybody else."""
    job = Job.get_or_none(Job.id == row_id(job_id))
    if job is None or (job.owner_id != actor.user_id and not may(actor, "job:read")):
        raise NotFound("job")
    return job


def alive(key: str) -> Job | None:
    """The job of this key that waits or runs."""
    return Job.get_or_none(Job.key == key, Job.ended_at.is_null())


def _is_dead(job: Job, now: datetime) -> bool:
    return job.status == "running" and job.beat_at < now - DEAD_AFTER


def cancel(actor: Actor, job_id: Any, clock: Clock) -> Job:
    """Ask for the job's end: at once when nobody works on it, else after the batch in hand."""
    get(actor, job_id)
    with transaction():
        job = for_update(Job.select().where(Job.id == row_id(job_id))).get()
        now = clock()
        if job.status == "queued" or _is_dead(job, now):
            _end(job, "cancelled", now)
        elif job.status == "running":
            Job.update(cancel_asked=True).where(Job.id == job.id).execute()
    return Job.get_by_id(job.id)


# --- the worker's side ---------------------------------------------------------------------------


def waiting(now: datetime) -> list[int]:
    """Ids of the jobs that a worker may take up, oldest first."""
    dead = (Job.status == "running") & (Job.beat_at < now - DEAD_AFTER)
    free = Job.select(Job.id).where((Job.status == "queued") | dead)
    return [job_id for (job_id,) in tuples(free.order_by(Job.created_at, Job.id))]


def start(job_id: int, worker: str, clock: Clock) -> Job | None:
    """Take the job up as ``worker``, a name used once; None when there is nothing to take up.

    A job whose workers died too often fails here; one whose end was asked for ends.
    """
    with transaction():
        # one whose row is locked is in somebody's hand
        job = for_update_unless_locked(Job.select().where(Job.id == job_id)).get_or_none()
        now = clock()
        if job is None or not (job.status == "queued" or _is_dead(job, now)):
            return None
        if job.cancel_asked:
            _end(job, "cancelled", now)
            return None
        if job.attempts >= MOST_ATTEMPTS:
            _end(job, "failed", now, error=Refusal("job_died", {"count": job.attempts}))
            return None
        Job.update(
            status="running",
            worker=worker,
            attempts=Job.attempts + 1,
            started_at=now,
            beat_at=now,
            result=json.dumps({"begun_with": job.done}),
        ).where(Job.id == job.id).execute()
        return Job.get_by_id(job.id)


def _end(
    job: Job,
    status: str,
    now: datetime,
    *,
    result: dict[str, Any] | None = None,
    error: Refusal | None = None,
) -> None:
    told = {"code": error.code, "params": error.params} if error else None
    Job.update(
        status=status,
        ended_at=now,
        doing="",
        result=json.dumps(result or {}, sort_keys=True),
        error=json.dumps(told, sort_keys=True) if told else "",
    ).where(Job.id == job.id).execute()


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

    def end(self, result: dict[str, Any]) -> None:
        """The work is done."""
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
                _end(job, status, self.clock(), **told)

    def give_back(self, *, counts: bool) -> None:
        """Back to the queue, to go on from where it stands; ``counts``: as an attempt."""
        attempts = Job.attempts if counts else Job.attempts - 1
        with transaction():
            Job.update(status="queued", attempts=attempts, worker="", doing="").where(
                self._mine
            ).execute()


# --- how it looks ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glance:
    """A job as a person sees it. ``seconds_left``: None while nothing can be said.

    ``ahead``: jobs that come first; ``unanswered``: no worker is there to take it up.
    """

    job: Job
    percent: int
    seconds_left: int | None
    ahead: int
    unanswered: bool

    @property
    def live(self) -> bool:
        """Whether it waits or runs."""
        return self.job.status in LIVE

    @property
    def result(self) -> dict[str, Any]:
        """What it did, in its kind's own words."""
        found: dict[str, Any] = json.loads(self.job.result)
        return found

    @property
    def error(self) -> Refusal | None:
        """Why it failed."""
        if not self.job.error:
            return None
        told = json.loads(self.job.error)
        return Refusal(told["code"], told["params"])


def glance(job: Job, now: datetime) -> Glance:
    """How far the job is, and whether a worker answers for it at ``now``."""
    percent = job.done * 100 // job.total if job.total else 0
    left = None
    if job.status == "running" and job.total:
        fresh = job.done - json.loads(job.result).get("begun_with", 0)
        if fresh > 0:
            spent = (now - job.started_at).total_seconds()
            left = round(spent / fresh * (job.total - job.done))
    ahead, unanswered = 0, _is_dead(job, now)
    if job.status == "queued":
        before = Job.select().where(Job.ended_at.is_null(), Job.id < job.id)
        ahead = before.count()
        working = before.where(Job.status == "running", Job.beat_at >= now - DEAD_AFTER)
        unanswered = job.created_at < now - UNANSWERED_AFTER and not working.exists()
    return Glance(job, 100 if job.status == "done" else percent, left, ahead, unanswered)
