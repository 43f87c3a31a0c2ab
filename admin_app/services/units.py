"""The one door for organisations: create, edit, contacts, take out of service."""

from __future__ import annotations

from typing import Any

from admin_app.database import Clock, for_share, for_update, transaction
from admin_app.domain import thai
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL, above
from admin_app.domain.moves import Refusal
from admin_app.domain.text import N_
from admin_app.models import Cycle, District, Grade, SchoolGrade, Unit, UnitState
from admin_app.services import findings, history, standing, unit_search
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.scope import ref
from admin_app.services.typed import row_id, taken, too_long

CONFIRMED = "confirmed"
CONTACTS = ("contact_name", "phone", "email", "address")
CODE_TAKEN = N_("This code belongs to another unit.")
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
        used = Unit.select().where(Unit.code == out["code"], Unit.id != (own_id or 0))
        if not out["code"].isalnum():
            errors["code"] = (N_("A code has letters and digits only."), {})
        elif used.exists():
            errors["code"] = (CODE_TAKEN, {})
    if "kind" in out and level in KINDS and out["kind"] not in KINDS[level]:
        errors["kind"] = (N_("Choose one of the list."), {})
    if isinstance(out.get("district"), District):
        out["district"] = out["district"].id
    errors |= too_long(Unit, out)
    if errors:
        raise Invalid(errors)
    return out


def _set_grades(school: Unit, codes: list[str]) -> bool:
    """Sets the grades that the school offers; answers whether that changed anything."""
    wanted = {
        grade.id
        for grade in Grade.select().where(Grade.code << codes)
        if school.kind in grade.kinds.split()
    }
    if len(wanted) != len(set(codes)):
        raise Invalid({"grades": (N_("This kind of school does not offer all of these."), {})})
    present = {row.grade_id for row in SchoolGrade.select().where(SchoolGrade.school == school.id)}
    if wanted == present:
        return False
    SchoolGrade.delete().where(SchoolGrade.school == school.id).execute()
    for grade_id in sorted(wanted):
        SchoolGrade.create(school=school.id, grade=grade_id)
    return True


def _join_cycles(unit: Unit) -> None:
    """Give an active unit its state in each opened cycle in which everything above is still open.

    Refused when it would come back open under a confirmed level of a cycle that still runs. Cycles
    are kept from being opened meanwhile, so that the opening does not miss the unit.
    """
    for cycle in for_share(Cycle.select().order_by(Cycle.id)):
        if cycle.started_at is None:
            continue
        own = UnitState.get_or_none(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
        if own is not None and own.active:
            continue
        above = {state.level: state.status for state in standing.lock_above(cycle.id, unit)}
        all_open = CONFIRMED not in above.values()
        if own is None and above and all_open:
            UnitState.create(
                cycle=cycle.id,
                unit=unit.id,
                level=unit.level,
                parent=unit.parent_id,
                province=unit.province_id,
                lao=unit.lao_id,
            )
            continue
        stranded = own is not None and own.status != CONFIRMED and not all_open
        if stranded and above.get(DEPARTMENT) != CONFIRMED:
            raise Refused([Refusal("above_confirmed")])


def _take_part(unit: Unit, active: bool) -> None:
    """Whether the unit takes part, in every cycle that is not closed nationally: those stay."""
    closed = standing.closed_nationally()
    UnitState.update(active=active).where(
        UnitState.unit == unit.id, UnitState.active != active, UnitState.cycle.not_in(closed)
    ).execute()


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
    with taken("code", CODE_TAKEN), transaction():
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
        unit_search.write(Unit.id == unit.id)
        if unit.active:
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
    """Change a unit: DLA every field, the unit's own people and its LAO the contacts alone.

    Raises NotFound, Conflict, Invalid, Refused (a unit coming back under a confirmed level).
    """
    with taken("code", CODE_TAKEN), transaction():
        unit = for_update(Unit.select().where(Unit.id == row_id(unit_id))).get_or_none()
        if unit is None:
            raise NotFound("unit")
        whole = may(actor, f"{unit.level}:edit", ref(unit))
        contacts = may(actor, f"{unit.level}:contact", ref(unit))
        if not (whole or contacts):
            raise NotFound("unit")
        if unit.version != version:
            raise Conflict(unit)
        allowed = FIELDS if whole else CONTACTS
        checked = _checked(unit.level, {k: v for k, v in values.items() if k in allowed}, unit.id)
        changed = {key: value for key, value in checked.items() if unit.__data__.get(key) != value}
        if changed.get("active"):
            _join_cycles(unit)
        if "active" in changed:
            _take_part(unit, changed["active"])
        if changed:
            Unit.update({**changed, "version": Unit.version + 1}).where(
                Unit.id == unit.id
            ).execute()
            unit = Unit.get_by_id(unit.id)
        if unit_search.FIELDS & changed.keys():
            unit_search.write(Unit.id == unit.id)
        fields = sorted(changed.keys() - {"name_key"})
        if whole and unit.level == SCHOOL and grades is not None and _set_grades(unit, grades):
            fields.append("grades")
        if {"kind", "grades"} & set(fields):
            findings.outdate([unit.id])
        if unit.level == SCHOOL and "active" in changed:
            if unit.active:
                findings.rejoin(unit, clock())
            else:
                findings.outdate_with_twins(unit)
        if fields:
            history.record("unit.edited", actor, clock(), unit=unit, details={"fields": fields})
        return unit
