"""One door to every export: permission, level and gate first, then the file, then the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from admin_app.database import transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.moves import Status
from admin_app.exports import words
from admin_app.exports.gates import Ground, choose
from admin_app.exports.reading import one_moment
from admin_app.exports.request import Built, Request
from admin_app.exports.table import BY_NAME, Export
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import history
from admin_app.services.errors import NotFound
from admin_app.services.scope import ref
from admin_app.services.standing import moments

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, str] = {"xlsx": XLSX, "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A file that was written and logged. ``file_name`` is ASCII, ``thai_file_name`` is not."""

    edition: str
    rows: int
    digest: str
    file_name: str
    thai_file_name: str


def ground(cycle: Cycle, unit: Unit, state: UnitState | None) -> Ground:
    """What the gates look at. ``state`` may be None only before the cycle is started."""
    at = moments(cycle)
    return Ground(
        started=at.started,
        status=Status(state.status) if state else Status.OPEN,
        opens_at=at.opens_at,
        due_at=at.due(unit.level),
        closes_at=at.closes_at,
    )


def find(name: str, actor: Actor, unit: Unit) -> Export:
    """The export of this name, if the actor may have it of this unit; NotFound otherwise."""
    export = BY_NAME.get(name)
    if export is None or unit.level not in export.levels:
        raise NotFound(name)
    if not may(actor, export.permission, ref(unit)):
        raise NotFound(name)
    return export


def _admit(
    export: Export,
    actor: Actor,
    cycle: Cycle,
    unit: Unit,
    asked: str | None,
    now: datetime,
    proof_page: str,
) -> Request:
    """The request, its edition chosen. NotFound, NoSuchEdition, Shut."""
    state = UnitState.get_or_none(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
    edition = choose(export.editions, asked, ground(cycle, unit, state))
    if state is None:
        raise NotFound("state")
    own = Unit.get_by_id(actor.unit.id)
    return Request(actor, own, cycle, unit, state, edition, now, proof_page)


def build(
    name: str,
    actor: Actor,
    cycle: Cycle,
    unit: Unit,
    edition: str | None,
    now: datetime,
    out: Path | BinaryIO,
    proof_page: str = "",
) -> ExportResult:
    """Write the export to ``out`` and enter it into the access log; needs no request.

    ``edition``: None for the best that is open. A path holds the whole file, logged, or none.
    ``proof_page``: the address of the page that takes a digest, for paper that leads back to it.
    Raises NotFound (role, scope, level), NoSuchEdition, Shut (with the reason), Damaged.
    """
    export = find(name, actor, unit)
    part = out.with_name(f"{out.name}.part") if isinstance(out, Path) else None
    try:
        with one_moment():
            request = _admit(export, actor, cycle, unit, edition, now, proof_page)
            built = export.build(request, str(part) if part else out)
        _log(export, request, built)
        if isinstance(out, Path) and part:
            part.replace(out)
    finally:
        if part:
            part.unlink(missing_ok=True)
    stem = "-".join(filter(None, (name, cycle.code, unit.code, request.edition)))
    stem = stem.encode("ascii", "ignore").decode()
    thai = " ".join(
        filter(None, (export.file_title, unit.name, cycle.code, words.EDITIONS[request.edition]))
    )
    names = (f"{stem}.{export.format}", f"{thai}.{export.format}")
    return ExportResult(request.edition, built.rows, built.digest, *names)


def _log(export: Export, request: Request, built: Built) -> None:
    details: dict[str, Any] = {
        "name": export.name,
        "edition": request.edition,
        "unit": request.unit.code,
        "rows": built.rows,
    }
    if built.digest:
        details["digest"] = built.digest
    with transaction():
        history.log_access(
            "export",
            request.actor,
            request.now,
            unit_id=request.unit.id,
            cycle_id=request.cycle.id,
            details=details,
        )
