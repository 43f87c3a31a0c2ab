"""Promotion: every grade in every kind of school, written down a second time."""

from __future__ import annotations

import pytest

from admin_app.domain.promotion import Place, promote, steps
from seed.code_lists import rows_of

ROWS = rows_of("grades.csv")
FOLLOWING = {row["code"]: row["next_code"] for row in ROWS}
OFFERED = {
    kind: frozenset(row["code"] for row in ROWS if kind in row["kinds"].split())
    for kind in ("school", "centre", "college")
}
PRIMARY = frozenset({"K1", "K2", "K3", "P1", "P2", "P3", "P4", "P5", "P6"})

# what each grade becomes in a school that offers everything of its kind; LEAVES out of the last
LEAVES = "leaves"
IN_A_SCHOOL = {
    **{"K1": "K2", "K2": "K3", "K3": "P1", "P1": "P2", "P2": "P3", "P3": "P4", "P4": "P5"},
    **{"P5": "P6", "P6": "M1", "M1": "M2", "M2": "M3", "M3": "M4", "M4": "M5", "M5": "M6"},
    **{"M6": LEAVES, "V1": "V2", "V2": "V3", "V3": LEAVES, "D1": "D2", "D2": LEAVES},
    # a centre's grades are none of a school's: wherever such a child is, its next is not offered
    **{"N1": LEAVES, "N2": LEAVES, "N3": LEAVES},
}
IN_A_CENTRE = dict.fromkeys(FOLLOWING, LEAVES) | {"N1": "N2", "N2": "N3"}
IN_A_COLLEGE = dict.fromkeys(FOLLOWING, LEAVES) | {"V1": "V2", "V2": "V3", "D1": "D2"}
CASES = [
    (kind, grade, after)
    for kind, table in (
        ("school", IN_A_SCHOOL),
        ("centre", IN_A_CENTRE),
        ("college", IN_A_COLLEGE),
    )
    for grade, after in table.items()
]


def test_the_table_names_every_grade_in_every_kind_of_school() -> None:
    assert {(kind, grade) for kind, grade, _ in CASES} == {
        (kind, grade) for kind in OFFERED for grade in FOLLOWING
    }


@pytest.mark.parametrize(("kind", "grade", "after"), CASES)
def test_a_new_year_promotes_by_one_grade_or_proposes_a_leaver(
    kind: str, grade: str, after: str
) -> None:
    wanted = Place(grade, leaver=True) if after == LEAVES else Place(after, leaver=False)
    assert promote(grade, FOLLOWING, OFFERED[kind], 1) == wanted


@pytest.mark.parametrize("grade", [*FOLLOWING, "", "X9"])
def test_the_second_round_of_a_year_changes_no_grade(grade: str) -> None:
    assert promote(grade, FOLLOWING, frozenset(), 0) == Place(grade, leaver=False)


@pytest.mark.parametrize(
    ("grade", "offered", "following", "up", "wanted"),
    [
        ("P6", PRIMARY, FOLLOWING, 1, Place("P6", leaver=True)),
        ("P5", PRIMARY, FOLLOWING, 1, Place("P6", leaver=False)),
        ("P4", PRIMARY, FOLLOWING, 2, Place("P6", leaver=False)),
        ("P5", PRIMARY, FOLLOWING, 2, Place("P5", leaver=True)),
        ("K3", PRIMARY, FOLLOWING, 3, Place("P3", leaver=False)),
        ("K3", PRIMARY - {"P2"}, FOLLOWING, 3, Place("K3", leaver=True)),
        ("", PRIMARY, FOLLOWING, 1, Place("", leaver=False)),
        ("X9", PRIMARY, FOLLOWING, 1, Place("X9", leaver=False)),
        # DLA no longer uses P3: nobody is promoted into it, who is in it stays to be corrected
        ("P2", PRIMARY, {k: v for k, v in FOLLOWING.items() if k != "P3"}, 1, Place("P2", True)),
        ("P3", PRIMARY, {k: v for k, v in FOLLOWING.items() if k != "P3"}, 1, Place("P3", False)),
    ],
)
def test_what_the_school_offers_decides(
    grade: str, offered: frozenset[str], following: dict[str, str], up: int, wanted: Place
) -> None:
    assert promote(grade, following, offered, up) == wanted


@pytest.mark.parametrize(
    ("before", "year", "wanted"),
    [(2567, 2567, 0), (2567, 2568, 1), (2566, 2568, 2), (2568, 2567, 0)],
)
def test_a_child_goes_up_one_grade_a_year(before: int, year: int, wanted: int) -> None:
    assert steps(before, year) == wanted
