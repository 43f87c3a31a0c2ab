"""The pages of reminders: preview and button, wording, the own switch, a letter's link."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from admin_app.config import Settings
from admin_app.database import transaction
from admin_app.domain.reminders import STANDARD
from admin_app.jobs.kinds import KINDS
from admin_app.mail import post
from admin_app.models import Event, Job, Reminder, ReminderText, Unit, User, database
from admin_app.services import reminders
from admin_app.views.jobs import LINKS, TITLES
from tests.country import CLOSES
from tests.views.conftest import SECRET, Panel, make_app, text


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Of the demo, in which letters are written into a folder."""
    return replace(settings, demo=True)


def person(panel: Panel, unit: Unit | None = None, **over: Any) -> User:
    """Somebody of the school, with an address."""
    where = unit or panel.school
    return panel.country.user(where.level, where, **{"email": "a@example.org"} | over)


def address(panel: Panel, unit: Unit | None = None, level: str = "school") -> str:
    """The page that reminds those below the LAO, unless told otherwise."""
    return f"/reminders/{(unit or panel.lao).code}?level={level}"


# --- preview and button ------------------------------------------------------------------------


def test_the_preview_says_how_many_whom_to_call_and_shows_the_letter(panel: Panel) -> None:
    person(panel)
    person(panel, reminders=False)
    Unit.update(phone="075-612345", contact_name="สมศรี").where(Unit.id == panel.sister.id).execute()
    page = text(panel.client("lao").get(address(panel)))
    assert "Send 1 letter<" in page
    assert "1 have turned reminders off" in page
    assert 'href="tel:075-612345"' in page
    assert "Please confirm the student data of" in page
    assert panel.school.name in page
    assert "a@example.org" not in page
    assert post.token(person(panel).id) not in page


def test_a_letter_names_the_telephone_of_who_sends_it_else_the_departments(panel: Panel) -> None:
    person(panel)
    Unit.update(phone="0-2241-9000").where(Unit.id == panel.country.department.id).execute()
    assert "0-2241-9000" in text(panel.client("lao").get(address(panel)))
    Unit.update(phone="075-695390").where(Unit.id == panel.lao.id).execute()
    page = text(panel.client("lao").get(address(panel)))
    assert "075-695390" in page
    assert "0-2241-9000" not in page


def test_the_button_asks_for_a_job_whose_page_leads_back(panel: Panel) -> None:
    person(panel)
    client = panel.client("lao")
    answer = client.post(f"/reminders/{panel.lao.code}", data={"level": "school"})
    job = Job.get(Job.kind == "remind")
    assert answer.location == f"/jobs/{job.id}"
    assert "a@example.org" not in job.params
    page = text(client.get(answer.location))
    assert f"Reminders by e-mail · {panel.lao.name} · Schools" in page
    assert f"/reminders/{panel.lao.code}?level=school&amp;cycle=2567-1" in page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_every_kind_of_job_says_where_its_work_shows(kind: Any) -> None:
    assert kind.key in LINKS
    assert kind.key in TITLES or not kind.own


def test_a_level_that_is_not_below_and_a_unit_out_of_reach_are_not_there(panel: Panel) -> None:
    near = {panel.country.department, panel.province, panel.lao, panel.school}
    reach = {"department": near - {panel.school}, "province": {panel.province, panel.lao}}
    reach |= {"lao": {panel.lao}, "helpdesk": set(), "school": set()}
    for role, units in reach.items():
        client = panel.client(role)
        for unit in near | {panel.far_lao, panel.far, panel.country.province("82")}:
            far_for_dla = role == "department" and unit.level in ("province", "lao")
            wanted = 200 if unit in units or far_for_dla else 404
            status = client.get(f"/reminders/{unit.code}?level=school").status_code
            assert status == wanted, (role, unit.code)
            if wanted == 404:
                sent = client.post(f"/reminders/{unit.code}", data={"level": "school"})
                assert sent.status_code == 404
    for level in ("lao", "province", "department", "x"):
        assert panel.client("lao").get(address(panel, level=level)).status_code == 404
    assert Job.select().where(Job.kind == "remind").count() == 0


def test_people_of_elsewhere_count_for_nothing(panel: Panel) -> None:
    person(panel, panel.far)
    page = text(panel.client("lao").get(address(panel)))
    assert "Nobody would get a letter now" in page
    assert panel.far.name not in page
    page = text(panel.client("department").get(address(panel, panel.country.department)))
    assert panel.far.name in page


