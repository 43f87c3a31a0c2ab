"""The children of schools as a confirm freezes them: figures, lines and digests, in one pass."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from admin_app.domain.proof import LINE_DIGITS, canonical
from admin_app.models import Student, Subdistrict, database

COLUMNS = (
    Student.id,
    Student.id_kind,
    Student.id_number,
    Student.no_id_reason,
    Student.prefix,
    Student.first_name,
    Student.last_name,
    Student.sex,
    Student.birth_date,
    Student.grade,
    Student.nationality,
    Student.disability,
    Student.disadvantage,
    Subdistrict.code,
    Student.entered_on,
)
"""What of a child its canonical line holds, in this order; the home by the sub-district's code."""
_ID, _ID_KIND, _SEX, _GRADE, _NATIONALITY = (
    [column.name for column in COLUMNS].index(name)
    for name in ("id", "id_kind", "sex", "grade", "nationality")
)


@dataclass(slots=True)
class Roster:
    """A school's active children. ``lines``: of each, in the order of ids, its id and the beginning
    of the digest of its canonical line. ``cells``: (grade, sex) → children.
    """

    lines: str = ""
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    nationality: Counter[str] = field(default_factory=Counter)
    id_kind: Counter[str] = field(default_factory=Counter)
    _running: Any = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical lines, each with a line feed after it."""
        found: str = self._running.hexdigest()
        return found

    def counts(self, order: dict[str, int]) -> list[list[Any]]:
        """[[grade, boys, girls], …], by the grades' places."""
        grades = sorted(
            {grade for grade, _ in self.cells}, key=lambda code: (order.get(code, 999), code)
        )
        return [[grade, self.cells[grade, "M"], self.cells[grade, "F"]] for grade in grades]


def read(cycle_id: int, school_ids: Collection[int]) -> dict[int, Roster]:
    """School id → its roster; one query for all of them."""
    found = {school_id: Roster() for school_id in school_ids}
    lines: dict[int, list[str]] = {school_id: [] for school_id in school_ids}
    query = (
        Student.select(Student.school, *COLUMNS)
        .left_outer_join(Subdistrict, on=(Student.home_subdistrict == Subdistrict.id))
        .where(
            Student.cycle == cycle_id,
            Student.school << list(school_ids),
            Student.status == "active",
        )
        .order_by(Student.school, Student.id)
    )
    for school_id, *row in database.execute(query):  # as the driver has them: two million rows
        roster = found[school_id]
        line = canonical(
            [value.isoformat() if hasattr(value, "isoformat") else value for value in row]
        ).encode()
        roster._running.update(line + b"\n")
        begins = hashlib.sha256(line).hexdigest()[:LINE_DIGITS]
        lines[school_id].append(f"{row[_ID]} {begins}\n")
        roster.cells[row[_GRADE], row[_SEX]] += 1
        roster.nationality[row[_NATIONALITY]] += 1
        roster.id_kind[row[_ID_KIND]] += 1
    for school_id, roster in found.items():
        roster.lines = "".join(lines[school_id])
    return found


def roster_digest(cycle_id: int, school_id: int) -> str:
    """SHA-256 over one canonical line per active child, in the order of ids."""
    return read(cycle_id, [school_id])[school_id].digest
