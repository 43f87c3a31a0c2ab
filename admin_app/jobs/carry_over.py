"""The job that carries children and schools over into a new cycle, and then opens it."""

from __future__ import annotations

from typing import Any

from admin_app.domain.access import Actor
from admin_app.models import Cycle
from admin_app.services import carry_over
from admin_app.services.errors import NotFound
from admin_app.services.hand import Hand


def perform(hand: Hand, actor: Actor) -> dict[str, Any]:
    """Carry over what is left, batch by batch; answers with how many came.

    Which units are done stands in their states, so a job that is taken up again, or asked for
    again, goes on where the last one stopped.
    """
    cycle = Cycle.get_by_id(hand.job.cycle_id)
    before = carry_over.progress(cycle)
    if before is None:
        raise NotFound("source")
    hand.plan(before.done, before.total)
    for batch in list(carry_over.batches(cycle)):
        with hand.batch(len(batch.units), doing=batch.province) as now:
            carry_over.carry(actor, cycle, batch, now)
    with hand.batch(0):  # a job that is to end, or is another worker's by now, opens nothing
        return carry_over.finish(actor, cycle, hand.clock)
