"""How many steps people need: to unlock for a caller, and to confirm what was carried over."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import prepared, server
from tests.browser.steps import LAO, MAIN_BUTTON, PROVINCE, SCHOOL
from tests.browser.visitor import Visitor
from tests.country import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST_TO_UNLOCK, MOST_TO_CONFIRM = 4, 8


def status(path: Path, code: str) -> str:
    """The unit's state in the latest cycle, as the database has it."""
    asked = """SELECT status FROM unit_state JOIN unit ON unit.id = unit_state.unit_id
        JOIN cycle ON cycle.id = unit_state.cycle_id
        WHERE unit.code = ? ORDER BY cycle.opens_at DESC"""
    connection = sqlite3.connect(path)
    found = str(connection.execute(asked, (code,)).fetchone()[0])
    connection.close()
    return found


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str], Visitor]]:
    """Somebody at an address; at the end everybody leaves, and what they noticed is told."""
    inside: list[Visitor] = []

    def come(url: str) -> Visitor:
        inside.append(Visitor(browser, url))
        return inside[-1]

    yield come
    for visitor in inside:
        visitor.leave()


def test_the_helpdesk_unlocks_a_school_with_a_caller_on_the_line(
    demo_file: Path, tmp_path: Path, visit: Callable[[str], Visitor]
) -> None:
    path = server.copy(demo_file, tmp_path / "panel.db")
    prepared.confirm_krabi(path, but=())
    with server.serving(path) as url:
        helpdesk = visit(url).sign_in("helpdesk")
        before = helpdesk.steps
        helpdesk.type("#q", "ช่องพลี")
        helpdesk.enter("#q")
        assert helpdesk.path == f"/units/{SCHOOL}"
        helpdesk.press("main a[href*='/unlock?usual=']")
        assert helpdesk.page.locator("main ul li strong").count() == 3  # what it reopens
        helpdesk.press(MAIN_BUTTON)
        steps = helpdesk.steps - before
    print(f"from the search box to unlocked: {steps} steps")
    assert steps <= MOST_TO_UNLOCK
    assert {status(path, code) for code in (SCHOOL, LAO, PROVINCE)} == {"open"}


def test_a_school_confirms_a_hundred_carried_over_children(
    tmp_path: Path, visit: Callable[[str], Visitor]
) -> None:
    path = tmp_path / "panel.db"
    signed = prepared.carried_over(path)
    assert status(path, signed.code) == "open"
    with server.serving(path, demo=False) as url:
        school = visit(url).sign_in(signed.username, PASSWORD)
        assert "100" in school.text(".steps")
        school.press("form[action='/children/attest-all'] button")
        school.press(f"main a[href='/units/{signed.code}/confirm']")
        assert "100" in school.text("main section")
        school.press(MAIN_BUTTON)
        assert school.has(".heading .tag.good")
    print(f"from the sign-in to confirmed: {school.steps} steps")
    assert school.steps <= MOST_TO_CONFIRM
    assert status(path, signed.code) == "confirmed"
