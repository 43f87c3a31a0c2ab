"""The one door for rates: an edit makes a new edition of the cycle's, with its reason, for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peewee import fn

from admin_app.database import Clock, for_update, transaction, tuples
from admin_app.domain import money, proof, rate_checks, thai
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import SCHOOL
from admin_app.domain.money import RateRow, RateSet
from admin_app.domain.text import N_
from admin_app.models import Cycle, Grade, RateEdition, User
from admin_app.services import history, standing
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.units import KINDS

NOTHING_CHANGED = N_("Nothing is different from the edition before.")
MOST_REASON = 500


def edition(cycle_id: int, number: int | None = None) -> RateEdition | None:
    """One edition of the cycle's rates, the latest by default; None where there is none."""
    query = RateEdition.select().where(RateEdition.cycle == cycle_id)
    if number is not None:
        query = query.where(RateEdition.number == number)
    return query.order_by(RateEdition.number.desc()).first()


def rates_of(found: RateEdition | None) -> RateSet:
    """The rates of an edition; none without one."""
    return money.from_dict(json.loads(found.content)) if found else RateSet()


def editions(cycle_id: int) -> list[RateEdition]:
    """All editions of the cycle's rates with who made them, the latest first."""
    return list(
        RateEdition.select(RateEdition, User)
        .left_outer_join(User, on=(RateEdition.made_by == User.id))
        .where(RateEdition.cycle == cycle_id)
        .order_by(RateEdition.number.desc())
    )


def frozen(content: Mapping[str, Any]) -> RateSet:
    """The rates in a snapshot of a province or of the department; none where it has none.

    Form 1 has rows of lunch and milk, and says with each grade whether it is counted for both.
    """
    found = content.get("rates") or []
    if isinstance(found, dict):
        return money.from_dict(found)
    fed = tuple(row["code"] for row in content.get("grades", ()) if row.get("meals"))
    return RateSet(tuple(RateRow(**row) for row in found), dict.fromkeys(money.PER_DAY, fed))


def frozen_edition(content: Mapping[str, Any]) -> int | None:
    """The number of the edition in a snapshot; None in form 1, which knew no editions."""
    found = content.get("rates")
    return found.get("edition") if isinstance(found, dict) else None


def later(cycle_id: int, content: Mapping[str, Any]) -> list[RateEdition]:
    """The editions after the one in a snapshot, the latest first; every one after form 1."""
    number = frozen_edition(content) or 0
    return [row for row in editions(cycle_id) if row.number > number]


def _checked(rates: RateSet, reason: str) -> None:
    grades = [code for (code,) in tuples(Grade.select(Grade.code))]
    errors = rate_checks.wrong(rates, grades, KINDS[SCHOOL])
    if not reason:
        errors["reason"] = (N_("A reason is needed."), {})
    elif len(reason) > MOST_REASON:
        errors["reason"] = (N_("At most %(most)d characters."), {"most": MOST_REASON})
    if errors:
        raise Invalid(errors)


def edit(
    actor: Actor, cycle_id: int, seen_number: int, rates: RateSet, reason: str, clock: Clock
) -> RateEdition:
    """DLA's new edition of the cycle's rates, made of what ``seen_number`` (0: none) showed.

    At any time, after the close too: an edition that papers were made of is never changed. Raises
    NotFound, Invalid (by the fields of ``rate_checks``, ``reason``, ``rates``), and Conflict with
    the latest edition when it is another one than was shown.
    """
    if not may(actor, "rate:edit"):
        raise NotFound("rates")
    reason = thai.clean(reason)
    _checked(rates, reason)
    with transaction():
        if for_update(Cycle.select().where(Cycle.id == cycle_id)).get_or_none() is None:
            raise NotFound("cycle")
        latest = edition(cycle_id)
        if (latest.number if latest else 0) != seen_number:
            raise Conflict(latest)
        changed = rate_checks.difference(rates_of(latest), rates)
        if not changed:
            raise Invalid({"rates": (NOTHING_CHANGED, {})})
        now = clock()
        made = append(cycle_id, rates, now, made_by=actor.user_id, reason=reason)
        history.record(
            "rate.edited",
            actor,
            now,
            cycle_id=cycle_id,
            reason=reason,
            details={"edition": made.number, "changed": [change.item.code for change in changed]},
        )
        return made


def append(
    cycle_id: int, rates: RateSet, now: datetime, *, made_by: int | None = None, reason: str = ""
) -> RateEdition:
    """The next edition of the cycle's rates. Inside a writing transaction."""
    last = RateEdition.select(fn.MAX(RateEdition.number)).where(RateEdition.cycle == cycle_id)
    content = proof.canonical(rates.as_dict())
    return RateEdition.create(
        cycle=cycle_id,
        number=(last.scalar() or 0) + 1,
        content=content,
        digest=proof.digest(content),
        made_at=now,
        made_by=made_by,
        reason=reason.strip(),
    )


def carry(cycle_id: int, now: datetime) -> None:
    """A new cycle begins with the rates that the latest cycle with rates has now."""
    cycle = Cycle.get_by_id(cycle_id)
    with_rates = RateEdition.select(RateEdition.cycle)
    before = standing.last_before(cycle, Cycle.id << with_rates)
    latest = before.id if before else with_rates.order_by(RateEdition.id.desc()).scalar()
    found = edition(latest) if latest else None
    if found is not None:
        append(cycle_id, rates_of(found), now)
