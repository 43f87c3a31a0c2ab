"""Where a unit stands in a cycle, read for judging: its state, its ancestors', its window.

Inside a writing transaction the rows are locked on PostgreSQL, always from the highest level down:
ancestors shared, the unit's own row for writing. A confirm of an ancestor therefore waits for
writes below it, and they for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Case, fn

from admin_app.database import for_share, for_update, tuples
from admin_app.domain.access import UnitRef
from admin_app.domain.levels import BY_KEY, DEPARTMENT, LEVELS, SCHOOL
from admin_app.domain.moves import Facts, Status
from admin_app.domain.windows import LatePolicy, Moments, Window, window
from admin_app.models import Cycle, Unit, UnitState, database
from admin_app.services.errors import NotFound
from admin_app.services.scope import ref


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit in a cycle. ``above``: the ancestors' states, nearest first."""

    cycle: Cycle
    unit: Unit
    ref: UnitRef
    own: UnitState
    above: tuple[UnitState, ...]
    window: Window

    @property
    def status(self) -> Status:
        """The unit's own state."""
        return Status(self.own.status)

    @property
    def chain(self) -> tuple[Status, ...]:
        """The states of the unit and all its ancestors."""
        return (self.status, *(Status(state.status) for state in self.above))

    def facts(self, below: int | None = None) -> Facts:
        """The facts a move is judged on, without blockers. ``below``: of ``below_open``."""
        if below is None:
            below = below_open(self.cycle.id, [self.unit.id]).get(self.unit.id, 0)
        return Facts(
            unit=self.ref,
            status=self.status,
            window=self.window,
            above=tuple((state.level, Status(state.status)) for state in self.above),
            below_open=below,
            active=self.own.active,
            extended_until=self.own.extended_until,
        )


def below_open(cycle_id: int, unit_ids: Collection[int]) -> dict[int, int]:
    """Unit id → how many active units directly below are not confirmed; without one, no entry."""
    query = UnitState.select(UnitState.parent, fn.COUNT(UnitState.id)).where(
        UnitState.cycle == cycle_id,
        UnitState.parent << list(unit_ids),
        UnitState.status == Status.OPEN,
        UnitState.active,
    )
    return dict(tuples(query.group_by(UnitState.parent)))


def closed_nationally() -> Any:
    """The ids of the cycles that the department has closed, as a query."""
    return UnitState.select(UnitState.cycle).where(
        UnitState.level == DEPARTMENT, UnitState.status == Status.CONFIRMED
    )


def within(query: Any, unit: Unit) -> Any:
    """A query over states, narrowed to those of the unit and below it."""
    if unit.level == SCHOOL:
        return query.where(UnitState.unit == unit.id)
    column = BY_KEY[unit.level].scope_column
    return query if column is None else query.where(getattr(UnitState, column) == unit.id)


def last_before(cycle: Cycle, *conditions: Any) -> Cycle | None:
    """The latest round before this one that meets the conditions; None when there is none."""
    earlier = (Cycle.year < cycle.year) | ((Cycle.year == cycle.year) & (Cycle.round < cycle.round))
    found = Cycle.select().where(earlier, *conditions)
    return found.order_by(Cycle.year.desc(), Cycle.round.desc()).first()


def moments(cycle: Cycle) -> Moments:
    """The cycle's moments for the pure functions."""
    return Moments(
        opens_at=cycle.opens_at,
        school_due_at=cycle.school_due_at,
        lao_due_at=cycle.lao_due_at,
        province_due_at=cycle.province_due_at,
        closes_at=cycle.closes_at,
        late_policy=LatePolicy(cycle.late_policy),
        started=cycle.started_at is not None,
    )


def _latest_extension_below(cycle_id: int, unit: Unit) -> datetime | None:
    if unit.level == SCHOOL:
        return None
    query = UnitState.select().where(
        UnitState.cycle == cycle_id,
        UnitState.unit != unit.id,
        UnitState.extended_until.is_null(False),
    )
    latest = within(query, unit).order_by(UnitState.extended_until.desc()).first()
    return latest.extended_until if latest else None


def _above(cycle_id: int, unit: Unit) -> Any:
    """The states of the unit's ancestors, highest first: the order in which they are locked."""
    where = ref(unit)
    ids = [i for i in (where.lao_id, where.province_id) if i is not None and i != unit.id]
    ranks = [(level.key, level.rank) for level in LEVELS]
    return (
        UnitState.select()
        .where(
            UnitState.cycle == cycle_id,
            UnitState.unit != unit.id,
            (UnitState.unit << ids) | (UnitState.level == DEPARTMENT),
        )
        .order_by(Case(UnitState.level, ranks).desc())
    )


