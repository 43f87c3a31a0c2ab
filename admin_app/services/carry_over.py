"""The one door for carry-over: children and other-affiliation schools of the last confirmed cycle.

Some schools or LAOs at a time, whole in the caller's transaction; ``carry_rows`` copies.
``UnitState.carried`` of the new cycle says which units are done, so that nothing is carried twice.
A cycle is carried into before it is opened: until then nobody may record in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from admin_app.database import Clock, for_share, for_update, transaction, tuples
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import DEPARTMENT, LAO, SCHOOL
from admin_app.domain.moves import Refusal, Status
from admin_app.models import Cycle, Student, Unit, UnitState
from admin_app.services import carry_rows, cycles, history, standing
from admin_app.services.errors import NotFound, Refused

BATCH_CHILDREN, BATCH_UNITS = 4_000, 200


@dataclass(frozen=True, slots=True)
class Batch:
    """Units of one province and level that are carried over together."""

    level: str
    province: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a cycle's carry-over is. ``left``: children of schools that take no part any more."""

    source: Cycle
    done: int
    total: int
    children: int
    schools: int
    others: int
    left: int

    @property
    def whole(self) -> bool:
        """Whether every unit is done."""
        return self.done == self.total


def source_of(cycle: Cycle) -> Cycle | None:
    """The last cycle before this one that the department has closed; None when there is none."""
    return standing.last_before(cycle, Cycle.id << standing.closed_nationally())


def begun_from(cycle: Cycle) -> Cycle | None:
    """The cycle that this one takes over from, once that has been prepared."""
    return Cycle.get_or_none(Cycle.id == cycle.carried_from) if cycle.carried_from else None


def _states(cycle_id: int) -> Any:
    """The states of the schools and LAOs that take part."""
    query = UnitState.select().join(Unit, on=(UnitState.unit == Unit.id))
    return query.where(
        UnitState.cycle == cycle_id,
        UnitState.level << (SCHOOL, LAO),
        UnitState.active,
        Unit.active,
    )


def prepare(actor: Actor, cycle_id: int, clock: Clock) -> Cycle:
    """Make a cycle ready to be carried into: its units' states and its source; not opened yet.

    Raises NotFound, Refused (opened already; no earlier cycle is closed).
    """
    if not may(actor, "cycle:carry"):
        raise NotFound("cycle")
    with transaction():
        cycle = for_update(Cycle.select().where(Cycle.id == cycle_id)).get_or_none()
        if cycle is None:
            raise NotFound("cycle")
        if cycle.started_at is not None:
            raise Refused([Refusal("cycle_open")])
        begun = UnitState.select().where(
            UnitState.cycle == cycle_id, UnitState.carried.is_null(False)
        )
        source = begun_from(cycle) if begun.exists() else source_of(cycle)
        if source is None:
            raise Refused([Refusal("no_source")])
        cycles.add_states(cycle)
        if cycle.carried_from != source.id:
            Cycle.update(carried_from=source.id, version=Cycle.version + 1).where(
                Cycle.id == cycle_id
            ).execute()
        return Cycle.get_by_id(cycle_id)


def batches(cycle: Cycle) -> Iterator[Batch]:
    """What is left to carry over, province by province, LAOs first; as it stands at the call."""
    source = UnitState.alias()
    query = (
        _states(cycle.id)
        .switch(UnitState)
        .left_outer_join(
            source,
            on=(source.unit == UnitState.unit) & (source.cycle == cycle.carried_from),
        )
        .where(UnitState.carried.is_null())
        .select(
            UnitState.level, UnitState.province, UnitState.unit, fn.COALESCE(source.children, 0)
        )
        .order_by(UnitState.province, UnitState.level, UnitState.lao, UnitState.unit)
    )
    names = dict(tuples(Unit.select(Unit.id, Unit.name).where(Unit.level == "province")))
    units: list[int] = []
    size, last = 0, ("", 0)
    for level, province, unit_id, children in tuples(query):
        full = size + children > BATCH_CHILDREN or len(units) == BATCH_UNITS
        if units and (full or (level, province) != last):
            yield Batch(last[0], names[last[1]], tuple(units))
            units, size = [], 0
        units.append(unit_id)
        size, last = size + children, (level, province)
    if units:
        yield Batch(last[0], names[last[1]], tuple(units))


def _hold(cycle: Cycle) -> Cycle:
    """Keep the cycle from being opened and its source from being reopened; answers with that."""
    held = for_share(Cycle.select().where(Cycle.id == cycle.id)).get()
    if held.started_at is not None:
        raise Refused([Refusal("cycle_open")])
    source = Cycle.get_by_id(cycle.carried_from)
    closed = for_share(
        UnitState.select().where(UnitState.cycle == source.id, UnitState.level == DEPARTMENT)
    ).get()
    if closed.status != Status.CONFIRMED:
        raise Refused([Refusal("source_open", {"code": source.code})])
    return source


def carry(actor: Actor, cycle: Cycle, batch: Batch, now: datetime) -> None:
    """Carry one batch over, inside the caller's transaction; units that are done are left alone.

    Raises Refused when the cycle has been opened, or its source reopened.
    """
    source = _hold(cycle)
    rows = for_update(
        UnitState.select().where(
            UnitState.cycle == cycle.id,
            UnitState.unit << batch.units,
            UnitState.carried.is_null(),
        )
    )
    units = sorted(state.unit_id for state in rows)
    if units:
        copy = carry_rows.children if batch.level == SCHOOL else carry_rows.others
        copy(actor, cycle, source, units, now)


def _number(query: Any) -> int:
    return int(query.scalar() or 0)


def progress(cycle: Cycle) -> Progress | None:
    """How far the carry-over into the cycle is; None when none has been prepared."""
    source = begun_from(cycle)
    if source is None:
        return None
    states = _states(cycle.id)
    done = states.where(UnitState.carried.is_null(False))
    schools = done.where(UnitState.level == SCHOOL)
    had = UnitState.select(fn.SUM(UnitState.children)).where(
        UnitState.cycle == source.id, UnitState.level == SCHOOL
    )
    stay = states.where(UnitState.level == SCHOOL).select(UnitState.unit)
    return Progress(
        source=source,
        done=done.count(),
        total=states.count(),
        children=_number(schools.select(fn.SUM(UnitState.carried))),
        schools=schools.count(),
        others=_number(done.where(UnitState.level == LAO).select(fn.SUM(UnitState.carried))),
        left=_number(had.where(UnitState.unit.not_in(stay))),
    )


def counts(cycle: Cycle) -> dict[str, int]:
    """What was carried over, for people: children, leavers, schools, others, left behind."""
    found = progress(cycle)
    if found is None:
        raise NotFound("source")
    leavers = Student.select().where(Student.cycle == cycle.id, Student.leaver)
    own = {key: getattr(found, key) for key in ("children", "schools", "others", "left")}
    return own | {"leavers": leavers.count()}


def finish(actor: Actor, cycle: Cycle, clock: Clock) -> dict[str, int]:
    """Open the cycle and say in its history what was carried over; once, however often asked.

    Answers with ``counts``.
    """
    told = counts(cycle)
    with transaction():
        cycle = for_update(Cycle.select().where(Cycle.id == cycle.id)).get()
        if cycle.started_at is None:
            history.record(
                "cycle.carried",
                actor,
                clock(),
                cycle_id=cycle.id,
                reason=Cycle.get_by_id(cycle.carried_from).code,
                details=told,
            )
            cycles.start(actor, cycle.id, clock)
    return told
