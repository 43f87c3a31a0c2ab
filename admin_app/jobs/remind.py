"""The job that sends reminders by e-mail, letter by letter.

A letter's row is committed before it leaves, so a killed worker or a second sender never sends two
to one person on a day; the price is that the letter in hand of a killed worker may be missing.
"""

from __future__ import annotations

from typing import Any

from admin_app.database import transaction
from admin_app.domain.access import Actor
from admin_app.domain.refusals import Refusal
from admin_app.domain.reminders import below
from admin_app.mail import Undelivered, Unknown, Unreachable, Way, post
from admin_app.models import Cycle, Unit
from admin_app.services import letters, reminders
from admin_app.services.errors import NotFound, Refused
from admin_app.services.hand import Cancelled, Hand
from admin_app.services.reminders import FAILED, SENDING, SENT, Claimed


def perform(hand: Hand, actor: Actor) -> dict[str, Any]:
    """Write to everybody who is to be reminded at this moment; the figures stay on the job."""
    cycle = Cycle.get_by_id(hand.job.cycle_id)
    unit, level = _asked_for(hand, actor)
    begun = hand.clock()
    seen = reminders.preview(cycle, unit, level, begun)
    before = reminders.figures(hand.job)
    refusals = reminders.why_not(cycle, seen, level, begun)
    if refusals and not any(before.values()):
        raise Refused(refusals)
    ids = [] if refusals else reminders.recipients(cycle, unit, level, begun)
    done = sum(before.values())
    hand.plan(done, done + len(ids))
    left_out = 0
    sender = Unit.get_by_id(actor.unit.id)
    try:
        with post.open() as way:
            for user_id in ids:
                with hand.batch(1) as now:
                    claimed = reminders.claim(hand.job, cycle, unit, level, user_id, now)
                if claimed is None:
                    left_out += 1
                else:
                    _send(way, claimed, sender, cycle)
        with hand.ending() as end:
            told = reminders.figures(hand.job)
            _record(hand, actor, cycle, unit, level)
            end.result = {
                "sent": told[SENT],
                "skipped": left_out,
                "failed": told[FAILED],
                "unsure": told[SENDING],
            }
    except (Cancelled, Refused):
        with transaction():
            _record(hand, actor, cycle, unit, level)
        raise
    return {}


def _asked_for(hand: Hand, actor: Actor) -> tuple[Unit, str]:
    """Unit and level of the job, by the owner's present rights."""
    try:
        unit = reminders.place(actor, hand.params["unit"])
    except NotFound as gone:
        raise Refused([Refusal("job_owner")]) from gone
    level = hand.params["level"]
    if level not in below(unit.level):
        raise Refused([Refusal("job_owner")])
    return unit, level


def _send(way: Way, claimed: Claimed, sender: Unit, cycle: Cycle) -> None:
    """Send one letter. Raises Refused when the server takes none at all."""
    user = claimed.user
    try:
        said = letters.to(user, claimed.unit, cycle, sender)
        off = letters.off_address(user)
        way.send(post.letter(user.email.strip(), said.subject, said.text, off, claimed.row.at))
    except Undelivered:
        reminders.settle(claimed, FAILED)
    except Unreachable as down:
        reminders.give_up(claimed)
        raise Refused([Refusal("mail_down")]) from down
    except Unknown:
        return  # it may have left, so it counts as the letter of this day
    else:
        reminders.settle(claimed, SENT)


def _record(hand: Hand, actor: Actor, cycle: Cycle, unit: Unit, level: str) -> None:
    """Inside a transaction: into the history how many letters left, if any did."""
    sent = reminders.figures(hand.job)[SENT]
    if sent:
        reminders.record(actor, cycle, unit, level, sent, hand.clock())
