"""What a sheet is declared as: its name, its columns, which of them are summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from admin_app.domain.stages import STAGES

FIGURES = ("number", "money")
"""Kinds of columns that can be summed up."""


class Formula(NamedTuple):
    """A formula and the value that it has now, so that no program has to calculate first."""

    text: str
    value: float | str


Value = str | int | float | Formula | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``kind``: a part of ``style``: text, centre, count, number, money.

    ``group``: a heading over neighbouring columns that bear the same one. ``hidden``: there, but
    neither shown nor printed. ``unique``: hardly two rows say the same, as with numbers of people.
    """

    heading: str
    width: float
    kind: str = "text"
    group: str = ""
    hidden: bool = False
    unique: bool = False


def hiding(columns: Iterable[Column], *headings: str) -> tuple[Column, ...]:
    """The columns, those with these headings hidden: they say the same in every row."""
    return tuple(replace(c, hidden=True) if c.heading in headings else c for c in columns)


Stages = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A sheet of a workbook as it is declared: the writer, the docs and the tests read it.

    ``columns``: the columns, or what makes them of the stages that the data has. ``totals``:
    headings of columns that are summed up; ``EVERY_FIGURE`` for all of figures and money.
    ``small``: a wide table, in the smaller type. ``more``: columns that follow where the data has
    something to say in them.
    """

    name: str
    columns: tuple[Column, ...] | Callable[[Stages], tuple[Column, ...]]
    totals: tuple[str, ...] = ()
    small: bool = True
    more: tuple[Column, ...] = ()

    def columns_of(self, stages: Stages = tuple(STAGES)) -> tuple[Column, ...]:
        """The columns where the data has these stages."""
        return self.columns(stages) if callable(self.columns) else self.columns

    def totalled(self, columns: Iterable[Column]) -> tuple[int, ...]:
        """The numbers of the columns that are summed up."""
        return tuple(
            at
            for at, column in enumerate(columns)
            if column.kind in FIGURES
            and (self.totals == EVERY_FIGURE or column.heading in self.totals)
        )


EVERY_FIGURE = ("*",)


def cell(row: int, column: int) -> str:
    """A cell's name, counted from 0: (0, 0) is A1."""
    name: str = xl_rowcol_to_cell(row, column)
    return name
