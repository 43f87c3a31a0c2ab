"""What a certificate says, from the confirmed snapshots alone: names, sums, never a child."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from admin_app.domain.differences import Figures, own_figures
from admin_app.domain.levels import PROVINCE, SCHOOL
from admin_app.domain.stages import STAGES
from admin_app.exports import official
from admin_app.exports.official import Frozen
from admin_app.models import Code, Cycle, Grade, Unit
from admin_app.services.progress import ancestors

Sexes = tuple[int, int]
MOST_AFFILIATIONS = 8


@dataclass(slots=True)
class Line:
    """Boys and girls of a grade, stage or affiliation, and in how many schools they are."""

    name: str
    boys: int = 0
    girls: int = 0
    schools: int = 0
    stage: bool = False

    @property
    def total(self) -> int:
        """Boys and girls."""
        return self.boys + self.girls

    def add(self, boys: int, girls: int, schools: int = 0) -> None:
        """Take more in."""
        self.boys += boys
        self.girls += girls
        self.schools += schools


@dataclass(slots=True)
class Sums:
    """What the units below a snapshot come to, and the snapshot's own figures.

    ``in_grade``, ``in_stage``: schools with children there; ``kinds``: units by kind;
    ``declared_none``: LAOs without schools of other affiliations; ``called``: affiliations as they
    were then, place in the list and name.
    """

    figures: Figures = field(default_factory=Figures)
    in_grade: Counter[str] = field(default_factory=Counter)
    in_stage: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    others: dict[str, Line] = field(default_factory=dict)
    declared_none: int = 0
    called: dict[str, tuple[int, str]] = field(default_factory=dict)


class Ladder:
    """The grades in their order with their stages.

    As they were when schools confirmed (``take``), where their snapshots say so; the others as DLA
    names them now.
    """

    def __init__(self) -> None:
        rows: Iterable[Any] = (
            Grade.select(Grade.code, Grade.name, Grade.stage).order_by(Grade.position).tuples()
        )
        self.names: dict[str, str] = {}
        self.stage: dict[str, str] = {}
        self.place: dict[str, int] = {}
        self._frozen: set[str] = set()
        for place, (code, name, stage) in enumerate(rows):
            self._set(code, name, stage, place)

    def _set(self, code: str, name: str, stage: str, place: int) -> None:
        self.names[code] = name
        self.stage[code] = stage if stage in STAGES else ""
        self.place[code] = place

    def take(self, content: dict[str, Any]) -> None:
        """The grades as a school's snapshot has them; the first one that names a grade holds."""
        for code, name, stage, place in content.get("grades", ()):
            if code not in self._frozen:
                self._frozen.add(code)
                self._set(code, name, stage, place)

    def stage_of(self, grade: str) -> str:
        """The grade's stage, "" for one that belongs to none."""
        return self.stage.get(grade, "")

    def of_stage(self, stage: str, grades: Iterable[str]) -> list[str]:
        """Those of ``grades`` that are of the stage, in order; unknown ones last."""
        found = [code for code in grades if self.stage_of(code) == stage]
        last = len(self.place) + max(self.place.values(), default=0)
        return sorted(found, key=lambda code: (self.place.get(code, last), code))


def _take_school(sums: Sums, content: dict[str, Any], ladder: Ladder) -> None:
    ladder.take(content)
    sums.figures.add(own_figures(content))
    sums.kinds[content["kind"]] += 1
    here = {grade for grade, boys, girls in content["counts"] if boys + girls}
    sums.in_grade.update(here)
    sums.in_stage.update({ladder.stage_of(grade) for grade in here})


def _take_others(sums: Sums, content: dict[str, Any]) -> None:
    sums.declared_none += bool(content["other"]["declared_none"])
    for code, name, place in content.get("affiliations", ()):
        sums.called.setdefault(code, (place, name))
    for school in content["other"]["schools"]:
        line = sums.others.setdefault(school["affiliation"], Line(school["affiliation"]))
        pairs = [(boys, girls) for _grade, boys, girls in school["counts"]]
        line.add(sum(boys for boys, _ in pairs), sum(girls for _, girls in pairs), 1)


def sums_of(cycle: Cycle, frozen: Frozen, ladder: Ladder) -> Sums:
    """Follow the digests down from a school's, an LAO's or a province's snapshot. Damaged."""
    sums = Sums()
    content = frozen.content
    if content["level"] == SCHOOL:
        _take_school(sums, content, ladder)
        return sums
    laos = [frozen]
    if content["level"] == PROVINCE:
        laos = list(official.named(cycle, content["laos"]))
        sums.kinds.update(lao.content["kind"] for lao in laos)
    for lao in laos:
        _take_others(sums, lao.content)
    heads = [head for lao in laos for head in lao.content["schools"]]
    for school in official.named(cycle, heads):
        _take_school(sums, school.content, ladder)
    return sums


def by_grade(sums: Sums, ladder: Ladder, total: str) -> Iterator[Line]:
    """Each grade with children, each stage's sum after its grades, and the total at the end."""
    pairs: dict[str, Sexes] = {}
    for (grade, sex), number in sums.figures.counts.items():
        boys, girls = pairs.get(grade, (0, 0))
        pairs[grade] = (boys + number, girls) if sex == "M" else (boys, girls + number)
    whole = Line(total, schools=sums.figures.schools, stage=True)
    for stage in (*STAGES, ""):
        part = Line(stage, schools=sums.in_stage[stage], stage=True)
        for grade in ladder.of_stage(stage, pairs):
            if pairs[grade] == (0, 0):
                continue
            yield Line(ladder.names.get(grade, grade), *pairs[grade], sums.in_grade[grade])
            part.add(*pairs[grade])
        if part.total:
            yield part
            whole.add(part.boys, part.girls)
    yield whole


def by_affiliation(sums: Sums, rest: str, total: str) -> list[Line]:
    """The affiliations in the order of their list, the smallest as one line, and the total."""
    rows: Iterable[Any] = (
        Code.select(Code.code, Code.position, Code.name).where(Code.list == "affiliation").tuples()
    )
    called = {code: (place, name) for code, place, name in rows} | sums.called
    names = {code: name for code, (_place, name) in called.items()}
    place = {code: place for code, (place, _name) in called.items()}
    by_size = sorted(sums.others, key=lambda code: -sums.others[code].total)
    kept = by_size if len(by_size) <= MOST_AFFILIATIONS else by_size[: MOST_AFFILIATIONS - 1]
    lines = []
    last, whole = Line(rest), Line(total, stage=True)
    for code in sorted(sums.others, key=lambda code: (place.get(code, len(place)), code)):
        found = sums.others[code]
        whole.add(found.boys, found.girls, found.schools)
        if code in kept:
            lines.append(Line(names.get(code, code), found.boys, found.girls, found.schools))
        else:
            last.add(found.boys, found.girls, found.schools)
    return [*lines, *([last] if last.schools else []), *([whole] if lines else [])]


def above(unit: Unit, content: dict[str, Any]) -> dict[str, str]:
    """The names of the LAO and the province that a unit lies in, by level, as they were then."""
    if "above" in content:
        return {level: over["name"] for level, over in content["above"].items()}
    return {over.level: over.name for over in ancestors(unit)}
