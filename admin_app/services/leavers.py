"""Leavers: children carried over out of a school's last grade, until the school has said of each.

Accepting is a removal with a reason, keeping puts the child into a grade; either ends the question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from admin_app.database import Clock, for_update, transaction, tuples
from admin_app.domain.access import Actor
from admin_app.domain.levels import SCHOOL
from admin_app.domain.moves import judge_record
from admin_app.domain.text import N_
from admin_app.models import Grade, SchoolGrade, Student, Unit, UnitState
from admin_app.services import findings, history, requests, scope
from admin_app.services.children import REMOVAL_REASONS
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.standing import read

USUAL_REASON = "graduated"
_UNKNOWN = N_("Choose one of the list.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of a child: gone for ``reason``, or here in ``grade``; one of the two.

    ``version``: the one that the person saw.
    """

    child_id: int
    version: int
    reason: str = ""
    grade: str = ""


def of_school(cycle_id: int, school_id: int) -> list[Student]:
    """The proposed leavers nobody has decided on, by grade and name."""
    query = (
        Student.select()
        .where(
            Student.cycle == cycle_id,
            Student.school == school_id,
            Student.status == "active",
            Student.leaver,
        )
        .order_by(Student.grade, Student.sort_key, Student.id)
    )
    return list(query)


def count(cycle_id: int, school_id: int) -> int:
    """How many of a school's children are proposed leavers that nobody has decided on."""
    return (
        Student.select()
        .where(
            Student.cycle == cycle_id,
            Student.school == school_id,
            Student.status == "active",
            Student.leaver,
        )
        .count()
    )


def schools(actor: Actor, cycle_id: int) -> list[tuple[Unit, int]]:
    """The schools in reach that have leavers to decide on, each with how many."""
    query = scope.limit(
        Student.select(Student.school, fn.COUNT(Student.id)), Student, actor, "child:remove"
    ).where(Student.cycle == cycle_id, Student.status == "active", Student.leaver)
    counts = dict(tuples(query.group_by(Student.school)))
    units = Unit.select().where(Unit.id << list(counts)).order_by(Unit.name_key, Unit.id)
    return [(unit, counts[unit.id]) for unit in units]


def grades(school_id: int) -> list[Grade]:
    """The grades in use that the school offers, in their order."""
    query = (
        Grade.select()
        .join(SchoolGrade, on=(SchoolGrade.grade == Grade.id))
        .where(SchoolGrade.school == school_id, Grade.active)
        .order_by(Grade.position)
    )
    return list(query)


def _checked(school_id: int, choices: Sequence[Choice]) -> dict[int, Choice]:
    offered = {grade.code for grade in grades(school_id)}
    errors: dict[str, tuple[str, dict[str, Any]]] = {}
    for choice in choices:
        known = choice.grade in offered if choice.grade else choice.reason in REMOVAL_REASONS
        if not known or (choice.grade and choice.reason):
            errors[str(choice.child_id)] = (_UNKNOWN, {})
    if errors:
        raise Invalid(errors)
    return {choice.child_id: choice for choice in choices}


def decide(
    actor: Actor, cycle_id: int, school_id: int, choices: Sequence[Choice], clock: Clock
) -> tuple[int, int]:
    """Remove some of a school's leavers and keep others, all or none; answers with how many each.

    Raises NotFound, Invalid (key: the child's id), Refused (state, window), Conflict (a child has
    been changed or decided on since it was shown; carries the leavers that are left).
    """
    with transaction():
        school = scope.unit_by_id(actor, school_id)
        if school.level != SCHOOL:
            raise NotFound("school")
        standing = read(cycle_id, school, lock=True)
        now = clock()
        kept = any(choice.grade for choice in choices)
        for permission in ("child:remove", *(("child:edit",) if kept else ())):
            refusals = judge_record(
                actor, permission, standing.ref, standing.chain, standing.window, now
            )
            if refusals:
                raise Refused(refusals)
        said = _checked(school.id, choices)
        rows = for_update(
            Student.select().where(
                Student.cycle == cycle_id, Student.school == school.id, Student.id << list(said)
            )
        )
        found = {row.id: row for row in rows}
        if found.keys() != said.keys():
            raise NotFound("child")
        if any(
            row.version != said[row.id].version or not row.leaver or row.status != "active"
            for row in found.values()
        ):
            raise Conflict(of_school(cycle_id, school.id))
        return _write(actor, cycle_id, school, found, said, now)


def _write(
    actor: Actor,
    cycle_id: int,
    school: Unit,
    found: dict[int, Student],
    said: dict[int, Choice],
    now: datetime,
) -> tuple[int, int]:
    """One statement for each reason and each grade; an entry in the history for each reason."""
    removed: dict[str, list[int]] = defaultdict(list)
    kept: dict[str, list[int]] = defaultdict(list)
    for child_id in sorted(found):
        choice = said[child_id]
        (kept[choice.grade] if choice.grade else removed[choice.reason]).append(child_id)
    changed = {"version": Student.version + 1, "updated_at": now, "updated_by": actor.user_id}
    for reason, ids in removed.items():
        Student.update(
            status="removed",
            removal_reason=reason,
            leaver=False,
            attested_at=None,
            attested_by=None,
            **changed,
        ).where(Student.id << ids).execute()
        _record("child.removed", actor, cycle_id, school, ids, now, reason)
    for grade, ids in kept.items():
        Student.update(grade=grade, leaver=False, **changed).where(Student.id << ids).execute()
    stay = sorted(child_id for ids in kept.values() for child_id in ids)
    if stay:
        _record("child.kept", actor, cycle_id, school, stay, now)
    gone = [child_id for ids in removed.values() for child_id in ids]
    UnitState.update(
        children=UnitState.children - len(gone),
        attested=UnitState.attested
        - sum(found[child_id].attested_at is not None for child_id in gone),
    ).where(UnitState.cycle == cycle_id, UnitState.unit == school.id).execute()
    if found:
        findings.refresh(cycle_id, school, now, sorted(found))
    requests.close_left(cycle_id, gone, actor, now)
    return len(gone), len(stay)


def _record(
    tag: str,
    actor: Actor,
    cycle_id: int,
    school: Unit,
    ids: list[int],
    now: datetime,
    reason: str = "",
) -> None:
    history.record(
        tag,
        actor,
        now,
        unit=school,
        cycle_id=cycle_id,
        reason=reason,
        details={"count": len(ids), "ids": ids},
        student_id=ids[0] if len(ids) == 1 else None,
    )
