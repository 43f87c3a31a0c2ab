"""Finding units by words of their names, codes and telephone numbers, by ranges of one index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import and_, or_
from typing import Any

from peewee import SQL, Expression, fn

from admin_app.database import tuples
from admin_app.domain import search
from admin_app.domain.access import Actor
from admin_app.models import Unit, UnitPiece
from admin_app.services import listing, scope

# a change of one of these changes how the unit is found
FIELDS = frozenset({"name", "name_en", "code", "phone"})
COLUMNS = (Unit.id, Unit.name, Unit.name_en, Unit.code, Unit.phone)


def keys(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, str]]:
    """(unit's id, key) of every piece of units, given as ``COLUMNS``."""
    for unit_id, *texts in rows:
        for key in search.pieces(*texts):
            yield unit_id, key


def write(units: Any) -> None:
    """Write anew how these units (a query's condition) are found. Inside a transaction."""
    query = Unit.select(*COLUMNS).where(units)
    UnitPiece.delete().where(UnitPiece.unit << Unit.select(Unit.id).where(units)).execute()
    rows = [{"unit": unit_id, "key": key} for unit_id, key in keys(tuples(query))]
    for start in range(0, len(rows), 500):
        UnitPiece.insert_many(rows[start : start + 500]).execute()


def _one_of(found: tuple[str, ...]) -> Expression:
    return reduce(or_, (listing.begins(UnitPiece.key, key) for key in found))


def having(words: list[tuple[str, ...]], unit_id: Any = Unit.id) -> Expression:
    """Rows of the units that have all the words of ``search.read_unit``; of none, no unit.

    The longest word is a range of the index, the others are looked for among that unit's pieces.
    """
    if not words:
        return scope.NOTHING
    first, *others = words
    conditions = [unit_id << UnitPiece.select(UnitPiece.unit).where(_one_of(first))]
    for found in others:
        piece = UnitPiece.alias()
        ranges = reduce(or_, (listing.begins(piece.key, key) for key in found))
        inside = piece.select(SQL("1")).where(piece.unit == unit_id, ranges)
        conditions.append(fn.EXISTS(inside))
    return reduce(and_, conditions)


def narrowed(query: Any, text: str, unit_id: Any = Unit.id) -> Any:
    """``query`` with the rows alone whose unit has all words typed; as it is when there is none."""
    words = search.read_unit(text)
    return query.where(having(words, unit_id)) if words else query


def find(actor: Actor, text: str, most: int) -> list[Unit]:
    """Up to ``most`` units in scope that have all words typed, the higher level first, by name."""
    words = search.read_unit(text)
    found: list[Unit] = []
    if not words:
        return found
    for level in reversed(scope.readable_levels(actor)):
        query = scope.limit(Unit.select(), Unit, actor, f"{level}:read").where(Unit.level == level)
        query = query.where(having(words)).order_by(Unit.name_key, Unit.code)
        found += list(query.limit(most - len(found)))
        if len(found) >= most:
            break
    return found
