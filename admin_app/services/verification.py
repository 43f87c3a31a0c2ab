"""Verify: recompute what was confirmed from the rows up and name whatever differs. Reads only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from admin_app.domain import proof
from admin_app.models import Cycle, Snapshot, Unit, UnitState
from admin_app.services import snapshots


@dataclass(slots=True)
class Result:
    """How many confirmed units were looked at, and one line per difference."""

    checked: int = 0
    differences: list[str] = field(default_factory=list)


def _compare(cycle: Cycle, unit: Unit, state: UnitState) -> list[str]:
    where = f"{cycle.code} {unit.level} {unit.code}"
    snapshot = Snapshot.get_or_none(
        Snapshot.cycle == cycle.id,
        Snapshot.unit == unit.id,
        Snapshot.revision == state.revision,
    )
    if snapshot is None:
        return [f"{where}: no snapshot of revision {state.revision}"]
    if proof.digest(snapshot.content) != snapshot.digest:
        return [f"{where}: the snapshot does not match its digest"]
    stored = json.loads(snapshot.content)
    fresh = json.loads(proof.canonical(snapshots.CONTENT[unit.level](cycle, unit)))
    # names, kinds, rates and grades are data that DLA may edit later; figures and digests may not
    figures = ("counts", "children", "roster", "nationality", "id_kind", "other")
    heads = ("schools", "laos", "provinces")
    return [
        f"{where}: {key} differs from the snapshot"
        for key in (*figures, *heads)
        if key in stored and stored[key] != fresh.get(key)
    ]


def verify(
    cycle: Cycle,
    unit_code: str | None = None,
    on_unit: Callable[[int, int, str], object] | None = None,
) -> Result:
    """Check the confirmed units of a cycle, or the one with ``unit_code`` and all below it.

    ``on_unit`` hears of each unit before it is checked: how many are done, of how many, its name.
    """
    result = Result()
    query = (
        UnitState.select(UnitState, Unit)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .where(UnitState.cycle == cycle.id, UnitState.status == "confirmed")
        .order_by(UnitState.id)
    )
    if unit_code:
        unit = Unit.get_or_none(Unit.code == unit_code)
        if unit is None:
            result.differences.append(f"no unit {unit_code}")
            return result
        if unit.level != "department":
            query = query.where(
                (Unit.id == unit.id) | (Unit.lao == unit.id) | (Unit.province == unit.id)
            )
    states = list(query)
    for state in states:
        if on_unit is not None:
            on_unit(result.checked, len(states), state.unit.name)
        result.checked += 1
        result.differences += _compare(cycle, state.unit, state)
    return result
