"""Writes that touch several schools at once: locked in one order, each judged by its own name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from admin_app.domain.access import Actor, may
from admin_app.domain.moves import Refusal, Status, judge_writable
from admin_app.models import Unit
from admin_app.services.standing import Standing, read


def lock(cycle_id: int, schools: Iterable[Unit]) -> dict[int, Standing]:
    """School id → its standing, locked: ancestors shared, own state for writing.

    From the lowest id upwards, so that two writes over the same schools wait for each other and
    never both ways. NotFound when one takes no part in the cycle. Only inside a transaction.
    """
    ordered = sorted({school.id: school for school in schools}.items())
    return {school_id: read(cycle_id, school, lock=True) for school_id, school in ordered}


def unwritable(standing: Standing, now: datetime) -> list[Refusal]:
    """Why no row of this school may be written now, naming it and who can help; empty: it may."""
    return [_named(refusal, standing) for refusal in _writable(standing, now)]


def judge(actor: Actor, permission: str, standing: Standing, now: datetime) -> list[Refusal]:
    """As ``unwritable``, after the question whether the actor has ``permission`` there."""
    if not may(actor, permission, standing.ref):
        return [Refusal("not_allowed")]
    return unwritable(standing, now)


def _writable(standing: Standing, now: datetime) -> tuple[Refusal, ...]:
    return judge_writable(standing.chain, standing.window, now)


def _named(refusal: Refusal, standing: Standing) -> Refusal:
    """The refusal with the school's name in it."""
    school = standing.unit.name
    confirmed = [state.unit for state in standing.above if state.status == Status.CONFIRMED]
    if refusal.code == "window_closed":
        return Refusal("school_closed", {"school": school, "until": standing.window.record_until})
    if refusal.code in ("already_confirmed", "above_confirmed") and confirmed:
        return Refusal("school_above_confirmed", {"school": school, "unit": confirmed[0].name})
    if refusal.code == "already_confirmed":
        above = standing.above[0].unit.name
        return Refusal("school_confirmed", {"school": school, "above": above})
    return refusal
