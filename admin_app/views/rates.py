"""Rates of the chosen cycle: the editions that DLA has made, and the form that makes the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from admin_app.domain import money, rate_checks
from admin_app.domain.money import PER_DAY, SUBSIDY, UNBOUNDED, RateSet
from admin_app.domain.rate_checks import Change
from admin_app.i18n import gettext as _
from admin_app.i18n import language, say
from admin_app.models import Cycle, Grade, RateEdition, UnitState
from admin_app.services import rates, standing
from admin_app.services.errors import Conflict, Invalid
from admin_app.services.typed import row_id
from admin_app.views import rate_form
from admin_app.views.common import actor, allowed, chosen_cycle, clock, permission

blueprint = Blueprint("rates", __name__, url_prefix="/rates")
MOST_NUMBER = 1_000_000


def _grades() -> dict[str, str]:
    """Code → name in the language in use, in the order of grades."""
    thai = language() == "th"
    query = Grade.select().order_by(Grade.position)
    return {g.code: g.name if thai else g.name_en or g.name for g in query}


def _span(low: int, high: int) -> str:
    if high < UNBOUNDED:
        return _("%(low)s–%(high)s children", low=f"{low:,}", high=f"{high:,}")
    if low <= 1:
        return _("any number of children")
    return _("%(low)s children and more", low=f"{low:,}")


@dataclass(frozen=True, slots=True)
class Said:
    """A change in words."""

    name: str
    before: str
    after: str


def _value(change: Change, value: Any) -> str:
    what = change.item.what
    if what == "counted":
        return _("counted") if value else _("not counted")
    if value is None:
        return "–"
    return money.baht(value) if what == "satang" else str(value)


def _said(change: Change, grades: dict[str, str]) -> Said:
    item = change.item
    parts = [_(money.KINDS.get(item.kind, item.kind))]
    if item.kind in PER_DAY and item.what != "counted":
        parts.append(_(rate_form.SCHOOL_KINDS.get(item.school_kind, item.school_kind)))
    if item.grade:
        parts.append(grades.get(item.grade, item.grade))
    if item.low:
        parts.append(_span(item.low, item.high))
    named = {"days": _("Days a year"), "source": _("Source")}
    if item.what in named:
        parts.append(named[item.what])
    return Said(", ".join(parts), _value(change, change.before), _value(change, change.after))


def _changes(before: RateSet, after: RateSet, grades: dict[str, str]) -> list[Said]:
    return [_said(change, grades) for change in rate_checks.difference(before, after)]


@dataclass(frozen=True, slots=True)
class Entry:
    """An edition in the list, with what it changed against the one before."""

    row: RateEdition
    by: str
    changes: list[Said]


def _entries(editions: list[RateEdition], grades: dict[str, str]) -> list[Entry]:
    sets = [rates.rates_of(row) for row in editions]
    return [
        Entry(
            row,
            row.made_by.name if row.made_by else "",
            _changes(sets[at + 1], sets[at], grades) if at + 1 < len(sets) else [],
        )
        for at, row in enumerate(editions)
    ]


def _page(cycle: Cycle, editions: list[RateEdition], row: RateEdition | None) -> Any:
    found, grades = rates.rates_of(row), _grades()
    tables = [
        (kind, school_kind, group)
        for kind in PER_DAY
        for school_kind in rate_form.SCHOOL_KINDS
        if (group := found.group(kind, school_kind))
    ]
    per_head = {rate.grade: rate for rate in found.rates if rate.kind == SUBSIDY}
    return render_template(
        "rates/index.html",
        cycle=cycle,
        row=row,
        latest=editions[0] if editions else None,
        entries=_entries(editions, grades),
        tables=tables,
        kinds=money.KINDS,
        per_day=PER_DAY,
        school_kinds=rate_form.SCHOOL_KINDS,
        span=_span,
        grades=grades,
        counted=found.counted,
        per_head=per_head,
        may_edit=allowed("rate:edit"),
    )


@blueprint.get("/")
@permission("rate:read")
def index() -> Any:
    """The rates as they stand, and every edition."""
    cycle = chosen_cycle()
    editions = rates.editions(cycle.id)
    return _page(cycle, editions, editions[0] if editions else None)


@blueprint.get("/<number>")
@permission("rate:read")
def show(number: str) -> Any:
    """One edition."""
    cycle, wanted = chosen_cycle(), row_id(number)
    editions = rates.editions(cycle.id)
    row = next((one for one in editions if one.number == wanted), None)
    if row is None:
        abort(404)
    return _page(cycle, editions, row)


def _form(
    cycle: Cycle,
    form: rate_form.Typed,
    seen: int,
    status: int = 200,
    errors: rate_checks.Errors | None = None,
    meanwhile: Entry | None = None,
) -> Any:
    grades = _grades()
    named = rate_form.labels(form, grades, _)
    told = {field: say(*words) for field, words in (errors or {}).items()}
    return (
        render_template(
            "rates/edit.html",
            cycle=cycle,
            form=form,
            seen=seen,
            grades=grades,
            kinds=money.KINDS,
            per_day=PER_DAY,
            errors=told,
            summary=[(field, named.get(field, ""), text) for field, text in told.items()],
            meanwhile=meanwhile,
            closed=standing.closed_nationally().where(UnitState.cycle == cycle.id).exists(),
            most_reason=rates.MOST_REASON,
            most_source=rate_checks.MOST_SOURCE,
        ),
        status,
    )


def _meanwhile(cycle: Cycle, latest: RateEdition | None, seen: int) -> Entry | None:
    """What somebody else made since ``seen``."""
    if latest is None:
        return None
    shown = rates.rates_of(rates.edition(cycle.id, seen)) if seen else RateSet()
    by = latest.made_by.name if latest.made_by else ""
    return Entry(latest, by, _changes(shown, rates.rates_of(latest), _grades()))


@blueprint.route("/edit", methods=["GET", "POST"])
@permission("rate:edit")
def edit() -> Any:
    """The form that makes the next edition."""
    cycle = chosen_cycle()
    if request.method == "GET":
        row = rates.edition(cycle.id)
        return _form(cycle, rate_form.shown(rates.rates_of(row)), row.number if row else 0)
    grades = _grades()
    form = rate_form.typed(request.form, grades)
    seen = request.form.get("seen", -1, type=int)
    seen = seen if 0 <= seen < MOST_NUMBER else -1
    found, errors = rate_form.read(form, grades)
    if errors:
        return _form(cycle, form, seen, 422, errors)
    try:
        made = rates.edit(actor(), cycle.id, seen, found, form.reason, clock)
    except Invalid as invalid:
        return _form(cycle, form, seen, 422, invalid.errors)
    except Conflict as conflict:
        latest = conflict.current
        meanwhile = _meanwhile(cycle, latest, max(seen, 0))
        return _form(cycle, form, latest.number if latest else 0, 409, meanwhile=meanwhile)
    flash(_("Edition %(number)d of the rates is saved.", number=made.number), "success")
    return redirect(url_for("rates.index", cycle=cycle.code))
