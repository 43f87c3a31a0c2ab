"""Workers as real processes: killed half-way, two at once, told to end, cancelled."""

from __future__ import annotations

import signal
import threading
from typing import Any

import pytest

from admin_app.database import is_sqlite, now
from admin_app.jobs.queue import bell as jobs_bell
from admin_app.jobs.worker import Worker
from admin_app.models import Cycle, Event, Job, Unit
from admin_app.services import carry_over, jobs
from tests.jobs.conftest import (
    SLOW_WORKER,
    STALLED_BETWEEN,
    STALLED_WITHIN,
    Round,
    ended,
    is_whole,
    make_dead,
    refresh,
    rows,
    stands_still,
    wait_until,
)


def undisturbed(a_round: Round) -> list[dict[str, object]]:
    """What a worker carries over that nobody disturbs, into the year's second round."""
    cycle = a_round.new_cycle("2568-2")
    job = a_round.ask(cycle)
    with a_round.worker():
        alive = Job.select().where(Job.ended_at.is_null())  # the check by the rules comes after it
        wait_until(lambda: not alive.exists(), "the undisturbed run")
    assert refresh(job).status == "done", refresh(job).error
    assert Cycle.get_by_id(cycle.id).started_at is not None
    return rows(cycle)


def half_way(job: Job) -> bool:
    """Whether the job is under way, with much done and much to do."""
    found = refresh(job)
    return bool(found.total and found.total // 4 <= found.done <= found.total * 3 // 4)


def test_a_worker_killed_half_way_leaves_whole_batches_and_the_next_one_goes_on(
    a_round: Round,
) -> None:
    expected = undisturbed(a_round)
    cycle = a_round.new_cycle("2568-1")
    job = a_round.ask(cycle)
    with a_round.worker(SLOW_WORKER) as worker:
        wait_until(lambda: half_way(job), "half of the work")
        worker.kill()
        worker.wait()
    found = refresh(job)
    assert (found.status, found.attempts) == ("running", 1)
    assert 0 < found.done < found.total
    assert Cycle.get_by_id(cycle.id).started_at is None
    for school in Unit.select().where(Unit.level == "school"):
        assert is_whole(cycle, school)
    make_dead(job)
    with a_round.worker():
        wait_until(lambda: ended(job), "the end")
    found = refresh(job)
    assert (found.status, found.attempts, found.done) == ("done", 2, found.total)
    assert rows(cycle) == expected
    assert Cycle.get_by_id(cycle.id).started_at is not None
    histories = Event.select().where(Event.cycle == cycle.id, Event.tag == "child.carried")
    assert histories.count() == Unit.select().where(Unit.level == "school").count()


def test_two_workers_do_one_job_once(a_round: Round) -> None:
    expected = undisturbed(a_round)
    cycle = a_round.new_cycle("2568-1")
    with a_round.worker(SLOW_WORKER), a_round.worker(SLOW_WORKER):
        job = a_round.ask(cycle)
        assert a_round.ask(cycle) == job
        wait_until(lambda: ended(job), "the end")
    assert (refresh(job).status, refresh(job).attempts) == ("done", 1)
    assert rows(cycle) == expected


def test_a_worker_that_only_seemed_dead_writes_nothing_when_it_wakes(a_round: Round) -> None:
    expected = undisturbed(a_round)
    cycle = a_round.new_cycle("2568-1")
    job = a_round.ask(cycle)
    with a_round.worker(STALLED_BETWEEN) as stalled:
        wait_until(lambda: stands_still(stalled), "the stand-still")
        make_dead(job)
        with a_round.worker(SLOW_WORKER):
            wait_until(lambda: refresh(job).attempts == 2, "the other worker")
            stalled.send_signal(signal.SIGCONT)
            wait_until(lambda: ended(job), "the end")
    assert (refresh(job).status, refresh(job).attempts) == ("done", 2)
    assert rows(cycle) == expected


@pytest.mark.postgres
def test_a_worker_that_stands_still_within_a_batch_holds_nobody_up(a_round: Round) -> None:
    """With SQLite it would, but there worker and panel are one machine."""
    if is_sqlite():
        return
    expected = undisturbed(a_round)
    cycle = a_round.new_cycle("2568-1")
    job = a_round.ask(cycle)
    with a_round.worker(STALLED_WITHIN) as stalled:
        wait_until(lambda: stands_still(stalled), "the stand-still")
        with a_round.worker():
            make_dead(job)  # waits until PostgreSQL has let go
            jobs_bell.ring(job.id)
            wait_until(lambda: ended(job), "the end")
            stalled.send_signal(signal.SIGCONT)
    assert refresh(job).status == "done"
    assert rows(cycle) == expected


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_end_gives_the_job_back(
    a_round: Round, number: signal.Signals
) -> None:
    cycle = a_round.new_cycle("2568-1")
    job = a_round.ask(cycle)
    with a_round.worker(SLOW_WORKER) as worker:
        wait_until(lambda: half_way(job), "half of the work")
        worker.send_signal(number)
        assert worker.wait(20) == 0
    found = refresh(job)
    assert (found.status, found.attempts) == ("queued", 0)
    with a_round.worker():
        wait_until(lambda: ended(job), "the end")
    assert refresh(job).status == "done"


def test_a_cancelled_job_ends_between_batches_and_asked_again_goes_on(a_round: Round) -> None:
    expected = undisturbed(a_round)
    cycle = a_round.new_cycle("2568-1")
    job = a_round.ask(cycle)
    with a_round.worker(SLOW_WORKER):
        wait_until(lambda: half_way(job), "half of the work")
        jobs.cancel(a_round.country.actor("department"), job.id, now)
        wait_until(lambda: ended(job), "the cancel")
        assert refresh(job).status == "cancelled"
        assert Cycle.get_by_id(cycle.id).started_at is None
        again = a_round.ask(cycle)
        assert again != job
        wait_until(lambda: ended(again), "the end")
    assert refresh(again).status == "done"
    assert rows(cycle) == expected


@pytest.mark.parametrize("what", ["cancelled", "stopped", "lost"])
def test_an_end_during_the_last_batch_leaves_the_cycle_unopened(
    a_round: Round, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    cycle = a_round.new_cycle("2568-1")
    job, stop, carry = a_round.ask(cycle), threading.Event(), carry_over.carry

    def carry_and_end(*args: Any) -> None:
        carry(*args)
        if any(carry_over.batches(cycle)):
            return
        if what == "stopped":
            stop.set()
        changes = {"cancelled": {"cancel_asked": True}, "lost": {"worker": "another"}}
        if what in changes:
            Job.update(**changes[what]).where(Job.id == job.id).execute()

    monkeypatch.setattr(carry_over, "carry", carry_and_end)
    a_round.country.db.close()
    Worker(now, stop).perform(job.id)
    a_round.country.db.connect(reuse_if_open=True)
    found = refresh(job)
    wanted = {"cancelled": "cancelled", "stopped": "queued", "lost": "running"}
    assert (found.status, found.done) == (wanted[what], found.total)
    assert Cycle.get_by_id(cycle.id).started_at is None
    assert not Event.select().where(Event.cycle == cycle.id, Event.tag == "cycle.carried").exists()
    monkeypatch.setattr(carry_over, "carry", carry)
    if what == "lost":
        make_dead(job)
    again = a_round.ask(cycle)
    Worker(now, threading.Event()).perform(again.id)
    a_round.country.db.connect(reuse_if_open=True)
    assert refresh(again).status == "done"
    assert Cycle.get_by_id(cycle.id).started_at is not None


def test_a_job_whose_ring_was_lost_is_found_by_a_worker_itself(a_round: Round) -> None:
    jobs_bell.bind("")
    job = a_round.ask(a_round.new_cycle("2568-1"))
    with a_round.worker():
        wait_until(lambda: ended(job), "the end")
    assert refresh(job).status == "done"
