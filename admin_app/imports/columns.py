"""A declared sheet: its columns with their headings, and where they stand in a table of cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from admin_app.domain import thai
from admin_app.domain.spellings import key
from admin_app.imports.bad import BadFile
from admin_app.imports.reader import Table

HEADING_WITHIN = 20
"""A heading stands in one of the first rows, below titles."""
MARK = "ผลการตรวจ"
"""The column in which a marked workbook says what is wrong; nothing reads it."""
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. ``others``: usual headings besides its own; ``pick``: its list.

    ``needed``: a sheet without this heading is refused. ``hint`` stands on the sheet of
    instructions. ``hidden``: ours alone, such as the key of a row.
    """

    key: str
    heading: str
    width: float
    others: tuple[str, ...] = ()
    pick: str = ""
    strict: bool = True
    needed: bool = False
    hidden: bool = False
    hint: str = ""


@dataclass(slots=True)
class Found:
    """The rows below a heading: ``rows`` holds (row of the sheet, from 1; column key → text).

    ``unknown``: headings that mean nothing to the sheet and were left out.
    """

    rows: list[tuple[int, dict[str, str]]]
    keys: list[str]
    unknown: list[str] = field(default_factory=list)


def heading_key(text: str) -> str:
    """A heading as it is compared: without what stands in brackets, spaces, stars and dots."""
    return key(_ASIDE.sub("", thai.clean(text)))


def _places(row: Sequence[str], columns: Sequence[Column]) -> dict[int, str]:
    """Column number → key, for every heading of the row that is known."""
    known = {
        heading_key(heading): column.key
        for column in columns
        for heading in (column.heading, *column.others)
    }
    places = {at: known.get(heading_key(text), "") for at, text in enumerate(row)}
    return {at: name for at, name in places.items() if name}


def heading_row(table: Table, columns: Sequence[Column]) -> int | None:
    """The row, from 0, with most of the headings; None when there is none with two or more."""
    counts = [len(set(_places(row, columns).values())) for row in table.rows[:HEADING_WITHIN]]
    best = max(counts, default=0)
    return counts.index(best) if best >= 2 else None


def find(table: Table, columns: Sequence[Column]) -> Found:
    """The rows of the table by column. Raises BadFile: headings missing or twice, no rows."""
    at = heading_row(table, columns)
    heads = table.rows[at] if at is not None else []
    places = _places(heads, columns)
    missing = [c.heading for c in columns if c.needed and c.key not in places.values()]
    if at is None or missing:
        named = missing or [column.heading for column in columns if column.needed]
        raise BadFile("no_headings", headings=", ".join(one_line(name) for name in named))
    for position, name in places.items():
        if [*places.values()].count(name) > 1:
            raise BadFile("heading_twice", heading=one_line(heads[position]))
    rows = [
        (number, {name: row[place] if place < len(row) else "" for place, name in places.items()})
        for number, row in enumerate(table.rows[at + 1 :], start=at + 2)
    ]
    rows = [(number, cells) for number, cells in rows if any(map(str.strip, cells.values()))]
    if not rows:
        raise BadFile("no_rows")
    ours = {heading_key(MARK), ""}
    unknown = [
        one_line(head)
        for place, head in enumerate(heads)
        if place not in places and heading_key(head) not in ours
    ]
    return Found(rows, list(places.values()), unknown)


def one_line(text: str) -> str:
    """A heading in one line, as a message names it."""
    return thai.clean(text)[:60]


def best_table(tables: Iterable[Table], columns: Sequence[Column]) -> Table:
    """The first table that has a heading of the sheet, else the first. Refuses formulas in it."""
    first: Table | None = None
    for table in tables:
        first = first or table
        if heading_row(table, columns) is not None:
            break
    else:
        table = first or Table("", [])
    if table.formulas:
        raise BadFile("formulas", cells=", ".join(table.formulas))
    return table


def judge_length(found: Found, most: int) -> None:
    """BadFile when a sheet has more rows than may be."""
    if len(found.rows) > most:
        raise BadFile("too_many_rows", most=most)
