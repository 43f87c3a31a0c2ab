"""The existence check of a school: what is left of each class, attesting it, its checklist."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from admin_app.domain import identity, thai
from admin_app.domain.access import may
from admin_app.domain.levels import SCHOOL
from admin_app.i18n import gettext as _
from admin_app.i18n import speaking
from admin_app.models import Unit
from admin_app.services import children, existence, history, standing
from admin_app.services.errors import NotFound, Refused
from admin_app.services.existence import Class
from admin_app.services.scope import ref
from admin_app.views import child_cells, fields
from admin_app.views.common import (
    actor,
    chosen_cycle,
    clock,
    permission,
    seen_versions,
    tell,
    unit_or_404,
)

blueprint = Blueprint("existence", __name__, url_prefix="/existence")
NO_GRADE = "-"
"""Stands in an address for children without a grade."""


def _school(code: str) -> Unit:
    school = unit_or_404(code)
    if school.level != SCHOOL:
        raise NotFound(code)
    return school


def class_name(one: Class) -> str:
    """The class in the request's language."""
    return fields.named(one.grade) if one.grade else one.code or _("Without a grade")


@blueprint.get("/<code>")
@permission("child:read")
def show(code: str) -> Any:
    """A school's classes: children, attested, left, removed; what may be done with each."""
    school, cycle, now, me = _school(code), chosen_cycle(), clock(), actor()
    try:
        seen = standing.read(cycle.id, school)
    except NotFound:
        return render_template("units/no_part.html", unit=school)
    open_now = seen.window.may_record(now) and "confirmed" not in seen.chain
    return render_template(
        "existence/show.html",
        school=school,
        cycle=cycle,
        classes=existence.classes(cycle.id, school.id),
        class_name=class_name,
        no_grade=NO_GRADE,
        may_attest=open_now and may(me, "child:attest", seen.ref),
        may_print=may(me, "checklist:print", seen.ref),
        open_now=open_now,
        confirmed=seen.status == "confirmed",
    )


@blueprint.post("/<code>/<grade>")
@permission("child:attest")
def attest(code: str, grade: str) -> Any:
    """Attest a class: the children that were counted when the page was shown, and no others."""
    school, seen = _school(code), seen_versions()
    grade = "" if grade == NO_GRADE else grade
    try:
        count = children.attest_class(actor(), chosen_cycle().id, school.id, grade, seen, clock)
    except Refused as refused:
        tell(refused.refusals)
    else:
        child_cells.tell_attested(count, len(seen) - count)
    return redirect(url_for("existence.show", code=school.code))


@blueprint.get("/<code>/checklist")
@permission("checklist:print")
def checklists(code: str) -> Any:
    """The checklists of all classes, each on pages of its own."""
    return _checklist(code, None)


@blueprint.get("/<code>/<grade>/checklist")
@permission("checklist:print")
def checklist(code: str, grade: str) -> Any:
    """The checklist of one class, to be printed."""
    return _checklist(code, "" if grade == NO_GRADE else grade)


def _checklist(code: str, grade: str | None) -> Any:
    """A4, Thai whatever the screen's language, as official papers are; in the access log."""
    school, cycle, now, me = _school(code), chosen_cycle(), clock(), actor()
    if not may(me, "checklist:print", ref(school)):
        raise NotFound(code)
    found = existence.children(cycle.id, school.id)
    wanted = [
        (one, found[one.code])
        for one in existence.classes(cycle.id, school.id)
        if one.code in found and grade in (None, one.code)
    ]
    if grade is not None and not wanted:
        raise NotFound("class")
    history.log_access(
        "checklist",
        me,
        now,
        unit_id=school.id,
        cycle_id=cycle.id,
        rows=sum(len(pupils) for _one, pupils in wanted),
        details={"grade": grade},
    )
    with speaking("th"):
        return render_template(
            "existence/checklist.html",
            school=school,
            cycle=cycle,
            classes=wanted,
            class_name=class_name,
            today=thai.format_date_long(thai.to_local(now).date()),
            day_of=lambda moment: thai.format_date(thai.to_local(moment).date()),
            sexes=child_cells.SEXES,
            number=identity.mask_number if me.masked else identity.format_number,
            back=url_for("existence.show", code=school.code),
        )
