"""The kinds of work: one row each. A new kind is a row here and its function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from admin_app.database import Clock
from admin_app.domain.access import Actor
from admin_app.domain.text import N_
from admin_app.jobs import carry_over, recheck
from admin_app.jobs.queue import bell
from admin_app.models import Job
from admin_app.services import jobs
from admin_app.services.jobs import Hand

Perform = Callable[[Hand, Actor], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. ``permission``: who may ask for one, asked again when it is taken up.

    ``perform`` does the work batch by batch and answers with the result; ``results``: the words for
    each of its figures. ``then``: the kind that is asked for once this one is done.
    """

    key: str
    title: str
    permission: str
    perform: Perform
    results: dict[str, str]
    then: str = ""


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
)
KIND: dict[str, Kind] = {kind.key: kind for kind in KINDS}


def key_of(kind: str, cycle_id: int) -> str:
    """What makes two jobs the same: the kind and the cycle."""
    return f"{kind}:{cycle_id}"


def ask(actor: Actor, kind: str, cycle_id: int, clock: Clock) -> Job:
    """Ask for a job and ring for a worker; the one that is under way already, if there is one.

    Not inside a transaction: the worker looks at once. Raises NotFound, Refused.
    """
    row = KIND[kind]
    job = jobs.ask(actor, row.key, row.permission, key_of(kind, cycle_id), clock, cycle_id=cycle_id)
    if job.status == "queued":
        bell.ring(job.id)
    return job
