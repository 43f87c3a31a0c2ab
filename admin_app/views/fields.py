"""Form fields that speak the clerks' language: Buddhist-Era dates, code lists, identity numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import g, url_for
from markupsafe import Markup
from wtforms import SelectField, StringField
from wtforms.fields.choices import Choice
from wtforms.validators import StopValidation

from admin_app.domain import identity, thai
from admin_app.i18n import gettext, language, lazy
from admin_app.models import Code, Grade, Unit


class _BuddhistField(StringField):
    """Text that is read by ``parse`` and written by ``write``; what was typed is shown again.

    ``years``: how many back and ahead are offered where the date is picked instead of typed.
    ``clock``: the time that a picked date begins with; "" for a date without one.
    """

    parse: Callable[[str], Any]
    write: Callable[[Any], str]
    clock = ""

    def __init__(
        self, *args: Any, years: tuple[int, int] = (1, 3), clock: str = "", **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.years = years
        self.clock = clock or type(self).clock

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        if not text:
            self.data = None
            return
        try:
            self.data = type(self).parse(text)
        except ValueError as error:
            self.data = None
            raise ValueError(gettext(str(error))) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else type(self).write(self.data)


def _day(value: date) -> str:
    return f"{value.day}/{value.month}/{value.year + thai.BUDDHIST_ERA}"


def typed_moment(value: datetime) -> str:
    local = thai.to_local(value)
    return f"{_day(local)} {local:%H:%M}"


class BuddhistDateField(_BuddhistField):
    """A date typed as 15/3/2560, 15 มี.ค. 2560 or 2017-03-15; data is a ``date`` or None."""

    parse = staticmethod(thai.parse_date)
    write = staticmethod(_day)


class BuddhistMomentField(_BuddhistField):
    """A moment typed as 11/6/2567 17:00 in Bangkok; data is an aware UTC ``datetime`` or None."""

    clock = "24:00"
    parse = staticmethod(thai.parse_local_datetime)
    write = staticmethod(typed_moment)


class ChoiceField(SelectField):
    """A select whose choices are read at each request; "" is always first unless required."""

    def __init__(
        self,
        label: Any,
        load: Callable[[], list[tuple[str, str]]],
        *,
        empty: bool = True,
        **kw: Any,
    ) -> None:
        self._load = load
        self._empty = empty
        super().__init__(label, choices=[], validate_choice=False, **kw)

    def choose_from(self, load: Callable[[], list[tuple[str, str]]]) -> None:
        """Offer these choices instead."""
        self._load = load

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in {value for value, _ in self._load()}:
            raise StopValidation(gettext("Choose one of the list."))

    def iter_choices(self) -> Any:
        chosen = str(self.data or "")
        if self._empty:
            yield Choice("", "–", not chosen, {})
        for value, label in self._load():
            yield Choice(value, label, value == chosen, {})

    def has_groups(self) -> bool:
        return False


def named(row: Any) -> str:
    """The name of a grade or of a code's row in the request's language."""
    return str(row.name if language() == "th" or not row.name_en else row.name_en)


def codes(list_name: str) -> Callable[[], list[tuple[str, str]]]:
    """Choices of a code list, in its order."""

    def load() -> list[tuple[str, str]]:
        rows = Code.select().where(Code.list == list_name, Code.active)
        return [(row.code, named(row)) for row in rows.order_by(Code.position, Code.code)]

    return load


def all_grades() -> list[Grade]:
    """Every grade in its order with its names, read once a request."""
    if "grades" not in g:
        names = (Grade.code, Grade.name, Grade.name_en, Grade.active)
        g.grades = list(Grade.select(*names).order_by(Grade.position))
    found: list[Grade] = g.grades
    return found


def grades() -> list[tuple[str, str]]:
    """Choices of grades, in their order."""
    return [(row.code, named(row)) for row in all_grades() if row.active]


def short_grades() -> dict[str, str]:
    """Code → the grade as it is written where there is little room."""
    return {grade.code: short_grade(grade) for grade in all_grades()}


# how schools write a grade's name where there is little room
SHORT = (
    ("ประถมศึกษาปีที่ ", "ป."),
    ("มัธยมศึกษาปีที่ ", "ม."),
    ("อนุบาล ", "อ."),
    ("เด็กเล็ก อายุ ", "เด็กเล็ก "),
    (" ปีขึ้นไป", " ปี"),
)


def short_grade(grade: Grade) -> str:
    """A grade in a narrow column: ป.1 in Thai, its code P1 in English."""
    text = str(grade.name)
    for long, short in SHORT:
        text = text.replace(long, short)
    return text if language() == "th" else str(grade.code)


def code_cell(list_name: str) -> Callable[..., str]:
    """A list's cell of a code: its name; each code list is read once a request."""

    def cell(view: Any, context: Any, row: Any, column: str) -> str:
        lists = g.setdefault("code_names", {})
        if list_name not in lists:
            rows = Code.select().where(Code.list == list_name)
            lists[list_name] = {code.code: named(code) for code in rows}
        value = getattr(row, column)
        return str(lists[list_name].get(value, value or "–"))

    return cell


def translated(table: Any) -> Callable[[], list[tuple[str, str]]]:
    """Choices of a declared table of code → N_() text."""
    return lambda: [(str(key), gettext(text)) for key, text in table.items()]


def needed() -> Any:
    """A validator: the field must be filled."""

    def check(form: Any, field: Any) -> None:
        if not field.data:
            raise StopValidation("" if field.errors else gettext("This field is needed."))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


# what the browser says of a number while it is typed, each a key of ``identity.MESSAGES``
_LIVE = ("pin_letters", "pin_length", "pin_first_digit", "pin_check_digit", "gcode_letters")


class IdentityNumberField(StringField):
    """A national ID or a G-code, by the form's ``id_kind``; checked while it is typed, too."""

    def __init__(self, *args: Any, required: bool = False, **kw: Any) -> None:
        told = {key.replace("_", "-"): identity.MESSAGES[key] for key in (*_LIVE, "gcode_length")}
        words = {f"data-{key}": lazy(text) for key, text in told.items()}
        looks = {"autocomplete": "off", "maxlength": 24, "spellcheck": "false", "data-check": "id"}
        right = {"data-right": lazy("The number is complete.")}
        needs = {"required": True} if required else {}
        super().__init__(*args, render_kw=looks | words | right | needs, **kw)


def small(text: str) -> Markup:
    """A muted piece of a cell."""
    return Markup('<span class="muted">{}</span>').format(text)


def in_thai(view: Any, context: Any, row: Any, column: str) -> Markup:
    """A list's cell of a Thai name, whatever the page's language."""
    return Markup('<span lang="th">{}</span>').format(getattr(row, column))


def in_english(view: Any, context: Any, row: Any, column: str) -> Markup:
    """A list's cell of an English name, whatever the page's language."""
    return Markup('<span lang="en">{}</span>').format(getattr(row, column))


def as_it_is(view: Any, context: Any, row: Any, column: str) -> Markup:
    """A list's cell of a code, which is the same in every language."""
    return Markup('<span translate="no">{}</span>').format(getattr(row, column))


NAMED = {"code": as_it_is, "name": in_thai, "name_en": in_english}
"""The cells of a table of codes with its names."""


def unit_link(unit: Unit) -> Markup:
    """A unit's name that leads to its page."""
    return Markup('<a href="{}">{}</a>').format(url_for("units.show", code=unit.code), unit.name)


def unit_cell(view: Any, context: Any, row: Any, column: str) -> Any:
    """A list's cell of the row's unit; a dash where the row has none."""
    return unit_link(row.unit) if row.unit else "–"
