"""Verify names whatever was changed behind the services' back."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.models import OtherSheet, Snapshot, Student, Unit, UnitState
from admin_app.services.verification import verify
from tests.country import CLOSES, ManualClock
from tests.services.conftest import Chain


@pytest.fixture
def confirmed(chain: Chain, clock: ManualClock) -> Chain:
    """The chain's province confirmed, the country closed."""
    chain.country.confirm_tree(chain.province, chain.cycle)
    clock.set(CLOSES)
    chain.move("department", chain.country.department, "close")
    return chain


def test_what_nobody_touched_has_no_difference(confirmed: Chain) -> None:
    result = verify(confirmed.cycle)
    assert (result.checked, result.differences) == (5, [])


def test_what_dla_may_edit_later_is_no_difference(confirmed: Chain) -> None:
    Unit.update(name="ชื่อใหม่").where(Unit.id == confirmed.school.id).execute()
    assert verify(confirmed.cycle).differences == []


def _of_school(chain: Chain) -> Any:
    return Student.school == chain.school.id


TAMPERING: list[tuple[Any, str, str]] = [
    (lambda c: Student.update(first_name="x").where(_of_school(c)), "school", "roster"),
    (lambda c: Student.update(grade="P2").where(_of_school(c)), "school", "counts"),
    (lambda c: Student.delete().where(_of_school(c)), "school", "children"),
    (lambda c: OtherSheet.update(declared_none=False), "lao", "other"),
    (
        lambda c: Snapshot.update(content="{}").where(Snapshot.unit == c.school.id),
        "school",
        "does not match its digest",
    ),
    (
        lambda c: Snapshot.update(digest="0" * 64).where(Snapshot.unit == c.school.id),
        "lao",
        "schools",
    ),
    (
        lambda c: Snapshot.delete().where(Snapshot.unit == c.lao.id),
        "lao",
        "no snapshot of revision 1",
    ),
    (
        lambda c: UnitState.update(status="open", confirmed_at=None).where(
            UnitState.unit == c.lao.id
        ),
        "province",
        "laos",
    ),
]


@pytest.mark.parametrize("number", range(len(TAMPERING)))
def test_what_was_changed_is_named(confirmed: Chain, number: int) -> None:
    tamper, level, what = TAMPERING[number]
    assert tamper(confirmed).execute()
    unit = getattr(confirmed, level)
    lines = verify(confirmed.cycle).differences
    assert any(unit.code in line and what in line for line in lines), lines


def test_one_units_tree_can_be_verified_alone(confirmed: Chain) -> None:
    for unit, checked in (
        (confirmed.school, 1),
        (confirmed.lao, 3),
        (confirmed.province, 4),
        (confirmed.far, 0),
        (confirmed.country.department, 5),
    ):
        assert verify(confirmed.cycle, unit.code).checked == checked
    assert verify(confirmed.cycle, "nowhere").differences == ["no unit nowhere"]
