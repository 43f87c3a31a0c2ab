"""The units directly below one as a board: all of them, or those that stand somewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from admin_app.domain.text import N_
from admin_app.models import Cycle, Unit
from admin_app.services import notes, progress
from admin_app.services.progress import Row

Holds = Callable[[Row, set[int]], bool]


@dataclass(frozen=True, slots=True)
class Group:
    """Units that stand alike: ``key`` chooses them in the address, ``tag`` colours them.

    ``holds`` is given a row and the ids of those that are ready to confirm.
    """

    key: str
    label: str
    tag: str
    holds: Holds


GROUPS: tuple[Group, ...] = (
    Group("open", N_("Open"), "open", lambda row, _ready: row.state.status == "open"),
    Group("ready", N_("Ready to confirm"), "open", lambda row, ready: row.unit.id in ready),
    Group("overdue", N_("Overdue"), "late", lambda row, _ready: row.overdue),
    Group(
        "confirmed", N_("Confirmed"), "good", lambda row, _ready: row.state.status == "confirmed"
    ),
    Group("late", N_("Confirmed late"), "late", lambda row, _ready: row.state.late),
)


@dataclass(frozen=True, slots=True)
class Board:
    """``rows``: all of them; ``shown``: those of the chosen group; ``groups``: (group, how many),
    those with units in them; ``found``: what the rules found, by unit id.
    """

    rows: list[Row]
    shown: list[Row]
    groups: list[tuple[Group, int]]
    chosen: str
    ready: set[int]
    found: Any


def of(cycle: Cycle, unit: Unit, now: datetime) -> Board:
    """The board of ``unit``, narrowed to the group that the address names."""
    rows = progress.board(cycle, unit, now)
    found = notes.tallies(cycle.id, unit, progress.finding_group(unit.level))
    ready = progress.ready(cycle, rows, found)
    held = {group.key: [row for row in rows if group.holds(row, ready)] for group in GROUPS}
    chosen = request.args.get("board", "")
    return Board(
        rows,
        held.get(chosen, rows),
        [(group, len(held[group.key])) for group in GROUPS if held[group.key]],
        chosen if chosen in held else "",
        ready,
        found,
    )
