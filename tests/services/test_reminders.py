"""Who is reminded, by whom, how often; and turning it off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from admin_app.config import Settings
from admin_app.mail import post
from admin_app.models import Event, Job, Reminder, Unit, User
from admin_app.services import letters, own_account, reminders
from admin_app.services.errors import NotFound
from tests.country import CLOSES, NOW, bangkok
from tests.services.conftest import Chain
from tests.services.test_races import race, surprises

TODAY = date(2024, 5, 20)
SECRET = "only for the tests of reminders, long enough"


@pytest.fixture(autouse=True)
def _demo_mail(tmp_path: Path) -> Iterator[None]:
    """Letters can be sent: they are written into a folder."""
    settings = Settings("sqlite:///x.db", SECRET, demo=True, files_dir=str(tmp_path / "lec-files"))
    post.bind(settings)
    yield
    post.bind(Settings("", ""))


def person(chain: Chain, unit: Unit | None = None, **over: Any) -> User:
    """Somebody of the school, with an address."""
    where = unit or chain.school
    return chain.country.user(where.level, where, **{"email": "a@example.org"} | over)


def told(chain: Chain, unit: Unit | None = None, level: str = "school") -> list[int]:
    """Who would get a letter now, below the LAO unless told otherwise."""
    return reminders.recipients(chain.cycle, unit or chain.lao, level, chain.country.clock())


def a_job(chain: Chain) -> Job:
    """A job to claim letters for."""
    owner = chain.actor("lao").user_id
    key = f"remind:{Job.select().count()}"
    return Job.create(kind="remind", key=key, owner=owner, created_at=NOW)


def claimed(chain: Chain, user: User, job: Job | None = None) -> bool:
    """Whether the person's letter may leave now."""
    args = (chain.cycle, chain.lao, "school", user.id, chain.country.clock())
    return reminders.claim(job or a_job(chain), *args) is not None


