"""The levels of the cycle and their order."""

from __future__ import annotations

import pytest

from admin_app.domain import levels

# level: (below it, above it, the field of the cycle that holds its date)
ORDER = {
    "school": (None, "lao", "school_due_at"),
    "lao": ("school", "province", "lao_due_at"),
    "province": ("lao", "department", "province_due_at"),
    "department": ("province", None, "closes_at"),
}


def test_the_levels_stand_in_the_letters_order() -> None:
    assert [level.key for level in levels.LEVELS] == list(ORDER)
    assert [level.rank for level in levels.LEVELS] == [0, 1, 2, 3]


@pytest.mark.parametrize("key", ORDER)
def test_each_level_knows_its_neighbours_and_its_date(key: str) -> None:
    lower, upper = levels.below(key), levels.above(key)
    found = (lower and lower.key, upper and upper.key, levels.level(key).due_field)
    assert found == ORDER[key]


@pytest.mark.parametrize(("subject", "key"), [("child", "school"), ("other_counts", "lao")])
def test_each_subject_is_kept_by_one_level(subject: str, key: str) -> None:
    assert levels.keeper_of(subject).key == key


def test_an_unknown_level_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        levels.level("region")
