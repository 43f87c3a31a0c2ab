"""Copies of a SQLite database: taken while it is in use, and put back."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from admin_app.config import BadSetting

ALONE_WITHIN_S = 2.0
"""So long a service that has just been stopped may take to let go of the file."""


def file_of(url: str) -> Path:
    """The file of a SQLite URL. Raises BadSetting for another database, which has its own tools."""
    if not url.startswith("sqlite:///"):
        raise BadSetting("PostgreSQL: use pg_dump and pg_restore; see docs/operations.md")
    return Path(url.removeprefix("sqlite:///"))


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}"


def _is_sound(file: sqlite3.Connection) -> bool:
    return bool(file.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def take(source: Path, target: Path | None) -> Path:
    """A consistent, checked copy of ``source`` in ``target`` (by default a name with the time).

    Raises BadSetting.
    """
    if not source.exists():
        raise BadSetting(f"{source} does not exist")
    target = target or Path(f"{source.stem}-{_stamp()}.db")
    part = target.with_suffix(target.suffix + ".part")
    with (
        contextlib.closing(sqlite3.connect(source)) as live,
        contextlib.closing(sqlite3.connect(part)) as copy,
    ):
        live.backup(copy)
        if not _is_sound(copy):
            raise BadSetting("the copy is damaged")
    part.replace(target)
    return target


def _be_alone(live: sqlite3.Connection) -> None:
    """Take the file for this connection alone, until it is closed.

    Every other connection to a WAL file, an idle one of a pool too, holds a lock on the file that
    this one cannot have: whoever kept his would go on writing into the renamed file. Raises
    BadSetting.
    """
    try:
        live.execute("PRAGMA locking_mode=EXCLUSIVE")
        live.execute("BEGIN EXCLUSIVE")
        live.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise BadSetting("the database is in use: stop the service first") from error


def put_back(source: Path, target: Path) -> Path | None:
    """Put a checked backup in the database's place; answers with where the old file is kept.

    Raises BadSetting, also while any process has the database open.
    """
    if not source.exists():
        raise BadSetting(f"{source} does not exist")
    with contextlib.closing(sqlite3.connect(source)) as copy:
        if not _is_sound(copy):
            raise BadSetting(f"{source} is damaged")
    kept = None
    if target.exists():
        with contextlib.closing(
            sqlite3.connect(target, timeout=ALONE_WITHIN_S, isolation_level=None)
        ) as live:
            _be_alone(live)
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            kept = target.with_suffix(f".before-{_stamp()}.db")
            target.replace(kept)
    for extra in ("-wal", "-shm"):
        Path(f"{target}{extra}").unlink(missing_ok=True)
    shutil.copy2(source, target)
    return kept
