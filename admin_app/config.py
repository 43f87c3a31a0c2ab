"""Settings from the environment, checked at start; each has one row here and one in the docs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from admin_app.domain.reminders import is_address

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}
SHORTEST_SECRET = 32
LEAST_ACCESS_LOG_DAYS = 90
"""The Computer Crime Act's; the database refuses to let go of younger rows."""
MAIL = ("smtp", "smtps")
QUEUES = ("sqlite:///", "postgresql://", "postgres://", "redis://", "rediss://")
MB = 1024 * 1024

# name: what it is for (docs/operations.md holds the same names; a test compares)
SETTINGS: dict[str, str] = {
    "DATABASE_URL": "sqlite:///path/to/file.db or postgresql://user:password@host/name",
    "SECRET_KEY": "at least 32 characters; signs cookies and form tokens",
    "PORT": "the port that serve listens on, 8000 by default",
    "DEMO": "1: demo data and demo accounts, shown on the login page; never in production",
    "HTTPS": "1: the panel is reached over TLS, so cookies are Secure and HSTS is sent",
    "PROXIES": "number of proxies in front whose X-Forwarded headers are trusted, 0 by default",
    "IMPORT_FILE_MB": "the largest workbook that may be uploaded, in MB",
    "IMPORT_UNPACKED_MB": "the most that a workbook may take unpacked, in MB (zip bombs take more)",
    "IMPORT_ROWS": "the most rows that one sheet of an uploaded workbook may have",
    "REPLICA_URL": "reserved for reads from a PostgreSQL replica; not used by this release",
    "FILES_DIR": "the folder of finished exports; server and workers share it, nobody else sees it",
    "EXPORT_KEPT_HOURS": "hours for which a finished export is kept for its owner, 24 by default",
    "ACCESS_LOG_DAYS": "days for which the access log is kept, 90 by default and at least",
    "MAIL_URL": "the mail server of reminders: smtp://user:password@host:587 or smtps://…",
    "MAIL_FROM": "the address that reminders come from; needed with MAIL_URL",
    "PANEL_URL": "the panel's public address, for links in reminders; needed with MAIL_URL",
    "QUEUE_URL": "the queue of background jobs: sqlite:///path, postgresql://… or redis://host/0",
}


class BadSetting(ValueError):
    """A setting is missing or wrong; the text tells the operator which and how to mend it."""


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """How large an uploaded sheet may be: bytes of the file, bytes unpacked, rows of a sheet."""

    file_bytes: int = 5 * MB
    unpacked_bytes: int = 40 * MB
    rows: int = 10_000


@dataclass(frozen=True)
class Settings:
    """What the app runs with. ``more``: Flask configuration of tests.

    ``queue_url``: "" for a queue where the database is, see ``queue``; ``files_dir``: likewise, see
    ``files``. ``mail_url``: "" where no letter is sent (in the demo: written into ``letters``).
    """

    database_url: str
    secret_key: str
    port: int = 8000
    demo: bool = False
    https: bool = False
    proxies: int = 0
    queue_url: str = ""
    files_dir: str = ""
    export_kept_hours: int = 24
    access_log_days: int = LEAST_ACCESS_LOG_DAYS
    imports: ImportLimits = ImportLimits()
    mail_url: str = ""
    mail_from: str = ""
    panel_url: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def queue(self) -> str:
        """The queue's URL: as set, else a file beside a SQLite database, or PostgreSQL itself."""
        if self.queue_url or not self.database_url.startswith("sqlite:///"):
            return self.queue_url or self.database_url
        path = Path(self.database_url.removeprefix("sqlite:///"))
        return f"sqlite:///{path.with_name(f'{path.stem}-queue.db')}"

    @property
    def files(self) -> Path:
        """The folder of files that jobs make: as set, else beside a SQLite database."""
        if self.files_dir:
            return Path(self.files_dir)
        if not self.database_url.startswith("sqlite:///"):
            return INSTANCE / "files"
        path = Path(self.database_url.removeprefix("sqlite:///"))
        return path.with_name(f"{path.stem}-files")

    @property
    def letters(self) -> Path | None:
        """The folder into which the demo writes letters instead of sending them; else None."""
        if not self.demo or self.mail_url:
            return None
        return self.files.with_name(f"{self.files.name.removesuffix('-files')}-letters")

    @property
    def panel(self) -> str:
        """The panel's public address, without a slash at the end; "" when nobody has said."""
        usual = f"http://127.0.0.1:{self.port}" if self.demo else ""
        return (self.panel_url or usual).rstrip("/")


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value not in YES | NO:
        raise BadSetting(f"{name}={value!r}: write 1 or 0")
    return value in YES


