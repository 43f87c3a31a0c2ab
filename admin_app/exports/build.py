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
from admin_app.exports.request import Built, Progress, Request, quiet
from admin_app.exports.table import BY_NAME, Export
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import history
from admin_app.services.errors import NotFound
from admin_app.services.rates import edition as edition_of_rates
from admin_app.services.scope import ref
from admin_app.services.standing import moments

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, str] = {"xlsx": XLSX, "pdf": "application/pdf"}


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


def is_long(export: Export, cycle: Cycle, unit: Unit) -> bool:
    """Whether the export takes longer than anybody waits for a page."""
    return export.estimate(cycle, unit) >= export.long_rows


def admit(
    export: Export,
    actor: Actor,
    cycle: Cycle,
    unit: Unit,
    asked: str | None,
    now: datetime,
    progress: Progress = quiet,
    rates: int | None = None,
    proof_page: str = "",
) -> Request:
    """The request, its edition chosen. NotFound, NoSuchEdition, NoSuchRates, Shut."""
    state = UnitState.get_or_none(UnitState.cycle == cycle.id, UnitState.unit == unit.id)
    edition = choose(export.editions, asked, ground(cycle, unit, state))
    if state is None:
        raise NotFound("state")
    if rates is not None and not (export.takes_rates and edition_of_rates(cycle.id, rates)):
        raise NoSuchRates(rates)
    own = Unit.get_by_id(actor.unit.id)
    return Request(actor, own, cycle, unit, state, edition, now, progress, rates, proof_page)


@dataclass(frozen=True, slots=True)
class Made:
    """A workbook that was written and is not logged yet."""

    request: Request
    built: Built
    result: ExportResult


def make(
    name: str,
    actor: Actor,
    cycle: Cycle,
    unit: Unit,
    edition: str | None,
    now: datetime,
    out: str | Path | BinaryIO,
    progress: Progress = quiet,
    rates: int | None = None,
    proof_page: str = "",
) -> Made:
    """Write the export to ``out``; whoever hands it out calls ``log`` first.

    ``edition``: None for the best that is open. ``rates``: the edition of the cycle's rates to
    estimate by, None for what is usual. ``proof_page``: the address of the page that takes a
    digest, for paper that leads back to it. Raises NotFound (role, scope, level), NoSuchEdition,
    NoSuchRates, Shut (with the reason), Damaged.
    """
    export = find(name, actor, unit)
    with one_moment():
        request = admit(export, actor, cycle, unit, edition, now, progress, rates, proof_page)
        built = export.build(request, out)
    by = ("", "") if rates is None else (f"rates{rates}", f"อัตราฉบับที่ {rates}")
    stem = "-".join(filter(None, (name, cycle.code, unit.code, request.edition, by[0])))
    stem = stem.encode("ascii", "ignore").decode()
    edition_name = words.EDITIONS[request.edition]
    thai = " ".join(filter(None, (export.file_title, unit.name, cycle.code, edition_name, by[1])))
    result = ExportResult(
        request.edition,
        built.rows,
        built.digest,
        f"{stem}.{export.format}",
        f"{thai}.{export.format}",
    )
    return Made(request, built, result)


def log(made: Made, name: str) -> None:
    """Enter the export of this name into the access log; inside a transaction."""
    request, built = made.request, made.built
    details: dict[str, Any] = {
        "name": name,
        "edition": request.edition,
        "unit": request.unit.code,
    }
    if request.rates is not None:
        details["rates"] = request.rates
    if built.digest:
        details["digest"] = built.digest
    history.log_access(
        "export",
        request.actor,
        request.now,
        unit_id=request.unit.id,
        cycle_id=request.cycle.id,
        rows=built.rows,
        details=details,
    )


def build(
    name: str,
    actor: Actor,
    cycle: Cycle,
    unit: Unit,
    edition: str | None,
    now: datetime,
    out: Path | BinaryIO,
    rates: int | None = None,
    proof_page: str = "",
) -> ExportResult:
    """Write the export to ``out`` and enter it into the access log; needs no request.

    A path holds the whole file, logged, or none. Raises as ``make``.
    """
    part = out.with_name(f"{out.name}.part") if isinstance(out, Path) else None
    try:
        target = str(part) if part else out
        made = make(
            *(name, actor, cycle, unit, edition, now, target), rates=rates, proof_page=proof_page
        )
        with transaction():
            log(made, name)
        if isinstance(out, Path) and part:
            part.replace(out)
    finally:
        if part:
            part.unlink(missing_ok=True)
    return made.result
