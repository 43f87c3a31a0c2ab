"""How a list and a page show a child: masked where it must be, codes in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, url_for
from markupsafe import Markup, escape

from admin_app.domain import identity, thai
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import language, ngettext, say
from admin_app.models import Student
from admin_app.services import children
from admin_app.views import fields
from admin_app.views.common import actor

SEXES = {"M": N_("Boy"), "F": N_("Girl")}


def tell_attested(count: int, missed: int) -> None:
    """Flash how many were attested, and how many no longer stood as they had been shown."""
    flash(attested_words(count), "success" if count else "info")
    if missed > 0:
        flash(
            ngettext(
                "%(num)d child was changed or attested by somebody else meanwhile: look again.",
                "%(num)d children were changed or attested by somebody else meanwhile: look again.",
                missed,
            ),
            "info",
        )


# Each makes the function from a row to its cell: what all rows share is looked up once a list.
Cell = Callable[[Student], Any]


def names() -> Cell:
    """The child's name, masked where it must be, leading to the child's page."""
    hidden, address = actor().masked, url_for("children.details_view") + "?id="

    def cell(row: Student) -> Any:
        shown = (
            identity.mask_name(row.first_name, row.last_name)
            if hidden
            else f"{row.prefix}{row.first_name} {row.last_name}"
        )
        return Markup(f'<a href="{address}{row.id}">{escape(shown)}</a>')  # noqa: S704 (escaped)

    return cell


def numbers() -> Cell:
    """The identity number, masked where it must be."""
    write = identity.mask_number if actor().masked else identity.format_number
    nothing = fields.small(_("no document"))

    def cell(row: Student) -> Any:
        if row.id_kind == "none":
            return nothing
        shown = escape(write(row.id_kind, row.id_number))
        return Markup(f'<span class="code" translate="no">{shown}</span>')  # noqa: S704 (escaped)

    return cell


def grades() -> Cell:
    """The grade in short."""
    names = fields.short_grades()
    return lambda row: names.get(row.grade, row.grade or "–")


def births() -> Cell:
    """The birth date, or its year alone where it must be masked."""
    spoken = language()
    write = identity.mask_birth_date if actor().masked else thai.format_date
    return lambda row: write(row.birth_date, spoken) if row.birth_date else "–"


def statuses() -> Cell:
    """Removed with the reason, attested, or not attested yet."""
    tag = Markup('<span class="tag {}">{}</span>')
    gone, good = tag.format("off", _("Removed")), tag.format("good", _("Attested"))
    wait = tag.format("wait", _("Not attested"))

    def cell(row: Student) -> Any:
        if row.status == "removed":
            return gone + " " + say(children.REMOVAL_REASONS.get(row.removal_reason, ""))
        return good if row.attested_at else wait

    return cell


def schools() -> Cell:
    """The child's school; the list has looked the names of its page up."""
    names: dict[int, str] = g.school_names
    return lambda row: names[row.school_id]


def attested_words(count: int) -> str:
    """What is told once children were attested."""
    return str(ngettext("%(num)d child attested.", "%(num)d children attested.", count))


def labels(child: Student) -> dict[str, str]:
    """The code lists' names for the child's codes."""
    found = {
        key: dict(fields.codes(key)()) for key in ("nationality", "disability", "disadvantage")
    }
    labels = {key: found[key].get(getattr(child, key), getattr(child, key)) for key in found}
    labels["grade"] = dict(fields.grades()).get(child.grade, child.grade)
    return labels
