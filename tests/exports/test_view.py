"""``GET /exports/<name>.xlsx`` as the contract has it, and the page that lists the exports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask import Flask

from admin_app import create_app
from admin_app.config import Settings
from admin_app.models import AccessLog, Snapshot, Unit, User, database
from admin_app.services import accounts, confirmation
from tests.country import CLOSES, PASSWORD, Country, ManualClock
from tests.exports.conftest import World, make_world

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUMMARY = "/exports/province-summary.xlsx"


@dataclass
class Site:
    """The app over Krabi; ``get`` asks as somebody (None: nobody is signed in)."""

    app: Flask
    world: World
    tokens: dict[int, str] = field(default_factory=dict)

    def get(self, url: str, role: str | None = "province", unit: Unit | None = None) -> Any:
        """The answer to one request."""
        client = self.app.test_client()
        if role is not None:
            actor = self.world.actor(role, unit)
            with client.session_transaction() as session:
                session["_user_id"], session["language"] = self.token(actor.user_id), "en"
        return client.get(url, buffered=True)

    def token(self, user_id: int) -> str:
        """The token of the person's session, signed in on first use."""
        if user_id not in self.tokens:
            clock, user = self.world.country.clock, User.get_by_id(user_id)
            signed_in = accounts.sign_in(user.username, PASSWORD, "127.0.0.1", clock)
            assert signed_in
            self.tokens[user_id] = signed_in[1]
        return self.tokens[user_id]


@pytest.fixture
def site(database_url: str, clock: ManualClock) -> Iterator[Site]:
    """The app on the test's own database and clock."""
    more = {"TESTING": True, "CLOCK": clock, "KEEP_CONNECTION": True}
    app = create_app(Settings(database_url, "a secret of tests, long enough", more=more))
    opened = app.extensions["lec_database"]
    database.connect(reuse_if_open=True)
    yield Site(app, make_world(Country(opened, clock)))
    if not opened.is_closed():
        opened.close()
    if hasattr(opened, "close_all"):
        opened.close_all()


def test_a_workbook_comes_with_its_type_and_names(site: Site) -> None:
    answer = site.get(f"{SUMMARY}?cycle=2567-1&unit=81")
    assert answer.status_code == 200
    assert answer.mimetype == XLSX
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith(
        "attachment; filename=\"province-summary-2567-1-81-draft.xlsx\"; filename*=UTF-8''%E0"
    )
    assert disposition.isascii()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)
    assert openpyxl.load_workbook(BytesIO(answer.data)).sheetnames[0] == "ปก"
    assert AccessLog.select().count() == 1


def test_cycle_unit_and_edition_may_be_left_out(site: Site) -> None:
    for name in ("roster", "province-summary", "outstanding"):
        assert site.get(f"/exports/{name}.xlsx").status_code == 200
    site.world.confirm_all()
    assert site.get(SUMMARY).headers["X-Edition"] == "official"
    dla = site.get("/exports/outstanding.xlsx", "department")
    assert dla.status_code == 200


# query, role, status
CASES = [
    (SUMMARY, None, 302),
    ("/exports/", None, 302),
    ("/exports/nothing.xlsx", "province", 404),
    ("/exports/nothing.xlsx", None, 302),
    ("/exports/roster.xlsx", "helpdesk", 404),
    (f"{SUMMARY}?unit=81", "helpdesk", 404),
    ("/exports/national-budget.xlsx", "province", 404),
    ("/exports/national-budget.xlsx?unit=", "province", 404),
    (f"{SUMMARY}?unit=82", "province", 404),
    (f"{SUMMARY}?unit=99", "province", 404),
    (f"{SUMMARY}?unit=DLA", "department", 404),
    ("/exports/roster.xlsx?unit=DLA", "department", 404),
    (f"{SUMMARY}?cycle=2599-1", "province", 404),
    (f"{SUMMARY}?cycle=2567-2", "province", 404),
    (f"{SUMMARY}?cycle=2567", "province", 400),
    (f"{SUMMARY}?cycle=", "province", 400),
    (f"{SUMMARY}?cycle=2567-1%0A", "province", 400),
    (f"{SUMMARY}?cycle=%E0%B9%92567-1", "province", 400),
    (f"{SUMMARY}?edition=final", "province", 400),
    (f"{SUMMARY}?edition=", "province", 400),
    ("/exports/roster.xlsx?edition=draft", "province", 400),
    (f"{SUMMARY}?unit=", "province", 400),
    (f"{SUMMARY}?unit=8%201", "province", 400),
    (f"{SUMMARY}?unit=%00", "province", 400),
    (f"{SUMMARY}?unit=11111111111111111", "province", 400),
    (f"{SUMMARY}?year=2567", "province", 400),
    (SUMMARY, "department", 400),
    ("/exports/roster.xlsx", "department", 400),
    (f"{SUMMARY}?edition=official", "province", 403),
    ("/exports/national-budget.xlsx", "department", 403),
]


