"""Letters by e-mail: sent through an SMTP server, or written into a folder in the demo.

Which letters certainly did not leave is told apart from those of which nobody knows: only the
former may be sent again.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import unquote, urlsplit

from itsdangerous import BadSignature, URLSafeSerializer

from admin_app.config import Settings
from admin_app.domain.reminders import is_address

TIMEOUT_S = 20
"""For each answer of the mail server."""
PORTS = {"smtp": 587, "smtps": 465}
LOCAL = {"localhost", "127.0.0.1", "::1"}
DEMO_SENDER = "lec@example.org"
TOO_BUSY = 421
LONGEST_LINE = 998
"""Of a letter, in bytes (RFC 5322, 2.1.1)."""
_DOT = re.compile(rb"^\.", re.MULTILINE)
"""A letter ends with a line that is a dot, so one that begins a line is doubled (RFC 5321)."""
_SALT = "reminders off"


class _Headers(policy.EmailPolicy):
    """Only the subject is cut into lines: an address that were cut would be none any more."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        whole = self if name == "Subject" else self.clone(max_line_length=LONGEST_LINE)
        return policy.EmailPolicy.fold_binary(whole, name, value)


HEADERS = _Headers(linesep="\r\n")


class Undelivered(Exception):
    """The server refused this letter; it did not leave."""


class Unreachable(Exception):
    """The server takes no letters at the moment; this one did not leave."""


class Unknown(Exception):
    """The connection broke after the letter was handed over: it may have left."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter in the demo's folder; ``at``: when it would have left."""

    to: str
    subject: str
    at: datetime
    text: str


class Post:
    """Where letters go. ``bind`` says how; without it, or without MAIL_URL, nothing is sent."""

    def __init__(self) -> None:
        self._settings = Settings(database_url="", secret_key="")

    def bind(self, settings: Settings) -> None:
        """Send by these settings from now on."""
        self._settings = settings

    @property
    def ready(self) -> bool:
        """Whether letters can be sent at all."""
        return bool(self._settings.mail_url) or self.folder is not None

    @property
    def folder(self) -> Path | None:
        """The demo's folder of letters, where it writes them instead of sending."""
        return self._settings.letters

    def address(self, path: str) -> str:
        """The public address of a path of the panel."""
        return self._settings.panel + path

    # --- turning reminders off ------------------------------------------------------------

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self._settings.secret_key, salt=_SALT)

    def token(self, user_id: int) -> str:
        """What proves, in a letter's link, which account wants no more reminders."""
        return str(self._signer().dumps(user_id))

    def holder(self, token: str) -> int | None:
        """The account that a token was made for; None for a wrong one."""
        with suppress(BadSignature):
            found = self._signer().loads(token)
            return found if isinstance(found, int) else None
        return None

    # --- letters --------------------------------------------------------------------------

    def letter(self, to: str, subject: str, text: str, off: str, now: datetime) -> EmailMessage:
        """A letter of plain text; ``off``: the address that turns reminders off.

        Raises Undelivered for what is no address.
        """
        if not is_address(to):
            raise Undelivered("address")
        sender = self._settings.mail_from or DEMO_SENDER
        made = EmailMessage(policy=HEADERS)
        made["From"] = Address("LEC", addr_spec=sender)
        made["To"] = Address(addr_spec=to)
        made["Subject"] = " ".join(subject.split())
        made["Date"] = format_datetime(now)
        made["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        made["Auto-Submitted"] = "auto-generated"
        made["List-Unsubscribe"] = f"<{off}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made.set_content(text, cte="base64")
        return made

    @contextmanager
    def open(self) -> Iterator[Way]:
        """A way for letters, to be used for several of them; it connects with the first."""
        way: Way = Folder(self.folder) if self.folder else Smtp(self._settings.mail_url)
        try:
            yield way
        finally:
            way.close()


class Way:
    """Takes letters one after the other."""

    def send(self, letter: EmailMessage) -> None:
        """Send it. Raises Undelivered, Unreachable, Unknown."""
        raise NotImplementedError

    def close(self) -> None:
        """The last letter was sent."""


class Smtp(Way):
    """An SMTP server; TLS is demanded unless it runs on this machine."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._open: smtplib.SMTP | None = None

    def _connect(self) -> smtplib.SMTP:
        parts = self._url
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        trusted = ssl.create_default_context()
        made: smtplib.SMTP
        if parts.scheme == "smtps":
            made = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=trusted)
        else:
            made = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        try:
            if parts.scheme == "smtp" and host not in LOCAL:
                made.starttls(context=trusted)
            if parts.username:
                made.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            made.close()
            raise
        return made

    def send(self, letter: EmailMessage) -> None:
        to, sender = letter["To"].addresses[0].addr_spec, letter["From"].addresses[0].addr_spec
        whole = _DOT.sub(b"..", letter.as_bytes())
        server = self._introduce(sender)
        with self._before():
            self._judge(server.rcpt(to)[0], (250, 251))
            self._judge(server.docmd("DATA")[0], (354,))
        try:
            server.send(whole.removesuffix(b"\r\n") + b"\r\n.\r\n")
            code, _told = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unknown(type(error).__name__) from error
        self._judge(code, (250,))

    def _introduce(self, sender: str) -> smtplib.SMTP:
        """The server, with a new letter begun; connects anew where it hung up in between."""
        for attempt in (1, 2):
            fresh = self._open is None
            try:
                self._open = self._open or self._connect()
                self._open.ehlo_or_helo_if_needed()
                code, _told = self._open.mail(sender)
                if code == 250:
                    return self._open
                error: Exception = Unreachable(str(code))
            except (OSError, smtplib.SMTPException, UnicodeError) as broken:
                error = broken  # UnicodeError: of a host or a password that cannot be sent
            self._drop()
            if fresh or attempt == 2:
                raise Unreachable(type(error).__name__) from error
        raise AssertionError

    @contextmanager
    def _before(self) -> Iterator[None]:
        """Whatever breaks in the block breaks before the letter is handed over."""
        try:
            yield
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unreachable(type(error).__name__) from error

    def _judge(self, code: int, good: tuple[int, ...]) -> None:
        """Raises what the server's answer means for this letter."""
        if code in good:
            return
        if code == TOO_BUSY:
            self._drop()
            raise Unreachable(str(code))
        if self._open is not None:
            try:
                self._open.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()
        raise Undelivered(str(code))

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def close(self) -> None:
        if self._open is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._open.quit()
            self._drop()


class Folder(Way):
    """A folder (0700) that takes letters as files (0600), of the demo alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = 0

    def send(self, letter: EmailMessage) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        moment = letter["Date"].datetime
        self._written += 1
        name = f"{moment:%Y%m%d%H%M%S}-{self._written:06}-{token_hex(8)}.eml"
        path = self._folder / name
        part = path.with_suffix(".part")  # whoever looks meanwhile sees no half of one
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as file:
            file.write(letter.as_bytes())
        part.replace(path)


def kept(folder: Path, most: int) -> list[Kept]:
    """The latest letters of the demo's folder, newest first."""
    found = sorted(folder.glob("*.eml"), reverse=True)
    return [_read(path) for path in found[:most]]


def _read(path: Path) -> Kept:
    found = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = found.get_body()
    text = str(body.get_content()) if body else ""
    return Kept(str(found["To"]), str(found["Subject"]), found["Date"].datetime, text)


post = Post()
