"""The country in figures: a line per LAO and school, from snapshots alone, province by province.

Each province is read, summed up and let go. Of the round before, a pair of numbers per unit stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from admin_app.domain.levels import DEPARTMENT
from admin_app.domain.money import KINDS, PER_DAY, RateSet
from admin_app.domain.stages import STAGES
from admin_app.domain.thai import sort_key
from admin_app.exports import official
from admin_app.exports.data import GradeRow, Lao, School, Summary, total
from admin_app.exports.official import Frozen
from admin_app.exports.request import Progress, quiet
from admin_app.models import Cycle, UnitState
from admin_app.services import carry_over, rates

STAGE_KEYS = (*STAGES, "")
Last = dict[str, tuple[int, int]]
"""Code of a unit, the department's too → its children and satang a year in the round before."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of a school, an LAO, a province or the country; money in satang a year.

    ``stages``: children in the order of ``STAGE_KEYS``. ``unpaid``: schools with children that no
    rate of lunch or milk fits.
    """

    schools: int = 0
    stages: tuple[int, ...] = (0,) * len(STAGE_KEYS)
    children: int = 0
    others: int = 0
    lunch: int = 0
    milk: int = 0
    subsidy: int = 0
    unpaid: int = 0

    @property
    def satang(self) -> int:
        """All money."""
        return self.lunch + self.milk + self.subsidy

    def row(self, stages: tuple[str, ...]) -> list[float]:
        """The cells of a row with columns for ``stages``; money in baht."""
        shown = [n for key, n in zip(STAGE_KEYS, self.stages, strict=True) if key in stages]
        money = (self.lunch, self.milk, self.subsidy, self.satang)
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
class Line:
    """A school or an LAO with its figures; ``below``: an LAO's schools."""

    code: str
    name: str
    district: str
    figures: Figures
    below: tuple[Line, ...] = ()


@dataclass(frozen=True)
class ProvinceLines:
    """A province with its LAOs' lines and the rates that pay."""

    code: str
    name: str
    laos: tuple[Line, ...]
    rates: RateSet

    @cached_property
    def figures(self) -> Figures:
        """The sums over its LAOs."""
        return add(lao.figures for lao in self.laos)


@dataclass(frozen=True)
class Country:
    """The country as the department closed it; ``missing``: codes of provinces left out.

    ``rate_edition``: the one set of rates that pays for all provinces; None where each has the
    rates that it was confirmed under. ``last``: the round before; None without one.
    """

    code: str
    top: Frozen
    provinces: tuple[ProvinceLines, ...]
    missing: tuple[str, ...]
    grades: tuple[GradeRow, ...]
    rate_edition: int | None
    before: Cycle | None
    last: Last | None

    @cached_property
    def figures(self) -> Figures:
        """The sums over the provinces."""
        return add(province.figures for province in self.provinces)

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """The report's columns; "" comes last where a child's grade belongs to none of them."""
        return STAGE_KEYS if self.figures.stages[-1] else tuple(STAGES)


def _school(data: Summary, school: School) -> Line:
    by_stage = data.by_stage(school.counts)
    due = {kind: data.due(school, kind) for kind in KINDS}
    figures = Figures(
        schools=1,
        stages=tuple(by_stage[stage] for stage in STAGE_KEYS),
        children=total(school.counts),
        unpaid=any(due[kind].children and due[kind].rate is None for kind in PER_DAY),
        **{kind: found.satang for kind, found in due.items()},
    )
    return Line(school.code, school.name, school.district.name, figures)


def _lao(data: Summary, lao: Lao) -> Line:
    schools = tuple(_school(data, school) for school in lao.schools)
    figures = add(school.figures for school in schools)
    figures = replace(figures, others=total(lao.other_counts))
    return Line(lao.code, lao.name, lao.district.name, figures, schools)


def _provinces(cycle: Cycle, top: Frozen, chosen: RateSet | None) -> Iterator[Summary]:
    """Each province of the department's snapshot, under the rates of the whole country if any."""
    if chosen is None and rates.frozen_edition(top.content) is not None:
        chosen = rates.frozen(top.content)
    for frozen in official.named(cycle, top.content["provinces"]):
        data = official.province(cycle, frozen)
        yield data if chosen is None else replace(data, rates=chosen)


def _before(cycle: Cycle, content: dict[str, Any]) -> tuple[Cycle, Frozen] | None:
    """The round to which the department's snapshot is compared, as it stood at that close."""
    if "last" in content:
        if content["last"] is None:
            return None
        before = Cycle.get(Cycle.code == content["last"][0])
        return before, next(official.named(before, [content["last"]]))
    found = carry_over.source_of(cycle)  # form 1 did not say
    if found is None:
        return None
    state = UnitState.get(UnitState.cycle == found.id, UnitState.level == DEPARTMENT)
    return found, official.top(found, state.unit_id, state.revision)


def _last(cycle: Cycle, top: Frozen) -> Last:
    """What each unit had in a closed round, under the rates of that round."""
    found: Last = {}
    whole = [0, 0]
    for data in _provinces(cycle, top, None):
        lines = [_lao(data, lao) for lao in data.laos]
        units = [*lines, *(school for line in lines for school in line.below)]
        found |= {unit.code: (unit.figures.children, unit.figures.satang) for unit in units}
        sums = add(line.figures for line in lines)
        found[data.code] = (sums.children, sums.satang)
        whole = [whole[0] + sums.children, whole[1] + sums.satang]
    found[top.content["code"]] = (whole[0], whole[1])
    return found


def read(
    cycle: Cycle,
    department_id: int,
    revision: int,
    number: int | None = None,
    progress: Progress = quiet,
) -> Country:
    """The country of the department's snapshot, provinces by name. NotFound, Damaged.

    ``number``: the edition of the cycle's rates to pay by; None for what was frozen.
    """
    chosen = rates.rates_of(official.edition_of_rates(cycle, number)) if number else None
    top = official.top(cycle, department_id, revision)
    before = _before(cycle, top.content)
    last = _last(*before) if before else None
    lines: list[ProvinceLines] = []
    grades: tuple[GradeRow, ...] = ()
    all_of = len(top.content["provinces"])
    progress(0, all_of, "reading")
    for done, data in enumerate(_provinces(cycle, top, chosen), start=1):
        laos = tuple(_lao(data, lao) for lao in data.laos)
        lines.append(ProvinceLines(data.code, data.name, laos, data.rates))
        grades = grades or data.grades
        progress(done, all_of, "reading")
    lines.sort(key=lambda province: sort_key(province.name))
    return Country(
        code=top.content["code"],
        top=top,
        provinces=tuple(lines),
        missing=tuple(top.content["missing"]),
        grades=grades,
        rate_edition=rates.frozen_edition(top.content) if number is None else number,
        before=before[0] if before else None,
        last=last,
    )
