"""Lunch and milk: which rate pays, and the sum in satang."""

from __future__ import annotations

import pytest

from admin_app.domain.money import UNBOUNDED, RateRow, estimate, rate_for

# cabinet resolution of 8 November 2565
LUNCH = [
    RateRow("lunch", kind, low, high, baht * 100, days)
    for kind, days in (("", 200), ("centre", 245))
    for low, high, baht in ((1, 40, 36), (41, 100, 27), (101, 120, 24), (121, UNBOUNDED, 22))
]
RATES = [*LUNCH, RateRow("milk", "", 1, UNBOUNDED, 780, 260)]


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


def test_a_rate_goes_into_a_snapshot_as_it_is() -> None:
    assert RATES[-1].as_dict() == {
        "kind": "milk",
        "school_kind": "",
        "low": 1,
        "high": UNBOUNDED,
        "satang": 780,
        "days": 260,
    }
