"""How a list and a page show a child: masked where it must be, codes in words."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from admin_app.domain import identity, thai
from admin_app.domain.text import N_
from admin_app.i18n import language, say
from admin_app.models import Student
from admin_app.services import children
from admin_app.views import fields
from admin_app.views.common import actor

SEXES = {"M": N_("Boy"), "F": N_("Girl")}


def name(view: Any, context: Any, row: Student, column: str) -> Any:
    """The child's name, masked where it must be, leading to the child's page."""
    hidden = actor().masked
    shown = (
        identity.mask_name(row.first_name, row.last_name)
        if hidden
        else f"{row.prefix}{row.first_name} {row.last_name}"
    )
    return Markup('<a href="{}{}">{}</a>').format(_details_address(), row.id, shown)


def attested_words(count: int) -> str:
    """What is told once children were attested."""
    return str(ngettext("%(num)d child attested.", "%(num)d children attested.", count))


def _details_address() -> str:
    """The address of a child's page up to its id, made once per request."""
    if "child_address" not in g:
        g.child_address = url_for("children.details_view") + "?id="
    return str(g.child_address)


def number(view: Any, context: Any, row: Student, column: str) -> Any:
    """The identity number, masked where it must be."""
    if row.id_kind == "none":
        return fields.small(_("no document"))
    write = identity.mask_number if actor().masked else identity.format_number
    return Markup('<span class="code">{}</span>').format(write(row.id_kind, row.id_number))


def born(view: Any, context: Any, row: Student, column: str) -> Any:
    """The birth date, or its year alone where it must be masked."""
    if row.birth_date is None:
        return "–"
    if actor().masked:
        return identity.mask_birth_date(row.birth_date, language())
    return thai.format_date(row.birth_date, language())


def status(view: Any, context: Any, row: Student, column: str) -> Any:
    """Removed with the reason, attested, or not attested yet."""
    if row.status == "removed":
        reason = say(children.REMOVAL_REASONS.get(row.removal_reason, ""))
        return Markup('<span class="tag off">{}</span> {}').format(_("Removed"), reason)
    if row.attested_at:
        return Markup('<span class="tag good">{}</span>').format(_("Attested"))
    return Markup('<span class="tag wait">{}</span>').format(_("Not attested"))


def school(view: Any, context: Any, row: Student, column: str) -> Any:
    """The child's school."""
    return row.school.name


def labels(child: Student) -> dict[str, str]:
    """The code lists' names for the child's codes."""
    found = {
        key: dict(fields.codes(key)()) for key in ("nationality", "disability", "disadvantage")
    }
    labels = {key: found[key].get(getattr(child, key), getattr(child, key)) for key in found}
    labels["grade"] = dict(fields.grades()).get(child.grade, child.grade)
    return labels
