"""A unit's revisions: which there are, how each ended, what a digest stands for. Reading only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from admin_app.database import tuples
from admin_app.domain import thai
from admin_app.domain.access import Actor, may
from admin_app.domain.moves import Status
from admin_app.domain.proof import digest as digest_of
from admin_app.domain.text import N_
from admin_app.models import Cycle, Event, Snapshot, Unit, UnitState
from admin_app.services import scope
from admin_app.services.errors import NotFound

DIGITS = 64
CONFIRMS = ("move.confirm", "move.close")
ENDS = ("move.return", "move.unlock")
PRESENT, REPLACED, REOPENED = "present", "replaced", "reopened"
STANDS: dict[str, str] = {
    PRESENT: N_("This is the unit's present revision."),
    REPLACED: N_("This is an older revision: it has been replaced."),
    REOPENED: N_("The unit was reopened after this revision and has not confirmed again."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A move of the unit's history: who made it, when and why."""

    id: int
    tag: str
    at: datetime
    who: str
    role: str
    on_behalf: bool
    reason: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """One confirm of a unit. ``ended``: the move that reopened it, None while it stands.

    ``confirmed`` is None only for states that were written without a history (a benchmark's).
    """

    number: int
    taken_at: datetime
    digest: str
    confirmed: Entry | None = None
    ended: Entry | None = None

    @property
    def late(self) -> bool:
        """Whether it was confirmed after the due date."""
        return bool(self.confirmed and self.confirmed.details.get("late"))


@dataclass(frozen=True, slots=True)
class Checked:
    """What a digest stands for. ``stands``: a key of ``STANDS``; ``by``: what replaced it.

    ``intact``: the stored content still has this digest.
    """

    unit: Unit
    cycle: Cycle
    revision: Revision
    stands: str
    by: Revision | None
    intact: bool


class NoDigest(ValueError):
    """What was typed cannot be a digest; ``length``: how many letters and digits it has."""

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(f"{length} digits")


def _entry(event: Event) -> Entry:
    return Entry(
        event.id,
        event.tag,
        event.at,
        event.actor_name,
        event.actor_role,
        bool(event.on_behalf),
        event.reason,
        json.loads(event.details or "{}"),
    )


def every(cycle_id: int, unit_id: int) -> list[Revision]:
    """The unit's revisions in the cycle, the first one first."""
    events: Iterable[Event] = (
        Event.select()
        .where(Event.cycle == cycle_id, Event.unit == unit_id, Event.tag << (*CONFIRMS, *ENDS))
        .order_by(Event.id)
    )
    made: dict[int, Entry] = {}
    ended: dict[int, Entry] = {}
    for entry in map(_entry, events):
        (made if entry.tag in CONFIRMS else ended)[entry.details.get("revision", 0)] = entry
    rows = tuples(
        Snapshot.select(Snapshot.revision, Snapshot.taken_at, Snapshot.digest)
        .where(Snapshot.cycle == cycle_id, Snapshot.unit == unit_id)
        .order_by(Snapshot.revision)
    )
    return [
        Revision(number, taken_at, digest, made.get(number), ended.get(number))
        for number, taken_at, digest in rows
    ]


def one(found: list[Revision], number: int) -> Revision:
    """The revision with this number. NotFound."""
    for revision in found:
        if revision.number == number:
            return revision
    raise NotFound("revision")


def unit(actor: Actor, code: str) -> Unit:
    """The unit with this code, if the actor may read its snapshots. NotFound."""
    found = scope.unit(actor, code)
    if not may(actor, "snapshot:read", scope.ref(found)):
        raise NotFound(code)
    return found


def read_digest(text: str) -> str:
    """The digest that somebody typed, pasted or scanned (as the whole address). NoDigest."""
    typed = thai.digits(thai.clean(text)).rpartition("digest=")[2]
    plain = "".join(char for char in typed if not char.isspace() and char not in "-–·.").lower()
    if len(plain) != DIGITS or set(plain) - set("0123456789abcdef"):
        raise NoDigest(len(plain))
    return plain


def check(actor: Actor, digest: str) -> Checked | None:
    """What the digest stands for; None when nothing in the actor's scope has it."""
    for snapshot in Snapshot.select().where(Snapshot.digest == digest):
        unit: Unit = snapshot.unit
        if may(actor, "snapshot:read", scope.ref(unit)):
            return _checked(snapshot, unit)
    return None


def _checked(snapshot: Snapshot, unit: Unit) -> Checked:
    cycle: Cycle = snapshot.cycle
    found = every(cycle.id, unit.id)
    later = [revision for revision in found if revision.number > snapshot.revision]
    state = UnitState.get_or_none(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
    stands = REPLACED
    if not later:
        stands = PRESENT if state and state.status == Status.CONFIRMED else REOPENED
    return Checked(
        unit=unit,
        cycle=cycle,
        revision=one(found, snapshot.revision),
        stands=stands,
        by=later[0] if later else None,
        intact=digest_of(snapshot.content) == snapshot.digest,
    )


def between(cycle_id: int, unit_id: int, first: Revision, last: Revision) -> Any:
    """The query of the unit's entries after the confirm of ``first`` up to that of ``last``."""
    query = Event.select().where(Event.unit == unit_id, Event.cycle == cycle_id)
    if first.confirmed and last.confirmed:
        return query.where(Event.id > first.confirmed.id, Event.id <= last.confirmed.id)
    return query.where(Event.at > first.taken_at, Event.at <= last.taken_at)
