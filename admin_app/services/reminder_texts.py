"""The one door for the wording of reminders: as DLA has written it, else the standard one."""

from __future__ import annotations

from typing import Any

from peewee import IntegrityError

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.reminders import STANDARD, Wording, wrong
from admin_app.models import Event, ReminderText, database
from admin_app.services import history
from admin_app.services.errors import Conflict, Invalid, NotFound

TAG = "reminder_text.edited"
STANDARD_AGAIN = Wording("", "")


def _row(level: str, language: str) -> Any:
    return ReminderText.select().where(
        ReminderText.level == level, ReminderText.language == language
    )


def wording(level: str, language: str) -> Wording:
    """What letters to this level in this language say. KeyError where there are none."""
    standard = STANDARD[level, language]
    row = _row(level, language).get_or_none()
    return Wording(row.subject, row.text) if row is not None and row.text else standard


def all_wordings() -> dict[tuple[str, str], tuple[Wording, bool]]:
    """(level, language) → its wording, and whether it is DLA's own."""
    own = {
        (row.level, row.language): Wording(row.subject, row.text)
        for row in ReminderText.select()
        if row.text
    }
    return {key: (own.get(key, standard), key in own) for key, standard in STANDARD.items()}


def version_of(level: str, language: str) -> int:
    """The version that a form remembers; 0 while nobody has changed the standard."""
    row = _row(level, language).get_or_none()
    return int(row.version) if row is not None else 0


def change(
    actor: Actor, level: str, language: str, version: int, wanted: Wording, clock: Clock
) -> bool:
    """Set a wording (``STANDARD_AGAIN``: the standard one); answers whether it is another now.

    Raises NotFound, Invalid (``subject``, ``text``), Conflict (with the wording that stands).
    """
    if not may(actor, "reminder_text:edit") or (level, language) not in STANDARD:
        raise NotFound("wording")
    tidy = Wording(wanted.subject.strip(), wanted.text.replace("\r\n", "\n").strip())
    back = wanted == STANDARD_AGAIN or tidy == STANDARD[level, language]
    errors = {} if back else wrong(level, tidy)
    if errors:
        raise Invalid(errors)
    kept = STANDARD_AGAIN if back else tidy
    with transaction():
        row = for_update(_row(level, language)).get_or_none()
        before = wording(level, language)
        if (row.version if row is not None else 0) != version:
            raise Conflict(before)
        after = STANDARD[level, language] if back else tidy
        if before == after:
            return False
        now = clock()
        values = {
            "subject": kept.subject,
            "text": kept.text,
            "updated_at": now,
            "updated_by": actor.user_id,
        }
        key = {"level": level, "language": language}
        if not _write(key, version, values):
            raise Conflict(wording(level, language))
        told = {"subject": [before.subject, after.subject], "text": [before.text, after.text]}
        history.record(TAG, actor, now, details=key | {"standard": back} | told)
    return True


def _write(key: dict[str, str], version: int, values: dict[str, Any]) -> bool:
    """Whether nobody was faster; two who begin at the standard meet at the unique index."""
    if version:
        changed = ReminderText.update({**values, "version": version + 1}).where(
            ReminderText.level == key["level"],
            ReminderText.language == key["language"],
            ReminderText.version == version,
        )
        return bool(changed.execute())
    try:
        with database.atomic():
            ReminderText.create(**key, **values)
    except IntegrityError:
        return False
    return True


def changes(level: str, language: str, most: int = 20) -> list[Event]:
    """The history of a wording, newest first."""
    return list(
        Event.select()
        .where(Event.tag == TAG, Event.unit.is_null())
        .where(Event.details.contains(f'"level": "{level}"'))
        .where(Event.details.contains(f'"language": "{language}"'))
        .order_by(Event.id.desc())
        .limit(most)
    )
