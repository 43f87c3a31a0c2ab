"""The screen of accounts."""

from __future__ import annotations

from admin_app.models import User
from admin_app.services import throttle
from admin_app.services.throttle import MOST_PER_ACCOUNT
from tests.views.conftest import Panel, text


def test_an_lao_makes_an_account_for_its_school_without_a_password(panel: Panel) -> None:
    form = {
        "username": "kru.noi",
        "name": "ครูน้อย",
        "role": "school",
        "active": "y",
        "phone": "",
        "email": "",
    }
    answer = panel.client("lao").post("/accounts/new/", data=form | {"unit": panel.school.code})
    assert answer.status_code == 302
    made = User.get(User.username == "kru.noi")
    assert (made.unit_id, made.password_hash) == (panel.school.id, "")


def test_a_user_name_that_is_taken_is_told(panel: Panel) -> None:
    taken = panel.country.user("school", panel.school)
    form = {"username": taken.username, "name": "x", "role": "school", "unit": panel.school.code}
    page = text(panel.client("lao").post("/accounts/new/", data=form))
    assert 'class="error" id="username-error"' in page


def test_a_lock_ends_the_persons_session(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    theirs = panel.client().sign_in(user, panel.clock)
    form = {"name": user.name, "version": "1"}
    panel.client("lao").post(f"/accounts/edit/?id={user.id}", data=form)
    assert theirs.get("/").status_code == 302


def test_whoever_is_asked_for_help_sees_why_the_right_password_is_refused(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    page = f"/accounts/details/?id={user.id}"
    for number in range(MOST_PER_ACCOUNT):
        assert "Too many wrong" not in text(panel.client("helpdesk").get(page)), number
        throttle.attempt(user.username, "192.0.2.1", panel.clock())
    told = text(panel.client("helpdesk").get(page))
    assert "refused until 20 May 2567 BE, 12:15" in told
    panel.clock.tick(minutes=15)
    assert "Too many wrong" not in text(panel.client("helpdesk").get(page))


def test_an_address_that_no_letter_reaches_is_told_beside_its_field(panel: Panel) -> None:
    lao = panel.client("lao")
    form = {"username": "kru.noi", "name": "ครูน้อย", "role": "school", "phone": ""}
    form |= {"unit": panel.school.code}
    page = text(lao.post("/accounts/new/", data=form | {"email": "noi@"}))
    assert 'id="email-error"' in page
    assert 'value="noi@"' in page
    assert User.get_or_none(User.username == "kru.noi") is None
    assert lao.post("/accounts/new/", data=form | {"email": "noi@example.org"}).status_code == 302
    made = User.get(User.username == "kru.noi")
    address = f"/accounts/edit/?id={made.id}"
    wrong = form | {"version": "1", "active": "y", "email": "noi@@example.org"}
    assert 'id="email-error"' in text(lao.post(address, data=wrong))
    assert User.get_by_id(made.id).email == "noi@example.org"
