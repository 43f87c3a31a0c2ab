"""The kinds of sheet that come in: what reads each, what accepts it, and reading it anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from admin_app.config import ImportLimits
from admin_app.database import Clock
from admin_app.domain.access import Actor
from admin_app.domain.plan import Plan
from admin_app.imports import children, counts
from admin_app.models import Cycle, Unit, Upload
from admin_app.services import imports, uploads
from admin_app.services.imports import Outdated

LONG_ROWS = 2_000
"""Accepting so many rows takes longer than anybody likes to wait for a page."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads a sheet (bytes, cycle, unit, limits, now, options, ids that changed since) and
    what accepts its upload (actor, id, clock, whom to tell what it is at).
    """

    read: Callable[..., Plan]
    accept: Callable[..., dict[str, int]]


def _read_children(
    data: bytes,
    cycle: Cycle,
    unit: Unit,
    limits: ImportLimits,
    now: datetime,
    options: dict[str, str],
    touched: frozenset[int],
) -> Plan:
    return children.read(data, cycle, unit, limits, now, touched=touched)


def _read_counts(
    data: bytes,
    cycle: Cycle,
    unit: Unit,
    limits: ImportLimits,
    now: datetime,
    options: dict[str, str],
    touched: frozenset[int],
) -> Plan:
    return counts.read(data, cycle, unit, limits, options.get("affiliation", ""))


def _accept_counts(
    actor: Actor, upload_id: int, clock: Clock, tell: Callable[[str], object] = bool
) -> dict[str, int]:
    return imports.accept_counts(actor, upload_id, clock)


READERS: dict[str, Reader] = {
    uploads.ROSTER: Reader(_read_children, imports.accept_children),
    uploads.COUNTS: Reader(_read_counts, _accept_counts),
}


def is_long(plan: Plan) -> bool:
    """Whether accepting it takes too long to be answered at once."""
    return plan.writes > LONG_ROWS


def renew(
    actor: Actor, upload: Upload, outdated: Outdated, limits: ImportLimits, clock: Clock
) -> None:
    """Compare the same file with what stands now; the preview then shows who was faster where."""
    options = uploads.plan_of(upload).options
    data, cycle, unit = uploads.file_of(upload), upload.cycle, upload.unit
    read = READERS[upload.kind].read
    made = read(data, cycle, unit, limits, clock(), options, outdated.ids)
    uploads.renew(actor, upload, made, clock)
