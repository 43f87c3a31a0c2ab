"""The form of the rates as it is typed: brackets by their upper edges, amounts in baht.

A bracket begins where the one before ends, so the form asks for upper edges only; a row without
baht is none. Fields are named as ``domain/rate_checks.py`` names what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from admin_app.domain import money, thai
from admin_app.domain.levels import SCHOOL
from admin_app.domain.money import PER_DAY, SUBSIDY, UNBOUNDED, RateRow, RateSet
from admin_app.domain.rate_checks import MOST_DAYS, NOT_DAYS, Errors
from admin_app.domain.text import N_
from admin_app.services.units import KINDS

SCHOOL_KINDS: dict[str, str] = {"": N_("Every kind of school"), **KINDS[SCHOOL]}
NOT_A_NUMBER = N_("Give a number of children, such as 40.")
NO_BAHT = N_("Give the baht of this bracket, or empty its upper edge too.")
MOST_DIGITS = 6
MOST_ROWS = 50


@dataclass
class Bracket:
    """A row as it was typed."""

    edge: str = ""
    baht: str = ""

    @property
    def order(self) -> tuple[int, int]:
        """By upper edge; without one last, before it what is no number."""
        if not _digits(self.edge):
            return 2, 0
        number = _number(self.edge)
        return (1, 0) if number is None else (0, number)


@dataclass
class Group:
    """The brackets of lunch or milk for a kind of school."""

    kind: str
    school_kind: str
    rows: list[Bracket] = field(default_factory=list)
    days: str = ""
    source: str = ""

    @property
    def front(self) -> str:
        """How its fields' names begin."""
        return f"{self.kind}.{self.school_kind}"

    @property
    def name(self) -> str:
        """The kind of school."""
        return SCHOOL_KINDS[self.school_kind]


@dataclass
class Typed:
    """The whole form. ``subsidies``: grade → baht; ``counted``: kind → grades."""

    groups: list[Group]
    subsidies: dict[str, str]
    subsidy_source: str
    counted: dict[str, set[str]]
    reason: str = ""


def _digits(text: str) -> str:
    return thai.digits(text).replace(",", "").strip()


def _number(text: str) -> int | None:
    text = _digits(text)
    fits = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if fits else None


def shown(rates: RateSet) -> Typed:
    """The rates as the form shows them first."""
    groups = []
    for kind in PER_DAY:
        for school_kind in SCHOOL_KINDS:
            rows = rates.group(kind, school_kind)
            brackets = [
                Bracket("" if r.high >= UNBOUNDED else str(r.high), money.baht(r.satang))
                for r in rows
            ]
            days, source = (str(rows[0].days), rows[0].source) if rows else ("", "")
            groups.append(Group(kind, school_kind, brackets, days, source))
    subsidies = [row for row in rates.rates if row.kind == SUBSIDY]
    return Typed(
        groups=groups,
        subsidies={row.grade: money.baht(row.satang) for row in subsidies},
        subsidy_source=next((row.source for row in subsidies), ""),
        counted={kind: set(rates.counted.get(kind, ())) for kind in PER_DAY},
    )


def typed(form: MultiDict[str, str], grades: Iterable[str]) -> Typed:
    """What came in. Rows without baht vanish, unless they are new and have an upper edge."""
    groups = []
    for kind in PER_DAY:
        for school_kind in SCHOOL_KINDS:
            group = Group(kind, school_kind)
            pairs = zip(
                form.getlist(f"{group.front}.edge"),
                form.getlist(f"{group.front}.baht"),
                strict=False,
            )
            rows = [Bracket(edge.strip(), baht.strip()) for edge, baht in list(pairs)[:MOST_ROWS]]
            new = rows[-1:] if rows and rows[-1].edge and not rows[-1].baht else []
            group.rows = sorted([row for row in rows if row.baht] + new, key=lambda row: row.order)
            group.days = form.get(f"{group.front}.days", "").strip()
            group.source = thai.clean(form.get(f"{group.front}.source", ""))
            groups.append(group)
    subsidies = {grade: form.get(f"{SUBSIDY}.{grade}", "").strip() for grade in grades}
    return Typed(
        groups=groups,
        subsidies={grade: text for grade, text in subsidies.items() if text},
        subsidy_source=thai.clean(form.get(f"{SUBSIDY}.source", "")),
        counted={kind: set(form.getlist(f"counted.{kind}")) for kind in PER_DAY},
        reason=form.get("reason", "").strip(),
    )


def _amount(text: str, name: str, errors: Errors) -> int:
    try:
        return money.read_baht(text)
    except ValueError as wrong:
        errors[name] = (str(wrong), {})
        return 0


def _rows(group: Group, errors: Errors) -> list[RateRow]:
    if not group.rows:
        return []
    days = _number(group.days)
    if days is None:
        errors[f"{group.front}.days"] = (NOT_DAYS, {"most": MOST_DAYS})
    found: list[RateRow] = []
    low = 1
    for place, row in enumerate(group.rows):
        name = f"{group.front}.{place}"
        high = _number(row.edge) if _digits(row.edge) else UNBOUNDED
        if high is None:
            errors[f"{name}.high"] = (NOT_A_NUMBER, {})
            high = low
        if not row.baht:
            errors[f"{name}.satang"] = (NO_BAHT, {})
        satang = _amount(row.baht, f"{name}.satang", errors) if row.baht else 0
        found.append(
            RateRow(
                group.kind, group.school_kind, low, high, satang, days or 0, source=group.source
            )
        )
        low = high + 1
    return found


def read(form: Typed, grades: Iterable[str]) -> tuple[RateSet, Errors]:
    """The rates that were typed, and what could not be understood of them, by field."""
    errors: Errors = {}
    rows = [row for group in form.groups for row in _rows(group, errors)]
    order = list(grades)
    rows += [
        RateRow(
            SUBSIDY,
            "",
            1,
            UNBOUNDED,
            _amount(form.subsidies[grade], f"{SUBSIDY}.{grade}", errors),
            1,
            grade,
            form.subsidy_source,
        )
        for grade in order
        if grade in form.subsidies
    ]
    counted = {
        kind: tuple(sorted(codes, key=lambda c: order.index(c) if c in order else len(order)))
        for kind, codes in form.counted.items()
    }
    return RateSet(tuple(rows), counted), errors


def labels(form: Typed, grades: dict[str, str], words: Any) -> dict[str, str]:
    """Field → what a person calls it, for the list of what is wrong. ``words``: translates."""
    found = {"reason": words(N_("Reason")), "rates": words(N_("Rates"))}
    for group in form.groups:
        front = f"{words(money.KINDS[group.kind])}, {words(group.name)}"
        found |= {f"{group.front}.{part}": front for part in ("", "days", "source")}
        for place in range(len(group.rows)):
            for part in ("high", "satang"):
                found[f"{group.front}.{place}.{part}"] = front
    for grade, name in grades.items():
        found[f"{SUBSIDY}.{grade}"] = f"{words(money.KINDS[SUBSIDY])}, {name}"
    found[f"{SUBSIDY}.source"] = words(money.KINDS[SUBSIDY])
    return found | {f"counted.{kind}": words(money.KINDS[kind]) for kind in PER_DAY}
