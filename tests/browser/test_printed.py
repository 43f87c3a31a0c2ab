"""What comes out of the printer: A4, readable without colours, no buttons, who printed it when."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Enter = Callable[[str], Visitor]
SCHOOL, LAO = "6810116001", "6810116"
PERSONAL = "ข้อมูลส่วนบุคคล"

# account, page, what it must say, what belongs to the screen alone
PAGES = [
    ("krabi", "/units/81", ("กระบี่", "อำเภอ เมืองกระบี่"), ("เพิ่มเติม", "ขยายเวลา", "คู่มือ")),
    ("krabi", "/confirmations/?level=school", ("การยืนยันข้อมูล",), ("ค้นหา", "รายการต่อหน้า")),
    ("chongphli", f"/units/{SCHOOL}", ("โรงเรียนบ้านช่องพลี",), ("เพิ่มนักเรียน", "ออกจากระบบ")),
    ("chongphli", "/children/", ("เลขประจำตัว",), ("ค้นหา", "จำหน่ายออก", "ถัดไป")),
    ("chongphli", f"/findings/{SCHOOL}", ("ข้อผิดพลาด",), ("บันทึกคำชี้แจง", "เงื่อนไข")),
    ("chongphli", f"/existence/{SCHOOL}", ("ตรวจสอบการมีตัวตน",), ("พิมพ์แบบตรวจสอบทุกชั้น",)),
    ("chongphli", "/help/", ("คู่มือสถานศึกษา",), ("ออกจากระบบ",)),
    ("aonang", f"/other-counts/{LAO}", ("สังกัดอื่น",), ("บันทึกทั้งหมด", "เพิ่มแถว")),
]
WITH_CHILDREN = ("/children/", f"/findings/{SCHOOL}")


def sheets(visitor: Visitor, path: str, folder: Path) -> list[str]:
    """The text of each sheet as a printer without colours gives it."""
    visitor.go(path)
    file = folder / "print.pdf"
    visitor.page.pdf(path=file, prefer_css_page_size=True, print_background=False)
    facts = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in facts or "841.92 x 594.96" in facts, facts
    told = subprocess.run(
        ["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True
    ).stdout
    return told.split("\f")[:-1]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads what was printed")
@pytest.mark.parametrize(("username", "path", "says", "silent"), PAGES)
def test_a_page_prints_what_it_says_and_nothing_to_press(
    enter: Enter,
    tmp_path: Path,
    username: str,
    path: str,
    says: tuple[str, ...],
    silent: tuple[str, ...],
) -> None:
    visitor = enter(username)
    printed = sheets(visitor, path, tmp_path)
    for words in says:
        assert words in "".join(printed)
    for words in silent:
        assert words not in "".join(printed)
    assert "http" not in "".join(printed)
    visitor.page.emulate_media(media="print")
    for words in ("nav", "main form button", ".skip", ".bulkbar", ".pager"):
        for one in visitor.page.locator(words).all():
            assert not one.is_visible(), words
    foot = visitor.page.locator(".printed")
    assert foot.is_visible()
    name = visitor.page.locator(".me").inner_text() or visitor.page.locator(".me").text_content()
    assert (name or "").strip() in foot.inner_text()
    assert (path in WITH_CHILDREN) == (visitor.page.locator(".printed [data-personal]").count() > 0)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads what was printed")
def test_every_sheet_of_a_long_list_has_the_head_and_who_printed_it(
    enter: Enter, tmp_path: Path
) -> None:
    printed = sheets(enter("chongphli"), "/children/", tmp_path)
    assert len(printed) > 1
    for sheet in printed:
        assert "เลขประจำตัว" in sheet
        assert "LEC Admin" in sheet


def test_text_on_paper_is_dark_on_white_without_its_backgrounds(enter: Enter) -> None:
    visitor = enter("dla")
    visitor.go("/")
    visitor.page.emulate_media(media="print")
    light = visitor.page.evaluate(
        """() => [...document.querySelectorAll("main *, .printed *")].filter((one) => {
          const text = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
          const [r, g, b] = getComputedStyle(one).color.match(/[\\d.]+/g).map(Number);
          return text && one.getClientRects().length && 0.3 * r + 0.59 * g + 0.11 * b > 128;
        }).map((one) => one.outerHTML.slice(0, 90))"""
    )
    assert light == []
