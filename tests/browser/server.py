"""The real server, as ``run.py serve`` starts it, over a copy of a filled demo database."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from peewee import Database

from admin_app import migrate
from admin_app.config import ROOT
from admin_app.database import bind, now
from seed import demo

PATIENCE_S = 60


@contextmanager
def filling(path: Path) -> Iterator[Database]:
    """The database of a file, open to be filled; in the end the file is whole and nobody has it."""
    opened = bind(f"sqlite:///{path}")
    with opened.connection_context():
        migrate.up()
        yield opened
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def fill(path: Path) -> Path:
    """A database file with the demo as of now."""
    with filling(path):
        demo.load(now(), report=lambda _text: None)
    return path


def copy(source: Path, target: Path) -> Path:
    """A database of its own for one story."""
    shutil.copy(source, target)
    return target


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
        return bool(answer.status == 200)
    return False


@contextmanager
def serving(path: Path, *, demo: bool = True) -> Iterator[str]:
    """The server's address; it runs until the block ends. Only a demo has a worker beside it."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    log = path.with_suffix(".log")
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{path}",
        "DEMO": "1" if demo else "0",
        "PORT": str(port),
        "SECRET_KEY": "only-for-the-walk-through-the-browser",
    }
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "run.py", "serve", "--workers=1"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            end = time.monotonic() + PATIENCE_S
            while not _answers(url):
                if server.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the server does not answer:\n{log.read_text()}")
                time.sleep(0.1)
            yield url
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
