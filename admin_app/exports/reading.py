"""Reading for a workbook: all of one moment, and rows that never lie in memory all at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from peewee import ModelSelect

from admin_app.database import is_sqlite
from admin_app.database import one_moment as of_one_moment
from admin_app.models import database

CHUNK = 1_000
_numbers = itertools.count()


@contextmanager
def one_moment() -> Iterator[None]:
    """``database.one_moment``, and on SQLite without counting what is read as memory."""
    mapped = is_sqlite() and not database.in_transaction()
    with _without_map() if mapped else nullcontext(), of_one_moment():
        yield


@contextmanager
def _without_map() -> Iterator[None]:
    """SQLite's file not mapped: all of it that is read would count as memory of this process."""
    (size,) = database.execute_sql("PRAGMA mmap_size").fetchone()
    database.execute_sql("PRAGMA mmap_size = 0")
    try:
        yield
    finally:
        database.execute_sql(f"PRAGMA mmap_size = {int(size)}")


def stream(query: ModelSelect) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples, fetched ``CHUNK`` at a time; inside ``one_moment`` only.

    PostgreSQL's own driver would fetch all rows first; a cursor of the server does not. Its values
    come as the driver reads them: take no column that peewee converts (moments).
    """
    if is_sqlite():
        yield from query.tuples().iterator()
        return
    sql, params = query.sql()
    with database.connection().cursor(name=f"export_{next(_numbers)}") as cursor:
        cursor.itersize = CHUNK
        cursor.execute(sql, params)
        yield from cursor
