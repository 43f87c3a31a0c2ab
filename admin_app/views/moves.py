"""Moves by hand: a page that says in words what will happen, then the move through its service."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from admin_app.domain import thai
from admin_app.domain.levels import BY_KEY, LAO, SCHOOL
from admin_app.domain.moves import MOVES, permitted
from admin_app.domain.rules import RULE
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.models import Cycle, Unit
from admin_app.services import confirmation, notes, progress, snapshots, standing
from admin_app.services.errors import NotFound, Refused
from admin_app.services.scope import ref
from admin_app.views import fields
from admin_app.views.common import (
    SIGNED_IN,
    actor,
    chosen_cycle,
    clock,
    permission,
    tell,
    told,
    unit_or_404,
)

blueprint = Blueprint("moves", __name__, url_prefix="/units")

# what the page says before the button is pressed, per move
WORDS: dict[str, str] = {
    "confirm": N_(
        "After the confirmation nothing can be changed until the unit is returned or unlocked."
        " The level above sees it at once."
    ),
    "close": N_("The figures of all provinces are frozen and the national workbooks open."),
    "return": N_("The unit can correct its data and has to confirm again."),
    "unlock": N_("Everything listed here becomes open and has to be confirmed again."),
    "extend": N_(
        "The unit and everything below it may record and confirm until then; the levels above it"
        " may confirm until the same time."
    ),
}
USUAL_REASONS: dict[str, tuple[str, ...]] = {
    "unlock": (
        N_("Confirmed by mistake"),
        N_("A child was left out"),
        N_("A count has to be corrected"),
    ),
    "return": (
        N_("Number of children does not agree with the last round"),
        N_("A grade is missing"),
    ),
    "extend": (N_("No internet or electricity"), N_("Flood or disaster"), N_("Staff changed")),
}


# what is refused because of a field of the page → the field
FIELDS: dict[str, str] = {
    "reason_missing": "reason",
    "until_missing": "until",
    "until_past": "until",
    "until_beyond_close": "until",
    "extended_by_department": "until",
}


def _suggested(unit: Unit) -> str:
    """The reason that a return begins with when it comes from a note: rule and note."""
    asked = request.args.get("finding")
    if not asked:
        return ""
    found = notes.get(actor(), asked)
    if found.unit_id != unit.id:
        raise NotFound("finding")
    return f"{_(RULE[found.rule].message)}: {found.note}"[:500]


def _usual(move: str) -> str:
    """The usual reason that is chosen: as sent, or the one whose place a link names."""
    place = request.args.get("usual", "")
    reasons = USUAL_REASONS.get(move, ())
    linked = _(reasons[int(place)]) if place in map(str, range(len(reasons))) else ""
    return request.form.get("usual", linked)


def _classes(cycle: Cycle, school: Unit) -> list[tuple[str, int, int]]:
    """(grade, boys, girls) of the school's children, in the order of grades."""
    names = dict(fields.grades())
    counts = snapshots.school_counts(cycle.id, [school.id]).get(school.id, [])
    return [(names.get(code, code), boys, girls) for code, boys, girls in counts]


def _page(unit: Unit, move: str, status: int = 200, errors: dict[str, str] | None = None) -> Any:
    cycle = chosen_cycle()
    seen = standing.read(cycle.id, unit)
    now = clock()
    refusals = confirmation.possible_for(actor(), seen, move, now)
    reopens = confirmation.preview_unlock(actor(), cycle.id, unit.id) if move == "unlock" else []
    signs = move in ("confirm", "close")
    tallies, children, _attested = progress.totals(cycle, unit, now) if signs else ({}, 0, 0)
    return (
        render_template(
            "units/move.html",
            unit=unit,
            cycle=cycle,
            level=BY_KEY[unit.level],
            levels=BY_KEY,
            move=MOVES[move],
            words=WORDS[move],
            reasons=USUAL_REASONS.get(move, ()),
            usual=_usual(move),
            refusals=refusals,
            reopens=reopens,
            missing=progress.open_below(cycle, unit) if move == "close" else [],
            signs=signs,
            children=children,
            tallies=tallies,
            classes=_classes(cycle, unit) if move == "confirm" and unit.level == SCHOOL else [],
            until=fields.typed_moment(cycle.closes_at) if now < cycle.closes_at else "",
            sheet=progress.other_sheet(cycle.id, unit.id) if signs and unit.level == LAO else None,
            seen=seen,
            suggested=_suggested(unit),
            needs_reason=MOVES[move].needs_reason or (move == "close" and seen.facts().below_open),
            form=request.form,
            errors=errors or {},
        ),
        status,
    )


@blueprint.route("/<code>/<move>", methods=["GET", "POST"])
@permission(SIGNED_IN)
def make(code: str, move: str) -> Any:
    """Show a move (GET) or make it (POST). 404 where role and unit have no such move."""
    unit = unit_or_404(code)
    if move not in MOVES or not permitted(actor(), move, ref(unit)):
        abort(404)
    if request.method == "GET":
        return _page(unit, move)
    until = None
    typed = request.form.get("until", "").strip()
    if typed:
        try:
            until = thai.parse_local_datetime(typed)
        except ValueError as error:
            return _page(unit, move, 422, {"until": _(str(error))})
    reason = request.form.get("reason", "").strip() or request.form.get("usual", "")
    try:
        confirmation.move(
            actor(), chosen_cycle().id, unit.id, move, clock, reason=reason[:500], until=until
        )
    except Refused as refused:
        tell([one for one in refused.refusals if one.code not in FIELDS])
        errors = {FIELDS[one.code]: told([one]) for one in refused.refusals if one.code in FIELDS}
        return _page(unit, move, 409, errors)
    flash(f"{_(MOVES[move].done)}: {unit.name}", "success")
    return redirect(url_for("units.show", code=unit.code))
