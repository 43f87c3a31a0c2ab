"""Children: list, record, edit, attest, remove and restore; masked outside the school and LAO."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_admin.actions import action
from flask_admin.base import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import ngettext
from markupsafe import Markup
from wtforms import RadioField, StringField

from admin_app.database import tuples
from admin_app.domain import identity, thai
from admin_app.domain.access import may
from admin_app.domain.rules import RULE
from admin_app.domain.text import N_
from admin_app.i18n import language, say
from admin_app.models import District, Student, Subdistrict, Unit
from admin_app.services import children, history, readiness
from admin_app.services.errors import Invalid, NotFound, Refused
from admin_app.services.scope import ref, student_ref
from admin_app.views import fields
from admin_app.views.base import ScopedView, VersionedForm
from admin_app.views.common import actor, allowed, chosen_cycle, clock, tell
from admin_app.views.filters import ListFilter, equals, yes_no

SEXES = {"M": N_("Boy"), "F": N_("Girl")}


def _kinds() -> list[tuple[str, str]]:
    return [(kind.key, _(kind.name)) for kind in identity.KINDS]


def _own_schools() -> list[tuple[str, str]]:
    """The schools that the actor may record children in (one for a school's own people)."""
    me = actor()
    query = Unit.select(Unit.id, Unit.name).where(Unit.level == "school", Unit.active)
    column = Unit.id if me.unit.level == "school" else Unit.lao
    rows = query.where(column == me.unit.id).order_by(Unit.name_key)
    return [(str(row.id), row.name) for row in rows]


class ChildForm(VersionedForm):
    """A child's fields, in the order of the paper form."""

    school = fields.ChoiceField(lazy("School"), _own_schools, empty=False)
    id_kind = fields.ChoiceField(lazy("Identity document"), _kinds, empty=False, default="pin")
    id_number = StringField(
        lazy("Identity number"),
        description=lazy("13 digits, or G and 12 digits; dashes do not matter"),
        render_kw={"autocomplete": "off", "maxlength": 24, "data-check": "pin"},
    )
    no_id_reason = StringField(lazy("Why there is no document"), render_kw={"maxlength": 200})
    prefix = fields.ChoiceField(lazy("Prefix"), fields.codes("prefix"))
    first_name = StringField(
        lazy("First name"), [fields.needed()], render_kw={"maxlength": 120, "autocomplete": "off"}
    )
    last_name = StringField(
        lazy("Last name"), [fields.needed()], render_kw={"maxlength": 120, "autocomplete": "off"}
    )
    sex = RadioField(
        lazy("Sex"), choices=[("M", lazy("Boy")), ("F", lazy("Girl"))], validate_choice=False
    )
    birth_date = fields.BuddhistDateField(
        lazy("Birth date"), description=lazy("day/month/year in the Buddhist Era, as 15/3/2560")
    )
    grade = fields.ChoiceField(lazy("Grade"), fields.grades)
    nationality = fields.ChoiceField(
        lazy("Nationality"), fields.codes("nationality"), empty=False, default="TH"
    )
    disability = fields.ChoiceField(lazy("Disability"), fields.codes("disability"))
    disadvantage = fields.ChoiceField(lazy("Disadvantage"), fields.codes("disadvantage"))
    home_subdistrict = StringField(
        lazy("Home sub-district"),
        description=lazy("Begin to type its name and choose, or type its 6-digit code"),
        render_kw={"list": "places", "maxlength": 120, "autocomplete": "off"},
    )
    entered_on = fields.BuddhistDateField(lazy("Entered the school on"))


def _name(view: Any, context: Any, row: Student, column: str) -> Any:
    hidden = actor().masked
    name = (
        identity.mask_name(row.first_name, row.last_name)
        if hidden
        else f"{row.prefix}{row.first_name} {row.last_name}"
    )
    return Markup('<a href="{}{}">{}</a>').format(_details_address(), row.id, name)


def _details_address() -> str:
    """The address of a child's page up to its id, made once per request."""
    if "child_address" not in g:
        g.child_address = url_for("children.details_view") + "?id="
    return str(g.child_address)


def _number(view: Any, context: Any, row: Student, column: str) -> Any:
    if row.id_kind == "none":
        return fields.small(_("no document"))
    write = identity.mask_number if actor().masked else identity.format_number
    return Markup('<span class="code">{}</span>').format(write(row.id_kind, row.id_number))


def _born(view: Any, context: Any, row: Student, column: str) -> Any:
    if row.birth_date is None:
        return "–"
    if actor().masked:
        return identity.mask_birth_date(row.birth_date, language())
    return thai.format_date(row.birth_date, language())


def _status(view: Any, context: Any, row: Student, column: str) -> Any:
    if row.status == "removed":
        reason = say(children.REMOVAL_REASONS.get(row.removal_reason, ""))
        return Markup('<span class="tag off">{}</span> {}').format(_("Removed"), reason)
    if row.attested_at:
        return Markup('<span class="tag good">{}</span>').format(_("Attested"))
    return Markup('<span class="tag wait">{}</span>').format(_("Not attested"))


def _school(view: Any, context: Any, row: Student, column: str) -> Any:
    return row.school.name


def _place(place: Subdistrict) -> str:
    return f"{place.name} {place.district.name} {place.code}"


def _places() -> list[str]:
    """The sub-districts of the own province, for the form's list."""
    province = Unit.get_or_none(Unit.id == actor().unit.province_id)
    if province is None:
        return []
    rows = (
        Subdistrict.select(Subdistrict, District)
        .join(District)
        .where(District.province_code == province.code)
        .order_by(Subdistrict.name)
    )
    return [_place(row) for row in rows]


def _in_unit(query: Any, code: str) -> Any:
    """Children of the unit with this code; a unit that does not exist finds nothing."""
    unit = Unit.get_or_none(Unit.code == code)
    if unit is None:
        return query.where(Student.school == -1)
    column = {"school": Student.school, "lao": Student.lao, "province": Student.province}
    return query.where(column[unit.level] == unit.id) if unit.level in column else query


def _unit_choices() -> list[tuple[str, str]]:
    me = actor()
    lower = {"department": "province", "province": "lao", "lao": "school"}.get(me.unit.level)
    if lower is None:
        return []
    query = Unit.select(Unit.code, Unit.name).where(Unit.level == lower, Unit.active)
    if me.unit.level != "department":
        query = query.where(getattr(Unit, me.unit.level) == me.unit.id)
    rows = tuples(query.order_by(Unit.name_key))
    asked = request.args.get("unit", "")
    if asked and asked not in {code for code, _name in rows}:
        chosen = Unit.get_or_none(Unit.code == asked)
        inside = chosen is not None and may(me, "child:read", ref(chosen))
        if chosen is not None and inside and chosen.level in ("lao", "school"):
            rows.insert(0, (chosen.code, chosen.name))
    return rows


def _with_problem(query: Any, rule: str) -> Any:
    """Children that break a rule. Only within a school: rules are run over one school at a time."""
    unit = Unit.get_or_none(Unit.code == request.args.get("unit", ""))
    school_id = unit.id if unit is not None and unit.level == "school" else actor().unit.id
    found = readiness.findings(chosen_cycle().id, school_id, clock())
    return query.where(Student.id << [f.child_id for f in found if f.rule == rule])


def _attested(count: int) -> str:
    return str(ngettext("%(num)d child attested.", "%(num)d children attested.", count))


class ChildView(ScopedView):
    """The children of the chosen cycle, in scope."""

    subject = "child"
    title = N_("Children")
    in_cycle = True
    card_title = "name"
    form = ChildForm
    column_list = ("name", "id_number", "grade", "birth_date", "status", "school_name")
    column_labels = {
        "name": lazy("Name"),
        "id_number": lazy("Identity number"),
        "grade": lazy("Grade"),
        "birth_date": lazy("Birth date"),
        "status": lazy("Status"),
        "school_name": lazy("School"),
    }
    column_formatters = {
        "name": _name,
        "id_number": _number,
        "grade": fields.grade_cell,
        "birth_date": _born,
        "status": _status,
        "school_name": _school,
    }
    orders = {"name": (Student.sort_key,)}
    list_fields = (
        Student.id,
        Student.cycle,
        Student.school,
        Student.lao,
        Student.province,
        Student.id_kind,
        Student.id_number,
        Student.prefix,
        Student.first_name,
        Student.last_name,
        Student.birth_date,
        Student.grade,
        Student.attested_at,
        Student.status,
        Student.removal_reason,
    )
    search_hint = N_("Beginning of a first or last name, or an identity number")
    empty_hint = N_("No child matches. Take filters away, or record a child.")
    details_template = "model/child.html"
    create_template = "model/child_form.html"
    edit_template = "model/child_form.html"
    list_template = "model/children.html"
    actions_need = {"attest": "attest", "remove": "remove", "restore": "restore"}
    list_filters = (
        equals("grade", N_("Grade"), Student.grade, fields.grades),
        equals("sex", N_("Sex"), Student.sex, fields.translated(SEXES)),
        yes_no(
            "attested",
            N_("Attested"),
            Student.attested_at.is_null(False),
            N_("Attested"),
            N_("Not attested"),
        ),
        ListFilter("unit", N_("Unit"), _in_unit, _unit_choices),
        ListFilter(
            "problem",
            N_("Problem"),
            _with_problem,
            lambda: [(rule.code, _(rule.message)) for rule in RULE.values()],
        ),
        equals(
            "status",
            N_("Status"),
            Student.status,
            lambda: [("removed", _("Removed"))],
        ),
    )
    verbs = {"attest_all": "attest", "remove_view": "remove", "reveal": "reveal"}

    def __init__(self) -> None:
        super().__init__(Student, name="Children", endpoint="children", url="/children")

    def where(self, row: Student) -> Any:
        return student_ref(row)

    def get_query(self) -> Any:
        query = super().get_query().where(Student.cycle == chosen_cycle().id)
        if request.endpoint == "children.index_view" and "status" not in request.args:
            query = query.where(Student.status == "active")
        return query

    def get_one(self, id: Any) -> Any:
        """By id in any cycle: a link from the history stays good."""
        return children.get(actor(), id)

    def search(self, query: Any, text: str) -> Any:
        """An identity number whole; else the beginning of a first or last name, by index range."""
        number = identity.normalise("pin", text)
        if number.lstrip("G").isdigit():
            if actor().masked:
                history.log_access("child.searched", actor(), clock(), cycle_id=chosen_cycle().id)
            return query.where(Student.id_number == number)
        if actor().role == "helpdesk":
            return query.where(Student.id == -1)
        prefix = thai.search_prefix(text)
        if not prefix:
            return query
        if " " in prefix.strip():
            return query.where(
                Student.sort_key >= prefix, Student.sort_key < thai.upper_bound(prefix)
            )
        high = thai.upper_bound(prefix)
        by_first = (Student.sort_key >= prefix) & (Student.sort_key < high)
        by_last = (Student.last_key >= prefix) & (Student.last_key < high)
        return query.where(by_first | by_last)

    def list_page(self) -> dict[str, Any]:
        """The helpdesk finds a child by its whole identity number only."""
        found = super().list_page()
        schools = {row.school_id for row in found["page"].rows}
        units = Unit.select(Unit.id, Unit.name).where(Unit.id << list(schools))
        names = {unit.id: unit for unit in units}
        for row in found["page"].rows:
            row.school = names[row.school_id]
        found["removal_reasons"] = children.REMOVAL_REASONS
        found["may_write"] = allowed("child:create")
        return found

    def create_form(self, obj: Any = None) -> Any:
        form = super().create_form(obj)
        if len(_own_schools()) == 1:
            del form.school
        if request.method == "GET" and form.school is not None:
            asked = Unit.get_or_none(Unit.code == request.args.get("unit", ""))
            form.school.data = str(asked.id) if asked is not None else None
        return form

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        del form.school
        if request.method == "GET" and obj is not None and obj.home_subdistrict_id:
            form.home_subdistrict.data = _place(obj.home_subdistrict)
        return form

    def _place(self, values: dict[str, Any]) -> dict[str, Any]:
        typed = thai.digits(str(values.get("home_subdistrict") or "")).strip()
        code = re.search(r"(?<!\d)\d{6}(?!\d)", typed)
        place = Subdistrict.get_or_none(Subdistrict.code == code[0]) if code else None
        if typed and place is None:
            raise Invalid(
                {
                    "home_subdistrict": (
                        N_("Choose a sub-district of the list, or type its code."),
                        {},
                    )
                }
            )
        return values | {"home_subdistrict": place.id if place else None}

    def save_new(self, values: dict[str, Any]) -> Any:
        school = values.pop("school", None) or _own_schools()[0][0]
        return children.create(actor(), chosen_cycle().id, int(school), self._place(values), clock)

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        return children.edit(actor(), row.id, version, self._place(values), clock)

    def render(self, template: str, **kwargs: Any) -> Any:
        """The forms' list of places comes along, read only where it is used."""
        return super().render(template, places=_places, **kwargs)

    # --- bulk actions ----------------------------------------------------------------------

    def _bulk(self, change: Callable[[], int], done: Callable[[int], str]) -> None:
        try:
            count = change()
        except Refused as refused:
            tell(refused.refusals)
        except Invalid:
            flash(_("Choose a reason for the removal."), "error")
        else:
            flash(done(count), "success")

    @action("attest", lazy("Attest as existing"))
    def action_attest(self, ids: list[str]) -> None:
        """Attest the chosen children."""
        self._bulk(lambda: children.attest(actor(), ids, clock), _attested)

    @action("remove", lazy("Remove"))
    def action_remove(self, ids: list[str]) -> None:
        """Take the chosen children out, with the reason of the form."""
        reason = request.form.get("removal_reason", "")
        self._bulk(
            lambda: children.remove(actor(), ids, reason, clock),
            lambda count: ngettext(
                "%(num)d child removed; it can be restored under the filter Removed.",
                "%(num)d children removed; they can be restored under the filter Removed.",
                count,
            ),
        )

    @action("restore", lazy("Restore"))
    def action_restore(self, ids: list[str]) -> None:
        """Bring the chosen children back."""
        self._bulk(
            lambda: children.restore(actor(), ids, clock),
            lambda count: ngettext("%(num)d child restored.", "%(num)d children restored.", count),
        )

    @expose("/attest-all", methods=("POST",))
    def attest_all(self) -> Any:
        """Attest every child of a school that is not attested yet."""
        unit = Unit.get_or_none(Unit.code == request.form.get("unit", ""))
        if unit is None or unit.level != "school":
            raise NotFound("school")
        self._bulk(
            lambda: children.attest_school(actor(), chosen_cycle().id, unit.id, clock),
            _attested,
        )
        return redirect(self.get_url("units.show", code=unit.code))

    @expose("/reveal", methods=("POST",))
    def reveal(self) -> Any:
        """Show a child in full to somebody for whom it is masked; written to the access log."""
        child = children.get(actor(), request.form.get("id"), "reveal")
        history.log_access(
            "child.revealed",
            actor(),
            clock(),
            unit_id=child.school_id,
            cycle_id=child.cycle_id,
            details={"child": child.id},
        )
        return self._details(child, hidden=False)

    @expose("/details/")
    def details_view(self) -> Any:
        """One child with its history."""
        return self._details(self.get_one(request.args.get("id")), hidden=actor().masked)

    def _details(self, child: Student, *, hidden: bool) -> Any:
        findings = [
            RULE[finding.rule]
            for finding in readiness.findings(child.cycle_id, child.school_id, clock())
            if finding.child_id == child.id
        ]
        return self.render(
            self.details_template,
            child=child,
            hidden=hidden,
            identity=identity,
            findings=findings,
            events=children.timeline(child.id),
            tags=history.TAGS,
            reasons=children.REMOVAL_REASONS,
            sexes=SEXES,
            labels=_labels(child),
            may_edit=self.row_may("edit", child) and child.status == "active",
            may_restore=self.row_may("restore", child) and child.status == "removed",
            may_reveal=hidden and self.row_may("reveal", child),
        )


def _labels(child: Student) -> dict[str, str]:
    """The code lists' names for the child's codes."""
    found = {
        key: dict(fields.codes(key)()) for key in ("nationality", "disability", "disadvantage")
    }
    labels = {key: found[key].get(getattr(child, key), getattr(child, key)) for key in found}
    labels["grade"] = dict(fields.grades()).get(child.grade, child.grade)
    return labels
