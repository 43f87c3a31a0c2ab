"""Accounts: DLA all of them, the helpdesk resets, an LAO those of its schools."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin.base import expose
from markupsafe import Markup
from wtforms import BooleanField, StringField

from admin_app.domain.access import ROLE
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import lazy
from admin_app.models import Unit, User
from admin_app.services import accounts, listing, scope, throttle
from admin_app.services.errors import NotFound
from admin_app.services.typed import row_id
from admin_app.views import fields
from admin_app.views.base import ScopedView, VersionedForm
from admin_app.views.common import actor, clock
from admin_app.views.filters import equals, yes_no


def _roles() -> list[tuple[str, str]]:
    return [(key, _(ROLE[key].name)) for key in ROLE[actor().role].manages]


class UserForm(VersionedForm):
    """An account; the password is never typed here, a one-time code is handed out."""

    username = StringField(
        lazy("User name"), [fields.needed()], render_kw={"maxlength": 64, "autocomplete": "off"}
    )
    role = fields.ChoiceField(lazy("Role"), _roles, empty=False)
    unit = StringField(
        lazy("Unit"),
        [fields.needed()],
        description=lazy("The unit's code; it stands on the unit's page"),
        render_kw={"maxlength": 16},
    )
    name = StringField(lazy("Name"), [fields.needed()], render_kw={"maxlength": 120})
    phone = StringField(lazy("Telephone"), render_kw={"type": "tel", "maxlength": 60})
    email = StringField(lazy("E-mail"), render_kw={"type": "email", "maxlength": 120})
    active = BooleanField(lazy("May sign in"), default=True)
    in_office_until = fields.BuddhistDateField(
        lazy("In office until"), description=lazy("Empty: without an end"), years=(0, 10)
    )


def _username(view: Any, context: Any, row: User, column: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(
        view.get_url(".details_view", id=row.id), row.username
    )


class UserView(ScopedView):
    """The accounts that the actor manages."""

    subject = "user"
    title = N_("Accounts")
    form = UserForm
    details_template = "model/user.html"
    card_title = "username"
    column_list = ("username", "name", "role", "unit", "active")
    column_labels = {
        "username": lazy("User name"),
        "name": lazy("Name"),
        "role": lazy("Role"),
        "unit": lazy("Unit"),
        "active": lazy("May sign in"),
    }
    column_formatters = {
        "username": _username,
        "role": lambda view, context, row, column: _(ROLE[row.role].name),
        "unit": lambda view, context, row, column: row.unit.name,
        "active": lambda view, context, row, column: _("Yes") if row.active else _("No"),
    }
    orders = {"username": (User.username,)}
    search_hint = N_("Beginning of the user name")
    empty_hint = N_("No account matches.")
    list_filters = (
        equals("role", N_("Role"), User.role, _roles),
        yes_no("active", N_("May sign in"), User.active, N_("Yes"), N_("No")),
    )
    verbs = {"reset": "reset"}

    def __init__(self) -> None:
        super().__init__(User, name="Accounts", endpoint="users", url="/accounts")

    def get_query(self) -> Any:
        return super().get_query().where(User.role << list(ROLE[actor().role].manages))

    def search(self, query: Any, text: str) -> Any:
        return query.where(listing.begins(User.username, text.lower()))

    def row_may(self, verb: str, row: User) -> bool:
        return verb in ("edit", "reset") and accounts.manageable(actor(), row, verb)

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        del form.username, form.role, form.unit
        return form

    def create_form(self, obj: Any = None) -> Any:
        form = super().create_form(obj)
        if request.method == "GET":
            form.unit.data = request.args.get("unit", "")
            found = Unit.get_or_none(Unit.code == form.unit.data)
            form.role.data = found.level if found is not None else form.role.data
        return form

    def save_new(self, values: dict[str, Any]) -> Any:
        try:
            unit = scope.unit(actor(), (values.pop("unit") or "").strip())
        except NotFound:
            unit = None
        return accounts.create(
            actor(),
            values.pop("username"),
            values.pop("name"),
            values.pop("role"),
            unit,
            clock,
            **values,
        )

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        return accounts.edit(actor(), row.id, version, values, clock)

    @expose("/details/")
    def details_view(self) -> Any:
        """One account."""
        return self._details(self.get_one(request.args.get("id")))

    def _details(self, user: User, code: str = "") -> Any:
        return self.render(
            self.details_template,
            user=user,
            role=ROLE[user.role],
            code=code,
            refused_until=throttle.refused_until(user.username, clock()),
            may_edit=self.row_may("edit", user),
            may_reset=self.row_may("reset", user),
        )

    @expose("/reset", methods=("POST",))
    def reset(self) -> Any:
        """Give out a one-time code, shown once, to be read out or written down."""
        user, code = accounts.give_reset(actor(), row_id(request.form.get("id")), clock)
        return self._details(user, code)