def test_what_cannot_be_had_has_its_status(site: Site) -> None:
    for url, role, status in CASES:
        answer = site.get(url, role)
        assert answer.status_code == status, (url, role)
        assert XLSX not in answer.content_type, (url, role)
        if status == 302:
            assert answer.location.startswith("/login"), (url, role)
    assert not AccessLog.select().exists()


def test_a_shut_gate_says_why_and_when_it_opens(site: Site) -> None:
    told = site.get(f"{SUMMARY}?edition=official").get_data(as_text=True)
    assert "opens when the unit has confirmed; due 11 Jun 2567 BE, 17:00" in told
    told = site.get("/exports/national-budget.xlsx", "department").get_data(as_text=True)
    assert "after 11 Jun 2567 BE, 17:00" in told
    site.world.confirm_all()
    answer = site.get(f"{SUMMARY}?edition=draft")
    assert answer.status_code == 403
    assert "use the official edition" in answer.get_data(as_text=True)


def test_a_cycle_that_is_not_opened_says_when_it_opens(site: Site) -> None:
    site.world.country.cycle("2567-2", start=False)
    answer = site.get("/exports/roster.xlsx?cycle=2567-2")
    assert answer.status_code == 403
    assert "it opens on 29 Apr 2567 BE, 00:00" in answer.get_data(as_text=True)


def test_a_bad_parameter_is_told_in_words(site: Site) -> None:
    for url, text in (
        (f"{SUMMARY}?cycle=x", "write it as 2567-1"),
        (f"{SUMMARY}?edition=x", "official, draft"),
        ("/exports/roster.xlsx?edition=x", "has no editions"),
        (f"{SUMMARY}?unit=8-1", "digits or letters only"),
    ):
        assert text in site.get(url).get_data(as_text=True)
    dla = site.get(SUMMARY, "department")
    assert "give the code of the unit" in dla.get_data(as_text=True)


def test_a_damaged_snapshot_is_told_and_nothing_is_handed_out(site: Site) -> None:
    site.world.confirm_all()
    Snapshot.update(content="{}").execute()
    answer = site.get(SUMMARY)
    assert answer.status_code == 500
    assert "Ask DLA to verify" in answer.get_data(as_text=True)
    assert not AccessLog.select().exists()


def test_the_page_lists_what_the_person_has_with_reasons(site: Site) -> None:
    page = site.get("/exports/").get_data(as_text=True)
    assert "/exports/roster.xlsx?cycle=2567-1&amp;unit=81" in page
    assert "/exports/province-summary.xlsx?cycle=2567-1&amp;unit=81&amp;edition=draft" in page
    assert "opens when the unit has confirmed" in page
    assert "national-budget" not in page
    for lao in ("อบต.อ่าวนาง", "อบต.เขาดิน"):
        assert f"/exports/?unit={site.world[lao].code}" in page


@pytest.mark.parametrize("role", ["department", "helpdesk"])
def test_the_country_is_led_to_its_provinces(site: Site, role: str) -> None:
    page = site.get("/exports/", role).get_data(as_text=True)
    assert page.count("/exports/?unit=") == 76
    assert ("/exports/national-budget.xlsx" in page) is False
    assert "/exports/outstanding.xlsx?cycle=2567-1&amp;unit=DLA" in page


def test_the_page_of_a_unit_outside_the_scope_is_not_found(site: Site) -> None:
    assert site.get("/exports/?unit=82").status_code == 404
    assert site.get("/exports/?unit=82", "department").status_code == 200
    school = site.world["บ้านช่องพลี"]
    assert site.get("/exports/", "school", school).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("rates=1", 200, ""),
        ("rates=2", 400, "has no edition 2 of the rates"),
        ("rates=0", 400, "has no edition 0 of the rates"),
        ("rates=-1", 400, "give the number of an edition"),
        ("rates=%E0%B9%91", 400, "give the number of an edition"),
        ("rates=99999999999", 400, "give the number of an edition"),
    ],
)
def test_a_budget_is_asked_for_by_an_edition_of_the_rates(
    site: Site, query: str, status: int, words: str
) -> None:
    country, cycle = site.world.country, site.world.cycle
    country.clock.set(CLOSES)
    dla, top = site.world.actor("department"), country.department
    confirmation.move(dla, cycle.id, top.id, "close", country.clock, reason="ครบกำหนด")
    answer = site.get(f"/exports/national-budget.xlsx?cycle=2567-1&{query}", "department")
    assert answer.status_code == status
    assert words in ("" if status == 200 else answer.get_data(as_text=True))


def test_other_exports_have_no_rates_to_choose(site: Site) -> None:
    answer = site.get(f"{SUMMARY}?cycle=2567-1&unit=81&rates=1")
    assert answer.status_code == 400
    assert "leave it out" in answer.get_data(as_text=True)
