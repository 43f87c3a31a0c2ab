"""Duplicates: the same child in two schools, side by side, settled by the lowest level above."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from admin_app.domain.access import may
from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO
from admin_app.domain.text import N_
from admin_app.domain.twins import decides
from admin_app.i18n import gettext as _
from admin_app.i18n import ngettext, say
from admin_app.services import duplicates, settling
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.scope import student_ref
from admin_app.services.twins import NUMBER_ELSEWHERE, TWIN_ELSEWHERE
from admin_app.services.typed import row_id, row_ids
from admin_app.views import child_facts
from admin_app.views.common import actor, chosen_cycle, clock, permission, tell

blueprint = Blueprint("duplicates", __name__, url_prefix="/duplicates")

PAGE_SIZE, BOUND = 20, 999
# word of the address → rule, name of the list
WAYS: dict[str, tuple[str, str]] = {
    "number": (NUMBER_ELSEWHERE, N_("Same identity number")),
    "name": (TWIN_ELSEWHERE, N_("Same name and birth date")),
}
SHOWN: dict[str, str] = {
    "own": N_("For us to decide"),
    "all": N_("All in our area"),
    "explained": N_("Explained as different children"),
}


def _rule(way: str) -> str:
    if way not in WAYS:
        raise NotFound(way)
    return WAYS[way][0]


def _choices(way: str) -> list[str]:
    """The lists that this role has; an LAO decides all that it sees."""
    narrow = [] if actor().unit.level == LAO else ["all"]
    return ["own", *narrow, *(["explained"] if way == "name" else [])]


def _boundary(name: str) -> int | None:
    found = row_ids([request.args.get(name, "")])
    return found[0] if found else None


def _shown(group: duplicates.Group) -> dict[str, Any]:
    """A group as the templates take it."""
    me = actor()
    facts = child_facts.beside([row.student for row in group.rows])
    names = {(row.student.first_name, row.student.last_name) for row in group.rows}
    return {
        "group": group,
        "cards": [
            {
                "row": row,
                "name": child_facts.name(row.student),
                "facts": told,
                "may_open": may(me, "child:read", student_ref(row.student)),
            }
            for row, told in zip(group.rows, facts, strict=True)
        ],
        "names_differ": len(names) > 1,
        "wide": group.unit.level,
        "decides": decides(me, group.places),
        "by_department": me.role == DEPARTMENT and group.unit.level != DEPARTMENT,
        "levels": BY_KEY,
    }


@blueprint.get("/")
@permission("duplicate:read")
def index() -> Any:
    """The groups of the chosen cycle that lie wholly in the actor's area, by number or by name."""
    me, cycle = actor(), chosen_cycle()
    way = request.args.get("by", "number")
    rule = _rule(way)
    choices = _choices(way)
    show = request.args.get("show", "own")
    show = show if show in choices else "own"
    which = {"own": show == "own", "explained": show == "explained"}
    page = duplicates.page(
        me,
        cycle.id,
        rule,
        PAGE_SIZE,
        after=_boundary("after"),
        before=_boundary("before"),
        **which,
    )
    return render_template(
        "duplicates/index.html",
        way=way,
        ways={
            key: (title, duplicates.count(me, cycle.id, found, BOUND))
            for key, (found, title) in WAYS.items()
        },
        show=show,
        shown={key: SHOWN[key] for key in choices},
        count=duplicates.count(me, cycle.id, rule, BOUND, **which),
        bound=BOUND,
        groups=[_shown(group) for group in page.groups],
        page=page,
    )


def _page(way: str, child: Any, status: int = 200) -> Any:
    group = duplicates.group(actor(), _rule(way), child)
    shown = _shown(group)
    told = duplicates.in_the_way(actor(), group, clock()) if shown["decides"] else {}
    return (
        render_template(
            "duplicates/group.html",
            way=way,
            child=child,
            **shown,
            in_the_way=told,
            form=request.form,
            most=settling.MOST_NOTE,
        ),
        status,
    )


@blueprint.get("/<way>/<child>")
@permission("duplicate:read")
def show(way: str, child: str) -> Any:
    """One group, by any of its children."""
    return _page(way, child)


@blueprint.get("/<way>/<child>/keep")
@blueprint.get("/<way>/<child>/apart")
@permission("duplicate:read")
def back(way: str, child: str) -> Any:
    """A refused form's address, loaded anew: the group."""
    duplicates.group(actor(), _rule(way), child)
    return redirect(url_for("duplicates.show", way=way, child=child))


def _versions() -> dict[int, int]:
    """Row id → version, as the form showed them."""
    typed = {k[8:]: v for k, v in request.form.items() if k.startswith("version-")}
    return {row_id(key): row_id(value) for key, value in typed.items()}


def _again(way: str, child: str, problem: Exception) -> Any:
    """The group once more with what is in the way; the list when the group is no more."""
    status = 409
    if isinstance(problem, Refused):
        tell(problem.refusals)
    elif isinstance(problem, Invalid):
        status = 422
        for message, params in problem.errors.values():
            flash(say(message, params), "error")
    else:
        flash(
            _("One of these rows was changed in the meantime. Nothing was done: compare again."),
            "error",
        )
    try:
        return _page(way, child, status)
    except NotFound:
        return redirect(url_for("duplicates.index", by=way))


@blueprint.post("/<way>/<child>/keep")
@permission("duplicate:decide")
def keep(way: str, child: str) -> Any:
    """One school keeps the child; the other rows are removed as duplicates."""
    rule = _rule(way)
    duplicates.group(actor(), rule, child)  # 404 before anything is told
    chosen = row_ids([request.form.get("keep", "")])
    if not chosen:
        flash(_("Choose which school keeps the child."), "error")
        return _page(way, child, 422)
    try:
        gone = settling.keep(
            actor(),
            rule,
            chosen[0],
            _versions(),
            clock,
            apart=row_ids(request.form.getlist("apart")),
        )
    except (Refused, Invalid, Conflict) as problem:
        return _again(way, child, problem)
    flash(
        ngettext(
            "Settled: %(num)d row is removed as a duplicate, and the schools see it.",
            "Settled: %(num)d rows are removed as duplicates, and the schools see it.",
            gone,
        ),
        "success",
    )
    return redirect(url_for("duplicates.index", by=way))


@blueprint.post("/<way>/<child>/apart")
@permission("duplicate:decide")
def apart(way: str, child: str) -> Any:
    """These are different children: the note explains both schools' findings."""
    rule = _rule(way)
    duplicates.group(actor(), rule, child)
    note = request.form.get("note", "")
    try:
        settling.tell_apart(actor(), rule, row_id(child), _versions(), note, clock)
    except (Refused, Invalid, Conflict) as problem:
        return _again(way, child, problem)
    flash(_("Explained: they are different children, and both stay."), "success")
    return redirect(url_for("duplicates.index", by=way))
