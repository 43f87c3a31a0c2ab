"""What makes a proof: canonical texts and their SHA-256. ``docs/proof.md`` says the same in words.

``FORM`` numbers the serialisation of snapshots, ``ENTRY_FORM`` that of history entries; a change
of form is a new number, and what was written in an old one is read in the old one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FORM = 2
ENTRY_FORM = 1
LINE_DIGITS = 16
"""How many digits of a child's own digest a snapshot keeps: to name who differs, not to prove."""

ENTRY: tuple[str, ...] = (
    "number",
    "previous",
    "unit_id",
    "cycle_id",
    "tag",
    "at",
    "user_id",
    "actor_name",
    "actor_role",
    "on_behalf",
    "reason",
    "details",
    "student_id",
)
"""What of a history entry its digest covers, in this order: columns of the table ``event``."""


def canonical(content: Any) -> str:
    """JSON with sorted keys, no spaces, UTF-8 as it is: the same content is the same text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """SHA-256 of the text's UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def moment(value: datetime) -> str:
    """A moment as a proof writes it: UTC, with six digits of a second; naive means UTC."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC)
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_digest(entry: Mapping[str, Any]) -> str:
    """The digest of a history entry, given its columns of ``ENTRY`` (``at`` as a datetime)."""
    values = [entry[column] for column in ENTRY]
    values[ENTRY.index("at")] = moment(entry["at"])
    values[ENTRY.index("on_behalf")] = bool(entry["on_behalf"])
    return digest(canonical([ENTRY_FORM, *values]))
