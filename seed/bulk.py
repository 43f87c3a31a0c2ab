"""Many rows at once: ``executemany`` on SQLite, ``COPY`` on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from admin_app.database import is_sqlite
from admin_app.models import Table, database

CHUNK = 20_000


def insert(model: type[Table], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert ``rows`` (one value per name, as the database stores it) and answer how many.

    Fields that are not named get the model's default. Inside the caller's transaction. Moments are
    naive UTC here: nothing converts them.
    """
    meta: Any = model._meta
    fields = [meta.fields[name] for name in names]
    rest = [f for f in meta.sorted_fields if f.name not in names and f.default is not None]
    columns = [field.column_name for field in (*fields, *rest)]
    defaults = tuple(field.default for field in rest)
    quoted = ", ".join(f'"{column}"' for column in columns)
    whole = ((*row, *defaults) for row in rows) if defaults else iter(rows)
    return (_many if is_sqlite() else _copy)(f'"{meta.table_name}" ({quoted})', len(columns), whole)


def _many(target: str, width: int, rows: Any) -> int:
    statement = f"INSERT INTO {target} VALUES ({', '.join('?' * width)})"  # noqa: S608 (own names)
    cursor = database.cursor()
    total = 0
    while chunk := list(islice(rows, CHUNK)):
        cursor.executemany(statement, chunk)
        total += len(chunk)
    return total


def _copy(target: str, width: int, rows: Any) -> int:
    total = 0
    cursor = database.cursor()
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            total += 1
    return total


_INDEXES = {
    True: "SELECT name, sql FROM sqlite_master"
    " WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
    False: "SELECT indexname, indexdef FROM pg_indexes"
    " WHERE tablename = %s AND schemaname = current_schema() AND indexname NOT LIKE '%%_pkey'",
}


@contextmanager
def without_indexes(model: type[Table]) -> Iterator[None]:
    """Take a table's indexes away and make them again at the end: cheaper for a whole country."""
    meta: Any = model._meta
    found = database.execute_sql(_INDEXES[is_sqlite()], (meta.table_name,)).fetchall()
    for name, _ in found:
        database.execute_sql(f'DROP INDEX "{name}"')
    yield
    for _, definition in found:
        database.execute_sql(definition)


def execute(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """One statement, with ``?`` for its values, for each of ``rows``."""
    database.cursor().executemany(statement.replace("?", database.obj.param), rows)
