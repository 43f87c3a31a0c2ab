"""A unit's page: its state, what is left to do, what it may do now, those below, its timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for

from admin_app.domain.access import may
from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, PROVINCE, SCHOOL, below
from admin_app.domain.money import KINDS
from admin_app.domain.moves import MOVES, Facts, Refusal, Status, permitted
from admin_app.models import Cycle, Unit, User
from admin_app.services import (
    accounts,
    case_notes,
    confirmation,
    estimates,
    existence,
    history,
    notes,
    progress,
    reminders,
    scope,
    standing,
)
from admin_app.services.errors import NotFound
from admin_app.views import board
from admin_app.views.common import (
    SIGNED_IN,
    actor,
    allowed,
    chosen_cycle,
    clock,
    permission,
    unit_or_404,
)
from admin_app.views.moves import USUAL_REASONS
from admin_app.views.states import status_tag
from admin_app.views.waiting import may_ask_for, of_unit

blueprint = Blueprint("units", __name__, url_prefix="/units")
# level → the screen on which its contacts are edited
CONTACT_VIEWS = {
    SCHOOL: "schools",
    LAO: "laos",
    PROVINCE: "provinces",
    DEPARTMENT: "department",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A move on the page: possible when nothing refuses it, else shown with what refuses it.

    ``reasons``: the usual ones, each a link, where a reason is all that the move asks for.
    """

    key: str
    name: str
    refusals: tuple[Refusal, ...]
    reasons: tuple[str, ...] = ()


def _offers(seen: standing.Standing, facts: Facts, now: datetime) -> list[Offer]:
    me = actor()
    return [
        Offer(
            key,
            move.name,
            tuple(confirmation.possible_for(me, seen, key, now, facts)),
            USUAL_REASONS.get(key, ()) if move.to_status is Status.OPEN else (),
        )
        for key, move in MOVES.items()
        if permitted(me, key, seen.ref)
        and (move.from_status is None or seen.status is move.from_status)
    ]


def _problem_link(unit: Unit, refusal: Refusal) -> str | None:
    """The very rows that block, as a link."""
    links: dict[str, Callable[[], str]] = {
        "rule_errors": lambda: url_for(
            "children.index_view", unit=unit.code, problem=refusal.params["code"]
        ),
        "not_attested": lambda: url_for("existence.show", code=unit.code),
        "queries_open": lambda: url_for("findings.show", code=unit.code, kind="query"),
        "leavers_undecided": lambda: url_for("leavers.show", unit=unit.code),
        "no_children": lambda: url_for("children.index_view", unit=unit.code),
        "other_counts_missing": lambda: url_for("grid.show", code=unit.code),
        "below_open": lambda: _board_link(unit),
    }
    make = links.get(refusal.code)
    return make() if make else None


def _board_link(unit: Unit) -> str:
    """Those below that have not confirmed, with their telephones, on the page that shows them."""
    if unit.id == actor().unit.id:
        return url_for("home.index", board="open", _anchor="board")
    return url_for("units.show", code=unit.code, board="open", _anchor="board")


def overview(cycle: Cycle, unit: Unit, now: datetime) -> dict[str, Any]:
    """Everything that the home and the unit's page show of a unit. NotFound: takes no part."""
    seen = standing.read(cycle.id, unit)
    facts = confirmation.whole_facts(seen, now)
    blockers = facts.blockers
    if facts.below_open and seen.status == "open":
        blockers = (Refusal("below_open", {"count": facts.below_open}), *blockers)
    shown = board.of(cycle, unit, now)
    tallies, children, attested = progress.totals(cycle, unit, now)
    return {
        "cycle": cycle,
        "unit": unit,
        "level": BY_KEY[unit.level],
        "levels": BY_KEY,
        "seen": seen,
        "state": seen.own,
        "tag": status_tag(seen.own),
        "status_tag": status_tag,
        "window": seen.window,
        "offers": _offers(seen, facts, now),
        "blockers": [(refusal, _problem_link(unit, refusal)) for refusal in blockers],
        "tallies": tallies,
        "children": children,
        "attested": attested,
        "found": notes.tally(cycle.id, unit),
        "removed": existence.removed(cycle.id, unit.id) if unit.level == SCHOOL else 0,
        "board": shown,
        "below": below(unit.level),
        "sheet": progress.other_sheet(cycle.id, unit.id) if unit.level == "lao" else None,
        "may_record": may(actor(), "child:create", seen.ref) if unit.level == SCHOOL else False,
        "may_grid": unit.level == "lao" and may(actor(), "other_counts:edit", seen.ref),
        "notices": of_unit(cycle, unit),
        "may_ask": may_ask_for(unit),
        "remind": _may_remind(cycle, unit, shown.rows, now),
        "recording": seen.window.may_record(now) and "confirmed" not in seen.chain,
    }


def _may_remind(cycle: Cycle, unit: Unit, rows: list[progress.Row], now: datetime) -> bool:
    """Whether those below are there to be reminded, by this person; its page says if not now."""
    begun = cycle.started_at is not None and now >= cycle.opens_at
    left = any(row.state.status == "open" for row in rows)
    return begun and left and reminders.may_remind(actor(), unit)


@blueprint.get("/<code>")
@permission(SIGNED_IN)
def show(code: str) -> Any:
    """A unit in the chosen cycle."""
    return page(unit_or_404(code))


def page(unit: Unit, note: str = "", note_error: str = "") -> str:
    """The unit's page; ``note``: a case note that could not be kept, and why."""
    cycle = chosen_cycle()
    now = clock()
    try:
        found = overview(cycle, unit, now)
    except NotFound:
        return render_template("units/no_part.html", unit=unit, level=BY_KEY[unit.level])
    me = actor()
    people = [
        user
        for user in User.select().where(User.unit == unit.id).order_by(User.username)
        if accounts.manageable(me, user, "read")
    ]
    return render_template(
        "units/show.html",
        **found,
        self_context=found,
        ancestors=[u for u in progress.ancestors(unit) if may(me, f"{u.level}:read", scope.ref(u))],
        money_kinds=KINDS,
        above=[
            state
            for state in reversed(found["seen"].above)
            if may(me, f"{state.level}:read", scope.ref(state.unit))
        ],
        events=progress.timeline(cycle.id, unit.id),
        tags=history.TAGS,
        people=people,
        estimate=_estimate(cycle, unit),
        case_notes=case_notes.of_unit(me, unit),
        reminder=reminders.last_of(unit.id),
        may_note=may(me, "case_note:write", scope.ref(unit)),
        note=note,
        note_error=note_error,
        may_contact=any(
            may(me, f"{unit.level}:{verb}", found["seen"].ref) for verb in ("contact", "edit")
        ),
        contact_view=CONTACT_VIEWS[unit.level],
    )


def _estimate(cycle: Cycle, unit: Unit) -> estimates.Estimate | None:
    """The unit's estimate for who may read rates; the country's takes long and has its own page."""
    if unit.level == DEPARTMENT or not allowed("rate:read"):
        return None
    return estimates.of(cycle, unit)


@blueprint.get("/<code>/estimate")
@permission("rate:read")
def estimate(code: str) -> Any:
    """Lunch, milk and subsidy of a unit and of those directly below it."""
    unit = unit_or_404(code)
    cycle = chosen_cycle()
    try:
        found = estimates.of(cycle, unit)
    except NotFound:
        found = None
    lower = below(unit.level)
    return render_template(
        "units/estimate.html", unit=unit, cycle=cycle, estimate=found, below=lower, kinds=KINDS
    )
