"""Invented people."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.domain import identity
from admin_app.domain.thai import sort_key
from seed import people
from seed.demo_children import spread

numbers = st.integers(0, 999_999_999)


def test_there_are_enough_names() -> None:
    assert all(len(set(names)) >= 120 for names in people.FIRST_NAMES.values())
    assert len(set(people.LAST_NAMES)) >= 120


@given(numbers)
def test_a_number_always_makes_the_same_valid_child(number: int) -> None:
    one, two = (
        people.child("899", number, "F", date(2020, 5, 16), date(2026, 5, 20)) for _ in range(2)
    )
    assert one == two
    assert identity.check(one.id_kind, one.id_number) is None
    assert (one.id_number is None) == bool(one.no_id_reason)
    assert one.sort_key == sort_key(one.first_name, one.last_name)
    assert date(2019, 5, 16) < one.birth_date <= date(2020, 5, 16)


@given(st.integers(0, 899_999_999_999).map(lambda number: f"{number:012d}"))
def test_the_fast_check_digit_is_that_of_the_domain(first12: str) -> None:
    assert people.pin(first12) == identity.make_pin(first12)


@pytest.mark.parametrize(("age", "prefix"), [(14, "เด็กหญิง"), (15, "นางสาว")])
def test_the_prefix_changes_on_the_fifteenth_birthday(age: int, prefix: str) -> None:
    born = people.child("899", 1, "F", date(2010, 5, 16), date(2020, 1, 1)).birth_date
    today = date(born.year + 15, born.month, born.day)
    before = date.fromordinal(today.toordinal() - (age == 14))
    assert people.child("899", 1, "F", date(2010, 5, 16), before).prefix == prefix


@given(st.integers(0, 2_000), st.integers(1, 8), st.integers(0, 10_000))
def test_children_spread_over_grades_add_up(total: int, grades: int, seed: int) -> None:
    counts = spread(total, grades, seed)
    assert sum(counts) == total
    assert min(counts) >= 0
