"""The national summary and budget as a workbook: cover, budget, provinces, rates, who is missing.

Provinces that the department closed without are named on a sheet of their own.
"""

from __future__ import annotations

from typing import Any

from admin_app.database import tuples
from admin_app.domain.thai import format_datetime, sort_key
from admin_app.exports import words
from admin_app.exports.columns import EVERY_FIGURE, SheetSpec
from admin_app.exports.country import budget, used_rates
from admin_app.exports.country.budget import FIRST, Layout
from admin_app.exports.country.figures import Country, read
from admin_app.exports.request import Built, Request
from admin_app.exports.workbook import Book, Column, Formula, Sheet, Value
from admin_app.models import Unit

TITLE = "สรุปข้อมูลนักเรียนและงบประมาณทั้งประเทศ"
FIRST_OF_PROVINCES = 2
COVER = SheetSpec("ปก", (Column("", 44), Column("", 90)), small=False)
BY_PROVINCE = SheetSpec(
    "สรุปรายจังหวัด",
    lambda stages: (
        Column(words.NUMBER, 7, "count"),
        Column("จังหวัด", 30),
        *budget.figure_columns(stages),
    ),
    EVERY_FIGURE,
    more=budget.LAST_ROUND,
)
MISSING = SheetSpec(
    "จังหวัดที่ไม่ยืนยัน",
    (Column(words.NUMBER, 7, "count"), Column("รหัส", 12), Column("จังหวัด", 60)),
    small=False,
)


def _by_province(book: Book, country: Country, layout: Layout, subtitle: str) -> None:
    sheet = book.declared(BY_PROVINCE, country.stages, more=country.last is not None)
    sheet.title("สรุปรายจังหวัด", subtitle)
    sheet.head()
    first = sheet.next_row
    pairs = zip(country.provinces, layout.provinces, strict=True)
    for number, (province, row) in enumerate(pairs, start=1):
        cells: list[Value] = [
            Formula(layout.sheet.ref(row, at), value)
            for at, value in enumerate(province.figures.row(country.stages), start=FIRST)
        ]
        at = sheet.next_row
        last = budget.last_cells(country, at, FIRST_OF_PROVINCES, province.code, province.figures)
        sheet.row([number, province.name, *cells, *last])
    figures = country.figures.row(country.stages)
    if country.last is None:
        sheet.total("ทั้งประเทศ", first, dict(enumerate(figures, start=FIRST_OF_PROVINCES)))
        return
    # The last round's whole has provinces too that this one lacks, so it is no sum of these rows.
    row = sheet.next_row
    whole: list[Value] = [
        Formula(layout.sheet.ref(layout.country, at), value)
        for at, value in enumerate(figures, start=FIRST)
    ]
    last = budget.last_cells(country, row, FIRST_OF_PROVINCES, country.code, country.figures)
    sheet.row([None, "ทั้งประเทศ", *whole, *last], "total")


def _missing(book: Book, codes: tuple[str, ...]) -> None:
    names: dict[str, str] = dict(
        tuples(Unit.select(Unit.code, Unit.name).where(Unit.code << codes))
    )
    sheet = book.declared(MISSING)
    sheet.title("จังหวัดที่ไม่ยืนยันก่อนปิดรอบ (ไม่รวมในตัวเลข)")
    sheet.head()
    in_order = sorted((sort_key(names.get(code, code)), code) for code in codes)
    for number, (_key, code) in enumerate(in_order, start=1):
        sheet.row([number, code, names.get(code, code)])
    if not codes:
        sheet.note("ทุกจังหวัดยืนยันแล้ว")


def _cover(sheet: Sheet, country: Country, request: Request, layout: Layout) -> None:
    sheet.line(TITLE, "huge", height=46)
    sheet.line("กรมส่งเสริมการปกครองท้องถิ่น", "title", height=32)
    sheet.next_row += 1
    sheet.pair("รอบ", f"{request.cycle.code} ({words.cycle(request.cycle)})")
    sheet.pair("ฉบับ", words.EDITIONS[request.edition])
    sheet.pair("ปิดรอบเมื่อ", format_datetime(country.top.taken_at))
    sheet.pair("รหัสตรวจสอบ (SHA-256)", country.top.digest, "mono")
    sheet.pair("อัตราที่ใช้", used_rates.said(country, request))
    if country.before is not None:
        sheet.pair("รอบก่อนที่เปรียบเทียบ", country.before.code)
    sheet.pair("ออกเอกสารเมื่อ", request.moment)
    sheet.pair("ผู้ออกเอกสาร", request.made_by)
    sheet.next_row += 1
    confirmed, missing = len(country.provinces), len(country.missing)
    sheet.pair("จังหวัด", f"ยืนยัน {confirmed:,} จังหวัด ไม่ยืนยัน {missing:,} จังหวัด")
    values = country.figures.row(country.stages)
    whole = 1 + len(country.stages)
    for label, at, kind in (
        ("สถานศึกษา (แห่ง)", 0, "number"),
        ("นักเรียนในสังกัด อปท. (คน)", whole, "number"),
        ("นักเรียนสังกัดอื่น (คน)", whole + 1, "number"),
        ("ประมาณการอาหารกลางวัน (บาท/ปี)", whole + 2, "money"),
        ("ประมาณการนม (บาท/ปี)", whole + 3, "money"),
        ("ประมาณการเงินอุดหนุนรายหัว (บาท/ปี)", whole + 4, "money"),
        ("รวม (บาท/ปี)", whole + 5, "money"),
    ):
        ref = layout.sheet.ref(layout.country, FIRST + at)
        sheet.pair(label, Formula(ref, values[at]), kind, "left")


def build(request: Request, out: Any) -> Built:
    """Write the workbook to ``out``. Damaged when a snapshot is not what its digest says."""
    country = read(
        request.cycle, request.unit.id, request.state.revision, request.rates, request.progress
    )
    book = Book(out, request.stamp(TITLE), streaming=True)
    edition = words.EDITIONS[request.edition]
    subtitle = f"{words.cycle(request.cycle)} · {edition} · {request.moment}"
    cover = book.declared(COVER)
    layout = budget.write(book, country, subtitle)
    _by_province(book, country, layout, subtitle)
    used_rates.write(book, country, request)
    _missing(book, country.missing)
    _cover(cover, country, request, layout)
    book.close()
    rows = sum(1 + len(lao.below) for province in country.provinces for lao in province.laos)
    return Built(rows=rows, digest=country.top.digest)


SHEETS = (COVER, budget.SHEET, BY_PROVINCE, used_rates.SHEET, MISSING)
"""As the export is declared; a test holds the workbook to it."""
