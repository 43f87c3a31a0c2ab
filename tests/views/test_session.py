"""Getting in and out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from admin_app.config import Settings
from admin_app.models import LoginAttempt, User, database
from admin_app.services import accounts
from tests.country import PASSWORD
from tests.views.conftest import Client, Panel, make_app, text

NEW = "another password for tests"


def send(
    client: Client, username: str, password: str = PASSWORD, query: str = "?lang=en"
) -> TestResponse:
    """Send the sign-in form."""
    return client.post(f"/login{query}", data={"username": username, "password": password})


def signed_in(client: Client) -> bool:
    """Whether the home page opens."""
    return client.get("/").status_code == 200


def test_the_right_password_opens_the_home_page(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    client = panel.client()
    assert send(client, user.username).location == "/"
    assert signed_in(client)


def test_a_wrong_name_a_wrong_password_and_a_locked_account_get_the_same_answer(
    panel: Panel,
) -> None:
    user = panel.country.user("school", panel.school)
    locked = panel.country.user("school", panel.school, active=False)
    gone = panel.country.user(
        "school", panel.school, in_office_until=panel.clock().date() - timedelta(days=1)
    )
    pages = set()
    for name, password in (
        (user.username, "wrong"),
        ("nobody", "wrong"),
        (locked.username, PASSWORD),
        (gone.username, PASSWORD),
    ):
        answer = send(panel.client(), name, password)
        assert answer.status_code == 401
        page = re.sub(r'(nonce|csrf_token" value)="[^"]*"', "", text(answer)).replace(name, "NAME")
        pages.add(page)
    assert len(pages) == 1


def test_an_account_is_throttled_after_too_many_failures_even_with_the_right_password(
    panel: Panel,
) -> None:
    user = panel.country.user("school", panel.school)
    LoginAttempt.insert_many(
        [{"key": f"account:{user.username}", "at": panel.clock()}] * accounts.MOST_PER_ACCOUNT
    ).execute()
    assert send(panel.client(), user.username).status_code == 429
    panel.clock.tick(minutes=16)
    assert send(panel.client(), user.username).status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_sign_in_never_leads_to_another_site(panel: Panel, target: str) -> None:
    user = panel.country.user("school", panel.school)
    answer = panel.client().post(
        "/login",
        query_string={"next": target},
        data={"username": user.username, "password": PASSWORD},
    )
    assert answer.location == "/"
    language = panel.client().post("/language/en", data={"next": target})
    assert language.location == "/"


def test_a_sign_in_leads_on_to_the_page_that_was_asked_for(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    answer = send(panel.client(), user.username, query="?next=/children/")
    assert answer.location == "/children/"


def test_a_form_without_its_token_is_refused(panel: Panel, settings: Settings) -> None:
    app = make_app(settings, WTF_CSRF_ENABLED=True)
    client = replace(panel, app=app).client("lao")
    for address in (
        "/login",
        "/logout",
        "/reset",
        "/password",
        "/children/new/",
        "/children/action/",
        "/children/attest-all",
        "/children/reveal",
        f"/units/{panel.lao.code}/confirm",
        f"/other-counts/{panel.lao.code}",
        "/confirmations/action/",
        "/accounts/reset",
    ):
        assert client.post(address, data={"reason": "x"}).status_code == 400, address


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_closed_to_scripts_and_other_sites(
    panel: Panel, settings: Settings, https: bool
) -> None:
    app = make_app(replace(settings, https=https))
    user = panel.country.user("school", panel.school)
    cookie = send(replace(panel, app=app).client(), user.username).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) is https


def test_nothing_opens_before_a_first_password_is_changed(panel: Panel) -> None:
    user = panel.country.user("school", panel.school, must_change_password=True)
    client = panel.client().sign_in(user, panel.clock)
    for address in ("/", "/children/", f"/units/{panel.school.code}", "/exports/"):
        assert client.get(address).location == "/password", address
    data = {"old_password": PASSWORD, "new_password": NEW, "again": NEW}
    assert client.post("/password", data=data).location == "/"
    assert signed_in(client)


def test_a_sign_out_kills_a_copied_cookie(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    client, thief = panel.client().sign_in(user, panel.clock), panel.client()
    with client.session_transaction() as session:
        copied = dict(session)
    with thief.session_transaction() as session:
        session.update(copied)
    assert signed_in(thief)
    client.post("/logout")
    assert not signed_in(client)
    assert not signed_in(thief)


def test_a_session_ends_after_an_hour_without_use(panel: Panel) -> None:
    client = panel.client("school")
    panel.clock.tick(minutes=60)
    assert signed_in(client)
    panel.clock.tick(minutes=60, seconds=1)
    assert not signed_in(client)


def test_a_session_ends_after_twelve_hours_however_busy(panel: Panel) -> None:
    client = panel.client("school")
    for _ in range(14):
        panel.clock.tick(minutes=50)
        assert signed_in(client)
    panel.clock.tick(minutes=21)
    assert not signed_in(client)


def test_a_locked_account_is_out_at_its_next_click(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    client = panel.client().sign_in(user, panel.clock)
    assert signed_in(client)
    User.update(active=False).where(User.id == user.id).execute()
    assert not signed_in(client)


def test_a_new_password_ends_the_other_sessions(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    here, there = (panel.client().sign_in(user, panel.clock) for _ in range(2))
    wrong = here.post("/password", data={"old_password": "x", "new_password": NEW, "again": NEW})
    assert wrong.status_code == 422
    assert "not your present password" in text(wrong)
    differ = here.post(
        "/password", data={"old_password": PASSWORD, "new_password": NEW, "again": "x"}
    )
    assert differ.status_code == 422
    here.post("/password", data={"old_password": PASSWORD, "new_password": NEW, "again": NEW})
    assert signed_in(here)
    assert not signed_in(there)


def test_a_one_time_code_sets_a_password_once_and_within_an_hour(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    helpdesk = panel.client("helpdesk")

    def hand_out() -> str:
        found = re.search(
            r"\d{4}-\d{4}", text(helpdesk.post("/accounts/reset", data={"id": user.id}))
        )
        assert found
        return found[0]

    code = hand_out()
    form = {"username": user.username, "code": code, "new_password": NEW, "again": NEW}
    assert panel.client().post("/reset", data=form | {"code": "0000-0000"}).status_code == 422
    assert panel.client().post("/reset", data=form).location == "/login"
    assert panel.client().post("/reset", data=form).status_code == 422
    assert send(panel.client(), user.username, NEW).status_code == 302
    late = form | {"code": hand_out()}
    panel.clock.tick(minutes=61)
    assert panel.client().post("/reset", data=late).status_code == 422


def test_the_language_switches_and_stays(panel: Panel) -> None:
    client = panel.client()
    assert '<html lang="th">' in text(client.get("/login"))
    client.post("/language/en")
    assert '<html lang="en">' in text(client.get("/login"))


def test_the_health_check_answers_while_the_database_does(panel: Panel) -> None:
    answer = panel.client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_the_health_check_fails_with_the_database(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr("admin_app.views.health.answers", down)
    assert not database.is_closed()
    assert panel.client().get("/healthz").status_code == 503
