"""What came in from outside, before it becomes a query: ids, and texts as long as their column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from peewee import IntegrityError

from admin_app.domain.reminders import is_address
from admin_app.domain.text import N_
from admin_app.services.errors import Invalid, NotFound

MOST_DIGITS = 18
"""A longer number fits no id of either database."""


def row_id(value: Any) -> int:
    """A row's id, given as a number or its digits; NotFound for anything that can be none."""
    text = str(value)
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        raise NotFound(text[:64])
    return int(text)


def row_ids(values: Iterable[Any]) -> list[int]:
    """The ids among ``values``; what can be none is left out, as is what comes twice."""
    found = set()
    for value in values:
        with suppress(NotFound):
            found.add(row_id(value))
    return sorted(found)


@contextmanager
def taken(field: str, text: str, **params: Any) -> Iterator[None]:
    """Turns the database's word that a code or name is taken into Invalid on its field.

    Services look first; this is for two people who took it at the same moment.
    """
    try:
        yield
    except IntegrityError as error:
        raise Invalid({field: (text, params)}) from error


def too_long(table: Any, values: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The texts that are longer than their column, as errors: PostgreSQL would refuse them."""
    errors: dict[str, tuple[str, dict[str, Any]]] = {}
    for key, value in values.items():
        most = getattr(table._meta.fields.get(key), "max_length", None)
        if most and isinstance(value, str) and len(value) > most:
            errors[key] = (N_("At most %(most)d characters."), {"most": most})
    return errors


_NO_ADDRESS = N_("Write one e-mail address, such as somchai@example.org, or leave it empty.")


def no_address(values: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """What to say where ``email`` is given and no letter could be sent to it."""
    email = str(values.get("email") or "").strip()
    return {"email": (_NO_ADDRESS, {})} if email and not is_address(email) else {}
