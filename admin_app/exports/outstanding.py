"""Outstanding units (หน่วยที่ยังไม่ยืนยัน): who below a unit has not confirmed, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from peewee import Case, fn

from admin_app.database import tuples
from admin_app.domain.levels import LAO, PROVINCE, SCHOOL
from admin_app.domain.thai import format_bound
from admin_app.exports import words
from admin_app.exports.columns import Column, SheetSpec
from admin_app.exports.data import Outstanding
from admin_app.exports.lists import ListReport
from admin_app.exports.request import Request
from admin_app.exports.rows import Says
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services.standing import moments, within

Sums = dict[int, tuple[int, int, int]]


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
        for unit_id, children, unattested, below in tuples(within(query, unit))
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
    found: Iterable[Any] = within(query, unit).tuples().iterator()
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


DUE, LATE, EXTENDED, LEVEL = "กำหนดยืนยัน", "เกินกำหนด", "ขยายเวลาถึง", "ระดับ"
SHEET = SheetSpec(
    "ยังไม่ยืนยัน",
    (
        Column(words.NUMBER, 6, "count", unique=True),
        Column(LEVEL, 11),
        Column("รหัส", 13.5, unique=True),
        Column("ชื่อหน่วย", 28, unique=True),
        Column("อปท.", 15),
        Column("จังหวัด", 12),
        Column("ผู้ประสานงาน", 25, unique=True),
        Column("โทรศัพท์", 14, unique=True),
        Column("อีเมล", 30, unique=True),
        Column("นักเรียน\nที่บันทึก", 9, "number"),
        Column("ยังไม่ตรวจสอบ\nการมีตัวตน", 14, "number"),
        Column("หน่วยในสังกัด\nที่ยังไม่ยืนยัน", 14, "number"),
        Column(DUE, 21.5, "centre"),
        Column(LATE, 11.5, "centre"),
        Column(EXTENDED, 21.5, "centre"),
    ),
)


def _listed(request: Request) -> Iterator[tuple[Any, ...]]:
    """The sheet's rows; what depends on the level alone is given as the level."""
    for row in rows(request.cycle, request.unit):
        yield (
            row.level,
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
            row.level,
            row.level,
            row.extended_until,
        )


def _says(request: Request) -> Mapping[str, Says]:
    at = moments(request.cycle)
    return {
        LEVEL: words.LEVELS.__getitem__,
        DUE: lambda level: format_bound(at.due(level)),
        LATE: lambda level: LATE if request.now >= at.due(level) else "",
        EXTENDED: lambda until: format_bound(until) if until else "",
    }


REPORT = ListReport(
    "หน่วยที่ยังไม่ยืนยัน",
    SHEET,
    _listed,
    nothing=words.ALL_CONFIRMED,
    says=_says,
    constant={PROVINCE: ("จังหวัด",), LAO: ("อปท.", "จังหวัด")},
)
