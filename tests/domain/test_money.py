"""Lunch and milk: which rate pays, and the sum in satang."""

from __future__ import annotations

import pytest

from admin_app.domain.money import UNBOUNDED, RateRow, RateSet, from_dict, rate_for

# cabinet resolution of 8 November 2565
LUNCH = [
    RateRow("lunch", kind, low, high, baht * 100, days)
    for kind, days in (("", 200), ("centre", 245))
    for low, high, baht in ((1, 40, 36), (41, 100, 27), (101, 120, 24), (121, UNBOUNDED, 22))
]
RATES = [*LUNCH, RateRow("milk", "", 1, UNBOUNDED, 780, 260)]
FED = ("N1", "K1", "P1")


def estimate(rates: list[RateRow], kind: str, school_kind: str, children: int) -> int:
    """Satang for a school whose children are all in ป.1."""
    found = RateSet(tuple(rates), {"lunch": FED, "milk": FED})
    return found.due(kind, school_kind, {"P1": children}).satang


@pytest.mark.parametrize(
    ("children", "baht"),
    [(1, 36), (40, 36), (41, 27), (100, 27), (101, 24), (120, 24), (121, 22), (9_999, 22)],
)
def test_the_bracket_is_that_of_the_schools_number_of_children(children: int, baht: int) -> None:
    assert estimate(RATES, "lunch", "school", children) == baht * 100 * children * 200


def test_a_centre_is_paid_for_its_own_number_of_days() -> None:
    assert estimate(RATES, "lunch", "centre", 40) == 3_600 * 40 * 245


@pytest.mark.parametrize("rates", [RATES, RATES[::-1]])
def test_the_kinds_own_rate_comes_before_the_general_one(rates: list[RateRow]) -> None:
    found = rate_for(rates, "lunch", "centre", 10)
    assert found is not None
    assert (found.school_kind, found.days) == ("centre", 245)


def test_milk_is_the_same_for_every_kind() -> None:
    assert estimate(RATES, "milk", "school", 10) == estimate(RATES, "milk", "centre", 10) == 2028000


@pytest.mark.parametrize(("kind", "children"), [("lunch", 0), ("breakfast", 10)])
def test_without_children_or_a_rate_nothing_is_paid(kind: str, children: int) -> None:
    assert estimate(RATES, kind, "school", children) == 0


def test_children_of_grades_that_are_not_counted_move_no_bracket() -> None:
    due = RateSet(tuple(RATES), {"lunch": FED}).due("lunch", "school", {"P1": 40, "M1": 500})
    assert (due.children, due.satang) == (40, 3_600 * 40 * 200)
    assert due.rate == LUNCH[0]


def test_a_subsidy_is_paid_per_head_by_grade() -> None:
    rows = [
        RateRow("subsidy", "", 1, UNBOUNDED, satang, 1, grade)
        for grade, satang in (("K1", 180_000), ("P1", 200_050))
    ]
    due = RateSet((*RATES, *rows)).due("subsidy", "school", {"K1": 3, "P1": 2, "M1": 9})
    assert (due.children, due.rate, due.satang) == (5, None, 3 * 180_000 + 2 * 200_050)


def test_what_is_frozen_is_read_again() -> None:
    rates = RateSet(tuple(RATES), {"lunch": FED, "milk": ("P1",)})
    assert from_dict(rates.as_dict()) == rates