# what is different about the person → what becomes of the letter; "" is nobody to write to at all
PEOPLE: dict[str, tuple[dict[str, Any], str]] = {
    "has an address": ({}, "told"),
    "in office until today": ({"in_office_until": TODAY}, "told"),
    "has not signed in yet": ({"must_change_password": True, "password_hash": ""}, "told"),
    "has no address": ({"email": ""}, "without"),
    "has something else there": ({"email": "none"}, "without"),
    "has turned it off": ({"reminders": False}, "off"),
    "off, and without an address": ({"reminders": False, "email": ""}, "off"),
    "is locked": ({"active": False}, ""),
    "has left": ({"in_office_until": TODAY - timedelta(days=1)}, ""),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_who_works_there_has_an_address_and_wants_it_gets_a_letter(chain: Chain, case: str) -> None:
    over, outcome = PEOPLE[case]
    user = person(chain, **over)
    seen = reminders.preview(chain.cycle, chain.lao, "school", NOW)
    assert seen.people == ({outcome: 1} if outcome else {})
    assert told(chain) == ([user.id] if outcome == "told" else [])
    assert claimed(chain, user) is (outcome == "told")
    silent = {chain.sister.id} | (set() if outcome == "told" else {chain.school.id})
    assert {unit.id for unit in seen.callable_} == silent
    assert (seen.units, seen.silent, seen.written_units) == (2, len(silent), 2 - len(silent))


# what became of the school → whether its people are reminded
UNITS: dict[str, tuple[Callable[[Chain], object], bool]] = {
    "open": (lambda chain: None, True),
    "confirmed": (
        lambda chain: chain.country.confirm(
            chain.country.ready(chain.school, chain.cycle), chain.cycle
        ),
        False,
    ),
    "confirmed and reopened": (
        lambda chain: (
            chain.country.confirm(chain.country.ready(chain.school, chain.cycle), chain.cycle),
            chain.move("lao", chain.school, "return"),
        ),
        True,
    ),
    "out of service": (lambda chain: chain.country.out_of_service(chain.school), False),
}


@pytest.mark.parametrize("case", UNITS)
def test_only_who_takes_part_and_has_not_confirmed_is_reminded(chain: Chain, case: str) -> None:
    happens, reminded = UNITS[case]
    user = person(chain)
    happens(chain)
    assert (user.id in told(chain)) is reminded
    assert claimed(chain, user) is reminded


def test_a_level_is_reminded_alone_and_only_below_the_unit(chain: Chain) -> None:
    school, lao = person(chain), person(chain, chain.lao)
    province = person(chain, chain.province)
    far = person(chain, chain.far)
    for level, wanted in (("school", [school, far]), ("lao", [lao]), ("province", [province])):
        found = told(chain, chain.country.department, level)
        assert set(found) == {user.id for user in wanted}
    assert told(chain, chain.province) == [school.id]
    assert told(chain, chain.lao, "lao") == []


PLACES = {
    "department": {"department", "province", "lao", "far_lao"},
    "province": {"province", "lao"},
    "lao": {"lao"},
    "helpdesk": set(),
    "school": set(),
}


@pytest.mark.parametrize("role", PLACES)
def test_people_remind_below_units_of_their_own_area_and_nobody_else_does(
    chain: Chain, role: str
) -> None:
    units = {
        "department": chain.country.department,
        "province": chain.province,
        "lao": chain.lao,
        "far_lao": chain.far.lao,
        "school": chain.school,
    }
    opened = set()
    for name, unit in units.items():
        try:
            opened.add(name) if reminders.place(chain.actor(role), unit.code) else None
        except NotFound:
            continue
    assert opened == PLACES[role]


# --- one a day ----------------------------------------------------------------------------------


def test_a_person_gets_one_letter_a_day_in_bangkok_whoever_sends(chain: Chain) -> None:
    user, clock = person(chain), chain.country.clock
    clock.set(bangkok(2024, 5, 20, 23, 59))
    assert claimed(chain, user)
    assert told(chain, chain.country.department) == []
    assert not claimed(chain, user)
    assert reminders.preview(chain.cycle, chain.lao, "school", clock()).people == {"today": 1}
    clock.set(bangkok(2024, 5, 21))
    assert told(chain) == [user.id]
    assert claimed(chain, user)


def test_of_two_senders_at_once_one_sends(chain: Chain) -> None:
    user, jobs = person(chain), [a_job(chain), a_job(chain)]
    args = (chain.cycle, chain.lao, "school", user.id, NOW)
    results = race(*(lambda job=job: reminders.claim(job, *args) for job in jobs))
    assert surprises(results) == []
    assert Reminder.select().count() == 1


def test_a_letter_that_certainly_did_not_leave_may_be_sent_again_the_same_day(
    chain: Chain,
) -> None:
    user, job = person(chain), a_job(chain)
    args = (job, chain.cycle, chain.lao, "school", user.id, NOW)
    one = reminders.claim(*args)
    assert one is not None
    reminders.give_up(one)
    two = reminders.claim(*args)
    assert two is not None
    reminders.settle(two, reminders.SENT)
    reminders.give_up(two)
    assert reminders.figures(job) == {"sent": 1, "failed": 0, "sending": 0}


# --- the time -----------------------------------------------------------------------------------


def why(chain: Chain, unit: Unit | None = None, level: str = "school") -> list[str]:
    """The codes that say why nothing can be sent now."""
    now = chain.country.clock()
    seen = reminders.preview(chain.cycle, unit or chain.lao, level, now)
    return [refusal.code for refusal in reminders.why_not(chain.cycle, seen, level, now)]


def test_nothing_is_sent_before_the_cycle_opens_or_after_it_closed(chain: Chain) -> None:
    person(chain)
    clock = chain.country.clock
    assert why(chain) == []
    clock.set(bangkok(2024, 4, 28))
    assert why(chain) == ["before_open"]
    clock.set(CLOSES)
    assert why(chain) == ["reminder_too_late"]
    assert told(chain) == []


def test_nothing_is_sent_where_all_have_confirmed_or_nobody_can_be_written_to(
    chain: Chain,
) -> None:
    assert why(chain) == ["nobody_to_remind"]
    chain.country.confirm_tree(chain.lao, chain.cycle)
    assert why(chain) == []
    assert reminders.preview(chain.cycle, chain.lao, "school", NOW).units == 0


def test_nothing_is_sent_while_mail_is_not_set_up(chain: Chain) -> None:
    person(chain)
    post.bind(Settings("sqlite:///x.db", SECRET))
    assert why(chain) == ["mail_off"]


# after the close: which unit is extended → whose people are reminded
EXTENDED = {
    "school": {"school", "lao", "province"},
    "lao": {"school", "sister", "lao", "province"},
    "province": {"school", "sister", "lao", "province"},
    "department": {"school", "sister", "far", "lao", "province"},
    "far": {"far"},
}


@pytest.mark.parametrize("unit", EXTENDED)
def test_after_the_close_those_are_reminded_whom_an_extension_reaches(
    chain: Chain, unit: str
) -> None:
    units = {
        "school": chain.school,
        "sister": chain.sister,
        "far": chain.far,
        "lao": chain.lao,
        "province": chain.province,
        "department": chain.country.department,
    }
    people = {
        person(chain, where).id: name for name, where in units.items() if name != "department"
    }
    clock = chain.country.clock
    clock.set(CLOSES + timedelta(hours=1))
    until = CLOSES + timedelta(days=2)
    chain.move("department", units[unit], "extend", until=until)
    found = {
        people[user_id]
        for level in ("school", "lao", "province")
        for user_id in told(chain, chain.country.department, level)
    }
    assert found == EXTENDED[unit]
    clock.set(until)
    assert told(chain, chain.country.department) == []


def test_a_hard_due_date_ends_reminders_too(chain: Chain) -> None:
    person(chain)
    chain.cycle.late_policy = "block"
    chain.cycle.school_due_at = NOW
    chain.cycle.save()
    assert why(chain) == ["reminder_too_late"]


# --- the letter, the switch, the history ----------------------------------------------------------


def test_a_letter_names_the_unit_its_own_end_and_the_units_left_in_the_persons_language(
    chain: Chain,
) -> None:
    until = CLOSES + timedelta(hours=3)
    chain.move("department", chain.lao, "extend", until=until)
    user = person(chain, chain.lao, language="en")
    made = letters.to(user, chain.lao, chain.cycle, chain.province)
    assert chain.lao.name in made.subject
    for words in (
        "have not confirmed: 2",
        "closes: 11 Jun 2567 BE, 20:00",
        f"http://127.0.0.1:8000/units/{chain.lao.code}?cycle=2567-1",
        f"/reminders/off/{post.token(user.id)}",
        "province. Please do not answer",
    ):
        assert words in made.text
    assert "ยังไม่ยืนยัน" in letters.to(person(chain), chain.school, chain.cycle, chain.lao).text


def test_turning_it_off_and_on_stands_in_the_history_once_each(chain: Chain) -> None:
    user = person(chain)
    for wanted in (False, False, True):
        own_account.set_reminders(user.id, wanted, chain.country.clock)
        assert User.get_by_id(user.id).reminders is wanted
    events = chain.events("account.edited", chain.school)
    assert [json.loads(event.details)["fields"] for event in events] == [["reminders"]] * 2
    assert {event.user_id for event in events} == {user.id}


def test_what_was_sent_stands_in_the_history_of_the_sender_and_of_the_unit_without_names(
    chain: Chain,
) -> None:
    province = chain.actor("province")
    reminders.record(province, chain.cycle, chain.lao, "school", 5, NOW)
    reminders.record(province, chain.cycle, chain.province, "lao", 2, NOW)
    found = Event.select().where(Event.tag == "reminder.sent").order_by(Event.id)
    assert [(event.unit_id, json.loads(event.details)) for event in found] == [
        (chain.province.id, {"level": "school", "below": chain.lao.code, "sent": 5}),
        (chain.lao.id, {"level": "school", "below": chain.lao.code, "sent": 5}),
        (chain.province.id, {"level": "lao", "below": chain.province.code, "sent": 2}),
    ]
    assert all(not event.on_behalf for event in found)
