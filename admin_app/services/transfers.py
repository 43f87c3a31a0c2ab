"""The one door for answering transfers: the holding school releases the child, or refuses.

A release is one transaction over both schools: the child is never in both and never in none. What
the asking school reads of an answer names nobody of the other. Asking is in ``asking.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import DEPARTMENT
from admin_app.domain.moves import Refusal, Status
from admin_app.domain.text import N_
from admin_app.domain.thai import clean, to_local
from admin_app.models import Grade, SchoolGrade, Student, Transfer, Unit, UnitState
from admin_app.services import across, child_rows, findings, requests, standing
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.requests import ASKED, REFUSED, RELEASED, WITHDRAWN, holding
from admin_app.services.scope import ref
from admin_app.services.typed import row_id

STATUSES: dict[str, str] = {
    ASKED: N_("Waiting for an answer"),
    RELEASED: N_("Released"),
    REFUSED: N_("Not released"),
    WITHDRAWN: N_("Withdrawn"),
}
MOST_REASON = 500
GONE_ELSEWHERE = N_("The child went to another school that had asked, too.")
# what goes along; the grade is the new school's, and the attestation begins anew
GOES_ALONG = (
    "id_kind",
    "id_number",
    "no_id_reason",
    "prefix",
    "first_name",
    "last_name",
    "sex",
    "birth_date",
    "nationality",
    "disability",
    "disadvantage",
    "home_subdistrict",
)


def get(actor: Actor, transfer_id: Any, verb: str = "read") -> Transfer:
    """The request, if ``transfer:<verb>`` reaches it; NotFound otherwise.

    One asks for the receiving school and decides for the holding one; either end may read.
    """
    found = Transfer.get_or_none(Transfer.id == row_id(transfer_id))
    if found is None:
        raise NotFound("transfer")
    ends = {"ask": (found.to_school,), "decide": (found.from_school,)}
    if not any(
        may(actor, f"transfer:{verb}", ref(unit))
        for unit in ends.get(verb, (found.from_school, found.to_school))
    ):
        raise NotFound("transfer")
    return found


def _waiting(transfer_id: int) -> Transfer:
    """The request, locked, while it waits for an answer. Refused."""
    transfer: Transfer = for_update(Transfer.select().where(Transfer.id == transfer_id)).get()
    if transfer.status != ASKED:
        raise Refused([Refusal("transfer_decided")])
    return transfer


def _held(transfer: Transfer) -> Student:
    """The holding school's row, locked with what else carries the number there. Refused."""
    query = holding(transfer.cycle_id, transfer.id_number)
    rows = list(for_update(query.where(Student.school == transfer.from_school_id)))
    row = next((row for row in rows if row.id == transfer.student_id), None)
    school = {"school": transfer.from_school.name}
    if row is None:
        raise Refused([Refusal("transfer_gone", school)])
    if len(rows) > 1:
        raise Refused([Refusal("number_twice", school)])
    return row


def stands(transfer: Transfer) -> bool:
    """Whether the holding school still holds the child under the number that was asked for."""
    row: Student | None = Student.get_or_none(Student.id == transfer.student_id)
    return row is not None and (row.status, row.school_id, row.id_number) == (
        "active",
        transfer.from_school_id,
        transfer.id_number,
    )


def offers(school_id: int, grade: str) -> bool:
    """Whether the school offers the grade."""
    offered = SchoolGrade.select().join(Grade).where(SchoolGrade.school == school_id)
    return bool(offered.where(Grade.code == grade).exists())


def _own_row(transfer: Transfer) -> Student | None:
    """The row that the receiving school has of the child already."""
    rows = holding(transfer.cycle_id, transfer.id_number)
    found: Student | None = rows.where(Student.school == transfer.to_school_id).first()
    return found


def _grade(transfer: Transfer, own: Student | None) -> list[Refusal]:
    """Why the child cannot come into the grade that was asked for; one that is there keeps its."""
    if own is not None or offers(transfer.to_school_id, transfer.grade):
        return []
    return [Refusal("grade_not_offered", {"school": transfer.to_school.name})]


