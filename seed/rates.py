"""Rates to begin with, in satang; DLA edits them on a screen.

Lunch: cabinet resolution of 8 November B.E. 2565 (from fiscal year 2566). Days: usual practice, 200
in schools and 245 in child development centres. Milk, 260 days, and subsidy: rates for the demo.
"""

from __future__ import annotations

from typing import NamedTuple

from admin_app.domain.money import LUNCH, MILK, SUBSIDY, UNBOUNDED, RateRow, RateSet
from admin_app.models import Cycle
from admin_app.services import rates


class Bracket(NamedTuple):
    """``satang`` per child and day for schools with ``low`` to ``high`` counted children."""

    low: int
    high: int
    satang: int


LUNCH_SOURCE = "มติคณะรัฐมนตรี 8 พฤศจิกายน 2565"
LUNCH_BRACKETS = (
    Bracket(1, 40, 3_600),
    Bracket(41, 100, 2_700),
    Bracket(101, 120, 2_400),
    Bracket(121, UNBOUNDED, 2_200),
)
LUNCH_DAYS = {"": 200, "centre": 245}
DEMO_SOURCE = "อัตราตัวอย่าง แก้ไขได้"
MILK_SATANG = 689
MILK_DAYS = 260
# เด็กเล็ก to ป.6
FED = ("N1", "N2", "N3", "K1", "K2", "K3", "P1", "P2", "P3", "P4", "P5", "P6")
SUBSIDIES: dict[tuple[str, ...], int] = {
    ("N1", "N2", "N3", "K1", "K2", "K3"): 180_000,
    ("P1", "P2", "P3", "P4", "P5", "P6"): 200_000,
    ("M1", "M2", "M3"): 370_000,
    ("M4", "M5", "M6"): 400_000,
    ("V1", "V2", "V3", "D1", "D2"): 620_000,
}


def first_rates() -> RateSet:
    """The rates that the first cycle begins with."""
    lunch = [
        RateRow(LUNCH, kind, *bracket, days=days, source=LUNCH_SOURCE)
        for kind, days in LUNCH_DAYS.items()
        for bracket in LUNCH_BRACKETS
    ]
    milk = RateRow(MILK, "", 1, UNBOUNDED, MILK_SATANG, MILK_DAYS, source=DEMO_SOURCE)
    subsidies = [
        RateRow(SUBSIDY, "", 1, UNBOUNDED, satang, 1, grade, DEMO_SOURCE)
        for grades, satang in SUBSIDIES.items()
        for grade in grades
    ]
    return RateSet((*lunch, milk, *subsidies), {LUNCH: FED, MILK: FED})


def load_rates(cycle: Cycle) -> None:
    """Give ``cycle`` these rates, unless it has some already."""
    if rates.edition(cycle.id) is None:
        rates.append(cycle.id, first_rates(), cycle.started_at or cycle.opens_at)
