"""The page that takes a digest, typed or from a paper's QR code, and says what it stands for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from admin_app.domain.access import ROLE
from admin_app.domain.levels import BY_KEY
from admin_app.i18n import gettext as _
from admin_app.services import history, revisions
from admin_app.views.common import actor, permission

blueprint = Blueprint("proof", __name__, url_prefix="/proof")
LONGEST = 400


@blueprint.get("/")
@permission("snapshot:read")
def show() -> Any:
    """What the digest of ``?digest=`` stands for; out of scope is as unknown as what never was."""
    typed = request.args.get("digest", "")[:LONGEST].strip()
    found, wrong = None, ""
    if typed:
        try:
            found = revisions.check(actor(), revisions.read_digest(typed))
        except revisions.NoDigest as bad:
            wrong = _(
                "A digest has 64 digits and letters; this has %(count)d characters, or some"
                " that no digest has. Compare it with the paper, group by group.",
                count=bad.length,
            )
    return render_template(
        "proof/show.html",
        typed=typed,
        wrong=wrong,
        found=found,
        stands=revisions.STANDS,
        tags=history.TAGS,
        levels=BY_KEY,
        roles=ROLE,
    )
