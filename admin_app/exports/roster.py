"""Roster (รายชื่อนักเรียน): every active child of a school, an LAO or a province, identity in full.

Personal data: handed to the roles that the access table names, each time into the access log.
Removed children are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from admin_app.database import tuples
from admin_app.domain.levels import BY_KEY, LAO, PROVINCE, SCHOOL
from admin_app.domain.thai import format_date
from admin_app.exports import words
from admin_app.exports.reading import stream
from admin_app.exports.request import Built, Request
from admin_app.exports.workbook import Book, Column, Value, hiding
from admin_app.models import Code, District, Grade, Student, Subdistrict, Unit
from admin_app.services import scope

LAO_NAME, SCHOOL_NAME = "อปท.", "สถานศึกษา"
COLUMNS = (
    Column(words.NUMBER, 6, "count"),
    Column(LAO_NAME, 15),
    Column(SCHOOL_NAME, 24),
    Column("ชั้น", 16.5),
    Column("เลขประจำตัว", 17, "centre"),
    Column("ประเภทเลข", 12.5),
    Column("เหตุที่\nไม่มีเลข", 10),
    Column("คำนำหน้า", 9.5),
    Column("ชื่อ", 12),
    Column("ชื่อสกุล", 13.5),
    Column("เพศ", 6, "centre"),
    Column("วันเกิด\n(พ.ศ.)", 14.5, "centre"),
    Column("สัญชาติ", 9),
    Column("ความพิการ", 14),
    Column("ความด้อย\nโอกาส", 12),
    Column("ภูมิลำเนา (ตำบล อำเภอ จังหวัด)", 33),
    Column("เข้าเรียนเมื่อ\n(พ.ศ.)", 14.5, "centre"),
    Column("ตรวจสอบ\nการมีตัวตน", 11.5, "centre"),
)
# of a level: the columns that say the same in every row, and stand in the title instead
CONSTANT: dict[str, tuple[str, ...]] = {
    SCHOOL: (LAO_NAME, SCHOOL_NAME),
    LAO: (LAO_NAME,),
}
TOLD_EVERY = 500
LISTS = ("nationality", "disability", "disadvantage")


def children(request: Request) -> Iterable[tuple[Any, ...]]:
    """The children below the unit, by LAO, school and dictionary order of names; streamed."""
    lao, school = Unit.alias(), Unit.alias()
    query = (
        Student.select(
            lao.name,
            school.name,
            Student.grade,
            Student.id_number,
            Student.id_kind,
            Student.no_id_reason,
            Student.prefix,
            Student.first_name,
            Student.last_name,
            Student.sex,
            Student.birth_date,
            Student.nationality,
            Student.disability,
            Student.disadvantage,
            Subdistrict.name,
            District.name,
            District.province_code,
            Student.entered_on,
            Student.attested_by,
        )
        .join(school, on=(Student.school == school.id))
        .join_from(Student, lao, on=(Student.lao == lao.id))
        .left_outer_join(Subdistrict, on=(Student.home_subdistrict == Subdistrict.id), src=Student)
        .left_outer_join(District, on=(Subdistrict.district == District.id))
        .where(Student.cycle == request.cycle.id, Student.status == "active")
        .order_by(
            lao.name_key, lao.code, school.name_key, school.code, Student.sort_key, Student.id
        )
    )
    column = BY_KEY[request.unit.level].scope_column
    if column is not None:
        query = query.where(getattr(Student, column) == request.unit.id)
    return stream(scope.limit(query, Student, request.actor, "roster:export"))


class _Names:
    """What codes are called."""

    def __init__(self) -> None:
        self.grades: dict[str, str] = dict(tuples(Grade.select(Grade.code, Grade.name)))
        self.provinces: dict[str, str] = dict(
            tuples(Unit.select(Unit.code, Unit.name).where(Unit.level == PROVINCE))
        )
        rows = tuples(Code.select(Code.list, Code.code, Code.name).where(Code.list << LISTS))
        self.codes: dict[tuple[str, str], str] = {(row[0], row[1]): row[2] for row in rows}

    def code(self, of: str, code: str) -> str:
        """The name of a code of a list; the code itself when it has gone from the list."""
        return self.codes.get((of, code), code or "")

    def home(self, subdistrict: str | None, district: str | None, province: str | None) -> str:
        """A place in words."""
        if not subdistrict:
            return ""
        return f"ต.{subdistrict} อ.{district} จ.{self.provinces.get(province or '', province)}"


def _day(value: date | None) -> str:
    return format_date(value) if value else ""


def _row(number: int, child: tuple[Any, ...], names: _Names) -> list[Value]:
    lao, school, grade, id_number, id_kind, no_id_reason, *who = child
    prefix, first, last, sex, born, *rest = who
    nationality, disability, disadvantage, subdistrict, district, province, entered, by = rest
    return [
        number,
        lao,
        school,
        names.grades.get(grade, grade),
        id_number or "",
        words.ID_KINDS.get(id_kind, id_kind),
        no_id_reason,
        prefix,
        first,
        last,
        words.SEX.get(sex, sex),
        _day(born),
        names.code("nationality", nationality),
        names.code("disability", disability),
        names.code("disadvantage", disadvantage),
        names.home(subdistrict, district, province),
        _day(entered),
        "ตรวจแล้ว" if by else "ยังไม่ตรวจ",
    ]


def build(request: Request, out: Any) -> Built:
    """The workbook of the roster; one sheet, streamed row by row."""
    book = Book(out, request.stamp("รายชื่อนักเรียน"), streaming=True)
    unit = request.unit
    columns = hiding(COLUMNS, *CONSTANT.get(unit.level, ()))
    sheet = book.sheet("รายชื่อนักเรียน", columns, small=True)
    sheet.title(
        f"รายชื่อนักเรียน {unit.name}" + (f" {unit.lao.name}" if unit.level == SCHOOL else ""),
        f"{words.cycle(request.cycle)} · ณ {request.moment} · ข้อมูลส่วนบุคคล ใช้เท่าที่จำเป็น ห้ามเผยแพร่",
    )
    sheet.head()
    names, number = _Names(), 0
    for number, child in enumerate(children(request), start=1):
        sheet.row(_row(number, child, names))
        if number % TOLD_EVERY == 0:
            request.progress(number, doing="writing")
    if not number:
        sheet.note("ไม่มีนักเรียนที่บันทึกไว้")
    request.progress(number, doing="finishing")
    book.close()
    return Built(rows=number)
