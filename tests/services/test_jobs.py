"""Jobs: asked for once, held by one worker, done in whole batches, taken up again, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from peewee import Database, IntegrityError

from admin_app.models import Job, Unit
from admin_app.services import accounts, jobs
from admin_app.services.errors import NotFound
from admin_app.services.hand import Cancelled, Hand, Lost, Stopped
from tests.country import Country, ManualClock
from tests.services.conftest import refused
from tests.services.test_races import race, surprises

DEAD = jobs.DEAD_AFTER + timedelta(seconds=1)


def asked(country: Country, key: str = "carry_over:1", role: str = "department") -> Job:
    """A job asked for by DLA."""
    actor = country.actor(role)
    return jobs.ask(actor, "carry_over", "cycle:carry", key, country.clock)


def taken(country: Country, job: Job, worker: str = "one") -> Hand:
    """The job in the hand of a worker."""
    found = jobs.start(job.id, worker, country.clock)
    assert found is not None
    return Hand(found, country.clock)


def status(job: Job) -> str:
    """Where the job stands."""
    found: str = Job.get_by_id(job.id).status
    return found


# --- asking ---------------------------------------------------------------------


def test_two_clicks_make_one_job(country: Country) -> None:
    first = asked(country)
    assert asked(country) == first
    taken(country, first)
    assert asked(country) == first
    assert Job.select().count() == 1


def test_what_has_ended_can_be_asked_for_again(country: Country) -> None:
    first = asked(country)
    taken(country, first).end({})
    assert asked(country) != first


def test_of_people_who_ask_at_the_same_moment_all_get_the_same_job(
    db: Database, country: Country
) -> None:
    people = [_another(country) for _ in range(4)]
    for number in range(5):
        key = f"carry_over:{number}"
        racers = [
            lambda a=a, k=key: jobs.ask(a, "carry_over", "cycle:carry", k, country.clock).id
            for a in people
        ]
        found = race(*racers)
        assert not surprises(found)
        assert len(set(found)) == 1
        Job.update(status="done", ended_at=country.clock()).execute()


def _another(country: Country) -> Any:
    return accounts.actor_of(country.user("department"))


def test_one_person_cannot_fill_the_queue(country: Country) -> None:
    for number in range(jobs.MOST_OF_ONE):
        asked(country, f"carry_over:{number}")
    assert refused(lambda: asked(country, "carry_over:more")) == ["too_many_jobs"]
    assert asked(country, "carry_over:0").key == "carry_over:0"
    other = _another(country)
    jobs.ask(other, "carry_over", "cycle:carry", "carry_over:more", country.clock)


def test_who_may_not_do_it_may_not_ask_for_it(country: Country) -> None:
    with pytest.raises(NotFound):
        asked(country, role="helpdesk")
    assert not Job.select().exists()


def test_a_job_is_its_owners_and_dlas(country: Country) -> None:
    lao = country.lao("81")
    own = country.own(lao)
    job = jobs.ask(own, "any", "child:import", "any:1", country.clock)
    assert jobs.get(own, job.id) == jobs.get(country.actor("department"), str(job.id)) == job
    for actor in (country.actor("helpdesk"), country.own(country.lao("81"))):
        for attempt in (
            lambda a=actor: jobs.get(a, job.id),
            lambda a=actor: jobs.cancel(a, job.id, country.clock),
        ):
            with pytest.raises(NotFound):
                attempt()
    for nonsense in ("x", "-1", "9" * 30, 9_999):
        with pytest.raises(NotFound):
            jobs.get(own, nonsense)


# --- holding ---------------------------------------------------------------------


def test_a_job_is_one_workers(country: Country) -> None:
    job = asked(country)
    taken(country, job)
    assert jobs.start(job.id, "two", country.clock) is None
    assert jobs.start(9_999, "two", country.clock) is None
    assert jobs.waiting(country.clock()) == []


def test_of_workers_that_start_it_at_the_same_moment_one_has_it(
    db: Database, country: Country
) -> None:
    for number in range(5):
        job = asked(country, f"carry_over:{number}")
        found = race(
            *(lambda n=n, j=job: jobs.start(j.id, f"worker {n}", country.clock) for n in range(4))
        )
        assert not surprises(found)
        assert sum(isinstance(one, Job) for one in found) == 1
        Job.update(status="done", ended_at=country.clock()).execute()


def test_the_job_of_a_dead_worker_is_taken_up_and_the_dead_one_can_write_no_more(
    country: Country, clock: ManualClock
) -> None:
    job = asked(country)
    first = taken(country, job)
    with first.batch(3):
        Unit.update(phone="1").where(Unit.id == country.department.id).execute()
    clock.now += DEAD
    assert jobs.waiting(clock()) == [job.id]
    second = taken(country, job, "two")
    with pytest.raises(Lost), first.batch(3):
        Unit.update(phone="2").where(Unit.id == country.department.id).execute()
    for late in (lambda: first.end({}), lambda: first.give_back(counts=True)):
        late()
        assert status(job) == "running"
    assert country.department.phone == "1"
    assert Job.get_by_id(job.id).done == 3
    second.end({"children": 1})
    assert status(job) == "done"


def test_a_worker_that_gives_signs_of_life_keeps_its_job(
    country: Country, clock: ManualClock
) -> None:
    job = asked(country)
    hand = taken(country, job)
    for _ in range(4):
        clock.now += jobs.DEAD_AFTER - timedelta(seconds=1)
        with hand.batch(1):
            pass
        assert jobs.waiting(clock()) == []


def test_a_job_whose_workers_die_again_and_again_fails_with_words(
    country: Country, clock: ManualClock
) -> None:
    job = asked(country)
    for number in range(jobs.MOST_ATTEMPTS):
        taken(country, job, f"worker {number}")
        clock.now += DEAD
    assert jobs.start(job.id, "one more", clock) is None
    error = jobs.glance(Job.get_by_id(job.id), clock()).error
    assert error is not None
    assert (status(job), error.code) == ("failed", "job_died")
    assert error.message
    assert error.advice


def test_a_worker_that_is_told_to_end_gives_its_job_back_uncounted(country: Country) -> None:
    job = asked(country)
    for _ in range(jobs.MOST_ATTEMPTS + 2):
        found = jobs.start(job.id, "one", country.clock)
        assert found is not None
        hand = Hand(found, country.clock, stopping=lambda: True)
        with pytest.raises(Stopped), hand.batch(1):
            pass
        hand.give_back(counts=False)
    assert jobs.waiting(country.clock()) == [job.id]
    hand = taken(country, job)
    hand.give_back(counts=True)
    assert Job.get_by_id(job.id).attempts == 1


# --- batches ---------------------------------------------------------------------


def test_a_batch_that_breaks_leaves_neither_work_nor_progress(country: Country) -> None:
    job = asked(country)
    hand = taken(country, job)
    hand.plan(0, 10)
    write = Unit.update(phone="9", level="none").where(Unit.id == country.department.id)
    with pytest.raises(IntegrityError), hand.batch(4):
        write.execute()  # a level that the table refuses
    with hand.batch(2, doing="กระบี่" * 20):
        pass
    found = Job.get_by_id(job.id)
    assert (found.done, found.total) == (2, 10)
    assert found.doing.startswith("กระบี่")
    assert country.department.phone == ""


def test_others_get_their_turn_after_each_batch(country: Country) -> None:
    found = jobs.start(asked(country).id, "one", country.clock)
    assert found is not None
    rests: list[bool] = []
    hand = Hand(found, country.clock, rest=lambda: rests.append(country.db.in_transaction()))
    for _ in range(3):
        with hand.batch(1):
            pass
    assert rests == [False] * 3


# --- ending ---------------------------------------------------------------------


def test_a_cancel_is_honoured_before_the_next_batch(country: Country) -> None:
    job = asked(country)
    hand = taken(country, job)
    with hand.batch(1):
        pass
    assert jobs.cancel(country.actor("department"), job.id, country.clock).status == "running"
    with pytest.raises(Cancelled), hand.batch(1):
        pass
    hand.cancelled()
    found = Job.get_by_id(job.id)
    assert (found.status, found.done, found.ended_at) == ("cancelled", 1, country.clock())


def test_what_nobody_works_on_is_cancelled_at_once(country: Country, clock: ManualClock) -> None:
    waiting, dead = asked(country, "carry_over:1"), asked(country, "carry_over:2")
    taken(country, dead)
    clock.now += DEAD
    dla = country.actor("department")
    for job in (waiting, dead):
        assert jobs.cancel(dla, job.id, clock).status == "cancelled"
        assert jobs.start(job.id, "late", clock) is None
    ended = jobs.cancel(dla, waiting.id, clock)
    assert ended.status == "cancelled"


def test_a_cancel_that_its_worker_did_not_live_to_see_ends_it_at_the_next_start(
    country: Country, clock: ManualClock
) -> None:
    job = asked(country)
    taken(country, job)
    jobs.cancel(country.actor("department"), job.id, clock)
    clock.now += DEAD
    assert jobs.start(job.id, "two", clock) is None
    assert status(job) == "cancelled"


# --- how it looks ---------------------------------------------------------------------


def test_the_time_left_follows_the_pace_since_it_was_taken_up(
    country: Country, clock: ManualClock
) -> None:
    job = asked(country)
    hand = taken(country, job)
    hand.plan(50, 100)
    assert jobs.glance(Job.get_by_id(job.id), clock()).seconds_left is None
    clock.tick(seconds=30)
    with hand.batch(10):
        pass
    seen = jobs.glance(Job.get_by_id(job.id), clock())
    assert (seen.percent, seen.seconds_left, seen.unanswered) == (60, 120, False)
    hand.end({"children": 7})
    seen = jobs.glance(Job.get_by_id(job.id), clock())
    assert (seen.percent, seen.seconds_left, seen.live) == (100, None, False)
    assert seen.result == {"children": 7}


def test_it_is_said_when_no_worker_answers(country: Country, clock: ManualClock) -> None:
    first, second = asked(country, "carry_over:1"), asked(country, "carry_over:2")

    def unanswered(job: Job) -> bool:
        return jobs.glance(Job.get_by_id(job.id), clock()).unanswered

    assert not unanswered(first)
    clock.now += jobs.UNANSWERED_AFTER + timedelta(seconds=1)
    assert unanswered(first)
    hand = taken(country, first)
    assert not unanswered(first)
    assert not unanswered(second)
    assert jobs.glance(second, clock()).ahead == 1
    clock.now += DEAD
    assert unanswered(first)
    assert unanswered(second)
    hand.end({})
    assert jobs.glance(second, clock()).ahead == 0
