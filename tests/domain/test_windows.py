"""When a unit may record and confirm, to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.domain.windows import LatePolicy, Moments, window
from tests.country import CLOSES, LETTER, bangkok

OPENS = LETTER["opens_at"]
DUE = LETTER["school_due_at"]
ACCEPT = Moments(**{key: LETTER[key] for key in LETTER if key.endswith("_at")})
BLOCK = replace(ACCEPT, late_policy=LatePolicy.BLOCK)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LEVELS = ("school", "lao", "province", "department")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("now", "inside"),
    [
        (OPENS - SECOND, False),
        (OPENS, True),
        (bangkok(2024, 6, 11, 16, 59) + 59 * SECOND, True),
        (bangkok(2024, 6, 11, 17, 0), False),
    ],
)
def test_16_59_59_is_in_and_17_00_00_is_out(level: str, now: datetime, inside: bool) -> None:
    judged = window(ACCEPT, level)
    assert judged.may_record(now) is inside
    assert judged.may_confirm(now) is inside


@pytest.mark.parametrize(
    ("level", "now", "late"),
    [
        ("school", DUE - SECOND, False),
        ("school", DUE, True),
        ("lao", DUE - SECOND, False),
        ("lao", DUE, True),
        ("province", DUE, False),
        ("province", CLOSES - SECOND, False),
        ("province", CLOSES, True),
    ],
)
def test_a_confirmation_is_late_from_the_due_date_on(level: str, now: datetime, late: bool) -> None:
    assert window(ACCEPT, level).late(now) is late


@pytest.mark.parametrize(
    ("level", "until"),
    [("school", DUE), ("lao", DUE), ("province", CLOSES), ("department", CLOSES)],
)
def test_the_block_policy_makes_the_due_date_hard(level: str, until: datetime) -> None:
    judged = window(BLOCK, level)
    assert judged.may_confirm(until - SECOND)
    assert not judged.may_confirm(until)
    assert not judged.may_record(until)


def test_a_due_date_never_reaches_beyond_the_close() -> None:
    assert window(replace(BLOCK, lao_due_at=CLOSES + HOUR), "lao").record_until == CLOSES


@pytest.mark.parametrize("moments", [ACCEPT, BLOCK])
def test_an_own_or_upper_extension_lets_a_unit_record_and_confirm(moments: Moments) -> None:
    judged = window(moments, "school", [None, CLOSES + HOUR, None])
    assert judged.may_record(CLOSES + HOUR - SECOND)
    assert judged.may_confirm(CLOSES + HOUR - SECOND)
    assert not judged.may_record(CLOSES + HOUR)
    assert not judged.may_confirm(CLOSES + HOUR)


@pytest.mark.parametrize("level", ["lao", "province", "department"])
def test_an_extension_below_lets_a_unit_confirm_but_not_record(level: str) -> None:
    judged = window(ACCEPT, level, [None], [None, CLOSES + HOUR])
    assert judged.may_confirm(CLOSES)
    assert judged.may_confirm(CLOSES + HOUR - SECOND)
    assert not judged.may_confirm(CLOSES + HOUR)
    assert not judged.may_record(CLOSES)


def test_an_extension_never_shortens_the_window() -> None:
    assert window(ACCEPT, "school", [DUE]).record_until == CLOSES


def test_the_latest_of_several_extensions_counts() -> None:
    judged = window(ACCEPT, "lao", [CLOSES + HOUR, CLOSES + 3 * HOUR], [CLOSES + 2 * HOUR])
    assert judged.record_until == judged.confirm_until == CLOSES + 3 * HOUR


def test_an_extension_does_not_undo_lateness() -> None:
    assert window(ACCEPT, "school", [CLOSES + HOUR]).late(CLOSES)


def test_nothing_is_open_in_a_cycle_that_was_not_started() -> None:
    judged = window(replace(ACCEPT, started=False), "school", [CLOSES + HOUR])
    assert not judged.may_record(OPENS + HOUR)
    assert not judged.may_confirm(OPENS + HOUR)


@pytest.mark.parametrize(
    ("field", "value", "ordered"),
    [
        ("opens_at", OPENS, True),
        ("opens_at", DUE, False),
        ("school_due_at", CLOSES, False),
        ("lao_due_at", DUE - SECOND, False),
        ("province_due_at", CLOSES + SECOND, False),
        ("closes_at", CLOSES - SECOND, False),
        ("closes_at", CLOSES + HOUR, True),
    ],
)
def test_the_moments_must_follow_each_other(field: str, value: datetime, ordered: bool) -> None:
    changed: dict[str, Any] = {field: value}
    assert replace(ACCEPT, **changed).ordered() is ordered


moments_around = st.integers(-50, 50).map(lambda hours: CLOSES + hours * HOUR)


@given(
    st.sampled_from(LEVELS),
    st.sampled_from(list(LatePolicy)),
    st.lists(st.none() | moments_around, max_size=3),
    st.lists(st.none() | moments_around, max_size=3),
    moments_around,
)
def test_whoever_may_record_may_confirm(
    level: str,
    policy: LatePolicy,
    above: list[datetime | None],
    below: list[datetime | None],
    now: datetime,
) -> None:
    judged = window(replace(ACCEPT, late_policy=policy), level, above, below)
    plain = window(replace(ACCEPT, late_policy=policy), level)
    assert judged.may_confirm(now) or not judged.may_record(now)
    assert judged.may_record(now) or not plain.may_record(now)
