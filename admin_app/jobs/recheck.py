"""The job that makes findings anew in every school of a cycle that older rules judged."""

from __future__ import annotations

from typing import Any

from admin_app.database import tuples
from admin_app.domain.access import Actor
from admin_app.domain.levels import SCHOOL
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import findings, standing
from admin_app.services.errors import NotFound
from admin_app.services.jobs import Hand


def outdated(cycle_id: int) -> list[int]:
    """Ids of the schools whose findings were made by rules that are not the cycle's any more."""
    query = (
        UnitState.select(UnitState.unit)
        .join(Cycle, on=(UnitState.cycle == Cycle.id))
        .where(
            UnitState.cycle == cycle_id,
            UnitState.level == SCHOOL,
            UnitState.checked != Cycle.rules_version,
        )
        .order_by(UnitState.province, UnitState.lao, UnitState.unit)
    )
    return [school_id for (school_id,) in tuples(query)]


def perform(hand: Hand, actor: Actor) -> dict[str, Any]:
    """Check school after school, a transaction each, until none is outdated.

    A rule that changes meanwhile makes schools outdated again, so it looks once more at the end; a
    school that was looked at in vain is not looked at for ever.
    """
    cycle_id = hand.job.cycle_id
    total = UnitState.select().where(UnitState.cycle == cycle_id, UnitState.level == SCHOOL).count()
    last: list[int] = []
    checked: set[int] = set()
    while (schools := outdated(cycle_id)) and schools != last:
        hand.plan(total - len(schools), total)
        for school_id in schools:
            school = Unit.get_by_id(school_id)
            with hand.batch(1, doing=school.name):
                try:
                    standing.read(cycle_id, school, lock=True)
                except NotFound:
                    continue
                findings.refresh(cycle_id, school, hand.clock())
            checked.add(school_id)
        last = schools
    return {"schools": len(checked)}
