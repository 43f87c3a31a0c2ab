"""Confirmations: the state of every unit in scope, with confirm, unlock and extend in bulk."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin.actions import action
from markupsafe import Markup

from admin_app.domain import thai
from admin_app.domain.access import reach
from admin_app.domain.levels import BY_KEY, LAO, PROVINCE, SCHOOL
from admin_app.domain.moves import MOVES, STATUS_NAMES
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import language, lazy, number
from admin_app.models import Unit, UnitState
from admin_app.services import confirmation, found, scope, unit_search
from admin_app.services.standing import moments
from admin_app.services.typed import row_ids
from admin_app.views import fields
from admin_app.views.base import ScopedView
from admin_app.views.common import actor, chosen_cycle, clock, is_local
from admin_app.views.filters import ListFilter, equals, foreign_key, yes_no
from admin_app.views.organisations import scoped_units


def status_tag(state: UnitState) -> Markup:
    """The state as a coloured word."""
    if state.status == "confirmed":
        late = Markup(' <span class="tag late">{}</span>').format(_("Late")) if state.late else ""
        return Markup('<span class="tag good">{}</span>{}').format(_("Confirmed"), late)
    reopened = (
        Markup(' <span class="tag wait">{}</span>').format(_("Reopened"))
        if state.reopened_reason
        else ""
    )
    return Markup('<span class="tag open">{}</span>{}').format(_("Open"), reopened)


def _level(view: Any, context: Any, row: UnitState, column: str) -> Any:
    return _(BY_KEY[row.level].name)


def _children(view: Any, context: Any, row: UnitState, column: str) -> Any:
    """Only a school's state counts children; a nought of the others would be a wrong figure."""
    return number(row.children) if row.level == SCHOOL else "–"


def _when(view: Any, context: Any, row: UnitState, column: str) -> Any:
    value = getattr(row, column)
    if not value:
        return "–"
    write = thai.format_bound if column == "extended_until" else thai.format_datetime
    return write(value, language())


def _overdue(query: Any, value: str) -> Any:
    at = moments(chosen_cycle())
    levels = [key for key in BY_KEY if clock() >= at.due(key)]
    return query.where(UnitState.status == "open", UnitState.level << levels)


def _levels() -> list[tuple[str, str]]:
    return [(key, _(BY_KEY[key].name)) for key in scope.readable_levels(actor())]


class StateView(ScopedView):
    """The states of the chosen cycle."""

    subject = "state"
    closed = frozenset({"create_view", "edit_view", "details_view"})
    title = N_("Confirmations")
    in_cycle = True
    card_title = "unit"
    list_template = "model/states.html"
    column_list = ("unit", "level", "status", "children", "confirmed_at", "extended_until")
    column_labels = {
        "unit": lazy("Unit"),
        "level": lazy("Level"),
        "status": lazy("State"),
        "children": lazy("Children"),
        "confirmed_at": lazy("Confirmed at"),
        "extended_until": lazy("Extended until"),
    }
    column_formatters = {
        "unit": fields.unit_cell,
        "level": _level,
        "status": lambda view, context, row, column: status_tag(row),
        "children": _children,
        "confirmed_at": _when,
        "extended_until": _when,
    }
    orders = {"unit": (Unit.name_key,)}
    empty_hint = N_("No unit matches. Take filters away.")
    search_hint = N_("Words of the name, a code or a telephone number")
    list_filters = (
        equals("level", N_("Level"), UnitState.level, _levels),
        equals("status", N_("State"), UnitState.status, fields.translated(STATUS_NAMES)),
        yes_no("late", N_("Late"), UnitState.late, N_("Late"), N_("In time")),
        ListFilter("overdue", N_("Overdue"), _overdue, lambda: [("1", _("Overdue"))]),
        yes_no(
            "extended",
            N_("Extension"),
            UnitState.extended_until.is_null(False),
            N_("Extended"),
            N_("Not extended"),
        ),
        ListFilter(
            "found",
            N_("Errors and queries"),
            lambda query, value: query.where(
                UnitState.unit << found.units_with(chosen_cycle().id, value)
            ),
            lambda: [("error", _("Errors")), ("query", _("Queries to explain"))],
        ),
        foreign_key("province", N_("Province"), UnitState.province, lambda: scoped_units(PROVINCE)),
        foreign_key(
            "lao",
            N_("LAO"),
            UnitState.lao,
            lambda: scoped_units(LAO) if actor().unit.level == PROVINCE else [],
        ),
    )

    def __init__(self) -> None:
        super().__init__(UnitState, name="Confirmations", endpoint="states", url="/confirmations")

    def get_query(self) -> Any:
        query = super().get_query().where(UnitState.cycle == chosen_cycle().id)
        query = query.where(UnitState.level << scope.readable_levels(actor()))
        return query.join(Unit, on=(UnitState.unit == Unit.id))

    def boundary(self) -> Any:
        return UnitState.select().join(Unit, on=(UnitState.unit == Unit.id))

    def search(self, query: Any, text: str) -> Any:
        return unit_search.narrowed(query, text, UnitState.unit)

    def list_page(self) -> dict[str, Any]:
        found = super().list_page()
        ids = [state.unit_id for state in found["page"].rows]
        units = {unit.id: unit for unit in Unit.select().where(Unit.id << ids)}
        for state in found["page"].rows:
            state.unit = units[state.unit_id]
        return found

    def is_action_allowed(self, name: str) -> bool:
        """A move is offered when the role has it on some level."""
        return name in MOVES and any(
            reach(actor().role, f"{level}:{name}")
            for level in MOVES[name].levels
            if level in scope.readable_levels(actor())
        )

    def _bulk(self, move: str, ids: list[str]) -> Any:
        """Make the move on each chosen unit and show, per unit, done or refused and why."""
        back = request.form.get("url", "")
        wanted = row_ids(ids)
        states = list(self.get_query().where(UnitState.id << wanted))
        until, problem = None, ""
        if move == "extend":
            try:
                until = thai.parse_local_datetime(request.form.get("until", ""))
            except ValueError as error:
                problem = _(str(error))
        outcomes = (
            []
            if problem
            else confirmation.bulk(
                actor(),
                chosen_cycle().id,
                [state.unit_id for state in states],
                move,
                clock,
                reason=request.form.get("reason", "")[:500],
                until=until,
            )
        )
        return self.render(
            "model/outcomes.html",
            move=move,
            outcomes=outcomes,
            problem=problem,
            return_url=back if is_local(back) else self.get_url(".index_view"),
        )

    @action("confirm", lazy("Confirm"))
    def action_confirm(self, ids: list[str]) -> Any:
        """Confirm the chosen units."""
        return self._bulk("confirm", ids)

    @action("unlock", lazy("Unlock"))
    def action_unlock(self, ids: list[str]) -> Any:
        """Unlock the chosen units, with the reason of the form."""
        return self._bulk("unlock", ids)

    @action("extend", lazy("Extend"))
    def action_extend(self, ids: list[str]) -> Any:
        """Extend the chosen units until the time of the form."""
        return self._bulk("extend", ids)
