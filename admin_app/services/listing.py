"""Lists of any length: pages by keyset instead of OFFSET, counts that stop at a bound.

A page starts after the last row of the one before, found by the order's own index; so page 5,000
costs what page 1 costs. Source: "use the index, Luke", no-offset; SQL row values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import SQL, Expression, Field, ForeignKeyField, ModelSelect, Tuple

from admin_app.domain import thai

COUNT_BOUND = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows with the ids that its neighbours start from (None: there is none)."""

    rows: list[Any]
    previous: int | None
    next: int | None


def keyset(
    query: ModelSelect,
    order: tuple[Any, ...],
    pk: Field,
    size: int,
    *,
    descending: bool = False,
    after: int | None = None,
    before: int | None = None,
    source: ModelSelect | None = None,
) -> Page:
    """The page of ``size`` rows after or before a row, given by its id alone.

    ``order`` must be columns that are never NULL; ``pk`` breaks ties. The boundary row's keys are
    looked up by id, so that a URL never carries a name; a row that is gone starts the list anew.
    ``source``: the query to look them up in, where ``order`` has columns of a joined table.
    """
    columns = (*order, pk)
    backwards = before is not None
    boundary_id = before if backwards else after
    if boundary_id is not None:
        rows_of = pk.model.select() if source is None else source
        keys = rows_of.select(*columns).where(pk == boundary_id).tuples().first()
        if keys is not None:
            query = query.where(_compare(columns, keys, greater=backwards == descending))
    down = descending != backwards
    rows = list(query.order_by(*((c.desc() if down else c.asc()) for c in columns)).limit(size + 1))
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else after is not None
    has_next = True if backwards else more
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    name = pk.name
    return Page(
        rows=rows,
        previous=getattr(first, name) if first is not None and has_previous else None,
        next=getattr(last, name) if last is not None and has_next else None,
    )


def with_related(rows: list[Any], model: Any, columns: Iterable[str]) -> None:
    """Look up what foreign keys among ``columns`` lead to by a query a column instead of a row."""
    for name in columns:
        key = model._meta.fields.get(name)
        bare = [row for row in rows if row.__data__.get(name) and name not in row.__rel__]
        if isinstance(key, ForeignKeyField) and bare:
            ids = {row.__data__[name] for row in bare}
            found = {one.id: one for one in key.rel_model.select().where(key.rel_field << ids)}
            for row in bare:
                if row.__data__[name] in found:
                    row.__rel__[name] = found[row.__data__[name]]


def begins(column: Any, prefix: str) -> Expression:
    """Rows whose ``column`` begins with ``prefix``, as a range of its index."""
    return (column >= prefix) & (column < thai.upper_bound(prefix))


def sorted_late(order: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same order, for a search that finds few rows: found by its own index, then sorted.

    Without this SQLite walks the index of the order until enough rows match, which is the whole
    country for one identity number.
    """
    if not order or getattr(order[0], "field_type", "") not in ("VARCHAR", "TEXT"):
        return order
    return (late(order[0]), *order[1:])


def late(column: Any) -> Any:
    """The column's text, to be looked at in the rows that another index finds.

    A text joined with nothing is no column of an index.
    """
    return column.concat("")


def _compare(columns: tuple[Any, ...], keys: tuple[Any, ...], *, greater: bool) -> Expression:
    return Expression(Tuple(*columns), ">" if greater else "<", Tuple(*keys))


def bounded_count(query: ModelSelect, bound: int = COUNT_BOUND) -> int:
    """How many rows, at most ``bound`` + 1: cheap whatever the table's size."""
    inner = query.select(SQL("1")).order_by().limit(bound + 1)
    return int(inner.count())
