"""When a unit may record and confirm: pure functions of the cycle's moments and extensions.

Every bound is exclusive: at ``closes_at`` 17:00:00 it is closed, 16:59:59 was in. A due date is
soft unless the cycle's late policy is ``block``. An extension of a unit covers its descendants and
lets its ancestors confirm (not record) until the same time. Source: the official letter for
academic year 2567, round 1, and the product's contract, "The cycle" and "The state machine".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from admin_app.domain.levels import BY_KEY, DEPARTMENT
from admin_app.domain.text import N_


class LatePolicy(StrEnum):
    """What happens after a due date and before the close."""

    ACCEPT = "accept"
    BLOCK = "block"


LATE_POLICIES: dict[LatePolicy, str] = {
    LatePolicy.ACCEPT: N_("Accept after the due date and mark as late"),
    LatePolicy.BLOCK: N_("Refuse after the due date"),
}


@dataclass(frozen=True, slots=True)
class Moments:
    """The cycle's moments, aware UTC, and its late policy. ``started``: DLA has opened it."""

    opens_at: datetime
    school_due_at: datetime
    lao_due_at: datetime
    province_due_at: datetime
    closes_at: datetime
    late_policy: LatePolicy = LatePolicy.ACCEPT
    started: bool = True

    def due(self, level: str) -> datetime:
        """The date by which units of ``level`` must have confirmed."""
        value: datetime = getattr(self, BY_KEY[level].due_field)
        return value

    def ordered(self) -> bool:
        """Whether the moments stand in the order that the cycle needs."""
        return (
            self.opens_at < self.school_due_at <= self.lao_due_at <= self.province_due_at
            and self.province_due_at <= self.closes_at
        )


@dataclass(frozen=True, slots=True)
class Window:
    """When one unit may record and confirm. All bounds aware UTC, ends exclusive."""

    started: bool
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    record_until: datetime
    confirm_until: datetime

    def may_record(self, now: datetime) -> bool:
        """Whether rows of the unit may be written at ``now``."""
        return self.started and self.opens_at <= now < self.record_until

    def may_confirm(self, now: datetime) -> bool:
        """Whether the unit may be confirmed (or returned and confirmed again) at ``now``."""
        return self.started and self.opens_at <= now < self.confirm_until

    def late(self, now: datetime) -> bool:
        """Whether a confirmation at ``now`` is late (เกินกำหนด): an extension does not undo it."""
        return now >= self.due_at


def window(
    moments: Moments,
    level: str,
    own_and_above: Iterable[datetime | None] = (),
    below: Iterable[datetime | None] = (),
) -> Window:
    """The window of a unit of ``level``.

    ``own_and_above``: extensions of the unit and of its ancestors; ``below``: of its descendants.
    """
    blocked = moments.late_policy is LatePolicy.BLOCK and level != DEPARTMENT
    base = min(moments.due(level), moments.closes_at) if blocked else moments.closes_at
    record_until = max([base, *(e for e in own_and_above if e is not None)])
    confirm_until = max([record_until, *(e for e in below if e is not None)])
    return Window(
        started=moments.started,
        opens_at=moments.opens_at,
        due_at=moments.due(level),
        closes_at=moments.closes_at,
        record_until=record_until,
        confirm_until=confirm_until,
    )
