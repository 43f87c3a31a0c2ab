"""The person's own account: who one is here, reminders by e-mail, the way to a new password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from admin_app.domain.reminders import LEVEL_KEYS
from admin_app.i18n import gettext as _
from admin_app.i18n import say
from admin_app.services import own_account
from admin_app.services.errors import Invalid
from admin_app.views.common import SIGNED_IN, actor, clock, permission

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/")
@permission(SIGNED_IN)
def show() -> Any:
    """What the panel knows of the person."""
    user = current_user.user
    return _page({"email": user.email, "phone": user.phone}, {})


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    user = current_user.user
    return render_template(
        "session/account.html",
        user=user,
        typed=typed,
        errors=errors,
        reminded=user.role in LEVEL_KEYS,
    )


@blueprint.post("/contacts")
@permission(SIGNED_IN)
def contacts() -> Any:
    """Change one's own e-mail and telephone."""
    typed = {key: request.form.get(key, "") for key in ("email", "phone")}
    try:
        own_account.set_contacts(actor().user_id, typed, clock)
    except Invalid as invalid:
        told = {key: say(message, values) for key, (message, values) in invalid.errors.items()}
        return _page(typed, told), 422
    flash(_("Your e-mail and telephone are kept."), "success")
    return redirect(url_for("account.show"))


@blueprint.post("/reminders")
@permission(SIGNED_IN)
def reminders() -> Any:
    """Turn reminders by e-mail on or off."""
    wanted = request.form.get("reminders") == "1"
    own_account.set_reminders(actor().user_id, wanted, clock)
    if wanted:
        flash(_("You are reminded by e-mail again."), "success")
    else:
        flash(_("You are not reminded by e-mail any more."), "success")
    return redirect(url_for("account.show"))
