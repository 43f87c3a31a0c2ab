"""Reading for a workbook: all of one moment, and rows that never lie in memory all at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peewee import ModelSelect

from admin_app.database import is_sqlite
from admin_app.models import database

CHUNK = 1_000
_numbers = itertools.count()


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside is of the moment of the first read: no child twice, none missed.

    SQLite: a deferred transaction on the WAL. PostgreSQL: REPEATABLE READ. Write nothing inside.
    """
    if database.in_transaction():
        yield
        return
    if not is_sqlite():
        with database.atomic("REPEATABLE READ"):
            yield
        return
    with _without_map(), database.atomic():
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
