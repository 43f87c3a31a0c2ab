"""The one door for writes to children: scope, window, version, counters and history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peewee import fn

from admin_app.database import Clock, for_update, transaction, tuples
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import SCHOOL
from admin_app.domain.moves import Refusal, judge_record
from admin_app.domain.text import N_
from admin_app.models import Event, Student, Unit, UnitState
from admin_app.services import child_fields, findings, history, requests
from admin_app.services.child_rows import count, removal, take_in
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.scope import ref, student_ref, unit_by_id
from admin_app.services.standing import Standing, read
from admin_app.services.typed import row_id, row_ids

REMOVAL_REASONS: dict[str, str] = {
    "moved": N_("Moved to another school"),
    "left": N_("Left school"),
    "graduated": N_("Graduated"),
    "died": N_("Died"),
    "not_exist": N_("Does not exist"),
    "duplicate": N_("Duplicate"),
}
_UNKNOWN = N_("Choose one of the list.")


def _writable(actor: Actor, cycle_id: int, school: Unit, verb: str, now_of: Clock) -> datetime:
    """Lock the school's standing and judge; answers with the moment that was judged."""
    standing: Standing = read(cycle_id, school, lock=True)
    now = now_of()
    refusals = judge_record(
        actor, f"child:{verb}", standing.ref, standing.chain, standing.window, now
    )
    if refusals:
        raise Refused(refusals)
    return now


def recount(cycle_id: int) -> None:
    """Set every school's counters from its rows (after a seed or a carry-over)."""
    UnitState.update(children=0, attested=0).where(
        UnitState.cycle == cycle_id, UnitState.level == SCHOOL
    ).execute()
    tally: Iterable[Any] = (
        Student.select(
            Student.school,
            fn.COUNT(Student.id),
            fn.COUNT(Student.attested_at),
        )
        .where(Student.cycle == cycle_id, Student.status == "active")
        .group_by(Student.school)
        .tuples()
    )
    for school_id, children, attested in list(tally):
        UnitState.update(children=children, attested=attested).where(
            UnitState.cycle == cycle_id, UnitState.unit == school_id
        ).execute()


def get(actor: Actor, student_id: Any, verb: str = "read") -> Student:
    """The child, if ``child:<verb>`` reaches it; NotFound otherwise."""
    student = Student.get_or_none(Student.id == row_id(student_id))
    if student is None or not may(actor, f"child:{verb}", student_ref(student)):
        raise NotFound("child")
    return student


def create(
    actor: Actor, cycle_id: int, school_id: int, values: dict[str, Any], clock: Clock
) -> Student:
    """Record a child. Raises NotFound, Invalid (per field), Refused (state, window)."""
    cleaned = child_fields.cleaned(values)
    with transaction():
        school = unit_by_id(actor, school_id)
        if school.level != "school":
            raise NotFound("school")
        now = _writable(actor, cycle_id, school, "create", clock)
        student = take_in(cycle_id, school, cleaned, actor, now)
        findings.refresh(cycle_id, school, now, [student.id])
        history.record(
            "child.created",
            actor,
            now,
            unit=school,
            cycle_id=cycle_id,
            student_id=student.id,
        )
        return student


def _locked(student_id: int) -> Student:
    return for_update(Student.select().where(Student.id == student_id)).get()


def edit(
    actor: Actor, student_id: int, version: int, values: dict[str, Any], clock: Clock
) -> Student:
    """Change a child's fields. Conflict carries the row as somebody else left it.

    Raises NotFound, Refused (state, window), Conflict, Invalid (per field).
    """
    with transaction():
        seen = get(actor, student_id)
        now = _writable(actor, seen.cycle_id, seen.school, "edit", clock)
        student = _locked(seen.id)
        if student.version != version:
            raise Conflict(student)
        cleaned, stored = child_fields.cleaned(values, student), child_fields.stored(student)
        changed = {key: value for key, value in cleaned.items() if value != stored[key]}
        if not changed:
            return student
        update, cleared = child_fields.update(student, changed, now, actor.user_id)
        update["version"] = Student.version + 1
        Student.update(update).where(Student.id == student.id).execute()
        if cleared:
            count(student.cycle_id, student.school_id, attested=-1)
        findings.refresh(student.cycle_id, seen.school, now, [student.id])
        history.record(
            "child.edited",
            actor,
            now,
            unit=student.school,
            cycle_id=student.cycle_id,
            student_id=student.id,
            details={"fields": sorted(changed), "attestation_cleared": cleared},
        )
        return Student.get_by_id(student.id)


def _by_school(actor: Actor, ids: Iterable[Any], verb: str) -> dict[tuple[int, int], list[int]]:
    """(cycle, school) → ids that the actor may ``verb``; ids outside the scope are left out."""
    grouped: dict[tuple[int, int], list[int]] = {}
    for student in Student.select().where(Student.id << row_ids(ids)):
        if may(actor, f"child:{verb}", student_ref(student)):
            grouped.setdefault((student.cycle_id, student.school_id), []).append(student.id)
    return grouped


