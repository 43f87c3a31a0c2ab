"""Background jobs: a job's page for its owner and DLA, and DLA's list of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from markupsafe import Markup

from admin_app.domain import thai
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import language, lazy, ngettext
from admin_app.jobs.kinds import KIND, KINDS
from admin_app.models import Job
from admin_app.services import jobs
from admin_app.services.jobs import Glance
from admin_app.views import fields
from admin_app.views.base import ScopedView
from admin_app.views.common import SIGNED_IN, actor, clock, permission
from admin_app.views.filters import equals

blueprint = Blueprint("job", __name__, url_prefix="/jobs")
REFRESH_S = 5
# kind: (where its work shows, what the link says)
LINKS: dict[str, tuple[Callable[[Job], str], str]] = {
    "carry_over": (lambda job: url_for("cycles.details_view", id=job.cycle_id), N_("To the cycle")),
    "recheck": (lambda job: url_for("cycles.details_view", id=job.cycle_id), N_("To the cycle")),
}
COLOURS = {"done": "good", "running": "open", "queued": "wait", "failed": "late"}


def title(job: Job) -> str:
    """What the job does, in words."""
    kind = KIND.get(job.kind)
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
        said.append(job.doing)
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
    link, label = LINKS.get(job.kind, (None, ""))
    return render_template(
        "job.html",
        job=job,
        seen=seen,
        title=title(job),
        tag=status_tag(job),
        words=words(seen),
        results=KIND[job.kind].results if job.kind in KIND else {},
        link=link(job) if link else None,
        label=label,
        refresh=REFRESH_S,
    )


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
