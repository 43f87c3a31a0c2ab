"""The job that makes findings anew in every open school and LAO that older rules judged."""

from __future__ import annotations

from typing import Any

from admin_app.database import tuples
from admin_app.domain.access import Actor
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.moves import Status
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import findings, standing
from admin_app.services.errors import NotFound
from admin_app.services.hand import Hand


def outdated(cycle_id: int) -> list[int]:
    """Ids of the open units whose findings were made by rules that are not the cycle's any more."""
    query = (
        UnitState.select(UnitState.unit)
        .join(Cycle, on=(UnitState.cycle == Cycle.id))
        .where(
            UnitState.cycle == cycle_id,
            *_own_data(),
            UnitState.checked != Cycle.rules_version,
        )
        .order_by(UnitState.province, UnitState.lao, UnitState.unit)
    )
    return [unit_id for (unit_id,) in tuples(query)]


def _own_data() -> tuple[Any, ...]:
    """What is confirmed keeps the findings that it was confirmed with."""
    return UnitState.level << (SCHOOL, LAO), UnitState.status == Status.OPEN


def perform(hand: Hand, actor: Actor) -> dict[str, Any]:
    """Check unit after unit, a transaction each, until none is outdated.

    A rule that changes meanwhile, even at the very end, makes units outdated again, so it looks
    once more; a unit that was looked at in vain by the same rules is not looked at for ever.
    """
    cycle_id = hand.job.cycle_id
    total = UnitState.select().where(UnitState.cycle == cycle_id, *_own_data()).count()
    last: tuple[int, list[int]] = (0, [])
    checked: set[int] = set()
    while units := outdated(cycle_id):
        rules = Cycle.get_by_id(cycle_id).rules_version
        if (rules, units) == last:
            break
        hand.plan(total - len(units), total)
        for unit_id in units:
            unit = Unit.get_by_id(unit_id)
            with hand.batch(1, doing=unit.name):
                try:
                    seen = standing.read(cycle_id, unit, lock=True)
                except NotFound:
                    continue
                if seen.status is Status.OPEN:
                    findings.refresh_unit(cycle_id, unit, hand.clock())
            checked.add(unit_id)
        last = rules, units
    return {"units": len(checked)}
