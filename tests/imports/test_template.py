"""The workbooks that go out: what is open, what is hidden, the lists, the marks."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from admin_app.imports import children, columns, counts, counts_out, roster
from admin_app.imports.template import HELP_SHEET, LISTS_SHEET
from tests.imports.conftest import LIMITS, NEW, Chain, Filled, read, sheet_of, states, template


def test_the_first_sheet_is_the_one_to_fill_and_the_others_explain_or_are_hidden(
    chain: Chain,
) -> None:
    chain.country.child(chain.school, chain.cycle)
    book = openpyxl.load_workbook(io.BytesIO(template(chain)))
    assert {sheet.title: sheet.sheet_state for sheet in book} == {
        children.SHEET: "visible",
        HELP_SHEET: "visible",
        LISTS_SHEET: "hidden",
        "lec": "veryHidden",
    }
    assert book.active.title == children.SHEET
    told = " ".join(str(cell.value) for row in book[HELP_SHEET] for cell in row)
    for column in roster.COLUMNS:
        if not column.hidden and column.hint:
            assert column.hint in told


def dimension(sheet: Any, column: int) -> Any:
    """What the sheet says of a column; neighbours that are alike are said together."""
    return next(d for d in sheet.column_dimensions.values() if d.min <= column <= d.max)


def test_what_may_be_typed_is_open_and_the_rest_is_locked(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle)
    filled = Filled(template(chain))
    sheet = filled.sheet
    assert sheet.protection.sheet is True
    assert sheet.protection.password is None
    for row in (filled.head + 1, filled.head + 2, filled.head + 5_000):
        for key, column in filled.columns.items():
            hidden = key in ("key", "base")
            style = sheet.cell(row, column)
            whole = dimension(sheet, column)
            locked = style.protection.locked
            if not style.has_style:  # a cell without one has its column's
                locked = whole.protection.locked
            assert locked is hidden, (row, key)
            assert whole.hidden is hidden
    assert all(cell.protection.locked for cell in sheet[filled.head])


def test_lists_drop_down_in_present_and_spare_rows(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle)
    filled = Filled(template(chain))
    lists = filled.book[LISTS_SHEET]
    found = {}
    for rule in filled.sheet.data_validations.dataValidation:
        name, area = rule.formula1.split("!")
        assert name.strip("'") == LISTS_SHEET
        entries = [cell[0].value for cell in lists[area.replace("$", "")]]
        first, last = str(rule.sqref).split(":")
        assert first.endswith(str(filled.head + 1))
        assert int("".join(filter(str.isdigit, last))) >= filled.next + 400
        found[filled.sheet[f"{first.rstrip('0123456789')}{filled.head}"].value] = entries
    assert found["เพศ"] == ["ชาย", "หญิง"]
    assert found["ชั้น"] == ["อนุบาล 1", "ประถมศึกษาปีที่ 1", "ประถมศึกษาปีที่ 2"]
    assert found["จำหน่ายออกเพราะ"] == list(roster.REMOVALS.values())
    assert "ปากน้ำ เมืองกระบี่ 810101" in found["ตำบลที่อยู่\n(ตำบล อำเภอ รหัส)"]


def test_every_entry_of_every_list_is_understood_when_it_comes_back(chain: Chain) -> None:
    lists = roster.lists(chain.school)
    for column in roster.COLUMNS:
        for entry in lists.choices(column.pick) if column.pick else ():
            value = lists.read(column.key, entry)
            if column.key == "removal_reason":
                assert roster.REMOVALS[value] == entry
            else:
                assert lists.write(column.key, value) == entry


def test_the_removal_reasons_are_those_of_the_services_in_the_words_of_the_screen() -> None:
    from admin_app.services.children import REMOVAL_REASONS
    from tests.test_translations import _messages, _texts

    thai = {ids[0]: told[0] for ids, told in map(_texts, _messages("messages"))}
    assert {key: thai[text] for key, text in REMOVAL_REASONS.items()} == roster.REMOVALS


def test_removed_children_are_not_in_the_workbook(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle, status="removed", removal_reason="left")
    out = io.BytesIO()
    written = children.template(out, chain.cycle, chain.school, chain.country.clock())
    assert written == 0


def test_nothing_that_a_person_typed_becomes_a_formula_or_a_link(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle, first_name="=1+1", last_name="http://x.th")
    with zipfile.ZipFile(io.BytesIO(template(chain))) as parts:
        text = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in text
    assert "hyperlink" not in text


def marked(chain: Chain, data: bytes, *, only_wrong: bool = False) -> bytes:
    """The workbook back, with marks."""
    out = io.BytesIO()
    plan = read(chain, data)
    args = (plan, chain.cycle, chain.school, LIMITS, chain.country.clock())
    children.marked(out, data, *args, lambda text, params: text % params, only_wrong=only_wrong)
    return out.getvalue()


def test_the_marked_workbook_says_what_is_wrong_beside_each_row(chain: Chain) -> None:
    one = chain.country.child(chain.school, chain.cycle)
    filled = Filled(template(chain)).edit(one, grade="ป.9", birth_date="x")
    filled.add(**NEW)
    back = Filled(marked(chain, filled.bytes()))
    mark = next(cell.column for cell in back.sheet[back.head] if cell.value == columns.MARK)
    said = back.sheet.cell(back.row_of(one), mark).value
    assert "ชั้น: “ป.9” is not in the list" in said
    assert "วันเกิด (พ.ศ.): Write the date as" in said
    cell = back.sheet.cell(back.row_of(one), back.columns["grade"])
    assert (cell.value, cell.fill.fgColor.rgb) == ("ป.9", "FFFDE4E5")
    assert not back.sheet.cell(back.next, mark).value
    # corrected there and sent again, it is taken
    back.edit(one, grade="ป.2", birth_date="1/2/2561")
    assert states(read(chain, back.bytes())) == {"changed": 1, "new": 1}


def test_the_marked_workbook_may_hold_the_wrong_rows_alone(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 3)
    filled = Filled(template(chain)).add(**NEW | {"grade": "ป.9"})
    back = marked(chain, filled.bytes(), only_wrong=True)
    assert states(read(chain, back)) == {"wrong": 1, "absent": 3}


def test_a_csv_comes_back_as_a_workbook_with_a_lost_zero_still_a_number(chain: Chain) -> None:
    from admin_app.domain.identity import make_pin

    number = make_pin("012345678901")
    data = sheet_of([NEW | {"id_number": int(number), "grade": "?"}])
    back = Filled(marked(chain, data))
    back.put(back.head + 1, grade="ป.1")
    (row,) = read(chain, back.bytes()).rows
    assert (row.state, row.values["id_number"]) == ("new", number)


@pytest.mark.parametrize("which", ["children", "counts"])
def test_the_template_opens_in_libreoffice_and_prints(
    chain: Chain, which: str, tmp_path: Path
) -> None:
    program = shutil.which("soffice")
    assert program, "LibreOffice is missing: run `make system`"
    chain.country.children(chain.school, chain.cycle, 2)
    path = tmp_path / "template.xlsx"
    if which == "children":
        path.write_bytes(template(chain))
    else:
        counts_out.template(str(path), chain.cycle, chain.lao, chain.country.clock())
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [program, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "out"), str(path)], check=True, capture_output=True
    )
    saved = (tmp_path / "out" / "template.xlsx").read_bytes()
    if which == "children":
        assert states(read(chain, saved)) == {"unchanged": 2}
    else:
        book = openpyxl.load_workbook(io.BytesIO(saved))
        assert book.worksheets[0].title == counts_out.SHEET
        assert counts.KIND in [cell.value for row in book["lec"] for cell in row]