def test_when_nothing_can_be_sent_the_page_says_why_and_has_no_button(panel: Panel) -> None:
    person(panel)
    panel.clock.set(CLOSES)
    client = panel.client("lao")
    page = text(client.get(address(panel)))
    assert "Nothing can be confirmed any more" in page
    assert '<form method="post">' not in page
    answer = client.post(f"/reminders/{panel.lao.code}", data={"level": "school"})
    assert answer.status_code == 409
    assert not Job.select().where(Job.kind == "remind").exists()


def test_when_all_have_confirmed_nobody_is_left_to_remind(panel: Panel) -> None:
    panel.country.confirm_tree(panel.lao, panel.cycle)
    page = text(panel.client("lao").get(address(panel)))
    assert "nobody is left to remind" in page


def test_while_mail_is_not_set_up_the_page_says_so(panel: Panel, settings: Settings) -> None:
    person(panel)
    post.bind(replace(settings, demo=False))
    page = text(panel.client("lao").get(address(panel)))
    assert "E-mail is not set up in this system" in page
    assert "Send 1" not in page


def test_boards_lead_to_it_where_somebody_is_left_and_the_person_may_remind(
    panel: Panel,
) -> None:
    link = f"/reminders/{panel.lao.code}?cycle=2567-1"
    for role in ("department", "province", "lao"):
        assert link in text(panel.client(role).get(f"/units/{panel.lao.code}")), role
    assert link in text(panel.client("lao").get("/"))
    assert "/reminders/" not in text(panel.client("helpdesk").get(f"/units/{panel.lao.code}"))
    panel.country.confirm_tree(panel.lao, panel.cycle)
    assert link not in text(panel.client("lao").get("/"))


def test_the_history_says_how_many_letters_to_whom(panel: Panel) -> None:
    province = panel.country.actor("province", panel.province)
    with transaction():
        reminders.record(province, panel.cycle, panel.lao, "school", 3, panel.clock())
    assert "Schools: 3 letters" in text(panel.client("lao").get(f"/units/{panel.lao.code}"))
    page = text(panel.client("province").get("/history/"))
    assert f"Schools · {panel.lao.name}: 3 letters" in page


