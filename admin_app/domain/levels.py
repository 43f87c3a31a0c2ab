"""The levels of the cycle, lowest first: one row each, read by every room above.

Source: the official letter for academic year 2567, round 1 (school, then local authority, then
province, then department). A new level is a row here and a scope column in a migration.
"""

from __future__ import annotations

from dataclasses import dataclass

from admin_app.domain.text import N_


@dataclass(frozen=True, slots=True)
class Level:
    """One level of confirmation.

    ``due_field``: the field of the cycle that holds this level's date. ``scope_column``: the
    column that carries this level's unit id on every row below it (None: the whole country).
    ``records``: subjects of access whose rows belong to units of this level.
    """

    key: str
    rank: int
    name: str
    plural: str
    due_field: str
    scope_column: str | None
    records: tuple[str, ...] = ()


SCHOOL, LAO, PROVINCE, DEPARTMENT = "school", "lao", "province", "department"

LEVELS: tuple[Level, ...] = (
    Level(SCHOOL, 0, N_("School"), N_("Schools"), "school_due_at", "school", ("child",)),
    Level(LAO, 1, N_("LAO"), N_("LAOs"), "lao_due_at", "lao", ("other_counts",)),
    Level(PROVINCE, 2, N_("Province"), N_("Provinces"), "province_due_at", "province"),
    Level(DEPARTMENT, 3, N_("Department"), N_("Departments"), "closes_at", None),
)

BY_KEY: dict[str, Level] = {level.key: level for level in LEVELS}


def level(key: str) -> Level:
    """The level with this key; KeyError when there is none."""
    return BY_KEY[key]


def above(key: str) -> Level | None:
    """The level directly above, None for the highest."""
    rank = BY_KEY[key].rank + 1
    return LEVELS[rank] if rank < len(LEVELS) else None


def below(key: str) -> Level | None:
    """The level directly below, None for the lowest."""
    rank = BY_KEY[key].rank - 1
    return LEVELS[rank] if rank >= 0 else None


def keeper_of(subject: str) -> Level:
    """The level whose units keep the rows of this subject (``child`` → school)."""
    return next(level for level in LEVELS if subject in level.records)
