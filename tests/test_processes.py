"""``make run``'s way to begin and end: server and worker come together and go together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from admin_app.config import ROOT
from tests.browser.server import _answers, _free_port, fill

PATIENCE_S = 60


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled demo database."""
    return fill(tmp_path_factory.mktemp("demo") / "demo.db")


def family(pid: int) -> list[psutil.Process]:
    """The process with all that it started."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended, within the time that requests may take to end."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
            return True
        time.sleep(0.1)
    return False


@contextmanager
def running(demo: Path, *, demo_mode: bool = True) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``run.py serve`` and the address it serves; whatever is left of it is killed at the end."""
    port = _free_port()
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{demo}",
        "DEMO": "1" if demo_mode else "0",
        "PORT": str(port),
        "SECRET_KEY": "only-for-the-test-of-how-processes-end",
    }
    server = subprocess.Popen(
        [sys.executable, "run.py", "serve", "--workers=1"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    everybody: list[psutil.Process] = []
    try:
        end = time.monotonic() + PATIENCE_S
        while not (_answers(url) and len(family(server.pid)) >= 4):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)
        everybody = family(server.pid)
        yield server, url
    finally:
        for process in everybody:
            if process.is_running():
                process.kill()
        server.wait()


def worker_of(pid: int) -> psutil.Process:
    """The worker beside the server."""
    return next(p for p in family(pid) if p.cmdline()[-1] == "worker")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_server_and_the_worker(demo: Path, number: signal.Signals) -> None:
    with running(demo) as (server, url):
        everybody = family(server.pid)
        server.send_signal(number)
        assert server.wait(PATIENCE_S) == 0
        assert gone(everybody)
        assert f"LEC Admin on {url}" in (server.stdout.read() if server.stdout else "")


def test_nobody_stays_behind_when_the_parent_is_killed(demo: Path) -> None:
    with running(demo) as (server, _url):
        everybody = family(server.pid)
        server.kill()
        assert gone(everybody)


def test_a_worker_that_ends_by_itself_is_started_again(demo: Path) -> None:
    with running(demo) as (server, url):
        time.sleep(2)
        first = worker_of(server.pid)
        first.kill()
        end = time.monotonic() + PATIENCE_S
        while True:
            others = [p for p in family(server.pid) if p.is_running() and p.pid != first.pid]
            if any(p.cmdline()[-1:] == ["worker"] for p in others):
                break
            assert time.monotonic() < end
            time.sleep(0.1)
        assert _answers(url)
