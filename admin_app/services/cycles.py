"""The one door for cycles: create, edit, open. Closing them is a move of the department."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import SQL, fn

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import DEPARTMENT, LEVELS
from admin_app.domain.text import N_
from admin_app.domain.windows import LatePolicy, Moments
from admin_app.models import Cycle, RuleSetting, Unit, UnitState
from admin_app.services import history, rates, rule_settings
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.typed import taken, too_long

MOMENTS = ("opens_at", "school_due_at", "lao_due_at", "province_due_at", "closes_at")
_TAKEN = N_("There is a cycle %(code)s already.")
_ORDER = N_("The moments must follow each other: open, school, LAO, province, close.")


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    errors: dict[str, tuple[str, dict[str, Any]]] = {}
    for key in MOMENTS:
        if not isinstance(values.get(key), datetime):
            errors[key] = (N_("Give a date and a time."), {})
    if not errors:
        order = Moments(**{key: values[key] for key in MOMENTS})
        if not order.ordered():
            errors["opens_at"] = (_ORDER, {})
    if values.get("late_policy") not in set(LatePolicy):
        errors["late_policy"] = (N_("Choose one of the list."), {})
    name = (values.get("name") or "").strip()
    errors |= too_long(Cycle, {"name": name})
    if errors:
        raise Invalid(errors)
    return {key: values[key] for key in (*MOMENTS, "late_policy")} | {"name": name}


def create(actor: Actor, year: int, round_: int, values: dict[str, Any], clock: Clock) -> Cycle:
    """A new cycle, not opened yet; rates come along from the latest cycle that has some."""
    if not may(actor, "cycle:create"):
        raise NotFound("cycle")
    if not 2500 <= int(year or 0) <= 2699:
        raise Invalid({"year": (N_("Give the school year in the Buddhist Era, such as 2568."), {})})
    if round_ not in (1, 2):
        raise Invalid({"round": (N_("A year has rounds 1 and 2."), {})})
    checked = _checked(values)
    code = f"{year}-{round_}"
    with taken("round", _TAKEN, code=code), transaction():
        if Cycle.select().where(Cycle.code == code).exists():
            raise Invalid({"round": (_TAKEN, {"code": code})})
        now = clock()
        cycle = Cycle.create(code=code, year=year, round=round_, **checked)
        rates.carry(cycle.id, now)
        last = RuleSetting.select(fn.MAX(RuleSetting.cycle)).scalar()
        rule_settings.carry(last, cycle.id, actor, clock)
        history.record("cycle.created", actor, now, cycle_id=cycle.id, details={"code": code})
        return cycle


def edit(actor: Actor, cycle_id: int, version: int, values: dict[str, Any], clock: Clock) -> Cycle:
    """Change a cycle's moments and late policy; each change stands in the history."""
    if not may(actor, "cycle:edit"):
        raise NotFound("cycle")
    checked = _checked(values)
    with transaction():
        cycle = for_update(Cycle.select().where(Cycle.id == cycle_id)).get_or_none()
        if cycle is None:
            raise NotFound("cycle")
        if cycle.version != version:
            raise Conflict(cycle)
        changed = {key: value for key, value in checked.items() if getattr(cycle, key) != value}
        if not changed:
            return cycle
        Cycle.update({**changed, "version": Cycle.version + 1}).where(
            Cycle.id == cycle_id
        ).execute()
        history.record(
            "cycle.edited",
            actor,
            clock(),
            cycle_id=cycle_id,
            details={key: [str(getattr(cycle, key)), str(value)] for key, value in changed.items()},
        )
        return Cycle.get_by_id(cycle_id)


def start(actor: Actor, cycle_id: int, clock: Clock) -> Cycle:
    """Open the cycle: every active unit gets its state, set-based, highest level first."""
    if not may(actor, "cycle:start"):
        raise NotFound("cycle")
    with transaction():
        cycle = for_update(Cycle.select().where(Cycle.id == cycle_id)).get_or_none()
        if cycle is None:
            raise NotFound("cycle")
        if cycle.started_at is not None:
            return cycle
        now = clock()
        add_states(cycle)
        carried = UnitState.select().where(
            UnitState.cycle == cycle_id, UnitState.carried.is_null(False)
        )
        Cycle.update(
            started_at=now,
            carried_from=cycle.carried_from if carried.exists() else None,
            version=Cycle.version + 1,
        ).where(Cycle.id == cycle_id).execute()
        history.record("cycle.started", actor, now, cycle_id=cycle_id)
        return Cycle.get_by_id(cycle_id)


def add_states(cycle: Cycle) -> None:
    """A state for each active unit that has none yet; one statement a level."""
    for level in reversed(LEVELS):
        present = UnitState.select(UnitState.unit).where(UnitState.cycle == cycle.id)
        missing = (
            Unit.select(
                SQL(str(int(cycle.id))),
                Unit.id,
                Unit.level,
                Unit.parent,
                Unit.province,
                Unit.lao,
                SQL("'open'"),
                SQL("FALSE"),
                SQL("''"),
                SQL("0"),
                SQL("0"),
                SQL("0"),
            )
            .where(Unit.level == level.key, Unit.active, Unit.id.not_in(present))
            .order_by(Unit.code)
        )
        UnitState.insert_from(
            missing,
            [
                UnitState.cycle,
                UnitState.unit,
                UnitState.level,
                UnitState.parent,
                UnitState.province,
                UnitState.lao,
                UnitState.status,
                UnitState.late,
                UnitState.reopened_reason,
                UnitState.revision,
                UnitState.children,
                UnitState.attested,
            ],
        ).execute()


def every() -> list[Cycle]:
    """All cycles, the latest first; there are two a year."""
    return list(Cycle.select().order_by(Cycle.opens_at.desc()))


def current(now: datetime, cycles: list[Cycle] | None = None) -> Cycle | None:
    """The cycle to show first: the open one, else the latest opened, else the next."""
    cycles = every() if cycles is None else cycles
    started = [cycle for cycle in cycles if cycle.started_at is not None]
    running = [cycle for cycle in started if cycle.opens_at <= now < cycle.closes_at]
    return next(iter(running + started + cycles[::-1]), None)


def by_code(code: str | None) -> Cycle:
    """The cycle with this code; NotFound when there is none."""
    cycle = Cycle.get_or_none(Cycle.code == code) if code else None
    if cycle is None:
        raise NotFound("cycle")
    return cycle


def department() -> Unit:
    """The one unit of the highest level."""
    return Unit.get(Unit.level == DEPARTMENT)
