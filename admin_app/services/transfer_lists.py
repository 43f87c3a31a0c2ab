"""Transfers as lists: what waits for an answer here, what was asked from here, what is settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from admin_app.domain.access import Actor, may, reach
from admin_app.domain.levels import BY_KEY, SCHOOL
from admin_app.domain.text import N_
from admin_app.models import Student, Transfer, Unit
from admin_app.services import listing
from admin_app.services.requests import ASKED, RELEASED
from admin_app.services.scope import limit, ref

INCOMING, OUTGOING, WAITING, DONE = "incoming", "outgoing", "waiting", "done"
NAMES: dict[str, str] = {
    INCOMING: N_("To decide"),
    OUTGOING: N_("Asked by us"),
    WAITING: N_("Waiting for an answer"),
    DONE: N_("Settled"),
}
BOUND = 999


@dataclass(frozen=True, slots=True)
class Line:
    """A request as this reader may see it.

    ``source`` is None where the reader may not know the holding school; ``child`` is the holding
    school's row, None where its data is not the reader's; ``decides``, ``asks``: the reader's end.
    """

    transfer: Transfer
    source: Unit | None
    target: Unit
    child: Student | None
    decides: bool
    asks: bool


def kinds(actor: Actor) -> tuple[str, ...]:
    """The lists that the actor has: who decides has two ends, who only reads has one."""
    ends = (INCOMING, OUTGOING) if reach(actor.role, "transfer:decide") else (WAITING,)
    return (*ends, DONE)


def _schools(actor: Actor, verb: str) -> Any:
    """Ids of the schools that ``transfer:<verb>`` reaches."""
    schools = Unit.select(Unit.id).where(Unit.level == SCHOOL)
    return limit(schools, Unit, actor, f"transfer:{verb}")


def query(actor: Actor, cycle_id: int, kind: str) -> Any:
    """The requests of one of ``kinds``, of the cycle, in the actor's scope."""
    found = Transfer.select().where(Transfer.cycle == cycle_id)
    if kind == INCOMING:
        ours = Transfer.from_school << _schools(actor, "decide")
    elif kind == OUTGOING:
        ours = Transfer.to_school << _schools(actor, "ask")
    else:
        schools = _schools(actor, "read")
        ours = (Transfer.from_school << schools) | (Transfer.to_school << schools)
    done = kind == DONE
    return found.where(ours, Transfer.status != ASKED if done else Transfer.status == ASKED)


def count(actor: Actor, cycle_id: int, kind: str) -> int:
    """How many, at most ``BOUND`` + 1."""
    return listing.bounded_count(query(actor, cycle_id, kind), BOUND)


def page(
    actor: Actor,
    cycle_id: int,
    kind: str,
    size: int,
    *,
    after: int | None = None,
    before: int | None = None,
) -> listing.Page:
    """A page of ``Line``; what waits longest first, what was settled newest first."""
    found = listing.keyset(
        query(actor, cycle_id, kind),
        (),
        Transfer.id,
        size,
        descending=kind == DONE,
        after=after,
        before=before,
    )
    return listing.Page(lines(actor, found.rows), found.previous, found.next)


def lines(actor: Actor, transfers: list[Transfer]) -> list[Line]:
    """Each request as the actor may see it, in two queries however many there are."""
    ids = {i for t in transfers for i in (t.from_school_id, t.to_school_id)}
    units = {unit.id: unit for unit in Unit.select().where(Unit.id << list(ids))}
    rows = Student.select().where(Student.id << [t.student_id for t in transfers])
    children = {row.id: row for row in rows}
    out = []
    for transfer in transfers:
        source, target = units[transfer.from_school_id], units[transfer.to_school_id]
        near = may(actor, "transfer:read", ref(source))
        out.append(
            Line(
                transfer=transfer,
                source=source if near or transfer.status == RELEASED else None,
                target=target,
                child=children.get(transfer.student_id) if near else None,
                decides=may(actor, "transfer:decide", ref(source)),
                asks=may(actor, "transfer:ask", ref(target)),
            )
        )
    return out


def waiting(actor: Actor, cycle_id: int, unit: Unit) -> int:
    """How many requests wait for the actor's answer in this unit, at most ``BOUND`` + 1."""
    if not may(actor, "transfer:decide", ref(unit)):
        return 0
    column = BY_KEY[unit.level].scope_column
    found = query(actor, cycle_id, INCOMING)
    if column is not None:
        own = Unit.id if column == SCHOOL else getattr(Unit, column)
        found = found.where(
            Transfer.from_school << Unit.select(Unit.id).where(own == unit.id, Unit.level == SCHOOL)
        )
    return listing.bounded_count(found, BOUND)


def of_child(child: Student) -> list[Transfer]:
    """The requests that wait for this row of the holding school, oldest first."""
    waits = Transfer.select().where(
        Transfer.cycle == child.cycle_id,
        Transfer.student_id == child.id,
        Transfer.status == ASKED,
    )
    return list(waits.order_by(Transfer.id))
