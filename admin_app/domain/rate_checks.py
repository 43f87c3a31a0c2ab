"""What is wrong with rates that somebody typed, and what differs between two editions of them.

Fields are named ``kind.school kind.place.part`` (``lunch.centre.0.high``), ``subsidy.grade``,
``counted.kind``; the school kind is empty for the rates of every kind of school.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from admin_app.domain.money import (
    KINDS,
    MOST_SATANG,
    PER_DAY,
    SUBSIDY,
    UNBOUNDED,
    RateRow,
    RateSet,
)
from admin_app.domain.text import N_

Errors = dict[str, tuple[str, dict[str, Any]]]
MOST_DAYS = 366
MOST_SOURCE = 200

FIRST_IS_ONE = N_("The first bracket begins with 1 child.")
GAP = N_("This bracket has to begin with %(number)d children, right after the one before.")
UPSIDE_DOWN = N_("The upper edge has to be %(number)d children at least.")
ONE_OPEN_END = N_("Only the last bracket may be without an upper edge.")
NO_END = N_("Leave the upper edge of the last bracket empty: it holds for all larger schools.")
NOT_SATANG = N_("Give an amount from 0 to %(most)s baht.")
NOT_DAYS = N_("Give whole days from 0 to %(most)d.")
DAYS_DIFFER = N_("The days are the same for all brackets of a kind of school.")
NO_KIND = N_("There is no such kind of school.")
NO_GRADE = N_("There is no grade %(code)s.")
GRADE_TWICE = N_("The grade %(code)s has two rates.")
SOURCE_LONG = N_("At most %(most)d characters.")


def _whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _amount(row: RateRow) -> tuple[str, dict[str, Any]] | None:
    if _whole(row.satang, MOST_SATANG):
        return None
    return NOT_SATANG, {"most": f"{MOST_SATANG // 100:,}"}


def _brackets(rows: tuple[RateRow, ...]) -> Errors:
    """Errors by ``place.part``: brackets that start at 1, join, and have no end."""
    errors: Errors = {}
    for place, row in enumerate(rows):
        before = rows[place - 1] if place else None
        begins = before.high + 1 if before else 1
        if before and before.high == UNBOUNDED:
            errors[f"{place - 1}.high"] = (ONE_OPEN_END, {})
        elif row.low != begins:
            told = (GAP, {"number": begins}) if before else (FIRST_IS_ONE, {})
            errors[f"{place}.high"] = told
        elif row.high < row.low:
            errors[f"{place}.high"] = (UPSIDE_DOWN, {"number": row.low})
        if wrong_amount := _amount(row):
            errors[f"{place}.satang"] = wrong_amount
        if not _whole(row.days, MOST_DAYS):
            errors["days"] = (NOT_DAYS, {"most": MOST_DAYS})
        elif row.days != rows[0].days:
            errors.setdefault("days", (DAYS_DIFFER, {}))
        if len(row.source) > MOST_SOURCE:
            errors["source"] = (SOURCE_LONG, {"most": MOST_SOURCE})
    if rows and rows[-1].high != UNBOUNDED:
        errors.setdefault(f"{len(rows) - 1}.high", (NO_END, {}))
    return errors


def _subsidies(rows: tuple[RateRow, ...], grades: Collection[str]) -> Errors:
    errors: Errors = {}
    seen: set[str] = set()
    for row in rows:
        field = f"{SUBSIDY}.{row.grade}"
        if row.grade not in grades:
            errors[field] = (NO_GRADE, {"code": row.grade})
        elif row.grade in seen:
            errors[field] = (GRADE_TWICE, {"code": row.grade})
        elif wrong_amount := _amount(row):
            errors[field] = wrong_amount
        if len(row.source) > MOST_SOURCE:
            errors[f"{SUBSIDY}.source"] = (SOURCE_LONG, {"most": MOST_SOURCE})
        seen.add(row.grade)
    return errors


def wrong(rates: RateSet, grades: Collection[str], school_kinds: Collection[str]) -> Errors:
    """Field → (message, its values); empty when the rates can be taken.

    ``grades``: every grade there is, by code; ``school_kinds``: every kind of school.
    """
    errors: Errors = {}
    for kind, school_kind in {(r.kind, r.school_kind): 1 for r in rates.rates}:
        if kind == SUBSIDY:
            continue
        front = f"{kind}.{school_kind}"
        if kind not in PER_DAY or school_kind not in ("", *school_kinds):
            errors[front] = (NO_KIND, {})
            continue
        found = _brackets(rates.group(kind, school_kind))
        errors |= {f"{front}.{part}": told for part, told in found.items()}
    errors |= _subsidies(tuple(r for r in rates.rates if r.kind == SUBSIDY), grades)
    for kind, counted in rates.counted.items():
        lost = next((code for code in counted if code not in grades), None)
        if kind not in PER_DAY or lost is not None:
            errors[f"counted.{kind}"] = (NO_GRADE, {"code": lost or ""})
    return errors


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that rates say. ``what``: satang, days, counted or source.

    ``low`` and ``high`` are a bracket's; a grade stands for a subsidy and for what is counted.
    """

    what: str
    kind: str
    school_kind: str = ""
    grade: str = ""
    low: int = 0
    high: int = 0

    @property
    def code(self) -> str:
        """The item in codes, for the history: ``satang.lunch..1-40``, ``counted.milk.K1``."""
        span = f"{self.low}-{'' if self.high >= UNBOUNDED else self.high}" if self.low else ""
        parts = (self.what, self.kind, self.school_kind, self.grade or span)
        return ".".join(parts).rstrip(".")


@dataclass(frozen=True, slots=True)
class Change:
    """An item with what it was and what it is: satang, days, a text, True; None where it is not."""

    item: Item
    before: int | str | None
    after: int | str | None


def _items(rates: RateSet) -> dict[Item, int | str]:
    found: dict[Item, int | str] = {}
    for row in rates.rates:
        at = (row.kind, row.school_kind)
        if row.kind == SUBSIDY:
            found[Item("satang", SUBSIDY, grade=row.grade)] = row.satang
        else:
            found[Item("satang", *at, low=row.low, high=row.high)] = row.satang
            found[Item("days", *at)] = row.days
        if row.source:
            found[Item("source", *at)] = row.source
    for kind, grades in rates.counted.items():
        found |= {Item("counted", kind, grade=grade): True for grade in grades}
    return found


def difference(before: RateSet, after: RateSet) -> tuple[Change, ...]:
    """What ``after`` says otherwise than ``before``: amounts first, kind by kind."""
    was, is_ = _items(before), _items(after)
    changed = {item for item in was.keys() | is_.keys() if was.get(item) != is_.get(item)}
    kinds = list(KINDS)
    order = ("satang", "days", "counted", "source")

    def place(item: Item) -> tuple[Any, ...]:
        kind = kinds.index(item.kind) if item.kind in kinds else len(kinds)
        return order.index(item.what), kind, item.school_kind, item.low, item.high, item.grade

    return tuple(Change(item, was.get(item), is_.get(item)) for item in sorted(changed, key=place))
