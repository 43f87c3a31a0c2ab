"""A school's round, from the one-time code to the close: chapters of one story, in order."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect
from stdnum.th import pin

from admin_app.database import now
from admin_app.domain.identity import make_pin
from admin_app.imports import roster
from admin_app.models import User
from admin_app.services import accounts
from seed.demo_units import cast
from tests.browser import server
from tests.browser.steps import (
    MAIN_BUTTON,
    PAPER,
    RIGHT,
    SCHOOL,
    WRONG,
    confirm,
    explain,
    give_back,
    now_closed,
    record,
    set_password,
)
from tests.browser.visitor import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "ข้าวเหนียวมะม่วงยามเช้า"
REASON = "นามสกุลของนักเรียนคนใหม่สะกดผิด"
HEADINGS = {column.key: column.heading for column in roster.COLUMNS}
IMPORTED = {
    "id_number": make_pin("189981234568"),
    "prefix": "ด.ญ.",
    "first_name": "มาจาก",
    "last_name": "แฟ้มงาน",
    "sex": "หญิง",
    "birth_date": "๑๕ มี.ค. ๒๕๖๒",
    "grade": "ป.2",
}


@dataclass(frozen=True)
class Story:
    """The server, its database, and the code that the LAO has read out to the school."""

    url: str
    path: Path
    code: str


@pytest.fixture(scope="module")
def story(own_file: Path) -> Iterator[Story]:
    """The demo, in which the school's password was forgotten."""
    with server.filling(own_file):
        school = User.get(User.username == "chongphli")
        code = accounts.give_reset(cast()["aonang"], school.id, now)[1]
    with server.serving(own_file) as url:
        yield Story(url, own_file, code)


@pytest.fixture
def enter(browser: Browser, story: Story) -> Iterator[Callable[[str], Visitor]]:
    """Signs somebody in, the school by its new password; at the end everybody leaves."""
    inside: list[Visitor] = []

    def sign_in(username: str) -> Visitor:
        inside.append(Visitor(browser, story.url))
        return inside[-1].sign_in(username, PASSWORD if username == "chongphli" else "")

    yield sign_in
    for visitor in inside:
        visitor.leave()


Enter = Callable[[str], Visitor]


def test_a_school_chooses_its_password_by_a_one_time_code(browser: Browser, story: Story) -> None:
    school = Visitor(browser, story.url)
    school.go("/login")
    school.picture("login", (1100, 620))
    assert school.page.locator("[data-demo-username][data-demo-password]").count() == 5
    school.go("/reset")
    school.type("#username", "chongphli")
    school.type("#code", "1234-5678")
    school.picture("one-time-code", of=".panel.narrow")
    set_password(school, "chongphli", story.code, PASSWORD)
    school.sign_in("chongphli", PASSWORD)
    school.picture("home-school", (1280, 720))
    school.picture("phone-school", PHONE)
    school.press("form[action='/logout'] button")
    school.press("[data-demo-username=krabi] button")
    assert school.path == "/"
    school.leave()


def test_a_wrong_number_is_told_while_recording_and_nothing_typed_is_lost(enter: Enter) -> None:
    school = enter("chongphli")
    school.press("main a[href^='/children/new/']")
    record(school, WRONG)
    school.press("main form .button")
    expect(school.page.locator("#id_number-error")).to_be_visible()
    expect(school.page.locator("#id_number")).to_have_value(WRONG)
    expect(school.page.locator("#first_name")).to_have_value("ทดลอง")
    expect(school.page.locator("#grade")).to_have_value("P2")
    expect(school.page.locator("input[name=sex][value=M]")).to_be_checked()
    school.picture("child-error", (1000, 900), of="main")
    school.type("#id_number", RIGHT)
    school.press("main form .button")
    school.go(f"/children/?search={RIGHT}")
    assert school.page.locator("tbody tr").count() == 1


def test_what_the_last_round_left_wrong_is_found_and_corrected(enter: Enter) -> None:
    school = enter("chongphli")
    assert not school.has(f"a[href='/units/{SCHOOL}/confirm']")
    school.press(".todo a[href*='problem=']")
    assert school.page.locator("tbody tr").count() == 1
    school.press("td.edit a")
    number = "".join(filter(str.isdigit, school.page.input_value("#id_number")))
    school.type("#id_number", number[:12] + pin.calc_check_digit(number[:12]))
    school.press("main form .button")
    school.go("/children/?attested=0")
    school.picture("children", (1100, 660))


