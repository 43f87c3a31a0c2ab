"""Exports: ``/exports/<name>.xlsx`` as the contract has it, and the page that lists them."""

from __future__ import annotations

import json
import logging
import re
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from flask import Blueprint, abort, redirect, render_template, request, url_for

from admin_app.domain import thai
from admin_app.domain.access import may
from admin_app.domain.levels import below
from admin_app.exports.build import FORMATS, admit, build, find, ground, is_long
from admin_app.exports.gates import EDITIONS, NoSuchEdition, NoSuchRates, Reason, Shut
from admin_app.exports.official import Damaged
from admin_app.exports.table import BY_NAME, EXPORTS, Export
from admin_app.i18n import gettext as _
from admin_app.i18n import language, say
from admin_app.jobs import kinds
from admin_app.models import Cycle, RateEdition, Unit, UnitState
from admin_app.services import cycles, jobs, rates, scope, snapshots
from admin_app.services.errors import NotFound, Refused
from admin_app.views.common import (
    SIGNED_IN,
    actor,
    allowed,
    chosen_cycle,
    clock,
    permission,
    told,
)
from admin_app.views.downloads import workbook_answer
from admin_app.views.errors import page
from admin_app.views.jobs import status_tag, title

blueprint = Blueprint("exports", __name__, url_prefix="/exports")
_CYCLE = re.compile(r"[0-9]{4}-[0-9]")
LONGEST_CODE = 16
LATEST = 10
log = logging.getLogger("lec")
PARAMETERS = frozenset({"cycle", "unit", "edition", "rates"})
MOST_DIGITS = 6


class BadParameter(ValueError):
    """A parameter that cannot be understood; the text says how to write it."""


def _cycle() -> Cycle:
    code = request.args.get("cycle")
    if code is None:
        return chosen_cycle()
    if not _CYCLE.fullmatch(code):
        raise BadParameter(_("cycle: write it as 2567-1 (year of the Buddhist Era, round)."))
    return cycles.by_code(code)


def _unit(export: Export) -> Unit:
    code = request.args.get("unit")
    if code is None:
        own = Unit.get_by_id(actor().unit.id)
        if own.level not in export.levels:
            raise BadParameter(_("unit: give the code of the unit, such as 81."))
        return own
    if not (code.isalnum() and len(code) <= LONGEST_CODE):
        raise BadParameter(_("unit: a code has digits or letters only, such as 81."))
    found = scope.unit(actor(), code)
    find(export.name, actor(), found)
    return found


def _rates(export: Export) -> int | None:
    """The edition of the cycle's rates that is asked for, None for the usual one."""
    number = request.args.get("rates")
    if number is None:
        return None
    if not export.takes_rates:
        raise BadParameter(_("rates: this export has no rates to choose; leave it out."))
    if not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        raise BadParameter(_("rates: give the number of an edition of the rates, such as 2."))
    return int(number)


def _why(reason: Reason) -> str:
    """The reason in the person's language. An opening is a moment, not the end of one."""
    params = {
        key: thai.format_datetime(value, language()) if key == "opens_at" else value
        for key, value in reason.params.items()
    }
    return say(reason.message, params)


def _built(
    export: Export, cycle: Cycle, unit: Unit, edition: str | None, number: int | None
) -> Any:
    """Build the workbook in a file without a name; the answer closes it, or any exception."""
    file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115
    try:
        page = url_for("proof.show", _external=True)
        made = build(export.name, actor(), cycle, unit, edition, clock(), file, number, page)
        return workbook_answer(
            file, made.file_name, made.thai_file_name, made.edition, FORMATS[export.format]
        )
    except BaseException:
        file.close()
        raise


def _answered(export: Export, cycle: Cycle, unit: Unit, number: int | None) -> Any:
    """The workbook; a long one as a job that is asked for once it is sure that it may be had."""
    edition = request.args.get("edition")
    find(export.name, actor(), unit)
    wanted = admit(export, actor(), cycle, unit, edition, clock(), rates=number)
    if not is_long(export, cycle, unit):
        return _built(export, cycle, unit, edition, number)
    params: dict[str, Any] = {
        "name": export.name,
        "unit": unit.code,
        "edition": wanted.edition,
    }
    if number is not None:
        params["rates"] = number
    job = kinds.ask(actor(), "export", cycle.id, clock, params)
    return redirect(url_for("job.show", job_id=job.id))


