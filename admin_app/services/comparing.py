"""Two revisions of a unit beside each other, from their snapshots. Reading only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from admin_app.database import tuples
from admin_app.domain import differences
from admin_app.domain.differences import Children, Figures, Head, Move
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.proof import digest as digest_of
from admin_app.models import Cycle, Event, Snapshot, Unit
from admin_app.services import revisions, snapshots
from admin_app.services.history import OF_UNITS
from admin_app.services.revisions import Revision

HEADS = {LAO: "schools", PROVINCE: "laos", DEPARTMENT: "provinces"}
BATCH = 500
MOST_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Below:
    """A unit below that is covered by another revision than before; None where by none.

    ``children``: before and after, with all below it; ``others``: of other affiliations.
    """

    code: str
    name: str
    revisions: tuple[int | None, int | None]
    children: tuple[int, int]
    others: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What moved from one revision to another.

    ``totals``: all, boys, girls, other affiliations. ``other_cells`` are an LAO's, by school;
    higher up there is ``others``, by affiliation. ``children``: None where a revision kept no
    lines of its children, as the first form did not. ``intact``: both snapshots still have their
    digests. ``endings``: the revisions in between that were reopened. ``entries``: the unit's own
    history in between, newest first, at most ``MOST_ENTRIES``; ``more``: how many are left out.
    """

    first: Revision
    last: Revision
    intact: bool
    endings: tuple[Revision, ...]
    totals: tuple[Move, ...]
    counts: tuple[Move, ...]
    nationality: tuple[Move, ...]
    id_kind: tuple[Move, ...]
    others: tuple[Move, ...]
    other_cells: tuple[Move, ...]
    children: Children | None
    below: tuple[Below, ...]
    entries: tuple[Event, ...]
    more: int

    @property
    def same(self) -> bool:
        """Whether both say the same of everything that is compared."""
        moved = self.counts or self.nationality or self.id_kind or self.others or self.other_cells
        who = self.children or Children()
        return not (moved or self.below or who.came or who.left or who.changed)


class _Reader:
    """Figures by digest, each snapshot read once however many cover it."""

    def __init__(self, cycle_id: int) -> None:
        self.cycle_id = cycle_id
        self._own: dict[str, Figures] = {}
        self._heads: dict[str, list[Any]] = {}

    def _load(self, digests: Iterable[str]) -> None:
        """Read snapshots and everything below them, a level at a time."""
        wanted = sorted(set(digests) - self._own.keys())
        lower: list[str] = []
        for start in range(0, len(wanted), BATCH):
            rows = tuples(
                Snapshot.select(Snapshot.digest, Snapshot.content).where(
                    Snapshot.cycle == self.cycle_id,
                    Snapshot.digest << wanted[start : start + BATCH],
                )
            )
            for digest, text in rows:
                content = json.loads(text)
                self._own[digest] = differences.own_figures(content)
                self._heads[digest] = heads_of(content)
                lower += [head[2] for head in self._heads[digest]]
        if lower:
            self._load(lower)

    def figures(self, digests: Iterable[str]) -> Figures:
        """The sum over these snapshots with all below; one that is missing counts nothing."""
        wanted = list(digests)
        self._load(wanted)
        found = Figures()
        for digest in self._down(wanted):
            if digest in self._own:
                found.add(self._own[digest])
        return found

    def _down(self, digests: Iterable[str]) -> Iterator[str]:
        for digest in digests:
            yield digest
            yield from self._down(head[2] for head in self._heads.get(digest, ()))

    def schools(self, digest: str) -> dict[str, str]:
        """School code → digest of all schools that a snapshot of a level above covers."""
        self._load([digest])
        found: dict[str, str] = {}
        for code, _revision, lower in self._heads.get(digest, ()):
            is_school = lower in self._own and self._own[lower].schools
            found |= {code: lower} if is_school else self.schools(lower)
        return found


def heads_of(content: dict[str, Any]) -> list[Any]:
    """[[code, revision, digest], …] of the units directly below that a snapshot covers."""
    key = HEADS.get(content["level"])
    return content.get(key, []) if key else []


def _snapshot(cycle: Cycle, unit: Unit, revision: Revision) -> Snapshot:
    return Snapshot.get(
        Snapshot.cycle == cycle.id,
        Snapshot.unit == unit.id,
        Snapshot.revision == revision.number,
    )


