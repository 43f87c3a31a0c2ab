"""How a person left a list: kept per person and list, on the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from admin_app.database import transaction
from admin_app.domain.access import Actor
from admin_app.models import ListMemory


def recall(actor: Actor, endpoint: str) -> dict[str, str]:
    """The parameters that the person left the list with; none at first."""
    found = ListMemory.get_or_none(
        ListMemory.user == actor.user_id, ListMemory.endpoint == endpoint
    )
    args: dict[str, str] = json.loads(found.args) if found is not None else {}
    return args


def remember(actor: Actor, endpoint: str, args: Mapping[str, str], now: datetime) -> None:
    """Keep the parameters in place of those before."""
    keep(actor.user_id, endpoint, json.dumps(args, sort_keys=True), now)


def keep(user_id: int, endpoint: str, content: str, now: datetime) -> None:
    """Keep ``content`` (JSON) for the person under this name, in place of what was there."""
    row = {"args": content, "seen_at": now}
    with transaction():
        ListMemory.insert(user=user_id, endpoint=endpoint, **row).on_conflict(
            conflict_target=[ListMemory.user, ListMemory.endpoint], update=row
        ).execute()
