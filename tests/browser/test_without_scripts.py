"""The main path with JavaScript off: record, confirm on every level, export, unlock it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from admin_app.domain import thai
from tests.browser import prepared, server
from tests.browser.steps import (
    LAO,
    MAIN_BUTTON,
    PAPER,
    PROVINCE,
    RIGHT,
    SCHOOL,
    WORKBOOK,
    WRONG,
    carry_over,
    confirm,
    confirmed,
    decide_leavers,
    explain,
    new_cycle,
    record,
)
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Enter = Callable[[str], Visitor]


@pytest.fixture(scope="module")
def panel(own_file: Path) -> Iterator[str]:
    """A server over a demo in which Krabi waits for Ao Nang alone."""
    prepared.confirm_krabi(own_file, but=(SCHOOL, LAO))
    with server.serving(own_file) as url:
        yield url


@pytest.fixture
def enter(browser: Browser, panel: str) -> Iterator[Enter]:
    """Signs somebody in whose browser runs no scripts; at the end everybody leaves."""
    inside: list[Visitor] = []

    def sign_in(username: str) -> Visitor:
        inside.append(Visitor(browser, panel, scripts=False))
        return inside[-1].sign_in(username)

    yield sign_in
    for visitor in inside:
        visitor.leave()


def test_a_school_records_corrects_attests_confirms_and_exports(enter: Enter) -> None:
    school = enter("chongphli")
    school.press("main a[href^='/children/new/']")
    record(school, WRONG)
    school.press("main form .button")
    assert school.has("#id_number-error")
    assert school.page.input_value("#last_name") == "เดินรอบ"
    school.type("#id_number", RIGHT)
    school.press("main form .button")
    school.go("/")
    school.press(".todo a[href*='problem=']")
    school.tick("input[name=rowid]")
    school.choose("#removal_reason", "moved")
    school.press("button[value=remove]")
    school.go("/")
    school.press("form[action='/children/attest-all'] button")
    assert explain(school, SCHOOL) == 1
    confirm(school, SCHOOL)
    assert school.download("main a[href*='/exports/certificate.pdf']").startswith(PAPER)
    school.go("/exports/")
    assert school.download("a[href*='/exports/roster.xlsx']").startswith(WORKBOOK)


def test_an_lao_counts_in_the_grid_confirms_and_exports(enter: Enter) -> None:
    lao = enter("aonang")
    lao.go(f"/other-counts/{LAO}")
    lao.type("[name='r0.name']", "โรงเรียนวัดอ่าวนาง")
    lao.choose("[name='r0.affiliation']", place=1)
    lao.type("[name='r0.P1.b']", "๑๒")
    lao.type("[name='r0.P1.g']", "13")
    lao.press("main form .button")
    assert lao.page.input_value("[name='r0.P1.b']") == "12"
    assert lao.text("[data-row-total]") == "25"
    explain(lao, LAO)
    confirm(lao, LAO)
    lao.go("/exports/")
    assert lao.download("a[href*='/exports/roster.xlsx']").startswith(WORKBOOK)
    assert lao.download("a[href*='/exports/outstanding.xlsx']").startswith(WORKBOOK)


def test_a_province_confirms_and_the_helpdesk_unlocks_all_three(enter: Enter) -> None:
    province = enter("krabi")
    confirm(province, PROVINCE)
    province.go("/exports/?unit=81")
    official = province.download("a[href*='province-summary'][href*='edition=official']")
    assert official.startswith(WORKBOOK)

    helpdesk = enter("helpdesk")
    helpdesk.type("#q", "ช่องพลี")
    helpdesk.press("form:has(#q) button")
    helpdesk.press("a[href$='/unlock']")
    assert helpdesk.page.locator("main ul li strong").count() == 3
    helpdesk.type("#reason", "ลืมบันทึกนักเรียนย้ายเข้า")
    helpdesk.press(MAIN_BUTTON)
    assert not any(confirmed(helpdesk, code) for code in (SCHOOL, LAO, PROVINCE))


def test_dla_carries_over_into_a_new_year_and_a_school_says_who_has_left(enter: Enter) -> None:
    dla = enter("dla")
    code = new_cycle(dla, 2581)
    carry_over(dla)
    assert "8,649" in dla.text(".facts")  # DLA's published figures of the demo's three provinces
    decide_leavers(enter("chongphli"), code)
    lao = enter("aonang")
    lao.go(f"/other-counts/{LAO}?cycle={code}")
    assert lao.page.locator("small.last").count() > 4
    assert thai.digits(lao.text("tfoot small.last")).replace(",", "").isdigit()
