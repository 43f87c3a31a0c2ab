"""What every test can use."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from peewee import Database

from admin_app import migrate
from admin_app.database import bind
from seed import code_lists
from tests.postgres_server import URL_VARIABLE, server_url

# --- the PostgreSQL server: one for the whole run --------------------------------------------
# The first process starts it before pytest-xdist starts the others, which inherit the variable.


def pytest_configure(config: pytest.Config) -> None:
    """Start the server and put its URL into ``TEST_POSTGRES_URL``."""
    if hasattr(config, "workerinput") or config.option.collectonly or URL_VARIABLE in os.environ:
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    os.environ[URL_VARIABLE] = stack.enter_context(server_url())
    stack.callback(os.environ.pop, URL_VARIABLE, None)


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The server's URL; it names the database ``postgres``, from which others are created."""
    return os.environ[URL_VARIABLE]


# --- a database per test, on both engines ------------------------------------------------------
_numbers = itertools.count()

# A template with tables and code lists is made once per process; each test gets a copy of it.


def _create_postgres(url: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url.rsplit("/", 1)[0] + f"/{name}"


def _drop_postgres(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _fill(url: str) -> None:
    opened = bind(url)
    opened.connect()
    migrate.up()
    code_lists.load()
    opened.close()
    if hasattr(opened, "close_all"):
        opened.close_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the code lists."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _fill(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """The name of a migrated PostgreSQL database with the code lists."""
    name = f"template_{os.getpid()}"
    _fill(_create_postgres(postgres_url, name))
    yield name
    _drop_postgres(postgres_url, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with tables and code lists; every test runs on both engines."""
    if request.param == "sqlite":
        path = tmp_path / "lec.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_url")
    template = request.getfixturevalue("postgres_template")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield _create_postgres(server, name, template)
    _drop_postgres(server, name)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """The bound and opened database of the test."""
    opened = bind(database_url)
    opened.connect()
    yield opened
    if not opened.is_closed():
        opened.close()
    if hasattr(opened, "close_all"):
        opened.close_all()
