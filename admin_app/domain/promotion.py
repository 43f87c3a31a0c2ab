"""Which grade a child carried over from an earlier round is in, and whether it has left.

Source: the product's contract, "Carry-over": the first round of a new year promotes every child one
grade and proposes leavers; the second round of a year changes nothing. What follows a grade is the
code list's (``Grade.next_code``), which DLA edits.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NamedTuple


class Place(NamedTuple):
    """A child's grade, and whether it is proposed as a leaver out of it."""

    grade: str
    leaver: bool


def steps(from_year: int, year: int) -> int:
    """How many grades a child goes up between rounds of two school years: one a year.

    So the round says nothing by itself: after a year without a second round the first of the next
    promotes once, and a year that was left out counts as well.
    """
    return max(0, year - from_year)


def promote(grade: str, following: Mapping[str, str], offered: Set[str], steps: int) -> Place:
    """Where a child of ``grade`` is after ``steps`` years in a school that offers ``offered``.

    ``following``: grade in use → the grade after it, "" after the last one. The child is a leaver,
    and keeps its grade, as soon as there is no next grade or the school does not offer it. A grade
    that is not known, or none, is kept as it is: it has to be corrected, not promoted.
    """
    now = grade
    for _ in range(steps):
        if now not in following:
            break
        after = following[now]
        if after not in following or after not in offered:
            return Place(grade, leaver=True)
        now = after
    return Place(now, leaver=False)
