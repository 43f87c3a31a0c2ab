"""Every error that a person can meet: raised for real, in both languages, signed in or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort
from peewee import OperationalError
from werkzeug.test import TestResponse

from admin_app.config import Settings
from admin_app.i18n import LANGUAGES, gettext, speaking
from admin_app.models import LoginAttempt, Student, database
from admin_app.services import accounts
from admin_app.services.errors import Conflict
from admin_app.views.common import PUBLIC, permission
from tests.views.conftest import Client, Panel, child_at, make_app, text

Cause = Callable[[Client, Panel], TestResponse]
SECRET = "1-8100-00000-00-0"


def _breaks() -> Any:
    raise RuntimeError(f"a child's number: {SECRET}")


def _clashes() -> Any:
    raise Conflict(None)


@pytest.fixture
def app(settings: Settings) -> Any:
    """The app with three routes more, for what no screen lets through."""
    app = make_app(settings, MAX_CONTENT_LENGTH=2 * 1024 * 1024)
    for address, view in (
        ("/breaks", _breaks),
        ("/clashes", _clashes),
        ("/too-often", lambda: abort(429)),
    ):
        app.add_url_rule(address, address, permission(PUBLIC)(view))
    yield app
    database.close()
    if hasattr(database.obj, "close_all"):
        database.obj.close_all()


def _too_large(client: Client, panel: Panel) -> TestResponse:
    return client.post("/login", data={"username": "x" * 3 * 1024 * 1024})


def _away(client: Client, panel: Panel, address: str = "/login") -> TestResponse:
    """The database does not answer: neither a new connection nor one that was open."""

    def refuses(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("no route to host")

    with pytest.MonkeyPatch.context() as patched:
        database.close()
        patched.setattr(type(database.obj), "connect", refuses)
        patched.setattr(type(database.obj), "execute_sql", refuses)
        return client.get(address)


CAUSES: list[tuple[int, Cause, str, str]] = [
    (400, lambda c, p: c.get("/login?next=%00"), "The request is not understood", ""),
    (404, lambda c, p: c.get("/static/nowhere.css"), "Not found", ""),
    (405, lambda c, p: c.get("/language/en"), "Not possible this way", ""),
    (409, lambda c, p: c.get("/clashes"), "Changed in the meantime", ""),
    (413, _too_large, "Too large", "at most 2 MB"),
    (429, lambda c, p: c.get("/too-often"), "Too many attempts", "Wait 15 minutes"),
    (500, lambda c, p: c.get("/breaks"), "Something went wrong here", "Error number"),
    (503, _away, "The system is busy or being looked after", "Wait a minute"),
]
IDS = [str(case[0]) for case in CAUSES]


def said(panel: Panel, msgid: str, language: str) -> str:
    """The text in the language."""
    with panel.app.test_request_context(), speaking(language):
        return gettext(msgid)


@pytest.mark.parametrize("role", ["", "school"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("status", "cause", "title", "more"), CAUSES, ids=IDS)
def test_an_error_says_in_the_readers_language_what_happened_and_what_to_do(
    panel: Panel, status: int, cause: Cause, title: str, more: str, language: str, role: str
) -> None:
    client = panel.client(role)
    with client.session_transaction() as session:
        session["language"] = language
    answer = cause(client, panel)
    page = text(answer)
    assert answer.status_code == status
    assert f'<html lang="{language}">' in page
    heading = re.search(r"<h1>(.*?)</h1>", page)
    assert heading is not None
    assert heading[1] == said(panel, title, language)
    assert 'class="top"' in page
    assert 'href="/"' in page
    assert "Traceback" not in page
    if language == "en":
        assert more in page


def test_a_form_whose_token_ran_out_is_an_error_that_says_so(settings: Settings) -> None:
    client = make_app(settings, WTF_CSRF_ENABLED=True).test_client()
    answer = client.post("/login?lang=en", data={"username": "x", "password": "y"})
    assert answer.status_code == 400
    assert "The form has run out" in text(answer)
    database.close()


def test_what_is_shut_now_says_why(panel: Panel) -> None:
    answer = panel.client("lao").get(f"/exports/certificate.pdf?unit={panel.lao.code}")
    assert answer.status_code == 403
    assert "opens when the unit has confirmed" in text(answer)


def test_too_many_sign_ins_keep_the_form(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    LoginAttempt.insert_many(
        [{"key": f"account:{user.username}", "at": panel.clock()}] * accounts.MOST_PER_ACCOUNT
    ).execute()
    answer = panel.client().post("/login?lang=en", data={"username": user.username})
    assert answer.status_code == 429
    assert f'value="{user.username}"' in text(answer)
    assert "Wait 15 minutes" in text(answer)


@pytest.mark.parametrize(("code", "seconds"), [(429, "900"), (503, "60")])
def test_an_error_that_passes_says_when_to_try_again(panel: Panel, code: int, seconds: str) -> None:
    cause = next(case[1] for case in CAUSES if case[0] == code)
    assert cause(panel.client(), panel).headers["Retry-After"] == seconds


def test_a_break_shows_a_number_that_the_log_has_and_neither_tells_values(
    panel: Panel, caplog: pytest.LogCaptureFixture
) -> None:
    page = text(panel.client("school").get("/breaks"))
    number = re.search(r'translate="no">([0-9a-f]{8})<', page)
    assert number is not None
    logged = next(record.getMessage() for record in caplog.records if number[1] in record.message)
    assert "RuntimeError" in logged
    assert "_breaks" in logged
    assert SECRET not in page + caplog.text


def test_a_row_that_the_database_refuses_is_not_told_to_the_log(
    panel: Panel, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    child = child_at(panel, panel.school)

    def twice() -> Any:
        Student.create(**child.__data__)

    app.view_functions["/clashes"] = permission(PUBLIC)(twice)
    assert panel.client().get("/clashes").status_code == 500
    assert "IntegrityError" in caplog.text
    assert child.id_number not in caplog.text
    assert child.first_name not in caplog.text


def test_a_person_whose_session_cannot_be_looked_up_gets_the_page_without_the_menu(
    panel: Panel,
) -> None:
    client = panel.client("school")
    with client.session_transaction() as session:
        session.pop("language")
    answer = _away(client, panel)
    assert answer.status_code == 503
    assert "<nav" not in text(answer)
    assert '<html lang="th">' in text(answer)


@pytest.mark.parametrize(("status", "cause", "title", "more"), CAUSES, ids=IDS)
def test_a_script_that_asks_for_json_gets_json(
    panel: Panel, status: int, cause: Cause, title: str, more: str
) -> None:
    client = panel.client("school")
    client.environ_base["HTTP_ACCEPT"] = "application/json"
    answer = cause(client, panel)
    assert answer.status_code == status
    assert answer.is_json
    assert answer.get_json()["error"]["title"] == title


def test_the_health_check_keeps_its_form_while_the_database_is_away(panel: Panel) -> None:
    answer = _away(panel.client(), panel, "/healthz")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "down"})


def test_a_form_sent_without_a_session_leads_to_the_sign_in(settings: Settings) -> None:
    client = make_app(settings, WTF_CSRF_ENABLED=True).test_client()
    client.post("/language/en")
    answer = client.post("/children/new/?lang=en", data={"first_name": "x"})
    assert answer.status_code == 400
    assert "You were signed out meanwhile" in text(answer)
    assert ">Sign in</a>" in text(answer)
    database.close()
