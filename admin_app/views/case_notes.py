"""Case notes: what the helpdesk writes on a unit's page for whoever takes its next call."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from admin_app.i18n import gettext as _
from admin_app.i18n import say
from admin_app.services import case_notes
from admin_app.services.errors import Invalid
from admin_app.views import units
from admin_app.views.common import actor, clock, permission, unit_or_404

blueprint = Blueprint("case_notes", __name__, url_prefix="/units")


@blueprint.post("/<code>/notes")
@permission("case_note:write")
def write(code: str) -> Any:
    """Keep a note; what cannot be kept comes back with the unit's page, as it was typed."""
    unit = unit_or_404(code)
    typed = request.form.get("text", "")
    try:
        case_notes.write(actor(), unit, typed, clock)
    except Invalid as invalid:
        message, params = invalid.errors["text"]
        return units.page(unit, note=typed, note_error=say(message, params)), 422
    flash(_("The note is kept."), "success")
    return redirect(url_for("units.show", code=unit.code, _anchor="notes"))
