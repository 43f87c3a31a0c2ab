"""A mail server for tests: takes letters, or does to them what a test tells it to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

END = b"\r\n.\r\n"


class Desk(socketserver.StreamRequestHandler):
    """One connection."""

    server: Office

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        office = self.server
        office.connections += 1
        self._say(office.answer("connect", "220 ready"))
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            said = office.answer(verb + line[len(verb) :], "250 ok")
            if said == "hang up":
                return
            if verb == "DATA" and said.startswith("250"):
                self._say("354 go on")
                body = b""
                while not body.endswith(END):
                    body += self.rfile.readline()
                said = office.answer("letter", "250 taken")
                if said == "hang up":
                    return
                if said.startswith("250"):
                    office.letters.append(_read(body.removesuffix(END)))
                    office.on_letter(len(office.letters))
            self._say(said)
            if verb == "QUIT" or said.startswith("421"):
                return


def _read(body: bytes) -> EmailMessage:
    found: Any = message_from_bytes(body, policy=policy.default)
    return found


class Office(socketserver.ThreadingTCPServer):
    """``letters``: what it took. ``says``: beginning of a command → its answer to it, or "hang up".

    Commands are as sent ("RCPT TO:<a@b.org>", "DATA", …), "connect", and "letter" at its end.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.letters: list[EmailMessage] = []
        self.says: dict[str, str] = {}
        self.on_letter: Callable[[int], object] = lambda number: None
        self.connections = 0

    def answer(self, command: str, usual: str) -> str:
        """What it says to a command."""
        return next((said for key, said in self.says.items() if command.startswith(key)), usual)

    @property
    def url(self) -> str:
        """As MAIL_URL."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    @property
    def addressees(self) -> list[str]:
        """To whom it took letters, in their order."""
        return [str(letter["To"]) for letter in self.letters]


@contextmanager
def open_office() -> Iterator[Office]:
    """A mail server that is there in the block."""
    with Office() as office:
        threading.Thread(target=office.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield office
        finally:
            office.shutdown()
