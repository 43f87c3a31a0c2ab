"""A helpdesk's day: searches, a case note, an unlock, an extension, a forgotten password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import prepared, server
from tests.browser.steps import (
    LAO,
    MAIN_BUTTON,
    PROVINCE,
    SCHOOL,
    Enter,
    confirmed,
    in_days,
)
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTE = "โทรมาเวลา 9.15 น. ลืมบันทึกนักเรียนย้ายเข้า 2 คน ปลดล็อกให้แล้ว จะยืนยันใหม่บ่ายนี้"


@pytest.fixture(scope="module")
def panel(own_file: Path) -> Iterator[str]:
    """A server over a demo in which Krabi is confirmed as a whole."""
    prepared.confirm_krabi(own_file, but=())
    with server.serving(own_file) as url:
        yield url


def search(visitor: Visitor, text: str) -> None:
    """From the home page."""
    visitor.go("/")
    visitor.type("#q", text)
    visitor.enter("#q")


def test_a_word_an_account_and_a_telephone_number_lead_to_the_unit(enter: Enter) -> None:
    helpdesk = enter("helpdesk")
    search(helpdesk, "อ่าวนาง")
    assert helpdesk.page.locator(".hits a").count() > 1
    helpdesk.picture("helpdesk-search", (1000, 500), of="main")
    helpdesk.press(f".hits a[href='/units/{LAO}']")
    phone = helpdesk.page.locator(".facts a[href^='tel:']").first.inner_text()
    search(helpdesk, phone)
    assert helpdesk.path == f"/units/{LAO}" or helpdesk.has(f".hits a[href='/units/{LAO}']")
    search(helpdesk, "chongphli")
    assert helpdesk.path.startswith("/accounts/details/")


def test_the_caller_is_noted_and_everything_above_the_school_reopens(enter: Enter) -> None:
    helpdesk = enter("helpdesk")
    search(helpdesk, "ช่องพลี")
    assert helpdesk.path == f"/units/{SCHOOL}"
    assert helpdesk.page.locator(".chips .tag.good").count() >= 2  # the states above
    helpdesk.type("#note", NOTE)
    helpdesk.press("#notes button")
    assert NOTE in helpdesk.text("#notes")
    helpdesk.picture("unit-helpdesk", (1000, 1080))
    helpdesk.press("main a[href$='/unlock']")
    reopens = helpdesk.text("main ul:has(strong)")
    for name in ("โรงเรียนบ้านช่องพลี", "อบต.อ่าวนาง", "กระบี่"):
        assert name in reopens
    helpdesk.tick("input[name=usual]")
    helpdesk.picture("move-unlock", of=".panel.narrow")
    helpdesk.press(MAIN_BUTTON)
    assert not any(confirmed(helpdesk, code) for code in (SCHOOL, LAO, PROVINCE))


def test_a_unit_gets_more_time_up_to_the_close_and_no_further(enter: Enter) -> None:
    helpdesk = enter("helpdesk")
    helpdesk.go(f"/units/{SCHOOL}/extend")
    helpdesk.type("#until", in_days(3))
    helpdesk.tick("input[name=usual]")
    helpdesk.picture("extend", of=".panel.narrow")
    helpdesk.press(MAIN_BUTTON)
    assert "17:00" in helpdesk.text(".countdown")
    helpdesk.go(f"/units/{SCHOOL}/extend")
    helpdesk.refused.add(helpdesk.page.url)
    helpdesk.type("#until", in_days(30))
    helpdesk.tick("input[name=usual]")
    helpdesk.press(MAIN_BUTTON, 409)
    assert helpdesk.has(".flash.error")


def test_a_forgotten_password_is_reset_by_a_code_to_read_out(enter: Enter) -> None:
    helpdesk = enter("helpdesk")
    search(helpdesk, "aonang")
    helpdesk.press("form[action='/accounts/reset'] button")
    assert re.fullmatch(r"\d{4}-\d{4}", helpdesk.text(".code"))
    helpdesk.picture("account-reset", (900, 700), of="main")


def test_a_childs_data_stays_masked(enter: Enter) -> None:
    helpdesk = enter("helpdesk")
    helpdesk.go(f"/children/?unit={SCHOOL}")
    assert "x-xxxx-" in helpdesk.text("tbody td:nth-of-type(2)")
    helpdesk.go(f"/exports/roster.xlsx?unit={SCHOOL}", 404)
