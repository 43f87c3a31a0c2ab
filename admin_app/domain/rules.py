"""The data rules: one row each, with code, severity, message and check.

An error (ข้อผิดพลาด) blocks confirming; a query (ข้อสังเกต) has to be explained. A child rule looks
at one child, a school rule at all active children of a school at once. Adding a rule is a row here
and its table of test cases. Source: the product's contract, "Rules: errors and queries".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import admin_app.domain.identity as identity
from admin_app.domain.text import N_


class Severity(StrEnum):
    """How heavy a finding is."""

    ERROR = "error"
    QUERY = "query"


SEVERITY_NAMES = {Severity.ERROR: N_("Error"), Severity.QUERY: N_("Query")}


class Child(NamedTuple):
    """What the rules see of an active child."""

    id: int
    id_kind: str
    id_number: str | None
    no_id_reason: str | None
    first_name: str
    last_name: str
    birth_date: date | None
    grade: str | None


class Ground(NamedTuple):
    """What a check may look up: the school's grades, all grades, and today's date in Bangkok."""

    offered: frozenset[str]
    grades: frozenset[str]
    today: date


class Finding(NamedTuple):
    """A rule that a child breaks."""

    rule: str
    child_id: int


ChildCheck = Callable[[Child, Ground], bool]
SchoolCheck = Callable[[Sequence[Child], Ground], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Exactly one of ``child`` (True: broken) and ``school`` (ids that break it)."""

    code: str
    severity: Severity
    message: str
    source: str
    child: ChildCheck | None = None
    school: SchoolCheck | None = None


def _identity_missing(child: Child, ground: Ground) -> bool:
    if child.id_kind == "none":
        return not child.no_id_reason
    return not child.id_number


def _identity_wrong(child: Child, ground: Ground) -> bool:
    if child.id_kind == "none" or not child.id_number:
        return False
    return identity.check(child.id_kind, child.id_number) is not None


def _grade_missing(child: Child, ground: Ground) -> bool:
    return child.grade not in ground.grades


def _grade_not_offered(child: Child, ground: Ground) -> bool:
    return child.grade in ground.grades and child.grade not in ground.offered


def _name_missing(child: Child, ground: Ground) -> bool:
    return not (child.first_name and child.last_name)


def _born_in_future(child: Child, ground: Ground) -> bool:
    return child.birth_date is not None and child.birth_date > ground.today


def _twice_in_school(children: Sequence[Child], ground: Ground) -> Iterable[int]:
    numbers = Counter(child.id_number for child in children if child.id_number)
    return [child.id for child in children if child.id_number and numbers[child.id_number] > 1]


_CONTRACT = "Product contract, Rules: errors and queries"
_PIN = "Check digit of the Thai national ID, Department of Provincial Administration"

RULES: tuple[Rule, ...] = (
    Rule(
        "identity_missing",
        Severity.ERROR,
        N_("no identity number, and no reason why"),
        _CONTRACT,
        child=_identity_missing,
    ),
    Rule(
        "identity_wrong",
        Severity.ERROR,
        N_("the identity number is wrong (length or check digit)"),
        _PIN,
        child=_identity_wrong,
    ),
    Rule(
        "name_missing",
        Severity.ERROR,
        N_("first or last name is missing"),
        _CONTRACT,
        child=_name_missing,
    ),
    Rule(
        "grade_missing",
        Severity.ERROR,
        N_("no grade"),
        _CONTRACT,
        child=_grade_missing,
    ),
    Rule(
        "grade_not_offered",
        Severity.ERROR,
        N_("a grade that the school does not offer"),
        _CONTRACT,
        child=_grade_not_offered,
    ),
    Rule(
        "born_in_future",
        Severity.ERROR,
        N_("the birth date lies in the future"),
        _CONTRACT,
        child=_born_in_future,
    ),
    Rule(
        "twice_in_school",
        Severity.ERROR,
        N_("the same identity number twice in the school"),
        _CONTRACT,
        school=_twice_in_school,
    ),
)
RULE: dict[str, Rule] = {rule.code: rule for rule in RULES}


def run(children: Sequence[Child], ground: Ground) -> list[Finding]:
    """All findings over a school's active children, in the table's order."""
    findings = []
    for rule in RULES:
        if rule.child is not None:
            check = rule.child
            findings += [Finding(rule.code, c.id) for c in children if check(c, ground)]
        elif rule.school is not None:
            findings += [Finding(rule.code, id_) for id_ in rule.school(children, ground)]
    return findings
