"""What waits beside a unit's own data: transfers and duplicates, each with where to go."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, url_for
from markupsafe import Markup

from admin_app.domain.access import may
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.models import Cycle, Student, Transfer, Unit
from admin_app.services import asking, duplicates, transfer_lists
from admin_app.services.errors import NotFound
from admin_app.services.requests import ASKED
from admin_app.services.scope import ref, student_ref
from admin_app.views.common import actor, allowed
from admin_app.views.duplicates import WAYS

ELSEWHERE = N_(
    "This number is held by another school. If the child has come to you, ask for a transfer."
)
MOST = 99


@dataclass(frozen=True, slots=True)
class Notice:
    """A line with a link: ``text`` says what waits, ``label`` is the link's own words."""

    text: str
    link: str
    label: str


def _told(count: int) -> str:
    return f"{MOST}+" if count > MOST else str(count)


def of_unit(cycle: Cycle, unit: Unit) -> list[Notice]:
    """For a unit's page and the home: transfers to decide there, duplicates of the own level."""
    me = actor()
    found = []
    waiting = transfer_lists.waiting(me, cycle.id, unit)
    if waiting:
        text = _("Transfers waiting for you: %(count)s.", count=_told(waiting))
        link = url_for("transfers.index", show=transfer_lists.INCOMING)
        found.append(Notice(text, link, _("Look and decide")))
    if unit.id == me.unit.id and allowed("duplicate:decide"):
        for way, (rule, title) in WAYS.items():
            count = duplicates.count(me, cycle.id, rule, MOST)
            if count:
                text = _(
                    "Duplicates for you to decide, %(what)s: %(count)s.",
                    what=_(title),
                    count=_told(count),
                )
                link = url_for("duplicates.index", by=way)
                found.append(Notice(text, link, _("Look and decide")))
    return found


def of_child(child: Student) -> list[Notice]:
    """For a child's page: who asks for it, whether its number is elsewhere, what is beside it."""
    me = actor()
    found = []
    if may(me, "transfer:read", student_ref(child)):
        for transfer in transfer_lists.of_child(child):
            text = _("Another school asks for this child.")
            found.append(Notice(text, url_for("transfers.show", key=transfer.id), _("Look")))
    if may(me, "transfer:ask", student_ref(child)) and asking.held_elsewhere(child):
        found.append(_elsewhere(child))
    if allowed("duplicate:read"):
        marked = duplicates.marked(child)
        for way, (rule, title) in WAYS.items():
            if rule not in marked:
                continue
            try:
                duplicates.group(me, rule, child.id)
            except NotFound:
                continue
            link = url_for("duplicates.show", way=way, child=child.id)
            found.append(Notice(_(title), link, _("Compare side by side")))
    return found


def _elsewhere(child: Student) -> Notice:
    asked = Transfer.get_or_none(
        Transfer.cycle == child.cycle_id,
        Transfer.to_school == child.school_id,
        Transfer.status == ASKED,
        Transfer.id_number == child.id_number,
    )
    if asked is not None:
        text = _("This number is held by another school. You have asked for a transfer.")
        return Notice(text, url_for("transfers.show", key=asked.id), _("Look"))
    link = url_for("transfers.ask", child=child.id)
    return Notice(_(ELSEWHERE), link, _("Ask for a transfer"))


def tell_elsewhere(child: Student) -> None:
    """Right after a child is saved: say that another school holds the number, and how to ask."""
    if asking.held_elsewhere(child):
        notice = _elsewhere(child)
        flash(
            Markup('{} <a class="button second" href="{}">{}</a>').format(
                notice.text, notice.link, notice.label
            ),
            "error",
        )


def may_ask_for(unit: Unit) -> bool:
    """Whether the actor may ask for children on behalf of this school."""
    return unit.level == "school" and may(actor(), "transfer:ask", ref(unit))
