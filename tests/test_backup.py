"""Copies of a SQLite file: taken beside the service, put back only while nobody has it open."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_app import backup, database
from admin_app.config import BadSetting


@contextlib.contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection as the service has them."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as found:
        found.execute("PRAGMA journal_mode=WAL")
        yield found


def said(file: Path) -> list[str]:
    """What stands in the file."""
    with opened(file) as found:
        return [text for (text,) in found.execute("SELECT text FROM note ORDER BY rowid")]


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A database in use until now."""
    file = tmp_path / "lec.db"
    with opened(file) as found:
        found.execute("CREATE TABLE note (text TEXT)")
        found.execute("INSERT INTO note VALUES ('before')")
    return file


def files(folder: Path) -> set[str]:
    """The names of all files."""
    return {path.name for path in folder.iterdir()}


def test_a_backup_comes_back_and_the_old_file_is_kept(live: Path, tmp_path: Path) -> None:
    copy = backup.take(live, tmp_path / "copy.db")
    with opened(live) as found:
        found.execute("INSERT INTO note VALUES ('after')")
    kept = backup.put_back(copy, live)
    assert kept is not None
    assert (said(live), said(kept)) == (["before"], ["before", "after"])
    assert files(tmp_path) == {live.name, copy.name, kept.name}


def test_beside_a_connection_that_holds_a_read_nothing_is_put_back(
    live: Path, tmp_path: Path
) -> None:
    copy = backup.take(live, tmp_path / "copy.db")
    with opened(live) as found:
        found.execute("INSERT INTO note VALUES ('after')")
        found.execute("BEGIN")
        found.execute("SELECT * FROM note").fetchall()
        with pytest.raises(BadSetting, match="stop the service first"):
            backup.put_back(copy, live)
        found.execute("COMMIT")
        found.execute("INSERT INTO note VALUES ('still here')")
    assert said(live) == ["before", "after", "still here"]
    assert not [name for name in files(tmp_path) if "before-" in name or name.endswith(".part")]


def test_beside_a_pooled_connection_that_stands_idle_nothing_is_put_back(
    live: Path, tmp_path: Path
) -> None:
    copy = backup.take(live, tmp_path / "copy.db")
    pool = database.connect(f"sqlite:///{live}")
    with pool.connection_context():
        pool.execute_sql("INSERT INTO note VALUES ('after')")
    try:
        with pytest.raises(BadSetting, match="stop the service first"):
            backup.put_back(copy, live)
    finally:
        pool.close_all()  # type: ignore[attr-defined]
    assert said(live) == ["before", "after"]
    backup.put_back(copy, live)
    assert said(live) == ["before"]


def test_a_damaged_backup_is_not_put_back(live: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="does not exist"):
        backup.put_back(tmp_path / "nowhere.db", live)
    assert said(live) == ["before"]
