"""Lunch and milk, as an estimate: brackets and rates are data of a cycle, this is the arithmetic.

Amounts are integers in satang (1 baht = 100 satang), so that nothing is rounded: a rate per child
and day in satang times children times days. Source of the lunch brackets: cabinet resolution of
8 November 2565; days and milk are editable data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from admin_app.domain.text import N_

KINDS: dict[str, str] = {"lunch": N_("Lunch"), "milk": N_("Milk")}
UNBOUNDED = 1_000_000


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate: ``satang`` per child and day for schools with ``low``–``high`` counted children.

    ``school_kind``: the kind whose days these are ("" for every kind).
    """

    kind: str
    school_kind: str
    low: int
    high: int
    satang: int
    days: int

    def as_dict(self) -> dict[str, Any]:
        """For a snapshot's content."""
        return asdict(self)


def rate_for(
    rates: Iterable[RateRow], kind: str, school_kind: str, children: int
) -> RateRow | None:
    """The rate that pays ``children`` of a school: its own kind's row before the general one."""
    fitting = [
        rate
        for rate in rates
        if rate.kind == kind
        and rate.low <= children <= rate.high
        and rate.school_kind in ("", school_kind)
    ]
    return max(fitting, key=lambda rate: bool(rate.school_kind), default=None)


def estimate(rates: Iterable[RateRow], kind: str, school_kind: str, children: int) -> int:
    """Satang for a year for ``children`` counted children of one school; 0 without a rate."""
    rate = rate_for(rates, kind, school_kind, children) if children else None
    return rate.satang * children * rate.days if rate else 0
