"""Transfers: asking for a child that another school holds, releasing, refusing, withdrawing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_admin.form import BaseForm
from wtforms import TextAreaField

from admin_app.domain import identity
from admin_app.i18n import gettext as _
from admin_app.i18n import lazy, say
from admin_app.models import Student, Transfer, Unit
from admin_app.services import asking, children, requests, transfer_lists, transfers
from admin_app.services.errors import Conflict, Invalid, Refused
from admin_app.services.typed import row_ids
from admin_app.views import child_facts, fields
from admin_app.views.child_form import offered_grades, own_schools
from admin_app.views.common import actor, allowed, chosen_cycle, clock, permission, tell

blueprint = Blueprint("transfers", __name__, url_prefix="/transfers")

PAGE_SIZE = 50


def _kinds() -> list[tuple[str, str]]:
    return [(kind.key, _(kind.name)) for kind in identity.KINDS if kind.numbered]


def _offered() -> list[tuple[str, str]]:
    """The grades that the actor's schools offer."""
    return offered_grades([int(school_id) for school_id, _name in own_schools()])


class AskForm(BaseForm):
    """What the receiving school says: the number on the child's document, grade and reason."""

    school = fields.ChoiceField(lazy("School"), own_schools, empty=False)
    id_kind = fields.ChoiceField(lazy("Identity document"), _kinds, empty=False, default="pin")
    id_number = fields.IdentityNumberField(
        lazy("Identity number"),
        description=lazy("As on the child's document: 13 digits, or G and 12 digits"),
        required=True,
    )
    grade = fields.ChoiceField(lazy("Grade in your school"), _offered)
    reason = TextAreaField(
        lazy("Why the child comes to you"),
        description=lazy("Both schools and the levels above read it: write no name or number here"),
        render_kw={"rows": 2, "maxlength": transfers.MOST_REASON, "required": True},
    )


def _boundary(name: str) -> int | None:
    found = row_ids([request.args.get(name, "")])
    return found[0] if found else None


@blueprint.get("/")
@permission("transfer:read")
def index() -> Any:
    """The requests of the chosen cycle: what waits here, what was asked from here, what is done."""
    me, cycle = actor(), chosen_cycle()
    kinds = transfer_lists.kinds(me)
    counts = {kind: transfer_lists.count(me, cycle.id, kind) for kind in kinds}
    show = request.args.get("show", "")
    if show not in kinds:
        show = next((kind for kind in kinds if counts[kind]), kinds[0])
    page = transfer_lists.page(
        me, cycle.id, show, PAGE_SIZE, after=_boundary("after"), before=_boundary("before")
    )
    return render_template(
        "transfers/index.html",
        show=show,
        kinds={kind: (transfer_lists.NAMES[kind], counts[kind]) for kind in kinds},
        bound=transfer_lists.BOUND,
        page=page,
        number=_number,
        name=child_facts.name,
        statuses=transfers.STATUSES,
        grades=dict(fields.grades()),
        may_ask=allowed("transfer:ask"),
    )


def _number(transfer: Transfer) -> str:
    write = identity.mask_number if actor().masked else identity.format_number
    return write(transfer.id_kind, transfer.id_number)


# --- asking --------------------------------------------------------------------------------


def _filled(form: Any) -> None:
    """Fill in what the own child's row says: by its id, so that no number stands in an address."""
    if "child" in request.args:
        child = children.get(actor(), request.args["child"], "edit")
        form.id_kind.data, form.id_number.data = child.id_kind, child.id_number
        form.grade.data = child.grade
        if form.school is not None:
            form.school.data = str(child.school_id)
    elif form.school is not None:
        asked: Unit | None = Unit.get_or_none(Unit.code == request.args.get("unit", ""))
        form.school.data = str(asked.id) if asked is not None else None


def _ask_page(form: Any, status: int = 200, *, record: bool = False) -> Any:
    return render_template("transfers/ask.html", ask=form, record=record), status


