"""Errors and queries of a unit and of everything below it, on one page, with the notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from admin_app.domain import identity
from admin_app.domain.access import may
from admin_app.domain.moves import Status
from admin_app.domain.rules import RULES, Rule
from admin_app.i18n import gettext as _
from admin_app.i18n import ngettext, say
from admin_app.models import Unit, UnitState
from admin_app.services import confirmation, findings, notes, standing
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.typed import row_ids
from admin_app.views import fields
from admin_app.views.common import (
    actor,
    chosen_cycle,
    clock,
    is_local,
    permission,
    tell,
    unit_or_404,
)

blueprint = Blueprint("findings", __name__, url_prefix="/findings")


@dataclass(slots=True)
class Part:
    """What one rule found in one unit."""

    rule: Rule
    found: list[notes.Found]


@dataclass(slots=True)
class Group:
    """What was found in one unit, rule by rule, and what the person may do about it."""

    unit: Unit
    parts: list[Part] = field(default_factory=list)
    may_explain: bool = False
    may_return: bool = False


def _groups(cycle_id: int, found: list[notes.Found]) -> list[Group]:
    """The page's findings by unit; the rights are asked for once per unit."""
    order = {rule.code: place for place, rule in enumerate(RULES)}
    rows = sorted(
        found, key=lambda one: (one.row.unit.name_key, one.row.unit_id, order[one.row.rule])
    )
    groups = []
    for _id, of_unit in groupby(rows, key=lambda one: one.row.unit_id):
        several = list(of_unit)
        group = Group(several[0].row.unit)
        for code, of_rule in groupby(several, key=lambda one: one.row.rule):
            group.parts.append(Part(RULES[order[code]], list(of_rule)))
        group.may_explain, group.may_return = _rights(cycle_id, group.unit)
        groups.append(group)
    return groups


def _rights(cycle_id: int, unit: Unit) -> tuple[bool, bool]:
    me, seen = actor(), standing.read(cycle_id, unit)
    open_ = Status.CONFIRMED not in seen.chain and seen.window.may_record(clock())
    explain = open_ and may(me, "finding:explain", seen.ref)
    if seen.status is Status.OPEN or not may(me, f"{unit.level}:return", seen.ref):
        return explain, False
    return explain, not confirmation.possible_for(me, seen, "return", clock(), seen.facts())


def _page(
    unit: Unit,
    status: int = 200,
    typed: dict[int, str] | None = None,
    wrong: dict[int, str] | None = None,
) -> Any:
    cycle, me = chosen_cycle(), actor()
    findings.ensure(cycle.id, unit, clock())
    kind, rule = request.args.get("kind", ""), request.args.get("rule", "")
    kind, rule = kind if kind in notes.KINDS else "", rule if rule in RULE_CODES else ""
    around = {
        name: next(iter(row_ids([request.args.get(name, "")])), None)
        for name in ("after", "before")
    }
    found, page = notes.listed(me, cycle.id, unit, kind=kind, rule=rule, **around)
    tally = notes.tally(cycle.id, unit)
    here = request.full_path if request.method == "GET" else request.form.get("next", "")
    return (
        render_template(
            "findings/show.html",
            unit=unit,
            cycle=cycle,
            groups=_groups(cycle.id, found),
            page=page,
            kind=kind,
            rule=rule,
            rules=[(one.code, one.message) for one in RULES],
            kinds=[
                ("", _("All"), tally.error + tally.query + tally.explained),
                ("error", _("Errors"), tally.error),
                ("query", _("Queries to explain"), tally.query),
                ("explained", _("Explained"), tally.explained),
            ],
            link=lambda **changes: _link(unit, changes),
            me_masked=me.masked,
            mask=identity.mask_name,
            grades=fields.short_grades(),
            may_record=may(me, "child:create"),
            here=here.rstrip("?"),
            typed=typed or {},
            wrong=wrong or {},
        ),
        status,
    )


RULE_CODES = frozenset(rule.code for rule in RULES)


def _link(unit: Unit, changes: dict[str, Any]) -> str:
    args = {k: request.args.get(k) for k in ("kind", "rule", "after", "before")} | changes
    return url_for("findings.show", code=unit.code, **{k: v for k, v in args.items() if v})


@blueprint.get("/<code>")
@permission("finding:read")
def show(code: str) -> Any:
    """All errors, queries and notes of a unit and those below it, a hundred a page."""
    unit = unit_or_404(code)
    cycle = chosen_cycle()
    if (
        not UnitState.select()
        .where(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
        .exists()
    ):
        raise NotFound("state")
    return _page(unit)


def _shown() -> dict[int, str]:
    """The finding of the form, and with "alike" the others that were shown beside it."""
    basis = {
        key.removeprefix("basis."): value
        for key, value in request.form.items()
        if key.startswith("basis.")
    }
    wanted = list(basis) if "alike" in request.form else [request.form.get("finding", "")]
    return {number: basis.get(str(number), "") for number in row_ids(wanted)}


@blueprint.post("/<code>/explain")
@permission("finding:explain")
def explain(code: str) -> Any:
    """Save a note on a query, or on all of its kind that were shown."""
    unit = unit_or_404(code)
    note = request.form.get("note", "")
    shown = _shown()
    first = row_ids([request.form.get("finding", "")])
    typed = dict.fromkeys(first, note)
    try:
        count = notes.explain(actor(), shown, note, clock)
    except Invalid as invalid:
        message = say(*invalid.errors["note"])
        flash(message, "error")
        return _page(unit, 422, typed, dict.fromkeys(first, message))
    except Refused as refused:
        tell(refused.refusals)
        return _page(unit, 409, typed)
    except Conflict:
        flash(_("This has changed in the meantime. Look at it again; your note is kept."), "error")
        return _page(unit, 409, typed)
    flash(
        ngettext("%(num)d note saved.", "%(num)d notes saved.", count)
        if note.strip()
        else _("The note is taken back."),
        "success",
    )
    target = request.form.get("next", "")
    return redirect(target if is_local(target) else url_for("findings.show", code=unit.code))
