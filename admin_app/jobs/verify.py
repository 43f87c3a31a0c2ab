"""The job that recomputes a cycle's confirmed units and says what differs; writes nothing."""

from __future__ import annotations

import itertools
from typing import Any

from admin_app.domain.access import Actor
from admin_app.jobs.reading import long_read
from admin_app.models import Cycle
from admin_app.services import verification
from admin_app.services.hand import Hand

SHOWN = 50


def perform(hand: Hand, actor: Actor) -> dict[str, Any]:
    """Answers with how many units were checked, how many differences there are and the first."""
    cycle = Cycle.get_by_id(hand.job.cycle_id)
    total, done = len(verification.places()), itertools.count(1)
    hand.plan(0, total)
    with long_read(hand):
        found = verification.verify(
            cycle, on_unit=lambda looked: hand.pulse(next(done), doing=looked.place.code)
        )
    lines = [str(difference) for difference in found.differences[:SHOWN]]
    return {
        "checked": found.checked,
        "differences": len(found.differences),
        "lines": lines,
    }