def filled_in(workbook: bytes) -> bytes:
    """The workbook as it was downloaded, with one more child at its end."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    sheet = book.worksheets[0]
    head = next(
        row for row in sheet.iter_rows() if HEADINGS["id_number"] in [cell.value for cell in row]
    )
    names = {str(cell.value): cell.column for cell in head}
    row = head[0].row + 1
    while sheet.cell(row, names[HEADINGS["first_name"]]).value:
        row += 1
    for key, text in IMPORTED.items():
        sheet.cell(row, names[HEADINGS[key]], text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_goes_out_and_comes_back_with_one_child_more(enter: Enter) -> None:
    school = enter("chongphli")
    school.press("main a[href^='/imports/children']")
    workbook = school.download(".panel a[href*='.xlsx']")
    school.attach("#file", "นักเรียน.xlsx", filled_in(workbook))
    school.press("main form .button")
    assert "แฟ้มงาน" in school.text("tbody")
    assert not school.has("main .flash.error")
    school.picture("import-preview", (1000, 700))
    school.press("form[action$='/accept'] button")
    school.go(f"/children/?search={IMPORTED['id_number']}")
    assert school.page.locator("tbody tr").count() == 1


def test_each_class_is_attested_and_its_checklist_printed(enter: Enter) -> None:
    school = enter("chongphli")
    school.press(f".todo a[href='/existence/{SCHOOL}']")
    school.picture("existence", (1000, 640), of="main")
    left = "form[action^='/existence/']"
    classes = school.page.locator(left).count()
    assert classes >= 2  # the new children's class, and the one that the demo left
    for _ in range(classes):
        school.press(f"{left} button")
    assert not school.has(left)
    assert not school.has(f"a[href='/units/{SCHOOL}/confirm']")
    school.press("a[href$='/P2/checklist']")
    assert "เดินรอบ" in school.text("tbody")
    expect(school.page.locator("[data-print]")).to_be_visible()
    pages = school.page.pdf(prefer_css_page_size=True)
    assert pages.startswith(b"%PDF")
    assert pages.count(b"/Type /Page\n") >= 2


def test_a_query_is_explained_and_the_school_confirms_and_prints_its_certificate(
    enter: Enter,
) -> None:
    school = enter("chongphli")
    school.go(f"/findings/{SCHOOL}?kind=query")
    school.page.locator(".explain textarea").first.fill("เด็กป่วยรักษาตัวนาน เข้าเรียนช้ากว่าเกณฑ์")
    school.picture("findings", (1000, 700), of="main")
    assert explain(school, SCHOOL) == 1
    school.go(f"/units/{SCHOOL}/confirm")
    school.picture("confirm-school", of=".panel.narrow")
    confirm(school, SCHOOL)
    assert school.download("main a[href*='/exports/certificate.pdf']").startswith(PAPER)


def test_what_the_lao_returns_says_why_and_is_confirmed_again(enter: Enter) -> None:
    give_back(enter("aonang"), SCHOOL, REASON)
    school = enter("chongphli")
    assert REASON in school.text()
    school.picture("returned-school", (1000, 700), of="main")
    school.go(f"/children/?search={RIGHT}")
    school.press("td.edit a")
    school.type("#last_name", "เดินรอบใหม่")
    school.press("main form .button")
    school.go("/children/?attested=0")
    school.tick("[data-all]")
    school.press("button[value=attest]")
    confirm(school, SCHOOL)


def test_after_the_end_the_school_sees_that_it_is_closed(enter: Enter, story: Story) -> None:
    now_closed(story.path)
    school = enter("chongphli")
    assert "ปิดแล้วตั้งแต่" in school.text(".countdown")
    for gone in ("/children/new/", "/imports/children", "/confirm", "/children/attest-all"):
        assert not school.has(f"main [href*='{gone}'], main form[action*='{gone}']")
    school.go("/children/new/")
    record(school, make_pin("189981234569"))
    school.press("main form .button")
    assert school.has(".flash.error")
    school.go(f"/units/{SCHOOL}")
    assert school.has(".heading .tag.good")
    assert not school.has(MAIN_BUTTON)
