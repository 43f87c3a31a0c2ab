"""The database: opened from a URL, one kind of writing transaction, one clock.

SQLite: one file, WAL, foreign keys on, busy timeout; a writing transaction takes the one writer's
lock at its start (``BEGIN IMMEDIATE``). PostgreSQL: READ COMMITTED, and services lock the
state rows they judge on (``for_update``, ``for_share``) from the highest level down.
"""

from __future__ import annotations

import threading
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


# --- transactions ------------------------------------------------------------------------------
Finish = Callable[[list[Any]], None]


class _Gathered(threading.local):
    """What this thread's transaction has still to do before its commit; None outside of one."""

    work: list[tuple[Finish, Any]] | None = None


_gathered = _Gathered()


@contextmanager
def transaction() -> Iterator[None]:
    """A writing transaction, whole or not at all; on SQLite it waits for the writer's lock.

    The outermost one does what was left to ``before_commit``; one that is rolled back leaves
    nothing to do.
    """
    with database.atomic("IMMEDIATE") if is_sqlite() else database.atomic():
        before = _gathered.work
        _gathered.work = list(before or ())
        try:
            yield
            if before is None:
                settle()
        except BaseException:
            _gathered.work = before
            raise
        if before is None:
            _gathered.work = None


def before_commit(finish: Finish, items: list[Any]) -> None:
    """Leave ``items`` to the end of the outermost transaction; a transaction of their own if none.

    Just before the commit ``finish`` gets all items that were left to it, in their order: so locks
    that many transactions share are held for an instant, and always taken in one order.
    """
    if _gathered.work is None:
        with transaction():
            before_commit(finish, items)
        return
    _gathered.work.extend((finish, item) for item in items)


def settle() -> None:
    """Do now what was left to the end of the transaction, for a reader inside it who needs that."""
    while _gathered.work:
        work, _gathered.work = _gathered.work, []
        for finish in dict.fromkeys(finish for finish, _ in work):
            finish([item for whose, item in work if whose == finish])


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside is of the moment of the first read: no row twice, none missed.

    SQLite: a deferred transaction on the WAL. PostgreSQL: REPEATABLE READ. Write nothing inside.
    """
    if database.in_transaction():
        yield
        return
    with database.atomic() if is_sqlite() else database.atomic("REPEATABLE READ"):
        yield


# --- locks -------------------------------------------------------------------------------------


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
