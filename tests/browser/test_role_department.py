"""DLA's round: an announcement, the map, an extension, the close, the budget, the next cycle."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from seed.demo_open import code_of
from tests.browser.steps import (
    MAIN_BUTTON,
    WORKBOOK,
    Enter,
    carry_over,
    confirmed,
    decide_leavers,
    in_days,
    new_cycle,
    now_closed,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TITLE = "ระบบปิดรับข้อมูลเวลา 17.00 น. ตรง"
TEXT = "กรุณายืนยันก่อนเวลาปิด หากไฟฟ้าหรืออินเทอร์เน็ตขัดข้องให้โทรศัพท์ถึงเจ้าหน้าที่ช่วยเหลือ"
LATE_CENTRE = "5810601001"


def test_what_dla_announces_stands_on_a_schools_home_page(enter: Enter) -> None:
    dla = enter("dla")
    dla.go("/announcements/new/")
    dla.type("#title", TITLE)
    dla.type("#text", TEXT)
    dla.choose("#level", "school")
    dla.type("#starts_at", in_days(-1))
    dla.type("#ends_at", in_days(7))
    dla.picture("announcement", (800, 800), of="main")
    dla.press("main form .button")
    assert TITLE in enter("chongphli").text()
    assert TITLE not in enter("krabi").text()


def test_dla_watches_the_map_and_the_slowest(enter: Enter) -> None:
    dla = enter("dla")
    dla.picture("home-dla")
    dla.picture("map", of=".halves")
    assert dla.page.locator(".board tbody tr").count() == 76
    dla.press(".board a[href='/units/81']")
    dla.go("/rates/")
    dla.picture("rates", (1000, 700))


def test_dla_extends_one_unit_beyond_the_close(enter: Enter) -> None:
    dla = enter("dla")
    dla.go(f"/units/{LATE_CENTRE}")
    dla.press("a[href$='/extend']")
    dla.type("#until", in_days(10))
    dla.tick("input[name=usual]")
    dla.press(MAIN_BUTTON)
    assert dla.path == f"/units/{LATE_CENTRE}"
    assert "17:00" in dla.text(".countdown")


def test_dla_closes_reopens_and_closes_again_and_takes_the_budget(
    enter: Enter, own_file: Path
) -> None:
    now_closed(own_file)
    dla = enter("dla")
    dla.go("/units/DLA")
    dla.press("main a[href$='/DLA/close']")
    dla.type("#reason", "จังหวัดที่ยังไม่ยืนยันจะยืนยันพร้อมรอบเพิ่มเติม")
    dla.picture("close", of=".panel.narrow")
    dla.press(MAIN_BUTTON)
    assert confirmed(dla, "DLA")
    dla.press("main a[href$='/DLA/unlock']")
    dla.tick("input[name=usual]")
    dla.press(MAIN_BUTTON)
    assert not confirmed(dla, "DLA")
    dla.press("main a[href$='/DLA/close']")
    dla.type("#reason", "ปิดอีกครั้งหลังแก้ไข")
    dla.press(MAIN_BUTTON)
    dla.go("/exports/")
    assert dla.download("a[href*='/exports/national-budget.xlsx']").startswith(WORKBOOK)


def test_the_next_year_starts_from_the_closed_cycle(enter: Enter) -> None:
    dla = enter("dla")
    code = new_cycle(dla, code_of(datetime.now(UTC))[0] + 1)
    dla.picture("cycle-carry-over", (1000, 800), of="main")
    carry_over(dla)
    dla.picture("job", of=".panel.narrow")
    dla.go("/jobs/")
    assert dla.page.locator("tbody tr").count() >= 1
    school = enter("chongphli")
    school.go(f"/?cycle={code}")
    school.picture("leavers-home", (1000, 700), of="main")
    decide_leavers(school, code)
