"""The workbook of other affiliations going out: its template, and the marked one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from admin_app.config import ImportLimits
from admin_app.domain import plan, thai
from admin_app.domain.plan import Plan, Row
from admin_app.exports import words
from admin_app.imports.columns import Column
from admin_app.imports.count_heads import BOYS, GIRLS, WORDS
from admin_app.imports.counts import KIND, affiliations, rows_of, short, table_of
from admin_app.imports.preview import words_of
from admin_app.imports.template import Form, Marks, write
from admin_app.models import Cycle, Grade, OtherSheet, Unit
from admin_app.services import other_counts

SHEET = "สังกัดอื่น"
HELP: list[tuple[str, str]] = [
    (
        "ขั้นตอน",
        "กรอกในแผ่นงาน “สังกัดอื่น” บันทึกไฟล์ แล้วนำเข้าที่หน้าจำนวนนักเรียนของสถานศึกษาสังกัดอื่น"
        " ระบบแสดงตัวอย่างก่อน ยังไม่บันทึกจนกว่าท่านจะกดยอมรับ",
    ),
    ("หนึ่งแถวต่อหนึ่งแห่ง", "กรอกจำนวนชายหญิงทุกชั้น ช่องว่างหรือขีดหมายถึงไม่มี"),
    ("ตารางของเขตพื้นที่", "นำเข้าได้ทันที หัวตารางสองแถวก็ได้ ผลรวมใช้ตรวจสอบเท่านั้น จำนวนห้องไม่ถูกบันทึก"),
    ("ไม่มีในไฟล์", "สถานศึกษาที่บันทึกไว้แล้วแต่ไม่มีในไฟล์ยังคงอยู่เหมือนเดิม"),
]


def _columns(grades: list[Grade]) -> tuple[list[Column], dict[str, str]]:
    """The template's columns and the grade over each."""
    columns, groups = list(WORDS), {}
    for grade in grades:
        for part, word in ((BOYS, words.BOYS), (GIRLS, words.GIRLS)):
            columns.append(Column(f"{grade.code}.{part}", word, 7, needed=True))
            groups[f"{grade.code}.{part}"] = short(grade)
    return columns, groups


def _form(
    cycle: Cycle, lao: Unit, rows: list[dict[str, str]], grades: list[Grade], now: datetime
) -> Form:
    columns, groups = _columns(grades)
    return Form(
        sheet=SHEET,
        title=f"จำนวนนักเรียนของสถานศึกษาสังกัดอื่น {lao.name}",
        subtitle=f"{words.cycle(cycle)} · ข้อมูล ณ {thai.format_datetime(now)}",
        columns=columns,
        rows=rows,
        meta={"kind": KIND, "cycle": cycle.code, "unit": lao.code},
        choices={"affiliation": [row[1] for row in affiliations()]},
        help=HELP,
        numbers=frozenset(groups),
        groups=groups,
    )


def last_sheet(cycle: Cycle, lao: Unit) -> OtherSheet | None:
    """The LAO's sheet of the cycle, else of the latest cycle before it that has one."""
    query = (
        OtherSheet.select(OtherSheet, Cycle)
        .join(Cycle)
        .where(OtherSheet.lao == lao.id, Cycle.opens_at <= cycle.opens_at)
        .order_by(Cycle.opens_at.desc())
    )
    found: OtherSheet | None = query.first()
    return found


def template(out: Any, cycle: Cycle, lao: Unit, now: datetime) -> int:
    """Write the template to ``out``; answers with its number of schools.

    With the rows that stand; where there are none yet, with the schools of the last cycle, their
    counts left empty: they are to be asked for anew.
    """
    sheet = last_sheet(cycle, lao)
    names = {row[0]: row[1] for row in affiliations()}
    rows = []
    for school in other_counts.rows(sheet):
        cells = {
            "code": school.code,
            "name": school.name,
            "affiliation": names.get(school.affiliation, school.affiliation),
        }
        if sheet is not None and sheet.cycle_id == cycle.id:
            for grade, pair in school.counts.items():
                for part, count in zip((BOYS, GIRLS), pair, strict=True):
                    cells[f"{grade}.{part}"] = str(count) if count else ""
        rows.append(cells)
    write(out, _form(cycle, lao, rows, other_counts.grid_grades(), now))
    return len(rows)


def heading(name: str) -> str:
    """A column's heading, or the grade's name, for a message."""
    found = next((column.heading for column in WORDS if column.key == name), None)
    if found:
        return found
    grade = Grade.get_or_none(Grade.code == name)
    return short(grade) if grade else name


def marked(
    out: Any,
    data: bytes,
    made: Plan,
    cycle: Cycle,
    lao: Unit,
    limits: ImportLimits,
    now: datetime,
    say: Callable[[str, dict[str, Any]], str],
    *,
    only_wrong: bool = False,
) -> int:
    """Write the uploaded rows back, in the template's form, with what is wrong; how many rows."""
    grades = other_counts.grid_grades()
    table, head = table_of(data, cycle, lao, limits, grades)
    by_number = {row.number: row for row in made.rows if row.number}
    rows, marks = [], []
    for number, cells in rows_of(table, head):
        row = by_number.get(number, Row(number, plan.UNCHANGED))
        if only_wrong and row.state != plan.WRONG:
            continue
        said = {name: cells[at] for name, at in head.words.items()}
        said |= {f"{grade}.{part}": cells[at] for (grade, part), at in head.counts.items()}
        rows.append(said)
        wrong = {f"{name}.{part}" for name in row.wrong for part in (BOYS, GIRLS)} | {*row.wrong}
        marks.append(Marks(words_of(row, say, heading), frozenset(wrong)))
    form = _form(cycle, lao, rows, grades, now)
    form.marks = marks
    write(out, form)
    return len(rows)
