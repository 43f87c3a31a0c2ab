"""A list's filter by unit: one of a short list, or a field that takes a code or words of the name.

The field works without JavaScript: where several units have the words, the page offers them.
"""

from __future__ import annotations

from typing import Any

from flask import g, request

from admin_app.database import tuples
from admin_app.domain.access import may
from admin_app.domain.levels import BY_KEY, LAO
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.models import Unit
from admin_app.services import unit_search
from admin_app.services.scope import ref
from admin_app.views.common import actor
from admin_app.views.filters import ListFilter

KEY = "unit"
MOST_OFFERED = 20


def _typed() -> str:
    return request.args.get(KEY, "").strip()[:64]


def matches() -> list[Unit]:
    """The units in scope that the filter's value may mean: by its code, else by words."""
    if "unit_matches" not in g:
        typed = _typed()
        code = typed.split(" ")[0]
        unit = Unit.get_or_none(Unit.code == code) if code else None
        if unit is not None and may(actor(), f"{unit.level}:read", ref(unit)):
            g.unit_matches = [unit]
        else:
            g.unit_matches = unit_search.find(actor(), typed, MOST_OFFERED)
    found: list[Unit] = g.unit_matches
    return found


def chosen() -> Unit | None:
    """The unit that the list is narrowed to; None where it is none, or not one yet."""
    found = matches()
    return found[0] if len(found) == 1 else None


def offered() -> list[tuple[Unit, str]]:
    """Where the value means several units: each with its level and the unit above, in words."""
    found = matches()
    if len(found) < 2:
        return []
    above = {u.id: u.name for u in Unit.select().where(Unit.id << [u.parent_id for u in found])}
    return [
        (u, " · ".join(filter(None, (_(BY_KEY[u.level].name), above.get(u.parent_id)))))
        for u in found
    ]


def _choices() -> list[tuple[str, str]]:
    """An LAO's schools; elsewhere the chosen unit alone, in the words that the field shows."""
    me = actor()
    if me.unit.level == LAO:
        query = Unit.select(Unit.code, Unit.name).where(
            Unit.lao == me.unit.id, Unit.id != me.unit.id
        )
        return tuples(query.where(Unit.active).order_by(Unit.name_key))
    unit = chosen()
    return [(_typed(), f"{unit.code} {unit.name}")] if unit is not None else []


def unit_filter(table: Any) -> ListFilter:
    """The filter over a table with the columns ``school``, ``lao`` and ``province``."""

    def apply(query: Any, value: str) -> Any:
        unit = chosen()
        if unit is None:
            return query.where(table.school == -1)
        column = {"school": table.school, "lao": table.lao, "province": table.province}
        return query.where(column[unit.level] == unit.id) if unit.level in column else query

    return ListFilter(KEY, N_("Unit"), apply, _choices, typed=_is_typed)


def _is_typed() -> bool:
    """Whether there are too many units for a list of them."""
    return BY_KEY[actor().unit.level].rank > BY_KEY[LAO].rank
