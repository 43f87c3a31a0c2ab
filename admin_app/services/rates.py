"""The one door for rates: an edit makes a new edition of the cycle's, with its reason, for ever."""

from __future__ import annotations

import json
from datetime import datetime

from peewee import fn

from admin_app.domain import money, proof
from admin_app.domain.money import RateSet
from admin_app.models import RateEdition


def edition(cycle_id: int, number: int | None = None) -> RateEdition | None:
    """One edition of the cycle's rates, the latest by default; None where there is none."""
    query = RateEdition.select().where(RateEdition.cycle == cycle_id)
    if number is not None:
        query = query.where(RateEdition.number == number)
    return query.order_by(RateEdition.number.desc()).first()


def rates_of(found: RateEdition | None) -> RateSet:
    """The rates of an edition; none without one."""
    return money.from_dict(json.loads(found.content)) if found else RateSet()


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
    latest = RateEdition.select(fn.MAX(RateEdition.cycle)).scalar()
    found = edition(latest) if latest else None
    if found is not None:
        append(cycle_id, rates_of(found), now)
