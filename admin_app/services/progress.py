"""Progress: who has recorded how many, who has confirmed, who is late, who blocks. Reading only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import Case, fn

from admin_app.database import tuples
from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, LEVELS, SCHOOL, below
from admin_app.models import Cycle, District, Event, Finding, OtherSheet, Unit, UnitState
from admin_app.services import history, standing
from admin_app.services.standing import moments


@dataclass(slots=True)
class Tally:
    """Units of one level: all, confirmed, confirmed late; ``overdue``: open after the due date."""

    total: int = 0
    confirmed: int = 0
    late: int = 0
    overdue: int = 0

    @property
    def open(self) -> int:
        """Units that are not confirmed."""
        return self.total - self.confirmed

    @property
    def percent(self) -> int:
        """Share confirmed, rounded down, so that 100 means all."""
        return self.confirmed * 100 // self.total if self.total else 0


@dataclass(slots=True)
class Row:
    """A unit directly below, with its own state and what lies below it, by level."""

    unit: Unit
    state: UnitState
    tallies: dict[str, Tally] = field(default_factory=dict)
    children: int = 0
    attested: int = 0
    overdue: bool = False


def _group(parent_level: str, table: Any = UnitState) -> Any:
    """The column that tells units directly below a unit of ``parent_level`` apart."""
    lower = below(parent_level)
    if lower is None or lower.key == SCHOOL:
        return table.unit
    return getattr(table, lower.key)


def finding_group(parent_level: str) -> Any:
    """The column of ``Finding`` that tells the units of a board apart."""
    return _group(parent_level, Finding)


def _tallies(cycle: Cycle, unit: Unit, now: datetime, group: Any) -> dict[int, Any]:
    """Group id → level → tally, and the children recorded, in one query."""
    query: Any = (
        UnitState.select(
            group.alias("group_id"),
            UnitState.level,
            fn.COUNT(UnitState.id),
            fn.SUM(Case(None, [(UnitState.status == "confirmed", 1)], 0)),
            fn.SUM(Case(None, [(UnitState.late, 1)], 0)),
            fn.SUM(UnitState.children),
            fn.SUM(UnitState.attested),
        )
        .where(UnitState.cycle == cycle.id, UnitState.active)
        .group_by(group, UnitState.level)
    )
    found: dict[int, Any] = defaultdict(lambda: {"tallies": {}, "children": 0, "attested": 0})
    at = moments(cycle)
    for group_id, level, total, confirmed, late, children, attested in tuples(
        standing.within(query, unit)
    ):
        entry = found[group_id]
        open_ = total - (confirmed or 0)
        entry["tallies"][level] = Tally(
            total, confirmed or 0, late or 0, open_ if now >= at.due(level) else 0
        )
        entry["children"] += children or 0
        entry["attested"] += attested or 0
    return found


def board(cycle: Cycle, unit: Unit, now: datetime) -> list[Row]:
    """The units directly below ``unit``, by district and name, with what lies below each."""
    lower = below(unit.level)
    if lower is None:
        return []
    states: Iterable[UnitState] = (
        UnitState.select(UnitState, Unit, District)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .left_outer_join(District, on=(Unit.district == District.id))
        .where(UnitState.cycle == cycle.id, UnitState.parent == unit.id, UnitState.active)
        .order_by(District.code.asc(nulls="LAST"), Unit.name_key, Unit.code)
    )
    found = _tallies(cycle, unit, now, _group(unit.level))
    due = moments(cycle).due(lower.key)
    rows = []
    for state in states:
        entry = found[state.unit_id]
        rows.append(
            Row(
                unit=state.unit,
                state=state,
                tallies={k: v for k, v in entry["tallies"].items() if k != lower.key},
                children=entry["children"],
                attested=entry["attested"],
                overdue=state.status == "open" and now >= due,
            )
        )
    return rows


def ready(cycle: Cycle, rows: list[Row], found: Mapping[int, Any]) -> set[int]:
    """Ids of the open units of a board that only have to confirm.

    A school: it has children, each attested, and nothing found to correct or to explain (``found``,
    by unit). An LAO: its schools have confirmed and it has recorded the other affiliations. A
    province: its LAOs have confirmed.
    """
    open_ = [row for row in rows if row.state.status == "open"]
    recorded = {
        lao_id
        for (lao_id,) in tuples(
            OtherSheet.select(OtherSheet.lao).where(
                OtherSheet.cycle == cycle.id,
                OtherSheet.recorded,
                OtherSheet.lao << [row.unit.id for row in open_ if row.unit.level == LAO],
            )
        )
    }
    done = set()
    for row in open_:
        unit, state, seen = row.unit, row.state, found.get(row.unit.id)
        lower = below(unit.level)
        if seen and (seen.error or seen.query):
            continue
        if unit.level == SCHOOL:
            whole = 0 < state.children == state.attested
        else:
            tally = row.tallies.get(lower.key) if lower else None
            whole = tally is not None and tally.open == 0
            whole = whole and (unit.level != LAO or unit.id in recorded)
        if whole:
            done.add(unit.id)
    return done


def totals(cycle: Cycle, unit: Unit, now: datetime) -> tuple[dict[str, Tally], int, int]:
    """(level → tally of the units below ``unit``, children recorded, attested)."""
    if below(unit.level) is None:
        own = UnitState.get(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
        return {}, own.children, own.attested
    found = _tallies(cycle, unit, now, UnitState.cycle)
    entry = found.get(cycle.id)
    if entry is None:
        return {}, 0, 0
    rank = BY_KEY[unit.level].rank
    tallies = {
        level.key: entry["tallies"][level.key]
        for level in LEVELS
        if level.rank < rank and level.key in entry["tallies"]
    }
    return tallies, entry["children"], entry["attested"]


def timeline(cycle_id: int | None, unit_id: int, most: int = 50) -> list[Event]:
    """The unit's latest entries, of a cycle and of none (accounts, contacts), newest first."""
    return list(
        Event.select()
        .where(
            (Event.cycle == cycle_id) | Event.cycle.is_null(),
            Event.unit == unit_id,
            history.OF_UNITS,
        )
        .order_by(Event.id.desc())
        .limit(most)
    )


def open_below(cycle: Cycle, unit: Unit) -> list[UnitState]:
    """The states of the units directly below that are not confirmed, by name, with their units."""
    return list(
        UnitState.select(UnitState, Unit)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .where(
            UnitState.cycle == cycle.id,
            UnitState.parent == unit.id,
            UnitState.active,
            UnitState.status == "open",
        )
        .order_by(Unit.name_key, Unit.code)
    )


def other_sheet(cycle_id: int, lao_id: int) -> OtherSheet | None:
    """The LAO's sheet of other affiliations, None while nothing is recorded."""
    return OtherSheet.get_or_none(
        OtherSheet.cycle == cycle_id, OtherSheet.lao == lao_id, OtherSheet.recorded
    )


def ancestors(unit: Unit) -> list[Unit]:
    """The units above, highest first, without the department."""
    ids = [i for i in (unit.province_id, unit.lao_id) if i and i != unit.id]
    units = {found.id: found for found in Unit.select().where(Unit.id << ids)}
    return [units[i] for i in ids if unit.level != DEPARTMENT]
