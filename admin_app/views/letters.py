"""The demo's letters, which are written into a folder instead of being sent; DLA reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, render_template

from admin_app import mail
from admin_app.services.errors import NotFound
from admin_app.views.common import permission

blueprint = Blueprint("letters", __name__, url_prefix="/letters")
SHOWN = 30


def folder() -> Path | None:
    """Where the demo's letters are; None outside of it, or where they are really sent."""
    return mail.post.folder if current_app.config["DEMO"] else None


@blueprint.get("/")
@permission("letter:read")
def index() -> Any:
    """The latest letters; 404 outside the demo."""
    found = folder()
    if found is None:
        raise NotFound("letters")
    return render_template("reminders/letters.html", letters=mail.kept(found, SHOWN), most=SHOWN)
