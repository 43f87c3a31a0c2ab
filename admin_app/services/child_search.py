"""Finding children by name and identity number, each way a range of an index."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from peewee import Expression

from admin_app.domain.access import HELPDESK, Actor
from admin_app.domain.search import ChildSearch
from admin_app.models import Student
from admin_app.services import listing
from admin_app.services.scope import NOTHING


def narrowed(query: Any, asked: ChildSearch, actor: Actor) -> Any:
    """The children that have the number and the name; nothing that can be found: the query as is.

    A number whole; by its beginning for people who see children unmasked. The helpdesk finds a
    child by its whole number only (Personal Data Protection Act B.E. 2562: least exposure).
    """
    if not asked.number and actor.role == HELPDESK:
        return query.where(NOTHING)
    if asked.number:
        query = query.where(_has_number(asked, masked=actor.masked))
    if asked.names:
        query = query.where(reduce(or_, (_is_named(*pair) for pair in asked.names)))
    return query


def _has_number(asked: ChildSearch, *, masked: bool) -> Expression:
    if masked or not asked.beginning:
        return Student.id_number == asked.number
    return listing.begins(Student.id_number, asked.number)


def _is_named(first: str, last: str) -> Expression:
    """The longer one is the range that finds; the other is looked at in what it found."""
    if not last:
        return listing.begins(Student.sort_key, first)
    if not first:
        return listing.begins(Student.last_key, last)
    return listing.begins(Student.sort_key, first) & listing.begins(Student.last_key, last)