def _number(env: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = env.get(name, "").strip() or str(default)
    if not text.isdigit() or not lowest <= int(text) <= highest:
        raise BadSetting(f"{name}={text!r}: write a number from {lowest} to {highest}")
    return int(text)


def _import_limits(env: Mapping[str, str]) -> ImportLimits:
    usual = ImportLimits()
    return ImportLimits(
        file_bytes=MB * _number(env, "IMPORT_FILE_MB", usual.file_bytes // MB, 1, 50),
        unpacked_bytes=MB * _number(env, "IMPORT_UNPACKED_MB", usual.unpacked_bytes // MB, 1, 500),
        rows=_number(env, "IMPORT_ROWS", usual.rows, 1, 100_000),
    )


def _address(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    """A URL with a host, and a port that is one."""
    text = env.get(name, "").strip()
    try:
        parts = urlsplit(text)
        whole = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if text and not whole:
        forms = ", ".join(f"{scheme}://host" for scheme in schemes)
        raise BadSetting(f"{name}: write one that begins as {forms}")
    return text


def _mail(env: Mapping[str, str]) -> dict[str, Any]:
    """The three settings of letters: all that MAIL_URL needs, or none of it."""
    url = _address(env, "MAIL_URL", MAIL)
    panel = _address(env, "PANEL_URL", ("https", "http"))
    sender = env.get("MAIL_FROM", "").strip()
    if sender and not is_address(sender):
        raise BadSetting("MAIL_FROM: write one address, as lec@example.org")
    missing = [name for name in ("MAIL_FROM", "PANEL_URL") if not env.get(name, "").strip()]
    if url and missing:
        raise BadSetting(f"{' and '.join(missing)}: needed with MAIL_URL")
    return {"mail_url": url, "mail_from": sender, "panel_url": panel}


def _demo_secret() -> str:
    """A secret that all processes of a demo share and that outlives a restart."""
    INSTANCE.mkdir(exist_ok=True)
    path = INSTANCE / "demo-secret"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text().strip()


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """The settings of ``env`` (the process's by default). Raises BadSetting."""
    env = os.environ if env is None else env
    demo = _flag(env, "DEMO")
    secret = env.get("SECRET_KEY", "").strip()
    if not secret and demo:
        secret = _demo_secret()
    if not secret:
        raise BadSetting(
            "SECRET_KEY is not set: give at least 32 random characters "
            '(python -c "import secrets; print(secrets.token_urlsafe(48))"), '
            "or DEMO=1 for the demo"
        )
    if len(secret) < SHORTEST_SECRET:
        raise BadSetting(f"SECRET_KEY has {len(secret)} characters: give {SHORTEST_SECRET} or more")
    url = env.get("DATABASE_URL", "").strip()
    if not url:
        name = "demo.db" if demo else "lec.db"
        url = f"sqlite:///{INSTANCE / name}"
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise BadSetting("DATABASE_URL: write sqlite:///path or postgresql://user@host/name")
    queue_url = env.get("QUEUE_URL", "").strip()
    if queue_url and not queue_url.startswith(QUEUES):
        raise BadSetting(f"QUEUE_URL: write one that begins with {', '.join(QUEUES)}")
    return Settings(
        database_url=url,
        secret_key=secret,
        port=_number(env, "PORT", 8000, 1, 65535),
        demo=demo,
        https=_flag(env, "HTTPS"),
        proxies=_number(env, "PROXIES", 0, 0, 9),
        queue_url=queue_url,
        files_dir=env.get("FILES_DIR", "").strip(),
        export_kept_hours=_number(env, "EXPORT_KEPT_HOURS", 24, 1, 720),
        access_log_days=_number(
            env, "ACCESS_LOG_DAYS", LEAST_ACCESS_LOG_DAYS, LEAST_ACCESS_LOG_DAYS, 3650
        ),
        imports=_import_limits(env),
        **_mail(env),
    )
