"""Whom to call: the units above that have a telephone number, the nearest first."""

from __future__ import annotations

from admin_app.domain.levels import BY_KEY, DEPARTMENT
from admin_app.models import Unit


def above(unit: Unit) -> list[Unit]:
    """The units above ``unit`` that can be called, the department last."""
    if unit.level == DEPARTMENT:
        return []
    ids = [above for above in (unit.lao_id, unit.province_id) if above and above != unit.id]
    query = Unit.select().where((Unit.id << ids) | (Unit.level == DEPARTMENT), Unit.phone != "")
    return sorted(query, key=lambda found: BY_KEY[found.level].rank)
