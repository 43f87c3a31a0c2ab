"""A new school year: DLA carries over and opens, the school says who has left, the LAO counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from admin_app.domain import thai
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Enter = Callable[[str, bool], Visitor]
PATIENCE_S = 60
LAO = "6810116"


@pytest.fixture
def come(browser: Browser, panel: str) -> Iterator[Enter]:
    """Signs somebody in, with or without scripts; at the end everybody leaves."""
    inside: list[Visitor] = []

    def sign_in(username: str, scripts: bool) -> Visitor:
        inside.append(Visitor(browser, panel, scripts=scripts))
        return inside[-1].sign_in(username)

    yield sign_in
    for visitor in inside:
        visitor.leave()


def new_cycle(dla: Visitor, year: int) -> str:
    """DLA types the first round of a year, open from today on; answers with its code."""
    today = time.strftime("%d/%m/") + str(int(time.strftime("%Y")) + 543)
    due = f"1/6/{year + 1}"
    dla.go("/cycles/new/")
    page = dla.page
    page.fill("#year", str(year))
    page.select_option("#round", "1")
    page.fill("#opens_at", f"{today} 00:00")
    for field in ("school_due_at", "lao_due_at", "province_due_at", "closes_at"):
        page.fill(f"#{field}", f"{due} 17:00")
    dla.press("form.form .button")
    code = f"{year}-1"
    dla.go("/cycles/")
    dla.press(f"main a:text-is('{code}')")
    return code


def wait_for_the_end(dla: Visitor) -> None:
    """With scripts the page follows the job; without, a person or the browser loads it again."""
    if dla.scripts:
        expect(dla.page.locator(".heading .tag.good")).to_be_visible(timeout=PATIENCE_S * 1000)
        return
    end = time.monotonic() + PATIENCE_S
    while not dla.has(".heading .tag.good"):
        assert time.monotonic() < end
        time.sleep(0.5)
        dla.go(dla.path)


@pytest.mark.parametrize(("scripts", "year"), [(True, 2580), (False, 2581)])
def test_a_new_year_from_the_carry_over_to_the_schools_decisions(
    come: Enter, scripts: bool, year: int
) -> None:
    dla = come("dla", scripts)
    code = new_cycle(dla, year)
    dla.press("form[action='/cycles/carry'] button")
    assert dla.path.startswith("/jobs/")
    wait_for_the_end(dla)
    assert "8,649" in dla.text(".facts")  # DLA's published figures of the demo's three provinces
    dla.go("/jobs/")
    assert dla.page.locator("tbody tr").count() >= 1

    school = come("chongphli", scripts)
    school.go(f"/?cycle={code}")
    school.press("main a[href^='/leavers/']")
    choices = school.page.locator("tbody select")
    number = choices.count()
    assert number > 1
    choices.nth(0).select_option("later")
    school.press("main form .button")
    assert school.page.locator("tbody select").count() == 1
    school.press("main form .button")
    assert school.path.startswith("/units/")
    assert not school.has("main a[href^='/leavers/']")

    lao = come("aonang", scripts)
    lao.go(f"/other-counts/{LAO}?cycle={code}")
    assert lao.page.locator("small.last").count() > 4
    assert thai.digits(lao.text("tfoot small.last")).replace(",", "").isdigit()
