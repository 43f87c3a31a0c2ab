"""Filters of lists, declared per screen: one select or text field each, foreign keys included.

Flask-Admin's peewee backend has no foreign-key filters and asks JavaScript to build the form; these
are plain form fields, so that a list works without it and shows what is chosen as chips.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from admin_app.i18n import gettext
from admin_app.services.typed import row_ids

Choices = Callable[[], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class ListFilter:
    """One filter. ``apply`` narrows the query by the value; ``choices`` gives (value, label).

    ``typed``: whether the person types the value, with look-ups of units, instead of choosing it.
    """

    key: str
    label: str
    apply: Callable[[Any, str], Any]
    choices: Choices
    typed: Callable[[], bool] = lambda: False

    @property
    def name(self) -> str:
        """The label in the request's language."""
        return gettext(self.label)


def equals(key: str, label: str, column: Any, choices: Choices) -> ListFilter:
    """Rows whose ``column`` equals the chosen value."""
    return ListFilter(key, label, lambda query, value: query.where(column == value), choices)


def foreign_key(key: str, label: str, column: Any, choices: Choices) -> ListFilter:
    """Rows whose foreign key is the chosen id; anything else finds nothing."""

    def apply(query: Any, value: str) -> Any:
        return query.where(column << row_ids([value]))

    return ListFilter(key, label, apply, choices)


def yes_no(key: str, label: str, test: Any, yes: str, no: str) -> ListFilter:
    """Rows for which ``test`` holds (value 1) or not (0)."""

    def apply(query: Any, value: str) -> Any:
        return query.where(test if value == "1" else ~test)

    return ListFilter(key, label, apply, lambda: [("1", gettext(yes)), ("0", gettext(no))])
