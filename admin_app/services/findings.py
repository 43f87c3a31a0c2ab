"""What the rules found, stored: so that lists, homes and the levels above can filter by it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from admin_app.models import Unit

NUMBER_ELSEWHERE = "number_elsewhere"
"""Error: a child's identity number is active in another school of the cycle, too."""
TWIN_ELSEWHERE = "twin_elsewhere"
"""Query: a child of the same name and birth date is active in another school of the cycle."""


def refresh(
    cycle_id: int, school: Unit, now: datetime, student_ids: Collection[int] | None = None
) -> None:
    """Bring the findings of some children, of their twins and of the school up to date.

    ``None``: of the whole school. Inside the writing transaction, after the rows are written.
    """
