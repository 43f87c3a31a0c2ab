"""Rosters of the demo: figures per stage spread over grades, and children who grow up.

A child follows from school, year of birth and place in the class, so the rosters of two years hold
the same children, each in the grade of the year; who has left is followed by new ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from admin_app.database import tuples
from admin_app.domain.access import Actor
from admin_app.domain.thai import BUDDHIST_ERA
from admin_app.models import Cycle, Student, Subdistrict
from seed import bulk, people
from seed.demo_units import School, stages

Row = dict[str, Any]
"""A child as the database stores it: field name → value, moments naive UTC."""

SCHOOL_NUMBERS, COHORTS, PLACES = 1_000, 100, 10_000


def stored(moment: datetime) -> datetime:
    """An aware moment as the database stores it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def spread(total: int, grades: int, seed: int) -> list[int]:
    """``total`` children over so many grades, not quite even, never negative."""
    base, rest = divmod(total, grades)
    counts = [base + (place < rest) for place in range(grades)]
    for place in range(grades - 1):
        moved = people.mixed(seed * 31 + place) % (base // 8 + 1)
        counts[place] -= moved
        counts[place + 1] += moved
    return counts


class Rosters:
    """Makes the rosters of a cycle's schools: ``recorded_at`` is when they were typed in."""

    def __init__(self, cycle: Cycle, recorded_at: datetime) -> None:
        self.cycle = cycle
        self.recorded_at = recorded_at
        self.year = cycle.year - BUDDHIST_ERA
        self.stages = {kind: stages(kind) for kind in ("school", "centre")}
        self.homes: dict[int, list[int]] = {}
        for district, home in tuples(Subdistrict.select(Subdistrict.district, Subdistrict.id)):
            self.homes.setdefault(district, []).append(home)

    def of(self, school: School, actor: Actor) -> list[Row]:
        """The whole roster, in the order of grades, nobody attested yet."""
        offered = self.stages[school.unit.kind]
        ages = [age for stage in school.figures for _, age in offered[stage]]
        rows: list[Row] = []
        for stage, total in school.figures.items():
            counts = spread(total, len(offered[stage]), school.number * 7 + len(stage))
            for (grade, age), count in zip(offered[stage], counts, strict=True):
                entered = date(self.year - (age - min(ages)), 5, 16)
                rows += [
                    self.child(school, actor, grade, age, place, entered) for place in range(count)
                ]
        return rows

    def child(
        self, school: School, actor: Actor, grade: str, age: int, place: int, entered: date
    ) -> Row:
        """One child of the class, by its place there."""
        cohort = (self.year - age) % COHORTS
        number = (school.number * COHORTS + cohort) * PLACES + place
        chance = people.mixed(number + 1)
        sex = "MF"[chance & 1]
        today = (self.recorded_at + timedelta(hours=7)).date()
        youngest = date(self.year - age, 5, 16)
        homes = self.homes[school.unit.district_id]
        typed_at = stored(self.recorded_at)
        return {
            "cycle": self.cycle.id,
            "school": school.unit.id,
            "lao": school.unit.lao_id,
            "province": school.unit.province_id,
            **people.child(people.DEMO_OFFICE, number, sex, youngest, today)._asdict(),
            "grade": grade,
            "home_subdistrict": homes[(chance >> 8) % len(homes)],
            "entered_on": entered,
            "attested_at": None,
            "attested_by": None,
            "created_at": typed_at,
            "updated_at": typed_at,
            "updated_by": actor.user_id,
        }


def attest(rows: Iterable[Row], actor: Actor, at: datetime) -> int:
    """Mark ``rows`` as attested; answers how many."""
    number = 0
    for row in rows:
        row.update(attested_at=stored(at), attested_by=actor.user_id, updated_at=stored(at))
        number += 1
    return number


def save(rows: list[Row]) -> None:
    """Insert the rows of any number of schools."""
    if rows:
        bulk.insert(Student, tuple(rows[0]), (tuple(row.values()) for row in rows))
