"""What is sent after the session has run out is not lost."""

from __future__ import annotations

import re

import pytest

from admin_app.models import ListMemory, User, UserSession
from admin_app.services import accounts
from admin_app.views.common import is_local
from tests.country import PASSWORD
from tests.views.conftest import Client, Panel, text


def run_out(panel: Panel) -> None:
    """An hour passes in which nobody does anything."""
    panel.clock.tick(hours=1, minutes=1)


def sign_in(panel: Panel, client: Client, role: str = "school") -> str:
    """Through the page; answers with where it leads."""
    user = User.get_by_id(panel.country.actor(role, panel.home(role)).user_id)
    form = {"username": user.username, "password": PASSWORD}
    answer = client.post("/login?next=/unsaved/", data=form)
    assert answer.status_code == 302
    return answer.location


def kept_form(page: str) -> dict[str, str]:
    """The hidden fields of the page that sends it again."""
    return dict(re.findall(r'<textarea hidden name="([^"]*)">\n([^<]*)</textarea>', page))


def test_it_comes_back_after_signing_in_and_can_be_sent(panel: Panel) -> None:
    client, address = panel.client("helpdesk"), f"/units/{panel.school.code}/notes"
    run_out(panel)
    answer = client.post(address, data={"text": "โทรกลับ\nบ่าย", "csrf_token": "x"})
    assert answer.status_code == 302
    assert answer.location.startswith("/login")
    assert "what you sent is kept" in text(client.get(answer.location))
    page = text(client.get(sign_in(panel, client, "helpdesk")))
    assert kept_form(page) == {"text": "โทรกลับ\nบ่าย"}
    assert f'action="{address}"' in page
    sent = client.post(address, data=kept_form(page) | {"unsaved": "1"})
    assert sent.status_code == 302
    assert "โทรกลับ" in text(client.get(f"/units/{panel.school.code}"))
    assert client.get("/unsaved/").location == "/"


def test_only_the_same_person_gets_it(panel: Panel) -> None:
    client = panel.client("school")
    run_out(panel)
    client.post("/children/new/", data={"first_name": "สมชาย"})
    sign_in(panel, client, "lao")
    assert client.get("/unsaved/").location == "/"
    assert ListMemory.select().where(ListMemory.endpoint == "unsaved").count() == 1


def test_passwords_are_never_kept_and_old_forms_are_not_shown(panel: Panel) -> None:
    client = panel.client("school")
    run_out(panel)
    client.post("/password", data={"old_password": "a", "new_password": "b", "again": ""})
    client.post("/children/new/", data={"first_name": "สมชาย", "password": "geheim"})
    assert "geheim" not in ListMemory.get(ListMemory.endpoint == "unsaved").args
    panel.clock.tick(hours=13)
    sign_in(panel, client)
    assert client.get("/unsaved/").location == "/"


def test_it_can_be_thrown_away(panel: Panel) -> None:
    client = panel.client("school")
    run_out(panel)
    client.post("/children/new/", data={"first_name": "สมชาย"})
    sign_in(panel, client)
    assert "สมชาย" in text(client.get("/unsaved/"))
    assert client.post("/unsaved/drop").status_code == 302
    assert not ListMemory.select().where(ListMemory.endpoint == "unsaved").exists()


def test_of_nobody_s_session_nothing_is_kept(panel: Panel) -> None:
    client = panel.client()
    assert client.post("/children/new/", data={"first_name": "x"}).status_code == 302
    assert not ListMemory.select().exists()
    # and a page that is only looked at leads back to itself, as ever
    assert "next=/children/?grade%3DP1" in panel.client().get("/children/?grade=P1").location
    assert not UserSession.select().exists()


def test_a_session_that_was_ended_on_purpose_keeps_nothing(panel: Panel) -> None:
    client = panel.client("school")
    accounts.end_sessions(panel.country.actor("school", panel.school).user_id, panel.clock())
    assert client.post("/children/new/", data={"first_name": "x"}).status_code == 302
    assert not ListMemory.select().exists()


def test_what_is_refused_stays_kept(panel: Panel) -> None:
    client = panel.client("helpdesk")
    run_out(panel)
    client.post(f"/units/{panel.school.code}/notes", data={"text": "x"})
    sign_in(panel, client, "helpdesk")
    assert (
        client.post("/units/NOWHERE/notes", data={"text": "x", "unsaved": "1"}).status_code == 404
    )
    assert "x" in kept_form(text(client.get("/unsaved/"))).values()


@pytest.mark.parametrize(
    ("target", "local"),
    [
        ("/", True),
        ("/children/?grade=P1", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/\t/evil.example", False),
        ("/a\nb", False),
        ("https://evil.example", False),
        ("", False),
    ],
)
def test_nobody_is_led_off_this_site(target: str, local: bool) -> None:
    assert is_local(target) is local
