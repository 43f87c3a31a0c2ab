"""An LAO's round: an account for its school, the grid, the notes, a return, its own confirm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import prepared, server
from tests.browser.steps import (
    LAO,
    MAIN_BUTTON,
    PAPER,
    SCHOOL,
    SISTER,
    WORKBOOK,
    Enter,
    confirm,
    confirmed,
    explain,
    set_password,
)
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

USERNAME, PASSWORD = "anuban-aonang", "ต้นสนริมหาดนพรัตน์"


@pytest.fixture(scope="module")
def panel(own_file: Path) -> Iterator[str]:
    """A server over a demo in which Krabi waits for Ao Nang's own confirm."""
    prepared.confirm_krabi(own_file, but=(LAO,))
    with server.serving(own_file) as url:
        yield url


def test_the_lao_makes_an_account_for_its_school_and_reads_out_the_code(
    browser: Browser, panel: str, enter: Enter
) -> None:
    lao = enter("aonang")
    lao.picture("home-lao", (1100, 800))
    lao.press(f".board a[href='/units/{SISTER}']")
    lao.press("main a[href*='/accounts/new/']")
    assert lao.page.input_value("#unit") == SISTER
    lao.type("#username", USERNAME)
    lao.type("#name", "ครูธุรการ")
    lao.press("main form .button")
    lao.go(f"/units/{SISTER}")
    lao.press(f"main a:text-is('{USERNAME}')")
    lao.press("form[action='/accounts/reset'] button")
    code = lao.text(".code")
    assert re.fullmatch(r"\d{4}-\d{4}", code)
    lao.picture("account-code", (900, 700), of="main")
    school = Visitor(browser, panel)
    set_password(school, USERNAME, code, PASSWORD)
    school.sign_in(USERNAME, PASSWORD)
    assert confirmed(school, SISTER)
    school.go(f"/units/{SCHOOL}", 404)
    school.leave()


def test_the_lao_counts_other_affiliations_in_the_grid(enter: Enter) -> None:
    lao = enter("aonang")
    assert not lao.has(f"a[href='/units/{LAO}/confirm']")
    lao.press(f".offers a[href='/other-counts/{LAO}']")
    rows = (("โรงเรียนวัดอ่าวนาง", 1, ("P1", 12, 13)), ("โรงเรียนอนุบาลทะเลใส", 3, ("K2", 8, 9)))
    for number, (name, affiliation, (grade, boys, girls)) in enumerate(rows):
        lao.type(f"[name='r{number}.name']", name)
        lao.choose(f"[name='r{number}.affiliation']", place=affiliation)
        lao.type(f"[name='r{number}.{grade}.b']", str(boys))
        lao.type(f"[name='r{number}.{grade}.g']", str(girls))
    assert lao.text("[data-row-total]") == "25"
    assert lao.text("[data-grand]") == "42"
    lao.press("main form .button")
    assert lao.page.input_value("[name='r0.P1.b']") == "12"
    lao.picture("grid", (1280, 720))


def test_the_lao_reads_the_notes_returns_a_school_and_confirms_it_in_its_place(
    enter: Enter,
) -> None:
    lao = enter("aonang")
    lao.go(f"/findings/{LAO}?kind=explained")
    assert prepared.NOTE in lao.text()
    lao.picture("notes", (1000, 700), of="main")
    lao.press(f"a[href*='/units/{SCHOOL}/return?finding=']")
    assert prepared.NOTE in lao.page.input_value("#reason")
    lao.picture("return-school", of=".panel.narrow")
    lao.press(MAIN_BUTTON)
    assert not confirmed(lao, SCHOOL)
    lao.go("/")
    assert not lao.has(f"main a[href='/units/{LAO}/confirm']")
    confirm(lao, SCHOOL)
    assert "ทำแทนสถานศึกษา" in lao.text(".timeline")


def test_the_lao_explains_its_own_query_confirms_and_prints_its_certificate(enter: Enter) -> None:
    lao = enter("aonang")
    explain(lao, LAO)
    confirm(lao, LAO)
    assert lao.download("main a[href*='/exports/certificate.pdf']").startswith(PAPER)
    lao.go("/exports/")
    assert lao.download("a[href*='/exports/outstanding.xlsx']").startswith(WORKBOOK)
