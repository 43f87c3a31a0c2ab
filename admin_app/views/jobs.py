"""Background jobs: a job's page for its owner and DLA, and DLA's list of all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup

from admin_app.database import transaction
from admin_app.domain import thai
from admin_app.domain.levels import BY_KEY
from admin_app.domain.text import N_
from admin_app.exports.build import find
from admin_app.exports.gates import EDITIONS
from admin_app.exports.table import BY_NAME
from admin_app.i18n import gettext as _
from admin_app.i18n import language, lazy, ngettext
from admin_app.jobs import kinds
from admin_app.jobs.kinds import KIND, KINDS
from admin_app.models import Job, Unit, Upload
from admin_app.services import cycles, history, jobs, scope
from admin_app.services.errors import NotFound, Refused
from admin_app.services.files import shelf
from admin_app.services.hand import PHASES
from admin_app.services.jobs import Glance
from admin_app.views import fields
from admin_app.views.base import ScopedView
from admin_app.views.common import SIGNED_IN, actor, clock, permission, tell
from admin_app.views.downloads import workbook_answer
from admin_app.views.filters import equals
from admin_app.views.import_kinds import SHEETS

blueprint = Blueprint("job", __name__, url_prefix="/jobs")
REFRESH_S = 5
COLOURS = {"done": "good", "running": "open", "queued": "wait", "failed": "late"}


def _to_cycle(job: Job) -> str:
    return url_for("cycles.details_view", id=job.cycle_id)


def _to_upload(job: Job) -> str:
    """Where an upload's preview is; once it is accepted, where its rows are."""
    params = json.loads(job.params)
    sheet = next(one for one in SHEETS if one.kind == params["kind"])
    upload = Upload.get_or_none(Upload.id == params["upload"])
    if upload is None:
        return url_for(f"imports.{sheet.slug}")
    if upload.status != "preview":
        return sheet.done(upload.unit)
    return url_for(f"imports.{sheet.slug}_show", number=upload.id)


def export_address(job: Job) -> str:
    """Where what an export's job made is asked for anew."""
    params = json.loads(job.params)
    return url_for(
        "exports.workbook",
        name=params["name"],
        format=BY_NAME[params["name"]].format,
        cycle=job.cycle.code if job.cycle else None,
        unit=params["unit"],
        edition=params["edition"] or None,
        rates=params.get("rates"),
    )


def _to_exports(job: Job) -> str:
    unit = json.loads(job.params)["unit"]
    return url_for("exports.index", unit=unit, cycle=job.cycle.code if job.cycle else None)


def _to_reminders(job: Job) -> str:
    params = json.loads(job.params)
    cycle = job.cycle.code if job.cycle else None
    return url_for("reminders.show", code=params["unit"], level=params["level"], cycle=cycle)


# kind: (where its work shows, what the link says)
LINKS: dict[str, tuple[Callable[[Job], str], str]] = {
    "carry_over": (_to_cycle, N_("To the cycle")),
    "recheck": (_to_cycle, N_("To the cycle")),
    "verify": (_to_cycle, N_("To the cycle")),
    "export": (_to_exports, N_("To the exports")),
    "import": (_to_upload, N_("To the import")),
    "remind": (_to_reminders, N_("To the reminders")),
}


def _export_title(params: dict[str, Any]) -> str:
    export = BY_NAME.get(params["name"])
    edition = EDITIONS.get(params["edition"], "")
    unit = Unit.get_or_none(Unit.code == params["unit"])
    return " · ".join(
        filter(
            None,
            (
                _(export.title) if export else params["name"],
                unit.name if unit else params["unit"],
                edition and _(edition),
            ),
        )
    )


def _import_title(params: dict[str, Any]) -> str:
    sheet = next(one for one in SHEETS if one.kind == params["kind"])
    upload = Upload.get_or_none(Upload.id == params["upload"])
    return " · ".join(filter(None, (_(sheet.title), upload.unit.name if upload else "")))


def _remind_title(params: dict[str, Any]) -> str:
    unit = Unit.get_or_none(Unit.code == params["unit"])
    kind, level = KIND["remind"].title, BY_KEY[params["level"]].plural
    return " · ".join((_(kind), unit.name if unit else params["unit"], _(level)))


# kind: what exactly it does, where the kind's own title leaves that open
TITLES: dict[str, Callable[[dict[str, Any]], str]] = {
    "export": _export_title,
    "import": _import_title,
    "remind": _remind_title,
}


def title(job: Job) -> str:
    """What the job does, in words."""
    kind = KIND.get(job.kind)
    if job.kind in TITLES:
        return TITLES[job.kind](json.loads(job.params))
    return str(_(kind.title)) if kind else job.kind


def status_tag(job: Job) -> Markup:
    """The job's state as a coloured word."""
    colour = COLOURS.get(job.status, "off")
    return Markup('<span class="tag {}">{}</span>').format(colour, _(jobs.STATUS_NAMES[job.status]))


def words(seen: Glance) -> str:
    """What a person wants to know now: how far, what it is doing, how long still."""
    job = seen.job
    if job.status == "queued" and seen.ahead:
        return str(ngettext("%(num)d job comes first.", "%(num)d jobs come first.", seen.ahead))
    if job.status == "queued":
        return str(_("It begins in a moment."))
    if job.cancel_asked and job.status == "running":
        return str(_("It ends after the part in hand."))
    said = [f"{job.done:,}/{job.total:,}"] if job.total else []
    if job.doing:
        said.append(_(PHASES.get(job.doing, job.doing)))
    if seen.seconds_left is not None and job.status == "running":
        minutes = seen.seconds_left // 60
        said.append(
            ngettext("about %(num)d minute left", "about %(num)d minutes left", minutes)
            if minutes
            else _("less than a minute left")
        )
    return " · ".join(map(str, said))


