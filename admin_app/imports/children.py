"""A school's workbook out and in: its template, its preview, the marked one that comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from admin_app.config import ImportLimits
from admin_app.domain import plan, thai
from admin_app.domain.plan import Plan, Row
from admin_app.exports import words
from admin_app.imports import preview, reader, roster
from admin_app.imports.bad import BadFile
from admin_app.imports.columns import Found, best_table, find, judge_length
from admin_app.imports.template import Form, Marks, write
from admin_app.models import Cycle, Unit

SHEET = "นักเรียน"
HELP: list[tuple[str, str]] = [
    (
        "ขั้นตอน",
        "กรอกในแผ่นงาน “นักเรียน” ออฟไลน์ได้ บันทึกไฟล์ แล้วนำเข้าที่หน้านักเรียนของสถานศึกษา"
        " ระบบแสดงตัวอย่างก่อน ยังไม่บันทึกจนกว่าท่านจะกดยอมรับ",
    ),
    ("นักเรียนเดิม", "แก้ในแถวของนักเรียนคนนั้น ช่องที่ลบให้ว่างหมายความว่าว่าง"),
    ("นักเรียนใหม่", "กรอกในแถวว่างด้านล่าง ไม่ต้องเรียงลำดับ"),
    ("จำหน่ายออก", "เลือกเหตุผลในคอลัมน์ “จำหน่ายออกเพราะ” นักเรียนที่ไม่มีในไฟล์ยังคงอยู่เหมือนเดิม"),
    ("หัวตาราง", "หัวตัวหนาต้องมี สลับลำดับคอลัมน์ได้ คอลัมน์ที่ระบบไม่รู้จักจะถูกข้าม"),
    ("สูตร", "ห้ามมีสูตร หากคัดลอกจากไฟล์อื่น ให้วางแบบเฉพาะค่า"),
    ("รหัสแถว", "คอลัมน์ที่ซ่อนไว้ใช้บอกว่าแถวใดคือใคร ห้ามแก้ ไฟล์นี้ใช้ได้กับสถานศึกษาและรอบนี้เท่านั้น"),
    ("ข้อมูลส่วนบุคคล", "เก็บไฟล์ให้ปลอดภัย ใช้เท่าที่จำเป็น ลบเมื่อเสร็จแล้ว"),
]


def meta(cycle: Cycle, school: Unit) -> dict[str, str]:
    """What a template of the school says that it was made for."""
    return {"kind": roster.KIND, "cycle": cycle.code, "unit": school.code}


def judge_meta(found: dict[str, str], kind: str, cycle: Cycle, unit: Unit, other: str) -> None:
    """BadFile for the template of another sheet, cycle or unit; other files say nothing."""
    if found and found.get("kind") != kind:
        raise BadFile("other_kind")
    if found and found.get("unit") != unit.code:
        raise BadFile(other, code=found.get("unit", "")[:16])
    if found and found.get("cycle") != cycle.code:
        raise BadFile("other_cycle", code=found.get("cycle", "")[:8])


def _form(
    cycle: Cycle, school: Unit, lists: roster.Lists, rows: list[dict[str, str]], now: datetime
) -> Form:
    names = [column.pick for column in roster.COLUMNS if column.pick]
    return Form(
        sheet=SHEET,
        title=f"นักเรียน {school.name}",
        subtitle=f"{words.cycle(cycle)} · ข้อมูล ณ {thai.format_datetime(now)}"
        " · ข้อมูลส่วนบุคคล ใช้เท่าที่จำเป็น",
        columns=roster.COLUMNS,
        rows=rows,
        meta=meta(cycle, school),
        choices={name: lists.choices(name) for name in names},
        help=HELP,
    )


def template(out: Any, cycle: Cycle, school: Unit, now: datetime) -> int:
    """Write the school's workbook with its present rows to ``out``; answers with their number."""
    lists = roster.lists(school)
    rows = []
    for child in preview.present(cycle, school):
        if child.status == "active":
            cells = lists.cells(child)
            key = roster.make_key(cycle.code, school.code, child.id)
            rows.append({"key": key, "base": roster.make_base(cells)} | cells)
    write(out, _form(cycle, school, lists, rows, now))
    return len(rows)


def rows_of(data: bytes, cycle: Cycle, school: Unit, limits: ImportLimits) -> Found:
    """The rows of an uploaded file. Raises BadFile."""
    book = reader.read(data, limits)
    judge_meta(book.meta, roster.KIND, cycle, school, "other_school")
    found = find(best_table(book.tables, roster.COLUMNS), roster.COLUMNS)
    judge_length(found, limits.rows)
    return found


def read(
    data: bytes,
    cycle: Cycle,
    school: Unit,
    limits: ImportLimits,
    now: datetime,
    *,
    touched: frozenset[int] = frozenset(),
) -> Plan:
    """What accepting the file would write. Raises BadFile; writes nothing."""
    return preview.make(rows_of(data, cycle, school, limits), cycle, school, now, touched=touched)


def heading(name: str) -> str:
    """A column's heading in one line."""
    found = next((column for column in roster.COLUMNS if column.key == name), None)
    return found.heading.replace("\n", " ") if found else name


def marked(
    out: Any,
    data: bytes,
    made: Plan,
    cycle: Cycle,
    school: Unit,
    limits: ImportLimits,
    now: datetime,
    say: Callable[[str, dict[str, Any]], str],
    *,
    only_wrong: bool = False,
) -> int:
    """Write the uploaded rows back with a column that says what is wrong; how many rows.

    ``say``: a text of the plan in the person's language. Keys and all that was typed come along, so
    that the workbook can be corrected and uploaded again.
    """
    found = rows_of(data, cycle, school, limits)
    by_number = {row.number: row for row in made.rows if row.number}
    rows, marks = [], []
    for number, cells in found.rows:
        row = by_number.get(number, Row(number, plan.UNCHANGED))
        if only_wrong and row.state != plan.WRONG:
            continue
        rows.append(cells)
        marks.append(Marks(preview.words_of(row, say, heading), frozenset(row.wrong)))
    form = _form(cycle, school, roster.lists(school), rows, now)
    form.columns = [
        column for column in roster.COLUMNS if column.key in found.keys or column.hidden
    ]
    form.marks = marks
    write(out, form)
    return len(rows)
