"""What the data rules check: pure functions, one per rule, over what ``Child`` and ``Ground`` show.

A check answers None where the rule is kept, and otherwise what was found, as the values that the
rule's text names (may be empty). What has the same values is the same finding, so that a note on it
still stands.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from admin_app.domain import identity

Found = dict[str, Any] | None
Thresholds = Mapping[str, int]


class Child(NamedTuple):
    """What the rules see of an active child."""

    id: int
    id_kind: str
    id_number: str | None
    no_id_reason: str | None
    prefix: str
    first_name: str
    last_name: str
    sort_key: str
    sex: str
    birth_date: date | None
    grade: str | None
    nationality: str


class GradeAges(NamedTuple):
    """A grade: its name, the usual ages on 16 May, and the kinds of schools that may offer it."""

    name: str
    low: int
    high: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a check may look up: the school's kind and grades, all grades, the days.

    ``today``: Bangkok's; ``begins``: 16 May of the school year (Ministry of Education's regulation
    on the school year, B.E. 2549).
    """

    kind: str
    offered: frozenset[str]
    grades: Mapping[str, GradeAges]
    today: date
    begins: date


@dataclass(frozen=True, slots=True)
class Figures:
    """A unit's counts by grade (an LAO's: of other affiliations) beside those of the last round.

    ``before`` is None when there is nothing to compare with.
    """

    now: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] | None = None
    names: Mapping[str, str] = field(default_factory=dict)


# --- one child ------------------------------------------------------------------------------


def _broken(wrong: object) -> Found:
    return {} if wrong else None


def identity_missing(child: Child, ground: Ground, at: Thresholds) -> Found:
    """Neither number nor the reason why there is none."""
    if child.id_kind == identity.NONE:
        return _broken(not child.no_id_reason)
    return _broken(not child.id_number)


def identity_wrong(child: Child, ground: Ground, at: Thresholds) -> Found:
    """A number of the wrong form or with a wrong check digit."""
    if child.id_kind == identity.NONE or not child.id_number:
        return None
    return _broken(identity.check(child.id_kind, child.id_number))


def name_missing(child: Child, ground: Ground, at: Thresholds) -> Found:
    """First or last name is empty."""
    return _broken(not (child.first_name and child.last_name))


_NO_THAI_NAME = re.compile(r"[0-9๐-๙A-Za-z]")


def name_not_thai(child: Child, ground: Ground, at: Thresholds) -> Found:
    """Digits or Latin letters in the name of a Thai national, whose ID card has it in Thai."""
    wrong = _NO_THAI_NAME.search(child.first_name + child.last_name)
    return _broken(child.nationality == "TH" and wrong)


# Prefixes by law (Royal Institute's list of abbreviations; Female Title Act, B.E. 2551); what is
# not here goes with both.
SEX_OF_PREFIX = {
    **dict.fromkeys(("เด็กชาย", "นาย", "สามเณร", "พระ"), "M"),
    **dict.fromkeys(("เด็กหญิง", "นางสาว", "นาง", "แม่ชี"), "F"),
}


def prefix_against_sex(child: Child, ground: Ground, at: Thresholds) -> Found:
    """A prefix of the other sex."""
    sex = SEX_OF_PREFIX.get(child.prefix)
    return _broken(sex is not None and sex != child.sex)


def grade_missing(child: Child, ground: Ground, at: Thresholds) -> Found:
    """No grade, or one that there is not."""
    return _broken(child.grade not in ground.grades)


def grade_not_of_kind(child: Child, ground: Ground, at: Thresholds) -> Found:
    """A grade that this kind of school may not offer."""
    grade = ground.grades.get(child.grade or "")
    return _broken(grade is not None and ground.kind not in grade.kinds)


def grade_not_offered(child: Child, ground: Ground, at: Thresholds) -> Found:
    """A grade that the kind of school may offer, but this school does not."""
    grade = ground.grades.get(child.grade or "")
    fits = grade is not None and ground.kind in grade.kinds
    return _broken(fits and child.grade not in ground.offered)


def born_in_future(child: Child, ground: Ground, at: Thresholds) -> Found:
    """Born after today."""
    return _broken(child.birth_date is not None and child.birth_date > ground.today)


def birth_date_missing(child: Child, ground: Ground, at: Thresholds) -> Found:
    """No birth date, so that nobody can say whether the grade fits."""
    return _broken(child.birth_date is None)


def age_on(day: date, birth_date: date) -> int:
    """Whole years of somebody born on ``birth_date``; below 0 for the unborn."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def age_unusual(child: Child, ground: Ground, at: Thresholds) -> Found:
    """Younger or older on 16 May than is usual in the grade, by more than the thresholds."""
    grade = ground.grades.get(child.grade or "")
    if child.birth_date is None or grade is None or child.birth_date > ground.today:
        return None
    age = age_on(ground.begins, child.birth_date)
    if grade.low - at["younger"] <= age <= grade.high + at["older"]:
        return None
    return {"age": age, "grade": grade.name, "low": grade.low, "high": grade.high}


# --- children beside each other ----------------------------------------------------------------


def same_number(child: Child) -> Hashable | None:
    """Children with this key have one identity number."""
    return child.id_number or None


def same_name_and_birth(child: Child) -> Hashable | None:
    """Children with this key have one name and one birth date."""
    known = child.first_name and child.last_name and child.birth_date
    return (child.sort_key, child.birth_date) if known else None


# --- a school or an LAO --------------------------------------------------------------------------


def no_children(figures: Figures, at: Thresholds) -> Found:
    """Nobody recorded."""
    return _broken(not sum(figures.now.values()))


def _moved(now: int, before: int, at: Thresholds) -> bool:
    return abs(now - before) * 100 > before * at["percent"] and abs(now - before) > at["children"]


def _percent(now: int, before: int) -> int:
    return round((now - before) * 100 / before) if before else 100


def total_changed(figures: Figures, at: Thresholds) -> Found:
    """Many more or fewer children than in the last round."""
    if figures.before is None:
        return None
    now, before = sum(figures.now.values()), sum(figures.before.values())
    if not now or not _moved(now, before, at):
        return None
    return {"now": now, "before": before, "percent": {"": _percent(now, before)}}


def grade_changed(figures: Figures, at: Thresholds) -> Found:
    """Many more or fewer children in some grade than in the last round."""
    if figures.before is None or not sum(figures.now.values()):
        return None
    moved: list[str] = []
    percent: dict[str, int] = {}
    for grade in {**figures.before, **figures.now}:
        now, before = figures.now.get(grade, 0), figures.before.get(grade, 0)
        if _moved(now, before, at):
            moved.append(f"{figures.names.get(grade, grade)} {before} → {now}")
            percent[grade] = _percent(now, before)
    return {"grades": ", ".join(moved), "percent": percent} if moved else None


def other_total_changed(figures: Figures, at: Thresholds) -> Found:
    """Other affiliations: many more or fewer children than in the last round."""
    if not figures.now:
        return None
    return total_changed(figures, at)


def other_none_now(figures: Figures, at: Thresholds) -> Found:
    """Other affiliations: none declared now, and some in the last round."""
    before = sum(figures.before.values()) if figures.before else 0
    return {"before": before} if before and not sum(figures.now.values()) else None
