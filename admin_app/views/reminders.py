"""Reminders by e-mail: previewed, asked for as a job, and turned off by who gets them."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_login import current_user

from admin_app.domain.levels import BY_KEY, below
from admin_app.domain.refusals import Refusal
from admin_app.domain.reminders import below as levels_below
from admin_app.i18n import gettext as _
from admin_app.i18n import language, ngettext
from admin_app.jobs import kinds
from admin_app.mail import post
from admin_app.models import Event, Unit
from admin_app.services import letters, own_account, reminders
from admin_app.services.errors import NotFound, Refused
from admin_app.views.common import PUBLIC, actor, allowed, chosen_cycle, clock, permission, tell
from admin_app.views.letters import folder

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")


def reminded(event: Event) -> str:
    """Of an entry about reminders: how many letters to which units; "" for every other."""
    if event.tag != "reminder.sent":
        return ""
    told = json.loads(event.details)
    number = ngettext("%(num)d letter", "%(num)d letters", told["sent"])
    whose = _named(told["below"])
    where = "" if whose is None or whose.id == event.unit_id else f" · {whose.name}"
    return f"{_(BY_KEY[told['level']].plural)}{where}: {number}"


def _named(code: str) -> Unit | None:
    """The unit with this code, looked up once for a page however often a history names it."""
    known = g.setdefault("reminded_units", {})
    if code not in known:
        known[code] = Unit.get_or_none(Unit.code == code)
    found: Unit | None = known[code]
    return found


def _asked(code: str) -> tuple[Unit, str]:
    """The unit below which the person reminds, and the level; 404 for what is not the person's."""
    unit = reminders.place(actor(), code)
    lower = below(unit.level)
    level = request.values.get("level") or (lower.key if lower else "")
    if level not in levels_below(unit.level):
        raise NotFound("level")
    return unit, level


@blueprint.get("/")
@permission("reminder:send")
def index() -> Any:
    """Below the own unit."""
    return redirect(url_for("reminders.show", code=current_user.user.unit.code))


@blueprint.get("/<code>")
@permission("reminder:send")
def show(code: str) -> Any:
    """What sending would do: how many, to whom, the letter, and whom one has to call."""
    unit, level = _asked(code)
    return _page(unit, level)


def _page(unit: Unit, level: str, refusals: tuple[Refusal, ...] = ()) -> Any:
    cycle, now = chosen_cycle(), clock()
    seen = reminders.preview(cycle, unit, level, now)
    first = next((row for row, _number in seen.written), None)
    shown = first or next(iter(seen.callable_), None)
    sender = current_user.user.unit
    letter = letters.example(shown, cycle, sender, language()) if shown and seen.units else None
    return render_template(
        "reminders/show.html",
        cycle=cycle,
        unit=unit,
        level=BY_KEY[level],
        levels=[BY_KEY[key] for key in levels_below(unit.level)],
        seen=seen,
        refusals=refusals or reminders.why_not(cycle, seen, level, now),
        letter=letter,
        addressee=shown,
        listed=reminders.LISTED,
        letters=folder() is not None and allowed("letter:read"),
        demo=folder() is not None,
        may_word=allowed("reminder_text:edit"),
        may_export=allowed("outstanding:export"),
    ), (409 if refusals else 200)


@blueprint.post("/<code>")
@permission("reminder:send")
def send(code: str) -> Any:
    """Ask for the job; it looks again who is to be written to."""
    unit, level = _asked(code)
    cycle, now = chosen_cycle(), clock()
    seen = reminders.preview(cycle, unit, level, now)
    refusals = reminders.why_not(cycle, seen, level, now)
    if refusals or not seen.units:
        return _page(unit, level, tuple(refusals) or (Refusal("nobody_to_remind"),))
    try:
        params = {"unit": unit.code, "level": level}
        job = kinds.ask(actor(), "remind", cycle.id, clock, params)
    except Refused as refused:
        tell(refused.refusals)
        return redirect(url_for("reminders.show", code=unit.code, level=level))
    return redirect(url_for("job.show", job_id=job.id))


@blueprint.route("/off/<token>", methods=["GET", "POST"])
@permission(PUBLIC)
def off(token: str) -> Any:
    """Turn one's reminders off by the link of a letter: a button, or a mail program's own.

    It tells nothing of the account and can do nothing else; on again is for who is signed in.
    """
    holder, done = post.holder(token), False
    if holder is not None and request.method == "POST":
        try:
            own_account.set_reminders(holder, False, clock)
            done = True
        except NotFound:
            holder = None
    page = render_template("reminders/off.html", wrong=holder is None, done=done)
    return page, 404 if holder is None else 200
