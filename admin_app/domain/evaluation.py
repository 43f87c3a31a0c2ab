"""The rules put to work: what they find over children, over twins and over a unit's counts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from admin_app.domain.checks import Child, Figures, Ground, are_twins
from admin_app.domain.rules import RULES, Key, Rule


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
    """What was found, as text; of counts with a ``step``, the step alone."""
    told = {"step": params["step"]} if "step" in params else dict(params)
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


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


def of_twins(children: Iterable[Child], settings: Settings | None = None) -> list[Finding]:
    """What the rules about two children of one school find among all of its children."""
    some = list(children)
    found = []
    for code, key in twin_keys(elsewhere=False, settings=settings):
        groups: dict[Hashable, list[Child]] = defaultdict(list)
        for child in some:
            if (shared := key(child)) is not None:
                groups[shared].append(child)
        found += [
            Finding(code, child.id, {"others": sorted(others)})
            for group in groups.values()
            if len(group) > 1
            for child in group
            if (others := [other.id for other in group if are_twins(child, other, key)])
        ]
    return found


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
