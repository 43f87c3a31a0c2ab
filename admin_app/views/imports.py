"""Import: send a workbook, look at what it would write, accept it or throw it away."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from admin_app.config import MB, ImportLimits
from admin_app.database import transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.moves import Refusal
from admin_app.domain.plan import STATES, WRONG, Plan
from admin_app.i18n import gettext as _
from admin_app.i18n import ngettext, say
from admin_app.imports import sheets
from admin_app.imports.bad import BadFile
from admin_app.jobs import kinds
from admin_app.models import Cycle, Job, Unit, Upload
from admin_app.services import history, jobs, scope, uploads
from admin_app.services.errors import Invalid, NotFound, Refused
from admin_app.services.imports import Outdated
from admin_app.services.scope import ref
from admin_app.views import fields
from admin_app.views.common import actor, chosen_cycle, clock, permission, tell
from admin_app.views.downloads import workbook_answer
from admin_app.views.errors import page
from admin_app.views.import_kinds import SHEETS, Sheet

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
PAGE_SIZE = 50
DRAINED = 128 * MB
"""Of a file that is too large so much is still taken in, so that the browser shows the answer."""


def limits() -> ImportLimits:
    """How large a file may be."""
    found: ImportLimits = current_app.config["IMPORT_LIMITS"]
    return found


def _unit(sheet: Sheet) -> Unit | None:
    """The unit of the form or the address, else the own one; None where one is to be chosen."""
    code = (request.form.get("unit") or request.args.get("unit") or "").strip()
    me = actor()
    if not code:
        return Unit.get_by_id(me.unit.id) if me.unit.level == sheet.level else None
    return uploads.target(me, sheet.kind, scope.unit(me, code).id)


def _choose(sheet: Sheet) -> Any:
    """The schools that the person may import for."""
    me = actor()
    query = scope.limit(Unit.select(), Unit, me, f"{sheet.level}:read")
    query = query.where(Unit.level == sheet.level, Unit.active).order_by(Unit.name_key)
    units = [unit for unit in query if may(me, sheet.permission, ref(unit))]
    return render_template("imports/choose.html", sheet=sheet, units=units)


def _start(sheet: Sheet, unit: Unit, problem: str = "", status: int = 200) -> Any:
    cycle = chosen_cycle()
    refusals: tuple[Refusal, ...] = ()
    try:
        uploads.judge(actor(), sheet.kind, cycle.id, unit, clock())
    except Refused as refused:
        refusals = refused.refusals
    return (
        render_template(
            "imports/start.html",
            sheet=sheet,
            unit=unit,
            cycle=cycle,
            problem=problem,
            refusals=refusals,
            most=limits().file_bytes,
            most_mb=limits().file_bytes // MB,
            most_rows=limits().rows,
            affiliations=fields.codes("affiliation")() if sheet.level == "lao" else [],
            chosen=request.form.get("affiliation", ""),
        ),
        status,
    )


def _show(sheet: Sheet, upload: Upload, made: Plan) -> Any:
    counts = made.counts()
    state = request.args.get("state", "")
    order = {name: at for at, name in enumerate(STATES)}
    rows = [row for row in made.rows if not state or row.state == state]
    rows.sort(key=lambda row: (not row.touched, order[row.state], row.number))
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    at = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "imports/preview.html",
        sheet=sheet,
        upload=upload,
        unit=upload.unit,
        cycle=upload.cycle,
        plan=made,
        counts=counts,
        touched=sum(row.touched for row in made.rows),
        states=STATES,
        state=state if state in STATES else "",
        rows=rows[(at - 1) * PAGE_SIZE : at * PAGE_SIZE],
        facts=sheet.facts(upload.unit),
        at=at,
        pages=pages,
        wrong=counts[WRONG],
        job=_under_way(upload),
    )


def _asked(upload: Upload) -> dict[str, Any]:
    """What the job that accepts the upload needs to know."""
    return {"kind": upload.kind, "upload": upload.id}


def _under_way(upload: Upload) -> Job | None:
    """The job that accepts the upload at this moment."""
    key = kinds.key_of("import", upload.cycle_id, _asked(upload), upload.owner_id)
    return jobs.alive(key)


def _sent() -> tuple[str, bytes]:
    """(name, bytes) of the file that was sent. Raises BadFile."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadFile("missing")
    return file.filename, file.stream.read(limits().file_bytes + 1)


def _told(bad: BadFile) -> str:
    return say(bad.message, bad.params)


def _send(sheet: Sheet, unit: Unit) -> Any:
    me, cycle = actor(), chosen_cycle()
    options = {key: request.form[key][:16] for key in ("affiliation",) if request.form.get(key)}
    try:
        name, data = _sent()
        uploads.judge(me, sheet.kind, cycle.id, unit, clock())
        made = sheet.read(data, cycle, unit, limits(), clock(), options, frozenset())
        upload = uploads.start(me, sheet.kind, cycle.id, unit.id, name, data, made, clock)
    except BadFile as bad:
        return _start(sheet, unit, _told(bad), 422)
    except Refused:
        return _start(sheet, unit, status=409)
    return redirect(url_for(f"imports.{sheet.slug}_show", number=upload.id))


def _download(sheet: Sheet, unit: Unit, cycle: Cycle, name: str, out: BytesIO, rows: int) -> Any:
    """The workbook, entered into the access log."""
    with transaction():
        history.log_access(
            "export",
            actor(),
            clock(),
            unit_id=unit.id,
            cycle_id=cycle.id,
            rows=rows,
            details={"name": f"{sheet.file_name}-{name}", "unit": unit.code},
        )
    code = unit.code.encode("ascii", "ignore").decode()
    thai = "ตรวจแล้ว " if name == "marked" else ""
    return workbook_answer(
        out,
        f"{sheet.file_name}-{name}-{cycle.code}-{code}.xlsx",
        f"{thai}{sheet.thai_name} {unit.name} {cycle.code}.xlsx",
    )


