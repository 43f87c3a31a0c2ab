"""Every bad file is a clear message before anything large is made; good ones are read as text."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from admin_app.config import ROOT, ImportLimits
from admin_app.domain.spellings import AsNumber
from admin_app.imports import reader
from admin_app.imports.bad import REASONS, BadFile
from tests.imports.conftest import workbook

LIMITS = ImportLimits()
GOOD = workbook([["ชื่อ", "ชั้น"], ["เกศแก้ว", "ป.1"]])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def tables(data: bytes, limits: ImportLimits = LIMITS) -> list[list[list[str]]]:
    """The rows of every sheet."""
    return [table.rows for table in reader.read(data, limits).tables]


def code_of(data: bytes, limits: ImportLimits = LIMITS) -> str:
    """Why a file is refused."""
    with pytest.raises(BadFile) as info:
        tables(data, limits)
    assert info.value.message % info.value.params  # the text has all of its values
    return info.value.code


def repacked(
    data: bytes = GOOD, drop: tuple[str, ...] = (), put: dict[str, bytes] | None = None
) -> bytes:
    """The workbook with parts of the package left out or put in."""
    out = io.BytesIO()
    put = put or {}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            if name not in drop and name not in put:
                new.writestr(name, old.read(name))
        for name, content in put.items():
            new.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def with_sheet(inside: str, head: str = "") -> bytes:
    """The workbook whose sheet's XML holds these rows."""
    text = f"{head}<worksheet {MAIN}><sheetData>{inside}</sheetData></worksheet>"
    return repacked(put={SHEET: text.encode()})


def formula_book() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["ชื่อ", "ชั้น"])
    sheet.write_formula("B2", '=CONCATENATE("ป.",1)', None, "ป.1")
    book.close()
    return out.getvalue()


def macro_book() -> bytes:
    types = zipfile.ZipFile(io.BytesIO(GOOD)).read("[Content_Types].xml")
    return repacked(
        put={
            "[Content_Types].xml": types.replace(
                b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            )
        }
    )


def lying_bomb() -> bytes:
    """A part of 200 MB whose directory entry says that it has a hundred bytes."""
    data = bytearray(repacked(put={"xl/sharedStrings.xml": b"0" * 200 * 2**20}))
    for at in range(len(data)):
        if data[at : at + 4] == b"PK\x01\x02":
            length = struct.unpack_from("<H", data, at + 28)[0]
            if data[at + 46 : at + 46 + length] == b"xl/sharedStrings.xml":
                struct.pack_into("<L", data, at + 24, 100)
                struct.pack_into("<L", data, at + 16, zlib.crc32(b"0" * 100))
    return bytes(data)


def repeated_strings() -> bytes:
    """A few MB of XML whose cells all repeat one text of a million letters."""
    text = f"<sst {MAIN}><si><t>{'ก' * 1_000_000}</t></si></sst>"
    cells = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    types = b'<Override PartName="/xl/sharedStrings.xml" ContentType="x"/>'
    return repacked(
        with_sheet(cells * 1_000), put={"xl/sharedStrings.xml": text.encode(), "x": types}
    )


