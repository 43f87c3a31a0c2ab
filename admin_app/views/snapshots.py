"""A unit's revisions, and two of them beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from admin_app.domain import identity
from admin_app.domain.access import ROLE, may
from admin_app.domain.differences import Children, Move
from admin_app.domain.levels import BY_KEY, SCHOOL
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.models import Cycle, Student, Unit
from admin_app.services import comparing, history, revisions, scope
from admin_app.services.errors import NotFound
from admin_app.services.typed import row_id
from admin_app.views import child_cells, fields
from admin_app.views.common import actor, chosen_cycle, permission

blueprint = Blueprint("snapshots", __name__, url_prefix="/snapshots")
MOST_CHILDREN = 50
TOTALS: dict[str, str] = {
    "children": N_("Children"),
    "M": N_("Boys"),
    "F": N_("Girls"),
    "others": N_("Other affiliations"),
}


@blueprint.get("/<code>")
@permission("snapshot:read")
def index(code: str) -> Any:
    """The unit's revisions in the chosen cycle, the latest first."""
    unit = revisions.unit(actor(), code)
    cycle = chosen_cycle()
    return render_template(
        "snapshots/index.html",
        unit=unit,
        level=BY_KEY[unit.level],
        cycle=cycle,
        rows=revisions.every(cycle.id, unit.id)[::-1],
        tags=history.TAGS,
        roles=ROLE,
    )


def _asked(unit: Unit, cycle: Cycle) -> tuple[int, int]:
    """The two numbers, the lower one first; by default the latest two. NotFound."""
    known = [revision.number for revision in revisions.every(cycle.id, unit.id)]
    if len(known) < 2:
        raise NotFound("revision")
    first = row_id(request.args.get("from", known[-2]))
    last = row_id(request.args.get("to", known[-1]))
    return min(first, last), max(first, last)


def _named(moves: Iterable[Move], *lists: dict[str, str]) -> list[tuple[list[str], Move]]:
    """Each move with its key in words: one list of names for each part of the key."""
    return [
        ([names.get(part, part) for part, names in zip(move.key, lists, strict=True)], move)
        for move in moves
    ]


def _faces(unit: Unit, cycle: Cycle, children: Children | None) -> list[tuple[str, list[Any]]]:
    """(what became of them, up to fifty rows) of a school's children that the person may see."""
    me = actor()
    if children is None or unit.level != SCHOOL or not may(me, "child:read", scope.ref(unit)):
        return []
    left = MOST_CHILDREN
    found = []
    for title, ids in (
        (N_("Came"), children.came),
        (N_("Went"), children.left),
        (N_("Changed"), children.changed),
    ):
        some = ids[:left]
        left -= len(some)
        query = Student.select().where(
            Student.id << list(some), Student.cycle == cycle.id, Student.school == unit.id
        )
        rows = scope.limit(query, Student, me, "child:read").order_by(Student.sort_key, Student.id)
        if some:
            found.append((title, list(rows)))
    return found


@blueprint.get("/<code>/compare")
@permission("snapshot:read")
def compare(code: str) -> Any:
    """What moved from ``?from=`` to ``?to=``, and what was done in between."""
    unit = revisions.unit(actor(), code)
    cycle = chosen_cycle()
    first, last = _asked(unit, cycle)
    if first == last:
        flash(_("Choose two different revisions."), "error")
        return redirect(url_for("snapshots.index", code=unit.code, cycle=cycle.code))
    found = comparing.compare(cycle, unit, first, last)
    grades, sexes = dict(fields.grades()), {k: _(v) for k, v in child_cells.SEXES.items()}
    affiliations = dict(fields.codes("affiliation")())
    tables = [
        (_("Children by grade"), [_("Grade"), _("Sex")], _named(found.counts, grades, sexes)),
        (
            _("Nationality"),
            [_("Nationality")],
            _named(found.nationality, dict(fields.codes("nationality")())),
        ),
        (
            _("Identity document"),
            [_("Identity document")],
            _named(found.id_kind, {kind.key: _(kind.name) for kind in identity.KINDS}),
        ),
        (
            _("Other affiliations"),
            [_("Affiliation"), _("Grade"), _("Sex")],
            _named(found.others, affiliations, grades, sexes),
        ),
        (
            _("Other affiliations"),
            [_("School"), _("Grade"), _("Sex")],
            _named(found.other_cells, {}, grades, sexes),
        ),
    ]
    return render_template(
        "snapshots/compare.html",
        unit=unit,
        level=BY_KEY[unit.level],
        cycle=cycle,
        found=found,
        totals=_named(found.totals, {key: _(text) for key, text in TOTALS.items()}),
        tables=[table for table in tables if table[2]],
        faces=_faces(unit, cycle, found.children),
        cells={
            "name": child_cells.names(),
            "grade": child_cells.grades(),
            "status": child_cells.statuses(),
        },
        tags=history.TAGS,
        roles=ROLE,
    )
