"""Rates of the chosen cycle: the editions that DLA has made, and the form that makes the next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from admin_app.domain import money
from admin_app.services import rates
from admin_app.views.common import chosen_cycle, permission

blueprint = Blueprint("rates", __name__, url_prefix="/rates")


@blueprint.get("/")
@permission("rate:read")
def index() -> Any:
    """The rates as they stand."""
    found = rates.edition(chosen_cycle().id)
    return render_template(
        "rates/index.html", edition=found, rates=rates.rates_of(found), kinds=money.KINDS
    )
