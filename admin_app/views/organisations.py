"""Organisations: provinces, LAOs, schools and districts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import redirect, request, url_for
from flask_admin.base import expose
from flask_login import current_user
from markupsafe import Markup
from wtforms import BooleanField, Field, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from admin_app.domain.access import may
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL, above
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import language, lazy
from admin_app.models import District, Grade, SchoolGrade, Unit
from admin_app.services import cycles, scope, unit_search, units
from admin_app.services.errors import NotFound
from admin_app.services.scope import ref
from admin_app.services.typed import row_id, row_ids
from admin_app.views import fields
from admin_app.views.base import ScopedView, VersionedForm
from admin_app.views.common import actor, clock
from admin_app.views.filters import ListFilter, equals, foreign_key, yes_no


def scoped_units(level: str) -> list[tuple[str, str]]:
    """(id, name) of the units of a level that the actor may read, for filters and forms."""
    query = scope.limit(Unit.select(), Unit, actor(), f"{level}:read").where(Unit.level == level)
    return [(str(unit.id), unit.name) for unit in query.order_by(Unit.name_key)]


def _districts() -> list[tuple[str, str]]:
    query = scope.limit(District.select(), District, actor(), "district:read")
    return [(str(d.id), f"{d.name} ({d.code})") for d in query.order_by(District.code)]


def _parents(level: str) -> Any:
    over = above(level)
    return lambda: scoped_units(over.key) if over else []


def _kinds(level: str) -> Any:
    return fields.translated(units.KINDS[level])


class ContactForm(VersionedForm):
    """What the unit's own people and its LAO may change."""

    contact_name = StringField(lazy("Contact person"), render_kw={"maxlength": 120})
    phone = StringField(
        lazy("Telephone"), render_kw={"maxlength": 60, "type": "tel", "autocomplete": "off"}
    )
    email = StringField(
        lazy("E-mail"), render_kw={"maxlength": 120, "type": "email", "autocomplete": "off"}
    )
    address = TextAreaField(lazy("Address"), render_kw={"maxlength": 500, "rows": 2})

    def __iter__(self) -> Iterator[Field]:
        """What the unit is, how it is reached, whether it takes part."""
        last = ("contact_name", "phone", "email", "address", "active")
        fields = super().__iter__()
        return iter(sorted(fields, key=lambda f: last.index(f.name) if f.name in last else -1))


class ProvinceForm(ContactForm):
    """A province; DLA only."""

    code = StringField(lazy("Code"), [fields.needed()], render_kw={"maxlength": 2})
    name = StringField(lazy("Name"), [fields.needed()], render_kw={"maxlength": 120})
    name_en = StringField(lazy("Name in English"), render_kw={"maxlength": 120})
    active = BooleanField(lazy("Takes part"), default=True)


class LaoForm(ContactForm):
    """An LAO; DLA only."""

    parent = fields.ChoiceField(lazy("Province"), _parents(LAO), empty=False)
    code = StringField(lazy("Code"), [fields.needed()], render_kw={"maxlength": 16})
    name = StringField(lazy("Name"), [fields.needed()], render_kw={"maxlength": 120})
    kind = fields.ChoiceField(lazy("Kind"), _kinds(LAO), empty=False)
    district = fields.ChoiceField(lazy("District"), _districts)
    active = BooleanField(lazy("Takes part"), default=True)


