"""The menu, the cycle switch and what every page's frame shows."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask, g, request, url_for
from flask_login import current_user

from admin_app.domain.access import ROLE
from admin_app.domain.text import N_
from admin_app.i18n import LANGUAGES, language
from admin_app.models import Cycle, database
from admin_app.services.children import REMOVAL_REASONS
from admin_app.services.errors import NotFound
from admin_app.views import help
from admin_app.views.common import allowed, chosen_cycle, clock, every_cycle

# endpoint, label, permission, group: first the daily work, then what is looked after now and then
MENU: tuple[tuple[str, str, str, str], ...] = (
    ("children.index_view", N_("Children"), "child:read", "main"),
    ("others.index_view", N_("Other affiliations"), "other_counts:read", "main"),
    ("states.index_view", N_("Confirmations"), "state:read", "main"),
    ("exports.index", N_("Exports"), "signed-in", "main"),
    ("transfers.index", N_("Transfers"), "transfer:read", "more"),
    ("duplicates.index", N_("Duplicates"), "duplicate:read", "more"),
    ("reminders.index", N_("Reminders by e-mail"), "reminder:send", "more"),
    ("schools.index_view", N_("Schools"), "school:read", "more"),
    ("laos.index_view", N_("LAOs"), "lao:read", "more"),
    ("provinces.index_view", N_("Provinces"), "province:read", "more"),
    ("districts.index_view", N_("Districts"), "district:read", "more"),
    ("users.index_view", N_("Accounts"), "user:read", "more"),
    ("cycles.index_view", N_("Cycles"), "cycle:read", "more"),
    ("rules.index", N_("Data rules"), "rule:read", "more"),
    ("rates.index", N_("Rates"), "rate:read", "more"),
    ("codes.index_view", N_("Code lists"), "code:read", "more"),
    ("grades.index_view", N_("Grades"), "code:read", "more"),
    ("history.index_view", N_("History"), "history:read", "more"),
    ("proof.show", N_("Check a digest"), "snapshot:read", "more"),
    ("announcements.index_view", N_("Announcements"), "announcement:read", "more"),
    ("reminder_texts.index", N_("Wording of reminders"), "reminder_text:edit", "more"),
    ("jobs.index_view", N_("Background jobs"), "job:read", "more"),
    ("access_log.index_view", N_("Access log"), "access_log:read", "more"),
)


PERSONAL = {"children", "duplicates", "findings", "imports", "leavers", "transfers"}
"""The rooms whose pages show children; a print of them says so."""


@cache
def address(root: str, endpoint: str) -> str:
    """The address of a page of the menu; ``root``: where the panel is mounted. Made once each."""
    return url_for(endpoint)


def entries(group: str) -> list[tuple[str, str, bool]]:
    """(address, label, whether it is the page shown) of what the person may open."""
    shown = (request.endpoint or "").split(".")[0]
    return [
        (address(request.script_root, endpoint), label, endpoint.split(".")[0] == shown)
        for endpoint, label, permission, where in MENU
        if where == group and (permission == "signed-in" or allowed(permission))
    ]


def _frame() -> dict[str, Any]:
    if g.get("bare") or database.is_closed() or not current_user.is_authenticated:
        return {"signed_in": False, "languages": LANGUAGES, "lang": language()}
    try:
        cycle: Cycle | None = chosen_cycle()
    except NotFound:
        cycle = None
    opened = [one.code for one in every_cycle() if one.started_at is not None]
    return {
        "signed_in": True,
        "languages": LANGUAGES,
        "lang": language(),
        "menu": entries("main"),
        "more": entries("more"),
        "me": current_user.user,
        "role": ROLE[current_user.user.role],
        "cycle": cycle,
        "cycle_codes": opened[:12],
        "help_link": help.link,
        "now": clock(),
        "personal": request.blueprint in PERSONAL,
        "allowed": allowed,
        "removal_reasons": REMOVAL_REASONS,
    }


def init(app: Flask) -> None:
    """Give every template what the frame needs."""
    app.context_processor(_frame)
