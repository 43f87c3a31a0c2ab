"""The state machine: every move as a row, and one pure function that judges it.

Source: the product's contract, "The state machine". ``judge`` answers with the reasons why a move
is refused, each with what to do next; an empty answer means that it may be done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from admin_app.domain.access import GRANTS, Actor, UnitRef, may
from admin_app.domain.levels import DEPARTMENT, SCHOOL
from admin_app.domain.refusals import REFUSALS, Refusal
from admin_app.domain.text import N_
from admin_app.domain.windows import Window


class Status(StrEnum):
    """The two states of a unit in a cycle."""

    OPEN = "open"
    CONFIRMED = "confirmed"


STATUS_NAMES: dict[Status, str] = {
    Status.OPEN: N_("Open"),
    Status.CONFIRMED: N_("Confirmed"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a move is judged on, read inside the writing transaction.

    ``above``: the states of the ancestors, nearest first. ``below_open``: active units directly
    below that are not confirmed. ``blockers``: what blocks confirming, counted by code.
    """

    unit: UnitRef
    status: Status
    window: Window
    above: tuple[tuple[str, Status], ...] = ()
    below_open: int = 0
    blockers: tuple[Refusal, ...] = ()
    active: bool = True
    extended_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One move. ``checks`` are tried in order; all that refuse are told at once."""

    key: str
    name: str
    done: str
    from_status: Status | None
    to_status: Status | None
    needs_reason: bool
    levels: tuple[str, ...]
    checks: tuple[Callable[[Facts, Request], Refusal | None], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for: the move, who, when, and what they typed."""

    move: str
    actor: Actor
    now: datetime
    reason: str = ""
    until: datetime | None = None


def _in_window(facts: Facts, request: Request) -> Refusal | None:
    if not facts.window.started:
        return Refusal("not_started")
    if request.now < facts.window.opens_at:
        return Refusal("before_open", {"opens_at": facts.window.opens_at})
    if not facts.window.may_confirm(request.now):
        return Refusal("window_closed", {"until": facts.window.confirm_until})
    return None


def _after_close(facts: Facts, request: Request) -> Refusal | None:
    if not facts.window.started:
        return Refusal("not_started")
    if request.now < facts.window.closes_at:
        return Refusal("not_closed_yet", {"closes_at": facts.window.closes_at})
    return None


def _above_open(facts: Facts, request: Request) -> Refusal | None:
    if any(status is Status.CONFIRMED for _, status in facts.above):
        return Refusal("above_confirmed")
    return None


def _below_confirmed(facts: Facts, request: Request) -> Refusal | None:
    return Refusal("below_open", {"count": facts.below_open}) if facts.below_open else None


def _missing_explained(facts: Facts, request: Request) -> Refusal | None:
    """The national close may leave provinces out, with a reason (contract: close department)."""
    if facts.below_open and not request.reason.strip():
        return Refusal("below_open", {"count": facts.below_open})
    return None


def _active(facts: Facts, request: Request) -> Refusal | None:
    return None if facts.active else Refusal("inactive")


def _reopen_after_close(facts: Facts, request: Request) -> Refusal | None:
    """After the close, or over a closed department, only DLA reopens."""
    if request.actor.role == DEPARTMENT:
        return None
    if (DEPARTMENT, Status.CONFIRMED) in facts.above:
        return Refusal("department_closed")
    if request.now >= max(facts.window.closes_at, facts.window.confirm_until):
        return Refusal("only_department")
    return None


def _started(facts: Facts, request: Request) -> Refusal | None:
    return None if facts.window.started else Refusal("not_started")


def _until(facts: Facts, request: Request) -> Refusal | None:
    if request.until is None:
        return Refusal("until_missing")
    if request.until <= request.now:
        return Refusal("until_past")
    if request.actor.role != DEPARTMENT and request.until > facts.window.closes_at:
        return Refusal("until_beyond_close", {"closes_at": facts.window.closes_at})
    granted = facts.extended_until
    if request.actor.role != DEPARTMENT and granted and granted > facts.window.closes_at:
        return Refusal("extended_by_department", {"until": granted})
    return None


def _not_over_closed_department(facts: Facts, request: Request) -> Refusal | None:
    closed = (DEPARTMENT, Status.CONFIRMED) in facts.above
    return Refusal("department_closed") if closed and request.actor.role != DEPARTMENT else None


