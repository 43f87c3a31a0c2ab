"""The queue: huey over SQLite, PostgreSQL or Redis. It carries a job's id and nothing else.

What it carries is JSON, not huey's usual pickle: who can write into the queue can make a worker
look at a job, and no more.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from huey import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import PostgresStorage, RedisStorage, SqliteStorage

log = logging.getLogger("lec.jobs")
NAME, PERFORM = "lec", "perform"


class JobMessages(Serializer):
    """A message as JSON: which task, and its arguments, which are numbers."""

    def serialize(self, data: Message) -> bytes:
        """The message's bytes."""
        args = [int(value) for value in data.args or ()]
        return json.dumps({"id": data.id, "name": data.name, "args": args}).encode()

    def deserialize(self, data: bytes) -> Message:
        """The message; ValueError, KeyError or TypeError for bytes that are none."""
        read = json.loads(bytes(data))
        args = tuple(int(value) for value in read["args"])
        return Message(str(read["id"]), str(read["name"]), args=args, kwargs={})


def open_queue(url: str) -> Huey:
    """The queue at ``url`` (see ``config.QUEUES``), with its tables."""
    common: dict[str, Any] = {"results": False, "serializer": JobMessages()}
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        path = unquote(url.removeprefix("sqlite:///"))
        return Huey(NAME, storage_class=SqliteStorage, filename=path, timeout=10, **common)
    if scheme in ("postgresql", "postgres"):
        return Huey(NAME, storage_class=PostgresStorage, dsn=url, **common)
    return Huey(NAME, storage_class=RedisStorage, url=url, **common)


def answer(huey: Huey, perform: Callable[[int], object], look: Callable[[], object]) -> None:
    """What a worker does when it is rung for a job, and by itself once a minute."""

    @huey.task(name=PERFORM)
    def called(job_id: int) -> None:
        perform(job_id)

    @huey.periodic_task(lambda moment: True, name="look")
    def minute() -> None:
        look()


class Bell:
    """Rings for a worker. ``bind`` says where; the queue is opened on the first ring."""

    def __init__(self) -> None:
        self._url = ""
        self._huey: Huey | None = None

    def bind(self, url: str) -> None:
        """Ring at ``url`` from now on."""
        self._url, self._huey = url, None

    def ring(self, job_id: int) -> bool:
        """Tell a worker of the job; answers whether the queue took it.

        A ring that is lost loses nothing: workers look at the jobs once a minute by themselves.
        """
        if not self._url:
            return False
        message = Message(uuid4().hex, f"{__name__}.{PERFORM}", args=(job_id,))
        for _attempt in range(2):  # a connection may have broken since the last ring
            try:
                self._huey = self._huey or open_queue(self._url)
                self._huey.storage.enqueue(JobMessages().serialize(message))
            except Exception as error:
                log.warning("the queue does not answer: %s", type(error).__name__)
                self._huey = None
            else:
                return True
        return False


bell = Bell()
