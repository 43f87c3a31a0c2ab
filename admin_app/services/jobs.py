"""The one door to work in the background: asked for, taken up, brought forward, ended.

The truth is the ``Job`` row; a queue only tells a worker to look at it. A job's work is done in
batches, each one transaction that also writes the job's progress and first makes sure that the
job is still this worker's: so a batch is done whole or not at all, and never by two workers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from admin_app.database import Clock, for_update, for_update_unless_locked, transaction, tuples
from admin_app.domain.access import Actor, may
from admin_app.domain.refusals import Refusal
from admin_app.domain.text import N_
from admin_app.models import Job, User
from admin_app.services.errors import NotFound, Refused
from admin_app.services.hand import end_row, load_error
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

    It acts from the address of who asked (``params``: that, and what the kind needs to know).

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
            params=json.dumps((params or {}) | {"address": actor.address}, sort_keys=True),
            created_at=clock(),
        ).on_conflict_ignore().execute()
        return Job.select().where(Job.key == key).order_by(Job.id.desc()).get()


def get(actor: Actor, job_id: Any) -> Job:
    """The job, for its owner and for who reads all jobs; NotFound for everybody else."""
    job = Job.get_or_none(Job.id == row_id(job_id))
    if job is None or (job.owner_id != actor.user_id and not may(actor, "job:read")):
        raise NotFound("job")
    return job


def own(actor: Actor, job_id: Any) -> Job:
    """The person's own job; NotFound for anybody else's."""
    job = get(actor, job_id)
    if job.owner_id != actor.user_id:
        raise NotFound("job")
    return job


def latest(actor: Actor, most: int) -> list[Job]:
    """The person's own jobs, newest first."""
    query = Job.select().where(Job.owner == actor.user_id).order_by(Job.id.desc())
    return list(query.limit(most))


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
            end_row(job, "cancelled", now)
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
            end_row(job, "cancelled", now)
            return None
        if job.attempts >= MOST_ATTEMPTS:
            end_row(job, "failed", now, error=Refusal("job_died", {"count": job.attempts}))
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
    def params(self) -> dict[str, Any]:
        """What was asked for."""
        found: dict[str, Any] = json.loads(self.job.params)
        return found

    @property
    def error(self) -> Refusal | None:
        """Why it failed."""
        return load_error(self.job.error) if self.job.error else None


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