_BELOW_DEPARTMENT = (SCHOOL, "lao", "province")

MOVES: dict[str, Move] = {
    move.key: move
    for move in (
        Move(
            "confirm",
            N_("Confirm"),
            N_("Confirmed"),
            Status.OPEN,
            Status.CONFIRMED,
            needs_reason=False,
            levels=_BELOW_DEPARTMENT,
            checks=(_active, _in_window, _above_open, _below_confirmed),
        ),
        Move(
            "close",
            N_("Close nationally"),
            N_("Closed nationally"),
            Status.OPEN,
            Status.CONFIRMED,
            needs_reason=False,
            levels=(DEPARTMENT,),
            checks=(_after_close, _missing_explained),
        ),
        Move(
            "return",
            N_("Return for correction"),
            N_("Returned for correction"),
            Status.CONFIRMED,
            Status.OPEN,
            needs_reason=True,
            levels=_BELOW_DEPARTMENT,
            checks=(_in_window, _above_open),
        ),
        Move(
            "unlock",
            N_("Unlock"),
            N_("Unlocked"),
            Status.CONFIRMED,
            Status.OPEN,
            needs_reason=True,
            levels=(*_BELOW_DEPARTMENT, DEPARTMENT),
            checks=(_reopen_after_close,),
        ),
        Move(
            "extend",
            N_("Extend"),
            N_("Extended"),
            None,
            None,
            needs_reason=True,
            levels=(*_BELOW_DEPARTMENT, DEPARTMENT),
            checks=(_started, _not_over_closed_department, _until),
        ),
    )
}


def permitted(actor: Actor, move: str, unit: UnitRef) -> bool:
    """Whether the access table gives the actor this move on this unit."""
    if unit.level not in MOVES[move].levels:
        return False
    return may(actor, f"{unit.level}:{move}", unit)


def judge(facts: Facts, request: Request) -> tuple[Refusal, ...]:
    """All reasons why the move is refused; empty when it may be done.

    Permission first (a stranger learns nothing more), then the state, then the move's own checks,
    then what blocks the unit, so that a person sees everything that is left to do.
    """
    move = MOVES[request.move]
    if not permitted(request.actor, request.move, facts.unit):
        return (Refusal("not_allowed"),)
    if move.from_status is not None and facts.status is not move.from_status:
        confirmed = facts.status is Status.CONFIRMED
        return (Refusal("already_confirmed" if confirmed else "not_confirmed"),)
    refusals = [refusal for check in move.checks if (refusal := check(facts, request))]
    if move.needs_reason and not request.reason.strip():
        refusals.append(Refusal("reason_missing"))
    if move.key == "confirm":
        refusals.extend(facts.blockers)
    return tuple(refusals)


def roles_for(move: str, level: str) -> tuple[str, ...]:
    """The roles that may do this move on units of this level, for docs and tests."""
    return tuple(GRANTS.get(f"{level}:{move}", {}))


def judge_record(
    actor: Actor,
    permission: str,
    unit: UnitRef,
    chain: tuple[Status, ...],
    w: Window,
    now: datetime,
) -> tuple[Refusal, ...]:
    """Why a row of ``unit`` may not be written; empty when it may.

    ``chain``: the states of the unit and of all its ancestors. Writable only while all are open
    and the unit's window is open.
    """
    if not may(actor, permission, unit):
        return (Refusal("not_allowed"),)
    return judge_writable(chain, w, now)


def judge_writable(chain: tuple[Status, ...], w: Window, now: datetime) -> tuple[Refusal, ...]:
    """As ``judge_record``, without asking who: for the other end of what somebody else may do."""
    if not w.started:
        return (Refusal("not_started"),)
    if now < w.opens_at:
        return (Refusal("before_open", {"opens_at": w.opens_at}),)
    if not w.may_record(now):
        return (Refusal("window_closed", {"until": w.record_until}),)
    if chain and chain[0] is Status.CONFIRMED:
        return (Refusal("already_confirmed"),)
    if Status.CONFIRMED in chain:
        return (Refusal("above_confirmed"),)
    return ()


__all__ = [
    "MOVES",
    "REFUSALS",
    "Facts",
    "Move",
    "Refusal",
    "Request",
    "Status",
    "judge",
    "judge_record",
    "judge_writable",
    "permitted",
    "roles_for",
]
