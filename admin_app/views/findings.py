"""Errors and queries of a unit and of everything below it, on one page, with the notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from admin_app.domain import identity
from admin_app.domain.access import may
from admin_app.domain.moves import Status
from admin_app.domain.rules import RULES, Rule, Severity
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
    """The page's findings by unit; the rights of all units are read at once."""
    order = {rule.code: place for place, rule in enumerate(RULES)}
    rows = sorted(
        found, key=lambda one: (one.row.unit.name_key, one.row.unit_id, order[one.row.rule])
    )
    rights = _rights(cycle_id, {one.row.unit_id: one.row.unit for one in rows})
    groups = []
    for _id, of_unit in groupby(rows, key=lambda one: one.row.unit_id):
        several = list(of_unit)
        group = Group(several[0].row.unit)
        for code, of_rule in groupby(several, key=lambda one: one.row.rule):
            group.parts.append(Part(RULES[order[code]], list(of_rule)))
        group.may_explain, group.may_return = rights.get(group.unit.id, (False, False))
        groups.append(group)
    return groups


def _rights(cycle_id: int, units: dict[int, Unit]) -> dict[int, tuple[bool, bool]]:
    """Unit id → whether the person may explain there, and may return the unit."""
    me, now = actor(), clock()
    below = standing.below_open(cycle_id, units)
    rights = {}
    for unit_id, seen in standing.read_many(cycle_id, list(units.values())).items():
        open_ = Status.CONFIRMED not in seen.chain and seen.window.may_record(now)
        may_return = seen.status is not Status.OPEN and may(
            me, f"{seen.unit.level}:return", seen.ref
        )
        if may_return:
            facts = seen.facts(below.get(unit_id, 0))
            may_return = not confirmation.possible_for(me, seen, "return", now, facts)
        rights[unit_id] = (open_ and may(me, "finding:explain", seen.ref), may_return)
    return rights


def _with_form(groups: list[Group]) -> set[int]:
    """The findings of the page that the person may explain there."""
    me = actor()
    return {
        one.row.id
        for group in groups
        if group.may_explain
        for part in group.parts
        for one in part.found
        if one.row.severity == Severity.QUERY and not notes.of_above(me, one.row)
    }


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
    offered = notes.rules_found(cycle.id, unit) | {rule}
    groups, typed = _groups(cycle.id, found), typed or {}
    with_form = _with_form(groups)
    here = request.full_path if request.method == "GET" else request.form.get("next", "")
    return (
        render_template(
            "findings/show.html",
            unit=unit,
            cycle=cycle,
            groups=groups,
            with_form=with_form,
            lost=[note for id_, note in typed.items() if note.strip() and id_ not in with_form],
            explain=_link(unit, {}, "findings.explain"),
            page=page,
            kind=kind,
            rule=rule,
            rules=[(one.code, one.message) for one in RULES if one.code in offered],
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
            typed=typed,
            wrong=wrong or {},
        ),
        status,
    )


RULE_CODES = frozenset(rule.code for rule in RULES)


def _link(unit: Unit, changes: dict[str, Any], endpoint: str = "findings.show") -> str:
    args = {k: request.args.get(k) for k in ("kind", "rule", "after", "before")} | changes
    return url_for(endpoint, code=unit.code, **{k: v for k, v in args.items() if v})


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


@blueprint.get("/<code>/explain")
@permission("finding:read")
def back(code: str) -> Any:
    """A refused form's address, loaded anew: the page that it stood on."""
    return redirect(_link(unit_or_404(code), {}))


@blueprint.post("/<code>/explain")
@permission("finding:explain")
def explain(code: str) -> Any:
    """Save a note on a query, or on all of its kind that were shown."""
    unit = unit_or_404(code)
    note = request.form.get("note", "")
    shown = _shown()
    first = row_ids([request.form.get("finding", "")])
    typed = dict.fromkeys(first, note)
    changed = _("This has changed in the meantime. Look at it again; your note is kept.")
    try:
        count = notes.explain(actor(), shown, note, clock)
    except Invalid as invalid:
        message = say(*invalid.errors["note"])
        flash(message, "error")
        return _page(unit, 422, typed, dict.fromkeys(first, message))
    except Refused as refused:
        tell(refused.refusals)
        return _page(unit, 409, typed)
    except NotFound:  # corrected meanwhile, or never the person's to see: told alike
        flash(changed, "error")
        return _page(unit, 404, typed)
    except Conflict:
        flash(changed, "error")
        return _page(unit, 409, typed)
    flash(
        ngettext("%(num)d note saved.", "%(num)d notes saved.", count)
        if note.strip()
        else _("The note is taken back."),
        "success",
    )
    target = request.form.get("next", "")
    return redirect(target if is_local(target) else url_for("findings.show", code=unit.code))
