"""What a reminder says to one person of one unit: facts from the cycle, wording as it stands."""

from __future__ import annotations

from admin_app.domain.levels import DEPARTMENT
from admin_app.domain.reminders import LANGUAGES, Facts, Wording, letter
from admin_app.mail import post
from admin_app.models import Cycle, Unit, User
from admin_app.services import reminder_texts, standing

EXAMPLE_TOKEN = "…"  # noqa: S105 (stands for one in previews)


def language_of(user: User) -> str:
    """The language in which a person is written to."""
    return user.language if user.language in LANGUAGES else LANGUAGES[0]


def off_address(user: User | None) -> str:
    """The address that turns the person's reminders off; without a person, an example of one."""
    return post.address(f"/reminders/off/{post.token(user.id) if user else EXAMPLE_TOKEN}")


def facts(cycle: Cycle, unit: Unit, sender: Unit, off: str) -> Facts:
    """What a letter to the unit names. NotFound when it takes no part in the cycle."""
    seen = standing.read(cycle.id, unit)
    helper = sender if sender.phone else Unit.get(Unit.level == DEPARTMENT)
    return Facts(
        unit=unit.name,
        unit_en=unit.name_en,
        cycle=cycle.name or cycle.code,
        cycle_en=f"cycle {cycle.code}",
        due=seen.window.due_at,
        closes=seen.window.confirm_until,
        left=standing.below_open(cycle.id, [unit.id]).get(unit.id, 0),
        link=post.address(f"/units/{unit.code}?cycle={cycle.code}"),
        sender=sender.name,
        sender_en=sender.name_en,
        sender_level=sender.level,
        off=off,
        helper=helper.name,
        helper_en=helper.name_en,
        phone=helper.phone,
    )


def to(user: User, unit: Unit, cycle: Cycle, sender: Unit) -> Wording:
    """The letter to a person of the unit, in the person's language."""
    language = language_of(user)
    told = facts(cycle, unit, sender, off_address(user))
    return letter(reminder_texts.wording(unit.level, language), told, language)


def example(unit: Unit, cycle: Cycle, sender: Unit, language: str) -> Wording:
    """The letter as somebody of the unit sees it; its link to turn reminders off leads nowhere."""
    told = facts(cycle, unit, sender, off_address(None))
    return letter(reminder_texts.wording(unit.level, language), told, language)
