"""Verify: recompute from the rows up what was confirmed, and name whatever differs. Reads only.

Each unit is held to three things: the chain of its history, its stored snapshots, and (while it is
confirmed) the rows of now. Units are read some at a time, schools first, so that an LAO, a province
and the department are named too when something below them differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from admin_app.database import one_moment, tuples
from admin_app.domain.levels import BY_KEY, DEPARTMENT, LEVELS
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services.chain import OF_NO_UNIT, chunks
from admin_app.services.errors import NotFound
from admin_app.services.verification import chains, kept, rows
from admin_app.services.verification.chains import Told
from admin_app.services.verification.difference import TEXTS, Difference, Place
from admin_app.services.verification.kept import Kept

__all__ = ["TEXTS", "Difference", "Looked", "Place", "Result", "look", "places", "verify"]

BATCH = 100


@dataclass(slots=True)
class Looked:
    """What was found at one unit. ``checked``: in how many cycles it is confirmed.

    ``entries``: how long its history is.
    """

    place: Place
    checked: int = 0
    entries: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(slots=True)
class Result:
    """How many confirmed units and history entries were looked at, and what differs."""

    checked: int = 0
    entries: int = 0
    differences: list[Difference] = field(default_factory=list)


def places(unit_code: str | None = None) -> list[Place]:
    """What there is to look at, schools first: the unit with this code and all below it.

    Without a code every unit, and last the history of no unit. NotFound when there is no such unit.
    """
    query = Unit.select(Unit.id, Unit.level, Unit.code, Unit.parent)
    if unit_code:
        unit = Unit.get_or_none(Unit.code == unit_code)
        if unit is None:
            raise NotFound(unit_code)
        if unit.level != DEPARTMENT:
            mine = (Unit.id == unit.id) | (Unit.lao == unit.id) | (Unit.province == unit.id)
            query = query.where(mine)
    found = [Place(*row) for row in tuples(query.order_by(Unit.id))]
    found.sort(key=lambda place: BY_KEY[place.level].rank)
    return found if unit_code else [*found, Place(OF_NO_UNIT)]


def look(cycle: Cycle | None, what: Sequence[Place]) -> Iterator[Looked]:
    """Look at the units one after the other, in the order that ``places`` gives, in the cycle.

    ``None``: in every cycle. Each batch is read in one moment of its own unless the caller's
    transaction holds one for all; nothing is held while the caller looks at what is given.
    """
    every: dict[int, str] = dict(tuples(Cycle.select(Cycle.id, Cycle.code)))
    chosen = [cycle.id] if cycle else sorted(every, key=lambda cycle_id: every[cycle_id])
    below = _Below()
    for level in (*(level.key for level in LEVELS), ""):
        for batch in chunks((place for place in what if place.level == level), BATCH):
            with one_moment():
                found = _batch(batch, chosen, every, below)
            yield from found


class _Below:
    """Which snapshots differ: (cycle id, parent's id) → code and digest of each below it."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)

    def add(self, one: Kept) -> None:
        if one.place.parent_id:
            self._found[one.cycle_id, one.place.parent_id].append((one.place.code, one.digest))

    def of(self, one: Kept) -> list[str]:
        """The codes of what the snapshot stands on and what differs."""
        held = {digest for _, _, digest in one.heads()}
        found = self._found.get((one.cycle_id, one.place.id), ())
        return [code for code, digest in found if digest in held]


def _batch(
    batch: Sequence[Place], chosen: Sequence[int], every: Mapping[int, str], below: _Below
) -> list[Looked]:
    """Look at some units of one level: at their histories, at what is stored, at the rows."""
    told = chains.read(batch, every)
    found = {
        place.id: Looked(place, 0, told.entries[place.id], told.differences[place.id])
        for place in batch
    }
    stored = kept.read(chosen, batch)
    broken: dict[int, Kept] = {}

    def differs(one: Kept, difference: Difference) -> None:
        found[one.place.id].differences.append(difference)
        broken[id(one)] = one

    for one, difference in kept.check(stored, told, every):
        differs(one, difference)
    by_revision = {(one.cycle_id, one.place.id, one.revision): one for one in stored}
    for cycle_id in chosen:
        confirmed = _confirmed(cycle_id, every[cycle_id], told, by_revision, found)
        for one, difference in rows.compare(cycle_id, every[cycle_id], confirmed):
            differs(one, difference)
        for one in confirmed:
            for code in below.of(one):
                differs(one, one.differs(every[cycle_id], "below", what=code))
    for one in broken.values():
        below.add(one)
    return list(found.values())


def _confirmed(
    cycle_id: int,
    cycle: str,
    told: Told,
    stored: Mapping[tuple[int, int, int], Kept],
    found: Mapping[int, Looked],
) -> list[Kept]:
    """The present revisions of confirmed units, where they are stored and whole.

    States that are not as the history says, and revisions that are not stored, are noted.
    """
    columns = (UnitState.unit, UnitState.status, UnitState.revision)
    query = UnitState.select(*columns).where(
        UnitState.cycle == cycle_id, UnitState.unit << list(found)
    )
    present = []
    for unit_id, status, revision in tuples(query.order_by(UnitState.id)):
        looked = found[unit_id]
        at = (cycle, looked.place.level, looked.place.code)
        said = told.status.get((cycle_id, unit_id), "open")
        if said != status:
            looked.differences.append(Difference("state", *at, expected=said, found=status))
        needed = set(told.confirmed.get((cycle_id, unit_id), ()))
        if status == "confirmed":
            looked.checked += 1
            needed.add(revision)
            one = stored.get((cycle_id, unit_id, revision))
            if one is not None and one.content is not None:
                present.append(one)
        for number in sorted(needed):
            if (cycle_id, unit_id, number) not in stored:
                looked.differences.append(Difference("snapshot_missing", *at, number))
    return present


def verify(
    cycle: Cycle | None = None,
    unit_code: str | None = None,
    on_unit: Callable[[Looked], object] = lambda looked: None,
) -> Result:
    """Look at everything (or at the unit with ``unit_code`` and all below), all of one moment.

    ``cycle``: what was confirmed in this one alone. ``on_unit`` is told of each unit. NotFound.
    """
    result = Result()
    with one_moment():
        for looked in look(cycle, places(unit_code)):
            result.checked += looked.checked
            result.entries += looked.entries
            result.differences += looked.differences
            on_unit(looked)
    return result
