"""Children: list, record, edit, attest, remove and restore; masked outside the school and LAO."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_admin.actions import action
from flask_admin.base import expose
from markupsafe import Markup

from admin_app.domain import identity
from admin_app.domain.rules import RULE
from admin_app.domain.search import read_child
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import lazy, ngettext
from admin_app.imports.preview import CLEARED
from admin_app.models import Student, Unit
from admin_app.services import child_search, children, found, history, notes
from admin_app.services.errors import Invalid, NotFound, Refused
from admin_app.services.scope import student_ref
from admin_app.services.typed import row_ids
from admin_app.views import child_cells, fields, unit_filter, waiting
from admin_app.views.base import ScopedView
from admin_app.views.child_form import (
    ChildForm,
    offered_grades,
    own_schools,
    place_words,
    places,
    shut,
    with_place,
)
from admin_app.views.common import (
    actor,
    allowed,
    chosen_cycle,
    clock,
    seen_versions,
    shown_at,
    tell,
)
from admin_app.views.filters import ListFilter, equals, yes_no


def _with_problem(query: Any, rule: str) -> Any:
    """Children that break a rule, by what was found last."""
    return query.where(Student.id << found.children_with(chosen_cycle().id, rule))


class ChildView(ScopedView):
    """The children of the chosen cycle, in scope."""

    subject = "child"
    title = N_("Children")
    in_cycle = True
    sends_versions = True
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
    column_writers = {
        "name": child_cells.names,
        "id_number": child_cells.numbers,
        "grade": child_cells.grades,
        "birth_date": child_cells.births,
        "status": child_cells.statuses,
        "school_name": child_cells.schools,
    }
    orders = {"name": (Student.sort_key,)}
    list_fields = (
        Student.id,
        Student.cycle.alias("cycle_id"),
        Student.school.alias("school_id"),
        Student.lao.alias("lao_id"),
        Student.province.alias("province_id"),
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
        Student.version,
    )
    empty_hint = N_("No child matches. Take filters away, or record a child.")
    details_template = "model/child.html"
    create_template = "model/child_form.html"
    edit_template = "model/child_form.html"
    list_template = "model/children.html"
    actions_need = {"attest": "attest", "remove": "remove", "restore": "restore"}
    list_filters = (
        equals("grade", N_("Grade"), Student.grade, fields.grades),
        equals("sex", N_("Sex"), Student.sex, fields.translated(child_cells.SEXES)),
        yes_no(
            "attested",
            N_("Attested"),
            Student.attested_at.is_null(False),
            N_("Attested"),
            N_("Not attested"),
        ),
        unit_filter.unit_filter(Student),
        ListFilter(
            "problem",
            N_("Problem"),
            _with_problem,
            lambda: [(rule.code, _(rule.message)) for rule in RULE.values() if not rule.unit],
        ),
        equals(
            "status",
            N_("Status"),
            Student.status,
            lambda: [("removed", _("Removed"))],
        ),
    )
    private_search = True
    verbs = {"attest_all": "attest", "find": "read", "reveal": "reveal"}

    def __init__(self) -> None:
        super().__init__(Student, name="Children", endpoint="children", url="/children")

    finds_few = True

    @property
    def search_hint(self) -> str:  # type: ignore[override]
        """What this person may look for."""
        if actor().answers_calls:
            return N_("The whole identity number")
        if actor().masked:
            return N_("Beginning of first and last name, or the whole identity number")
        return N_("Beginning of first and last name, or at least 5 digits of the number")

    @expose("/find", methods=("POST",))
    def find(self) -> Any:
        """A search, posted: a child's name or number is never part of an address."""
        return self.post_search()

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
        """By the beginning of first and last name, by number, or both; numbers are logged."""
        asked = read_child(text)
        found = child_search.narrowed(query, asked, actor())
        if asked.number and actor().masked:
            history.log_access(
                *("child.searched", actor(), clock()),
                cycle_id=chosen_cycle().id,
                rows=found.count(),
            )
        return found

    def list_page(self) -> dict[str, Any]:
        """The helpdesk finds a child by its whole identity number only."""
        found = super().list_page()
        schools = {row.school_id for row in found["page"].rows}
        units = Unit.select(Unit.id, Unit.name).where(Unit.id << sorted(schools))
        g.school_names = {unit.id: unit.name for unit in units}
        found["shut"] = shut()
        found["may_write"] = allowed("child:create") and not found["shut"]
        found["unit_offers"] = unit_filter.offered()
        return found

    def create_form(self, obj: Any = None) -> Any:
        form = super().create_form(obj)
        schools = own_schools()
        if len(schools) == 1:
            del form.school
            form.grade.choose_from(lambda: offered_grades([int(schools[0][0])]))
        if request.method == "GET" and form.school is not None:
            asked = Unit.get_or_none(Unit.code == request.args.get("unit", ""))
            form.school.data = str(asked.id) if asked is not None else None
        return form

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        del form.school
        if obj is not None:
            form.grade.choose_from(lambda: offered_grades([obj.school_id], obj.grade))
        if request.method == "GET" and obj is not None and obj.home_subdistrict_id:
            form.home_subdistrict.data = place_words(obj.home_subdistrict)
        return form

    def save_new(self, values: dict[str, Any]) -> Any:
        school = values.pop("school", None) or own_schools()[0][0]
        typed = with_place(values)
        child = children.create(actor(), chosen_cycle().id, int(school), typed, clock)
        waiting.tell_elsewhere(child)
        return child

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        child = children.edit(actor(), row.id, version, with_place(values), clock)
        if row.attested_at is not None and child.attested_at is None:
            flash(_(CLEARED), "info")
        waiting.tell_elsewhere(child)
        return child

    def render(self, template: str, **kwargs: Any) -> Any:
        """The forms' list of places comes along, read only where it is used."""
        model = kwargs.get("model")
        if template == self.edit_template and model is not None:
            kwargs["shut"] = shut(model)
            kwargs["findings"] = notes.of_child(model.cycle_id, model.id)
        return super().render(template, places=places, **kwargs)

    def get_empty_list_message(self) -> str:
        """After the last child of a problem is corrected, the way on."""
        if not request.args.get("problem"):
            return super().get_empty_list_message()
        home = url_for("home.index")
        return Markup('{} <a href="{}">{}</a>').format(
            _("No child has this problem."), home, _("See what is left to do")
        )

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
        seen = seen_versions()
        chosen = {n: seen[n] for n in row_ids(ids) if n in seen} if seen else None
        missed = children.changed_since(chosen) if chosen else 0
        try:
            count = children.attest(actor(), ids, clock, seen=chosen)
        except Refused as refused:
            tell(refused.refusals)
        else:
            child_cells.tell_attested(count, missed)

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
            lambda: children.attest_school(actor(), chosen_cycle().id, unit.id, clock, shown_at()),
            child_cells.attested_words,
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
            rows=1,
            details={"child": child.id},
        )
        return self._details(child, hidden=False)

    @expose("/details/")
    def details_view(self) -> Any:
        """One child with its history."""
        return self._details(self.get_one(request.args.get("id")), hidden=actor().masked)

    def _details(self, child: Student, *, hidden: bool) -> Any:
        closed = shut(child)
        return self.render(
            self.details_template,
            child=child,
            hidden=hidden,
            identity=identity,
            findings=notes.of_child(child.cycle_id, child.id),
            notices=waiting.of_child(child),
            events=children.timeline(child.id),
            tags=history.TAGS,
            reasons=children.REMOVAL_REASONS,
            sexes=child_cells.SEXES,
            labels=child_cells.labels(child),
            may_edit=self.row_may("edit", child) and child.status == "active" and not closed,
            may_restore=self.row_may("restore", child) and child.status == "removed" and not closed,
            may_reveal=hidden and self.row_may("reveal", child),
        )
