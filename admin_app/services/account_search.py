"""Finding accounts by the beginning of their names, in scope, by the index."""

from __future__ import annotations

from admin_app.domain.access import ROLE, Actor, may
from admin_app.models import Unit, User
from admin_app.services import listing, scope

SHORTEST = 2


def find(actor: Actor, text: str, most: int) -> list[User]:
    """Up to ``most`` accounts that the actor looks after and whose user name begins so."""
    begin = text.strip().lower()
    if len(begin) < SHORTEST or not may(actor, "user:read"):
        return []
    query = scope.limit(User.select(User, Unit), User, actor, "user:read")
    query = query.join(Unit, on=(User.unit == Unit.id)).where(
        User.role << list(ROLE[actor.role].manages), listing.begins(User.username, begin)
    )
    return list(query.order_by(User.username).limit(most))
