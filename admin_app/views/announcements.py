"""Announcements: DLA writes what people find on their home pages."""

from __future__ import annotations

from typing import Any

from flask import request
from markupsafe import Markup
from wtforms import StringField, TextAreaField

from admin_app.domain import thai
from admin_app.domain.levels import BY_KEY, LEVELS, PROVINCE
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import language, lazy
from admin_app.models import Announcement, Unit
from admin_app.services import announcements
from admin_app.views import fields
from admin_app.views.base import ScopedView, VersionedForm
from admin_app.views.common import actor, clock


def _levels() -> list[tuple[str, str]]:
    return [(level.key, _(level.plural)) for level in LEVELS]


def _provinces() -> list[tuple[str, str]]:
    rows = Unit.select().where(Unit.level == PROVINCE, Unit.active).order_by(Unit.name_key)
    return [(row.code, fields.named(row)) for row in rows]


class AnnouncementForm(VersionedForm):
    """What is told, whom, from when until when."""

    title = StringField(lazy("Title"), [fields.needed()], render_kw={"maxlength": 200})
    text = TextAreaField(lazy("Text"), render_kw={"rows": 4, "maxlength": announcements.LONGEST})
    level = fields.ChoiceField(
        lazy("For the people of"), _levels, description=lazy("Empty: everybody")
    )
    province = fields.ChoiceField(
        lazy("In the province"), _provinces, description=lazy("Empty: the whole country")
    )
    starts_at = fields.BuddhistMomentField(
        lazy("From"),
        [fields.needed()],
        description=lazy("day/month/year time, as 29/4/2567 00:00"),
        clock="00:00",
    )
    ends_at = fields.BuddhistMomentField(
        lazy("Until"), [fields.needed()], description=lazy("24:00 is the end of the day")
    )


def _title(view: Any, context: Any, row: Announcement, column: str) -> Any:
    address = view.get_url(".edit_view", id=row.id)
    return Markup('<a href="{}">{}</a>').format(address, row.title)


def _whom(view: Any, context: Any, row: Announcement, column: str) -> Any:
    level = _(BY_KEY[row.level].plural) if row.level else _("Everybody")
    return f"{level} · {fields.named(row.province)}" if row.province else level


def _moment(view: Any, context: Any, row: Announcement, column: str) -> Any:
    write = thai.format_bound if column == "ends_at" else thai.format_datetime
    return write(getattr(row, column), language())


class AnnouncementView(ScopedView):
    """All announcements, also those that are over, the latest first."""

    subject = "announcement"
    title = N_("Announcements")
    form = AnnouncementForm
    closed = frozenset({"details_view"})
    card_title = "title"
    column_list = ("title", "whom", "starts_at", "ends_at")
    column_labels = {
        "title": lazy("Title"),
        "whom": lazy("For the people of"),
        "starts_at": lazy("From"),
        "ends_at": lazy("Until"),
    }
    column_formatters = {
        "title": _title,
        "whom": _whom,
        "starts_at": _moment,
        "ends_at": _moment,
    }
    orders = {"newest": ()}
    empty_hint = N_("Nothing is announced. What you write here stands on people's home pages.")

    def __init__(self) -> None:
        super().__init__(
            Announcement, name="Announcements", endpoint="announcements", url="/announcements"
        )

    def _order(self) -> tuple[str, bool]:
        return "newest", True

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        if obj is not None and request.method == "GET":
            form.province.data = obj.province.code if obj.province else ""
        return form

    def save_new(self, values: dict[str, Any]) -> Any:
        return announcements.create(actor(), values, clock)

    def save_edit(self, row: Any, version: int, values: dict[str, Any]) -> Any:
        return announcements.edit(actor(), row.id, version, values, clock)
