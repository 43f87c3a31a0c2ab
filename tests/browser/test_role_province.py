"""A province's round: who is open and whom to call, a return, the confirm, both summaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import prepared, server
from tests.browser.steps import (
    LAO,
    PAPER,
    PROVINCE,
    WORKBOOK,
    Enter,
    confirm,
    explain,
    give_back,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SUMMARY = f"/exports/province-summary.xlsx?unit={PROVINCE}"
REASON = "ยังไม่มีโรงเรียนวัดอ่าวนางในแบบจำนวนนักเรียนสังกัดอื่น"


@pytest.fixture(scope="module")
def panel(own_file: Path) -> Iterator[str]:
    """A server over a demo in which Krabi waits for Ao Nang's own confirm."""
    prepared.confirm_krabi(own_file, but=(LAO,))
    with server.serving(own_file) as url:
        yield url


def test_the_board_says_who_is_open_and_whom_to_call(enter: Enter) -> None:
    province = enter("krabi")
    province.picture("home-province")
    province.picture("board-province", (1200, 800), of="table.board")
    row = f".board tr:has(a[href='/units/{LAO}'])"
    assert province.has(f"{row} .tag.open")
    assert province.has(f"{row} a[href^='tel:']")
    assert province.page.locator(".board .tag.good:text-is('ยืนยันแล้ว')").count() > 1
    province.press(f"{row} a")
    assert "จำนวนนักเรียน" in province.text(".todo")
    province.picture("unit-lao", (1100, 800))
    province.go("/exports/?unit=81")
    province.picture("exports", (1100, 800), of="main")
    assert province.download("a[href*='/exports/outstanding.xlsx']").startswith(WORKBOOK)


def test_the_draft_is_there_while_the_official_summary_is_shut(enter: Enter) -> None:
    province = enter("krabi")
    province.go("/exports/?unit=81")
    draft = province.download("a[href*='province-summary'][href*='edition=draft']")
    assert draft.startswith(WORKBOOK)
    province.go(f"{SUMMARY}&edition=official", 403)
    assert province.has("main h1")
    province.go("/exports/?unit=81&cycle=2567-1")
    link = "a[href*='cycle=2567-1'][href*='edition=official']"
    assert province.download(link).startswith(WORKBOOK)


def test_an_lao_is_returned_confirms_again_and_the_province_confirms(enter: Enter) -> None:
    lao = enter("aonang")
    lao.go(f"/other-counts/{LAO}")
    lao.press("button[name=declare_none]")
    explain(lao, LAO)
    confirm(lao, LAO)
    province = enter("krabi")
    assert province.has(f"main a[href='/units/{PROVINCE}/confirm']")
    give_back(province, LAO, REASON)
    lao.go("/")
    assert REASON in lao.text()
    lao.go(f"/other-counts/{LAO}")
    lao.type("[name='r0.name']", "โรงเรียนวัดอ่าวนาง")
    lao.choose("[name='r0.affiliation']", place=1)
    lao.type("[name='r0.P1.b']", "12")
    lao.press("main form .button")
    explain(lao, LAO)
    confirm(lao, LAO)
    province.go(f"/units/{PROVINCE}/confirm")
    province.picture("confirm-province", of=".panel.narrow")
    confirm(province, PROVINCE)
    province.go("/exports/?unit=81")
    official = province.download("a[href*='province-summary'][href*='edition=official']")
    assert official.startswith(WORKBOOK)
    assert province.download("a[href*='/exports/certificate.pdf']").startswith(PAPER)
