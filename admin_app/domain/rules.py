"""The data rules: one row each, with code, severity, texts, what it looks at, and its source.

An error (ข้อผิดพลาด) blocks confirming; a query (ข้อสังเกต) is unusual but possible: the unit explains
it in a note, and the levels above read the note. Adding a rule is a row here, its check in
``checks.py`` and its table of test cases. Source: the product's contract, "Rules: errors and
queries"; what a row says otherwise is ours, and DLA may switch it off or move its thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from admin_app.domain import checks
from admin_app.domain.checks import Child, Figures, Found, Ground, Thresholds
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.text import N_


class Severity(StrEnum):
    """How heavy a finding is."""

    ERROR = "error"
    QUERY = "query"


SEVERITY_NAMES = {Severity.ERROR: N_("Error"), Severity.QUERY: N_("Query")}

ChildCheck = Callable[[Child, Ground, Thresholds], Found]
UnitCheck = Callable[[Figures, Thresholds], Found]
Key = Callable[[Child], Hashable | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; exactly one of ``child``, ``twins`` and ``unit`` checks it.

    ``message``: what is wrong, in short; ``detail``: with the values found. ``child`` looks at one
    child; ``twins`` gives the key that two children must not share, in the school or, when
    ``elsewhere``, with a child of another school; ``unit`` looks at the counts of a unit of
    ``level``. ``thresholds``: numbers that DLA may change per cycle; THRESHOLDS has their texts.
    """

    code: str
    severity: Severity
    message: str
    source: str
    detail: str = ""
    child: ChildCheck | None = None
    twins: Key | None = None
    elsewhere: bool = False
    unit: UnitCheck | None = None
    level: str = SCHOOL
    thresholds: Mapping[str, int] = field(default_factory=dict)


THRESHOLDS: dict[str, str] = {
    "younger": N_("Years younger than usual that are accepted"),
    "older": N_("Years older than usual that are accepted"),
    "percent": N_("Change in percent that is accepted"),
    "children": N_("Change in children that is accepted, whatever the percent"),
}

_CONTRACT = "Product contract, Rules: errors and queries"
_PIN = "Check digit of the Thai national ID, Department of Provincial Administration"
_AGES = "Usual ages on 16 May; Ministry of Education's regulation on the school year, B.E. 2549"
_CHANGE = {"percent": 20, "children": 10}
_E, _Q = Severity.ERROR, Severity.QUERY

RULES: tuple[Rule, ...] = (
    Rule(
        "identity_missing",
        _E,
        N_("no identity number, and no reason why"),
        _CONTRACT,
        child=checks.identity_missing,
    ),
    Rule(
        "identity_wrong",
        _E,
        N_("the identity number is wrong (length or check digit)"),
        _PIN,
        child=checks.identity_wrong,
    ),
    Rule(
        "name_missing",
        _E,
        N_("first or last name is missing"),
        _CONTRACT,
        child=checks.name_missing,
    ),
    Rule(
        "name_not_thai",
        _E,
        N_("digits or Latin letters in the name of a Thai national"),
        _CONTRACT,
        child=checks.name_not_thai,
    ),
    Rule(
        "prefix_against_sex",
        _E,
        N_("the prefix does not go with the sex"),
        _CONTRACT,
        child=checks.prefix_against_sex,
    ),
    Rule("grade_missing", _E, N_("no grade"), _CONTRACT, child=checks.grade_missing),
    Rule(
        "grade_not_of_kind",
        _E,
        N_("a grade that this kind of school may not offer"),
        _CONTRACT,
        child=checks.grade_not_of_kind,
    ),
    Rule(
        "grade_not_offered",
        _E,
        N_("a grade that the school does not offer"),
        _CONTRACT,
        child=checks.grade_not_offered,
    ),
    Rule(
        "born_in_future",
        _E,
        N_("the birth date lies in the future"),
        _CONTRACT,
        child=checks.born_in_future,
    ),
    Rule(
        "birth_date_missing",
        _Q,
        N_("no birth date"),
        "Ours: without it nobody can say whether the grade fits",
        child=checks.birth_date_missing,
    ),
    Rule(
        "age_unusual",
        _Q,
        N_("an age that is unusual for the grade"),
        _AGES,
        detail=N_("%(age)d years old on 16 May; usual in %(grade)s: %(low)d to %(high)d"),
        child=checks.age_unusual,
        thresholds={"younger": 1, "older": 2},
    ),
    Rule(
        "twice_in_school",
        _E,
        N_("the same identity number twice in the school"),
        _CONTRACT,
        twins=checks.same_number,
    ),
    Rule(
        "number_elsewhere",
        _E,
        N_("the identity number is held by another school too"),
        _CONTRACT,
        twins=checks.same_number,
        elsewhere=True,
    ),
    Rule(
        "twin_in_school",
        _Q,
        N_("the same name and birth date twice in the school"),
        _CONTRACT,
        twins=checks.same_name_and_birth,
    ),
    Rule(
        "twin_elsewhere",
        _Q,
        N_("a child of the same name and birth date in another school"),
        _CONTRACT,
        twins=checks.same_name_and_birth,
        elsewhere=True,
    ),
    Rule("no_children", _E, N_("no child is recorded"), _CONTRACT, unit=checks.no_children),
    Rule(
        "total_changed",
        _Q,
        N_("many more or fewer children than in the last round"),
        _CONTRACT,
        detail=N_("%(before)d in the last round, %(now)d now"),
        unit=checks.total_changed,
        thresholds=_CHANGE,
    ),
    Rule(
        "grade_changed",
        _Q,
        N_("many more or fewer children in a grade than in the last round"),
        _CONTRACT,
        detail=N_("last round → now: %(grades)s"),
        unit=checks.grade_changed,
        thresholds=_CHANGE,
    ),
    Rule(
        "other_changed",
        _Q,
        N_("other affiliations: many more or fewer children than in the last round"),
        _CONTRACT,
        detail=N_("%(before)d in the last round, %(now)d now"),
        unit=checks.other_total_changed,
        level=LAO,
        thresholds={"percent": 20, "children": 0},
    ),
    Rule(
        "other_none",
        _Q,
        N_("other affiliations: none now, and some in the last round"),
        _CONTRACT,
        detail=N_("%(before)d children in the last round"),
        unit=checks.other_none_now,
        level=LAO,
    ),
)
RULE: dict[str, Rule] = {rule.code: rule for rule in RULES}
