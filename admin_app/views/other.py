"""Schools of other affiliations: the list over the area; they are entered in an LAO's grid."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from admin_app.domain.levels import PROVINCE
from admin_app.domain.text import N_
from admin_app.i18n import lazy, number
from admin_app.models import OtherSchool, OtherSheet, Unit
from admin_app.views import fields
from admin_app.views.base import ScopedView
from admin_app.views.common import chosen_cycle
from admin_app.views.filters import equals, foreign_key
from admin_app.views.organisations import lao_choices, scoped_units


def _lao(view: Any, context: Any, row: OtherSchool, column: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(
        view.get_url("grid.show", code=row.lao.code), row.lao.name
    )


def _children(view: Any, context: Any, row: OtherSchool, column: str) -> Any:
    """A dash for a school that was carried over and is not counted yet."""
    return number(row.children) if row.sheet.recorded else "–"


class OtherSchoolView(ScopedView):
    """Schools of other affiliations in the chosen cycle."""

    subject = "other_counts"
    closed = frozenset({"create_view", "edit_view", "details_view"})
    title = N_("Other affiliations")
    in_cycle = True
    column_list = ("code", "name", "affiliation", "children", "lao")
    column_labels = {
        "code": lazy("Code"),
        "name": lazy("School"),
        "affiliation": lazy("Affiliation"),
        "children": lazy("Children"),
        "lao": lazy("LAO"),
    }
    column_formatters = {
        "lao": _lao,
        "children": _children,
        "affiliation": fields.code_cell("affiliation"),
    }
    orders = {"name": (OtherSchool.name_key,)}
    empty_hint = N_("No school of another affiliation is recorded in this cycle.")
    list_filters = (
        equals(
            "affiliation",
            N_("Affiliation"),
            OtherSchool.affiliation,
            fields.codes("affiliation"),
        ),
        foreign_key(
            "province", N_("Province"), OtherSchool.province, lambda: scoped_units(PROVINCE)
        ),
        foreign_key("lao", N_("LAO"), OtherSchool.lao, lao_choices),
    )

    def __init__(self) -> None:
        super().__init__(
            OtherSchool, name="Other affiliations", endpoint="others", url="/other-schools"
        )

    def list_page(self) -> dict[str, Any]:
        shown = super().list_page()
        rows = shown["page"].rows
        laos = {u.id: u for u in Unit.select().where(Unit.id << [row.lao_id for row in rows])}
        wanted = [row.sheet_id for row in rows]
        sheets = {s.id: s for s in OtherSheet.select().where(OtherSheet.id << wanted)}
        for row in rows:
            row.lao, row.sheet = laos[row.lao_id], sheets[row.sheet_id]
        return shown

    def get_query(self) -> Any:
        return super().get_query().where(OtherSchool.cycle == chosen_cycle().id)
