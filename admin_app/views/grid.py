"""The grid of other-affiliation counts: a row a school, boys and girls per grade, saved whole."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from admin_app.domain import thai
from admin_app.domain.access import may
from admin_app.i18n import gettext as _
from admin_app.i18n import say
from admin_app.models import OtherSheet, Unit
from admin_app.services import other_counts, standing
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.other_counts import SchoolRow
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

blueprint = Blueprint("grid", __name__, url_prefix="/other-counts")
_CELL = re.compile(r"^r(\d{1,3})\.(code|name|affiliation|[A-Z]\d\.[bg])$")
SPARE_ROWS = 3


def _number(text: str) -> int:
    """A typed count; -1 for what is no number, which the service then refuses."""
    text = thai.digits(text).replace(",", "").strip()
    if not text:
        return 0
    return int(text) if text.isdigit() and len(text) <= 6 else -1


def _typed() -> tuple[list[SchoolRow], list[dict[str, str]]]:
    """The rows of the form as the service takes them, and as typed (to be shown again)."""
    raw: dict[int, dict[str, str]] = {}
    for key, value in request.form.items():
        match = _CELL.match(key)
        if match:
            raw.setdefault(int(match[1]), {})[match[2]] = value
    rows, shown = [], []
    for number in sorted(raw):
        cells = raw[number]
        if not any(value.strip() for key, value in cells.items() if key != "affiliation"):
            continue
        counts: dict[str, list[int]] = {}
        for key, value in cells.items():
            if "." in key and value.strip():
                grade, side = key.split(".")
                counts.setdefault(grade, [0, 0])[0 if side == "b" else 1] = _number(value)
        rows.append(
            SchoolRow(
                name=cells.get("name", "")[:200],
                affiliation=cells.get("affiliation", ""),
                code=cells.get("code", "")[:16],
                counts={grade: (pair[0], pair[1]) for grade, pair in counts.items()},
            )
        )
        shown.append(cells)
    return rows, shown


def _shown(rows: list[SchoolRow]) -> list[dict[str, str]]:
    out = []
    for row in rows:
        cells = {"name": row.name, "affiliation": row.affiliation, "code": row.code}
        for grade, (boys, girls) in row.counts.items():
            cells |= {f"{grade}.b": str(boys or ""), f"{grade}.g": str(girls or "")}
        out.append(cells)
    return out


def _last(lao: Unit, shown: list[dict[str, str]]) -> tuple[list[SchoolRow | None], int | None]:
    """For each row shown the same school's of the last round, and the last round's total."""
    last = other_counts.last_round(chosen_cycle(), lao.id)
    found = [
        other_counts.same_school(cells.get("name", ""), cells.get("code", ""), last)
        for cells in shown
    ]
    return found, sum(row.total for row in last) if last else None


def _row_total(cells: dict[str, str]) -> int:
    return sum(max(0, _number(value)) for key, value in cells.items() if "." in key)


def _page(
    lao: Unit,
    sheet: OtherSheet | None,
    shown: list[dict[str, str]],
    errors: dict[str, str] | None = None,
    status: int = 200,
    version: int | None = None,
    current: list[SchoolRow] | None = None,
) -> Any:
    cycle = chosen_cycle()
    try:
        seen = standing.read(cycle.id, lao)
    except NotFound:
        seen = None
    may_edit = (
        seen is not None
        and may(actor(), "other_counts:edit", seen.ref)
        and seen.window.may_record(clock())
        and "confirmed" not in seen.chain
    )
    last, last_total = _last(lao, shown)
    return (
        render_template(
            "units/grid.html",
            last=last,
            last_total=last_total,
            lao=lao,
            cycle=cycle,
            sheet=sheet,
            version=version if version is not None else (sheet.version if sheet else 0),
            rows=shown,
            spare=SPARE_ROWS if may_edit else 0,
            grades=other_counts.grid_grades(),
            named=fields.named,
            short=fields.short_grade,
            affiliations=fields.codes("affiliation")(),
            errors=errors or {},
            may_edit=may_edit,
            current=current,
            row_total=_row_total,
        ),
        status,
    )


@blueprint.get("/<code>")
@permission("other_counts:read")
def show(code: str) -> Any:
    """The grid of an LAO."""
    lao = unit_or_404(code)
    _lao, sheet = other_counts.sheet(actor(), chosen_cycle().id, lao.id)
    return _page(lao, sheet, _shown(other_counts.rows(sheet)))


@blueprint.post("/<code>")
@permission("other_counts:edit")
def save(code: str) -> Any:
    """Save the whole grid, or the declaration that there are none."""
    lao = unit_or_404(code)
    cycle = chosen_cycle()
    _lao, sheet = other_counts.sheet(actor(), cycle.id, lao.id)
    rows, shown = _typed()
    version = request.form.get("version", type=int) or 0
    none = "declare_none" in request.form
    try:
        other_counts.save(actor(), cycle.id, lao.id, version, rows, clock, declared_none=none)
    except Invalid as invalid:
        errors = {key: say(*error) for key, error in invalid.errors.items()}
        flash(_("Nothing is saved yet: %(count)d cells need a look.", count=len(errors)), "error")
        return _page(lao, sheet, shown, errors, 422, version)
    except Refused as refused:
        tell(refused.refusals)
        return _page(lao, sheet, shown, status=409, version=version)
    except Conflict as conflict:
        changed_by_other()
        fresh = conflict.current
        return _page(
            lao,
            fresh,
            shown,
            status=409,
            version=fresh.version if fresh else 0,
            current=other_counts.rows(fresh),
        )
    if not rows and not none:
        flash(_("No school is recorded. If there is none in your area, say so below."), "info")
        return redirect(url_for("grid.show", code=lao.code))
    flash(
        _("Declared: no school of another affiliation in your area.")
        if none
        else _("The counts are saved."),
        "success",
    )
    return redirect(url_for("grid.show", code=lao.code))
