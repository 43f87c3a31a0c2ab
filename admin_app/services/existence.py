"""The existence check (ตรวจสอบการมีตัวตน) of a school, class by class: how far it is. Reading only.

The letter asks every school to see whether each child really exists. There are no rooms in the
data, so a class is a grade.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from peewee import fn

from admin_app.database import tuples
from admin_app.models import Grade, Student


@dataclass(slots=True)
class Class:
    """A grade of a school: its children, those attested, those removed.

    ``grade`` is None for a code that is no grade, and for children without one. ``left``: id →
    version of each child that is not attested, as it stands now.
    """

    code: str
    grade: Grade | None
    children: int = 0
    attested: int = 0
    removed: int = 0
    left: dict[int, int] = field(default_factory=dict)


def _of(cycle_id: int, school_id: int, status: str) -> list[object]:
    return [
        Student.cycle == cycle_id,
        Student.school == school_id,
        Student.status == status,
    ]


def removed(cycle_id: int, school_id: int) -> int:
    """How many children of the school were taken out in this cycle."""
    return int(Student.select().where(*_of(cycle_id, school_id, "removed")).count())


def classes(cycle_id: int, school_id: int) -> list[Class]:
    """The school's classes in the order of grades; those with children, or with removed ones."""
    grades = {grade.code: grade for grade in Grade.select()}
    found: dict[str, Class] = {}

    def of(code: str) -> Class:
        return found.setdefault(code, Class(code, grades.get(code)))

    active = Student.select(Student.grade, Student.id, Student.version, Student.attested_by)
    for code, child_id, version, attested in tuples(
        active.where(*_of(cycle_id, school_id, "active"))
    ):
        one = of(code)
        one.children += 1
        if attested is None:
            one.left[child_id] = version
        else:
            one.attested += 1
    gone = Student.select(Student.grade, fn.COUNT(Student.id))
    gone = gone.where(*_of(cycle_id, school_id, "removed")).group_by(Student.grade)
    for code, number in tuples(gone):
        of(code).removed = number
    return sorted(found.values(), key=_place)


def _place(one: Class) -> tuple[bool, int, str]:
    return one.grade is None, one.grade.position if one.grade else 0, one.code


def children(cycle_id: int, school_id: int) -> dict[str, list[Student]]:
    """Grade's code → its active children in dictionary order."""
    found: dict[str, list[Student]] = {}
    query = Student.select().where(*_of(cycle_id, school_id, "active"))
    for child in query.order_by(Student.sort_key, Student.id):
        found.setdefault(child.grade, []).append(child)
    return found
