"""The demo, loaded once per module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from peewee import Database

from admin_app.database import bind
from admin_app.models import database
from seed import demo

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo_database(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """An opened SQLite database with the demo."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    shutil.copy(sqlite_template, path)
    opened = bind(f"sqlite:///{path}")
    opened.connect()
    demo.load(NOW, report=lambda text: None)
    yield opened
    opened.close()


@pytest.fixture
def loaded_demo(demo_database: Database) -> None:
    """Bind the database with the demo, which tests only read."""
    database.initialize(demo_database)
