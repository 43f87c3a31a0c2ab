"""What somebody sent after the session had run out: kept on the server until the next sign-in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from admin_app.database import transaction
from admin_app.models import ListMemory, UserSession
from admin_app.services import list_memory
from admin_app.services.accounts import ABSOLUTE, may_act, token_hash

KEPT_FOR = timedelta(hours=12)
ENDPOINT = "unsaved"
MOST_LETTERS = 200_000


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent in vain: where to, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]


def keep(token: str, form: Form, now: datetime) -> bool:
    """Keep the form for whoever had the session of this token; whether it is kept."""
    if not form.fields or sum(len(k) + len(v) for k, v in form.fields) > MOST_LETTERS:
        return False
    session = UserSession.get_or_none(
        UserSession.token_hash == token_hash(token),
        UserSession.ended_at.is_null(),  # one that was ended on purpose may write nothing
        UserSession.created_at > now - ABSOLUTE - KEPT_FOR,
    )
    if session is None or not may_act(session.user, now):
        return False
    content = json.dumps([form.path, form.fields])
    list_memory.keep(session.user_id, ENDPOINT, content, now)
    return True


def _of(user_id: int) -> object:
    return (ListMemory.user == user_id) & (ListMemory.endpoint == ENDPOINT)


def kept(user_id: int, now: datetime) -> Form | None:
    """What is kept for the person; None when nothing is, or when it is too old."""
    found = ListMemory.get_or_none(_of(user_id))
    if found is None or now - found.seen_at > KEPT_FOR:
        return None
    path, fields = json.loads(found.args)
    return Form(path, tuple((name, value) for name, value in fields))


def drop(user_id: int) -> None:
    """Forget it: it was sent again, or thrown away."""
    with transaction():
        ListMemory.delete().where(_of(user_id)).execute()