class SchoolForm(ContactForm):
    """A school; DLA only."""

    parent = fields.ChoiceField(lazy("LAO"), _parents(SCHOOL), empty=False)
    code = StringField(lazy("Code"), [fields.needed()], render_kw={"maxlength": 16})
    name = StringField(lazy("Name"), [fields.needed()], render_kw={"maxlength": 200})
    kind = fields.ChoiceField(lazy("Kind"), _kinds(SCHOOL), empty=False)
    district = fields.ChoiceField(lazy("District"), _districts)
    grades = SelectMultipleField(
        lazy("Grades offered"),
        choices=[],
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    active = BooleanField(lazy("Takes part"), default=True)


def _contact(view: Any, context: Any, row: Unit, column: str) -> Any:
    if not (row.contact_name or row.phone):
        return "–"
    return Markup('{} <a href="tel:{}" class="nowrap">{}</a>').format(
        row.contact_name, row.phone.replace(" ", ""), row.phone
    )


def _active(view: Any, context: Any, row: Any, column: str) -> Any:
    return _("Yes") if row.active else _("No")


def _lao_kind(kind: str) -> str:
    """An LAO's kind in a narrow column; Thais say it in short."""
    return kind if language() == "th" else _(units.KINDS[LAO].get(kind, kind))


def _lao_kinds() -> list[tuple[str, str]]:
    return [(kind, _lao_kind(kind)) for kind in units.KINDS[LAO]]


def _kind(view: Any, context: Any, row: Unit, column: str) -> str:
    if row.level == LAO:
        return _lao_kind(row.kind)
    return _(units.KINDS.get(row.level, {}).get(row.kind, row.kind))


class UnitView(ScopedView):
    """The shared part of the three levels' screens."""

    level = ""
    card_title = "name"
    column_labels = {
        "code": lazy("Code"),
        "name": lazy("Name"),
        "kind": lazy("Kind"),
        "parent": lazy("Belongs to"),
        "contact": lazy("Contact"),
        "active": lazy("Takes part"),
        "district": lazy("District"),
    }
    column_formatters = {
        "name": lambda view, context, row, column: fields.unit_link(row),
        "contact": _contact,
        "active": _active,
        "parent": lambda view, context, row, column: row.parent.name if row.parent else "–",
        "district": lambda view, context, row, column: row.district.name if row.district else "–",
        "kind": _kind,
    }
    orders = {"name": (Unit.name_key,), "code": (Unit.code,)}
    search_hint = N_("Words of the name, a code or a telephone number")

    def __init__(self, endpoint: str, name: str) -> None:
        self.subject = self.level
        super().__init__(Unit, name=name, endpoint=endpoint, url=f"/{endpoint}")

    def where(self, row: Unit) -> Any:
        return ref(row)

    def verb(self, endpoint: str) -> str:
        """Editing is open to those who may change the contacts, too."""
        name = super().verb(endpoint)
        whole = current_user.is_authenticated and self._whole()
        return f"{self.level}:contact" if endpoint == "edit_view" and not whole else name

    def _whole(self, row: Unit | None = None) -> bool:
        """Whether the actor may edit more than contacts, of ``row`` or of some."""
        return may(actor(), f"{self.level}:edit", ref(row) if row else None)

    def row_may(self, verb: str, row: Any) -> bool:
        if verb == "edit":
            return super().row_may("edit", row) or super().row_may("contact", row)
        return super().row_may(verb, row)

    def get_query(self) -> Any:
        return super().get_query().where(Unit.level == self.level)

    def search(self, query: Any, text: str) -> Any:
        return unit_search.narrowed(query, text)

    @expose("/details/")
    def details_view(self) -> Any:
        """A unit's page is the one that everything leads to."""
        return redirect(url_for("units.show", code=self.get_one(request.args.get("id")).code))

    def edit_form(self, obj: Any = None) -> Any:
        if obj is not None and not self._whole(obj):
            if not may(actor(), f"{self.level}:contact", ref(obj)):
                raise NotFound(obj.code)
            form = ContactForm(request.form or None, obj=obj)
            if request.method == "GET":
                form.version.data = str(obj.version)
            return form
        form = super().edit_form(obj)
        if hasattr(form, "parent"):
            del form.parent
        if obj is not None and hasattr(form, "district") and request.method == "GET":
            form.district.data = str(obj.district_id or "")
        return form

    def _split(self, values: dict[str, Any]) -> tuple[dict[str, Any], list[str] | None]:
        grades = values.pop("grades", None)
        if "district" in values:
            values["district"] = row_id(values["district"]) if values["district"] else None
        return values, grades

    def save_new(self, values: dict[str, Any]) -> Any:
        values, grades = self._split(values)
        parent_id = values.pop("parent", None)
        parent = scope.unit_by_id(actor(), row_id(parent_id)) if parent_id else cycles.department()
        return units.create(actor(), self.level, parent, values, clock, grades=grades)

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        values, grades = self._split(values)
        return units.edit(actor(), row.id, version, values, clock, grades=grades)


class DepartmentView(UnitView):
    """The department: its contacts, which everybody finds under "Whom to call"."""

    level = DEPARTMENT
    title = N_("The department")
    form = ContactForm
    verbs = {"edit_view": "contact"}
    closed = frozenset({"index_view", "create_view", "details_view", "action_view", "ajax_lookup"})

    def __init__(self) -> None:
        super().__init__("department", "Department")


class ProvinceView(UnitView):
    """Provinces (จังหวัด)."""

    level = PROVINCE
    title = N_("Provinces")
    form = ProvinceForm
    column_list = ("code", "name", "contact", "active")
    list_filters = (yes_no("active", N_("Takes part"), Unit.active, N_("Yes"), N_("No")),)

    def __init__(self) -> None:
        super().__init__("provinces", "Provinces")


class LaoView(UnitView):
    """Local authorities (อปท.)."""

    level = LAO
    title = N_("LAOs")
    form = LaoForm
    column_list = ("code", "name", "kind", "parent", "district", "contact", "active")
    list_filters = (
        foreign_key("province", N_("Province"), Unit.province, lambda: scoped_units(PROVINCE)),
        equals("kind", N_("Kind"), Unit.kind, _lao_kinds),
        yes_no("active", N_("Takes part"), Unit.active, N_("Yes"), N_("No")),
    )

    def __init__(self) -> None:
        super().__init__("laos", "LAOs")


def lao_choices() -> list[tuple[str, str]]:
    """LAOs for a filter: of the chosen province, so that the list stays short for DLA."""
    if actor().unit.level != "department":
        return scoped_units(LAO)
    province = request.args.get("province", "")
    rows = Unit.select().where(Unit.level == LAO, Unit.province << row_ids([province]))
    return [(str(unit.id), unit.name) for unit in rows.order_by(Unit.name_key)]


class SchoolView(UnitView):
    """Schools and child development centres."""

    level = SCHOOL
    title = N_("Schools")
    form = SchoolForm
    column_list = ("code", "name", "kind", "parent", "district", "contact", "active")
    list_filters = (
        foreign_key("province", N_("Province"), Unit.province, lambda: scoped_units(PROVINCE)),
        foreign_key("lao", N_("LAO"), Unit.lao, lao_choices),
        equals("kind", N_("Kind"), Unit.kind, _kinds(SCHOOL)),
        yes_no("active", N_("Takes part"), Unit.active, N_("Yes"), N_("No")),
    )

    def __init__(self) -> None:
        super().__init__("schools", "Schools")

    def _with_grades(self, form: Any, obj: Any) -> Any:
        if hasattr(form, "grades"):
            form.grades.choices = [SelectChoice(*pair) for pair in fields.grades()]
            if request.method == "GET" and obj is not None:
                rows = SchoolGrade.select(SchoolGrade, Grade).join(Grade)
                form.grades.data = [g.grade.code for g in rows.where(SchoolGrade.school == obj.id)]
        return form

    def create_form(self, obj: Any = None) -> Any:
        return self._with_grades(super().create_form(obj), None)

    def edit_form(self, obj: Any = None) -> Any:
        return self._with_grades(super().edit_form(obj), obj)


class DistrictView(ScopedView):
    """Districts (อำเภอ), to look up; they come with the place codes."""

    subject = "district"
    closed = frozenset({"create_view", "edit_view", "details_view"})
    title = N_("Districts")
    column_list = ("code", "name", "name_en")
    column_formatters = fields.NAMED
    column_labels = {
        "code": lazy("Code"),
        "name": lazy("Name"),
        "name_en": lazy("Name in English"),
    }
    orders = {"code": (District.code,), "name": (District.name_key,)}
    list_filters = (
        ListFilter(
            "province",
            N_("Province"),
            lambda query, value: query.where(District.province_code == value),
            lambda: [
                (u.code, u.name)
                for u in Unit.select().where(Unit.level == PROVINCE).order_by(Unit.name_key)
            ],
        ),
    )

    def __init__(self) -> None:
        super().__init__(District, name="Districts", endpoint="districts", url="/districts")

    def get_query(self) -> Any:
        return scope.limit(District.select(), District, actor(), "district:read")
