"""One door to every workbook: permission, level and gate first, then the file, then the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from admin_app.database import transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.moves import Status
from admin_app.exports import words
from admin_app.exports.gates import Ground, NoSuchRates, choose
from admin_app.exports.reading import one_moment
from admin_app.exports.request import Built, Request
from admin_app.exports.table import BY_NAME, Export
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import history
from admin_app.services.errors import NotFound
from admin_app.services.rates import edition as edition_of_rates
from admin_app.services.scope import ref
from admin_app.services.standing import moments

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A workbook that was written and logged. ``file_name`` is ASCII, ``thai_file_name`` is not."""

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
    rates: int | None,
) -> Request:
    """The request, its edition chosen. NotFound, NoSuchEdition, NoSuchRates, Shut."""
    state = UnitState.get_or_none(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
    edition = choose(export.editions, asked, ground(cycle, unit, state))
    if state is None:
        raise NotFound("state")
    if rates is not None and not (export.takes_rates and edition_of_rates(cycle.id, rates)):
        raise NoSuchRates(rates)
    own = Unit.get_by_id(actor.unit.id)
    return Request(actor, own, cycle, unit, state, edition, now, rates)


def build(
    name: str,
    actor: Actor,
    cycle: Cycle,
    unit: Unit,
    edition: str | None,
    now: datetime,
    out: Path | BinaryIO,
    *,
    rates: int | None = None,
) -> ExportResult:
    """Write the export to ``out`` and enter it into the access log; needs no request.

    ``edition``: None for the best that is open. ``rates``: the edition of the cycle's rates to
    estimate by, None for what is usual. A path holds the whole file, logged, or none. Raises
    NotFound (role, scope, level), NoSuchEdition, NoSuchRates, Shut (with the reason), Damaged.
    """
    export = find(name, actor, unit)
    part = out.with_name(f"{out.name}.part") if isinstance(out, Path) else None
    try:
        with one_moment():
            request = _admit(export, actor, cycle, unit, edition, now, rates)
            built = export.build(request, str(part) if part else out)
        _log(export, request, built)
        if isinstance(out, Path) and part:
            part.replace(out)
    finally:
        if part:
            part.unlink(missing_ok=True)
    by = f"rates{rates}" if rates is not None else ""
    stem = "-".join(filter(None, (name, cycle.code, unit.code, request.edition, by)))
    stem = stem.encode("ascii", "ignore").decode()
    thai = " ".join(
        filter(
            None,
            (
                export.file_title,
                unit.name,
                cycle.code,
                words.EDITIONS[request.edition],
                f"อัตราฉบับที่ {rates}" if rates is not None else "",
            ),
        )
    )
    return ExportResult(request.edition, built.rows, built.digest, f"{stem}.xlsx", f"{thai}.xlsx")


def _log(export: Export, request: Request, built: Built) -> None:
    details: dict[str, Any] = {
        "name": export.name,
        "edition": request.edition,
        "unit": request.unit.code,
        "rows": built.rows,
    }
    if request.rates is not None:
        details["rates"] = request.rates
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
