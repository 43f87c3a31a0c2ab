"""The one door for answering transfers: the holding school releases the child, or refuses.

A release is one transaction over both schools: the child is never in both and never in none. What
the asking school reads of an answer names nobody of the other. Asking is in ``asking.py``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.moves import Refusal
from admin_app.domain.text import N_
from admin_app.domain.thai import clean, to_local
from admin_app.models import Student, Transfer, Unit
from admin_app.services import across, child_rows, findings, history, standing
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.scope import ref
from admin_app.services.typed import row_id

ASKED, RELEASED, REFUSED, WITHDRAWN = "asked", "released", "refused", "withdrawn"
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


def holding(cycle_id: int, number: str) -> Any:
    """Active rows of the cycle with this number, by its index, lowest id first.

    A status joined with nothing keeps SQLite off the index that begins with cycle and status.
    """
    return (
        Student.select()
        .where(
            Student.cycle == cycle_id,
            Student.id_number == number,
            Student.status.concat("") == "active",
        )
        .order_by(Student.id)
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


def in_the_way(actor: Actor, transfer: Transfer, now: datetime) -> list[Refusal]:
    """Why the child cannot be released now, each school named; empty: it can."""
    holding = standing.read(transfer.cycle_id, transfer.from_school)
    receiving = standing.read(transfer.cycle_id, transfer.to_school)
    told = across.judge(actor, "transfer:decide", holding, now)
    told += [r for r in across.unwritable(receiving, now) if r not in told]
    if not stands(transfer):
        told.append(Refusal("transfer_gone", {"school": transfer.from_school.name}))
    return told


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
        own = holding(row.cycle_id, transfer.id_number).where(Student.school == target.id).first()
        child_rows.take_out(row, "moved", actor, now)
        moved = own or child_rows.take_in(
            row.cycle_id,
            target,
            {key: row.__data__[key] for key in GOES_ALONG}
            | {"grade": transfer.grade, "entered_on": to_local(now).date()},
            actor,
            now,
        )
        _decide(transfer, RELEASED, actor, now, moved_id=moved.id)
        close(row.id, GONE_ELSEWHERE, actor, now)
        for unit, student_id in ((source, row.id), (target, moved.id)):
            _record("transfer.released", transfer, actor, now, unit, student_id)
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
        transfer = _waiting(get(actor, transfer_id, "decide").id)
        _end(transfer, REFUSED, text, actor, clock())
        return Transfer.get_by_id(transfer.id)


def withdraw(actor: Actor, transfer_id: Any, clock: Clock) -> Transfer:
    """The receiving school takes its request back. Raises NotFound, Refused."""
    with transaction():
        transfer = _waiting(get(actor, transfer_id, "ask").id)
        _end(transfer, WITHDRAWN, "", actor, clock())
        return Transfer.get_by_id(transfer.id)


def close(student_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """End every request that still waits for a row which has just left its school."""
    waiting = Transfer.select().where(Transfer.student_id == student_id, Transfer.status == ASKED)
    for transfer in for_update(waiting.order_by(Transfer.id)):
        _end(transfer, REFUSED, reason, actor, now)


def _decide(transfer: Transfer, status: str, actor: Actor, now: datetime, **more: Any) -> None:
    Transfer.update(
        {
            "status": status,
            "decided_at": now,
            "decided_by": actor.user_id,
            "version": Transfer.version + 1,
            **more,
        }
    ).where(Transfer.id == transfer.id).execute()


def _end(transfer: Transfer, status: str, reason: str, actor: Actor, now: datetime) -> None:
    """End a request without a move. What the asking school reads names nobody of the other."""
    _decide(transfer, status, actor, now, decision_reason=reason)
    tag = f"transfer.{status}"
    _record(tag, transfer, actor, now, transfer.from_school, transfer.student_id, reason)
    unnamed = actor if status == WITHDRAWN else replace(actor, name="")
    _record(tag, transfer, unnamed, now, transfer.to_school, None, reason)


def _record(
    tag: str,
    transfer: Transfer,
    actor: Actor,
    now: datetime,
    unit: Unit,
    student_id: int | None,
    reason: str = "",
) -> None:
    asked = tag == "transfer.withdrawn"
    acting = transfer.to_school_id if asked else transfer.from_school_id
    history.record(
        tag,
        actor,
        now,
        unit=unit,
        cycle_id=transfer.cycle_id,
        reason=reason,
        details={"transfer": transfer.id},
        student_id=student_id,
        own_work=unit.id == acting,
    )
