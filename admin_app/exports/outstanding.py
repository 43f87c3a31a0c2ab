"""Outstanding units (หน่วยที่ยังไม่ยืนยัน): who below a unit has not confirmed, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from peewee import Case, fn

from admin_app.database import tuples
from admin_app.domain.levels import BY_KEY, LAO, PROVINCE, SCHOOL
from admin_app.domain.thai import format_bound
from admin_app.exports import words
from admin_app.exports.data import Outstanding
from admin_app.exports.request import Built, Request
from admin_app.exports.workbook import Book, Column, hiding
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services.standing import moments

Sums = dict[int, tuple[int, int, int]]


def _within(query: Any, unit: Unit) -> Any:
    """Narrow a query over states to those of the unit and below it."""
    column = BY_KEY[unit.level].scope_column
    return query if column is None else query.where(getattr(UnitState, column) == unit.id)


def _sums(cycle: Cycle, unit: Unit, group: Any, lower: str) -> Sums:
    """Unit id → (children, children not attested, open units of ``lower``) below it."""
    open_below = Case(None, [((UnitState.level == lower) & (UnitState.status == "open"), 1)], 0)
    query = (
        UnitState.select(
            group,
            fn.SUM(UnitState.children),
            fn.SUM(UnitState.children - UnitState.attested),
            fn.SUM(open_below),
        )
        .where(UnitState.cycle == cycle.id, UnitState.level << (SCHOOL, LAO), UnitState.active)
        .group_by(group)
    )
    return {
        unit_id: (int(children), int(unattested), int(below))
        for unit_id, children, unattested, below in tuples(_within(query, unit))
    }


def rows(cycle: Cycle, unit: Unit) -> Iterator[Outstanding]:
    """Open units below ``unit``, province by province and LAO by LAO, the higher level first."""
    lao, province = Unit.alias(), Unit.alias()
    query: Any = (
        UnitState.select(
            UnitState.unit,
            UnitState.level,
            Unit.code,
            Unit.name,
            lao.name,
            province.name,
            Unit.contact_name,
            Unit.phone,
            Unit.email,
            UnitState.children,
            UnitState.attested,
            UnitState.extended_until,
        )
        .join(Unit, on=(UnitState.unit == Unit.id))
        .join_from(UnitState, province, on=(UnitState.province == province.id))
        .left_outer_join(lao, on=(UnitState.lao == lao.id), src=UnitState)
        .where(
            UnitState.cycle == cycle.id,
            UnitState.unit != unit.id,
            UnitState.status == "open",
            UnitState.active,
        )
        .order_by(
            province.name_key,
            province.code,
            Case(UnitState.level, [(PROVINCE, 0)], 1),
            lao.name_key,
            lao.code,
            Case(UnitState.level, [(LAO, 0)], 1),
            Unit.name_key,
            Unit.code,
        )
    )
    below = {
        LAO: _sums(cycle, unit, UnitState.lao, SCHOOL),
        PROVINCE: _sums(cycle, unit, UnitState.province, LAO),
    }
    found: Iterable[Any] = _within(query, unit).tuples().iterator()
    for row in found:
        unit_id, level, code, name, lao_name, province_name, *_ = row
        person, phone, email, children, attested, extended_until = row[6:]
        own = (children, children - attested, 0)
        sums = below[level].get(unit_id, (0, 0, 0)) if level in below else own
        yield Outstanding(
            level=level,
            code=code,
            name=name,
            lao=lao_name if level == SCHOOL else "",
            province=province_name if level != PROVINCE else "",
            contact_name=person,
            phone=phone,
            email=email,
            children=sums[0],
            unattested=sums[1],
            below_open=sums[2],
            extended_until=extended_until,
        )


COLUMNS = (
    Column(words.NUMBER, 6, "count"),
    Column("ระดับ", 11),
    Column("รหัส", 13.5),
    Column("ชื่อหน่วย", 28),
    Column("อปท.", 15),
    Column("จังหวัด", 12),
    Column("ผู้ประสานงาน", 25),
    Column("โทรศัพท์", 14),
    Column("อีเมล", 30),
    Column("นักเรียน\nที่บันทึก", 9, "number"),
    Column("ยังไม่ตรวจสอบ\nการมีตัวตน", 14, "number"),
    Column("หน่วยในสังกัด\nที่ยังไม่ยืนยัน", 14, "number"),
    Column("กำหนดยืนยัน", 21.5, "centre"),
    Column("เกินกำหนด", 11.5, "centre"),
    Column("ขยายเวลาถึง", 21.5, "centre"),
)
# of a level: the columns that say the same in every row
CONSTANT: dict[str, tuple[str, ...]] = {PROVINCE: ("จังหวัด",), LAO: ("อปท.", "จังหวัด")}


def build(request: Request, out: Any) -> Built:
    """The workbook of outstanding units; one sheet, streamed."""
    at = moments(request.cycle)
    book = Book(out, request.stamp("หน่วยที่ยังไม่ยืนยัน"), streaming=True)
    columns = hiding(COLUMNS, *CONSTANT.get(request.unit.level, ()))
    sheet = book.sheet("ยังไม่ยืนยัน", columns, small=True)
    sheet.title(
        f"หน่วยที่ยังไม่ยืนยัน {request.unit.name}",
        f"{words.cycle(request.cycle)} · ณ {request.moment}",
    )
    sheet.head()
    number = 0
    for number, row in enumerate(rows(request.cycle, request.unit), start=1):
        due = at.due(row.level)
        sheet.row(
            [
                number,
                words.LEVELS[row.level],
                row.code,
                row.name,
                row.lao,
                row.province,
                row.contact_name,
                row.phone,
                row.email,
                row.children,
                row.unattested,
                row.below_open,
                format_bound(due),
                "เกินกำหนด" if request.now >= due else "",
                format_bound(row.extended_until) if row.extended_until else "",
            ]
        )
    if not number:
        sheet.note(words.ALL_CONFIRMED)
    book.close()
    return Built(rows=number)
