"""Signing in and out: one answer for whatever is wrong, throttling, time-outs and locks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from peewee import Database

from admin_app.models import LoginAttempt, Unit, User, UserSession
from admin_app.services import accounts
from admin_app.services.accounts import ABSOLUTE, IDLE
from admin_app.services.errors import Invalid
from admin_app.services.throttle import MOST_PER_ACCOUNT, MOST_PER_ADDRESS, Throttled
from tests.country import PASSWORD, Country, ManualClock

SECOND = timedelta(seconds=1)
HOME = "192.0.2.1"


def sign_in(user: User | str, clock: ManualClock, password: str = PASSWORD, at: str = HOME) -> Any:
    """What signing in answers."""
    name = user if isinstance(user, str) else user.username
    return accounts.sign_in(name, password, at, clock)


def test_a_person_signs_in_and_is_known_by_the_token(country: Country) -> None:
    user = country.user("school", country.school(country.lao()))
    signed, token = sign_in(f" {user.username.upper()} ", country.clock)
    assert signed == user
    assert User.get_by_id(user.id).signed_in_at == country.clock.now
    assert accounts.session_user(token, country.clock) == user
    assert accounts.actor_of(user).unit.lao_id == user.lao_id
    assert token not in {row.token_hash for row in UserSession.select()}


def test_whatever_is_wrong_gets_the_same_answer(country: Country) -> None:
    closed = country.school(country.lao(), active=False)
    wrong: list[tuple[User | str, str]] = [
        ("nobody", PASSWORD),
        ("", PASSWORD),
        (country.user("helpdesk"), "another password"),
        (country.user("helpdesk"), ""),
        (country.user("helpdesk", active=False), PASSWORD),
        (country.user("helpdesk", in_office_until=date(2024, 5, 19)), PASSWORD),
        (country.user("helpdesk", password_hash=""), PASSWORD),
        (country.user("school", closed), PASSWORD),
    ]
    assert [sign_in(user, country.clock, given) for user, given in wrong] == [None] * len(wrong)
    assert not UserSession.select().exists()


def test_the_last_day_in_office_is_a_whole_day_in_bangkok(country: Country) -> None:
    user = country.user("helpdesk", in_office_until=date(2024, 5, 20))
    assert sign_in(user, country.clock)
    country.clock.tick(hours=12)
    assert sign_in(user, country.clock) is None


def test_an_account_is_throttled_from_whatever_address(country: Country) -> None:
    user = country.user("helpdesk")
    for number in range(MOST_PER_ACCOUNT):
        assert sign_in(user.username.upper(), country.clock, "wrong", f"192.0.2.{number}") is None
    for _ in range(3):
        with pytest.raises(Throttled):
            sign_in(user, country.clock)
    assert sign_in(country.user("helpdesk"), country.clock)
    country.clock.tick(minutes=15)
    assert sign_in(user, country.clock)


def test_an_address_is_throttled_whatever_the_account(country: Country) -> None:
    user = country.user("helpdesk")
    for number in range(MOST_PER_ADDRESS):
        assert sign_in(f"guess{number}", country.clock, "wrong") is None
    with pytest.raises(Throttled):
        sign_in(user, country.clock)
    assert sign_in(user, country.clock, at="192.0.2.2")


def test_throttling_holds_over_connections(country: Country, db: Database) -> None:
    user = country.user("helpdesk")
    for _ in range(MOST_PER_ACCOUNT):
        assert sign_in(user, country.clock, "wrong") is None
        db.close()
        db.connect()
    with pytest.raises(Throttled):
        sign_in(user, country.clock)


def test_a_success_forgets_the_failures_of_the_account(country: Country) -> None:
    user = country.user("helpdesk")
    for _ in range(MOST_PER_ACCOUNT - 1):
        sign_in(user, country.clock, "wrong")
    assert sign_in(user, country.clock)
    assert LoginAttempt.select().where(LoginAttempt.key.startswith("account:")).count() == 0
    assert LoginAttempt.select().count() == MOST_PER_ACCOUNT - 1
    assert sign_in(user, country.clock, "wrong") is None
    assert sign_in(user, country.clock)


@pytest.mark.parametrize(("idle", "alive"), [(IDLE, True), (IDLE + SECOND, False)])
def test_a_session_idles_out(country: Country, idle: timedelta, alive: bool) -> None:
    _, token = sign_in(country.user("helpdesk"), country.clock)
    country.clock.tick(seconds=idle.total_seconds())
    assert (accounts.session_user(token, country.clock) is not None) is alive


def test_a_session_ends_after_a_day_of_work_however_busy(country: Country) -> None:
    _, token = sign_in(country.user("helpdesk"), country.clock)
    for _ in range(int(ABSOLUTE / IDLE)):
        country.clock.tick(seconds=IDLE.total_seconds())
        assert accounts.session_user(token, country.clock)
    country.clock.tick(seconds=1)
    assert accounts.session_user(token, country.clock) is None


def test_signing_out_ends_the_session_for_a_copied_cookie_too(country: Country) -> None:
    user = country.user("helpdesk")
    (_, token), (_, other) = sign_in(user, country.clock), sign_in(user, country.clock)
    accounts.sign_out(token, country.clock)
    assert accounts.session_user(token, country.clock) is None
    assert accounts.session_user(other, country.clock) == user
    assert accounts.session_user("made up", country.clock) is None


def test_a_lock_a_term_and_a_unit_out_of_service_end_what_is_open(country: Country) -> None:
    dla, school = country.actor("department"), country.school(country.lao())
    for change in ({"active": False}, {"in_office_until": date(2024, 5, 19)}):
        user = country.user("school", school)
        _, token = sign_in(user, country.clock)
        accounts.edit(dla, user.id, 1, change, country.clock)
        assert UserSession.get(UserSession.user == user.id).ended_at == country.clock.now
        accounts.edit(dla, user.id, 2, {"active": True, "in_office_until": None}, country.clock)
        assert accounts.session_user(token, country.clock) is None
    _, token = sign_in(country.user("school", school), country.clock)
    Unit.update(active=False).where(Unit.id == school.id).execute()
    assert accounts.session_user(token, country.clock) is None


def test_a_new_password_ends_every_other_session(country: Country) -> None:
    user = country.user("helpdesk", must_change_password=True)
    (_, token), (_, other) = sign_in(user, country.clock), sign_in(user, country.clock)
    accounts.change_password(user, PASSWORD, "a better password", token, country.clock)
    stored = User.get_by_id(user.id)
    assert not stored.must_change_password
    assert stored.password_hash != user.password_hash
    assert accounts.session_user(token, country.clock) == user
    assert accounts.session_user(other, country.clock) is None


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", "a better password", "old_password"),
        (PASSWORD, PASSWORD, "new_password"),
        (PASSWORD, "too short", "new_password"),
        (PASSWORD, "Somchai.Jaidee", "new_password"),
    ],
)
def test_a_password_that_will_not_do_is_refused(
    country: Country, old: str, new: str, field: str
) -> None:
    user = country.user("helpdesk", username="somchai.jaidee")
    with pytest.raises(Invalid) as info:
        accounts.change_password(user, old, new, "", country.clock)
    assert set(info.value.errors) == {field}
    assert User.get_by_id(user.id).password_hash == user.password_hash


def test_attempts_are_pruned_as_they_age(country: Country) -> None:
    sign_in("nobody", country.clock)
    country.clock.tick(minutes=16)
    sign_in("somebody", country.clock)
    assert {row.key for row in LoginAttempt.select()} == {f"address:{HOME}", "account:somebody"}
