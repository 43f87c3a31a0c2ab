"""The one door to the files that jobs make: written aside, finished whole, handed out, deleted.

They hold children's data: folder (0700) and files (0600) are the service's alone, and no name can
be guessed. A file has its name only once all of it is on the disk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import BinaryIO

ORPHAN_AFTER = timedelta(hours=1)
FOLDER_AFTER = timedelta(hours=6)
"""Longer than any export waits between two writes."""
_NAME = re.compile(r"([0-9]+)-[0-9a-f]{32}\.(part|xlsx)")


class Part:
    """A file while it is being written: ``file``, opened for it, under a name of its own."""

    def __init__(self, folder: Path, job_id: int) -> None:
        self.name = f"{job_id}-{token_hex(16)}.xlsx"
        self._whole = folder / self.name
        self._path = self._whole.with_suffix(".part")
        opened = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self.file: BinaryIO = os.fdopen(opened, "w+b")

    def finish(self) -> int:
        """Put all of it on the disk and give it its name; answers with its size in bytes."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self._path.replace(self._whole)
        _sync(self._whole.parent)
        return self._whole.stat().st_size

    def drop(self) -> None:
        """Delete what was written, finished or not."""
        self.file.close()
        self._path.unlink(missing_ok=True)
        self._whole.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _drop_folder(folder: Path, now: datetime) -> int:
    """Delete a folder into which nothing was written for long; answers with how many files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    latest = max(path.stat().st_mtime for path in (folder, *files))
    if datetime.fromtimestamp(latest, UTC) >= now - FOLDER_AFTER:
        return 0
    rmtree(folder, ignore_errors=True)
    return len(files)


class Shelf:
    """The folder of finished files. ``bind`` says where; it is made when it is first used.

    ``kept``: for how long a file is kept for its owner.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self.kept = timedelta(hours=24)

    def bind(self, folder: Path, kept: timedelta) -> None:
        """Keep files in ``folder`` from now on."""
        self._folder, self.kept = folder, kept

    @property
    def folder(self) -> Path:
        """The folder. RuntimeError before ``bind``."""
        if self._folder is None:
            raise RuntimeError("no folder for files")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder

    @property
    def scratch(self) -> Path:
        """The folder for what a workbook's writer puts aside, as private as the files."""
        path = self.folder / "scratch"
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    @contextmanager
    def part(self, job_id: int) -> Iterator[Part]:
        """A new file of a job. What is not finished at the end of the block is deleted."""
        part = Part(self.folder, job_id)
        try:
            yield part
        finally:
            part.file.close()
            part._path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path | None:
        return self.folder / name if _NAME.fullmatch(name) else None

    def open(self, name: str) -> BinaryIO | None:
        """A finished file, to be read and closed; None when it is not there (any more)."""
        path = self._path(name)
        with suppress(FileNotFoundError):
            return path.open("rb") if path else None
        return None

    def delete(self, name: str) -> None:
        """Delete a finished file; who is reading it reads on to its end."""
        path = self._path(name)
        if path:
            path.unlink(missing_ok=True)

    def sweep(self, named: Collection[str], living: Collection[int], now: datetime) -> int:
        """Delete what a killed worker has left behind; answers with how many files.

        ``named``: files that jobs hold; ``living``: jobs that are under way, whose parts stay.
        """
        if self._folder is None or not self._folder.exists():
            return 0
        gone = 0
        for path in (*self._folder.iterdir(), *self.scratch.iterdir()):
            found = _NAME.fullmatch(path.name)
            ours = bool(found) or path.parent == self.scratch
            held = path.name in named or (found is not None and int(found[1]) in living)
            with suppress(FileNotFoundError):
                written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if path.is_dir() and path.parent == self.scratch:
                    gone += _drop_folder(path, now)
                elif ours and not held and path.is_file() and written < now - ORPHAN_AFTER:
                    path.unlink()
                    gone += 1
        return gone


shelf = Shelf()
