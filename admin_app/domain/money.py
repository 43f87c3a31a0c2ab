"""Lunch, milk and subsidy, as an estimate: rates are data of a cycle, this is the arithmetic.

Amounts are integers in satang (1 baht = 100 satang). **Nothing is rounded**: each amount is a
product of whole numbers (a rate per child and day times children times days, or a rate per head and
year times children) and each sum a sum of such products. Source of the lunch brackets: cabinet
resolution of 8 November 2565; days, milk and subsidy are editable data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from admin_app.domain import thai
from admin_app.domain.text import N_

LUNCH, MILK, SUBSIDY = "lunch", "milk", "subsidy"
KINDS: dict[str, str] = {LUNCH: N_("Lunch"), MILK: N_("Milk"), SUBSIDY: N_("Subsidy")}
PER_DAY = (LUNCH, MILK)
"""Kinds that are paid per child and day, for the grades that are counted for them."""
UNBOUNDED = 1_000_000
FORM = 1
MOST_SATANG = 100_000_000
"""No rate is a million baht."""
NOT_BAHT = N_("Write baht with two decimals at the most, such as 36.00.")
_BAHT = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")


def baht(satang: int) -> str:
    """An amount as it is read and typed: 360050 is "3,600.50"."""
    return f"{satang // 100:,}.{satang % 100:02}"


def read_baht(text: str) -> int:
    """The satang of what somebody typed: 36, 36.5, 1,800.00, Thai digits. ValueError: NOT_BAHT."""
    found = _BAHT.fullmatch(thai.digits(text).replace(",", "").strip())
    if found is None:
        raise ValueError(NOT_BAHT)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate. Lunch and milk: ``satang`` per child and day on ``days`` a year, for schools with
    ``low``–``high`` counted children; subsidy: ``satang`` per head and year in ``grade``.

    ``school_kind``: the kind whose days these are ("" for every kind). ``source``: letter or law.
    """

    kind: str
    school_kind: str
    low: int
    high: int
    satang: int
    days: int
    grade: str = ""
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For what is frozen."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Due:
    """What a school is due of one kind: children counted, the rate that pays them, satang a year.

    ``rate`` is None where there is none, and for a subsidy, which has one for each grade.
    """

    children: int
    rate: RateRow | None
    satang: int


@dataclass(frozen=True)
class RateSet:
    """The rates of a cycle, and which grades are counted for lunch and for milk."""

    rates: tuple[RateRow, ...] = ()
    counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As content that is frozen (``from_dict`` reads it)."""
        return {
            "form": FORM,
            "counted": {kind: list(grades) for kind, grades in self.counted.items()},
            "rates": [rate.as_dict() for rate in self.rates],
        }

    def group(self, kind: str, school_kind: str = "") -> tuple[RateRow, ...]:
        """The rows of one kind for one kind of school, the smallest schools first."""
        rows = (r for r in self.rates if (r.kind, r.school_kind) == (kind, school_kind))
        return tuple(sorted(rows, key=lambda row: row.low))

    def total(self, school_kind: str, heads: Mapping[str, int]) -> dict[str, int]:
        """Satang a year by kind, for a school with so many children in each grade."""
        return {kind: self.due(kind, school_kind, heads).satang for kind in KINDS}

    def due(self, kind: str, school_kind: str, heads: Mapping[str, int]) -> Due:
        """What ``kind`` comes to for a school with so many children in each grade, in a year."""
        if kind == SUBSIDY:
            return self._subsidy(heads)
        counted = self.counted.get(kind, ())
        children = sum(number for grade, number in heads.items() if grade in counted)
        rate = rate_for(self.rates, kind, school_kind, children) if children else None
        return Due(children, rate, rate.satang * children * rate.days if rate else 0)

    def _subsidy(self, heads: Mapping[str, int]) -> Due:
        per_head = {rate.grade: rate.satang for rate in self.rates if rate.kind == SUBSIDY}
        paid = {grade: number for grade, number in heads.items() if grade in per_head}
        satang = sum(per_head[grade] * number for grade, number in paid.items())
        return Due(sum(paid.values()), None, satang)


def from_dict(content: Mapping[str, Any]) -> RateSet:
    """The rates that were frozen as ``content``."""
    return RateSet(
        tuple(RateRow(**row) for row in content["rates"]),
        {kind: tuple(grades) for kind, grades in content["counted"].items()},
    )


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