def _accept(sheet: Sheet, number: str) -> Any:
    me = actor()
    try:
        return _accepted(sheet, me, uploads.get(me, sheet.kind, number, clock()))
    except NotFound:  # also when the first of two presses was faster
        before = uploads.was_accepted(me, sheet.kind, number)
        if before is None:
            raise
        flash(_("This workbook has been accepted already."), "info")
        return redirect(sheet.done(before.unit))


def _accepted(sheet: Sheet, me: Actor, upload: Upload) -> Any:
    here = url_for(f"imports.{sheet.slug}_show", number=upload.id)
    try:
        if sheets.is_long(uploads.plan_of(upload)) or _under_way(upload):
            job = kinds.ask(me, "import", upload.cycle_id, clock, _asked(upload))
            return redirect(url_for("job.show", job_id=job.id))
        done = sheet.accept(me, upload.id, clock)
    except Refused as refused:
        tell(refused.refusals)
        return redirect(here)
    except Invalid as invalid:
        flash(" ".join(say(*error) for error in invalid.errors.values()), "error")
        return redirect(here)
    except Outdated as outdated:
        _renew(upload, outdated)
        return redirect(here)
    flash(sheet.told(done), "success")
    return redirect(sheet.done(upload.unit))


def _renew(upload: Upload, outdated: Outdated) -> None:
    """Compare the same file again with what stands now, and say so."""
    sheets.renew(actor(), upload, outdated, limits(), clock)
    count = len(outdated.ids)
    flash(
        ngettext(
            "Nothing was written: somebody changed %(num)d row meanwhile. Look at it and accept"
            " again.",
            "Nothing was written: somebody changed %(num)d rows meanwhile. Look at them and accept"
            " again.",
            count,
        )
        if count
        else _("Nothing was written: somebody saved the sheet meanwhile. Look and accept again."),
        "error",
    )


def _marked(sheet: Sheet, number: str) -> Any:
    upload = uploads.get(actor(), sheet.kind, number, clock())
    out = BytesIO()
    rows = sheet.marked(
        out,
        uploads.file_of(upload),
        uploads.plan_of(upload),
        upload.cycle,
        upload.unit,
        limits(),
        clock(),
        say,
        only_wrong=request.args.get("only") == WRONG,
    )
    return _download(sheet, upload.unit, upload.cycle, "marked", out, rows)


def _routes(sheet: Sheet) -> None:
    """The routes of one sheet, each with the sheet's permission."""
    guard, slug = permission(sheet.permission), sheet.slug

    def add(rule: str, name: str, view: Any, *methods: str) -> None:
        view.__name__ = name
        blueprint.add_url_rule(rule, name, guard(view), methods=methods)

    def start() -> Any:
        unit = _unit(sheet)
        if request.method == "POST":
            return _send(sheet, unit) if unit is not None else abort(404)
        return _start(sheet, unit) if unit is not None else _choose(sheet)

    def template() -> Any:
        unit = _unit(sheet)
        if unit is None:
            return redirect(url_for(f"imports.{slug}"))
        cycle, out = chosen_cycle(), BytesIO()
        rows = sheet.template(out, cycle, unit, clock())
        return _download(sheet, unit, cycle, "template", out, rows)

    def show(number: str) -> Any:
        upload = uploads.get(actor(), sheet.kind, number, clock())
        return _show(sheet, upload, uploads.plan_of(upload))

    def accept(number: str) -> Any:
        return _accept(sheet, number)

    def discard(number: str) -> Any:
        job = _under_way(uploads.get(actor(), sheet.kind, number, clock()))
        if job is not None:
            flash(_("The import is under way: cancel it first."), "error")
            return redirect(url_for("job.show", job_id=job.id))
        upload = uploads.discard(actor(), sheet.kind, number, clock)
        flash(_("The workbook was thrown away; nothing was written."), "info")
        return redirect(url_for(f"imports.{slug}", unit=upload.unit.code))

    def marked(number: str) -> Any:
        return _marked(sheet, number)

    add(f"/{slug}", slug, start, "GET", "POST")
    add(f"/{slug}.xlsx", f"{slug}_template", template, "GET")
    add(f"/{slug}/<number>", f"{slug}_show", show, "GET")
    add(f"/{slug}/<number>/accept", f"{slug}_accept", accept, "POST")
    add(f"/{slug}/<number>/discard", f"{slug}_discard", discard, "POST")
    add(f"/{slug}/<number>/marked.xlsx", f"{slug}_marked", marked, "GET")


for one in SHEETS:
    _routes(one)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: Exception) -> Any:
    """What is larger than any request may be never becomes a form; the answer is still words."""
    body, left = request.environ.get("wsgi.input"), DRAINED
    while body is not None and left > 0 and (piece := body.read(MB)):
        left -= len(piece)
    request.__dict__["form"] = ImmutableMultiDict()  # the frame reads it, and would fail again
    told = BadFile("too_big", most=limits().file_bytes // MB)
    return page(413, _told(told))


@blueprint.errorhandler(ClientDisconnected)
def cut_off(error: Exception) -> Any:
    """A file that was cut off on its way: nothing was read, nothing is written."""
    g.bare = True
    return page(400, _told(BadFile("damaged")))
