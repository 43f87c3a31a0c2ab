"""Requests for children as every door ends them: those of transfers, and of who takes a child out.

The caller holds the standing of the holding school locked, or that of the levels above.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from peewee import chunked

from admin_app.database import for_update
from admin_app.domain.access import Actor
from admin_app.domain.text import N_
from admin_app.models import Student, Transfer, Unit
from admin_app.services import history

ASKED, RELEASED, REFUSED, WITHDRAWN = "asked", "released", "refused", "withdrawn"
LEFT = N_("The child has left the other school: record it directly.")
AT_ONCE = 500


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


def _waiting(cycle_id: int, student_ids: Collection[int]) -> list[Transfer]:
    """The requests that wait for these rows, locked; one query for some hundred rows."""
    return [
        transfer
        for some in chunked(sorted(student_ids), AT_ONCE)
        for transfer in for_update(
            Transfer.select()
            .where(
                Transfer.cycle == cycle_id,
                Transfer.student_id << some,
                Transfer.status == ASKED,
            )
            .order_by(Transfer.id)
        )
    ]


def close(
    cycle_id: int, student_ids: Collection[int], reason: str, actor: Actor, now: datetime
) -> None:
    """End every request that still waits for one of these rows, which have gone elsewhere."""
    for transfer in _waiting(cycle_id, student_ids):
        end(transfer, REFUSED, reason, actor, now)


def close_left(cycle_id: int, student_ids: Collection[int], actor: Actor, now: datetime) -> None:
    """End the requests for rows that their school has just removed, after they are written.

    Where the school still holds the number on another row, the request is about that one: only a
    duplicate of it went.
    """
    for transfer in _waiting(cycle_id, student_ids):
        same = holding(cycle_id, transfer.id_number)
        stays = same.where(Student.school == transfer.from_school_id).first()
        if stays is None:
            end(transfer, REFUSED, LEFT, actor, now)
        else:
            Transfer.update(student_id=stays.id, version=Transfer.version + 1).where(
                Transfer.id == transfer.id
            ).execute()


def decide(transfer: Transfer, status: str, actor: Actor, now: datetime, **more: Any) -> None:
    """Write that a request is answered."""
    Transfer.update(
        {
            "status": status,
            "decided_at": now,
            "decided_by": actor.user_id,
            "version": Transfer.version + 1,
            **more,
        }
    ).where(Transfer.id == transfer.id).execute()


def end(transfer: Transfer, status: str, reason: str, actor: Actor, now: datetime) -> None:
    """End a request without a move. What the asking school reads names nobody of the other."""
    decide(transfer, status, actor, now, decision_reason=reason)
    tag = f"transfer.{status}"
    record(tag, transfer, actor, now, transfer.from_school, transfer.student_id, reason)
    unnamed = actor if status == WITHDRAWN else replace(actor, name="")
    record(tag, transfer, unnamed, now, transfer.to_school, None, reason)


def record(
    tag: str,
    transfer: Transfer,
    actor: Actor,
    now: datetime,
    unit: Unit,
    student_id: int | None,
    reason: str = "",
) -> None:
    """An entry in the history of one of the two schools, on the row that is its own."""
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
