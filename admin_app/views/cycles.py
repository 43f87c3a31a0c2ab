"""Cycles: DLA creates, edits and opens them; closing is a move on the department's page."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin.base import expose
from markupsafe import Markup
from wtforms import IntegerField, SelectField, StringField

from admin_app.domain import promotion, thai
from admin_app.domain.text import N_
from admin_app.domain.windows import LATE_POLICIES
from admin_app.i18n import gettext as _
from admin_app.i18n import language, lazy
from admin_app.jobs import kinds
from admin_app.models import Cycle
from admin_app.services import carry_over, cycles, jobs
from admin_app.services.errors import Refused
from admin_app.views import fields
from admin_app.views.base import ScopedView, VersionedForm
from admin_app.views.common import actor, clock, tell


class CycleForm(VersionedForm):
    """A cycle's letter: five moments and the late policy."""

    year = IntegerField(lazy("School year (B.E.)"), render_kw={"inputmode": "numeric"})
    round = SelectField(lazy("Round"), choices=["1", "2"])
    name = StringField(lazy("Name"), render_kw={"maxlength": 120})
    opens_at = fields.BuddhistMomentField(
        lazy("Opens"),
        [fields.needed()],
        description=lazy("day/month/year time, as 29/4/2567 00:00"),
        clock="00:00",
    )
    school_due_at = fields.BuddhistMomentField(
        lazy("Schools confirm by"),
        [fields.needed()],
        description=lazy("24:00 is the end of the day"),
    )
    lao_due_at = fields.BuddhistMomentField(lazy("LAOs confirm by"), [fields.needed()])
    province_due_at = fields.BuddhistMomentField(lazy("Provinces confirm by"), [fields.needed()])
    closes_at = fields.BuddhistMomentField(lazy("The system closes"), [fields.needed()])
    late_policy = fields.ChoiceField(
        lazy("After a due date"), fields.translated(LATE_POLICIES), empty=False
    )


def _moment(view: Any, context: Any, row: Cycle, column: str) -> Any:
    value = getattr(row, column)
    write = thai.format_bound if column.endswith(("due_at", "closes_at")) else thai.format_datetime
    return write(value, language()) if value else "–"


def _code(view: Any, context: Any, row: Cycle, column: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(view.get_url(".details_view", id=row.id), row.code)


class CycleView(ScopedView):
    """Cycles; everybody reads them, DLA changes them."""

    subject = "cycle"
    title = N_("Cycles")
    form = CycleForm
    details_template = "model/cycle.html"
    card_title = "code"
    column_list = (
        "code",
        "opens_at",
        "school_due_at",
        "lao_due_at",
        "province_due_at",
        "closes_at",
        "started_at",
    )
    column_labels = {
        "code": lazy("Cycle"),
        "opens_at": lazy("Opens"),
        "school_due_at": lazy("Schools by"),
        "lao_due_at": lazy("LAOs by"),
        "province_due_at": lazy("Provinces by"),
        "closes_at": lazy("Closes"),
        "started_at": lazy("Opened by DLA"),
    }
    column_formatters = {
        "code": _code,
        **dict.fromkeys((*cycles.MOMENTS, "started_at"), _moment),
    }
    orders = {"code": (Cycle.code,)}
    verbs = {"start": "start", "carry": "carry"}

    def __init__(self) -> None:
        super().__init__(Cycle, name="Cycles", endpoint="cycles", url="/cycles")

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        del form.year, form.round
        return form

    def save_new(self, values: dict[str, Any]) -> Any:
        return cycles.create(
            actor(), values.get("year") or 0, int(values.get("round") or 0), values, clock
        )

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        return cycles.edit(actor(), row.id, version, values, clock)

    @expose("/details/")
    def details_view(self) -> Any:
        """One cycle, with the buttons that carry over into it and open it."""
        cycle = self.get_one(request.args.get("id"))
        carried = carry_over.progress(cycle)
        source = carried.source if carried else None
        if cycle.started_at is None and not (carried and carried.done):
            source = carry_over.source_of(cycle)
        return self.render(
            self.details_template,
            cycle_shown=cycle,
            source=source,
            up=promotion.steps(source.year, cycle.year) if source else 0,
            carried=carried,
            job=jobs.alive(kinds.key_of("carry_over", cycle.id)) if self._may("carry") else None,
            may_carry=self._may("carry") and cycle.started_at is None,
            department=cycles.department(),
            policies=LATE_POLICIES,
            may_edit=self._may("edit"),
            may_start=self._may("start") and cycle.started_at is None,
        )

    @expose("/start", methods=("POST",))
    def start(self) -> Any:
        """Open a cycle as it stands: every active unit takes part from now on."""
        cycle = self.get_one(request.form.get("id"))
        job = jobs.alive(kinds.key_of("carry_over", cycle.id))
        if job is not None:
            flash(_("The carry-over is under way and opens the cycle at its end."), "error")
            return redirect(url_for("job.show", job_id=job.id))
        cycles.start(actor(), cycle.id, clock)
        flash(_("Cycle %(code)s is open: every unit takes part now.", code=cycle.code), "success")
        return redirect(self.get_url(".details_view", id=cycle.id))

    @expose("/carry", methods=("POST",))
    def carry(self) -> Any:
        """Make a cycle ready and ask for the job that carries over into it and then opens it."""
        cycle = self.get_one(request.form.get("id"))
        try:
            carry_over.prepare(actor(), cycle.id, clock)
            job = kinds.ask(actor(), "carry_over", cycle.id, clock)
        except Refused as refused:
            tell(refused.refusals)
            return redirect(self.get_url(".details_view", id=cycle.id))
        return redirect(url_for("job.show", job_id=job.id))
