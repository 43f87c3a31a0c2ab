"""The screen of accounts."""

from __future__ import annotations

from admin_app.models import User
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
