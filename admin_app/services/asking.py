"""The one door for asking after a child that another school holds: a transfer begins here.

Who asks learns only that another school holds the number: not which one, nor anything of the child.
Every ask stands in the access log, whatever comes of it, and a person can ask only so often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from admin_app.database import Clock, for_share, for_update, transaction
from admin_app.domain import identity
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import SCHOOL
from admin_app.domain.moves import Refusal
from admin_app.domain.text import N_
from admin_app.domain.thai import clean
from admin_app.models import AccessLog, Student, Transfer, Unit, User
from admin_app.services import across, history, standing
from admin_app.services.errors import Invalid, NotFound, Refused
from admin_app.services.requests import ASKED, holding
from admin_app.services.scope import ref, unit_by_id
from admin_app.services.transfers import MOST_REASON, offers

MOST_ASKS, ASKS_IN = 30, timedelta(hours=1)
"""So many asks of one person in that time: enough for the first day of school, not for guessing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The open requests for a number, one a holding school. ``again``: they stood there already."""

    requests: tuple[Transfer, ...]
    again: bool


def held_elsewhere(child: Student) -> bool:
    """Whether another school of the cycle holds the child's number, too: all that may be told."""
    if child.status != "active" or not child.id_number:
        return False
    others = holding(child.cycle_id, child.id_number).where(Student.school != child.school_id)
    return bool(others.exists())


def _note_ask(actor: Actor, cycle_id: int, school: Unit, clock: Clock) -> None:
    """Write the ask to the access log, whatever comes of it; Refused when there were too many.

    In a transaction of its own, which holds the person's account, so that many at once are counted.
    """
    with transaction():
        for_update(User.select(User.id).where(User.id == actor.user_id)).get()
        now = clock()
        recent = AccessLog.select().where(
            AccessLog.at > now - ASKS_IN,
            AccessLog.user == actor.user_id,
            AccessLog.tag == "child.asked",
        )
        if recent.count() >= MOST_ASKS:
            raise Refused([Refusal("asked_too_often", {"most": MOST_ASKS})])
        history.log_access("child.asked", actor, now, unit_id=school.id, cycle_id=cycle_id, rows=1)


def _number(values: dict[str, Any]) -> tuple[str, str]:
    """(kind, number) as they are stored. Invalid."""
    kind = str(values.get("id_kind") or "")
    if kind not in identity.BY_KEY or not identity.BY_KEY[kind].numbered:
        raise Invalid({"id_kind": (N_("Choose one of the list."), {})})
    number = identity.normalise(kind, values.get("id_number"))
    problem = identity.check(kind, number)
    if problem:
        raise Invalid({"id_number": (identity.MESSAGES[problem], {})})
    return kind, number


def _checked(values: dict[str, Any], school: Unit, own: Student | None) -> tuple[str, str]:
    """(grade, reason) as they are stored; a grade is not needed when the child is here already."""
    errors: dict[str, tuple[str, dict[str, Any]]] = {}
    typed = str(values.get("grade") or "")
    grade = typed or (own.grade if own else "")
    if (typed or own is None) and not offers(school.id, grade):
        errors["grade"] = (N_("Choose a grade that the school offers."), {})
    reason = clean(str(values.get("reason") or ""))
    if not reason or len(reason) > MOST_REASON:
        text = N_("Write why the child comes to you, in %(most)d characters at the most.")
        errors["reason"] = (text, {"most": MOST_REASON})
    if errors:
        raise Invalid(errors)
    return grade, reason


def _own_school(actor: Actor, school_id: Any) -> Unit:
    school = unit_by_id(actor, school_id)
    if school.level != SCHOOL or not may(actor, "transfer:ask", ref(school)):
        raise NotFound("school")
    return school


def ask(actor: Actor, cycle_id: int, school_id: Any, values: dict[str, Any], clock: Clock) -> Asked:
    """Ask whoever holds the number of ``values`` to release the child to the school.

    ``values``: id_kind, id_number, grade, reason. Asked twice is the same request. Raises NotFound,
    Invalid (per field), Refused (too often; state, window; nobody else holds the number).
    """
    school = _own_school(actor, school_id)
    kind, number = _number(values)
    own = holding(cycle_id, number).where(Student.school == school.id).first()
    grade, reason = _checked(values, school, own)
    _note_ask(actor, cycle_id, school, clock)
    with transaction():
        seen = standing.read(cycle_id, school, lock=True)
        now = clock()
        told = across.judge(actor, "transfer:ask", seen, now)
        if told:
            raise Refused(told)
        holders: dict[int, Student] = {}
        # shared: whoever takes the row out meanwhile finds this request and ends it
        for row in for_share(holding(cycle_id, number).where(Student.school != school.id)):
            holders.setdefault(row.school_id, row)
        if not holders:
            raise Refused([Refusal("number_only_here" if own else "number_nowhere")])
        found = [_open_request(row, school) for row in holders.values()]
        requests = [
            request or _new_request(actor, row, school, (kind, grade, reason), now)
            for request, row in zip(found, holders.values(), strict=True)
        ]
        if None in found:
            history.record(
                "transfer.asked",
                actor,
                now,
                unit=school,
                cycle_id=cycle_id,
                reason=reason,
                student_id=own.id if own else None,
            )
        return Asked(tuple(requests), again=None not in found)


def _open_request(row: Student, school: Unit) -> Transfer | None:
    return Transfer.get_or_none(
        Transfer.cycle == row.cycle_id,
        Transfer.student_id == row.id,
        Transfer.status == ASKED,
        Transfer.to_school == school.id,
    )


def _new_request(
    actor: Actor, row: Student, school: Unit, typed: tuple[str, str, str], now: datetime
) -> Transfer:
    kind, grade, reason = typed
    made = Transfer.create(
        cycle=row.cycle_id,
        id_kind=kind,
        id_number=row.id_number,
        from_school=row.school_id,
        to_school=school.id,
        student_id=row.id,
        grade=grade,
        reason=reason,
        asked_at=now,
        asked_by=actor.user_id,
    )
    history.record(
        "transfer.asked",
        actor,
        now,
        unit=row.school,
        cycle_id=row.cycle_id,
        reason=reason,
        details={"transfer": made.id},
        student_id=row.id,
        own_work=False,
    )
    return made