@pytest.mark.parametrize("address", ["/history/", "/units/81"])
def test_a_history_of_many_reminders_looks_nothing_up_for_each(
    panel: Panel, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    province = panel.country.actor("province", panel.province)
    client = panel.client("province")
    opened: Any = database.obj
    run = opened.execute_sql
    asked: list[Any] = []

    def counted(*said: Any, **more: Any) -> Any:
        asked.append(said)
        return run(*said, **more)

    def queries(reminders_sent: int) -> int:
        for _ in range(reminders_sent):
            with transaction():
                reminders.record(province, panel.cycle, panel.lao, "school", 3, panel.clock())
        asked.clear()
        with monkeypatch.context() as patch:
            patch.setattr(opened, "execute_sql", counted)
            page = text(client.get(address))
        assert (
            page.count(f"{panel.lao.name}: 3 letters")
            == Event.select()
            .where(Event.tag == "reminder.sent", Event.unit == panel.province.id)
            .count()
        )
        return len(asked)

    queries(1)
    assert queries(0) == queries(4)


def test_the_page_of_a_unit_says_when_it_was_reminded(panel: Panel) -> None:
    client = panel.client("helpdesk")
    assert "Last reminded" not in text(client.get(f"/units/{panel.school.code}"))
    where = {"unit": panel.school.id, "cycle": panel.cycle.id, "status": "sent"}
    day, at = panel.clock().date(), panel.clock()
    Reminder.create(user=person(panel).id, day=day, at=at, **where)
    assert "Last reminded" in text(client.get(f"/units/{panel.school.code}"))


# --- a letter's links -----------------------------------------------------------------------------


def test_the_link_of_a_letter_opens_the_units_page_for_its_people(panel: Panel) -> None:
    path = f"/units/{panel.school.code}?cycle=2567-1"
    assert panel.client("school").get(path).status_code == 200


def test_a_letters_link_shows_one_button_and_the_button_turns_reminders_off(
    panel: Panel,
) -> None:
    user = person(panel)
    client, link = panel.client(), f"/reminders/off/{post.token(user.id)}"
    for _ in range(2):
        page = text(client.get(link))
        assert '<form method="post">' in page
        assert User.get_by_id(user.id).reminders
    for secret in (user.username, user.name, user.email, panel.school.name):
        assert secret not in page
    for _ in range(2):
        assert client.post(link).status_code == 200
        assert not User.get_by_id(user.id).reminders
    assert Event.select().where(Event.tag == "account.edited").count() == 1


def test_a_mail_program_turns_them_off_without_a_token_of_a_form_and_nothing_else(
    panel: Panel, settings: Settings
) -> None:
    user = person(panel)
    strict = make_app(settings, WTF_CSRF_ENABLED=True)
    client = strict.test_client()
    link = f"/reminders/off/{post.token(user.id)}"
    data = {"List-Unsubscribe": "One-Click", "reminders": "1"}
    assert client.post(link, data=data).status_code == 200
    assert not User.get_by_id(user.id).reminders
    assert client.post("/account/reminders", data={"reminders": "1"}).status_code == 400
    assert client.post("/login", data={}).status_code == 400
    assert not User.get_by_id(user.id).reminders


@pytest.mark.parametrize("wrong", ["x", "1", "MQ.x", "%00", "๑"])
def test_a_wrong_link_turns_nothing_off_and_says_what_to_do(panel: Panel, wrong: str) -> None:
    person(panel)
    client = panel.client()
    for answer in (client.get(f"/reminders/off/{wrong}"), client.post(f"/reminders/off/{wrong}")):
        assert answer.status_code in (400, 404)
    assert not User.select().where(~User.reminders).exists()
    found = client.get("/reminders/off/x?lang=en")
    assert "This link does not work" in text(found)


def test_a_link_of_another_system_is_wrong_here(panel: Panel, settings: Settings) -> None:
    user = person(panel)
    post.bind(replace(settings, secret_key=SECRET[::-1]))
    token = post.token(user.id)
    post.bind(settings)
    assert panel.client().post(f"/reminders/off/{token}").status_code == 404
    assert User.get_by_id(user.id).reminders


def test_the_link_works_for_who_has_to_choose_a_password_first(panel: Panel) -> None:
    user = person(panel, must_change_password=True)
    client = panel.client().sign_in(user, panel.clock)  # type: ignore[attr-defined]
    assert client.post(f"/reminders/off/{post.token(user.id)}").status_code == 200
    assert not User.get_by_id(user.id).reminders


# --- the own account ------------------------------------------------------------------------------


def test_a_person_turns_reminders_off_and_on_under_the_own_name(panel: Panel) -> None:
    client = panel.client("school")
    own = panel.country.actor("school", panel.school).user_id
    other = person(panel)
    assert 'href="/account/"' in text(client.get("/"))
    assert "Turn reminders off" in text(client.get("/account/"))
    for value, wanted in (("0", False), ("1", True), ("0", False)):
        assert client.post("/account/reminders", data={"reminders": value}).status_code == 302
        assert User.get_by_id(own).reminders is wanted
        assert User.get_by_id(other.id).reminders
    assert "Turn reminders on" in text(client.get("/account/"))


def test_who_is_never_reminded_has_no_switch(panel: Panel) -> None:
    assert "Turn reminders" not in text(panel.client("helpdesk").get("/account/"))


def test_the_page_of_an_account_says_that_the_person_wants_none(panel: Panel) -> None:
    user = person(panel, reminders=False)
    page = text(panel.client("helpdesk").get(f"/accounts/details/?id={user.id}"))
    assert "Turned off by the person" in page


# --- wording --------------------------------------------------------------------------------------

WORDS = {"version": "0", "subject": "Confirm {unit}", "text": "Now:\r\n{link}\r\n<b>{help}</b>"}
EDIT = "/reminder-texts/school/en"


def test_dla_looks_at_a_wording_before_it_is_saved(panel: Panel) -> None:
    client = panel.client("department")
    page = text(client.post(EDIT, data=WORDS | {"look": "1"}))
    assert "Confirm Ban Tua Yang School" in page
    assert "&lt;b&gt;" in page
    assert not ReminderText.select().exists()


def test_dla_changes_a_wording_and_the_preview_of_senders_says_it_so(panel: Panel) -> None:
    person(panel)
    client = panel.client("department")
    assert client.post(EDIT, data=WORDS).location == "/reminder-texts/"
    assert "changed" in text(client.get("/reminder-texts/"))
    assert f"Confirm {panel.school.name}" in text(panel.client("lao").get(address(panel)))
    back = {"version": "1", "standard": "1"}
    assert client.post(EDIT, data=back).status_code == 302
    page = text(client.get(EDIT))
    assert STANDARD["school", "en"].subject in page
    assert "Back to the standard wording" in page  # in its history


def test_what_cannot_be_sent_stays_in_the_form_with_what_is_wrong(panel: Panel) -> None:
    client = panel.client("department")
    answer = client.post(EDIT, data=WORDS | {"text": "no link {left}"})
    assert answer.status_code == 422
    assert "There is no placeholder {left}." in text(answer)
    assert "no link {left}" in text(answer)
    answer = client.post(EDIT, data=WORDS | {"text": "no link", "look": "1"})
    assert "write {link}" in text(answer)


def test_the_second_of_two_editors_sees_both_wordings(panel: Panel) -> None:
    client = panel.client("department")
    client.post(EDIT, data=WORDS)
    answer = client.post(EDIT, data=WORDS | {"subject": "Mine"})
    assert answer.status_code == 409
    page = text(answer)
    assert "What stands now" in page
    assert 'value="Mine"' in page
    assert re.search(r'name="version" value="1"', page)
    assert client.get("/reminder-texts/department/th").status_code == 404


@pytest.mark.parametrize("meanwhile", [{"look": "1"}, {"text": "no link"}], ids=str)
def test_who_looks_or_errs_first_does_not_write_over_what_another_saved(
    panel: Panel, meanwhile: dict[str, str]
) -> None:
    client = panel.client("department")
    client.post(EDIT, data=WORDS)
    page = text(client.post(EDIT, data=WORDS | meanwhile))
    seen = re.search(r'name="version" value="(\d+)"', page)
    assert seen is not None
    answer = client.post(EDIT, data=WORDS | {"subject": "Mine", "version": seen[1]})
    assert answer.status_code == 409
    assert ReminderText.get().subject == WORDS["subject"]


# --- the demo's letters --------------------------------------------------------------------------


def test_dla_reads_the_demos_letters_the_latest_first(panel: Panel) -> None:
    client = panel.client("department")
    assert "No letter has been written yet" in text(client.get("/letters/"))
    with post.open() as way:
        for subject in ("First <i>", "Second"):
            way.send(post.letter("a@example.org", subject, "Text", "https://x/off", panel.clock()))
    page = text(client.get("/letters/"))
    assert page.index("Second") < page.index("First &lt;i&gt;")
    for role in ("helpdesk", "province", "lao", "school"):
        assert panel.client(role).get("/letters/").status_code == 404


def test_where_letters_really_leave_there_is_no_page_of_them(
    panel: Panel, settings: Settings, tmp_path: Path
) -> None:
    post.bind(replace(settings, mail_url="smtp://127.0.0.1"))
    assert panel.client("department").get("/letters/").status_code == 404


def test_outside_the_demo_there_is_no_page_of_letters(app: Flask, panel: Panel) -> None:
    app.config["DEMO"] = False
    assert panel.client("department").get("/letters/").status_code == 404


def test_a_person_says_how_to_be_reached_and_a_wrong_address_comes_back(panel: Panel) -> None:
    client = panel.client("lao")
    own = panel.country.actor("lao", panel.lao).user_id
    answer = client.post("/account/contacts", data={"email": "somchai@", "phone": "075 12"})
    assert answer.status_code == 422
    page = text(answer)
    assert 'value="somchai@"' in page
    assert 'value="075 12"' in page
    assert 'aria-invalid="true"' in page
    kept = User.get_by_id(own)
    assert (kept.phone, kept.version) == ("", 1)
    form = {"email": " somchai@example.org ", "phone": "๐๗๕ 12"}
    assert client.post("/account/contacts", data=form).status_code == 302
    kept = User.get_by_id(own)
    assert (kept.email, kept.version) == ("somchai@example.org", 2)
    entry = Event.select().where(Event.tag == "account.edited").order_by(Event.id.desc()).first()
    assert "email" in entry.details
    assert "somchai" not in entry.details.replace(kept.username, "")
    assert client.post("/account/contacts", data={}).status_code == 302
    assert User.get_by_id(own).email == ""
