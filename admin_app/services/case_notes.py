"""The one door for the helpdesk's notes about a unit: written once, never changed."""

from __future__ import annotations

from admin_app.database import Clock, transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.text import N_
from admin_app.models import CaseNote, Unit, User
from admin_app.services.errors import Invalid, NotFound
from admin_app.services.scope import ref

LONGEST, MOST = 1_000, 20


def of_unit(actor: Actor, unit: Unit) -> list[CaseNote]:
    """The latest notes about the unit, newest first; none for who may not read them."""
    if not may(actor, "case_note:read", ref(unit)):
        return []
    query = CaseNote.select(CaseNote, User).join(User, on=(CaseNote.made_by == User.id))
    return list(query.where(CaseNote.unit == unit.id).order_by(CaseNote.id.desc()).limit(MOST))


def write(actor: Actor, unit: Unit, text: str, clock: Clock) -> CaseNote:
    """Note something about the unit. Raises NotFound, Invalid.

    A note is about a call and not about a child: the page says so to who writes it.
    """
    if not may(actor, "case_note:write", ref(unit)):
        raise NotFound("case_note")
    said = text.strip()
    if not said:
        raise Invalid({"text": (N_("Write the note first."), {})})
    if len(said) > LONGEST:
        raise Invalid({"text": (N_("At most %(most)d letters."), {"most": LONGEST})})
    with transaction():
        return CaseNote.create(unit=unit.id, text=said, made_at=clock(), made_by=actor.user_id)