@blueprint.get("/<job_id>")
@permission(SIGNED_IN)
def show(job_id: str) -> Any:
    """A job; 404 for everybody but its owner and DLA."""
    job = jobs.get(actor(), job_id)
    seen = jobs.glance(job, clock())
    kind = KIND.get(job.kind)
    mine = job.owner_id == actor().user_id
    link, label = LINKS.get(job.kind, (None, ""))
    shown = link is not None and (mine or not (kind and kind.own))
    return render_template(
        "job.html",
        job=job,
        seen=seen,
        title=title(job),
        tag=status_tag(job),
        words=words(seen),
        results=kind.results if kind else {},
        goes_on=kind.goes_on if kind else True,
        link=link(job) if link and shown else None,
        label=label,
        mine=mine,
        kept=bool(job.file) and job.expires_at > clock(),
        again=export_address(job) if mine and job.kind == "export" else None,
        refresh=REFRESH_S,
    )


@blueprint.get("/<job_id>/file")
@permission(SIGNED_IN)
def file(job_id: str) -> Any:
    """What an export's job made, for its owner alone, by the rights that the person has now.

    404 for everybody else, and while there is nothing; 410 with words once its time is over.
    """
    me, now = actor(), clock()
    job = jobs.own(me, job_id)
    if job.kind != "export" or job.status != "done":
        raise NotFound("file")
    params, result = json.loads(job.params), json.loads(job.result)
    unit = scope.unit(me, params["unit"])
    find(params["name"], me, unit)
    found = shelf.open(job.file) if job.expires_at > now else None
    if found is None:
        return render_template("job_gone.html", title=title(job), again=export_address(job)), 410
    try:
        with transaction():
            history.log_access(
                "download",
                me,
                now,
                unit_id=unit.id,
                cycle_id=job.cycle_id,
                rows=result["rows"],
                details={"name": params["name"], "edition": params["edition"], "job": job.id},
            )
        plain, thai_name = result["names"]
        return workbook_answer(found, plain, thai_name, result["edition"])
    except BaseException:
        found.close()
        raise


@blueprint.post("/verify")
@permission("verify:run")
def verify() -> Any:
    """Ask for a cycle's figures to be recomputed and compared with what was confirmed."""
    cycle = cycles.by_code(request.form.get("verified", ""))
    try:
        job = kinds.ask(actor(), "verify", cycle.id, clock)
    except Refused as refused:
        tell(refused.refusals)
        return redirect(url_for("cycles.details_view", id=cycle.id))
    return redirect(url_for("job.show", job_id=job.id))


@blueprint.get("/<job_id>/state")
@permission(SIGNED_IN)
def state(job_id: str) -> Any:
    """The job's state as JSON {live, percent, words, unanswered}, for the page to follow."""
    seen = jobs.glance(jobs.get(actor(), job_id), clock())
    return jsonify(
        live=seen.live,
        status=seen.job.status,
        percent=seen.percent,
        words=words(seen),
        unanswered=seen.unanswered,
    )


@blueprint.post("/<job_id>/cancel")
@permission(SIGNED_IN)
def cancel(job_id: str) -> Any:
    """Ask for its end: what is done stays done."""
    job = jobs.cancel(actor(), job_id, clock)
    if job.status == "running":
        flash(_("It ends after the part in hand."), "info")
    return redirect(url_for("job.show", job_id=job.id))


def _title_cell(view: Any, context: Any, row: Job, column: str) -> Any:
    address = url_for("job.show", job_id=row.id)
    return Markup('<a href="{}">{}</a>').format(address, title(row))


def _when(view: Any, context: Any, row: Job, column: str) -> Any:
    value = getattr(row, column)
    return thai.format_datetime(value, language()) if value else "–"


class JobView(ScopedView):
    """All jobs, newest first; DLA reads them."""

    subject = "job"
    closed = frozenset({"create_view", "edit_view", "details_view"})
    title = N_("Background jobs")
    card_title = "kind"
    column_list = ("kind", "cycle", "status", "progress", "owner", "created_at", "ended_at")
    column_labels = {
        "kind": lazy("What"),
        "cycle": lazy("Cycle"),
        "status": lazy("State"),
        "progress": lazy("Done"),
        "owner": lazy("Who"),
        "created_at": lazy("Asked for"),
        "ended_at": lazy("Ended"),
    }
    column_formatters = {
        "kind": _title_cell,
        "cycle": lambda view, context, row, column: row.cycle.code if row.cycle else "–",
        "status": lambda view, context, row, column: status_tag(row),
        "progress": lambda view, context, row, column: (
            f"{row.done:,}/{row.total:,}" if row.total else "–"
        ),
        "owner": lambda view, context, row, column: row.owner.name,
        "created_at": _when,
        "ended_at": _when,
    }
    orders = {"newest": ()}
    empty_hint = N_("No job has been asked for yet.")
    list_filters = (
        equals("status", N_("State"), Job.status, fields.translated(jobs.STATUS_NAMES)),
        equals("kind", N_("What"), Job.kind, lambda: [(k.key, _(k.title)) for k in KINDS]),
    )

    def __init__(self) -> None:
        super().__init__(Job, name="Jobs", endpoint="jobs", url="/jobs")

    def _order(self) -> tuple[str, bool]:
        return "newest", True
