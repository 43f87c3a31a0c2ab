"""A round as people walk it: moves at moments, made in their order through the real services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from admin_app.database import Clock
from admin_app.domain.access import Actor
from admin_app.domain.levels import LAO
from admin_app.domain.thai import BANGKOK
from admin_app.models import Cycle, Unit
from admin_app.services import children, confirmation, findings, history, notes, other_counts
from admin_app.services.other_counts import SchoolRow
from seed import people

PRIMARY = ("K2", "K3", "P1", "P2", "P3", "P4", "P5", "P6")
SECONDARY = ("M1", "M2", "M3", "M4", "M5", "M6")
# name before and after the place's, affiliation, grades, largest class half
KINDS_OF_OTHERS = (
    ("โรงเรียนวัด", "", "PESAO", PRIMARY, 14),
    ("โรงเรียน", "วิทยาคม", "SESAO", SECONDARY, 40),
    ("โรงเรียนอนุบาล", "ศึกษา", "PRIVATE", PRIMARY[:5], 22),
    ("โรงเรียนบ้านใน", "", "PESAO", PRIMARY, 9),
)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment on Bangkok's clock."""
    return datetime.combine(day, time(hour, minute), tzinfo=BANGKOK)


def stopped_at(moment: datetime) -> Clock:
    """A clock that shows ``moment``."""
    return lambda: moment


def others(lao: Unit, number: int) -> list[SchoolRow]:
    """Schools of other affiliations that ``lao`` counts; every third LAO has none."""
    if number % 3 == 2:
        return []
    district: Any = lao.district
    place = lao.name.partition(".")[2] or district.name
    rows = []
    for index in range(1 + number % 3):
        before, after, affiliation, grades, most = KINDS_OF_OTHERS[(number + index) % 4]
        chances = [people.mixed(number * 100 + index * 10 + cell) for cell in range(len(grades))]
        rows.append(
            SchoolRow(
                name=f"{before}{place}{after}",
                affiliation=affiliation,
                code=f"{district.province_code}99{number * 10 + index:04d}",
                counts={
                    grade: (3 + chance % most, 3 + (chance >> 16) % most)
                    for grade, chance in zip(grades, chances, strict=True)
                },
            )
        )
    return rows


class Walk:
    """Moves of one cycle, gathered in any order and made in time's order by ``run``."""

    def __init__(self, cycle: Cycle, cast: dict[str, Actor]) -> None:
        self.cycle = cycle
        self.cast = cast
        self.units = {unit.code: unit for unit in Unit.select()}
        self.steps: list[tuple[datetime, Callable[[Clock], object]]] = []

    def worker(self, code: str) -> Actor:
        """Who works on a unit's data: its own people; for a centre, its LAO's."""
        unit = self.units[code]
        return self.cast[unit.lao.code if unit.kind == "centre" else code]

    def move(
        self,
        moment: datetime,
        code: str,
        key: str,
        by: str | None = None,
        reason: str = "",
        until: datetime | None = None,
    ) -> None:
        """A move of ``domain.moves`` on the unit with this code, by itself or by somebody else."""
        actor = self.cast[by] if by else self.worker(code)
        unit_id = self.units[code].id
        self.steps.append(
            (
                moment,
                lambda clock: confirmation.move(
                    actor, self.cycle.id, unit_id, key, clock, reason=reason, until=until
                ),
            )
        )

    def counts(self, moment: datetime, code: str, number: int) -> None:
        """The LAO saves its counts of other affiliations, or declares that there are none."""
        lao = self.units[code]
        rows = others(lao, number)
        self.steps.append(
            (
                moment,
                lambda clock: other_counts.save(
                    self.cast[code], self.cycle.id, lao.id, 0, rows, clock, declared_none=not rows
                ),
            )
        )

    def attested(self, moment: datetime, code: str, number: int) -> None:
        """The history of an attestation whose rows are stored already."""
        unit = self.units[code]
        self.steps.append(
            (
                moment,
                lambda clock: history.record(
                    "child.attested",
                    self.worker(code),
                    clock(),
                    unit=unit,
                    cycle_id=self.cycle.id,
                    details={"count": number},
                ),
            )
        )

    def removed(self, moment: datetime, code: str, ids: list[int], reason: str) -> None:
        """The school takes children out."""
        self.steps.append(
            (moment, lambda clock: children.remove(self.worker(code), ids, reason, clock))
        )

    def explained(self, moment: datetime, code: str, note: str) -> None:
        """The unit explains every query that it has by one note."""
        self.steps.append((moment, lambda clock: self._explain(code, note, clock)))

    def _explain(self, code: str, note: str, clock: Clock) -> None:
        unit = self.units[code]
        findings.ensure(self.cycle.id, unit, clock())
        actor = self.worker(code)
        found, _page = notes.listed(actor, self.cycle.id, unit, kind="query")
        notes.explain(actor, {one.row.id: one.row.basis for one in found}, note, clock)

    def run(self) -> None:
        """Make the moves, earliest first."""
        for moment, step in sorted(self.steps, key=lambda pair: pair[0]):
            step(stopped_at(moment))

    def laos(self, province_code: str) -> list[Unit]:
        """The LAOs of a province, by code."""
        province = self.units[province_code]
        found = [
            unit
            for unit in self.units.values()
            if unit.level == LAO and unit.province_id == province.id
        ]
        return sorted(found, key=lambda unit: unit.code)


def days_after(start: date, number: int, most: int) -> date:
    """One of ``most`` days from ``start`` on, by ``number``."""
    return start + timedelta(days=people.mixed(number) % most)
