"""One round by hand, from a wrong number to DLA's close: chapters of one story, in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect
from stdnum.th import pin

from admin_app.domain.thai import BANGKOK, BUDDHIST_ERA
from tests.browser.visitor import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Enter = Callable[[str], Visitor]

SCHOOL, LAO, LATE_CENTRE = "6810116001", "6810116", "5810601001"
RIGHT = "189981234567"  # twelve digits; the thirteenth checks them
RIGHT += pin.calc_check_digit(RIGHT)
WRONG = RIGHT[:12] + str((int(RIGHT[12]) + 1) % 10)
SUMMARY = "/exports/province-summary.xlsx?unit=81"
WORKBOOK = b"PK\x03\x04"


def record(visitor: Visitor, number: str) -> None:
    """Fill in the form of a new child."""
    page = visitor.page
    page.fill("#id_number", number)
    page.select_option("#prefix", index=1)
    page.fill("#first_name", "ทดลอง")
    page.fill("#last_name", "เดินรอบ")
    page.check("input[name=sex][value=M]")
    page.fill("#birth_date", "๑๕/๓/๒๕๖๒")
    page.select_option("#grade", "P2")


def confirm(visitor: Visitor, code: str) -> None:
    """From the unit's page over the page that says what will happen."""
    visitor.go(f"/units/{code}")
    visitor.press(f"a[href='/units/{code}/confirm']")
    visitor.press("main form button")
    assert confirmed(visitor, code)


def explain(visitor: Visitor, code: str) -> int:
    """Explain every query of the unit, one after the other; answers how many there were."""
    number = 0
    while True:
        visitor.go(f"/findings/{code}?kind=query")
        if not visitor.has(".explain textarea"):
            return number
        visitor.page.locator(".explain textarea").first.fill("ตรวจสอบกับเอกสารแล้ว ถูกต้อง")
        visitor.press(".explain button")
        number += 1


def confirmed(visitor: Visitor, code: str) -> bool:
    """Whether the unit's page shows it as confirmed."""
    visitor.go(f"/units/{code}")
    return visitor.has(".heading .tag.good")


def test_the_login_page_offers_the_demo_accounts(enter: Enter) -> None:
    visitor = enter("chongphli")
    visitor.press("form[action='/logout'] button")
    assert visitor.page.locator("[data-demo-username][data-demo-password]").count() == 5
    visitor.picture("login")
    visitor.press("[data-demo-username=krabi] button")
    assert visitor.path == "/"


def test_a_school_that_types_a_wrong_number_is_told_and_loses_nothing(enter: Enter) -> None:
    school = enter("chongphli")
    school.picture("home-school")
    school.picture("phone-school", PHONE)
    school.press("main a[href^='/children/new/']")
    record(school, WRONG)
    school.press("main form .button")
    expect(school.page.locator("#id_number-error")).to_be_visible()
    expect(school.page.locator("#id_number")).to_have_value(WRONG)
    expect(school.page.locator("#first_name")).to_have_value("ทดลอง")
    expect(school.page.locator("#grade")).to_have_value("P2")
    expect(school.page.locator("input[name=sex][value=M]")).to_be_checked()
    school.page.fill("#id_number", RIGHT)
    school.press("main form .button")
    school.go(f"/children/?search={RIGHT}")
    assert school.page.locator("tbody tr").count() == 1


def test_the_school_finds_the_wrong_number_corrects_it_and_confirms(enter: Enter) -> None:
    school = enter("chongphli")
    assert not school.has(f"a[href='/units/{SCHOOL}/confirm']")
    school.press(".todo a[href*='problem=']")
    assert school.page.locator("tbody tr").count() == 1
    school.press("td.edit a")
    number = "".join(filter(str.isdigit, school.page.input_value("#id_number")))
    school.page.fill("#id_number", number[:12] + pin.calc_check_digit(number[:12]))
    school.press("main form .button")
    school.go("/children/?attested=0")
    school.picture("children", (1280, 720))
    school.go("/")
    school.press(f".todo a[href='/existence/{SCHOOL}']")
    school.picture("existence", (1280, 720))
    left = "form[action^='/existence/']"
    classes = school.page.locator(left).count()
    assert classes >= 2  # the new child's class, and the one that the demo left
    for _ in range(classes):
        school.press(f"{left} button")
    assert not school.has(left)
    assert not school.has(f"a[href='/units/{SCHOOL}/confirm']")
    assert explain(school, SCHOOL) == 1
    confirm(school, SCHOOL)


def test_the_school_prints_the_checklist_of_a_class(enter: Enter) -> None:
    school = enter("chongphli")
    school.go(f"/existence/{SCHOOL}")
    school.press("a[href$='/P2/checklist']")
    assert "เดินรอบ" in school.text("tbody")
    expect(school.page.locator("[data-print]")).to_be_visible()
    pages = school.page.pdf(prefer_css_page_size=True)
    assert pages.startswith(b"%PDF")
    assert pages.count(b"/Type /Page\n") >= 2


