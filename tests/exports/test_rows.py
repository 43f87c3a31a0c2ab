"""Rows written as XML of our own say and look what XlsxWriter's would; nothing is left behind."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from admin_app.exports import rows
from admin_app.exports.columns import Column, SheetSpec
from admin_app.exports.request import Stamp
from admin_app.exports.workbook import Book
from tests.exports.conftest import World

STAMP = Stamp("x", "2567-1", "", False, datetime(2024, 5, 20, tzinfo=UTC), "x")
KINDS = ("count", "text", "centre", "number", "money")
TEXTS = [
    "ด.ญ. มะลิ ใจดี",
    "เกษมสันต์สกุลวงศ์วิวัฒน์ไพบูลย์กิจเจริญพร ณ อยุธยา",
    "a & b < c > d \"e\" 'f'",
    "  spaces  ",
    "two\nlines",
    "tab\tand return\r",
    "\x00\x01\x1f bell\x07",
    "_x0041_ and _x00_ and __x0041_",
    "\ufffe\uffff",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "]]>",
    "#%s{0}\\0",
    "😀 ๐๑๒",
    "0012",
    "1e5",
    "x" * 255,
]
VALUES: list[Any] = [*TEXTS, None, "", 0, 7, -3, 1234567, 0.25, 1e-7, 123456789.12]


def book(unique: bool, fast: bool, values: list[Any] = VALUES) -> bytes:
    """A workbook with every value in a column of every kind, twice.

    A unique text stands in its cell, another one in the workbook's table of strings; some readers
    tell the escapes of the two apart.
    """
    spec = SheetSpec("x", tuple(Column(kind, 14, kind, unique=unique) for kind in KINDS))
    lines = [[value] * len(KINDS) for value in values] * 2
    out = io.BytesIO()
    with Book(out, STAMP, streaming=fast or unique) as made:
        sheet = made.declared(spec)
        sheet.title("x")
        sheet.head()
        if fast:
            assert sheet.rows(lines, {}) == len(lines)
        else:
            for line in lines:
                sheet.row(line)
        sheet.note("the end")
        made.close()
    return out.getvalue()


def seen(data: bytes) -> list[list[tuple[object, ...]]]:
    """What a reader sees of each cell: value, type, look; and each row's height."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))["x"]
    return [
        [
            (sheet.row_dimensions[row[0].row].height,),
            *(
                (
                    cell.value, cell.data_type, cell.number_format, cell.font.name, cell.font.sz,
                    cell.alignment.horizontal, cell.alignment.wrap_text, cell.border.left.style,
                )
                for cell in row
            ),
        ]
        for row in sheet.iter_rows()
    ]  # fmt: skip


@pytest.mark.parametrize("unique", [False, True])
def test_a_fast_row_is_what_the_slow_one_is(unique: bool) -> None:
    slow, fast = seen(book(unique, False)), seen(book(unique, True))
    assert len(fast) == len(slow) > 2 * len(VALUES)
    for mine, theirs in zip(fast, slow, strict=True):
        assert mine == theirs


@pytest.mark.parametrize("unique", [False, True])
def test_another_reader_reads_the_same(unique: bool) -> None:
    slow, fast = (
        CalamineWorkbook.from_filelike(io.BytesIO(book(unique, fast)))
        .get_sheet_by_name("x")
        .to_python()
        for fast in (False, True)
    )
    assert fast == slow


@pytest.mark.parametrize("bound", ["MOST_REMEMBERED", "MOST_SHARED"])
def test_more_texts_than_are_remembered_are_written_all_the_same(
    bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, bound, 3)
    plain = [f"ข้อความที่ {number}" for number in range(20)]
    assert seen(book(False, True, plain)) == seen(book(False, False, plain))


def test_a_row_of_another_length_is_refused() -> None:
    for line in ([1], [1, 2, 3]):
        with Book(io.BytesIO(), STAMP, streaming=True) as made:
            sheet = made.declared(SheetSpec("x", (Column("a", 9), Column("b", 9))))
            with pytest.raises(ValueError, match="values for 2 columns"):
                sheet.rows([line], {})


class _StoppedError(Exception):
    """Somebody ends the work."""


def test_a_list_that_is_stopped_half_way_leaves_nothing_on_the_disk(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()

    def broken(*args: object) -> None:
        assert list(folder.iterdir())  # rows lie there while they are written
        raise _StoppedError

    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("admin_app.exports.rows.RowSheet.add_rows", broken)
    with pytest.raises(_StoppedError):
        world.made("roster")
    assert list(folder.iterdir()) == []
