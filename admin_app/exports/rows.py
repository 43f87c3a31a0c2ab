"""Rows in a hurry: the lines of a long list as XML of our own, inside a workbook of XlsxWriter's.

XlsxWriter makes an object of every cell and looks again at each string; a list of 100,000 children
has 1.8 million cells that say some thousand different things. Here each of those is made ready
once, and a row is put together from them. Page, styles, widths and all else are XlsxWriter's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape
from itertools import islice
from operator import call
from shutil import copyfileobj
from types import FunctionType
from typing import Any
from zipfile import ZipFile

import xlsxwriter.workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from admin_app.exports.columns import Column, Value
from admin_app.exports.style import MOST_LINES, ROW_HEIGHT, letters, lines

Says = Callable[[Any], Value]
"""What a cell says, of the value that the query gave."""
Cell = tuple[str, int]
"""The XML of a cell, with ``ROW`` for the row's number, and how many lines it needs."""

MOST_REMEMBERED = 20_000
"""Different values of a column that are made ready once; what comes later is made each time."""
MOST_SHARED = 60_000
"""Texts in the workbook's table of strings, which lies in memory; later ones stand in rows."""
LONGEST = 16_000
"""Letters of a cell, below Excel's own bound."""
PORTION = 500
COPIED = 1 << 20
QUICK = 1
"""zlib's level: a third of the time of the usual one, a tenth more bytes."""

ROW = "\0"
"""Stands for the row's number; no text holds one, as Excel's escapes take its place."""

_ODD = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\s|\s\Z")
_PLAIN = re.compile("[0-9A-Za-zก-๛]+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9a-fA-F]{4}_)")


def inline(text: str) -> str:
    """A text inside its cell, with Excel's own escapes for what XML cannot hold."""
    if not _ODD.search(text):
        return f"<is><t>{text}</t></is>"
    text = _LOOKS_ESCAPED.sub("_x005F_", text)
    text = _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
    return f'<is><t xml:space="preserve">{escape(text, quote=False)}</t></is>'


class Cells(dict[Any, Cell]):
    """The cells of a column, by the value that the query gives; made when first asked for.

    ``styles``: the numbers of the formats of a figure and of a text. ``shared``: gives a text its
    place in the workbook's table of strings.
    """

    def __init__(
        self,
        at: int,
        column: Column,
        size: int,
        styles: tuple[int, int],
        says: Says | None,
        shared: Callable[[str], int],
    ) -> None:
        super().__init__()
        self.column, self.size, self.says, self.shared = column, size, says, shared
        figure, text = (f'<c r="{xl_col_to_name(at)}{ROW}" s="{style}"' for style in styles)
        self.nothing: dict[str | None, Cell] = {None: (f"{figure}/>", 1), "": (f"{text}/>", 1)}
        self.figure = f"{figure}><v>"
        self.text, self.in_table = f'{text} t="inlineStr">', f'{text} t="s"><v>'

    @property
    def read(self) -> Callable[[Any], Cell]:
        """What gives the cell of a value."""
        return self._quickly() if self.column.unique else self.__getitem__

    def _quickly(self) -> Callable[[Any], Cell]:
        """``make`` for a column of ever new values: short plain texts and whole numbers at once."""
        figure, text, make, says = self.figure, self.text, self.make, self.says
        plain, room = _PLAIN.fullmatch, letters(self.column.width, self.size)

        def read(raw: Any) -> Cell:
            value = says(raw) if says else raw
            if type(value) is int:
                return f"{figure}{value}</v></c>", 1
            if type(value) is str and len(value) <= room and plain(value):
                return f"{text}<is><t>{value}</t></is></c>", 1
            return make(raw)

        return read

    def __missing__(self, raw: Any) -> Cell:
        made = self.make(raw)
        if len(self) < MOST_REMEMBERED:
            self[raw] = made
        return made

    def make(self, raw: Any) -> Cell:
        """The cell of a value, made anew."""
        value = self.says(raw) if self.says else raw
        if value is None or value == "":
            return self.nothing[value]
        if not isinstance(value, str):
            return f"{self.figure}{value}</v></c>", 1
        value = value[:LONGEST]
        column = self.column
        needs = 1 if column.hidden else lines(value, column.width, self.size)
        place = -1 if column.unique else self.shared(value)
        if place < 0:
            return f"{self.text}{inline(value)}</c>", needs
        return f"{self.in_table}{place}</v></c>", needs


def rows_as_xml(
    rows: Iterable[Sequence[Any]], cells: Sequence[Cells], first: int, size: int
) -> Iterator[str]:
    """Each row's XML, from row ``first`` (counted from 0) on. ValueError for a value too many."""
    readers = [column.read for column in cells]
    starts = {
        needs: f'<row r="{ROW}" ht="{ROW_HEIGHT[size] * needs:.16g}" customHeight="1">'
        for needs in range(1, MOST_LINES + 1)
    }
    for number, row in enumerate(rows, start=first + 1):
        if len(row) != len(readers):
            raise ValueError(f"{len(row)} values for {len(readers)} columns")
        texts, needs = zip(*map(call, readers, row), strict=True)
        start = starts[min(max(needs), MOST_LINES)]
        yield f"{start}{''.join(texts)}</row>".replace(ROW, str(number))


class RowSheet(Worksheet):
    """A sheet in constant-memory mode that takes whole rows as XML, too."""

    def add_rows(self, rows: Iterable[str], first: int, last_column: int) -> int:
        """Append rows from row ``first`` on; answers with the number of the row after the last."""
        self._write_single_row(first)
        row, left = first, iter(rows)
        while portion := list(islice(left, PORTION)):
            self.row_data_fh.write("".join(portion))
            row += len(portion)
        if row > first:
            self._check_dimensions(first, 0)
            self._check_dimensions(row - 1, last_column)
        self.previous_row = row
        return row

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Without the sign; XlsxWriter looks for thirty functions that Excel learned lately."""
        return formula.removeprefix("=")

    def _write_optimized_sheet_data(self) -> None:
        """As XlsxWriter's, but bytes are copied, not letters."""
        if self.dim_rowmin is None:
            super()._write_optimized_sheet_data()
            return
        self._xml_start_tag("sheetData")
        self.row_data_fh.close()
        self.fh.flush()
        with open(self.row_data_filename, "rb") as rows:
            copyfileobj(rows, self.fh.buffer, COPIED)
        os.unlink(self.row_data_filename)
        self._xml_end_tag("sheetData")

    def drop(self) -> None:
        """Let go of the file with the rows, if there is one."""
        if self.row_data_fh:
            self.row_data_fh.close()

    def shared(self, text: str) -> int:
        """The text's place in XlsxWriter's table of strings; -1 when that is full."""
        table = self.str_table
        if table.unique_count >= MOST_SHARED and text not in table.string_table:
            return -1
        place: int = table._get_shared_string_index(text)
        return place


class QuickWorkbook(xlsxwriter.workbook.Workbook):
    """A workbook of such sheets that is packed quickly."""

    worksheet_class = RowSheet
    # XlsxWriter's own method, but for the level of its ZipFile, for which it has no option.
    _store_workbook = FunctionType(
        xlsxwriter.workbook.Workbook._store_workbook.__code__,
        vars(xlsxwriter.workbook) | {"ZipFile": partial(ZipFile, compresslevel=QUICK)},
    )
