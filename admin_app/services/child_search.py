"""Finding children by name and identity number, each way a range of an index.

Each reading of what was typed is a query of its own: an OR of ranges over two names would lead
SQLite over the whole country.
"""

from __future__ import annotations

from typing import Any

from peewee import Expression

from admin_app.database import tuples
from admin_app.domain.access import Actor
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.search import ChildSearch
from admin_app.models import Student
from admin_app.services import listing
from admin_app.services.scope import NOTHING


def narrowed(query: Any, asked: ChildSearch, actor: Actor) -> Any:
    """The children of ``query`` that have the number and the name; nothing asked finds nobody.

    A number whole; by its beginning for people who see children unmasked. The helpdesk finds a
    child by its whole number only (Personal Data Protection Act B.E. 2562: least exposure). Of
    names that very many have, some ``listing.COUNT_BOUND`` children of each reading.
    """
    if not asked.number and (actor.answers_calls or not asked.names):
        return query.where(NOTHING)
    if asked.number:
        query = query.where(_has_number(asked, masked=actor.masked))
    if not asked.names:
        return query
    near = bool(asked.number) or actor.unit.level in (SCHOOL, LAO)
    found: dict[int, None] = {}
    for first, last in asked.names:
        reading, by = _named(query, first, last, near=near)
        ids = reading.select(Student.id).order_by(by, Student.id).limit(listing.COUNT_BOUND + 1)
        found |= dict.fromkeys(student_id for (student_id,) in tuples(ids))
    return Student.select().where(Student.id << list(found))  # all else holds for them


def _has_number(asked: ChildSearch, *, masked: bool) -> Expression:
    if masked or not asked.beginning:
        return Student.id_number == asked.number
    # A beginning is common to a province, and who may ask for it reads one school or LAO only.
    return listing.begins(listing.late(Student.id_number), asked.number)


def _named(query: Any, first: str, last: str, *, near: bool) -> tuple[Any, Any]:
    """The reading's children and the order in which its index has them.

    The longer beginning is the range; the other is looked at in what that finds. ``near``: few
    rows are left by scope or number, and those are found by them.
    """
    by_first = not last or (bool(first) and len(first) >= len(last))
    sort_key = Student.sort_key if by_first and not near else listing.late(Student.sort_key)
    last_key = Student.last_key if not by_first and not near else listing.late(Student.last_key)
    if first:
        query = query.where(listing.begins(sort_key, first))
    if last:
        query = query.where(listing.begins(last_key, last))
    return query, sort_key if by_first else last_key