@blueprint.get("/<name>.pdf", defaults={"format": "pdf"})
@blueprint.get("/<name>.xlsx", defaults={"format": "xlsx"})
@permission(SIGNED_IN)
def workbook(name: str, format: str) -> Any:
    """One export, or the way to the page of the job that writes it.

    404 without role, scope or such a thing; 400 and 403 with a text.
    """
    export = BY_NAME.get(name)
    if export is None or export.format != format or not allowed(export.permission):
        abort(404)
    try:
        unknown = set(request.args) - PARAMETERS
        if unknown:
            raise BadParameter(
                _("Unknown parameter: %(names)s.", names=", ".join(sorted(unknown))[:100])
            )
        cycle, unit, number = _cycle(), _unit(export), _rates(export)
    except BadParameter as bad:
        return page(400, str(bad))
    try:
        return _answered(export, cycle, unit, number)
    except Refused as refused:
        return page(429, told(refused.refusals))
    except NoSuchRates:
        return page(
            400, _("rates: this cycle has no edition %(number)s of the rates.", number=number)
        )
    except NoSuchEdition:
        names = ", ".join(filter(None, export.editions))
        text = (
            _("edition: this export has the editions %(names)s.", names=names)
            if names
            else _("edition: this export has no editions; leave it out.")
        )
        return page(400, text)
    except Shut as shut:
        return page(403, _why(shut.reason))
    except Damaged as damaged:
        log.error("export %s: %s", name, damaged)
        return page(
            500, _("A confirmed snapshot is not what its digest says. Ask DLA to verify the cycle.")
        )


def _offers(export: Export, unit: Unit, cycle: Cycle) -> list[tuple[str, str, str]]:
    """(edition, its name, why it is shut or "") of one export for one unit."""
    state = UnitState.get_or_none(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
    stands = ground(cycle, unit, state)
    offers = []
    for edition, gate in export.editions.items():
        reason = gate(stands)
        shut = _why(reason) if reason else ""
        if state is None:
            shut = shut or _("This unit takes no part in the chosen cycle.")
        offers.append((edition, _(EDITIONS[edition]) if edition else "", shut))
    return offers


def _later(export: Export, unit: Unit, cycle: Cycle) -> list[RateEdition]:
    """The editions of the rates since the unit was confirmed, for an export that takes them."""
    top = snapshots.current(cycle.id, unit.id) if export.takes_rates else None
    return rates.later(cycle.id, json.loads(top.content)) if top else []


def _lower(unit: Unit) -> list[Unit]:
    """The units directly below, where the person has an export of their level."""
    level = below(unit.level)
    if level is None or not any(
        level.key in export.levels and allowed(export.permission) for export in EXPORTS
    ):
        return []
    query = Unit.select(Unit.code, Unit.name).where(Unit.parent == unit.id, Unit.active)
    return list(query.order_by(Unit.name_key, Unit.code))


@blueprint.get("/")
@permission(SIGNED_IN)
def index() -> Any:
    """What the person may export in the chosen cycle, and why something is shut."""
    cycle = chosen_cycle()
    code = request.args.get("unit", "").strip()
    me = actor()
    try:
        unit = scope.unit(me, code) if code else Unit.get_by_id(me.unit.id)
    except NotFound:
        return page(404)
    rows = [
        (export, _offers(export, unit, cycle), _later(export, unit, cycle))
        for export in EXPORTS
        if unit.level in export.levels and may(me, export.permission, scope.ref(unit))
    ]
    elsewhere = [
        export
        for export in EXPORTS
        if allowed(export.permission)
        and export.name not in {found.name for found, *_offered in rows}
    ]
    return render_template(
        "exports/index.html",
        unit=unit,
        rows=rows,
        elsewhere=elsewhere,
        chosen=cycle,
        lower=_lower(unit),
        jobs=[(job, title(job), status_tag(job)) for job in jobs.latest(me, LATEST)],
    )
