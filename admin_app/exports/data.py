"""What a province's summary says, whatever the edition: one tree of data that all sheets read.

Counts map a grade's code to (boys, girls). Money is in satang.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from admin_app.domain import thai
from admin_app.domain.money import Due, RateSet
from admin_app.domain.stages import STAGES
from admin_app.services.units import KINDS

Counts = dict[str, tuple[int, int]]
_KIND_ORDER = {kind: place for place, kind in enumerate(KINDS["lao"])}


def total(counts: Counts) -> int:
    """All children of the counts."""
    return sum(boys + girls for boys, girls in counts.values())


def add(many: Iterable[Counts]) -> Counts:
    """The counts of several schools as one."""
    sums: Counts = {}
    for counts in many:
        for grade, (boys, girls) in counts.items():
            had = sums.get(grade, (0, 0))
            sums[grade] = (had[0] + boys, had[1] + girls)
    return sums


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A grade in its order."""

    code: str
    name: str
    stage: str


@dataclass(frozen=True, slots=True)
class District:
    """A district by its DOPA code; both empty where a unit has none."""

    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class School:
    """A school with its children."""

    code: str
    name: str
    kind: str
    district: District
    counts: Counts
    confirmed: bool

    @property
    def heads(self) -> dict[str, int]:
        """Grade → children."""
        return {grade: boys + girls for grade, (boys, girls) in self.counts.items()}

    @property
    def order(self) -> tuple[str, str]:
        """Schools by name, as a dictionary has them."""
        return thai.sort_key(self.name), self.code


@dataclass(frozen=True, slots=True)
class OtherSchool:
    """A school of another affiliation, as its LAO has recorded it."""

    code: str
    name: str
    affiliation: str
    counts: Counts

    @property
    def order(self) -> tuple[str, str]:
        """Schools by name, as a dictionary has them; not as they were typed."""
        return thai.sort_key(self.name), self.code


@dataclass(frozen=True, slots=True)
class Lao:
    """An LAO with its schools and the schools of other affiliations in its area."""

    code: str
    name: str
    kind: str
    district: District
    schools: tuple[School, ...]
    others: tuple[OtherSchool, ...]
    declared_none: bool
    confirmed: bool
    confirmed_at: datetime | None
    counts: Counts = field(init=False, repr=False, compare=False)
    """The children of all its schools."""
    other_counts: Counts = field(init=False, repr=False, compare=False)
    """The children of all schools of other affiliations."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", add(school.counts for school in self.schools))
        object.__setattr__(self, "other_counts", add(other.counts for other in self.others))

    @property
    def order(self) -> tuple[str, int, str, str]:
        """LAOs by district, then as DLA lists the kinds (อบจ. first), then by name."""
        kind = _KIND_ORDER.get(self.kind, len(_KIND_ORDER))
        return self.district.code or "~", kind, thai.sort_key(self.name), self.code


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A unit that has not confirmed, and whom to ask.

    ``lao`` and ``province``: names of the units above ("" on their own level). ``children`` are
    recorded in it and below, ``unattested`` of them not attested as existing; ``below_open``:
    units directly below that are not confirmed.
    """

    level: str
    code: str
    name: str
    lao: str
    province: str
    contact_name: str
    phone: str
    email: str
    children: int
    unattested: int
    below_open: int
    extended_until: datetime | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A province in a cycle. ``digest`` and ``revision`` are those of an official edition.

    ``rate_edition``: the number of ``rates`` among the cycle's editions; None where it has none.
    """

    code: str
    name: str
    edition: str
    grades: tuple[GradeRow, ...]
    rates: RateSet
    laos: tuple[Lao, ...]
    outstanding: tuple[Outstanding, ...] = ()
    revision: int | None = None
    digest: str = ""
    confirmed_at: datetime | None = None
    rate_edition: int | None = None
    affiliations: Mapping[str, str] = field(default_factory=dict)
    counts: Counts = field(init=False, repr=False, compare=False)
    """The children of the whole province."""
    other_counts: Counts = field(init=False, repr=False, compare=False)
    """The children of all schools of other affiliations."""
    _stage_of: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stage_of", {row.code: row.stage for row in self.grades})
        object.__setattr__(self, "counts", add(lao.counts for lao in self.laos))
        object.__setattr__(self, "other_counts", add(lao.other_counts for lao in self.laos))

    @property
    def schools(self) -> Iterator[tuple[Lao, School]]:
        """Every school with its LAO, in order."""
        return ((lao, school) for lao in self.laos for school in lao.schools)

    @property
    def stages(self) -> tuple[str, ...]:
        """The report's columns; "" comes last where a child's grade belongs to none of them."""
        known = tuple(STAGES)
        lost = any(
            pair != (0, 0) and self._stage_of.get(grade) not in STAGES
            for counts in (self.counts, self.other_counts)
            for grade, pair in counts.items()
        )
        return (*known, "") if lost else known

    def by_stage(self, counts: Counts) -> dict[str, int]:
        """Children per report column."""
        sums = dict.fromkeys((*STAGES, ""), 0)
        for grade, (boys, girls) in counts.items():
            stage = self._stage_of.get(grade, "")
            sums[stage if stage in STAGES else ""] += boys + girls
        return sums

    def due(self, school: School, kind: str) -> Due:
        """What ``kind`` (lunch, milk, subsidy) comes to for the school in a year."""
        return self.rates.due(kind, school.kind, school.heads)

    def money(self, lao: Lao, kind: str) -> int:
        """Satang a year for all schools of the LAO."""
        return sum(self.due(school, kind).satang for school in lao.schools)
