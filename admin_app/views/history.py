"""History and access log: reading only."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from admin_app.domain import thai
from admin_app.domain.access import ROLE
from admin_app.domain.text import N_
from admin_app.exports.gates import EDITIONS
from admin_app.exports.table import EXPORTS
from admin_app.i18n import gettext as _
from admin_app.i18n import language, lazy, number
from admin_app.models import AccessLog, Event
from admin_app.services.children import REMOVAL_REASONS
from admin_app.services.history import ACCESS_TAGS, OF_UNITS, TAGS
from admin_app.views import fields
from admin_app.views.base import ScopedView
from admin_app.views.common import chosen_cycle
from admin_app.views.filters import equals
from admin_app.views.reminders import reminded


def _at(view: Any, context: Any, row: Any, column: str) -> Any:
    return thai.format_datetime(row.at, language())


def _who(view: Any, context: Any, row: Event, column: str) -> Any:
    role = _(ROLE[row.actor_role].name) if row.actor_role in ROLE else row.actor_role
    behalf = Markup(' <span class="tag wait">{}</span>').format(_("on behalf of the school"))
    return Markup("{} ({}){}").format(row.actor_name, role, behalf if row.on_behalf else "")


class LogView(ScopedView):
    """What both logs share: reading only, newest first."""

    closed = frozenset({"create_view", "edit_view", "details_view"})
    orders = {"newest": ()}

    def _order(self) -> tuple[str, bool]:
        return "newest", True


class HistoryView(LogView):
    """The append-only history of the chosen cycle, in scope, newest first."""

    subject = "history"
    title = N_("History")
    in_cycle = True
    column_list = ("at", "tag", "unit", "who", "reason")
    column_labels = {
        "at": lazy("When"),
        "tag": lazy("What"),
        "unit": lazy("Unit"),
        "who": lazy("Who"),
        "reason": lazy("Reason"),
    }
    column_formatters = {
        "at": _at,
        "unit": fields.unit_cell,
        "who": _who,
        "tag": lambda view, context, row, column: _(TAGS.get(row.tag, row.tag)),
        "reason": lambda view, context, row, column: (
            _(REMOVAL_REASONS.get(row.reason, row.reason)) if row.reason else reminded(row) or "–"
        ),
    }
    list_filters = (equals("tag", N_("What"), Event.tag, fields.translated(TAGS)),)

    def __init__(self) -> None:
        super().__init__(Event, name="History", endpoint="history", url="/history")

    def get_query(self) -> Any:
        query = super().get_query()
        return query.where((Event.cycle == chosen_cycle().id) | Event.cycle.is_null(), OF_UNITS)


# what the access log keeps beside the action, in words
DETAILS: dict[str, str] = {
    "name": N_("Export"),
    "edition": N_("Edition"),
    "unit": N_("Unit"),
    "rows": N_("Rows"),
    "grade": N_("Grade"),
    "child": N_("Child"),
    "job": N_("Job"),
    "numbers": N_("Numbers compared"),
}
VALUES: dict[str, str] = {export.name: export.title for export in EXPORTS} | EDITIONS


def _details(view: Any, context: Any, row: AccessLog, column: str) -> Any:
    values = json.loads(row.details or "{}")
    told = [
        f"{_(DETAILS.get(key, key))}: {_(VALUES[str(value)]) if str(value) in VALUES else value}"
        for key, value in values.items()
        if value not in (None, "")
    ]
    return ", ".join(told) or "–"


class AccessLogView(LogView):
    """Who exported what and looked at whom; DLA only."""

    subject = "access_log"
    title = N_("Access log")
    column_list = ("at", "tag", "user", "unit", "rows", "address", "details")
    column_labels = {
        "at": lazy("When"),
        "tag": lazy("What"),
        "user": lazy("Who"),
        "unit": lazy("Unit"),
        "rows": lazy("Rows"),
        "address": lazy("From where"),
        "details": lazy("Details"),
    }
    column_formatters = {
        "at": _at,
        "unit": fields.unit_cell,
        "user": lambda view, context, row, column: row.user.username if row.user else "–",
        "tag": lambda view, context, row, column: _(ACCESS_TAGS.get(row.tag, row.tag)),
        "rows": lambda view, context, row, column: number(row.rows),
        "address": lambda view, context, row, column: row.address or "–",
        "details": _details,
    }
    list_filters = (equals("tag", N_("What"), AccessLog.tag, fields.translated(ACCESS_TAGS)),)

    def __init__(self) -> None:
        super().__init__(AccessLog, name="Access log", endpoint="access_log", url="/access-log")
