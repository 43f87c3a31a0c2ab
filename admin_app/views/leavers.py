"""Proposed leavers: all of a school in one screen, accepted unless the person says otherwise."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from admin_app.domain import identity
from admin_app.i18n import gettext as _
from admin_app.i18n import ngettext, say
from admin_app.models import Student, Unit
from admin_app.services import leavers, standing
from admin_app.services.children import REMOVAL_REASONS
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.leavers import Choice
from admin_app.services.typed import row_ids
from admin_app.views import fields
from admin_app.views.common import (
    actor,
    changed_by_other,
    chosen_cycle,
    clock,
    permission,
    tell,
    unit_or_404,
)

blueprint = Blueprint("leavers", __name__, url_prefix="/leavers")
GONE, HERE = "out:", "in:"
LATER = "later"


def _school() -> Unit | None:
    """The school of ``unit=``, else the person's own; None: one has to be chosen."""
    code = request.values.get("unit", "")
    if code:
        unit = unit_or_404(code)
        if unit.level != "school":
            raise NotFound(code)
        return unit
    return Unit.get_by_id(actor().unit.id) if actor().unit.level == "school" else None


def _choices() -> list[Choice]:
    """What the form says; children left for later are left out."""
    found = []
    for child_id in row_ids(key[1:] for key in request.form if key.startswith("c")):
        said = request.form.get(f"c{child_id}", "")
        if said in ("", LATER):
            continue
        versions = row_ids([request.form.get(f"v{child_id}", "")])
        found.append(
            Choice(
                child_id,
                versions[0] if versions else 0,
                reason=said.removeprefix(GONE) if said.startswith(GONE) else "",
                grade=said.removeprefix(HERE) if said.startswith(HERE) else "",
            )
        )
    return found


def _page(
    school: Unit, rows: list[Student], errors: dict[str, str] | None = None, status: int = 200
) -> Any:
    cycle = chosen_cycle()
    try:
        seen = standing.read(cycle.id, school)
    except NotFound:
        return render_template("units/no_part.html", unit=school, level=None)
    return (
        render_template(
            "units/leavers.html",
            school=school,
            cycle=cycle,
            rows=rows,
            identity=identity,
            reasons=REMOVAL_REASONS,
            usual=GONE + leavers.USUAL_REASON,
            gone=GONE,
            here=HERE,
            later=LATER,
            grades=leavers.grades(school.id),
            named=fields.named,
            names=dict(fields.grades()),
            said=request.form,
            errors=errors or {},
            may_decide=seen.window.may_record(clock()) and "confirmed" not in seen.chain,
        ),
        status,
    )


@blueprint.get("/")
@permission("child:remove")
def show() -> Any:
    """A school's proposed leavers; an LAO that names no school gets its schools that have some."""
    school = _school()
    cycle = chosen_cycle()
    if school is None:
        return render_template(
            "units/leavers_of.html", cycle=cycle, schools=leavers.schools(actor(), cycle.id)
        )
    return _page(school, leavers.of_school(cycle.id, school.id))


@blueprint.post("/")
@permission("child:remove")
def decide() -> Any:
    """Remove and keep as the form says, all or none."""
    school = _school()
    if school is None:
        raise NotFound("school")
    cycle = chosen_cycle()
    try:
        gone, kept = leavers.decide(actor(), cycle.id, school.id, _choices(), clock)
    except Invalid as invalid:
        errors = {key: say(*error) for key, error in invalid.errors.items()}
        flash(_("Nothing is saved yet. Please look at the marked rows."), "error")
        return _page(school, leavers.of_school(cycle.id, school.id), errors, 422)
    except Refused as refused:
        tell(refused.refusals)
        return _page(school, leavers.of_school(cycle.id, school.id), status=409)
    except Conflict as conflict:
        changed_by_other()
        return _page(school, conflict.current, status=409)
    if gone:
        flash(
            ngettext(
                "%(num)d child removed; it can be restored under the filter Removed.",
                "%(num)d children removed; they can be restored under the filter Removed.",
                gone,
            ),
            "success",
        )
    if kept:
        flash(ngettext("%(num)d child kept.", "%(num)d children kept.", kept), "success")
    if leavers.count(cycle.id, school.id):
        return redirect(url_for("leavers.show", unit=school.code))
    return redirect(url_for("units.show", code=school.code))
