"""The one search box: units by any word, code or telephone; accounts; a child by its whole number.

It is posted, because a number typed into it is personal data and no address may have it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from admin_app.domain.access import ROLE
from admin_app.domain.levels import BY_KEY
from admin_app.domain.search import is_identity_number
from admin_app.services import account_search, list_memory, unit_search
from admin_app.views.common import SIGNED_IN, actor, allowed, clock, permission

blueprint = Blueprint("find", __name__, url_prefix="/find")
MOST_FOUND, MOST_ACCOUNTS, MOST_LOOKED_UP = 50, 10, 10
LONGEST = 100


def _typed() -> str:
    return str(request.values.get("q", "")).strip()[:LONGEST]


@blueprint.post("/")
@permission(SIGNED_IN)
def posted() -> Any:
    """A whole identity number leads to the children who have it, anything else to its hits.

    No redirect carries what was typed: it may be a child's name, or a number with something to it.
    """
    text = _typed()
    if is_identity_number(text) and allowed("child:read"):
        name = list_memory.keep_search(actor(), "children", text, clock())
        return redirect(url_for("children.index_view", found=name, keep="1"))
    return _found(text)


@blueprint.get("/")
@permission(SIGNED_IN)
def index() -> Any:
    """What has the words, for a link with words of a unit; one hit opens at once."""
    return _found(_typed())


def _found(text: str) -> Any:
    units = unit_search.find(actor(), text, MOST_FOUND)
    people = account_search.find(actor(), text, MOST_ACCOUNTS)
    if len(units) == 1 and not people:
        return redirect(url_for("units.show", code=units[0].code))
    if len(people) == 1 and not units:
        return redirect(url_for("users.details_view", id=people[0].id))
    return render_template(
        "find.html", q=text, units=units, people=people, levels=BY_KEY, roles=ROLE
    )


@blueprint.get("/units")
@permission(SIGNED_IN)
def lookup() -> Any:
    """Up to ten units as JSON [{code, name, level}], in scope, for look-ups."""
    rows = unit_search.find(actor(), _typed(), MOST_LOOKED_UP)
    return jsonify([{"code": u.code, "name": u.name, "level": u.level} for u in rows])
