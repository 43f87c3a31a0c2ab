"""The one door for announcements: what DLA tells people, whom, from when until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from admin_app.database import Clock, transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import BY_KEY, PROVINCE
from admin_app.domain.text import N_
from admin_app.models import Announcement, Unit
from admin_app.services import history
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.typed import too_long

LONGEST = 2_000
_NO_TITLE = N_("Write what it is about.")
_ORDER = N_("It must begin before it ends.")
_NO_MOMENT = N_("Give a date and a time.")
_NO_LEVEL = N_("Choose one of the list.")
_NO_PROVINCE = N_("There is no such province.")
_TOO_LONG = N_("At most %(most)d letters.")


def for_people_of(actor: Actor, now: datetime) -> list[Announcement]:
    """What is told now to the actor's level and province, the latest first."""
    place = actor.unit.id_at(PROVINCE)
    query = Announcement.select().where(
        Announcement.starts_at <= now,
        Announcement.ends_at > now,
        Announcement.level << ("", actor.unit.level),
        Announcement.province.is_null() | (Announcement.province == (place or 0)),
    )
    return list(query.order_by(Announcement.starts_at.desc(), Announcement.id.desc()))


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    title = (values.get("title") or "").strip()
    text = (values.get("text") or "").strip()
    level = values.get("level") or ""
    errors: dict[str, tuple[str, dict[str, Any]]] = too_long(Announcement, {"title": title})
    if not title:
        errors["title"] = (_NO_TITLE, {})
    if len(text) > LONGEST:
        errors["text"] = (_TOO_LONG, {"most": LONGEST})
    if level and level not in BY_KEY:
        errors["level"] = (_NO_LEVEL, {})
    for key in ("starts_at", "ends_at"):
        if not isinstance(values.get(key), datetime):
            errors[key] = (_NO_MOMENT, {})
    if not errors.keys() & {"starts_at", "ends_at"} and values["starts_at"] >= values["ends_at"]:
        errors["ends_at"] = (_ORDER, {})
    province = None
    if values.get("province"):
        province = Unit.get_or_none(Unit.level == PROVINCE, Unit.code == values["province"])
        if province is None:
            errors["province"] = (_NO_PROVINCE, {})
    if errors:
        raise Invalid(errors)
    return {
        "title": title,
        "text": text,
        "level": level,
        "province": province.id if province else None,
        "starts_at": values["starts_at"],
        "ends_at": values["ends_at"],
    }


def create(actor: Actor, values: dict[str, Any], clock: Clock) -> Announcement:
    """Tell people something. Raises NotFound without the permission, Invalid."""
    if not may(actor, "announcement:create"):
        raise NotFound("announcement")
    checked = _checked(values)
    with transaction():
        now = clock()
        made = Announcement.create(**checked, made_by=actor.user_id, made_at=now)
        history.record("announcement.made", actor, now, details={"title": made.title})
        return made


def edit(
    actor: Actor, announcement_id: int, version: int, values: dict[str, Any], clock: Clock
) -> Announcement:
    """Change what is told, or end it. Raises NotFound, Invalid, Conflict."""
    if not may(actor, "announcement:edit"):
        raise NotFound("announcement")
    checked = _checked(values)
    with transaction():
        changed = (
            Announcement.update({**checked, "version": Announcement.version + 1})
            .where(Announcement.id == announcement_id, Announcement.version == version)
            .execute()
        )
        found = Announcement.get_or_none(Announcement.id == announcement_id)
        if found is None:
            raise NotFound("announcement")
        if not changed:
            raise Conflict(found)
        history.record("announcement.edited", actor, clock(), details={"title": found.title})
        return found
