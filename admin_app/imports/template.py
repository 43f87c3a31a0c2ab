"""Writing a sheet that comes back: drop-down lists, open cells, a hidden key, instructions.

The sheet is protected without a password: what may be typed is open, headings and keys are not.
Everything typed by a person is written as text, never as a formula or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from admin_app.domain.spellings import AsNumber
from admin_app.exports.style import FONT, ROW_HEIGHT, SMALL, lines
from admin_app.imports.columns import MARK, Column
from admin_app.imports.reader import META

LISTS_SHEET, HELP_SHEET = "รายการ", "วิธีกรอก"
SPARE_ROWS = 500
"""Rows below the present ones with drop-down lists; typing goes on below them without."""
FORM = "1"
_BASE = {"font_name": FONT, "font_size": SMALL, "valign": "vcenter"}
_EDGE = {"border": 1, "border_color": "#A6A6A6"}
_HEAD = {
    "bold": True,
    "align": "center",
    "text_wrap": True,
    "bg_color": "#D9E2F3",
    "border": 1,
    "border_color": "#7F7F7F",
}
ALLOWED = {
    "format_columns": True,
    "format_rows": True,
    "sort": True,
    "autofilter": True,
    "insert_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}


@dataclass(slots=True)
class Marks:
    """What a marked workbook says of a row: its text, and the columns that are wrong."""

    text: str = ""
    wrong: frozenset[str] = frozenset()


@dataclass(slots=True)
class Form:
    """A sheet to be written. ``rows``: column key → text; ``numbers``: columns of numbers.

    ``meta``: what the file was made for. ``choices``: list name → its entries. ``marks``: one a
    row, in a marked workbook. ``groups``: headings over neighbouring columns, by column key.
    """

    sheet: str
    title: str
    subtitle: str
    columns: Sequence[Column]
    rows: list[dict[str, str]]
    meta: dict[str, str]
    choices: dict[str, list[str]]
    help: list[tuple[str, str]]
    numbers: frozenset[str] = frozenset()
    groups: dict[str, str] = field(default_factory=dict)
    marks: list[Marks] | None = None


def write(out: Any, form: Form) -> None:
    """Write the workbook to a path or a binary stream."""
    book = xlsxwriter.Workbook(
        out,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    _Writer(book, form).write()
    book.close()


class _Writer:
    def __init__(self, book: Any, form: Form) -> None:
        self.book = book
        self.form = form
        self.columns = list(form.columns)
        if form.marks is not None:
            self.columns.append(Column("mark", MARK, 46))
        self.head = 3 if form.groups else 2
        self.first = self.head + 1
        self.ranges: dict[str, str] = {}

    def _format(self, **more: Any) -> Any:
        return self.book.add_format(_BASE | more)

    def write(self) -> None:
        """All sheets: the one to fill comes first and is open when the file is opened."""
        sheet = self.book.add_worksheet(self.form.sheet)
        self._help()
        self._lists()
        self._meta()
        self._page(sheet)
        self._heads(sheet)
        self._rows(sheet)
        self._validate(sheet)
        sheet.protect("", ALLOWED)
        sheet.activate()

    # --- the sheets beside ------------------------------------------------------------------

    def _help(self) -> None:
        sheet = self.book.add_worksheet(HELP_SHEET)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 92)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_landscape()
        sheet.write_string(
            0, 0, f"วิธีกรอก: {self.form.title}", self._format(bold=True, font_size=20)
        )
        sheet.set_row(0, 32)
        name = self._format(bold=True, valign="top", text_wrap=True, **_EDGE)
        told = self._format(text_wrap=True, valign="top", **_EDGE)
        row = 2
        hints = [
            (column.heading.replace("\n", " "), column.hint)
            for column in self.form.columns
            if column.hint
        ]
        for left, right in (*self.form.help, *hints):
            sheet.write_string(row, 0, left, name)
            sheet.write_string(row, 1, right, told)
            height = max(lines(left, 26, SMALL), lines(right, 92, SMALL))
            sheet.set_row(row, ROW_HEIGHT[SMALL] * height)
            row += 1
        sheet.protect("", ALLOWED)

    def _lists(self) -> None:
        sheet = self.book.add_worksheet(LISTS_SHEET)
        sheet.hide()
        for at, (name, entries) in enumerate(self.form.choices.items()):
            sheet.write_string(0, at, name)
            sheet.write_column(1, at, entries)
            letter = xl_col_to_name(at)
            self.ranges[name] = f"='{LISTS_SHEET}'!${letter}$2:${letter}${max(len(entries), 1) + 1}"
        sheet.protect("")

    def _meta(self) -> None:
        sheet = self.book.add_worksheet(META)
        sheet.very_hidden()
        for row, (name, value) in enumerate({"form": FORM, **self.form.meta}.items()):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, value)

    # --- the sheet to fill ------------------------------------------------------------------

    def _page(self, sheet: Any) -> None:
        sheet.set_default_row(ROW_HEIGHT[SMALL])
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f'&C&"{FONT},Regular"&12 หน้า &P จาก &N')
        sheet.repeat_rows(self.first - 1)
        typed = self._format(locked=False, num_format="@", **_EDGE)
        number = self._format(locked=False, num_format="0", align="right", **_EDGE)
        for at, column in enumerate(self.columns):
            style = number if column.key in self.form.numbers else typed
            options = {"hidden": True} if column.hidden else {}
            locked = column.hidden or column.key == "mark"
            sheet.set_column(at, at, column.width, None if locked else style, options)
        shown = next(i for i, column in enumerate(self.columns) if not column.hidden)
        blank = self._format()
        for row, text, size in ((0, self.form.title, 18), (1, self.form.subtitle, SMALL)):
            sheet.set_row(row, 28 if row == 0 else ROW_HEIGHT[SMALL], blank)
            for at in range(len(self.columns)):
                sheet.write_blank(row, at, None, blank)
            sheet.write_string(row, shown, text, self._format(bold=row == 0, font_size=size))
        sheet.freeze_panes(self.first, 0)

    def _heads(self, sheet: Any) -> None:
        style = self._format(**_HEAD)
        optional = self._format(**(_HEAD | {"bold": False}))
        height = 1
        for at, column in enumerate(self.columns):
            wanted = style if column.needed or column.key == "mark" else optional
            sheet.write_string(self.head, at, column.heading, wanted)
            height = max(height, lines(column.heading, column.width, SMALL))
        sheet.set_row(self.head, ROW_HEIGHT[SMALL] * height)
        if self.form.groups:
            self._groups(sheet, style)

    def _groups(self, sheet: Any, style: Any) -> None:
        start = 0
        names = [self.form.groups.get(column.key, "") for column in self.columns]
        for at in range(1, len(names) + 1):
            if at < len(names) and names[at] == names[start]:
                continue
            if names[start] and at - 1 > start:
                sheet.merge_range(self.head - 1, start, self.head - 1, at - 1, names[start], style)
            else:
                for column in range(start, at):
                    sheet.write_string(self.head - 1, column, names[start], style)
            start = at

    def _rows(self, sheet: Any) -> None:
        typed = self._format(locked=False, num_format="@", **_EDGE)
        wrong = self._format(locked=False, num_format="@", bg_color="#FDE4E5", **_EDGE)
        number = self._format(locked=False, num_format="0", align="right", **_EDGE)
        told = self._format(text_wrap=True, font_color="#A1141F", **_EDGE)
        locked = self._format()
        marks = self.form.marks or []
        for at, cells in enumerate(self.form.rows):
            row = self.first + at
            mark = marks[at] if at < len(marks) else Marks()
            for place, column in enumerate(self.columns):
                text = mark.text if column.key == "mark" else cells.get(column.key, "")
                style = typed
                if column.hidden:
                    style = locked
                elif column.key == "mark":
                    style = told
                elif column.key in mark.wrong:
                    style = wrong
                elif column.key in self.form.numbers:
                    style = number
                if _is_number(text, column.key in self.form.numbers):
                    sheet.write_number(row, place, int(text), style)
                elif text:
                    sheet.write_string(row, place, text, style)
                elif style is not typed:
                    sheet.write_blank(row, place, None, style)
            if mark.text:
                sheet.set_row(row, ROW_HEIGHT[SMALL] * lines(mark.text, 46, SMALL))
        last = self.first + len(self.form.rows) + SPARE_ROWS
        area = f"A1:{xl_rowcol_to_cell(last, len(self.columns) - 1)}"
        sheet.ignore_errors({"number_stored_as_text": area})
        sheet.autofilter(self.head, 0, max(last - SPARE_ROWS, self.first), len(self.columns) - 1)

    def _validate(self, sheet: Any) -> None:
        last = self.first + len(self.form.rows) + SPARE_ROWS
        for at, column in enumerate(self.columns):
            source = self.ranges.get(column.pick)
            if not source:
                continue
            sheet.data_validation(
                self.first,
                at,
                last,
                at,
                {
                    "validate": "list",
                    "source": source,
                    "ignore_blank": True,
                    # other spellings are understood, so Excel may warn but not refuse
                    "error_type": "warning" if column.strict else "information",
                    "show_error": column.strict,
                    "error_title": "ไม่อยู่ในรายการ",
                    "error_message": "ควรเลือกจากรายการ หากแน่ใจว่าระบบเข้าใจ กดใช่",
                },
            )


def _is_number(text: str, counted: bool) -> bool:
    """Whether a cell stays a number: in a column of numbers, or as the upload had it."""
    as_it_was = isinstance(text, AsNumber)
    return (counted or as_it_was) and text.isascii() and text.isdigit() and len(text) <= 15
