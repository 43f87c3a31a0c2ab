"""What every test can use."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest

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
