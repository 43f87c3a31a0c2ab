"""What was frozen: each stored revision held to its digest and to the entry that confirmed it.

So are the heads that it holds: of histories, and of the snapshots below.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin_app.database import tuples
from admin_app.domain import proof
from admin_app.models import Event, Snapshot, Unit
from admin_app.services.chain import NONE
from admin_app.services.verification.chains import Told
from admin_app.services.verification.difference import Difference, Place

HEADS = ("schools", "laos", "provinces")


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored revision; ``content`` is None where it is not what its digest says."""

    cycle_id: int
    place: Place
    revision: int
    digest: str
    content: dict[str, Any] | None
    lines: str

    def heads(self) -> list[list[Any]]:
        """[[code, revision, digest], …] of the snapshots that it stands on."""
        content = self.content or {}
        return [head for key in HEADS for head in content.get(key, ())]

    def differs(self, cycle: str, kind: str, **values: Any) -> Difference:
        """A difference of this revision."""
        _id, level, code, _parent = self.place
        return Difference(kind, cycle, level, code, self.revision, **values)


def read(cycle_ids: Sequence[int], places: Iterable[Place]) -> list[Kept]:
    """Every stored revision of the units in the cycles, by cycle, unit and revision."""
    by_id = {place.id: place for place in places}
    columns = ("cycle", "unit", "revision", "digest", "content", "lines")
    rows = tuples(
        Snapshot.select(*(getattr(Snapshot, column) for column in columns))
        .where(Snapshot.cycle << list(cycle_ids), Snapshot.unit << list(by_id))
        .order_by(Snapshot.cycle, Snapshot.unit, Snapshot.revision)
    )
    found = []
    for cycle_id, unit_id, revision, digest, text, lines in rows:
        content = None
        if proof.digest(text) == digest:
            content = json.loads(text)
        found.append(Kept(cycle_id, by_id[unit_id], revision, digest, content, lines))
    return found


def check(
    kept: Sequence[Kept], told: Told, cycles: Mapping[int, str]
) -> Iterator[tuple[Kept, Difference]]:
    """What is wrong with the revisions themselves, given what the history told of them."""
    for one in kept:
        cycle = cycles[one.cycle_id]
        confirmed = told.confirmed.get((one.cycle_id, one.place.id), {}).get(one.revision)
        if confirmed is None:
            yield one, one.differs(cycle, "not_confirmed")
        elif confirmed != one.digest:
            values = {"expected": confirmed[:16], "found": one.digest[:16]}
            yield one, one.differs(cycle, "confirmed_other", **values)
        if one.content is None:
            yield one, one.differs(cycle, "snapshot_changed")
        elif proof.digest(one.lines) != one.content.get("lines", proof.digest("")):
            yield one, one.differs(cycle, "lines_changed")
    yield from _entries_held(kept, cycles)
    yield from _snapshots_held(kept, cycles)


def _entries_held(
    kept: Sequence[Kept], cycles: Mapping[int, str]
) -> Iterator[tuple[Kept, Difference]]:
    """Histories are held by number and digest: a digest covers its unit, whatever its code is."""
    own: dict[int, set[int]] = defaultdict(set)
    for one in kept:
        number, _digest = (one.content or {}).get("history", NONE)
        own[number].add(one.place.id)
    there: set[tuple[int, str]] = {NONE}
    for number, units in own.items():
        there |= _entries(Event.unit << list(units), [number])
    for one in kept:
        content = one.content or {}
        number, digest = content.get("history", NONE)
        if (number, digest) not in there:
            what = f"{one.place.code}/{number}"
            yield one, one.differs(cycles[one.cycle_id], "entry_held", what=what)
        below = content.get("below")
        if not below:
            continue
        mine = Unit.select(Unit.id).where(Unit.parent == one.place.id)
        found = _entries(Event.unit << mine, [number for _, number, _ in below]) | {NONE}
        for code, number, digest in below:
            if (number, digest) not in found:
                yield one, one.differs(cycles[one.cycle_id], "entry_held", what=f"{code}/{number}")


def _entries(mine: Any, numbers: Iterable[int]) -> set[tuple[int, str]]:
    few = sorted({number for number in numbers if number})
    return set(tuples(Event.select(Event.number, Event.digest).where(mine, Event.number << few)))


def _snapshots_held(
    kept: Sequence[Kept], cycles: Mapping[int, str]
) -> Iterator[tuple[Kept, Difference]]:
    digests = sorted({digest for one in kept for _, _, digest in one.heads()})
    there: set[tuple[int, int, int, str]] = set()
    for start in range(0, len(digests), 1_000):
        there |= set(
            tuples(
                Snapshot.select(Snapshot.cycle, Unit.parent, Snapshot.revision, Snapshot.digest)
                .join(Unit, on=(Snapshot.unit == Unit.id))
                .where(Snapshot.digest << digests[start : start + 1_000])
            )
        )
    for one in kept:
        for code, revision, digest in one.heads():
            if (one.cycle_id, one.place.id, revision, digest) not in there:
                what = f"{code}/{revision}"
                yield one, one.differs(cycles[one.cycle_id], "snapshot_held", what=what)
