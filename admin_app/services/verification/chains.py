"""The chains of the history: every entry recomputed, held to the one before and to the head."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from admin_app.database import tuples
from admin_app.domain.moves import MOVES
from admin_app.domain.proof import ENTRY, entry_digest
from admin_app.models import Event, HistoryHead, database
from admin_app.services.chain import NONE, OF_NO_UNIT
from admin_app.services.verification.difference import Difference, Place, short

CONFIRMS = frozenset({"move.confirm", "move.close"})
BECOMES = {f"move.{key}": str(move.to_status) for key, move in MOVES.items() if move.to_status}


@dataclass(slots=True)
class Told:
    """What the chains of some units say.

    ``entries``, ``differences``: by chain; ``confirmed``: (cycle id, unit id) → revision → the
    digest that was confirmed; ``status``: (cycle id, unit id) → open or confirmed, after the last
    move.
    """

    entries: Counter[int] = field(default_factory=Counter)
    differences: dict[int, list[Difference]] = field(default_factory=lambda: defaultdict(list))
    confirmed: dict[tuple[int, int], dict[int, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    status: dict[tuple[int, int], str] = field(default_factory=dict)


def _recomputed(entry: dict[str, Any]) -> str:
    at = entry["at"]
    try:
        moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return ""
    return entry_digest(entry | {"at": moment})


def _details(entry: dict[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(entry["details"])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _Chain:
    """A chain, read entry by entry."""

    def __init__(self, place: Place, cycles: Mapping[int, str], told: Told) -> None:
        self.place, self.cycles, self.told = place, cycles, told
        self.number, self.digest = NONE

    def _differs(self, kind: str, cycle_id: int | None, **values: Any) -> None:
        cycle = self.cycles.get(cycle_id or 0, "")
        _id, level, code, _parent = self.place
        self.told.differences[self.place.id].append(Difference(kind, cycle, level, code, **values))

    def take(self, entry: dict[str, Any]) -> None:
        number, cycle = entry["number"], entry["cycle_id"]
        self.told.entries[self.place.id] += 1
        if number <= self.number:
            self._differs("entry_outside", cycle, what=str(entry["id"]))
            return
        first, last = self.number + 1, number - 1
        if first <= last:
            gap = str(first) if first == last else f"{first}–{last}"
            self._differs("entry_missing", None, what=gap)
        elif entry["previous"] != self.digest:
            self._differs("entry_unlinked", cycle, what=str(number))
        if _recomputed(entry) != entry["digest"]:
            self._differs("entry_changed", cycle, what=str(number))
        self.number, self.digest = number, entry["digest"]
        self._note(entry)

    def _note(self, entry: dict[str, Any]) -> None:
        if entry["tag"] in BECOMES and entry["cycle_id"]:
            where = (entry["cycle_id"], self.place.id)
            self.told.status[where] = BECOMES[entry["tag"]]
            if entry["tag"] in CONFIRMS:
                details = _details(entry)
                revision, digest = details.get("revision", 0), details.get("digest", "")
                self.told.confirmed[where][revision] = digest

    def end(self, head: tuple[int, str]) -> None:
        if head != (self.number, self.digest):
            told = {"expected": short(*head), "found": short(self.number, self.digest)}
            self._differs("end", None, **told)


def read(places: Iterable[Place], cycles: Mapping[int, str]) -> Told:
    """Recompute the chains of ``places``; ``cycles``: id → code of all that there are."""
    told = Told()
    chains = {place.id: _Chain(place, cycles, told) for place in places}
    ids = [chain for chain in chains if chain != OF_NO_UNIT]
    mine = Event.unit << ids
    if OF_NO_UNIT in chains:
        mine |= Event.unit.is_null()
    columns = ("id", *ENTRY, "digest")
    by_column = Event._meta.columns
    query = Event.select(*(by_column[column] for column in columns)).where(mine)
    for row in database.execute(query.order_by(Event.unit, Event.number, Event.id)):
        entry = dict(zip(columns, row, strict=True))
        chains[entry["unit_id"] or OF_NO_UNIT].take(entry)
    heads = HistoryHead.select(HistoryHead.chain, HistoryHead.number, HistoryHead.digest)
    found = {c: (n, d) for c, n, d in tuples(heads.where(HistoryHead.chain << list(chains)))}
    for number, chain in chains.items():
        chain.end(found.get(number, NONE))
    return told
