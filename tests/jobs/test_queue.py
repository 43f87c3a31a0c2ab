"""The queue over SQLite, PostgreSQL and Redis: it carries a job's id, as JSON."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from admin_app.config import BadSetting, Settings, from_environment
from admin_app.jobs import queue
from tests.jobs.conftest import SECRET, Round, ended, refresh, wait_until


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own, on a free port, that keeps nothing."""
    program = shutil.which("redis-server")
    assert program, "there is no redis-server: tools/system-packages installs it"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        end = time.monotonic() + 20
        while True:
            try:
                redis.Redis.from_url(url).ping()
                break
            except redis.ConnectionError:
                assert time.monotonic() < end
                time.sleep(0.05)
        yield url
    finally:
        server.kill()
        server.wait()


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty queue."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/queue.db"
    if request.param == "redis":
        found: str = request.getfixturevalue("redis_url")
        redis.Redis.from_url(found).flushall()
        return found
    server: str = request.getfixturevalue("postgres_url")
    queue.open_queue(server).storage.flush_all()
    return server


def answered(url: str, most: int) -> list[int]:
    """The jobs that a worker is called for, by the queue's next messages."""
    huey = queue.open_queue(url)
    called: list[int] = []
    queue.answer(huey, called.append, lambda: None)
    for _ in range(most):
        task = huey.dequeue()
        if task is not None:
            huey.execute(task)
    return called


def test_each_ring_calls_for_its_job_once_in_order(url: str) -> None:
    bell = queue.Bell()
    bell.bind(url)
    assert all(bell.ring(job_id) for job_id in (7, 8, 9))
    assert answered(url, 4) == [7, 8, 9]
    assert answered(url, 1) == []


def test_the_queue_holds_json_and_no_pickle(url: str) -> None:
    bell = queue.Bell()
    bell.bind(url)
    bell.ring(12)
    (data,) = queue.open_queue(url).storage.enqueued_items()
    read = json.loads(bytes(data))
    assert read["args"] == [12]
    assert set(read) == {"id", "name", "args"}


BAD: list[bytes] = [b"", b"cos\nsystem\n(S'true'\ntR.", b"{}", b'{"id":1,"name":"x","args":["y"]}']


@pytest.mark.parametrize("data", BAD)
def test_what_is_no_message_of_ours_is_never_run(data: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        queue.JobMessages().deserialize(data)


def test_a_queue_that_does_not_answer_costs_a_ring_and_no_more(tmp_path: Path) -> None:
    bell = queue.Bell()
    for url in ("", "redis://127.0.0.1:1/0", f"sqlite:///{tmp_path}/no/such/folder/q.db"):
        bell.bind(url)
        assert not bell.ring(1)


def test_a_worker_is_called_through_redis(
    a_round: Round, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.Redis.from_url(redis_url).flushall()
    monkeypatch.setitem(a_round.settings.__dict__, "queue_url", redis_url)
    queue.bell.bind(a_round.settings.queue)
    with a_round.worker():
        # let its first look pass, so that only the ring can call it
        first = a_round.ask(a_round.new_cycle("2568-1"))
        wait_until(lambda: ended(first), "the first job")
        started = time.monotonic()
        second = a_round.ask(a_round.new_cycle("2568-2"))
        wait_until(lambda: ended(second), "the second job")
        assert time.monotonic() - started < 20  # its own look comes once a minute
    assert refresh(second).status == "done"


# --- which queue ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("database", "given", "wanted"),
    [
        ("sqlite:////srv/lec/lec.db", "", "sqlite:////srv/lec/lec-queue.db"),
        ("sqlite:///lec.db", "", "sqlite:///lec-queue.db"),
        ("postgresql://h/lec", "", "postgresql://h/lec"),
        ("postgresql://h/lec", "redis://h/1", "redis://h/1"),
        ("sqlite:////srv/lec.db", "postgresql://h/q", "postgresql://h/q"),
    ],
)
def test_the_queue_lies_where_it_is_set_or_beside_the_database(
    database: str, given: str, wanted: str
) -> None:
    assert Settings(database, SECRET, queue_url=given).queue == wanted


def test_a_queue_of_another_kind_is_refused_with_words() -> None:
    environment: dict[str, Any] = {"SECRET_KEY": SECRET, "QUEUE_URL": "amqp://host"}
    with pytest.raises(BadSetting, match="QUEUE_URL"):
        from_environment(environment)
