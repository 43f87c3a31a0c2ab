"""A child's row as it comes into a school and goes out of it: every door writes it alike.

The caller holds the school's standing locked and has judged it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from admin_app.domain.access import Actor
from admin_app.models import Student, Unit, UnitState
from admin_app.services import child_fields


def count(cycle_id: int, school_id: int, *, children: int = 0, attested: int = 0) -> None:
    """Move the school's counters by so many."""
    if children or attested:
        UnitState.update(
            children=UnitState.children + children, attested=UnitState.attested + attested
        ).where(UnitState.cycle == cycle_id, UnitState.unit == school_id).execute()


def removal(reason: str) -> dict[str, Any]:
    """The columns of a child that is taken out: never erased, and no longer attested."""
    return {
        "status": "removed",
        "removal_reason": reason,
        "leaver": False,
        "attested_at": None,
        "attested_by": None,
    }


def take_in(
    cycle_id: int, school: Unit, fields: dict[str, Any], actor: Actor, now: datetime
) -> Student:
    """A new active row in the school, not attested. ``fields``: cleaned, as they are stored."""
    student = Student.create(
        **fields,
        **child_fields.keys(fields["first_name"], fields["last_name"]),
        cycle=cycle_id,
        school=school.id,
        lao=school.lao_id,
        province=school.province_id,
        created_at=now,
        updated_at=now,
        updated_by=actor.user_id,
    )
    count(cycle_id, school.id, children=1)
    return student


def take_out(student: Student, reason: str, actor: Actor, now: datetime) -> None:
    """Take an active row, locked by the caller, out of its school with a removal reason."""
    Student.update(
        {
            **removal(reason),
            "version": Student.version + 1,
            "updated_at": now,
            "updated_by": actor.user_id,
        }
    ).where(Student.id == student.id).execute()
    attested = student.attested_at is not None
    count(student.cycle_id, student.school_id, children=-1, attested=-1 if attested else 0)
