"""What several walks do: record, explain, confirm, return, make a new cycle."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect
from stdnum.th import pin

from admin_app.domain.thai import BANGKOK, BUDDHIST_ERA
from tests.browser.visitor import Visitor

Enter = Callable[[str], Visitor]

SCHOOL, SISTER, LAO, PROVINCE = "6810116001", "6810116002", "6810116", "81"
RIGHT = "189981234567"  # twelve digits; the thirteenth checks them
RIGHT += pin.calc_check_digit(RIGHT)
WRONG = RIGHT[:12] + str((int(RIGHT[12]) + 1) % 10)
WORKBOOK, PAPER = b"PK\x03\x04", b"%PDF"
MAIN_BUTTON = "main form button"
PATIENCE_S = 60


def record(visitor: Visitor, number: str) -> None:
    """Fill in the form of a new child."""
    visitor.type("#id_number", number)
    visitor.choose("#prefix", place=1)
    visitor.type("#first_name", "ทดลอง")
    visitor.type("#last_name", "เดินรอบ")
    visitor.tick("input[name=sex][value=M]")
    visitor.type("#birth_date", "๑๕/๓/๒๕๖๒")
    visitor.choose("#grade", "P2")


def confirm(visitor: Visitor, code: str) -> None:
    """From the unit's page over the page that says what will happen."""
    visitor.go(f"/units/{code}")
    visitor.press(f"a[href='/units/{code}/confirm']")
    visitor.press(MAIN_BUTTON)
    assert confirmed(visitor, code)


def give_back(visitor: Visitor, code: str, reason: str) -> None:
    """Return the unit below with a reason of one's own."""
    visitor.go(f"/units/{code}")
    visitor.press("a[href$='/return']")
    visitor.type("#reason", reason)
    visitor.press(MAIN_BUTTON)
    assert not confirmed(visitor, code)


def explain(visitor: Visitor, code: str) -> int:
    """Explain every query of the unit, one after the other; answers how many there were."""
    number = 0
    while True:
        visitor.go(f"/findings/{code}?kind=query")
        if not visitor.has(".explain textarea"):
            return number
        visitor.type(".explain textarea", "ตรวจสอบกับเอกสารแล้ว ถูกต้อง")
        visitor.press(".explain button")
        number += 1


def confirmed(visitor: Visitor, code: str) -> bool:
    """Whether the unit's page shows it as confirmed."""
    visitor.go(f"/units/{code}")
    return visitor.has(".heading .tag.good")


def in_days(days: int, hour: int = 17) -> str:
    """A moment so many days from now, as people type it."""
    moment = datetime.now(BANGKOK) + timedelta(days=days)
    return f"{moment.day}/{moment.month}/{moment.year + BUDDHIST_ERA} {hour}:00"


def now_closed(database: Path) -> None:
    """Put the latest cycle's end a minute back, beside the server: what was to come is over."""
    ended = (datetime.now(UTC) - timedelta(minutes=1)).replace(tzinfo=None, microsecond=0)
    with sqlite3.connect(database, timeout=30) as connection:
        connection.execute(
            "UPDATE cycle SET province_due_at = ?, closes_at = ? WHERE code = "
            "(SELECT code FROM cycle ORDER BY opens_at DESC LIMIT 1)",
            (str(ended), str(ended)),
        )
    connection.close()


def set_password(visitor: Visitor, username: str, code: str, password: str) -> None:
    """From the sign-in, with the one-time code that somebody has read out."""
    visitor.go("/login")
    visitor.press("a[href='/reset']")
    for field, text in (("username", username), ("code", code), ("new_password", password)):
        visitor.type(f"#{field}", text)
    visitor.type("#again", password)
    visitor.press(MAIN_BUTTON)
    assert visitor.path == "/login"


def new_cycle(dla: Visitor, year: int) -> str:
    """DLA types the first round of a year, open from today on; answers with its code."""
    dla.go("/cycles/new/")
    dla.type("#year", str(year))
    dla.choose("#round", "1")
    dla.type("#opens_at", in_days(0, 0))
    for field in ("school_due_at", "lao_due_at", "province_due_at", "closes_at"):
        dla.type(f"#{field}", in_days(180))
    dla.press("form.form .button")
    code = f"{year}-1"
    dla.go("/cycles/")
    dla.press(f"main a:text-is('{code}')")
    return code


def carry_over(dla: Visitor) -> None:
    """From the cycle's page: carry over into it, and wait until it is open.

    With scripts the page follows the job; without, a person or the browser loads it again.
    """
    dla.press("form[action='/cycles/carry'] button")
    assert dla.path.startswith("/jobs/")
    if dla.scripts:
        expect(dla.page.locator(".heading .tag.good")).to_be_visible(timeout=PATIENCE_S * 1000)
        return
    end = time.monotonic() + PATIENCE_S
    while not dla.has(".heading .tag.good"):
        assert time.monotonic() < end
        time.sleep(0.5)
        dla.go(dla.path)


def decide_leavers(school: Visitor, cycle: str) -> None:
    """The school keeps one of the proposed leavers back for later, and at last lets all go."""
    school.go(f"/?cycle={cycle}")
    school.press("main a[href^='/leavers/']")
    assert school.page.locator("tbody select").count() > 1
    school.choose("tbody select", "later")
    school.press("main form .button")
    assert school.page.locator("tbody select").count() == 1
    school.press("main form .button")
    assert school.path.startswith("/units/")
    assert not school.has("main a[href^='/leavers/']")
