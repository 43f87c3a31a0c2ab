"""What a page says of a child's row beside another one: masked where it must be, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from admin_app.domain import identity, thai
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import language
from admin_app.models import Student
from admin_app.views import fields
from admin_app.views.child_cells import SEXES
from admin_app.views.common import actor

# column of the row, label, whether a difference between two rows says something
FACTS: tuple[tuple[str, str, bool], ...] = (
    ("id_number", N_("Identity number"), True),
    ("birth_date", N_("Birth date"), True),
    ("sex", N_("Sex"), True),
    ("grade", N_("Grade"), True),
    ("entered_on", N_("Entered the school on"), True),
    ("attested_at", N_("Attested"), False),
    ("created_at", N_("Recorded on"), False),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: ``differs`` from the other rows beside it, though masks may hide how."""

    label: str
    value: str
    differs: bool = False


def name(child: Student) -> str:
    """The child's name, masked where it must be."""
    if actor().masked:
        return identity.mask_name(child.first_name, child.last_name)
    return f"{child.prefix}{child.first_name} {child.last_name}"


def _value(child: Student, column: str, grades: dict[str, str]) -> str:
    hidden, lang = actor().masked, language()
    if column == "id_number":
        if child.id_kind == identity.NONE:
            return _("no document")
        write = identity.mask_number if hidden else identity.format_number
        number = write(child.id_kind, child.id_number)
        return Markup('<span translate="no">{}</span>').format(number) if number else "–"
    if column == "birth_date" and hidden:
        return identity.mask_birth_date(child.birth_date, lang) or "–"
    value: Any = getattr(child, column)
    if column == "sex":
        return _(SEXES[value])
    if column == "grade":
        return grades.get(value, value) or "–"
    if column == "attested_at":
        return thai.format_datetime(value, lang) if value else _("Not attested")
    if value is None:
        return "–"
    return thai.format_date(thai.to_local(value).date() if column == "created_at" else value, lang)


def beside(children: Sequence[Student]) -> list[list[Fact]]:
    """The facts of each row in the same order, those marked in which the rows differ."""
    grades = dict(fields.grades())
    apart = {
        column: tells and len({getattr(child, column) for child in children}) > 1
        for column, _label, tells in FACTS
    }
    return [
        [
            Fact(_(label), _value(child, column, grades), apart[column])
            for column, label, _t in FACTS
        ]
        for child in children
    ]
