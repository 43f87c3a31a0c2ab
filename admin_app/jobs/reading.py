"""A read of a worker that takes long: with signs of life, and let stand still for longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from admin_app.database import let_go_after
from admin_app.services.hand import Hand

STILL_S = 60
"""PostgreSQL lets go of what a worker has locked when that stands still for so long."""
LONGEST_READ_S = 3_600
"""A read holds nobody up, so PostgreSQL lets it stand still while a workbook is packed."""


@contextmanager
def long_read(hand: Hand) -> Iterator[None]:
    """Within the block ``hand.pulse`` tells how far it is. Write nothing inside."""
    let_go_after(LONGEST_READ_S)
    try:
        with hand.pulsing():
            yield
    finally:
        let_go_after(STILL_S)
