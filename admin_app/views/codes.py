"""Code lists and grades: data that DLA edits."""

from __future__ import annotations

from typing import Any

from flask_admin.form import BaseForm
from wtforms import BooleanField, IntegerField, StringField

from admin_app.domain.stages import STAGES
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import lazy
from admin_app.models import Code, Grade
from admin_app.services import codes
from admin_app.views import fields
from admin_app.views.base import ScopedView
from admin_app.views.common import actor, clock
from admin_app.views.filters import equals


class CodeForm(BaseForm):
    """A row of a code list."""

    list = fields.ChoiceField(lazy("List"), fields.translated(codes.LISTS), empty=False)
    code = StringField(lazy("Code"), [fields.needed()], render_kw={"maxlength": 16})
    name = StringField(lazy("Name"), [fields.needed()], render_kw={"maxlength": 120})
    name_en = StringField(lazy("Name in English"), render_kw={"maxlength": 120})
    position = IntegerField(lazy("Position"), default=0)
    active = BooleanField(lazy("In use"), default=True)


class CodeView(ScopedView):
    """Prefixes, nationalities, disabilities, disadvantages, affiliations."""

    subject = "code"
    closed = frozenset({"details_view"})
    verbs = {"create_view": "edit"}
    title = N_("Code lists")
    form = CodeForm
    card_title = "name"
    column_list = ("list", "code", "name", "name_en", "active")
    column_labels = {
        "list": lazy("List"),
        "code": lazy("Code"),
        "name": lazy("Name"),
        "name_en": lazy("Name in English"),
        "active": lazy("In use"),
    }
    column_formatters = fields.NAMED | {
        "list": lambda view, context, row, column: _(codes.LISTS.get(row.list, row.list)),
        "active": lambda view, context, row, column: _("Yes") if row.active else _("No"),
    }
    orders = {"list": (Code.list, Code.position, Code.code)}
    list_filters = (equals("list", N_("List"), Code.list, fields.translated(codes.LISTS)),)

    def __init__(self) -> None:
        super().__init__(Code, name="Code lists", endpoint="codes", url="/codes")

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        del form.list, form.code
        return form

    def save_new(self, values: dict[str, Any]) -> Any:
        return codes.create(actor(), values, clock)

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        return codes.edit(actor(), row.id, values, clock)


class GradeForm(BaseForm):
    """What DLA may change of a grade; its code and stage stand in closed cycles."""

    name = StringField(lazy("Name"), [fields.needed()], render_kw={"maxlength": 120})
    name_en = StringField(lazy("Name in English"), render_kw={"maxlength": 120})
    min_age = IntegerField(lazy("Age from"))
    max_age = IntegerField(lazy("Age to"))
    active = BooleanField(lazy("In use"))


class GradeView(ScopedView):
    """The grades."""

    subject = "code"
    closed = frozenset({"create_view", "details_view"})
    title = N_("Grades")
    form = GradeForm
    card_title = "name"
    column_list = ("code", "name", "name_en", "stage", "min_age", "max_age", "active")
    column_labels = {
        "code": lazy("Code"),
        "name": lazy("Name"),
        "name_en": lazy("Name in English"),
        "stage": lazy("Report column"),
        "min_age": lazy("Age from"),
        "max_age": lazy("Age to"),
        "active": lazy("In use"),
    }
    column_formatters = fields.NAMED | {
        "stage": lambda view, context, row, column: _(STAGES[row.stage]),
        "active": lambda view, context, row, column: _("Yes") if row.active else _("No"),
    }
    orders = {"position": (Grade.position,)}

    def __init__(self) -> None:
        super().__init__(Grade, name="Grades", endpoint="grades", url="/grades")

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        return codes.edit_grade(actor(), row.id, values, clock)
