"""The kinds of work: one row each. A new kind is a row here and its function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from admin_app.database import Clock
from admin_app.domain.access import Actor
from admin_app.domain.text import N_
from admin_app.jobs import carry_over, export, imports, recheck, remind, verify
from admin_app.jobs.queue import bell
from admin_app.models import Job
from admin_app.services import jobs
from admin_app.services.hand import Hand

Perform = Callable[[Hand, Actor], dict[str, Any]]
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. ``permission``: who may ask for one, asked again when it is taken up; a
    function where that depends on what is asked for.

    ``perform`` does the work batch by batch and answers with the result; ``results``: the words for
    each of its figures. ``then``: the kind that is asked for once this one is done. ``own``: two
    people who ask for the same have a job each. ``goes_on``: what was done before a cancel stays.
    """

    key: str
    title: str
    permission: str | Callable[[Params], str]
    perform: Perform
    results: dict[str, str]
    then: str = ""
    own: bool = False
    goes_on: bool = True

    def needs(self, params: Params) -> str:
        """The permission for what is asked for."""
        return self.permission if isinstance(self.permission, str) else self.permission(params)


KINDS: tuple[Kind, ...] = (
    Kind(
        "carry_over",
        N_("Carry over into the cycle"),
        "cycle:carry",
        carry_over.perform,
        {
            "children": N_("Children carried over"),
            "leavers": N_("Proposed leavers"),
            "schools": N_("Schools"),
            "others": N_("Schools of other affiliations"),
            "left": N_("Children of schools that take no part any more"),
        },
        then="recheck",
    ),
    Kind(
        "recheck",
        N_("Check all data by the rules"),
        "rule:edit",
        recheck.perform,
        {"units": N_("Units checked")},
    ),
    Kind(
        "export",
        N_("Export"),
        export.permission,
        export.perform,
        {"rows": N_("Rows")},
        own=True,
        goes_on=False,
    ),
    Kind(
        "import",
        N_("Import"),
        imports.permission,
        imports.perform,
        {"new": N_("New"), "changed": N_("Changed"), "removed": N_("Removed")},
        own=True,
        goes_on=False,
    ),
    Kind(
        "verify",
        N_("Verify the cycle"),
        "verify:run",
        verify.perform,
        {"checked": N_("Confirmed units checked"), "differences": N_("Differences")},
        goes_on=False,
    ),
    Kind(
        "remind",
        N_("Reminders by e-mail"),
        "reminder:send",
        remind.perform,
        {
            "sent": N_("Letters sent"),
            "skipped": N_("Left out: confirmed, turned off or written to meanwhile"),
            "failed": N_("Letters that the mail server refused"),
            "unsure": N_("Letters of which nobody knows whether they left"),
        },
        own=True,
    ),
)
KIND: dict[str, Kind] = {kind.key: kind for kind in KINDS}


def key_of(kind: str, cycle_id: int, params: Params | None = None, owner: int = 0) -> str:
    """What makes two jobs the same: kind, cycle, what is asked for, and by whom if that counts."""
    asked = [str(value) for _name, value in sorted((params or {}).items())]
    whose = [str(owner)] if KIND[kind].own else []
    return ":".join([kind, str(cycle_id), *asked, *whose])


def ask(actor: Actor, kind: str, cycle_id: int, clock: Clock, params: Params | None = None) -> Job:
    """Ask for a job and ring for a worker; the one that is under way already, if there is one.

    Not inside a transaction: the worker looks at once. Raises NotFound, Refused.
    """
    row, params = KIND[kind], params or {}
    key = key_of(kind, cycle_id, params, actor.user_id)
    job = jobs.ask(actor, kind, row.needs(params), key, clock, cycle_id=cycle_id, params=params)
    if job.status == "queued":
        bell.ring(job.id)
    return job
