"""What differs between two revisions, as tables of cases."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.domain.differences import (
    Children,
    Head,
    Move,
    children,
    heads,
    moved,
    other_cells,
    own_figures,
)

A, B = "1" * 16, "2" * 16

# old lines, new lines, who came, went and changed
LINES = [
    ("", "", ((), (), ())),
    ("", f"7 {A}\n", ((7,), (), ())),
    (f"7 {A}\n", "", ((), (7,), ())),
    (f"7 {A}\n", f"7 {A}\n", ((), (), ())),
    (f"7 {A}\n", f"7 {B}\n", ((), (), (7,))),
    (f"7 {A}\n8 {A}\n10 {A}", f"8 {B}\n10 {A}\n11 {A}\n9 {A}", ((9, 11), (7,), (8,))),
]


@pytest.mark.parametrize(("old", "new", "differ"), LINES)
def test_children_come_go_or_change(old: str, new: str, differ: Any) -> None:
    assert children(old, new) == Children(*differ)


def test_only_counts_that_moved_are_told_and_none_means_zero() -> None:
    old = {("P1", "M"): 3, ("P1", "F"): 2, ("K1", "M"): 1}
    new = {("P1", "M"): 5, ("P1", "F"): 2, ("P2", "F"): 4}
    found = moved(old, new)
    assert found == [Move(("K1", "M"), 1, 0), Move(("P1", "M"), 3, 5), Move(("P2", "F"), 0, 4)]
    assert [move.difference for move in found] == [-1, 2, 4]
    assert moved(old, old) == []


def test_units_below_are_told_when_another_revision_of_them_is_covered() -> None:
    old = [["1", 1, A], ["2", 1, A], ["3", 2, A]]
    new = [["1", 1, A], ["3", 3, B], ["4", 1, B]]
    assert heads(old, new) == [
        Head("2", (1, A), None),
        Head("3", (2, A), (3, B)),
        Head("4", None, (1, B)),
    ]


SHEET = {
    "declared_none": False,
    "schools": [
        {"code": "", "name": "ก", "affiliation": "X", "counts": [["P1", 1, 2]]},
        {"code": "", "name": "ข", "affiliation": "X", "counts": [["P1", 3, 0], ["P2", 0, 5]]},
    ],
}


def test_figures_of_a_school_and_of_an_lao() -> None:
    school = own_figures(
        {"counts": [["P1", 1, 2]], "nationality": {"TH": 3}, "id_kind": {"pin": 2, "none": 1}}
    )
    assert (school.schools, school.children, school.counts["P1", "F"]) == (1, 3, 2)
    assert school.id_kind == {("pin",): 2, ("none",): 1}
    lao = own_figures({"other": SHEET})
    assert (lao.schools, lao.children, lao.other_children) == (0, 0, 11)
    assert lao.others["X", "P1", "M"] == 4
    assert other_cells({"other": SHEET})["ข", "P2", "F"] == 5
    lao.add(school)
    assert (lao.schools, lao.children, lao.other_children) == (1, 3, 11)
