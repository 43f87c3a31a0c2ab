"""Scope as SQL: which rows an actor may reach, composed into every query, look-up and export."""

from __future__ import annotations

from typing import Any

from peewee import Expression, Field

from admin_app.domain.access import Actor, Reach, UnitRef, may, reach
from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.models import (
    District,
    Event,
    Finding,
    OtherSchool,
    OtherSheet,
    Student,
    Unit,
    UnitState,
    User,
)
from admin_app.services.errors import NotFound
from admin_app.services.typed import row_id

# table: its column for each level's unit id ("own": the unit that the row is, or is of)
COLUMNS: dict[Any, dict[str, Field]] = {
    Unit: {"own": Unit.id, PROVINCE: Unit.province, LAO: Unit.lao},
    UnitState: {"own": UnitState.unit, PROVINCE: UnitState.province, LAO: UnitState.lao},
    User: {"own": User.unit, PROVINCE: User.province, LAO: User.lao},
    Event: {"own": Event.unit, PROVINCE: Event.province, LAO: Event.lao},
    Student: {
        "own": Student.school,
        PROVINCE: Student.province,
        LAO: Student.lao,
        SCHOOL: Student.school,
    },
    Finding: {"own": Finding.unit, PROVINCE: Finding.province, LAO: Finding.lao},
    OtherSchool: {"own": OtherSchool.lao, PROVINCE: OtherSchool.province, LAO: OtherSchool.lao},
    OtherSheet: {"own": OtherSheet.lao, PROVINCE: OtherSheet.province, LAO: OtherSheet.lao},
}
NOTHING = Expression(1, "=", 0)


def ref(row: Unit | UnitState) -> UnitRef:
    """Where a unit, or the unit of a state, stands."""
    own = row.unit_id if isinstance(row, UnitState) else row.id
    return UnitRef(own, row.level, row.lao_id, row.province_id)


def student_ref(student: Student) -> UnitRef:
    """Where a child stands: its school, with the units above."""
    return UnitRef(student.school_id, SCHOOL, student.lao_id, student.province_id)


def limit(query: Any, model: Any, actor: Actor, permission: str) -> Any:
    """``query`` over ``model`` narrowed to the rows that ``permission`` reaches for ``actor``."""
    how_far = reach(actor.role, permission)
    if how_far is None:
        return query.where(NOTHING)
    own = actor.unit
    if how_far is Reach.COUNTRY or (own.level == DEPARTMENT and how_far is Reach.TREE):
        return query
    if model is District:
        return query.where(
            District.province_code == Unit.select(Unit.code).where(Unit.id == own.province_id)
        )
    columns = COLUMNS[model]
    if how_far is Reach.UNIT:
        return query.where(columns["own"] == own.id)
    if own.level != DEPARTMENT:
        query = query.where(columns.get(own.level, columns["own"]) == own.id)
    if how_far is Reach.BELOW:
        query = query.where(columns["own"] != own.id)
    return query


def unit(actor: Actor, code: str, verb: str = "read") -> Unit:
    """The unit with this code, if ``<its level>:<verb>`` reaches it; NotFound otherwise."""
    found = Unit.get_or_none(Unit.code == code)
    if found is None or not may(actor, f"{found.level}:{verb}", ref(found)):
        raise NotFound(code)
    return found


def unit_by_id(actor: Actor, unit_id: Any, verb: str = "read") -> Unit:
    """As ``unit``, by id."""
    found = Unit.get_or_none(Unit.id == row_id(unit_id))
    if found is None or not may(actor, f"{found.level}:{verb}", ref(found)):
        raise NotFound(str(unit_id))
    return found


def readable_levels(actor: Actor) -> list[str]:
    """The levels whose units the actor may read, lowest first."""
    return [key for key in BY_KEY if reach(actor.role, f"{key}:read")]
