"""Bytes → tables of text cells. Every bad file ends in BadFile, before anything large is made."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from admin_app.config import MB, ImportLimits
from admin_app.domain.spellings import AsNumber
from admin_app.imports.bad import BadFile
from admin_app.imports.package import MOST_COLUMNS, Package, judge_box

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
META = "lec"
"""The hidden sheet of a template that says which form, cycle and unit it was made for."""
MOST_SHEETS = 20
Rows = list[list[str]]


@dataclass(slots=True)
class Table:
    """A sheet as text, from its first row. ``formulas``: the first cells that hold one."""

    name: str
    rows: Rows
    formulas: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """What a file holds: what its template was made for, and its visible sheets, one at a time."""

    meta: dict[str, str]
    tables: Iterator[Table]


def read(data: bytes, limits: ImportLimits) -> Book:
    """The workbook or csv in ``data``. Raises BadFile for whatever cannot be taken."""
    if not data:
        raise BadFile("empty")
    if len(data) > limits.file_bytes:
        raise BadFile("too_big", most=limits.file_bytes // MB)
    if data.startswith(OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise BadFile("encrypted" if encrypted else "old_excel")
    if data.startswith(ZIP):
        return _workbook(data, limits)
    return Book({}, iter([Table("", _csv(data, limits))]))


# --- workbooks -----------------------------------------------------------------------------------


def _workbook(data: bytes, limits: ImportLimits) -> Book:
    package = Package(data, limits)
    parts = package.sheets()
    book = _open(data)
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if not names or len(book.sheet_names) > MOST_SHEETS:
        raise BadFile("not_a_workbook" if not names else "damaged")

    def table(name: str) -> Table:
        extent = package.extent(parts.get(name, ""))
        return Table(name, list(_rows(book, name)), extent.formulas)

    meta = {}
    if META in book.sheet_names and META in parts:
        meta = {row[0]: row[1] for row in table(META).rows if len(row) > 1}
    return Book(meta, (table(name) for name in names))


def _calm(error: BaseException) -> None:
    """BadFile for the reader's own errors and panics (which are no Exception); else as it is."""
    if isinstance(error, CalamineError) or type(error).__name__ == "PanicException":
        raise BadFile("damaged") from None
    raise error


def _open(data: bytes) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except BaseException as error:
        _calm(error)
        raise


def _rows(book: CalamineWorkbook, name: str) -> Iterator[list[str]]:
    try:
        sheet = book.get_sheet_by_name(name)
        lead = [""] * (sheet.start or (0, 0))[1]  # rows come from the first, columns do not
        for row in sheet.iter_rows():
            yield [*lead, *map(_text, row)]
    except BaseException as error:
        _calm(error)


def _text(value: Any) -> str:
    """A cell as text: numbers without a needless ".0" and marked as such, days as 2560-03-15."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 2**53
        return AsNumber(int(value) if whole else repr(value))
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, (time, timedelta)) else AsNumber(value)


# --- csv -----------------------------------------------------------------------------------------

_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_NOT_TEXT = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1a")
_FOREIGN = (b"%PDF", b"{\\rtf", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"Rar!", b"7z\xbc")


def _decoded(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or TIS-620 (as Windows has it)."""
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise BadFile("damaged") from None
    markup = data.lstrip()[:1] == b"<"
    if data.startswith(_FOREIGN) or markup or not _NOT_TEXT.isdisjoint(data):
        raise BadFile("not_a_workbook")
    for encoding in ("utf-8", "cp874"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("not_a_workbook")


def _csv(data: bytes, limits: ImportLimits) -> Rows:
    text = _decoded(data).rstrip("\x1a")
    counts = Counter(char for char in text[:4_000] if char in ",;\t")
    delimiter = counts.most_common(1)[0][0] if counts else ","
    rows: Rows = []
    formulas: list[str] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if len(rows) > limits.rows + 100:
                raise BadFile("too_many_rows", most=limits.rows)
            if len(row) > MOST_COLUMNS:
                raise BadFile("too_wide", column="FD")
            rows.append([_typed(cell) for cell in row])
            if len(formulas) < 3:
                formulas += [cell[:20] for cell in rows[-1] if cell.startswith("=")]
    except csv.Error:
        raise BadFile("damaged") from None
    judge_box(len(rows), max(map(len, rows), default=0))
    if formulas:
        raise BadFile("formulas", cells=", ".join(formulas[:3]))
    return rows


def _typed(cell: str) -> str:
    """A cell of a csv, which does not say what was a number; ="0123" is Excel's way to say text."""
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1].replace('""', '"')
    return AsNumber(cell) if cell.isascii() and cell.strip().isdigit() else cell
