"""Roster (รายชื่อนักเรียน): every active child of a school, an LAO or a province, identity in full.

Personal data: handed to the roles that the access table names, each time into the access log.
Removed children are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from peewee import SQL

from admin_app.database import tuples
from admin_app.domain.levels import LAO, PROVINCE, SCHOOL
from admin_app.domain.thai import format_date
from admin_app.exports import words
from admin_app.exports.columns import Column, SheetSpec
from admin_app.exports.lists import ListReport
from admin_app.exports.request import Request
from admin_app.exports.rows import Says
from admin_app.models import (
    Code,
    District,
    Grade,
    Student,
    Subdistrict,
    Unit,
    UnitState,
    database,
)
from admin_app.services import scope
from admin_app.services.standing import within

TITLE = "รายชื่อนักเรียน"
LAO_NAME, SCHOOL_NAME = "อปท.", "สถานศึกษา"
GRADE, ID_KIND, SEX, BORN, ENTERED = "ชั้น", "ประเภทเลข", "เพศ", "วันเกิด\n(พ.ศ.)", "เข้าเรียนเมื่อ\n(พ.ศ.)"
NATIONALITY, DISABILITY, DISADVANTAGE = "สัญชาติ", "ความพิการ", "ความด้อย\nโอกาส"
HOME, ATTESTED = "ภูมิลำเนา (ตำบล อำเภอ จังหวัด)", "ตรวจสอบ\nการมีตัวตน"
SHEET = SheetSpec(
    TITLE,
    (
        Column(words.NUMBER, 6, "count", unique=True),
        Column(LAO_NAME, 15),
        Column(SCHOOL_NAME, 24),
        Column(GRADE, 16.5),
        Column("เลขประจำตัว", 17, "centre", unique=True),
        Column(ID_KIND, 12.5),
        Column("เหตุที่\nไม่มีเลข", 10),
        Column("คำนำหน้า", 9.5),
        Column("ชื่อ", 12),
        Column("ชื่อสกุล", 13.5, unique=True),
        Column(SEX, 6, "centre"),
        Column(BORN, 14.5, "centre"),
        Column(NATIONALITY, 9),
        Column(DISABILITY, 14),
        Column(DISADVANTAGE, 12),
        Column(HOME, 33),
        Column(ENTERED, 14.5, "centre"),
        Column(ATTESTED, 11.5, "centre"),
    ),
)
LISTS = {NATIONALITY: "nationality", DISABILITY: "disability", DISADVANTAGE: "disadvantage"}


def _schools(request: Request) -> list[tuple[int, str, str]]:
    """(id, LAO's name, name) of the schools of the unit in the actor's scope, by LAO and name."""
    lao = Unit.alias()
    query = (
        UnitState.select(UnitState.unit, lao.name, Unit.name)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .join_from(UnitState, lao, on=(UnitState.lao == lao.id))
        .where(UnitState.cycle == request.cycle.id, UnitState.level == SCHOOL)
        .order_by(lao.name_key, lao.code, Unit.name_key, Unit.code)
    )
    query = within(query, request.unit)
    return tuples(scope.limit(query, UnitState, request.actor, "roster:export"))


def children(request: Request) -> Iterator[tuple[Any, ...]]:
    """The children below the unit, by LAO, school and dictionary order of names.

    School by school, each in the order of an index: nothing is sorted, and no more than a school
    lies in memory. The values are as the driver reads them.
    """
    query = (
        Student.select(
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
            Student.home_subdistrict,
            Student.entered_on,
            Student.attested_by,
        )
        .where(
            Student.cycle == request.cycle.id,
            Student.status == "active",
            Student.school == SQL(database.obj.param),
        )
        .order_by(Student.sort_key, Student.id)
    )
    sql, params = query.sql()
    for school, lao_name, name in _schools(request):
        for child in database.execute_sql(sql, (*params, school)):
            yield lao_name, name, *child


def _homes() -> dict[int, str]:
    """Sub-district's id → the place in words."""
    provinces = dict(tuples(Unit.select(Unit.code, Unit.name).where(Unit.level == PROVINCE)))
    query = Subdistrict.select(
        Subdistrict.id, Subdistrict.name, District.name, District.province_code
    ).join(District)
    return {
        row: f"ต.{name} อ.{district} จ.{provinces.get(province, province)}"
        for row, name, district, province in tuples(query)
    }


def _day(raw: Any) -> str:
    """A day as SQLite (a text) or PostgreSQL gives it."""
    if not raw:
        return ""
    return format_date(date.fromisoformat(raw) if isinstance(raw, str) else raw)


def says(request: Request) -> Mapping[str, Says]:
    """What the codes of the rows are called; a code that has gone from its list stays as it is."""
    grades = dict(tuples(Grade.select(Grade.code, Grade.name)))
    query = Code.select(Code.list, Code.code, Code.name).where(Code.list << list(LISTS.values()))
    codes = {(row[0], row[1]): row[2] for row in tuples(query)}
    homes = _homes()

    def named(of: str) -> Says:
        return lambda code: codes.get((of, code), code or "")

    found: dict[str, Says] = {heading: named(of) for heading, of in LISTS.items()}
    return found | {
        GRADE: lambda code: grades.get(code, code),
        ID_KIND: lambda kind: words.ID_KINDS.get(kind, kind),
        SEX: lambda sex: words.SEX.get(sex, sex),
        HOME: lambda row: homes.get(row, ""),
        ATTESTED: lambda by: "ตรวจแล้ว" if by else "ยังไม่ตรวจ",
        BORN: _day,
        ENTERED: _day,
    }


REPORT = ListReport(
    TITLE,
    SHEET,
    children,
    nothing="ไม่มีนักเรียนที่บันทึกไว้",
    says=says,
    remark="ข้อมูลส่วนบุคคล ใช้เท่าที่จำเป็น ห้ามเผยแพร่",
    constant={SCHOOL: (LAO_NAME, SCHOOL_NAME), LAO: (LAO_NAME,)},
)