@blueprint.route("/ask", methods=["GET", "POST"])
@permission("transfer:ask")
def ask() -> Any:
    """Ask for a child by the number on its document."""
    form: Any = AskForm(request.form)
    schools = own_schools()
    if len(schools) == 1:
        del form.school
    if request.method == "GET":
        _filled(form)
        return _ask_page(form)
    school = schools[0][0] if form.school is None else form.school.data
    values = {key: request.form.get(key) for key in ("id_kind", "id_number", "grade", "reason")}
    try:
        asked = asking.ask(actor(), chosen_cycle().id, school, values, clock)
    except Invalid as invalid:
        for name, (message, params) in invalid.errors.items():
            getattr(form, name).errors = [say(message, params)]
        return _ask_page(form, 422)
    except Refused as refused:
        nowhere = any(refusal.code == "number_nowhere" for refusal in refused.refusals)
        tell(refused.refusals, "info" if nowhere else "error")
        return _ask_page(form, 409, record=nowhere)
    flash(
        _("You have asked for this child already. It waits for the other school's answer.")
        if asked.again
        else _("Asked. The school that holds the number sees your request and its reason."),
        "success",
    )
    return redirect(url_for("transfers.index", show=transfer_lists.OUTGOING))


# --- answering -----------------------------------------------------------------------------


def _page(key: Any, status: int = 200) -> Any:
    transfer = transfers.get(actor(), key)
    [line] = transfer_lists.lines(actor(), [transfer])
    waits = transfer.status == requests.ASKED
    child = line.child
    moved: Student | None = None
    if transfer.moved_id and line.asks:
        moved = Student.get_by_id(transfer.moved_id)
    return (
        render_template(
            "transfers/show.html",
            line=line,
            transfer=transfer,
            waits=waits,
            closed=waits and transfers.closed(transfer.cycle_id),
            child=child,
            child_name=child_facts.name(child) if child else "",
            facts=child_facts.beside([child])[0] if child else [],
            moved=moved,
            number=_number(transfer),
            statuses=transfers.STATUSES,
            grades=dict(fields.grades()),
            refusals=(
                transfers.in_the_way(actor(), transfer, clock()) if waits and line.decides else []
            ),
            form=request.form,
            most=transfers.MOST_REASON,
        ),
        status,
    )


@blueprint.get("/<key>")
@permission("transfer:read")
def show(key: str) -> Any:
    """One request, with what the reader's end may do."""
    return _page(key)


@blueprint.get("/<key>/release")
@blueprint.get("/<key>/refuse")
@blueprint.get("/<key>/withdraw")
@permission("transfer:read")
def back(key: str) -> Any:
    """A refused answer's address, loaded anew: the request."""
    return redirect(url_for("transfers.show", key=transfers.get(actor(), key).id))


def _answer(key: str, make: Any, done: str) -> Any:
    try:
        make()
    except Refused as refused:
        tell(refused.refusals)
        return _page(key, 409)
    except Invalid as invalid:
        for message, params in invalid.errors.values():
            flash(say(message, params), "error")
        return _page(key, 422)
    except Conflict:
        flash(
            _("The child's row was changed in the meantime. Nothing was moved: look again."),
            "error",
        )
        return _page(key, 409)
    flash(done, "success")
    return redirect(url_for("transfers.show", key=key))


@blueprint.post("/<key>/release")
@permission("transfer:decide")
def release(key: str) -> Any:
    """Let the child go."""
    transfers.get(actor(), key, "decide")
    seen = row_ids([request.form.get("version", "")])
    return _answer(
        key,
        lambda: transfers.release(actor(), key, seen[0] if seen else 0, clock),
        _("Released: the child has moved to the other school."),
    )


@blueprint.post("/<key>/refuse")
@permission("transfer:decide")
def refuse(key: str) -> Any:
    """Keep the child, with a reason that the other school reads."""
    transfers.get(actor(), key, "decide")
    return _answer(
        key,
        lambda: transfers.refuse(actor(), key, request.form.get("reason", ""), clock),
        _("Refused: the child stays, and the other school reads why."),
    )


@blueprint.post("/<key>/withdraw")
@permission("transfer:ask")
def withdraw(key: str) -> Any:
    """Take the own request back."""
    transfers.get(actor(), key, "ask")
    return _answer(
        key, lambda: transfers.withdraw(actor(), key, clock), _("The request is withdrawn.")
    )