def closed(cycle_id: int) -> bool:
    """Whether the cycle is closed nationally: nothing is answered any more."""
    return bool(
        UnitState.select()
        .where(
            UnitState.cycle == cycle_id,
            UnitState.level == DEPARTMENT,
            UnitState.status == Status.CONFIRMED,
        )
        .exists()
    )


def _not_closed(transfer: Transfer, unit: Unit) -> None:
    """Keep the levels above from being confirmed; Refused after the national close."""
    above = standing.lock_above(transfer.cycle_id, unit)
    if any(s.level == DEPARTMENT and s.status == Status.CONFIRMED for s in above):
        raise Refused([Refusal("department_closed")])


def in_the_way(actor: Actor, transfer: Transfer, now: datetime) -> list[Refusal]:
    """Why the child cannot be released now, each school named; empty: it can."""
    holding = standing.read(transfer.cycle_id, transfer.from_school)
    receiving = standing.read(transfer.cycle_id, transfer.to_school)
    told = across.judge(actor, "transfer:decide", holding, now)
    told += [r for r in across.unwritable(receiving, now) if r not in told]
    if not stands(transfer):
        told.append(Refusal("transfer_gone", {"school": transfer.from_school.name}))
    return told + _grade(transfer, _own_row(transfer))


def release(actor: Actor, transfer_id: Any, child_version: int, clock: Clock) -> Transfer:
    """Let the child go to the school that asked, in one transaction over both.

    ``child_version``: of the row as the person saw it. Raises NotFound, Refused (answered already,
    gone, state and window of either school, each named), Conflict with the changed row.
    """
    with transaction():
        seen = get(actor, transfer_id, "decide")
        source, target = seen.from_school, seen.to_school
        locked = across.lock(seen.cycle_id, [source, target])
        now = clock()
        transfer = _waiting(seen.id)
        told = across.judge(actor, "transfer:decide", locked[source.id], now)
        told += [r for r in across.unwritable(locked[target.id], now) if r not in told]
        if told:
            raise Refused(told)
        row = _held(transfer)
        if row.version != child_version:
            raise Conflict(row)
        own = _own_row(transfer)
        told = _grade(transfer, own)
        if told:
            raise Refused(told)
        child_rows.take_out(row, "moved", actor, now)
        moved = own or child_rows.take_in(
            row.cycle_id,
            target,
            {key: row.__data__[key] for key in GOES_ALONG}
            | {"grade": transfer.grade, "entered_on": to_local(now).date()},
            actor,
            now,
        )
        requests.decide(transfer, RELEASED, actor, now, moved_id=moved.id)
        requests.close(row.cycle_id, [row.id], GONE_ELSEWHERE, actor, now)
        for unit, student_id in ((source, row.id), (target, moved.id)):
            requests.record("transfer.released", transfer, actor, now, unit, student_id)
        findings.refresh(row.cycle_id, source, now, [row.id])
        findings.refresh(row.cycle_id, target, now, [moved.id])
        return Transfer.get_by_id(transfer.id)


def refuse(actor: Actor, transfer_id: Any, reason: str, clock: Clock) -> Transfer:
    """The holding school keeps the child, and says why. Raises NotFound, Invalid, Refused."""
    text = clean(reason)
    if not text or len(text) > MOST_REASON:
        wanted = N_("Write why the child stays, in %(most)d characters at the most.")
        raise Invalid({"reason": (wanted, {"most": MOST_REASON})})
    with transaction():
        seen = get(actor, transfer_id, "decide")
        _not_closed(seen, seen.from_school)
        transfer = _waiting(seen.id)
        requests.end(transfer, REFUSED, text, actor, clock())
        return Transfer.get_by_id(transfer.id)


def withdraw(actor: Actor, transfer_id: Any, clock: Clock) -> Transfer:
    """The receiving school takes its request back. Raises NotFound, Refused."""
    with transaction():
        seen = get(actor, transfer_id, "ask")
        _not_closed(seen, seen.to_school)
        transfer = _waiting(seen.id)
        requests.end(transfer, WITHDRAWN, "", actor, clock())
        return Transfer.get_by_id(transfer.id)
