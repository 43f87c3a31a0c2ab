"""What is deleted, and when: a table of cases; younger rows stay, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from peewee import DatabaseError

from admin_app.models import (
    AccessLog,
    Cycle,
    Job,
    LoginAttempt,
    PasswordReset,
    Reminder,
    Table,
    Upload,
    User,
    UserSession,
    database,
)
from admin_app.services import housekeeping, uploads
from tests.country import Country
from tests.services.test_races import race, surprises

DAYS_90, DAYS_30 = timedelta(days=90), timedelta(days=30)
NOW = datetime.now(UTC)  # the trigger of the access log reads the database's own clock
LITTLE = timedelta(minutes=5)


def _owner(country: Country) -> int:
    return country.actor("department").user_id


def _log(country: Country, at: datetime) -> Table:
    return AccessLog.create(at=at, user=_owner(country), tag="export", rows=1)


def _session(country: Country, at: datetime) -> Table:
    return UserSession.create(
        user=_owner(country), token_hash=str(at), created_at=at, seen_at=at, ended_at=at
    )


def _attempt(country: Country, at: datetime) -> Table:
    return LoginAttempt.create(key="account:x", at=at)


def _reset(country: Country, at: datetime) -> Table:
    return PasswordReset.create(
        user=_owner(country), code_hash="x", created_at=at, expires_at=at, used_at=at
    )


def _job(country: Country, at: datetime, **over: Any) -> Table:
    values = {"status": "done", "ended_at": at, "file": ""} | over
    return Job.create(kind="recheck", key="x", owner=_owner(country), created_at=at, **values)


def _upload(country: Country, at: datetime, **over: Any) -> Table:
    cycle = Cycle.select().first() or country.cycle()
    values = {"status": "accepted", "decided_at": at} | over
    return Upload.create(
        kind="roster",
        cycle=cycle.id,
        unit=country.department.id,
        owner=_owner(country),
        created_at=at,
        **values,
    )


def _reminder(country: Country, at: datetime) -> Table:
    cycle = Cycle.select().first() or country.cycle()
    unit, user = country.department.id, country.user("department").id
    values = {"user": user, "unit": unit, "cycle": cycle.id, "status": "sent"}
    return Reminder.create(day=at.date(), at=at, **values)


Make = Callable[[Country, datetime], Table]
CASES: dict[str, tuple[Make, timedelta]] = {
    "access log": (_log, DAYS_90),
    "sessions": (_session, DAYS_90),
    "login attempts": (_attempt, DAYS_90),
    "reset codes": (_reset, DAYS_90),
    "jobs": (_job, DAYS_90),
    "reminders": (_reminder, DAYS_90),
    "uploads": (_upload, DAYS_30),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_older_than_its_time_goes_and_the_rest_stays(country: Country, name: str) -> None:
    make, kept = CASES[name]
    old, young = make(country, NOW - kept - LITTLE), make(country, NOW - kept + LITTLE)
    table = type(old)
    assert housekeeping.tidy(NOW, 90) == {name: 1}
    assert table.get_or_none(table.id == old.id) is None
    assert table.get_or_none(table.id == young.id) is not None
    assert housekeeping.tidy(NOW, 90) == {}


STAY: dict[str, Callable[[Country, datetime], Table]] = {
    "a job under way": lambda c, at: _job(c, at, status="running", ended_at=None),
    "a job whose file is still there": lambda c, at: _job(
        c, at, file="1-x.xlsx", expires_at=NOW + LITTLE
    ),
}


@pytest.mark.parametrize("name", STAY)
def test_what_is_not_over_stays_however_old(country: Country, name: str) -> None:
    row = STAY[name](country, NOW - timedelta(days=4_000))
    assert housekeeping.tidy(NOW, 90) == {}
    assert type(row).get_or_none(type(row).id == row.id) is not None


def test_an_upload_that_nobody_decided_on_is_emptied_after_a_day(country: Country) -> None:
    made: Any = _upload(country, NOW - uploads.KEPT_FOR - LITTLE, status="preview", decided_at=None)
    waits: Any = _upload(
        country, NOW - uploads.KEPT_FOR + LITTLE, status="preview", decided_at=None, file=b"x"
    )
    Upload.update(file=b"names of children").where(Upload.id == made.id).execute()
    assert housekeeping.tidy(NOW, 90) == {"emptied uploads": 1}
    found = Upload.get_by_id(made.id)
    assert (found.status, found.file, found.plan) == ("expired", None, "{}")
    assert Upload.get_by_id(waits.id).status == "preview"


def test_the_access_log_may_be_kept_longer_but_never_shorter(country: Country) -> None:
    _log(country, NOW - timedelta(days=200))
    _log(country, NOW - timedelta(days=30))
    assert housekeeping.tidy(NOW, 365) == {}
    assert housekeeping.tidy(NOW, 10) == {"access log": 1}
    assert AccessLog.select().count() == 1


def test_the_database_itself_keeps_what_the_law_asks_for(country: Country) -> None:
    young = _log(country, datetime.now(UTC) - DAYS_90 + LITTLE)
    with pytest.raises(DatabaseError), database.atomic():
        AccessLog.delete().where(AccessLog.id == young.id).execute()
    with pytest.raises(DatabaseError), database.atomic():
        AccessLog.update(rows=0).execute()
    assert AccessLog.select().count() == 1


def test_it_goes_in_batches_and_stops_when_the_worker_is_to_end(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    for minutes in range(7):
        _attempt(country, NOW - DAYS_90 - timedelta(minutes=5 + minutes))
    asked: list[bool] = []

    def stopping() -> bool:
        asked.append(True)
        return len(asked) > 3  # sessions, and then two batches

    assert housekeeping.tidy(NOW, 90, stopping) == {"login attempts": 4}
    assert housekeeping.tidy(NOW, 90) == {"login attempts": 3}


def test_several_workers_may_tidy_up_at_once(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    for minutes in range(20):
        _log(country, NOW - DAYS_90 - timedelta(minutes=5 + minutes))
        _attempt(country, NOW - DAYS_90 - timedelta(minutes=5 + minutes))
    found = race(*(lambda: housekeeping.tidy(NOW, 90) for _ in range(3)))
    assert not surprises(found)
    totals = [sum(one.get(name, 0) for one in found) for name in ("access log", "login attempts")]
    assert totals == [20, 20]
    assert not AccessLog.select().exists()


def test_accounts_stay(country: Country) -> None:
    _session(country, NOW - timedelta(days=400))
    before = User.select().count()
    housekeeping.tidy(NOW, 90)
    assert User.select().count() == before
