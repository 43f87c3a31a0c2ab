"""A school in an open cycle, and workbooks as people send them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import openpyxl
import xlsxwriter

from admin_app.config import ImportLimits
from admin_app.domain.plan import Plan, Row
from admin_app.imports import children, roster
from tests.services.conftest import (  # noqa: F401 (fixtures)
    Chain,
    chain,
    clock,
    country,
    database_url,
    postgres_room,
)

LIMITS = ImportLimits()
HEADINGS = {column.key: column.heading for column in roster.COLUMNS}
NEW = {
    "id_number": "1-2345-67890-12-1",
    "prefix": "ด.ญ.",
    "first_name": "เกศแก้ว",
    "last_name": "ใจดี",
    "sex": "หญิง",
    "birth_date": "15/3/2560",
    "grade": "ป.1",
}


def workbook(rows: Iterable[Iterable[Any]], *, sheet: str = "Sheet1", **more: Any) -> bytes:
    """An .xlsx with these cells; ``more``: further sheets by name."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    for name, cells in {sheet: rows, **more}.items():
        made = book.add_worksheet(name)
        for at, row in enumerate(cells):
            made.write_row(at, 0, list(row))
    book.close()
    return out.getvalue()


def sheet_of(rows: Iterable[Mapping[str, Any]], names: Iterable[str] | None = None) -> bytes:
    """An .xlsx with the headings of the roster (those that the rows have) and these rows."""
    found = list(rows)
    keys = list(names or dict.fromkeys(key for row in found for key in row))
    return workbook(
        [[HEADINGS[key] for key in keys], *([row.get(k, "") for k in keys] for row in found)]
    )


def template(chain: Chain) -> bytes:  # noqa: F811
    """The workbook of the chain's school as it is downloaded."""
    out = io.BytesIO()
    children.template(out, chain.cycle, chain.school, chain.country.clock())
    return out.getvalue()


class Filled:
    """A downloaded workbook that somebody fills in: by child's row and by column's key."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))
        self.sheet = self.book.worksheets[0]
        self.head = next(
            row for row in range(1, 10) if self.sheet.cell(row, 1).value == HEADINGS["key"]
        )
        names = {heading: key for key, heading in HEADINGS.items()}
        self.columns = {
            names[cell.value]: cell.column for cell in self.sheet[self.head] if cell.value in names
        }
        self.next = self.head + 1
        while self.sheet.cell(self.next, 1).value:
            self.next += 1

    def row_of(self, student: Any) -> int:
        """The row of a child."""
        column = self.columns["key"]
        return next(
            row
            for row in range(self.head + 1, self.next)
            if str(self.sheet.cell(row, column).value).endswith(f"/{student.id}")
        )

    def put(self, row: int, **cells: Any) -> Filled:
        """Type into a row."""
        for key, value in cells.items():
            self.sheet.cell(row, self.columns[key]).value = value
        return self

    def edit(self, student: Any, **cells: Any) -> Filled:
        """Type into a child's row."""
        return self.put(self.row_of(student), **cells)

    def add(self, **cells: Any) -> Filled:
        """Type a new row below the others."""
        self.put(self.next, **cells)
        self.next += 1
        return self

    def bytes(self) -> bytes:
        """The workbook as it is saved."""
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def read(chain: Chain, data: bytes, **over: Any) -> Plan:  # noqa: F811
    """The plan of a file for the chain's school."""
    where = {"cycle": chain.cycle, "unit": chain.school} | over
    return children.read(data, where["cycle"], where["unit"], LIMITS, chain.country.clock())


def states(plan: Plan) -> dict[str, int]:
    """The states that occur, with their counts."""
    return {state: count for state, count in plan.counts().items() if count}


def only(plan: Plan) -> Row:
    """The one row of the file."""
    (row,) = [row for row in plan.rows if row.number]
    return row
