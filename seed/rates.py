"""Rates to begin with, in satang per child and day; DLA edits them on a screen.

Lunch: cabinet resolution of 8 November B.E. 2565 (from fiscal year 2566). Days: usual practice, 200
in schools and 245 in child development centres. Milk: a rate for the demo, 260 days.
"""

from __future__ import annotations

from typing import NamedTuple

from admin_app.domain.money import UNBOUNDED
from admin_app.models import Cycle, Rate


class Bracket(NamedTuple):
    """``satang`` per child and day for schools with ``low`` to ``high`` counted children."""

    low: int
    high: int
    satang: int


LUNCH_SOURCE = "มติคณะรัฐมนตรี 8 พฤศจิกายน 2565"
LUNCH = (
    Bracket(1, 40, 3_600),
    Bracket(41, 100, 2_700),
    Bracket(101, 120, 2_400),
    Bracket(121, UNBOUNDED, 2_200),
)
LUNCH_DAYS = {"": 200, "centre": 245}
MILK_SOURCE = "อัตราตัวอย่าง แก้ไขได้"
MILK_SATANG = 689
MILK_DAYS = 260


def load_rates(cycle: Cycle) -> None:
    """Give ``cycle`` these rates, unless it has some already."""
    if Rate.select().where(Rate.cycle == cycle.id).exists():
        return
    lunch = [
        {
            "cycle": cycle.id,
            "kind": "lunch",
            "school_kind": kind,
            **bracket._asdict(),
            "days": days,
            "source": LUNCH_SOURCE,
        }
        for kind, days in LUNCH_DAYS.items()
        for bracket in LUNCH
    ]
    milk = {
        "cycle": cycle.id,
        "kind": "milk",
        "school_kind": "",
        **Bracket(1, UNBOUNDED, MILK_SATANG)._asdict(),
        "days": MILK_DAYS,
        "source": MILK_SOURCE,
    }
    Rate.insert_many([*lunch, milk]).execute()
