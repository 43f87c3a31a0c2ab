"""The job that accepts a large upload: all of it in one transaction with the job's end, or none."""

from __future__ import annotations

from typing import Any

from admin_app.config import ImportLimits
from admin_app.domain.access import Actor
from admin_app.domain.refusals import Refusal
from admin_app.imports.sheets import READERS, renew
from admin_app.services import uploads
from admin_app.services.errors import Invalid, NotFound, Refused
from admin_app.services.hand import Hand
from admin_app.services.imports import Outdated

STEPS = ("reading", "checking", "writing", "rules")
_limits = ImportLimits()


def read_within(limits: ImportLimits) -> None:
    """How large a file may be that is compared anew."""
    global _limits
    _limits = limits


def permission(params: dict[str, Any]) -> str:
    """What an upload of this kind needs."""
    return uploads.KINDS[params["kind"]][0]


def perform(hand: Hand, actor: Actor) -> dict[str, Any]:
    """Accept the upload; answers with how many rows were new, changed and removed.

    Upload and job are decided in the transaction that writes the rows, so a retry after a kill
    finds either nothing done or nothing left to do.
    """
    kind, number = hand.params["kind"], hand.params["upload"]
    hand.plan(0, len(STEPS))

    def tell(step: str) -> None:
        hand.pulse(STEPS.index(step), doing=step)

    try:
        with hand.pulsing():
            tell("reading")
            with hand.ending() as end:
                end.result = dict(READERS[kind].accept(actor, number, hand.clock, tell))
            return end.result
    except NotFound as gone:
        if uploads.was_accepted(actor, kind, number):
            return {}
        raise Refused([Refusal("upload_gone")]) from gone
    except Invalid as invalid:
        raise Refused([Refusal("import_invalid")]) from invalid
    except Outdated as outdated:
        upload = uploads.get(actor, kind, number, hand.clock())
        renew(actor, upload, outdated, _limits, hand.clock)
        raise Refused([Refusal("import_outdated")]) from outdated
