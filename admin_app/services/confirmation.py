"""The one door for moves: confirm, close, return, unlock, extend, each in one transaction.

The clock is read after the locks are taken, so that 17:00:00 is judged at the moment of writing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin_app.database import Clock, transaction
from admin_app.domain.access import Actor
from admin_app.domain.moves import MOVES, Facts, Refusal, Request, Status, judge, permitted
from admin_app.models import Unit, UnitState
from admin_app.services import findings, history, readiness, snapshots
from admin_app.services.errors import NotFound, Refused
from admin_app.services.scope import ref, unit_by_id
from admin_app.services.standing import Standing, read


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a bulk move did with one unit: ``refusals`` empty when done."""

    unit: Unit
    refusals: tuple[Refusal, ...]

    @property
    def done(self) -> bool:
        """Whether the move was made."""
        return not self.refusals


def _target(actor: Actor, unit_id: int, move: str) -> Unit:
    """The unit, if the actor may at least read it; NotFound otherwise, so that nothing is told."""
    unit = unit_by_id(actor, unit_id)
    if not permitted(actor, move, ref(unit)):
        raise Refused([Refusal("not_allowed")])
    return unit


def whole_facts(standing: Standing, now: datetime) -> Facts:
    """What every move of the unit is judged on, with what blocks its confirmation while open."""
    facts = standing.facts()
    if standing.status is not Status.OPEN:
        return facts
    findings.ensure(standing.cycle.id, standing.unit, now)
    return dataclasses.replace(facts, blockers=readiness.blockers(standing, now))


def _judged(standing: Standing, request: Request) -> Facts:
    """The facts inside the writing transaction: a confirm runs every rule over every row first."""
    if request.move != "confirm":
        return standing.facts()
    if standing.status is Status.OPEN:
        findings.refresh_unit(standing.cycle.id, standing.unit, request.now)
    return whole_facts(standing, request.now)


def possible(actor: Actor, cycle_id: int, unit: Unit, move: str, now: datetime) -> list[Refusal]:
    """Why the move is not possible now (empty: it is), for buttons; asks as if a reason was given.

    NotFound when the unit takes no part in the cycle.
    """
    return possible_for(actor, read(cycle_id, unit), move, now)


def possible_for(
    actor: Actor, standing: Standing, move: str, now: datetime, facts: Facts | None = None
) -> list[Refusal]:
    """As ``possible``, for a standing, and ``whole_facts``, that were read already."""
    request = Request(move, actor, now, reason="-")
    refusals = judge(facts or whole_facts(standing, now), request)
    return [refusal for refusal in refusals if refusal.code != "until_missing"]


def _open(state: UnitState, reason: str) -> None:
    UnitState.update(
        status=Status.OPEN,
        confirmed_at=None,
        confirmed_by=None,
        late=False,
        reopened_reason=reason.strip(),
    ).where(UnitState.id == state.id).execute()


def _confirm(standing: Standing, request: Request) -> dict[str, Any]:
    late = standing.window.late(request.now) and request.move == "confirm"
    revision = standing.own.revision + 1
    snapshot = snapshots.take(standing.cycle, standing.unit, revision, request.now)
    UnitState.update(
        status=Status.CONFIRMED,
        confirmed_at=request.now,
        confirmed_by=request.actor.user_id,
        late=late,
        reopened_reason="",
        revision=revision,
    ).where(UnitState.id == standing.own.id).execute()
    return {"revision": revision, "digest": snapshot.digest, "late": late}


def _return(standing: Standing, request: Request) -> dict[str, Any]:
    _open(standing.own, request.reason)
    return {"revision": standing.own.revision}


def _extend(standing: Standing, request: Request) -> dict[str, Any]:
    UnitState.update(extended_until=request.until).where(UnitState.id == standing.own.id).execute()
    return {"until": request.until.isoformat() if request.until else None}


def _unlock(standing: Standing, request: Request) -> dict[str, Any]:
    """Reopen the unit and every confirmed ancestor; each ancestor gets its own entry."""
    _open(standing.own, request.reason)
    reopened = [state for state in standing.above if state.status == Status.CONFIRMED]
    for state in reopened:
        _open(state, request.reason)
        history.record(
            "move.unlock",
            request.actor,
            request.now,
            unit=state.unit,
            cycle_id=standing.cycle.id,
            reason=request.reason,
            details={"because_of": standing.unit.code, "revision": state.revision},
        )
    return {
        "revision": standing.own.revision,
        "reopened": [state.unit.code for state in reopened],
    }


EFFECTS = {
    "confirm": _confirm,
    "close": _confirm,
    "return": _return,
    "unlock": _unlock,
    "extend": _extend,
}


def move(
    actor: Actor,
    cycle_id: int,
    unit_id: int,
    key: str,
    clock: Clock,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> UnitState:
    """Make one move of ``MOVES`` on one unit; answers with its new state.

    Raises NotFound outside the scope, Refused with every reason otherwise.
    """
    if key not in MOVES:
        raise NotFound(key)
    try:
        return _move(actor, cycle_id, unit_id, key, clock, reason, until)
    except Refused as refused:
        if key == "confirm" and FOUND & {refusal.code for refusal in refused.refusals}:
            _keep_found(cycle_id, Unit.get_by_id(unit_id), clock)
        raise


FOUND = frozenset({"rule_errors", "queries_open", "no_children"})


def _keep_found(cycle_id: int, unit: Unit, clock: Clock) -> None:
    """What refused a confirm went with its transaction: store it, so that it can be looked at."""
    with transaction():
        if read(cycle_id, unit, lock=True).status is Status.OPEN:
            findings.refresh_unit(cycle_id, unit, clock())


def _move(
    actor: Actor,
    cycle_id: int,
    unit_id: int,
    key: str,
    clock: Clock,
    reason: str,
    until: datetime | None,
) -> UnitState:
    with transaction():
        unit = _target(actor, unit_id, key)
        standing = read(cycle_id, unit, lock=True, lock_above=key == "unlock")
        request = Request(key, actor, clock(), reason=reason, until=until)
        refusals = judge(_judged(standing, request), request)
        if refusals:
            raise Refused(refusals)
        details = EFFECTS[key](standing, request)
        history.record(
            f"move.{key}",
            actor,
            request.now,
            unit=unit,
            cycle_id=cycle_id,
            reason=reason,
            details=details,
        )
        return UnitState.get_by_id(standing.own.id)


def preview_unlock(actor: Actor, cycle_id: int, unit_id: int) -> list[UnitState]:
    """Every state that an unlock would reopen: the unit's own first, then upwards."""
    standing = read(cycle_id, unit_by_id(actor, unit_id))
    confirmed = [standing.own, *standing.above]
    return [state for state in confirmed if state.status == Status.CONFIRMED]


def bulk(
    actor: Actor,
    cycle_id: int,
    unit_ids: list[int],
    key: str,
    clock: Clock,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> list[Outcome]:
    """The move on many units, each in a transaction of its own, each with its outcome.

    Units outside the scope are left out of the answer, as if they were not there.
    """
    outcomes = []
    for unit_id in dict.fromkeys(unit_ids):
        try:
            move(actor, cycle_id, unit_id, key, clock, reason=reason, until=until)
        except NotFound:
            continue
        except Refused as refused:
            outcomes.append(Outcome(Unit.get_by_id(unit_id), refused.refusals))
        else:
            outcomes.append(Outcome(Unit.get_by_id(unit_id), ()))
    return outcomes
