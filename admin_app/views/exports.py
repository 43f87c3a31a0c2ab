"""Exports: ``/exports/<name>.xlsx`` or ``.pdf`` as the contract has it, and their page."""

from __future__ import annotations

import logging
import re
from io import SEEK_END
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from flask import Blueprint, abort, render_template, request, send_file, url_for

from admin_app.domain import thai
from admin_app.domain.access import may
from admin_app.domain.levels import below
from admin_app.exports.build import FORMATS, XLSX, ExportResult, build, find, ground
from admin_app.exports.gates import EDITIONS, NoSuchEdition, Reason, Shut
from admin_app.exports.official import Damaged
from admin_app.exports.table import BY_NAME, EXPORTS, Export
from admin_app.i18n import gettext as _
from admin_app.i18n import language, say
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import cycles, scope
from admin_app.services.errors import NotFound
from admin_app.views.common import SIGNED_IN, actor, allowed, chosen_cycle, clock, permission
from admin_app.views.security import page

blueprint = Blueprint("exports", __name__, url_prefix="/exports")
_CYCLE = re.compile(r"[0-9]{4}-[0-9]")
LONGEST_CODE = 16
log = logging.getLogger("lec")
PARAMETERS = frozenset({"cycle", "unit", "edition"})


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


def _why(reason: Reason) -> str:
    """The reason in the person's language. An opening is a moment, not the end of one."""
    params = {
        key: thai.format_datetime(value, language()) if key == "opens_at" else value
        for key, value in reason.params.items()
    }
    return say(reason.message, params)


def workbook_answer(
    file: BinaryIO, file_name: str, thai_file_name: str, mimetype: str = XLSX
) -> Any:
    """The file as a download, its name in ASCII and in Thai (RFC 6266); nobody may keep it."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    answer = send_file(file, mimetype=mimetype)
    answer.content_length = size
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{file_name}\"; filename*=UTF-8''{quote(thai_file_name, safe='')}"
    )
    answer.headers["Cache-Control"] = "no-store"  # send_file would let anybody keep it for a day
    return answer


def _answer(file: BinaryIO, result: ExportResult, mimetype: str) -> Any:
    answer = workbook_answer(file, result.file_name, result.thai_file_name, mimetype)
    answer.headers["X-Edition"] = result.edition
    return answer


def _built(export: Export, cycle: Cycle, unit: Unit) -> Any:
    """Build the export in a file without a name; the answer closes it, or any exception."""
    edition = request.args.get("edition")
    file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115
    try:
        page = url_for("proof.show", _external=True)
        result = build(export.name, actor(), cycle, unit, edition, clock(), file, page)
        return _answer(file, result, FORMATS[export.format])
    except BaseException:
        file.close()
        raise


@blueprint.get("/<name>.pdf", defaults={"format": "pdf"})
@blueprint.get("/<name>.xlsx", defaults={"format": "xlsx"})
@permission(SIGNED_IN)
def workbook(name: str, format: str) -> Any:
    """One export. 404 without role, scope or such a thing; 400 and 403 with a text."""
    export = BY_NAME.get(name)
    if export is None or export.format != format or not allowed(export.permission):
        abort(404)
    try:
        unknown = set(request.args) - PARAMETERS
        if unknown:
            raise BadParameter(
                _("Unknown parameter: %(names)s.", names=", ".join(sorted(unknown))[:100])
            )
        cycle, unit = _cycle(), _unit(export)
    except BadParameter as bad:
        return page(400, str(bad))
    try:
        return _built(export, cycle, unit)
    except NoSuchEdition:
        names = ", ".join(filter(None, export.editions))
        told = (
            _("edition: this export has the editions %(names)s.", names=names)
            if names
            else _("edition: this export has no editions; leave it out.")
        )
        return page(400, told)
    except Shut as shut:
        return page(403, _why(shut.reason))
    except Damaged as damaged:
        log.error("export %s: %s", name, damaged)
        told = _("A confirmed snapshot is not what its digest says. Ask DLA to verify the cycle.")
        return page(500, told)


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
        (export, _offers(export, unit, cycle))
        for export in EXPORTS
        if unit.level in export.levels and may(me, export.permission, scope.ref(unit))
    ]
    elsewhere = [
        export
        for export in EXPORTS
        if allowed(export.permission)
        and export.name not in {found.name for found, _offered in rows}
    ]
    return render_template(
        "exports/index.html",
        unit=unit,
        rows=rows,
        elsewhere=elsewhere,
        chosen=cycle,
        lower=_lower(unit),
    )
