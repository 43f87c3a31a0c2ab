"""Home, by role: what to do now, the countdown, the steps with figures, what blocks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_login import current_user

from admin_app.services.errors import NotFound
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
        helpdesk=actor().role == "helpdesk",
    )
