"""How a person left a list and what was searched for: kept per person and list, on the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex

from admin_app.database import transaction, tuples
from admin_app.domain.access import Actor
from admin_app.models import ListMemory

MOST_SEARCHES = 20
"""So many windows with a search of their own a person may have on one list."""


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


def keep_search(actor: Actor, endpoint: str, text: str, now: datetime) -> str:
    """Keep what was searched for in a list; answers with the name that an address may have for it.

    Each search has its own, so that two windows do not take each other's; the oldest go.
    """
    name = token_hex(8)
    before = (
        ListMemory.select(ListMemory.id)
        .where(ListMemory.user == actor.user_id, ListMemory.endpoint.startswith(f"{endpoint}:"))
        .order_by(ListMemory.id.desc())
    )
    with transaction():
        old = [row_id for (row_id,) in tuples(before)][MOST_SEARCHES - 1 :]
        ListMemory.delete().where(ListMemory.id << old).execute()
        remember(actor, f"{endpoint}:{name}", {"text": text}, now)
    return name


def searched(actor: Actor, endpoint: str, name: str) -> str:
    """What the person searched for under this name; nothing when it is too long ago."""
    return recall(actor, f"{endpoint}:{name}").get("text", "")