def _change_many(
    actor: Actor,
    ids: Iterable[Any],
    verb: str,
    tag: str,
    clock: Clock,
    *,
    where: Any,
    update: Any,
    counted: Any,
    reason: str = "",
    seen: Mapping[int, int] | None = None,
    out: bool = False,
) -> int:
    """One change on many children; all or none. Answers how many rows changed.

    ``seen``: id → version as they were shown; rows that have changed since are left as they are.
    ``out``: the rows leave the school, and whoever asks for them is told.
    """
    total = 0
    with transaction():
        for (cycle_id, school_id), student_ids in sorted(_by_school(actor, ids, verb).items()):
            school = unit_by_id(actor, school_id)
            now = _writable(actor, cycle_id, school, verb, clock)
            rows = list(
                for_update(Student.select().where(Student.id << student_ids, where)).order_by(
                    Student.id
                )
            )
            if seen is not None:
                rows = [row for row in rows if seen.get(row.id) == row.version]
            if not rows:
                continue
            Student.update(
                {
                    **update(now),
                    "version": Student.version + 1,
                    "updated_at": now,
                    "updated_by": actor.user_id,
                }
            ).where(Student.id << [row.id for row in rows]).execute()
            changes = counted(rows)
            count(cycle_id, school_id, **changes)
            if "children" in changes:
                findings.refresh(cycle_id, school, now, [row.id for row in rows])
            if out:
                requests.close_left(cycle_id, [row.id for row in rows], actor, now)
            history.record(
                tag,
                actor,
                now,
                unit=school,
                cycle_id=cycle_id,
                reason=reason,
                details={"count": len(rows), "ids": [row.id for row in rows]},
                student_id=rows[0].id if len(rows) == 1 else None,
            )
            total += len(rows)
    return total


def attest(
    actor: Actor,
    ids: Iterable[Any],
    clock: Clock,
    *,
    seen: Mapping[int, int] | None = None,
    only: Any = None,
) -> int:
    """Attest children as existing (ตรวจสอบการมีตัวตน); answers how many were newly attested.

    ``seen``: as ``_change_many``; ``only``: a condition that they must meet, too.
    """
    # a proposed leaver may be gone: that is asked first
    where = (Student.status == "active") & Student.attested_at.is_null() & ~Student.leaver
    return _change_many(
        actor,
        ids,
        "attest",
        "child.attested",
        clock,
        where=where if only is None else where & only,
        update=lambda now: {"attested_at": now, "attested_by": actor.user_id},
        counted=lambda rows: {"attested": len(rows)},
        seen=seen,
    )


def changed_since(seen: Mapping[int, int]) -> int:
    """How many children are no longer as they were shown (id → version)."""
    rows = tuples(Student.select(Student.id, Student.version).where(Student.id << list(seen)))
    return sum(seen[id_] != version for id_, version in rows)


def attest_class(
    actor: Actor,
    cycle_id: int,
    school_id: int,
    grade: str,
    seen: Mapping[int, int],
    clock: Clock,
) -> int:
    """Attest the children of a grade that were counted when the page was shown (id → version).

    Nobody is attested unseen: who was recorded, edited or moved into the grade since is left, as
    are children of other schools. Answers how many were attested. Raises NotFound, Refused.
    """
    school = unit_by_id(actor, school_id)
    if not may(actor, "child:attest", ref(school)):
        raise Refused([Refusal("not_allowed")])
    here = (Student.cycle == cycle_id) & (Student.school == school.id) & (Student.grade == grade)
    return attest(actor, seen, clock, seen=seen, only=here)


def attest_school(
    actor: Actor, cycle_id: int, school_id: int, clock: Clock, shown: datetime | None = None
) -> int:
    """Attest every active child of a school that is not attested yet. Raises NotFound, Refused.

    ``shown``: when the page with the button was made; who was written after that is left.
    """
    school = unit_by_id(actor, school_id)
    if not may(actor, "child:attest", ref(school)):
        raise Refused([Refusal("not_allowed")])
    ids = Student.select(Student.id).where(
        Student.cycle == cycle_id,
        Student.school == school.id,
        Student.status == "active",
        Student.attested_at.is_null(),
    )
    before = None if shown is None else Student.updated_at <= shown
    return attest(actor, [student_id for (student_id,) in tuples(ids)], clock, only=before)


def remove(actor: Actor, ids: Iterable[Any], reason: str, clock: Clock) -> int:
    """Take children out with a reason of ``REMOVAL_REASONS``; never erased, can be restored."""
    if reason not in REMOVAL_REASONS:
        raise Invalid({"reason": (_UNKNOWN, {})})
    return _change_many(
        actor,
        ids,
        "remove",
        "child.removed",
        clock,
        where=Student.status == "active",
        update=lambda now: removal(reason),
        counted=lambda rows: {
            "children": -len(rows),
            "attested": -sum(row.attested_at is not None for row in rows),
        },
        reason=reason,
        out=True,
    )


def restore(actor: Actor, ids: Iterable[Any], clock: Clock) -> int:
    """Bring removed children back, not attested."""
    return _change_many(
        actor,
        ids,
        "restore",
        "child.restored",
        clock,
        where=Student.status == "removed",
        update=lambda now: {"status": "active", "removal_reason": ""},
        counted=lambda rows: {"children": len(rows)},
    )


def timeline(student_id: int) -> list[Event]:
    """The child's history, newest first."""
    return list(
        Event.select().where(Event.student_id == student_id).order_by(Event.id.desc()).limit(50)
    )
