"""The home pages' figures: tiles with words beside their shade, lines with their table."""

from __future__ import annotations

from datetime import date, timedelta

from admin_app.services.trends import Day, Share
from admin_app.views import charts
from tests.country import CLOSES, LETTER, NOW

OPENS = LETTER["opens_at"]
DUE = [(LETTER["school_due_at"], "due")]


def test_a_tile_has_the_shade_of_its_share() -> None:
    for percent, step in ((0, 0), (1, 1), (24, 1), (25, 2), (50, 3), (75, 4), (99, 4), (100, 5)):
        share = Share(99, min(percent, 99), percent == 100)
        assert share.percent == percent
        assert sum(percent >= low for low in charts.STEPS) - 1 == step


def test_a_line_goes_from_the_opening_to_today_in_steps() -> None:
    drawn = charts.line([Day(date(2024, 5, 10), 4)], 8, OPENS, CLOSES, DUE, NOW)
    assert drawn is not None
    points = [tuple(map(float, pair.split(","))) for pair in drawn.points.split()]
    assert points[0] == (drawn.left, drawn.bottom)
    assert points[-1][1] == points[-2][1] == (drawn.top + drawn.bottom) / 2
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[-1][0] == drawn.today
    assert (drawn.confirmed, drawn.total) == (4, 8)
    # the end of 10 June is marked on that day, not on the next
    assert [mark.day for mark in drawn.marks] == [date(2024, 6, 10)]


def test_a_line_ends_with_the_cycle_and_nothing_is_drawn_of_no_units() -> None:
    late = CLOSES + timedelta(days=90)
    drawn = charts.line([], 8, OPENS, CLOSES, DUE, late)
    assert drawn is not None
    assert drawn.today is None
    assert drawn.points.split()[-1].startswith(f"{drawn.right:.1f},")
    assert charts.line([], 0, OPENS, CLOSES, DUE, NOW) is None
