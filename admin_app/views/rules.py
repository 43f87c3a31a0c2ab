"""The data rules of a cycle, for everybody to read and for DLA to set."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from admin_app.domain import thai
from admin_app.domain.rules import RULE, RULES, SEVERITY_NAMES, THRESHOLDS
from admin_app.i18n import gettext as _
from admin_app.i18n import say
from admin_app.jobs import kinds
from admin_app.models import Cycle, Event
from admin_app.services import ground, rule_settings
from admin_app.services.errors import Conflict, Invalid, Refused
from admin_app.views.common import (
    actor,
    allowed,
    changed_by_other,
    chosen_cycle,
    clock,
    permission,
    tell,
)

blueprint = Blueprint("rules", __name__, url_prefix="/rules")


@blueprint.get("/")
@permission("rule:read")
def index() -> Any:
    """Every rule as it stands in the chosen cycle."""
    cycle = chosen_cycle()
    return render_template(
        "findings/rules.html",
        cycle=cycle,
        rules=RULES,
        settings=ground.all_settings(cycle.id),
        severities=SEVERITY_NAMES,
        thresholds=THRESHOLDS,
        may_edit=allowed("rule:edit"),
    )


def _number(text: str) -> int | None:
    text = thai.digits(text).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _form(cycle: Cycle, code: str, status: int = 200, errors: dict[str, str] | None = None) -> Any:
    setting = ground.all_settings(cycle.id)[code]
    typed = request.form if request.method == "POST" else None
    events = (
        Event.select()
        .where(Event.cycle == cycle.id, Event.tag == "rule.edited", Event.unit.is_null())
        .where(Event.details.contains(f'"rule": "{code}"'))
        .order_by(Event.id.desc())
        .limit(20)
    )
    return (
        render_template(
            "findings/rule.html",
            cycle=cycle,
            rule=RULE[code],
            severities=SEVERITY_NAMES,
            names=THRESHOLDS,
            active="active" in typed if typed else setting.active,
            values={
                name: typed.get(name, "") if typed else value
                for name, value in setting.thresholds.items()
            },
            errors=errors or {},
            version=rule_settings.version_of(cycle.id, code),
            events=[(event, json.loads(event.details)) for event in events],
        ),
        status,
    )


@blueprint.route("/<code>", methods=["GET", "POST"])
@permission("rule:edit")
def edit(code: str) -> Any:
    """Switch a rule on or off for the chosen cycle, or move its thresholds."""
    if code not in RULE:
        abort(404)
    cycle = chosen_cycle()
    if request.method == "GET":
        return _form(cycle, code)
    try:
        rule_settings.change(
            actor(),
            cycle.id,
            code,
            request.form.get("version", -1, type=int),
            "active" in request.form,
            {name: _number(request.form.get(name, "")) for name in RULE[code].thresholds},
            clock,
        )
    except Invalid as invalid:
        return _form(cycle, code, 422, {key: say(*told) for key, told in invalid.errors.items()})
    except Refused as refused:
        tell(refused.refusals)
        return _form(cycle, code, 409)
    except Conflict:
        changed_by_other()
        return _form(cycle, code, 409)
    flash(_("The rule is set for cycle %(code)s.", code=cycle.code), "success")
    if cycle.started_at is not None:
        try:
            kinds.ask(actor(), "recheck", cycle.id, clock)
            flash(_("All data that is not confirmed is being checked again."), "info")
        except Refused as refused:
            tell(refused.refusals)
    return redirect(url_for("rules.index", cycle=cycle.code))
