"""What is deleted once it has been kept long enough: one row each, in small batches.

Several workers may tidy up at once: a batch that another one was faster with deletes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from admin_app.config import LEAST_ACCESS_LOG_DAYS
from admin_app.database import transaction, tuples
from admin_app.models import (
    AccessLog,
    Job,
    ListMemory,
    LoginAttempt,
    PasswordReset,
    Reminder,
    Table,
    Upload,
    UserSession,
)
from admin_app.services import uploads
from admin_app.services.files import shelf
from admin_app.services.unsaved import ENDPOINT, KEPT_FOR

BATCH = 500
OF_SEARCHES = ListMemory.endpoint.startswith("children:")
OF_FORMS = ListMemory.endpoint == ENDPOINT
SEARCHES_KEPT = timedelta(days=7)
KEPT = timedelta(days=LEAST_ACCESS_LOG_DAYS)
"""Who signed in from where, and who asked for what, is kept as long as the access log at least."""
EDGE = timedelta(minutes=1)
"""The database's own clock, which holds the access log to its 90 days, may be a little behind."""
UPLOADS_KEPT = timedelta(days=30)
"""Of a decided upload only its name and time are left: file and plan were emptied."""


@dataclass(frozen=True, slots=True)
class Old:
    """Rows of a table that go: those that ``are`` old at a moment."""

    name: str
    table: type[Table]
    are: Callable[[datetime], Any]


OLD: tuple[Old, ...] = (
    # a session lives half a day at most, so one that began so long ago has ended
    Old("sessions", UserSession, lambda now: UserSession.created_at < now - KEPT),
    Old("login attempts", LoginAttempt, lambda now: LoginAttempt.at < now - KEPT),
    Old("reset codes", PasswordReset, lambda now: PasswordReset.expires_at < now - KEPT),
    Old(
        "uploads",
        Upload,
        lambda now: (Upload.status != "preview") & (Upload.decided_at < now - UPLOADS_KEPT),
    ),
    Old("forms kept", ListMemory, lambda now: OF_FORMS & (ListMemory.seen_at < now - KEPT_FOR)),
    # what was searched for among children, by name or number
    Old(
        "searches kept",
        ListMemory,
        lambda now: OF_SEARCHES & (ListMemory.seen_at < now - SEARCHES_KEPT),
    ),
    Old("reminders", Reminder, lambda now: Reminder.at < now - KEPT),
    Old("jobs", Job, lambda now: (Job.file == "") & (Job.ended_at < now - KEPT)),
)


def tidy(
    now: datetime, access_log_days: int, stopping: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Delete what is old at ``now``; answers with how many of what, where there were any.

    ``access_log_days``: how long the access log is kept; younger rows than the law asks for the
    database itself refuses to let go.
    """
    kept = max(timedelta(days=access_log_days), KEPT)
    log = Old("access log", AccessLog, lambda moment: AccessLog.at < moment - kept - EDGE)
    gone = {"expired files": expire_files(now), "emptied uploads": uploads.expire(now)}
    gone["orphaned files"] = sweep_files(now)
    gone |= {old.name: _delete(old, now, stopping) for old in (*OLD, log)}
    return {name: count for name, count in gone.items() if count}


def _delete(old: Old, now: datetime, stopping: Callable[[], bool]) -> int:
    key: Any = old.table.id
    query = old.table.select(key).where(old.are(now)).order_by(key).limit(BATCH)
    gone = 0
    while not stopping() and (ids := [row_id for (row_id,) in tuples(query.clone())]):
        with transaction():
            gone += old.table.delete().where(key << ids, old.are(now)).execute()
    return gone


def expire_files(now: datetime) -> int:
    """Delete the files whose time has come."""
    due = Job.select(Job.id, Job.file).where(Job.file != "", Job.expires_at <= now)
    rows = tuples(due)
    for job_id, name in rows:
        shelf.delete(name)
        with transaction():
            Job.update(file="").where(Job.id == job_id, Job.file == name).execute()
    return len(rows)


def sweep_files(now: datetime) -> int:
    """Delete files that no job holds."""
    named = {name for (name,) in tuples(Job.select(Job.file).where(Job.file != ""))}
    living = {job_id for (job_id,) in tuples(Job.select(Job.id).where(Job.ended_at.is_null()))}
    return shelf.sweep(named, living, now)
