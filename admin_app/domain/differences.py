"""What differs between two revisions of a unit: pure functions of what the snapshots hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, ...]
SEXES = ("M", "F")


@dataclass(frozen=True, slots=True)
class Move:
    """A count that is not the same in both revisions."""

    key: Key
    old: int
    new: int

    @property
    def difference(self) -> int:
        """By how much it went up; below zero where it went down."""
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Children:
    """Row ids of who came, went, and is recorded otherwise than before, each in order."""

    came: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """A unit below whose revision is not the same; None where it was not covered."""

    code: str
    old: tuple[int, str] | None
    new: tuple[int, str] | None


@dataclass(slots=True)
class Figures:
    """Counts of a unit with all below it. Keys: (grade, sex); (code,); (affiliation, grade, sex).

    ``schools``: how many schools stand behind them.
    """

    counts: Counter[Key] = field(default_factory=Counter)
    nationality: Counter[Key] = field(default_factory=Counter)
    id_kind: Counter[Key] = field(default_factory=Counter)
    others: Counter[Key] = field(default_factory=Counter)
    schools: int = 0

    @property
    def children(self) -> int:
        """All children of the own schools."""
        return sum(self.counts.values())

    @property
    def other_children(self) -> int:
        """All children of schools of other affiliations."""
        return sum(self.others.values())

    def add(self, other: Figures) -> None:
        """Take the figures of a unit below in."""
        self.counts.update(other.counts)
        self.nationality.update(other.nationality)
        self.id_kind.update(other.id_kind)
        self.others.update(other.others)
        self.schools += other.schools


def _cells(rows: Iterable[Iterable[Any]]) -> Iterable[tuple[str, str, int]]:
    for grade, boys, girls in rows:
        yield grade, "M", boys
        yield grade, "F", girls


def own_figures(content: Mapping[str, Any]) -> Figures:
    """What a snapshot's content itself counts, without the units below."""
    found = Figures()
    if "counts" in content:
        found.schools = 1
        for grade, sex, number in _cells(content["counts"]):
            found.counts[grade, sex] += number
    for name in ("nationality", "id_kind"):
        getattr(found, name).update({(k or "",): n for k, n in content.get(name, {}).items()})
    for school in (content.get("other") or {}).get("schools", ()):
        for grade, sex, number in _cells(school["counts"]):
            found.others[school["affiliation"], grade, sex] += number
    return found


def other_cells(content: Mapping[str, Any]) -> dict[Key, int]:
    """(school, grade, sex) → children of an LAO's sheet; names are unique in a sheet."""
    return {
        (school["name"], grade, sex): number
        for school in (content.get("other") or {}).get("schools", ())
        for grade, sex, number in _cells(school["counts"])
    }


def moved(
    old: Mapping[Key, int], new: Mapping[Key, int], order: Callable[[Key], Any] | None = None
) -> list[Move]:
    """The counts that differ, in ``order`` (by default that of their keys); none means 0."""
    moves = [
        Move(key, old.get(key, 0), new.get(key, 0))
        for key in sorted(old.keys() | new.keys(), key=order)
    ]
    return [move for move in moves if move.difference]


def _by_id(lines: str) -> dict[int, str]:
    pairs = (line.split(" ", 1) for line in lines.splitlines() if line)
    return {int(row): print_ for row, print_ in pairs}


def children(old: str, new: str) -> Children:
    """Who differs between two snapshots' lines (``<id> <print>`` each)."""
    before, after = _by_id(old), _by_id(new)
    return Children(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(row for row in before.keys() & after.keys() if before[row] != after[row])),
    )


def _by_code(heads: Iterable[Iterable[Any]]) -> dict[str, tuple[int, str]]:
    return {str(code): (int(revision), str(digest)) for code, revision, digest in heads}


def heads(old: Iterable[Iterable[Any]], new: Iterable[Iterable[Any]]) -> list[Head]:
    """The units below of which another revision, or none, is covered; by code."""
    before, after = _by_code(old), _by_code(new)
    return [
        Head(code, before.get(code), after.get(code))
        for code in sorted(before.keys() | after.keys())
        if before.get(code) != after.get(code)
    ]