def test_the_lao_returns_it_with_a_reason_and_the_school_confirms_again(enter: Enter) -> None:
    lao = enter("aonang")
    lao.go(f"/units/{SCHOOL}")
    lao.press("a[href$='/return']")
    lao.page.fill("#reason", "นามสกุลของเด็กคนใหม่สะกดผิด")
    lao.press("main form button")
    school = enter("chongphli")
    assert "นามสกุลของเด็กคนใหม่สะกดผิด" in school.text()
    school.go(f"/children/?search={RIGHT}")
    school.press("td.edit a")
    school.page.fill("#last_name", "เดินรอบใหม่")
    school.press("main form .button")
    school.go("/children/?attested=0")
    school.page.check("[data-all]")
    school.press("button[value=attest]")
    confirm(school, SCHOOL)


def test_the_lao_counts_other_affiliations_in_the_grid_and_confirms(enter: Enter) -> None:
    lao = enter("aonang")
    assert not lao.has(f"a[href='/units/{LAO}/confirm']")
    lao.press(f".offers a[href='/other-counts/{LAO}']")
    rows = (("โรงเรียนวัดอ่าวนาง", 1, ("P1", 12, 13)), ("โรงเรียนอนุบาลทะเลใส", 3, ("K2", 8, 9)))
    for number, (name, affiliation, (grade, boys, girls)) in enumerate(rows):
        lao.page.fill(f"[name='r{number}.name']", name)
        lao.page.select_option(f"[name='r{number}.affiliation']", index=affiliation)
        lao.page.fill(f"[name='r{number}.{grade}.b']", str(boys))
        lao.page.fill(f"[name='r{number}.{grade}.g']", str(girls))
    assert lao.text("[data-row-total]") == "25"
    assert lao.text("[data-grand]") == "42"
    lao.press("main form .button")
    assert lao.page.input_value("[name='r0.P1.b']") == "12"
    lao.picture("grid")
    explain(lao, LAO)
    confirm(lao, LAO)


def test_the_province_downloads_the_draft_while_the_official_summary_is_shut(enter: Enter) -> None:
    province = enter("krabi")
    province.picture("home-province")
    assert province.has(".board a[href='/units/6810116']")
    province.go("/exports/?unit=81")
    draft = province.download("a[href*='province-summary'][href*='edition=draft']")
    assert draft.startswith(WORKBOOK)
    province.go(f"{SUMMARY}&edition=official", 403)
    assert province.has("main h1")
    province.go("/exports/?unit=81&cycle=2567-1")
    link = "a[href*='cycle=2567-1'][href*='edition=official']"
    assert province.download(link).startswith(WORKBOOK)
    province.go("/units/82", 404)


def test_the_helpdesk_finds_the_school_and_unlocks_it_with_everything_above(enter: Enter) -> None:
    helpdesk = enter("helpdesk")
    helpdesk.page.fill("#q", "ช่องพลี")
    helpdesk.press("form:has(#q) button")
    assert helpdesk.path == f"/units/{SCHOOL}"
    helpdesk.press("a[href$='/unlock']")
    reopens = helpdesk.text("main ul:has(strong)")
    assert "โรงเรียนบ้านช่องพลี" in reopens
    assert "อบต.อ่าวนาง" in reopens
    helpdesk.page.locator("input[name=usual]").first.check()
    helpdesk.picture("move-unlock")
    helpdesk.press("main form button")
    for code in (SCHOOL, LAO):
        assert not confirmed(helpdesk, code)


def test_dla_extends_one_unit_and_closes_and_reopens_a_cycle(enter: Enter) -> None:
    dla = enter("dla")
    dla.picture("home-dla")
    dla.go("/units/DLA")
    assert dla.has(".board a[href='/units/81']")
    until = datetime.now(BANGKOK) + timedelta(days=10)
    dla.go(f"/units/{LATE_CENTRE}")
    dla.press("a[href$='/extend']")
    dla.page.fill("#until", f"{until.day}/{until.month}/{until.year + BUDDHIST_ERA} 17:00")
    dla.page.locator("input[name=usual]").first.check()
    dla.press("main form button")
    assert dla.path == f"/units/{LATE_CENTRE}"
    assert "17:00" in dla.text(".countdown")

    dla.go("/units/DLA?cycle=2567-1")
    assert confirmed(dla, "DLA")
    dla.press("a[href$='/DLA/unlock']")
    dla.page.locator("input[name=usual]").first.check()
    dla.press("main form button")
    assert not confirmed(dla, "DLA")
    dla.press("a[href$='/DLA/close']")
    dla.press("main form button")
    assert confirmed(dla, "DLA")


@pytest.mark.parametrize(
    ("username", "pages"),
    [
        ("dla", ("/schools/", "/laos/", "/accounts/", "/cycles/", "/history/", "/exports/")),
        ("helpdesk", ("/confirmations/", "/children/", "/find/?q=81")),
        ("krabi", ("/confirmations/", "/children/", "/units/81/confirm")),
        ("aonang", ("/accounts/", f"/children/?unit={SCHOOL}", "/exports/")),
    ],
)
def test_the_other_screens_fit_a_phone_and_keep_the_console_quiet(
    enter: Enter, username: str, pages: tuple[str, ...]
) -> None:
    visitor = enter(username)
    for link in visitor.page.locator("nav.menu a").all():
        href = link.get_attribute("href")
        assert href
        pages = (*pages, href)
    for path in dict.fromkeys(pages):
        visitor.go(path)
    visitor.press("form[action='/language/en'] button")
    assert visitor.page.locator("html").get_attribute("lang") == "en"
