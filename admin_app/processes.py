"""Processes that belong together: the server and a worker beside it, which end together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from types import FrameType

from admin_app import config

PARENT = "LEC_PARENT"
"""In a child's environment: the process that it belongs to."""
PATIENCE_S = 30.0
AGAIN_S = 2.0
_SET_PARENT_DEATH_SIGNAL = 1


def end_with_parent() -> None:
    """End, as by SIGTERM, when the process named in ``LEC_PARENT`` has died; without one, nothing.

    Linux tells a process of its parent's death, even of a kill -9; elsewhere a thread looks.
    """
    parent = int(os.environ.get(PARENT) or 0)
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    else:
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it died before this line
        os.kill(os.getpid(), signal.SIGTERM)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def gunicorn(host: str, port: int, workers: int) -> list[str]:
    """The command that serves the panel."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "admin_app:create_app()",
        "--config=python:admin_app.server_hooks",
        f"--bind={host}:{port}",
        f"--workers={workers}",
        "--threads=4",
        "--timeout=60",
        "--graceful-timeout=20",
        "--log-level=warning",
        "--max-requests=20000",
        "--max-requests-jitter=2000",
    ]


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """A child in a session of its own: Ctrl-C reaches it through us, once and in order."""
    environment = os.environ | {PARENT: str(os.getpid())}
    return subprocess.Popen(  # noqa: S603
        command, cwd=config.ROOT, env=environment, start_new_session=True
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the child to end, and end it when it does not."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _answers(url: str) -> bool:
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer,  # noqa: S310
    ):
        return bool(answer.status == 200)
    return False


def serve(server_command: Sequence[str], port: int, beside: Sequence[str] = ()) -> int:
    """Run the server, and ``beside`` it a command that is started again when it ends by itself.

    Says when the server answers; SIGINT and SIGTERM end both. Answers with the server's exit code.
    """
    told = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    server = _start(server_command)
    companion = _start(beside) if beside else None
    url, announced, started_at = f"http://127.0.0.1:{port}", False, time.monotonic()
    while server.poll() is None and not told.is_set():
        if not announced and _answers(url):
            print(f"LEC Admin on {url}", flush=True)
            announced = True
        if companion and companion.poll() is not None and time.monotonic() > started_at + AGAIN_S:
            companion, started_at = _start(beside), time.monotonic()
        told.wait(0.2 if not announced else 0.5)
    for child in (companion, server):
        if child is not None:
            _end(child)
    code = server.returncode
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code
