"""The country in figures: one line per LAO, read province by province from snapshots alone.

Each province is read, summed up and let go: the country never lies in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property

from admin_app.domain.money import RateSet
from admin_app.domain.stages import STAGES
from admin_app.domain.thai import sort_key
from admin_app.exports import official
from admin_app.exports.data import Summary, total
from admin_app.exports.official import Frozen
from admin_app.exports.request import Progress, quiet
from admin_app.models import Cycle

STAGE_KEYS = (*STAGES, "")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of an LAO, a province or the country; ``lunch`` and ``milk`` in satang.

    ``stages``: children in the order of ``STAGE_KEYS``.
    """

    schools: int = 0
    stages: tuple[int, ...] = (0,) * len(STAGE_KEYS)
    children: int = 0
    others: int = 0
    lunch: int = 0
    milk: int = 0

    def row(self, stages: tuple[str, ...]) -> list[float]:
        """The cells of a row with columns for ``stages``; money in baht."""
        shown = [n for key, n in zip(STAGE_KEYS, self.stages, strict=True) if key in stages]
        money = (self.lunch, self.milk, self.lunch + self.milk)
        return [
            self.schools,
            *shown,
            self.children,
            self.others,
            *(satang / 100 for satang in money),
        ]


def add(many: Iterable[Figures]) -> Figures:
    """The sum of figures."""
    rows = list(many)
    if not rows:
        return Figures()
    plain = {
        f.name: sum(getattr(r, f.name) for r in rows) for f in fields(Figures) if f.name != "stages"
    }
    return Figures(stages=tuple(map(sum, zip(*(r.stages for r in rows), strict=True))), **plain)


@dataclass(frozen=True, slots=True)
class LaoLine:
    """An LAO with its figures."""

    district: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class ProvinceLines:
    """A province with its LAOs' lines and the rates that it was confirmed under."""

    name: str
    laos: tuple[LaoLine, ...]
    rates: RateSet

    @cached_property
    def figures(self) -> Figures:
        """The sums over its LAOs."""
        return add(lao.figures for lao in self.laos)


@dataclass(frozen=True)
class Country:
    """The country as the department closed it; ``missing``: codes of provinces left out."""

    top: Frozen
    provinces: tuple[ProvinceLines, ...]
    missing: tuple[str, ...]

    @cached_property
    def figures(self) -> Figures:
        """The sums over the provinces."""
        return add(province.figures for province in self.provinces)

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """The report's columns; "" comes last where a child's grade belongs to none of them."""
        return STAGE_KEYS if self.figures.stages[-1] else tuple(STAGES)


def _lines(data: Summary) -> ProvinceLines:
    laos = []
    for lao in data.laos:
        by_stage = data.by_stage(lao.counts)
        figures = Figures(
            schools=len(lao.schools),
            stages=tuple(by_stage[stage] for stage in STAGE_KEYS),
            children=total(lao.counts),
            others=total(lao.other_counts),
            lunch=data.money(lao, "lunch"),
            milk=data.money(lao, "milk"),
        )
        laos.append(LaoLine(lao.district.name, lao.name, figures))
    return ProvinceLines(data.name, tuple(laos), data.rates)


def read(cycle: Cycle, department_id: int, revision: int, progress: Progress = quiet) -> Country:
    """The country of the department's snapshot, provinces by name. NotFound, Damaged."""
    top = official.top(cycle, department_id, revision)
    heads = official.named(cycle, top.content["provinces"])
    lines, all_of = [], len(top.content["provinces"])
    for done, frozen in enumerate(heads):
        progress(done, all_of, "reading")
        lines.append(_lines(official.province(cycle, frozen)))
    progress(all_of, all_of, "writing")
    lines.sort(key=lambda province: sort_key(province.name))
    return Country(top, tuple(lines), tuple(top.content["missing"]))
