"""Which level decides about rows of one child in several schools.

The lowest level that sees them all: the LAO, else the province, else the department, which may
decide about all of them. Source: the product's contract, "Children", duplicates across schools.
"""

from __future__ import annotations

from collections.abc import Sequence

from admin_app.domain.access import Actor, UnitRef, may
from admin_app.domain.levels import DEPARTMENT, LEVELS, SCHOOL


def deciding_level(places: Sequence[UnitRef]) -> str:
    """The lowest level above the schools of which one unit holds all ``places``."""
    for level in LEVELS:
        if level.key != SCHOOL and len({place.id_at(level.key) for place in places}) == 1:
            return level.key
    return DEPARTMENT


def sees(actor: Actor, places: Sequence[UnitRef]) -> bool:
    """Whether every one of ``places`` lies where the actor may look at duplicates."""
    return all(may(actor, "duplicate:read", place) for place in places)


def decides(actor: Actor, places: Sequence[UnitRef]) -> bool:
    """Whether it is the actor's to decide: at the lowest level that sees all, or DLA."""
    if not all(may(actor, "duplicate:decide", place) for place in places):
        return False
    return actor.role == DEPARTMENT or actor.unit.level == deciding_level(places)
