"""The one scoped view that every generated screen inherits.

Flask-Admin's ``get_one``, ``action_delete`` and AJAX loaders do not call ``get_query``; here all of
them do, writes go through the services, and what has no row in the access table answers 404.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import abort, current_app, flash, has_request_context, request
from flask_admin.contrib.peewee import ModelView
from flask_admin.form import BaseForm
from flask_login import current_user
from markupsafe import Markup
from wtforms import HiddenField

from admin_app.domain.access import GRANTS, may
from admin_app.i18n import gettext as _
from admin_app.i18n import say
from admin_app.services import listing, scope
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.typed import row_id, row_ids
from admin_app.views.common import actor, allowed, changed_by_other, tell
from admin_app.views.filters import ListFilter
from admin_app.views.remembering import KEEP, Remembering

# Flask-Admin's routes: the verb that each needs on the screen's subject
VERBS: dict[str, str] = {
    "index_view": "read",
    "details_view": "read",
    "create_view": "create",
    "edit_view": "edit",
    "action_view": "read",
    "ajax_lookup": "read",
}
# routes that Flask-Admin registers and that nobody may use: no hard delete, no unlogged export, no
# edit past the form
CLOSED = frozenset({"delete_view", "export", "ajax_update"})


class VersionedForm(BaseForm):
    """A form that remembers which version of the row was shown."""

    version = HiddenField()


class ScopedView(Remembering, ModelView):
    """A screen over one table. ``subject`` names its rows in the access table."""

    subject: str = ""
    title: str = ""
    list_template = "model/list.html"
    create_template = "model/form.html"
    edit_template = "model/form.html"
    details_template = "model/details.html"
    form_base_class = BaseForm
    simple_list_pager = True
    can_delete = False
    can_export = False
    can_set_page_size = True
    page_size = 50
    page_size_options = (20, 50, 100)
    list_filters: tuple[ListFilter, ...] = ()
    orders: dict[str, tuple[Any, ...]] = {}
    # column → makes the function from a row to its cell, once a list
    column_writers: dict[str, Callable[[], Callable[[Any], Any]]] = {}
    # what a list reads of a wide row, as light rows with the columns' names; () is whole rows
    list_fields: tuple[Any, ...] = ()
    search_hint: str = ""
    finds_few = False  # a search never finds more rows than may be sorted
    empty_hint: str = ""
    in_cycle = False
    sends_versions = False  # a bulk action is about the rows as they were shown
    card_title = ""
    verbs: dict[str, str] = {}
    closed: frozenset[str] = frozenset()

    # --- who may ---------------------------------------------------------------------------

    def verb(self, endpoint: str) -> str:
        """The permission that one of the view's routes needs."""
        return f"{self.subject}:{(VERBS | self.verbs)[endpoint]}"

    def is_accessible(self) -> bool:
        return allowed(f"{self.subject}:read")

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        if name in CLOSED | self.closed or not allowed(self.verb(name)):
            abort(404)
        return None

    def _may(self, verb: str) -> bool:
        return not has_request_context() or allowed(f"{self.subject}:{verb}")

    def _open(self, endpoint: str) -> bool:
        if endpoint in self.closed:
            return False
        return not has_request_context() or allowed(self.verb(endpoint))

    can_create = property(lambda self: self._open("create_view"))
    can_edit = property(lambda self: self._open("edit_view"))
    can_view_details = property(lambda self: self._open("details_view"))

    def row_may(self, verb: str, row: Any) -> bool:
        """Whether the actor may ``verb`` this row, for its buttons."""
        permission = f"{self.subject}:{verb}"
        return permission in GRANTS and may(actor(), permission, self.where(row))

    def where(self, row: Any) -> Any:
        """The place (UnitRef) of a row, None when the subject has no place."""
        return None

    def is_action_allowed(self, name: str) -> bool:
        verb = self.actions_need.get(name)
        return verb is not None and self._may(verb)

    actions_need: dict[str, str] = {}

    # --- which rows -------------------------------------------------------------------------

    def get_query(self) -> Any:
        """Every query of the screen starts here: the rows in the actor's scope."""
        query = self.model.select()
        if self.model in scope.COLUMNS:
            query = scope.limit(query, self.model, actor(), f"{self.subject}:read")
        return query

    def get_one(self, id: Any) -> Any:
        """The row in scope; NotFound (404) otherwise."""
        key = getattr(self.model, self._primary_key)
        found = self.get_query().where(key == row_id(id)).get_or_none()
        if found is None:
            raise NotFound(str(id))
        return found

    def boundary(self) -> Any:
        """The rows among which the one is that a page starts from, joined as ``orders`` need."""
        return self.model.select()

    def search(self, query: Any, text: str) -> Any:
        """``query`` narrowed by what was typed; screens give their indexed way."""
        return query

    def _narrowed(self) -> tuple[Any, str, dict[str, str]]:
        text = self.search_text()
        query = self.get_query()
        active = {}
        for flt in self.list_filters:
            value = request.args.get(flt.key, "").strip()[:64]
            if value:
                active[flt.key] = value
                query = flt.apply(query, value)
        if text:
            query = self.search(query, text)
        return query, text, active

    def _order(self) -> tuple[str, bool]:
        asked = request.args.get("order", "")
        descending = asked.startswith("-")
        name = asked.removeprefix("-")
        return (name, descending) if name in self.orders else (next(iter(self.orders)), False)

    def list_page(self) -> dict[str, Any]:
        """What the list's template needs: a page by keyset, a bounded count, filters as chips."""
        query, text, active = self._narrowed()
        order, descending = self._order()
        asked = request.args.get("page_size", default=self.page_size, type=int)
        size = asked if asked in self.page_size_options else self.page_size
        pk = getattr(self.model, self._primary_key)
        count = listing.bounded_count(query)
        few = bool(text) and (self.finds_few or count <= listing.COUNT_BOUND)
        page = listing.keyset(
            query.select(*self.list_fields).namedtuples() if self.list_fields else query,
            listing.sorted_late(self.orders[order]) if few else self.orders[order],
            pk,
            size,
            descending=descending,
            after=_boundary("after"),
            before=_boundary("before"),
            source=self.boundary(),
        )
        choices = {flt.key: [(str(v), n) for v, n in flt.choices()] for flt in self.list_filters}
        chips = [
            (flt.key, flt.name, dict(choices[flt.key]).get(active[flt.key], active[flt.key]))
            for flt in self.list_filters
            if flt.key in active
        ]
        return {
            "page": page,
            "count": count,
            "count_bound": listing.COUNT_BOUND,
            "search_text": text,
            "filters": self.list_filters,
            "filter_choices": choices,
            "active": active,
            "chips": chips,
            "order": order,
            "descending": descending,
            "size": size,
            "link": self.link,
        }

    def link(self, **changes: Any) -> str:
        """The list's address with some parameters changed; a change starts at the first page."""
        args = {k: v for k, v in request.args.items() if k not in ("after", "before")}
        args |= changes | {KEEP: "1"}
        asked = urlencode({key: value for key, value in args.items() if value})
        return f"{request.script_root}{request.path}{'?' if asked else ''}{asked}"

    def index_view(self) -> Any:
        """The list; Flask-Admin's own asks for numbered pages and so for OFFSET and COUNT(*)."""
        left = self.as_left()
        if left is not None:
            return left
        actions, confirmations = self.get_actions_list()
        return self.render(
            self.list_template,
            list_columns=[(column, str(name)) for column, name in self._list_columns],
            heads=self._heads(),
            cells=self._cells,
            get_pk_value=self.get_pk_value,
            actions=actions,
            actions_confirmation=confirmations,
            return_url=request.full_path.rstrip("?"),
            **self.list_page(),
        )

    def _heads(self) -> list[Markup]:
        """The attributes of each column's cells: its name, which a phone shows beside the value."""
        title = Markup(' class="title"')
        return [
            Markup(' data-label="{}"{}').format(name, title if column == self.card_title else "")
            for column, name in self._list_columns
        ]

    def _writer(self, column: str) -> Callable[[Any], Any]:
        make = self.column_writers.get(column)
        if make is not None:
            return make()
        write = self.column_formatters.get(column)
        if write is not None:
            return lambda row: write(self, None, row, column)
        return lambda row: getattr(row, column)

    def _cells(self, rows: list[Any]) -> list[list[Any]]:
        """The cells of a page, row by row; what they share is looked up once a column."""
        plain = [name for name, _title in self._list_columns if name not in self.column_writers]
        listing.with_related(rows, self.model, plain)
        writers = [self._writer(column) for column, _name in self._list_columns]
        return [[write(row) for write in writers] for row in rows]

    # Flask-Admin finds routes by this mark; the decorator would hide the signature
    index_view._urls = [("/", ("GET",))]  # type: ignore[attr-defined]

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        """Not used: lists go by keyset, see ``list_page``."""
        raise NotImplementedError

    # --- writes ----------------------------------------------------------------------------

    def save_new(self, values: dict[str, Any]) -> Any:
        """Create through the service."""
        abort(404)

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        """Edit through the service."""
        abort(404)

    def create_model(self, form: Any) -> Any:
        return self._through_service(form, lambda: self.save_new(_values(form)))

    def update_model(self, form: Any, model: Any) -> Any:
        version = form.version.data if hasattr(form, "version") else None
        typed = str(version or "")
        number = int(typed) if typed.isdecimal() else getattr(model, "version", 0)
        saved = self._through_service(form, lambda: self.save_edit(model, number, _values(form)))
        return bool(saved)

    def _through_service(self, form: Any, write: Callable[[], Any]) -> Any:
        """Call a service; every refusal becomes words on the same form, nothing typed is lost."""
        try:
            return write()
        except Invalid as invalid:
            for name, (message, params) in invalid.errors.items():
                field = getattr(form, name, None)
                told = say(message, params)
                if field is None:
                    flash(told, "error")
                else:
                    field.errors = [*field.errors, told]
        except Refused as refused:
            tell(refused.refusals)
        except Conflict as conflict:
            changed_by_other()
            form.conflict = conflict.current
            form.version.data = str(conflict.current.version)
            form.version.raw_data = [form.version.data]
        return False

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        if hasattr(form, "version") and hasattr(obj, "version") and request.method == "GET":
            form.version.data = str(obj.version)
        return form

    def delete_model(self, model: Any) -> Any:
        """Nothing is deleted from a screen."""
        abort(404)

    def action_delete(self, ids: Any) -> Any:
        """Nothing is deleted from a screen."""
        abort(404)

    def scaffold_list_form(self, *args: Any, **kwargs: Any) -> Any:
        """Inline edits are closed; see ``CLOSED``."""
        return BaseForm

    def get_empty_list_message(self) -> str:
        return _(self.empty_hint) if self.empty_hint else _("Nothing here yet.")


def _boundary(name: str) -> int | None:
    """The id that a page starts from; None for nonsense, which starts the list anew."""
    found = row_ids([request.args.get(name, "")])
    return found[0] if found else None


def _values(form: Any) -> dict[str, Any]:
    return {field.name: field.data for field in form if field.name not in ("version", "csrf_token")}