BAD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "a picture": ("not_a_workbook", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "a PDF": ("not_a_workbook", lambda: b"%PDF-1.7 ..."),
    "a page that calls itself xls": ("not_a_workbook", lambda: b"<html><table></table></html>"),
    "random bytes": ("not_a_workbook", lambda: bytes(range(256))),
    "a text in no known encoding": ("not_a_workbook", lambda: b"a,b\r\n\xff\xfc\xdb,1"),
    "a zip of something else": ("not_a_workbook", lambda: _zip({"a.txt": b"a"})),
    "a Word document": ("not_a_workbook", lambda: repacked(drop=("xl/workbook.xml",))),
    "an old workbook": ("old_excel", lambda: OLE + "Workbook".encode("utf-16-le") + bytes(600)),
    "an encrypted workbook": (
        "encrypted",
        lambda: OLE + bytes(100) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
    ),
    "an encrypted zip": ("encrypted", lambda: _flagged(GOOD)),
    "a macro file by its part": ("macros", lambda: repacked(put={"xl/vbaProject.bin": b"x"})),
    "a macro file by its type": ("macros", macro_book),
    "a file cut off": ("damaged", lambda: GOOD[: len(GOOD) // 2]),
    "a file cut off at its end": ("damaged", lambda: GOOD[:-10]),
    "a file with other bytes inside": ("damaged", lambda: _spoilt(GOOD)),
    "a workbook without its sheet": ("damaged", lambda: repacked(drop=(SHEET,))),
    "a sheet that is no XML": ("damaged", lambda: repacked(put={SHEET: b"<worksheet><"})),
    "a sheet with entities": (
        "damaged",
        lambda: with_sheet("", '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa">]>'),
    ),
    "a cell that is no cell": ("damaged", lambda: with_sheet('<row><c r="?1"/></row>')),
    "a zip bomb": (
        "bomb",
        lambda: repacked(put={"xl/media/image1.png": bytes(200 * 2**20)}),
    ),
    "a zip bomb that lies about its size": ("bomb", lying_bomb),
    "cells that repeat a long text": ("bomb", repeated_strings),
    "a million rows": (
        "too_many_rows",
        lambda: with_sheet("<row><c><v>1</v></c></row>" * 1_000_000),
    ),
    "one cell in the last row": (
        "too_many_rows",
        lambda: with_sheet('<row><c r="A1048576"/></row>'),
    ),
    "one cell in the last column": ("too_wide", lambda: with_sheet('<row><c r="XFD1"/></row>')),
    "cells without end": (
        "too_many_cells",
        lambda: with_sheet(("<row>" + "<c><v>1</v></c>" * 160 + "</row>") * 9_999),
    ),
    "a csv of a million rows": ("too_many_rows", lambda: b"a,b\n" + b"1,2\n" * 1_000_000),
    "a csv with a formula": ("formulas", lambda: "ชื่อ,ชั้น\n=1+1,ป.1".encode()),
    "a csv with an open quote": ("damaged", lambda: b'a,b\n"1,2\n3,4'),
    "a csv that is very wide": ("too_wide", lambda: b"," * 300),
}


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def _flagged(data: bytes) -> bytes:
    spoilt = bytearray(data)
    at = spoilt.index(b"PK\x01\x02")
    spoilt[at + 8] |= 1
    return bytes(spoilt)


def _spoilt(data: bytes) -> bytes:
    spoilt = bytearray(data)
    at = spoilt.index(SHEET.encode()) + 60
    spoilt[at : at + 20] = bytes(20)
    return bytes(spoilt)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_reason(name: str) -> None:
    reason, make = BAD[name]
    small = replace(LIMITS, file_bytes=20 * 2**20)
    assert code_of(make(), small) == reason


def test_a_file_that_is_too_large_is_refused_before_it_is_opened() -> None:
    assert code_of(GOOD, replace(LIMITS, file_bytes=len(GOOD) - 1)) == "too_big"


def test_a_sheet_with_formulas_says_which_cells() -> None:
    (table,) = reader.read(formula_book(), LIMITS).tables
    assert table.formulas == ["B2"]


def test_every_reason_is_a_text_that_says_what_to_do() -> None:
    assert all(text.count(".") >= 2 for text in REASONS.values())


def refused_in_words(data: bytes) -> None:
    """Nothing but BadFile comes out of a file; it may be good."""
    with suppress(BadFile):
        tables(data)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_workbook_never_ends_in_anything_but_words(data: st.DataObject) -> None:
    spoilt = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoilt)))
    for damaged in (bytes(spoilt), bytes(spoilt[:cut])):
        refused_in_words(damaged)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from([b"", b"PK\x03\x04", OLE, b"\xef\xbb\xbf"]))
