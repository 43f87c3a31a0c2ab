"""The rules put to work: what they find over children, over twins and over a unit's counts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from admin_app.domain.checks import Child, Figures, Ground, same_name_and_birth
from admin_app.domain.rules import RULES, Key, Rule

MOST_TOLD = 20
"""Twins that a finding names: more say nothing more, and a class under one name would name all."""


class Finding(NamedTuple):
    """A rule that a child (0: the unit itself) breaks, and what was found."""

    rule: str
    child_id: int = 0
    params: Mapping[str, Any] = {}

    @property
    def basis(self) -> str:
        """What was found, as text: a note stands as long as it stays the same."""
        return basis(self.params)


@dataclass(frozen=True, slots=True)
class Setting:
    """A rule as it is set in a cycle."""

    active: bool
    thresholds: Mapping[str, int]


Settings = Mapping[str, Setting]


def basis(params: Mapping[str, Any]) -> str:
    """What was found, as text; of changed counts, the change in percent alone."""
    told = {"percent": params["percent"]} if "percent" in params else dict(params)
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


POINTS = 10
"""A note on changed counts stands while the change stays within so many points of percent."""


def stands(noted: str, now: Finding) -> bool:
    """Whether a note on what was found then (its basis) still explains what is found now."""
    if noted == now.basis:
        return True
    then = json.loads(noted).get("percent") if noted.startswith('{"percent"') else None
    moved = now.params.get("percent")
    if then is None or moved is None or then.keys() != moved.keys():
        return False
    return all(abs(moved[grade] - then[grade]) <= POINTS for grade in then)


def _setting(settings: Settings, rule: Rule) -> Setting:
    return settings.get(rule.code) or Setting(True, rule.thresholds)


def in_use(settings: Settings, **fields: Any) -> list[tuple[Rule, Mapping[str, int]]]:
    """The rules that are switched on and have these fields, with their thresholds."""
    return [
        (rule, setting.thresholds)
        for rule in RULES
        if (setting := _setting(settings, rule)).active
        and all(getattr(rule, name) == value for name, value in fields.items())
    ]


def of_children(
    children: Iterable[Child], ground: Ground, settings: Settings | None = None
) -> list[Finding]:
    """What the rules about one child find, in the table's order."""
    some = list(children)
    return [
        Finding(rule.code, child.id, found)
        for rule, at in in_use(settings or {}, twins=None, unit=None)
        if rule.child is not None
        for child in some
        if (found := rule.child(child, ground, at)) is not None
    ]


def twin_keys(elsewhere: bool, settings: Settings | None = None) -> list[tuple[str, Key]]:
    """(rule, key) of the rules about two children, in one school or in two."""
    rows = in_use(settings or {}, child=None, unit=None, elsewhere=elsewhere)
    return [(rule.code, rule.twins) for rule, _ in rows if rule.twins is not None]


class Placed(NamedTuple):
    """A child and the place (its school) that it stands in."""

    place: Any
    child: Child


def twins(
    every: Iterable[Placed], key: Key
) -> Iterator[tuple[Placed, tuple[int, ...], tuple[int, ...]]]:
    """Each child with the ids of its twins in its own place and in others, MOST_TOLD at most each.

    By name, a pair that shares its number is left out: that is told by the number.
    """
    groups: dict[Hashable, list[Placed]] = defaultdict(list)
    for placed in every:
        if (shared := key(placed.child)) is not None:
            groups[shared].append(placed)
    for group in groups.values():
        if len(group) > 1:
            yield from _of_group(sorted(group, key=lambda placed: placed.child.id), key)


def _of_group(
    group: list[Placed], key: Key
) -> Iterator[tuple[Placed, tuple[int, ...], tuple[int, ...]]]:
    # by place, then by number: of children alike a few are looked at, not all by all
    places: dict[Any, dict[Hashable, list[int]]] = defaultdict(dict)
    for place, child in group:
        bucket = places[place].setdefault(child.id_number or -child.id, [])
        if len(bucket) <= MOST_TOLD:
            bucket.append(child.id)
    for placed in group:
        place, child = placed
        own = child.id_number or -child.id
        skip = own if key is same_name_and_birth else None
        here = _some((places[place],), skip, child.id)
        there = _some((places[other] for other in places if other != place), skip, child.id)
        yield placed, here, there


def _some(
    places: Iterable[Mapping[Hashable, list[int]]], skip: Hashable | None, own: int
) -> tuple[int, ...]:
    told = (
        id_
        for buckets in places
        for number, ids in buckets.items()
        if number != skip
        for id_ in ids
        if id_ != own
    )
    return tuple(sorted(islice(told, MOST_TOLD)))


def of_twins(children: Iterable[Child], settings: Settings | None = None) -> list[Finding]:
    """What the rules about two children of one school find among all of its children."""
    every = [Placed(None, child) for child in children]
    return [
        Finding(code, placed.child.id, {"others": here})
        for code, key in twin_keys(elsewhere=False, settings=settings)
        for placed, here, _there in twins(every, key)
        if here
    ]


def of_unit(level: str, figures: Figures, settings: Settings | None = None) -> list[Finding]:
    """What the rules about a unit's counts find."""
    rows = in_use(settings or {}, child=None, twins=None, level=level)
    return [
        Finding(rule.code, 0, found)
        for rule, at in rows
        if rule.unit is not None and (found := rule.unit(figures, at)) is not None
    ]


def run(
    children: Sequence[Child], ground: Ground, settings: Settings | None = None
) -> list[Finding]:
    """All findings over a school's active children by themselves, in the table's order."""
    found = of_children(children, ground, settings) + of_twins(children, settings)
    order = {rule.code: place for place, rule in enumerate(RULES)}
    return sorted(found, key=lambda finding: order[finding.rule])