def lock_above(cycle_id: int, unit: Unit) -> list[UnitState]:
    """The ancestors' states, kept from being changed until the transaction ends."""
    return list(for_share(_above(cycle_id, unit)))


def _lock_confirmed(cycle_id: int, unit: Unit) -> list[UnitState]:
    """The ancestors, highest first: a confirmed one for writing, an open one only kept as it is.

    So an unlock below an open department does not make every recorder of the country wait. One that
    was confirmed between the look and the lock is taken again, for writing.
    """
    held = []
    for seen in _above(cycle_id, unit):
        own = UnitState.select().where(UnitState.id == seen.id)
        if seen.status == Status.OPEN:
            with database.atomic() as look:
                state = for_share(own).get()
                if state.status == Status.OPEN:
                    held.append(state)
                    continue
                look.rollback()
        held.append(for_update(own).get())
    return held


def read(cycle_id: int, unit: Unit, *, lock: bool = False, lock_above: bool = False) -> Standing:
    """Where ``unit`` stands in the cycle; NotFound when it takes no part in it.

    ``lock``: keep ancestors from being changed and take the unit's own row for writing;
    ``lock_above``: take confirmed ancestors for writing too. Both only inside a transaction.
    """
    cycle_query = Cycle.select().where(Cycle.id == cycle_id)
    cycle = (for_share(cycle_query) if lock else cycle_query).get_or_none()
    if cycle is None:
        raise NotFound("cycle")
    own_query = UnitState.select().where(UnitState.cycle == cycle_id, UnitState.unit == unit.id)
    if lock and lock_above:
        above = _lock_confirmed(cycle_id, unit)
    else:
        above = list(for_share(_above(cycle_id, unit)) if lock else _above(cycle_id, unit))
    own = (for_update(own_query) if lock else own_query).get_or_none()
    if own is None:
        raise NotFound("state")
    return Standing(
        cycle=cycle,
        unit=unit,
        ref=ref(unit),
        own=own,
        above=tuple(reversed(above)),
        window=window(
            moments(cycle),
            unit.level,
            [own.extended_until, *(state.extended_until for state in above)],
            [_latest_extension_below(cycle_id, unit)],
        ),
    )


def read_many(cycle_id: int, units: Collection[Unit]) -> dict[int, Standing]:
    """Unit id → as ``read`` tells it, unlocked, in few queries however many units; for pages.

    Units that take no part in the cycle are left out.
    """
    cycle = Cycle.get_or_none(Cycle.id == cycle_id)
    if cycle is None:
        raise NotFound("cycle")
    refs = {unit.id: ref(unit) for unit in units}
    ids = {i for where in refs.values() for i in (where.id, where.lao_id, where.province_id)}
    states = {
        state.unit_id: state
        for state in UnitState.select().where(
            UnitState.cycle == cycle_id,
            (UnitState.unit << list(ids - {None})) | (UnitState.level == DEPARTMENT),
        )
    }
    top = [state for state in states.values() if state.level == DEPARTMENT]
    latest = _latest_extensions_below(cycle_id, units)
    found = {}
    for unit in units:
        own, where = states.get(unit.id), refs[unit.id]
        if own is None:
            continue
        nearest = [states.get(i) for i in (where.lao_id, where.province_id) if i is not None]
        above = tuple(s for s in (*nearest, *top) if s is not None and s.unit_id != unit.id)
        extensions = [own.extended_until, *(state.extended_until for state in above)]
        found[unit.id] = Standing(
            cycle=cycle,
            unit=unit,
            ref=where,
            own=own,
            above=above,
            window=window(moments(cycle), unit.level, extensions, [latest.get(unit.id)]),
        )
    return found


def _latest_extensions_below(cycle_id: int, units: Collection[Unit]) -> dict[int, datetime | None]:
    """Unit id → the latest extension of a unit below it; a query for each level above a school."""
    latest: dict[int, datetime | None] = {}
    levels: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        levels[unit.level].append(unit)
    for level, some in levels.items():
        column = BY_KEY[level].scope_column
        if column is None:
            latest |= {unit.id: _latest_extension_below(cycle_id, unit) for unit in some}
        elif column != SCHOOL:
            over = getattr(UnitState, column)
            query = UnitState.select(over, fn.MAX(UnitState.extended_until)).where(
                UnitState.cycle == cycle_id,
                over << [unit.id for unit in some],
                UnitState.unit != over,
                UnitState.extended_until.is_null(False),
            )
            latest |= dict(tuples(query.group_by(over)))
    return latest
