"""Figures drawn on the server: the tile map of provinces, confirmations over time as a line.

Plain HTML and SVG without styles of their own, so that the content policy lets them be; each says
in words and in a table what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from admin_app.domain.provinces import LETTERS
from admin_app.domain.thai import to_local
from admin_app.domain.tiles import TILES
from admin_app.models import Unit
from admin_app.services.trends import Day, Share

STEPS = (0, 1, 25, 50, 75, 100)
"""From which share on a tile is of the next step: none, begun, a quarter, half, most, all."""
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 220, 44, 28, 12
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """A province on the map. ``step``: the number of its shade, 0 to 5."""

    code: str
    name: str
    letters: str
    row: int
    column: int
    share: Share
    step: int


def tiles(provinces: Sequence[Unit], shares: Mapping[str, Share], name: str) -> list[Tile]:
    """A tile for each province that takes part; ``name``: which of its names to read out."""
    found = []
    for unit in provinces:
        if unit.code not in shares or unit.code not in TILES:
            continue
        row, column = TILES[unit.code]
        share = shares[unit.code]
        step = sum(share.percent >= low for low in STEPS) - 1
        called = getattr(unit, name) or unit.name
        found.append(Tile(unit.code, called, LETTERS[unit.code], row, column, share, step))
    return sorted(found, key=lambda tile: (tile.row, tile.column))


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the line's axis: where it stands and whose it is."""

    x: float
    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of confirmed units over days, as coordinates of an SVG of ``WIDTH`` × ``HEIGHT``."""

    points: str
    marks: tuple[Mark, ...]
    today: float | None
    days: tuple[tuple[float, date], ...]
    total: int
    confirmed: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - 12
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def line(
    days: Sequence[Day],
    total: int,
    opens_at: datetime,
    ends_at: datetime,
    due: Sequence[tuple[datetime, str]],
    now: datetime,
) -> Line | None:
    """The line from the opening to the close, or to today when that is later; None without units.

    ``due``: moments to mark, with their names.
    """
    if not total:
        return None
    today = to_local(now).date()
    first = to_local(opens_at).date()
    # a bound at midnight is the end of the day before
    last = to_local(ends_at - timedelta(seconds=1)).date()
    if days:
        first, last = min(first, days[0].day), max(last, days[-1].day)
    span = max(1, (last - first).days)
    right, bottom = WIDTH - 12, HEIGHT - BOTTOM

    def x(day: date) -> float:
        return round(LEFT + (right - LEFT) * (day - first).days / span, 1)

    def y(confirmed: int) -> float:
        return round(bottom - (bottom - TOP) * confirmed / total, 1)

    points, so_far = [(x(first), y(0))], 0
    for one in days:
        points += [(x(one.day), y(so_far)), (x(one.day), y(one.confirmed))]
        so_far = one.confirmed
    end = min(max(today, first), last)
    points.append((max(x(end), points[-1][0]), y(so_far)))
    marks = tuple(
        Mark(x(day), day, name)
        for day, name in ((to_local(at - timedelta(seconds=1)).date(), name) for at, name in due)
        if first <= day <= last
    )
    ticks = sorted(
        {first + timedelta(days=span * i // (MOST_TICKS - 1)) for i in range(MOST_TICKS)}
    )
    return Line(
        points=" ".join(f"{px},{py}" for px, py in points),
        marks=marks,
        today=x(today) if first <= today <= last else None,
        days=tuple((x(day), day) for day in ticks),
        total=total,
        confirmed=so_far,
    )
