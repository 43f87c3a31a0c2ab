"""Making findings anew when a rule has changed: school by school, resumable."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from peewee import Database, OperationalError

from admin_app.jobs import kinds, recheck
from admin_app.jobs.worker import Worker
from admin_app.models import Cycle, Job, Unit, UnitState
from admin_app.services import findings, jobs
from tests.country import Country, ManualClock


class Found:
    """Stands for the findings: remembers which schools were looked at, and marks them so."""

    def __init__(self) -> None:
        self.schools: list[int] = []
        self.then: Callable[[], object] = lambda: None

    def refresh(self, cycle_id: int, school: Unit, now: datetime, ids: Any = None) -> None:
        """As ``findings.refresh`` does for a whole school."""
        assert ids is None
        self.schools.append(school.id)
        self.then()
        version = Cycle.get_by_id(cycle_id).rules_version
        UnitState.update(checked=version).where(
            UnitState.cycle == cycle_id, UnitState.unit == school.id
        ).execute()


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """In the place of the findings."""
    stands = Found()
    monkeypatch.setattr(findings, "refresh", stands.refresh)
    return stands


@pytest.fixture
def country(db: Database) -> Country:
    """Four schools of two LAOs."""
    made = Country(db, ManualClock())
    for province in ("81", "82"):
        lao = made.lao(province)
        made.school(lao)
        made.school(lao)
    return made


def run(country: Country, cycle: Cycle, stop: threading.Event | None = None) -> Job:
    """DLA asks, and a worker does it."""
    job = kinds.ask(country.actor("department"), "recheck", cycle.id, country.clock)
    country.db.close()
    Worker(country.clock, stop or threading.Event()).perform(job.id)
    country.db.connect()
    return Job.get_by_id(job.id)


def test_every_school_that_older_rules_judged_is_looked_at_once(
    country: Country, found: Found
) -> None:
    cycle = country.cycle()
    job = run(country, cycle)
    schools = [unit.id for unit in Unit.select().where(Unit.level == "school")]
    assert (job.status, job.done, job.total) == ("done", 6, 6)
    assert sorted(found.schools) == sorted(schools)
    assert jobs.glance(job, country.clock()).result == {"units": 6}
    found.schools.clear()
    assert run(country, cycle).status == "done"
    assert found.schools == []


def test_only_what_is_outdated_is_looked_at(country: Country, found: Found) -> None:
    cycle = country.cycle()
    run(country, cycle)
    found.schools.clear()
    school = Unit.select().where(Unit.level == "school").get()
    UnitState.update(checked=0).where(UnitState.unit == school.id).execute()
    run(country, cycle)
    assert found.schools == [school.id]


def test_a_rule_that_changes_meanwhile_has_all_looked_at_again(
    country: Country, found: Found
) -> None:
    cycle = country.cycle()

    def change() -> None:
        if len(found.schools) == 3:
            Cycle.update(rules_version=Cycle.rules_version + 1).where(
                Cycle.id == cycle.id
            ).execute()

    found.then = change
    assert run(country, cycle).status == "done"
    assert recheck.outdated(cycle.id) == []
    assert len(found.schools) == 4 + 2


def test_a_rule_that_changes_at_the_very_end_has_all_looked_at_again(
    country: Country, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = country.cycle()
    looked, outdated = [], recheck.outdated

    def change_before_the_second_look(cycle_id: int) -> list[int]:
        looked.append(cycle_id)
        if len(looked) == 2:
            Cycle.update(rules_version=Cycle.rules_version + 1).execute()
        return outdated(cycle_id)

    monkeypatch.setattr(recheck, "outdated", change_before_the_second_look)
    assert run(country, cycle).status == "done"
    assert outdated(cycle.id) == []
    assert len(found.schools) == 4 + 4


def test_a_stopped_one_goes_on_with_what_is_left(country: Country, found: Found) -> None:
    cycle = country.cycle()
    stop = threading.Event()
    found.then = lambda: stop.set() if len(found.schools) == 2 else None
    job = run(country, cycle, stop)
    assert (job.status, job.attempts) == ("queued", 0)
    assert run(country, cycle).status == "done"
    assert len(found.schools) == len(set(found.schools)) == 4


def test_schools_that_stay_outdated_do_not_keep_it_for_ever(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "refresh", lambda *args: None)
    assert run(country, country.cycle()).status == "done"


def test_what_breaks_is_told_in_words_and_not_with_a_childs_name(
    country: Country, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = "เด็กชายสมมุติ ใจดี"

    def broken(*args: Any) -> None:
        raise RuntimeError(name)

    monkeypatch.setattr(findings, "refresh", broken)
    job = run(country, country.cycle())
    error = jobs.glance(job, country.clock()).error
    assert error is not None
    assert (job.status, error.code, error.params) == ("failed", "job_broken", {"number": job.id})
    assert "RuntimeError" in caplog.text
    assert name not in caplog.text


def test_who_lost_the_permission_in_between_gets_nothing_done(
    country: Country, found: Found
) -> None:
    cycle = country.cycle()
    job = kinds.ask(country.actor("department"), "recheck", cycle.id, country.clock)
    owner = job.owner
    owner.active = False
    owner.save()
    country.db.close()
    Worker(country.clock, threading.Event()).perform(job.id)
    country.db.connect()
    error = jobs.glance(Job.get_by_id(job.id), country.clock()).error
    assert error is not None
    assert error.code == "job_owner"
    assert found.schools == []


def test_a_database_that_fails_is_tried_again(country: Country, found: Found) -> None:
    cycle = country.cycle()

    def fail() -> None:
        if len(found.schools) == 2:
            raise OperationalError("connection lost")

    found.then = fail
    job = run(country, cycle)
    assert (job.status, job.attempts) == ("queued", 1)
    assert run(country, cycle).status == "done"
    assert len(set(found.schools)) == 4
