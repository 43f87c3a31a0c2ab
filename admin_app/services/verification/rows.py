"""The rows of now beside what was confirmed: every figure, every child, every unit below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from admin_app.domain.levels import LAO, SCHOOL
from admin_app.services import rosters, snapshots
from admin_app.services.rosters import Roster
from admin_app.services.verification.difference import Difference, short
from admin_app.services.verification.kept import Kept

MOST_CHILDREN = 20
Differs = Callable[..., Difference]
Counts = Sequence[Sequence[Any]]


def compare(cycle_id: int, cycle: str, kept: Sequence[Kept]) -> Iterator[tuple[Kept, Difference]]:
    """What differs of confirmed units' present revisions (of one level, content not damaged)."""
    ids = [one.place.id for one in kept]
    level = kept[0].place.level if kept else ""
    fresh: Mapping[int, Any] = {}
    look: Callable[[Kept, Any, Differs], Iterable[Difference]] = _nothing
    if level == SCHOOL:
        fresh, look = rosters.read(cycle_id, ids), _school
    elif level == LAO:
        fresh, look = snapshots.other_contents(cycle_id, ids), _others
    heads = snapshots.heads_below(cycle_id, ids) if level != SCHOOL else {}
    for one in kept:

        def differs(kind: str, of: Kept = one, **values: Any) -> Difference:
            return of.differs(cycle, kind, **values)

        for difference in look(one, fresh.get(one.place.id), differs):
            yield one, difference
        for difference in _heads(one.heads(), heads.get(one.place.id, []), differs):
            yield one, difference


def _nothing(kept: Kept, fresh: Any, differs: Differs) -> Iterable[Difference]:
    return ()


def _cells(was: Counts, now: Counts, kinds: tuple[str, str]) -> Iterator[dict[str, Any]]:
    """The cells of [[grade, boys, girls], …] that differ."""
    before, after = ({grade: pair for grade, *pair in counts} for counts in (was, now))
    for grade in dict.fromkeys((*before, *after)):
        pairs = zip(kinds, before.get(grade, (0, 0)), after.get(grade, (0, 0)), strict=True)
        for kind, expected, found in pairs:
            if expected != found:
                yield {"kind": kind, "what": grade, "expected": expected, "found": found}


def _school(kept: Kept, now: Roster, differs: Differs) -> Iterator[Difference]:
    was = kept.content or {}
    order = snapshots.grade_positions() if was.get("roster") != now.digest else {}
    for cell in _cells(was.get("counts", ()), now.counts(order), ("boys", "girls")):
        yield differs(**cell)
    for kind, found in (("nationality", now.nationality), ("id_kind", now.id_kind)):
        expected = was.get(kind, {})
        for key in sorted({*expected, *found}):
            if expected.get(key, 0) != found[key]:
                values = {"expected": expected.get(key, 0), "found": found[key]}
                yield differs(kind, what=key, **values)
    if was.get("roster") == now.digest:
        return
    named = list(_children(kept.lines, now.lines)) if "lines" in was else []
    for kind, child in named[:MOST_CHILDREN]:
        yield differs(kind, what=child)
    if len(named) > MOST_CHILDREN:
        yield differs("children_more", found=len(named) - MOST_CHILDREN)
    if not named:
        values = {"expected": str(was.get("roster"))[:16], "found": now.digest[:16]}
        yield differs("roster", **values)


def _children(was: str, now: str) -> Iterator[tuple[str, str]]:
    """(kind of difference, id) of the children whose lines differ, by id."""
    before, after = (dict(line.split(" ", 1) for line in text.splitlines()) for text in (was, now))
    for child in sorted({*before, *after}, key=int):
        if child not in after:
            yield "child_went", child
        elif child not in before:
            yield "child_came", child
        elif before[child] != after[child]:
            yield "child_changed", child


def _others(kept: Kept, now: dict[str, Any], differs: Differs) -> Iterator[Difference]:
    was = (kept.content or {}).get("other", {})
    if was == now:
        return
    if was.get("declared_none") != now["declared_none"]:
        values = {"expected": was.get("declared_none"), "found": now["declared_none"]}
        yield differs("other_none", **values)
    before, after = ({_name(row): row["counts"] for row in o["schools"]} for o in (was, now))
    for name in sorted(before.keys() - after.keys()):
        yield differs("other_went", what=name)
    for name in sorted(after.keys() - before.keys()):
        yield differs("other_came", what=name)
    for name in sorted(before.keys() & after.keys()):
        for cell in _cells(before[name], after[name], ("other_boys", "other_girls")):
            yield differs(**cell | {"what": f"{name} {cell['what']}"})
    if list(before) != list(after) and before.keys() == after.keys():
        yield differs("other_order")


def _name(row: dict[str, Any]) -> str:
    return " ".join(filter(None, (row["affiliation"], row["code"], row["name"])))


def _heads(was: Counts, now: Counts, differs: Differs) -> Iterator[Difference]:
    """Units below by what was confirmed of them: their codes may have been changed since."""
    digests = ({digest for _, _, digest in heads} for heads in (was, now))
    before, after = digests
    current = {code: (revision, digest) for code, revision, digest in now}
    known = set()
    for code, revision, digest in was:
        if digest not in after:
            known.add(code)
            found = current.get(code, (0, ""))
            yield differs("head", what=code, expected=short(revision, digest), found=short(*found))
    for code, revision, digest in now:
        if digest not in before and code not in known:
            yield differs("head", what=code, expected="0", found=short(revision, digest))
