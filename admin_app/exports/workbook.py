"""The one writer: a workbook whose sheets all print alike, and whose texts stay texts.

A4 landscape, one page wide, headings repeated and frozen, page numbers, cycle, edition, time and
person in the footer; ฉบับร่าง on every sheet of a draft. Nothing typed by a person can become a
formula or a link: strings are written as strings, with the format of text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from tempfile import TemporaryDirectory
from typing import Any

from admin_app.domain.stages import STAGES
from admin_app.exports import words
from admin_app.exports.columns import Column, Formula, SheetSpec, Stages, Value, cell, hiding
from admin_app.exports.request import Stamp
from admin_app.exports.rows import Cells, QuickWorkbook, Says, rows_as_xml
from admin_app.exports.style import FONT, MOST_LINES, PARTS, ROW_HEIGHT, SIZE, SMALL, TYPE, lines

__all__ = ["Book", "Column", "Formula", "Sheet", "SheetSpec", "Value", "cell", "hiding"]

A4 = 9
LONGEST_NAME = 60


class Book:
    """A workbook being written to a path or a binary stream; ``close`` finishes it.

    ``streaming``: rows are written in order and leave memory at once.
    """

    def __init__(self, out: Any, stamp: Stamp, *, streaming: bool = False) -> None:
        self.stamp = stamp
        self._folder = TemporaryDirectory(prefix="lec-export-")
        self.workbook = QuickWorkbook(
            out,
            {
                "constant_memory": streaming,
                "tmpdir": self._folder.name,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.workbook.set_properties(
            {
                "title": stamp.title,
                "subject": stamp.cycle,
                "author": stamp.made_by,
                "keywords": stamp.edition,
                "created": stamp.made_at.replace(tzinfo=None),
            }
        )
        self._formats: dict[tuple[str, ...], Any] = {}
        self._sheets: list[Sheet] = []

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        for sheet in self._sheets:
            sheet.worksheet.drop()
        self._folder.cleanup()  # what was begun of a workbook that comes to nothing

    def format(self, *parts: str) -> Any:
        """The cell format made of these parts, in the house font."""
        if parts not in self._formats:
            properties: dict[str, Any] = {**TYPE, "font_size": SIZE}
            for part in parts:
                properties |= PARTS[part]
            self._formats[parts] = self.workbook.add_format(properties)
        return self._formats[parts]

    def sheet(self, name: str, columns: Sequence[Column], *, small: bool = False) -> Sheet:
        """A new sheet with these columns; ``small``: a wide table in the smaller type."""
        return self.declared(SheetSpec(name, tuple(columns), small=small))

    def declared(
        self,
        spec: SheetSpec,
        stages: Stages = tuple(STAGES),
        hidden: Iterable[str] = (),
        *,
        more: bool = False,
    ) -> Sheet:
        """A new sheet as it is declared, for data with these stages; ``hidden``: headings.

        ``more``: with the columns that not all data has.
        """
        columns = hiding(spec.columns_of(stages), *hidden)
        made = Sheet(self, spec, (*columns, *spec.more) if more else columns)
        self._sheets.append(made)
        return made

    def close(self) -> None:
        """Finish every sheet and write the file."""
        for sheet in self._sheets:
            sheet.finish()
        self.workbook.close()
        self._folder.cleanup()


class Sheet:
    """A sheet with a title, a heading and rows, filled from above."""

    def __init__(self, book: Book, spec: SheetSpec, columns: tuple[Column, ...]) -> None:
        self.book = book
        self.name = spec.name
        self.columns = columns
        self.sums: dict[int, float] = dict.fromkeys(spec.totalled(columns), 0)
        """Column number → the sum of its figures so far, of the columns that are summed up."""
        self.size = SMALL if spec.small else SIZE
        self.next_row = 0
        self.head_row: int | None = None
        self._small = ("small",) if spec.small else ()
        self.worksheet = book.workbook.add_worksheet(spec.name)
        self.worksheet.set_default_row(ROW_HEIGHT[self.size])
        for at, column in enumerate(self.columns):
            hidden = {"hidden": True} if column.hidden else {}
            self.worksheet.set_column(at, at, column.width, None, hidden)
        self._page()

    @property
    def last_column(self) -> int:
        """The number of the last column, from 0."""
        return len(self.columns) - 1

    def _page(self) -> None:
        sheet, stamp = self.worksheet, self.book.stamp
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_margins(left=0.4, right=0.4, top=0.8 if stamp.draft else 0.5, bottom=0.7)
        sheet.hide_gridlines(2)
        # The space after a size keeps digits of the text from becoming part of it.
        small = f'&"{FONT},Regular"&12 '
        edition = f" · {stamp.edition}" if stamp.edition else ""
        by = stamp.made_by[:LONGEST_NAME].replace("&", "&&")
        sheet.set_footer(
            f"&L{small}รอบ {stamp.cycle}{edition}&C{small}หน้า &P จาก &N"
            f"&R{small}{stamp.moment} โดย {by}"
        )
        if stamp.draft:
            sheet.set_header(f'&C&"{FONT},Bold"&28 {words.DRAFT}', {"margin": 0.2})

    def _put(self, row: int, column: int, value: Value, style: Any) -> None:
        if value is None or value == "":
            self.worksheet.write_blank(row, column, None, style)
        elif isinstance(value, Formula):
            self.worksheet.write_formula(row, column, value.text, style, value.value)
        elif isinstance(value, str):
            self.worksheet.write_string(row, column, value, style)
        else:
            self.worksheet.write_number(row, column, value, style)

    def line(self, text: str, *parts: str, height: float | None = None) -> None:
        """A line of text over the whole width, outside the table."""
        if height:
            self.worksheet.set_row(self.next_row, height)
        self._put(self.next_row, 0, text, self.book.format(*parts))
        self.next_row += 1

    def title(self, title: str, subtitle: str = "") -> None:
        """The lines over the table; of a draft, ฉบับร่าง first."""
        if self.book.stamp.draft:
            self.line(words.DRAFT_NOTE, "draft", height=34)
        self.line(title, "title", height=32)
        if subtitle:
            self.line(subtitle, "subtitle", height=26)

    def note(self, text: str) -> None:
        """A remark below or instead of rows."""
        self.line(text, *self._small, "note")

    def pair(self, label: str, value: Value, *parts: str) -> None:
        """A label in the first column, its value across all the others."""
        row = self.next_row
        style = self.book.format("cell", "text", *parts)
        self._put(row, 0, label, self.book.format("cell", "text", "bold"))
        if self.last_column > 1:
            self.worksheet.merge_range(row, 1, row, self.last_column, "", style)
        self._put(row, 1, value, style)
        self.next_row += 1

    def head(self, *, repeated: bool = True) -> None:
        """The heading, of two rows where columns are grouped: repeated on paper, frozen here."""
        style = self.book.format(*self._small, "head")
        self.head_row = self.next_row
        height = max(lines(c.heading, c.width, self.size) for c in self.columns if not c.hidden)
        if any(column.group for column in self.columns):
            self._grouped_head(style)
            self.next_row += 1
            grouped = [c for c in self.columns if c.group]
            height = max(height - 1, *(lines(c.heading, c.width, self.size) for c in grouped))
        else:
            for at, column in enumerate(self.columns):
                self._put(self.next_row, at, column.heading, style)
        self.worksheet.set_row(self.next_row, ROW_HEIGHT[self.size] * height)
        self.next_row += 1
        if not repeated:
            return
        self.worksheet.repeat_rows(self.head_row, self.next_row - 1)
        self.worksheet.freeze_panes(self.next_row, self._frozen_columns())

    def _frozen_columns(self) -> int:
        """The running number and the name stay in sight, where there is room for the rest."""
        texts = next((i for i, c in enumerate(self.columns) if c.kind not in ("count", "text")), 0)
        shown = (column.width for column in self.columns[:texts] if not column.hidden)
        return texts if sum(shown) < 70 else 0

    def _grouped_head(self, style: Any) -> None:
        first, second = self.next_row, self.next_row + 1
        for group, together in groupby(enumerate(self.columns), key=lambda pair: pair[1].group):
            members = list(together)
            start, end = members[0][0], members[-1][0]
            if not group:
                for at, column in members:
                    self.worksheet.merge_range(first, at, second, at, column.heading, style)
                continue
            if start == end:
                self._put(first, start, group, style)
            else:
                self.worksheet.merge_range(first, start, first, end, group, style)
            for at, column in members:
                self._put(second, at, column.heading, style)

    def row(self, values: Iterable[Value], *parts: str, level: int = 0) -> int:
        """Write a row of the table; answers with its number, from 0. ``level``: of the outline.

        Fewer values than columns leave the rest of the row without a frame.
        ``parts`` are added to every cell; those that indent, to the first text column only.
        """
        row, values = self.next_row, list(values)
        if len(values) > len(self.columns):
            raise ValueError(f"{len(values)} values for {len(self.columns)} columns")
        indents = tuple(part for part in parts if part.startswith("indent"))
        plain = tuple(part for part in parts if part not in indents)
        height = 1
        for at, (column, value) in enumerate(zip(self.columns, values, strict=False)):
            kind = column.kind
            if at in self.sums and not isinstance(value, str):
                self.sums[at] += _figure(value)
            extra = indents if kind == "text" else ()
            indents = () if extra else indents
            if isinstance(value, str):
                kind = kind if kind in ("text", "centre") else "centre"
                needs = 1 if column.hidden else lines(value, column.width, self.size)
                height = max(height, needs)
            self._put(row, at, value, self.book.format(*self._small, "cell", kind, *plain, *extra))
        if height > 1 or level:
            self.worksheet.set_row(
                row,
                ROW_HEIGHT[self.size] * min(height, MOST_LINES),
                None,
                {"level": level} if level else {},
            )
        self.next_row += 1
        return row

    def rows(self, rows: Iterable[Sequence[Any]], says: Mapping[str, Says]) -> int:
        """Write many plain rows, quickly, in a streaming book; answers with how many.

        ``rows``: a value per column, as the query gives it; ``says``: heading → what a cell of the
        column says of it. The same value says the same in every row.
        """
        first = self.next_row
        cells = [self._cells(at, says) for at in range(len(self.columns))]
        xml = rows_as_xml(rows, cells, first, self.size)
        self.next_row = self.worksheet.add_rows(xml, first, self.last_column)
        return self.next_row - first

    def _cells(self, at: int, says: Mapping[str, Says]) -> Cells:
        column = self.columns[at]
        as_text = column.kind if column.kind in ("text", "centre") else "centre"
        figure, text = (
            self.book.format(*self._small, "cell", kind)._get_xf_index()
            for kind in (column.kind, as_text)
        )
        says_it = says.get(column.heading)
        return Cells(at, column, self.size, (figure, text), says_it, self.worksheet.shared)

    def total(
        self, label: str, first: int, sums: Mapping[int, float] | None = None, *parts: str
    ) -> int:
        """A row of totals over the rows from ``first``: =SUM with the values in place.

        ``sums``: column number → its value now; without, those of the declared columns over all
        rows so far. ``label`` stands in the first text column.
        """
        if sums is None:
            sums = {at: round(value, 2) for at, value in self.sums.items()}
        values: list[Value] = [None] * len(self.columns)
        values[next(i for i, c in enumerate(self.columns) if c.kind == "text")] = label
        last = self.next_row - 1
        for column, value in sums.items():
            span = f"{cell(first, column)}:{cell(last, column)}"
            values[column] = Formula(f"=SUM({span})", value) if last >= first else 0
        return self.row(values, *(parts or ("total",)))

    def ref(self, row: int, column: int) -> str:
        """A cell of this sheet, for a formula on another."""
        quoted = self.name.replace("'", "''")
        return f"='{quoted}'!{cell(row, column)}"

    def finish(self) -> None:
        """Say what is printed, and stop programs from marking digits in text cells."""
        last = max(self.next_row - 1, 0)
        self.worksheet.print_area(0, 0, last, self.last_column)
        everything = f"A1:{cell(last, self.last_column)}"
        self.worksheet.ignore_errors({"number_stored_as_text": everything})


def _figure(value: Value) -> float:
    figure = value.value if isinstance(value, Formula) else value
    return figure if isinstance(figure, (int, float)) else 0
