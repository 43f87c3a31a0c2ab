"""A form sent after the session ran out comes back after signing in again, to be sent once more."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_login import current_user

from admin_app.i18n import gettext as _
from admin_app.services import unsaved
from admin_app.services.unsaved import Form
from admin_app.views.common import SIGNED_IN, clock, permission

blueprint = Blueprint("unsaved", __name__, url_prefix="/unsaved")
NOT_KEPT = ("csrf_token", "password")
"""Fields whose names hold one of these are never kept."""


def unauthorized() -> Any:
    """To the sign-in page; what was sent is kept first, for the person whose session it was."""
    if request.method == "POST" and not request.files:
        fields = tuple(
            (name, value)
            for name, value in request.form.items(multi=True)
            if not any(part in name for part in NOT_KEPT)
        )
        form = Form(request.full_path.rstrip("?"), fields)
        if unsaved.keep(str(session.get("_user_id", "")), form, clock()):
            flash(_("You were signed out meanwhile. Sign in again: what you sent is kept."), "info")
            return redirect(url_for("session.login", next=url_for("unsaved.show")))
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("session.login", next=target))


@blueprint.get("/")
@permission(SIGNED_IN)
def show() -> Any:
    """What is kept, with a button that sends it; nothing kept leads home."""
    form = unsaved.kept(current_user.user.id, clock())
    if form is None:
        return redirect(url_for("home.index"))
    return render_template("session/unsaved.html", form=form)


@blueprint.post("/drop")
@permission(SIGNED_IN)
def drop() -> Any:
    """Throw it away."""
    unsaved.drop(current_user.user.id)
    flash(_("It is thrown away."), "info")
    return redirect(url_for("home.index"))


TAKEN = (409, 422)
"""Answers besides those below 400 that show again what was typed."""


def forget_what_was_taken(response: Response) -> Response:
    """What is sent again from the page of what was kept is kept no longer, once it has arrived."""
    arrived = response.status_code < 400 or response.status_code in TAKEN
    if (
        arrived
        and request.method == "POST"
        and "unsaved" in request.form
        and current_user.is_authenticated
    ):
        unsaved.drop(current_user.user.id)
    return response
