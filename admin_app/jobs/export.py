"""The job that writes a long export to a file, which its owner fetches from the job's page.

Only a whole file gets its name; the job's end, the file and the entry in the access log are one
transaction of the worker that still has the job.
"""

from __future__ import annotations

from typing import Any

from admin_app.domain.access import Actor
from admin_app.domain.refusals import Refusal
from admin_app.exports import build
from admin_app.exports.gates import NoSuchEdition, Shut
from admin_app.exports.official import Damaged
from admin_app.exports.table import BY_NAME
from admin_app.jobs.reading import long_read
from admin_app.models import Cycle
from admin_app.services import scope
from admin_app.services.errors import NotFound, Refused
from admin_app.services.files import Part, shelf
from admin_app.services.hand import Cancelled, Hand, Lost, Stopped


def permission(params: dict[str, Any]) -> str:
    """What the export that is asked for needs. NotFound for one that is not there (any more)."""
    export = BY_NAME.get(params["name"])
    if export is None:
        raise NotFound(params["name"])
    return export.permission


def perform(hand: Hand, actor: Actor) -> dict[str, Any]:
    """Write the workbook by the owner's present rights; answers with what the page shows of it."""
    try:
        with shelf.part(hand.job.id) as part:
            made = _write(hand, actor, part)
            return _hand_over(hand, made, part)
    except (NotFound, NoSuchEdition, Shut) as gone:
        raise Refused([Refusal("export_gone")]) from gone
    except Damaged as damaged:
        raise Refused([Refusal("export_damaged")]) from damaged


def _write(hand: Hand, actor: Actor, part: Part) -> build.Made:
    name, code, edition = (hand.params[key] for key in ("name", "unit", "edition"))
    cycle, unit = Cycle.get_by_id(hand.job.cycle_id), scope.unit(actor, code)
    export = build.find(name, actor, unit)
    hand.plan(0, export.estimate(cycle, unit))
    with long_read(hand):
        return build.make(
            *(name, actor, cycle, unit, edition, hand.clock(), part.file, hand.pulse),
            rates=hand.params.get("rates"),
        )


def _hand_over(hand: Hand, made: build.Made, part: Part) -> dict[str, Any]:
    size, result = part.finish(), made.result
    told = {
        "edition": result.edition,
        "rows": result.rows,
        "digest": result.digest,
        "names": [result.file_name, result.thai_file_name],
        "size": size,
    }
    try:
        with hand.ending() as end:
            build.log(made, hand.params["name"])
            end.result, end.file = told, part.name
            end.expires_at = hand.clock() + shelf.kept
    except (Cancelled, Lost, Stopped):
        part.drop()
        raise
    # any other error leaves open whether it was written: the file stays until it is an orphan
    return told