def _lines(snapshot: Snapshot) -> str | None:
    """The snapshot's lines of children; None where none were kept."""
    if snapshot.lines or "lines" in json.loads(snapshot.content):
        return snapshot.lines
    return None


def _children(cycle: Cycle, reader: _Reader, old: Snapshot, new: Snapshot) -> Children | None:
    """Who differs in the school, or in all schools below whose snapshots differ."""
    pairs = [(old.digest, new.digest)]
    if json.loads(old.content)["level"] != SCHOOL:
        before, after = reader.schools(old.digest), reader.schools(new.digest)
        pairs = [
            (before.get(code, ""), after.get(code, ""))
            for code in sorted(before.keys() | after.keys())
            if before.get(code) != after.get(code)
        ]
    found: list[Children] = []
    for pair in pairs:
        rows = Snapshot.select().where(Snapshot.cycle == cycle.id, Snapshot.digest << pair)
        lines = {row.digest: _lines(row) for row in rows}
        first, last = (lines.get(digest, "") for digest in pair)
        if first is None or last is None:
            return None
        found.append(differences.children(first, last))
    return Children(
        *(
            tuple(sorted(row for one in found for row in getattr(one, name)))
            for name in ("came", "left", "changed")
        )
    )


def _below(reader: _Reader, moved: list[Head]) -> Iterator[Below]:
    units = Unit.select(Unit.code, Unit.name).where(Unit.code << [head.code for head in moved])
    names = dict(tuples(units)) if moved else {}
    for head in moved:
        sides = [reader.figures([side[1]] if side else []) for side in (head.old, head.new)]
        yield Below(
            code=head.code,
            name=names.get(head.code, head.code),
            revisions=(head.old[0] if head.old else None, head.new[0] if head.new else None),
            children=(sides[0].children, sides[1].children),
            others=(sides[0].other_children, sides[1].other_children),
        )


def _totals(old: Figures, new: Figures) -> tuple[Move, ...]:
    def of(figures: Figures, sex: str) -> int:
        return sum(number for (_, own), number in figures.counts.items() if own == sex)

    return (
        Move(("children",), old.children, new.children),
        *(Move((sex,), of(old, sex), of(new, sex)) for sex in differences.SEXES),
        Move(("others",), old.other_children, new.other_children),
    )


def compare(cycle: Cycle, unit: Unit, first: int, last: int) -> Comparison:
    """What moved from revision ``first`` to revision ``last`` of the unit. NotFound."""
    known = revisions.every(cycle.id, unit.id)
    older, newer = revisions.one(known, first), revisions.one(known, last)
    old, new = _snapshot(cycle, unit, older), _snapshot(cycle, unit, newer)
    before, after = json.loads(old.content), json.loads(new.content)
    reader = _Reader(cycle.id)
    was, is_ = reader.figures([old.digest]), reader.figures([new.digest])
    places = snapshots.grade_positions()

    def by_grade(key: differences.Key) -> Any:
        *ahead, grade, sex = key
        return (*ahead, places.get(grade, 999), grade, sex != "M")

    of_lao = unit.level == LAO
    history = revisions.between(cycle.id, unit.id, older, newer).where(OF_UNITS)
    return Comparison(
        first=older,
        last=newer,
        intact=all(digest_of(row.content) == row.digest for row in (old, new)),
        endings=tuple(one for one in known if first <= one.number < last and one.ended),
        totals=_totals(was, is_),
        counts=tuple(differences.moved(was.counts, is_.counts, by_grade)),
        nationality=tuple(differences.moved(was.nationality, is_.nationality)),
        id_kind=tuple(differences.moved(was.id_kind, is_.id_kind)),
        others=() if of_lao else tuple(differences.moved(was.others, is_.others, by_grade)),
        other_cells=tuple(
            differences.moved(
                differences.other_cells(before), differences.other_cells(after), by_grade
            )
        )
        if of_lao
        else (),
        children=_children(cycle, reader, old, new),
        below=tuple(_below(reader, differences.heads(heads_of(before), heads_of(after)))),
        entries=tuple(history.order_by(Event.id.desc()).limit(MOST_ENTRIES)),
        more=max(0, history.count() - MOST_ENTRIES),
    )
