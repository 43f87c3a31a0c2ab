"""The database: opened from a URL, one kind of writing transaction, one clock.

SQLite: one file, WAL, foreign keys on, busy timeout; a writing transaction takes the one writer's
lock at its start (``BEGIN IMMEDIATE``). PostgreSQL: READ COMMITTED, and services lock the
state rows they judge on (``for_update``, ``for_share``) from the highest level down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from peewee import SQL, Database, SqliteDatabase, fn
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from admin_app.models import database

BUSY_TIMEOUT_S = 30
STALE_S = 300
Clock = Callable[[], datetime]


class BadDatabaseUrl(ValueError):
    """The URL names no database that this product can open."""


def connect(url: str, *, max_connections: int = 20) -> Database:
    """A database object for ``sqlite:///path`` or ``postgresql://…``; not opened yet.

    Raises BadDatabaseUrl with a text for the operator.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path[1:])
        if not path:
            raise BadDatabaseUrl("DATABASE_URL: sqlite:///path/to/file.db needs a path")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return PooledSqliteDatabase(
            path,
            max_connections=max_connections,
            stale_timeout=STALE_S,
            check_same_thread=False,  # the pool lends a connection to one thread at a time
            pragmas={
                "journal_mode": "wal",
                "foreign_keys": 1,
                "synchronous": "normal",
                "cache_size": -16_000,
                "mmap_size": 256 * 1024 * 1024,
                "temp_store": "memory",
                "busy_timeout": BUSY_TIMEOUT_S * 1_000,
            },
        )
    if parts.scheme in ("postgresql", "postgres"):
        name = unquote(parts.path[1:])
        if not name:
            raise BadDatabaseUrl("DATABASE_URL: postgresql://host/name needs a database name")
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        for key, value in (
            ("user", parts.username),
            ("password", parts.password),
            ("host", parts.hostname),
        ):
            if value:
                options.setdefault(key, unquote(value))
        if parts.port:
            options["port"] = parts.port
        return PooledPostgresqlDatabase(
            name,
            max_connections=max_connections,
            stale_timeout=STALE_S,
            timeout=10,
            prefer_psycopg3=True,
            **options,
        )
    raise BadDatabaseUrl(f"DATABASE_URL: cannot open {parts.scheme or 'an empty'}:// databases")


def bind(url: str, *, max_connections: int = 20) -> Database:
    """Open ``url`` and make it the database of every table."""
    opened = connect(url, max_connections=max_connections)
    database.initialize(opened)
    return opened


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return isinstance(database.obj, SqliteDatabase)


@contextmanager
def transaction() -> Iterator[None]:
    """A writing transaction, whole or not at all; on SQLite it waits for the writer's lock."""
    if is_sqlite():
        with database.atomic("IMMEDIATE"):
            yield
    else:
        with database.atomic():
            yield


def for_update(query: Any) -> Any:
    """Lock the selected rows for writing; a no-op on SQLite, where the writer is alone.

    NO KEY: rows that only refer to a locked one (the history's, by foreign key) need not wait, so
    that two people who edit each other's accounts do not deadlock.
    """
    return query if is_sqlite() else query.for_update("FOR NO KEY UPDATE")


def for_update_unless_locked(query: Any) -> Any:
    """As ``for_update``, but rows that somebody else has locked are left out instead of awaited."""
    return query if is_sqlite() else query.for_update("FOR NO KEY UPDATE SKIP LOCKED")


def let_go_after(seconds: int) -> None:
    """Make the server end this connection when its transaction stands still for so long."""
    if not is_sqlite():
        database.execute_sql(f"SET idle_in_transaction_session_timeout = {int(seconds) * 1000}")


def for_share(query: Any) -> Any:
    """Keep the selected rows from being written until the transaction ends."""
    return query if is_sqlite() else query.for_update("FOR SHARE")


def hold(name: str) -> None:
    """One transaction at a time goes past this name; a no-op on SQLite, with its one writer."""
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def now() -> datetime:
    """The one clock: the database server's, or this machine's where the file is. Aware UTC."""
    if is_sqlite():
        return datetime.now(UTC)
    value: datetime = database.execute_sql("SELECT clock_timestamp()").fetchone()[0]
    return value.astimezone(UTC)


def local_day(moment: Any) -> Any:
    """The day (``YYYY-MM-DD``) of a moment's column, in Bangkok, as an expression.

    Thailand has kept UTC+7 without summer time since 1920.
    """
    if is_sqlite():
        return fn.strftime("%Y-%m-%d", moment, "+7 hours")
    return fn.to_char(moment + SQL("interval '7 hours'"), "YYYY-MM-DD")


def answers() -> bool:
    """Whether the database answers a query right now."""
    return bool(database.execute_sql("SELECT 1").fetchone())


def tuples(query: Any) -> list[Any]:
    """The rows of a query as tuples."""
    return list(query.tuples())


def write_many(statement: str, rows: list[tuple[Any, ...]]) -> None:
    """One statement, with ``?`` for its values, for each of ``rows``; inside a transaction.

    The values are as the database stores them (``Field.db_value``).
    """
    if rows:
        database.cursor().executemany(statement.replace("?", database.obj.param), rows)
