"""Home, by role: what to do now, the countdown, the steps with figures, what blocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from flask_login import current_user

from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.i18n import gettext as _
from admin_app.i18n import language
from admin_app.models import Cycle, Unit
from admin_app.services import announcements, contacts, trends
from admin_app.services.errors import NotFound
from admin_app.services.standing import moments
from admin_app.views import charts, next_step
from admin_app.views.common import SIGNED_IN, actor, chosen_cycle, clock, permission
from admin_app.views.units import overview

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@permission(SIGNED_IN)
def index() -> Any:
    """The own unit's overview; the helpdesk starts with a search box."""
    try:
        cycle = chosen_cycle()
    except NotFound:
        return render_template("home.html", cycle=None)
    unit = current_user.user.unit
    now = clock()
    if cycle.started_at is None:
        return render_template("home.html", cycle=cycle, waiting=True)
    try:
        seen = overview(cycle, unit, now)
    except NotFound:
        return render_template("home.html", cycle=cycle, no_part=True)
    return render_template(
        "home.html",
        **seen,
        self_context=seen,
        step=next_step.of(seen),
        told=announcements.for_people_of(actor(), now),
        help_from=contacts.above(unit),
        desk=actor().answers_calls,
        trend=_trend(cycle, unit, now) if unit.level in (DEPARTMENT, PROVINCE) else None,
        country=_country(cycle, unit, seen) if unit.level == DEPARTMENT else None,
    )


def _trend(cycle: Cycle, unit: Unit, now: datetime) -> dict[str, Any]:
    """How confirmations came in, level by level, and how the round compares with the last."""
    at = moments(cycle)
    lines = []
    for key in (SCHOOL, LAO):
        days = trends.confirmations(cycle, unit, key)
        total = trends.taking_part(cycle, unit, key)
        due = [(at.due(key), _("Due")), (at.closes_at, _("Closes"))]
        drawn = charts.line(days, total, at.opens_at, at.closes_at, due, now)
        if drawn:
            lines.append((BY_KEY[key], days, drawn))
    return {"lines": lines, "rounds": trends.against_last(cycle, unit)}


def _country(cycle: Cycle, unit: Unit, seen: dict[str, Any]) -> dict[str, Any]:
    """The tile map of the provinces, and the LAOs that are farthest behind."""
    provinces = [row.unit for row in seen["board"].rows]
    name = "name" if language() == "th" else "name_en"
    return {
        "tiles": charts.tiles(provinces, trends.shares(cycle), name),
        "slowest": trends.slowest(cycle, unit),
    }
