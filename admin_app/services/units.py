"""The one door for organisations: create, edit, contacts, take out of service."""

from __future__ import annotations

from typing import Any

from admin_app.database import Clock, for_update, transaction
from admin_app.domain import thai
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import LAO, PROVINCE, SCHOOL, above
from admin_app.domain.text import N_
from admin_app.models import Cycle, Grade, SchoolGrade, Unit, UnitState
from admin_app.services import history
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.scope import ref

CONTACTS = ("contact_name", "phone", "email", "address")
FIELDS = ("code", "name", "name_en", "kind", "district", "active", *CONTACTS)
KINDS: dict[str, dict[str, str]] = {
    LAO: {
        "อบจ.": N_("Provincial administrative organisation"),
        "ทน.": N_("City municipality"),
        "ทม.": N_("Town municipality"),
        "ทต.": N_("Sub-district municipality"),
        "อบต.": N_("Sub-district administrative organisation"),
        "เมืองพัทยา": N_("Pattaya City"),
    },
    SCHOOL: {
        "school": N_("Basic education school"),
        "college": N_("College"),
        "centre": N_("Child development centre"),
    },
}


def _checked(level: str, values: dict[str, Any], own_id: int | None) -> dict[str, Any]:
    errors: dict[str, tuple[str, dict[str, Any]]] = {}
    out = {key: value for key, value in values.items() if key in FIELDS}
    for key in ("name", "code", "name_en", *CONTACTS):
        if key in out:
            out[key] = thai.clean(str(out[key] or ""))
    if "name" in out:
        if not out["name"]:
            errors["name"] = (N_("Write the name."), {})
        out["name_key"] = thai.sort_key(out["name"])
    if "code" in out:
        out["code"] = thai.digits(out["code"])
        taken = Unit.select().where(Unit.code == out["code"], Unit.id != (own_id or 0))
        if not out["code"].isalnum():
            errors["code"] = (N_("A code has letters and digits only."), {})
        elif taken.exists():
            errors["code"] = (N_("This code belongs to another unit."), {})
    if "kind" in out and level in KINDS and out["kind"] not in KINDS[level]:
        errors["kind"] = (N_("Choose one of the list."), {})
    if errors:
        raise Invalid(errors)
    return out


def _set_grades(school: Unit, codes: list[str]) -> None:
    wanted = {
        grade.id: grade
        for grade in Grade.select().where(Grade.code << codes)
        if school.kind in grade.kinds.split()
    }
    if len(wanted) != len(set(codes)):
        raise Invalid({"grades": (N_("This kind of school does not offer all of these."), {})})
    SchoolGrade.delete().where(SchoolGrade.school == school.id).execute()
    for grade_id in wanted:
        SchoolGrade.create(school=school.id, grade=grade_id)


def _join_cycles(unit: Unit) -> None:
    """Give a new unit its state in each opened cycle in which everything above is still open."""
    for cycle in Cycle.select().where(Cycle.started_at.is_null(False)).order_by(Cycle.id):
        ids = [i for i in (unit.parent_id, unit.lao_id, unit.province_id) if i and i != unit.id]
        rows = UnitState.select().where(
            UnitState.cycle == cycle.id,
            (UnitState.unit << ids) | (UnitState.level == "department"),
        )
        states = list(for_update(rows.order_by(UnitState.id)))
        if states and all(state.status == "open" for state in states):
            UnitState.create(
                cycle=cycle.id,
                unit=unit.id,
                level=unit.level,
                parent=unit.parent_id,
                province=unit.province_id,
                lao=unit.lao_id,
            )


def create(
    actor: Actor,
    level: str,
    parent: Unit,
    values: dict[str, Any],
    clock: Clock,
    *,
    grades: list[str] | None = None,
) -> Unit:
    """A new unit below ``parent``; it joins the cycles whose levels above are still open."""
    if not may(actor, f"{level}:create", ref(parent)):
        raise NotFound(level)
    over = above(level)
    if over is None or parent.level != over.key:
        raise Invalid({"parent": (N_("Choose the unit directly above."), {})})
    checked = _checked(level, {"code": "", "name": "", "kind": ""} | values, None)
    with transaction():
        unit = Unit.create(
            **checked,
            level=level,
            parent=parent.id,
            province=parent.province_id,
            lao=parent.lao_id,
        )
        if level in (PROVINCE, LAO):
            setattr(unit, level, unit.id)
            unit.save(only=[getattr(Unit, level)])
        if level == SCHOOL:
            _set_grades(unit, grades or [])
        _join_cycles(unit)
        history.record("unit.created", actor, clock(), unit=unit)
        return unit


def edit(
    actor: Actor,
    unit_id: int,
    version: int,
    values: dict[str, Any],
    clock: Clock,
    *,
    grades: list[str] | None = None,
) -> Unit:
    """Change a unit: DLA every field, the unit's own people and its LAO the contacts alone."""
    with transaction():
        unit = for_update(Unit.select().where(Unit.id == unit_id)).get_or_none()
        if unit is None:
            raise NotFound("unit")
        whole = may(actor, f"{unit.level}:edit", ref(unit))
        contacts = unit.level != "department" and may(actor, f"{unit.level}:contact", ref(unit))
        if not (whole or contacts):
            raise NotFound("unit")
        if unit.version != version:
            raise Conflict(unit)
        allowed = FIELDS if whole else CONTACTS
        checked = _checked(unit.level, {k: v for k, v in values.items() if k in allowed}, unit.id)
        changed = {key: value for key, value in checked.items() if unit.__data__.get(key) != value}
        if changed:
            Unit.update({**changed, "version": Unit.version + 1}).where(
                Unit.id == unit.id
            ).execute()
        unit = Unit.get_by_id(unit.id)
        if whole and grades is not None and unit.level == SCHOOL:
            _set_grades(unit, grades)
        history.record(
            "unit.edited", actor, clock(), unit=unit, details={"fields": sorted(changed)}
        )
        return unit