def test_no_bytes_end_in_anything_but_rows_or_words(data: bytes, magic: bytes) -> None:
    refused_in_words(magic + data)


# --- what is read --------------------------------------------------------------------------------


def test_cells_become_text_and_numbers_say_that_they_are_numbers() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_number(0, 0, 1234567890121)
    sheet.write_number(0, 1, 1.5)
    sheet.write_string(0, 2, "0123")
    sheet.write_datetime(0, 3, datetime(2560, 3, 15), day)  # noqa: DTZ001
    sheet.write_datetime(0, 4, datetime(2017, 3, 15, 13, 30), day)  # noqa: DTZ001
    sheet.write_boolean(0, 5, True)
    book.close()
    (rows,) = tables(out.getvalue())
    assert rows == [["1234567890121", "1.5", "0123", "2560-03-15", "2017-03-15 13:30:00", "TRUE"]]
    assert [type(cell) is AsNumber for cell in rows[0]] == [True, True, *[False] * 4]


def test_rows_and_columns_are_counted_from_the_first_cell_of_the_sheet() -> None:
    (rows,) = tables(workbook([[], ["", "", "ก"], [], ["", "ข"]]))
    assert [row[1:3] for row in rows if row] == [["", ""], ["", "ก"], ["", ""], ["ข", ""]]


TEXT = "ชื่อ,ชั้น\r\nเกศแก้ว,ป.1\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "tis-620", "cp874", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_in_every_usual_encoding(encoding: str, separator: str) -> None:
    data = TEXT.replace(",", separator).encode(encoding)
    assert tables(data) == [[["ชื่อ", "ชั้น"], ["เกศแก้ว", "ป.1"]]]


def test_a_csv_does_not_say_what_was_a_number_so_all_digits_may_be_one() -> None:
    ((row,),) = tables(b'123,="0123",12a,"4 "')
    assert row == ["123", "0123", "12a", "4 "]
    assert [type(cell) is AsNumber for cell in row] == [True, False, False, True]


def test_what_a_template_was_made_for_stands_in_a_hidden_sheet() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet("a").write_string(0, 0, "x")
    hidden = book.add_worksheet(reader.META)
    hidden.very_hidden()
    hidden.write_row(0, 0, ["kind", "roster"])
    book.close()
    found = reader.read(out.getvalue(), LIMITS)
    assert found.meta == {"kind": "roster"}
    assert [table.name for table in found.tables] == ["a"]


# --- memory --------------------------------------------------------------------------------------

MOST_MEMORY = 300 * 2**20
PROGRAM = """
import resource, sys
from admin_app.config import ImportLimits
from admin_app.imports import reader
from admin_app.imports.bad import BadFile
try:
    data = open(sys.argv[1], "rb").read()
    for table in reader.read(data, ImportLimits(file_bytes=20 * 2**20)).tables:
        pass
except BadFile as bad:
    print(bad.code)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def filled_to_the_brim() -> bytes:
    """Not a bad file: as many rows, columns and cells as the limits allow."""
    row = "<row>" + "<c><v>1</v></c>" * 60 + "</row>"
    return with_sheet(row * 10_000)


WORST = [
    name for name in BAD if BAD[name][0] in ("bomb", "too_many_rows", "too_many_cells", "too_wide")
]


@pytest.mark.parametrize("name", [*WORST, "filled to the brim"])
def test_the_worst_files_stay_within_300_mib(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bad") / "file"
    path.write_bytes(BAD[name][1]() if name in BAD else filled_to_the_brim())
    done = subprocess.run(
        # a shell between: a process begins with the peak of whatever started it
        ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", PROGRAM, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    *code, peak = done.stdout.split()
    assert code == ([BAD[name][0]] if name in BAD else [])
    print(f"{name}: {int(peak) // 2**20} MiB")
    assert int(peak) <= MOST_MEMORY
