"""Sending reminders: done, killed half-way, stopped, cancelled, and a mail server that fails."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from peewee import Database, OperationalError

from admin_app.config import Settings
from admin_app.database import now
from admin_app.jobs import kinds, queue
from admin_app.jobs.worker import Worker
from admin_app.mail import post
from admin_app.models import Cycle, Event, Job, Reminder, Unit, User
from admin_app.services import jobs, own_account
from admin_app.services.hand import Hand
from admin_app.services.reminders import today
from tests.country import Country, ManualClock
from tests.jobs.conftest import SECRET, ended, make_dead, refresh, wait_until, worker_of
from tests.post_office import Office, open_office

SCHOOLS = 6
PANEL = "https://lec.example.org"


@dataclass
class Mailing:
    """An LAO of schools that have not confirmed, each with one person, and a mail server."""

    country: Country
    cycle: Cycle
    lao: Unit
    people: list[User]
    office: Office
    settings: Settings

    def ask(self, unit: Unit | None = None, role: str = "lao") -> Job:
        """The LAO, or who is above, asks for the schools to be reminded."""
        where = unit or self.lao
        params = {"unit": where.code, "level": "school"}
        actor = self.country.actor(role, self.lao if role == "lao" else None)
        return kinds.ask(actor, "remind", self.cycle.id, self.country.clock, params)

    def work(self, job: Job, stop: threading.Event | None = None) -> Job:
        """A worker in this process takes it up."""
        self.country.db.close()
        Worker(self.country.clock, stop or threading.Event()).perform(job.id)
        self.country.db.connect()
        return refresh(job)

    def run(self, **asked: Any) -> Job:
        """Asked for and done."""
        return self.work(self.ask(**asked))

    def result(self, job: Job) -> dict[str, Any]:
        """What its page shows."""
        found: dict[str, Any] = json.loads(refresh(job).result)
        return found


@pytest.fixture
def mailing(db: Database, database_url: str) -> Iterator[Mailing]:
    """Six schools, six people; the moments of the cycle lie around the real now."""
    clock = ManualClock(now())
    country = Country(db, clock)
    lao = country.lao("81")
    days = timedelta(days=1)
    at = clock.now
    cycle = country.cycle(
        opens_at=at - days,
        school_due_at=at + 2 * days,
        lao_due_at=at + 2 * days,
        province_due_at=at + 3 * days,
        closes_at=at + 3 * days,
    )
    schools = [country.school(lao) for _ in range(SCHOOLS)]
    people = [
        country.user("school", school, email=f"person{number}@example.org")
        for number, school in enumerate(schools)
    ]
    with open_office() as office:
        settings = Settings(
            database_url=database_url,
            secret_key=SECRET,
            mail_url=office.url,
            mail_from="lec@example.org",
            panel_url=PANEL,
        )
        queue.bell.bind(settings.queue)
        post.bind(settings)
        yield Mailing(country, cycle, lao, people, office, settings)
        post.bind(Settings("", ""))


def everybody(mailing: Mailing) -> set[str]:
    """The addresses of all people."""
    return {user.email for user in mailing.people}


def test_everybody_gets_one_letter_with_the_own_links_and_asked_again_none(
    mailing: Mailing,
) -> None:
    job = mailing.run()
    assert (job.status, job.done, job.total) == ("done", SCHOOLS, SCHOOLS)
    assert mailing.result(job) == {"sent": SCHOOLS, "skipped": 0, "failed": 0, "unsure": 0}
    assert sorted(mailing.office.addressees) == sorted(everybody(mailing))
    by_address = {str(letter["To"]): letter for letter in mailing.office.letters}
    for user in mailing.people:
        letter = by_address[user.email]
        body: Any = letter.get_body()
        assert f"{PANEL}/units/{user.unit.code}?cycle=2567-1" in body.get_content()
        off = letter["List-Unsubscribe"].strip("<> ")
        assert off in body.get_content()
        assert post.holder(off.rpartition("/")[2]) == user.id
    again = mailing.run()
    assert again.status == "failed"
    assert "nobody_to_remind" in again.error
    assert len(mailing.office.letters) == SCHOOLS


def test_the_history_says_how_many_and_neither_it_nor_the_job_nor_the_log_whom(
    mailing: Mailing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mailing.office.says = {"RCPT TO:<person0@": "550 person0@example.org is unknown"}
    job = mailing.run()
    event = Event.get(Event.tag == "reminder.sent")
    assert event.unit_id == mailing.lao.id
    assert json.loads(event.details)["sent"] == SCHOOLS - 1
    told = caplog.text + event.details + job.params + job.result + job.error + job.doing + job.key
    for user in mailing.people:
        for secret in (user.email, user.name, "person", post.token(user.id)):
            assert secret not in told


def test_who_confirms_turns_it_off_or_is_written_to_meanwhile_is_left_out(
    mailing: Mailing,
) -> None:
    off, confirmed, written_to = mailing.people[-3:]

    def meanwhile(number: int) -> None:
        if number > 1:
            return
        clock = mailing.country.clock
        with mailing.country.db.connection_context():
            own_account.set_reminders(off.id, False, clock)
            mailing.country.ready(confirmed.unit, mailing.cycle)
            mailing.country.confirm(confirmed.unit, mailing.cycle)
            where = {"unit": written_to.unit_id, "cycle": mailing.cycle.id}
            Reminder.create(user=written_to.id, day=today(clock()), at=clock(), **where)

    mailing.country.own(confirmed.unit)  # makes the person who confirms
    mailing.office.on_letter = meanwhile
    job = mailing.run()
    assert mailing.result(job) == {"sent": SCHOOLS - 3, "skipped": 3, "failed": 0, "unsure": 0}
    left_out = {off.email, confirmed.email, written_to.email}
    assert not left_out & set(mailing.office.addressees)


def test_a_refused_address_fails_its_own_letter_alone(mailing: Mailing) -> None:
    User.update(email="not an address @ all").where(User.id == mailing.people[1].id).execute()
    mailing.office.says = {"RCPT TO:<person0@": "550 unknown"}
    job = mailing.run()
    assert job.status == "done"
    assert mailing.result(job) == {"sent": SCHOOLS - 2, "skipped": 0, "failed": 2, "unsure": 0}
    failed = Reminder.select().where(Reminder.status == "failed")
    assert {row.user_id for row in failed} == {user.id for user in mailing.people[:2]}


def test_a_mail_server_that_dies_ends_the_job_and_the_rest_is_reminded_later_the_same_day(
    mailing: Mailing,
) -> None:
    def die(number: int) -> None:
        if number == 2:
            mailing.office.says = {"MAIL": "421 closing", "connect": "421 closed"}

    mailing.office.on_letter = die
    job = mailing.run()
    assert job.status == "failed"
    assert "mail_down" in job.error
    assert Reminder.select().count() == 2
    assert json.loads(Event.get(Event.tag == "reminder.sent").details)["sent"] == 2
    mailing.office.says = {}
    assert mailing.result(mailing.run())["sent"] == SCHOOLS - 2
    assert Counter(mailing.office.addressees) == Counter(everybody(mailing))


def test_a_letter_of_which_nobody_knows_counts_as_the_letter_of_the_day(mailing: Mailing) -> None:
    def hang_up(number: int) -> None:
        mailing.office.says = {"letter": "hang up"} if number == 2 else {}

    mailing.office.on_letter = hang_up
    original = mailing.office.answer

    def once(command: str, usual: str) -> str:
        said = original(command, usual)
        if said == "hang up":
            mailing.office.says = {}
        return said

    mailing.office.answer = once  # type: ignore[method-assign]
    job = mailing.run()
    assert mailing.result(job) == {"sent": SCHOOLS - 1, "skipped": 0, "failed": 0, "unsure": 1}
    assert Reminder.select().where(Reminder.status == "sending").count() == 1
    assert mailing.run().status == "failed"


def test_a_stopped_worker_ends_after_the_letter_in_hand_and_the_next_goes_on(
    mailing: Mailing,
) -> None:
    stop = threading.Event()
    mailing.office.on_letter = lambda number: stop.set() if number == 2 else None
    job = mailing.work(mailing.ask(), stop)
    assert (job.status, job.done, len(mailing.office.letters)) == ("queued", 2, 2)
    assert not Event.select().where(Event.tag == "reminder.sent").exists()
    job = mailing.work(job)
    assert (job.status, job.done, job.total) == ("done", SCHOOLS, SCHOOLS)
    assert mailing.result(job)["sent"] == SCHOOLS
    assert Counter(mailing.office.addressees) == Counter(everybody(mailing))
    assert json.loads(Event.get(Event.tag == "reminder.sent").details)["sent"] == SCHOOLS


def test_a_cancel_ends_it_after_the_letter_in_hand_and_the_history_has_what_left(
    mailing: Mailing,
) -> None:
    job = mailing.ask()

    def cancel(number: int) -> None:
        if number == 2:
            with mailing.country.db.connection_context():
                jobs.cancel(mailing.country.actor("lao", mailing.lao), job.id, now)

    mailing.office.on_letter = cancel
    assert mailing.work(job).status == "cancelled"
    assert len(mailing.office.letters) == 2
    assert json.loads(Event.get(Event.tag == "reminder.sent").details)["sent"] == 2


def test_a_worker_killed_while_a_letter_leaves_sends_no_second_one(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_URL", mailing.office.url)
    monkeypatch.setenv("MAIL_FROM", "lec@example.org")
    monkeypatch.setenv("PANEL_URL", PANEL)
    kill: list[Callable[[], object]] = []

    def third(number: int) -> None:
        if number == 3:
            kill[0]()

    mailing.office.on_letter = third
    with worker_of(mailing.settings) as worker:
        kill.append(worker.kill)
        job = mailing.ask()
        worker.wait()
    assert refresh(job).status == "running"
    assert Reminder.select().where(Reminder.status == "sending").count() == 1
    make_dead(job)
    with worker_of(mailing.settings):
        wait_until(lambda: ended(job), "the end")
    assert refresh(job).status == "done", refresh(job).error
    assert Counter(mailing.office.addressees) == Counter(everybody(mailing))
    told = mailing.result(job)
    assert (told["sent"], told["unsure"]) == (SCHOOLS - 1, 1)


def test_a_worker_killed_at_the_very_end_leaves_one_entry_in_the_history(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(hand: Hand, result: dict[str, Any]) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(Hand, "end", dies)
        job = mailing.run()
    job = mailing.work(job)
    assert job.status == "done"
    assert mailing.result(job)["sent"] == SCHOOLS
    assert Event.select().where(Event.tag == "reminder.sent").count() == 1


def test_where_no_letter_left_the_history_says_of_none(mailing: Mailing) -> None:
    mailing.office.says = {"RCPT": "550 unknown"}
    assert mailing.result(mailing.run())["failed"] == SCHOOLS
    assert not Event.select().where(Event.tag == "reminder.sent").exists()


def test_two_senders_at_once_write_to_each_person_once(mailing: Mailing) -> None:
    second = mailing.ask(mailing.country.department, "department")

    def cross(number: int) -> None:
        if number == 2:
            thread = threading.Thread(
                target=lambda: Worker(mailing.country.clock, threading.Event()).perform(second.id)
            )
            thread.start()
            thread.join()

    mailing.office.on_letter = cross
    first = mailing.run()
    told = [mailing.result(job) for job in (first, second)]
    assert Counter(mailing.office.addressees) == Counter(everybody(mailing))
    assert told[0]["sent"] + told[1]["sent"] == SCHOOLS
    assert told[0]["skipped"] == SCHOOLS - 2


def test_who_may_not_any_more_sends_nothing(mailing: Mailing) -> None:
    job = mailing.ask()
    User.update(active=False).where(User.id == job.owner_id).execute()
    assert "job_owner" in mailing.work(job).error
    elsewhere = mailing.country.lao("82")
    job = mailing.ask()
    User.update(active=True).where(User.id == job.owner_id).execute()
    params = json.loads(job.params) | {"unit": elsewhere.code}
    Job.update(params=json.dumps(params)).where(Job.id == job.id).execute()
    assert "job_owner" in mailing.work(job).error
    assert mailing.office.letters == []


def test_without_mail_or_after_the_close_it_says_why(mailing: Mailing) -> None:
    job = mailing.ask()
    mailing.country.clock.set(mailing.cycle.closes_at)
    assert "reminder_too_late" in mailing.work(job).error
    mailing.country.clock.set(now())
    post.bind(Settings(mailing.settings.database_url, SECRET))
    assert "mail_off" in mailing.run().error
