"""The national summary and budget as a workbook: one row per LAO, sums of provinces and country.

Provinces that the department closed without are named on a sheet of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from admin_app.database import tuples
from admin_app.domain.money import PER_DAY, RateRow
from admin_app.domain.thai import format_datetime, sort_key
from admin_app.exports import words
from admin_app.exports.columns import EVERY_FIGURE, SheetSpec
from admin_app.exports.country.figures import Country, Figures, read
from admin_app.exports.province.cover import RATE_COLUMNS, bracket
from admin_app.exports.request import Built, Request
from admin_app.exports.workbook import Book, Column, Formula, Sheet, Value, cell
from admin_app.models import Unit

TITLE = "สรุปข้อมูลนักเรียนและงบประมาณทั้งประเทศ"
FIRST = 4
"""The first column of figures on the budget's sheet."""


def _places(*shown: str) -> tuple[Column, ...]:
    widths = {"จังหวัด": 30, "อำเภอ": 18, "อปท.": 28}
    return (Column(words.NUMBER, 7, "count"), *(Column(name, widths[name]) for name in shown))


def _figure_columns(stages: tuple[str, ...]) -> tuple[Column, ...]:
    own, money = "สถานศึกษาสังกัด อปท.", "ประมาณการต่อปี (บาท)"
    return (
        Column("แห่ง", 9, "number", own),
        *(Column(words.STAGES.get(s, words.NO_STAGE), 11, "number", own) for s in stages),
        Column("รวม", 13, "number", own),
        Column("สังกัดอื่น\n(คน)", 12, "number"),
        Column("อาหารกลางวัน", 19, "money", money),
        Column("นม", 19, "money", money),
        Column("รวม", 20, "money", money),
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where sums stand on the budget's sheet: the country's row, then each province's."""

    sheet: Sheet
    country: int
    provinces: tuple[int, ...]


class _Budget:
    """Writes the budget's sheet."""

    def __init__(self, sheet: Sheet, stages: tuple[str, ...]) -> None:
        self.sheet, self.stages = sheet, stages
        self.number = 0

    def sums(self, label: str, figures: Figures, rows: int, part: str, level: int) -> int:
        """A row with the sums over the next ``rows``; sums in between are left out."""
        first, last = self.sheet.next_row + 1, self.sheet.next_row + rows
        values: list[Value] = [
            Formula(f"=SUBTOTAL(9,{cell(first, at)}:{cell(last, at)})", value) if rows else 0
            for at, value in enumerate(figures.row(self.stages), start=FIRST)
        ]
        return self.sheet.row([None, label, None, None, *values], part, level=level)

    def lao(self, province: str, district: str, name: str, figures: Figures) -> None:
        """An LAO's own row."""
        self.number += 1
        row = self.sheet.next_row
        whole = FIRST + 1 + len(self.stages)
        values: list[Value] = [
            self.number,
            province,
            district,
            name,
            *figures.row(self.stages),
        ]
        values[whole] = Formula(
            f"=SUM({cell(row, FIRST + 1)}:{cell(row, whole - 1)})", figures.children
        )
        values[-1] = Formula(
            f"=SUM({cell(row, whole + 2)}:{cell(row, whole + 3)})",
            (figures.lunch + figures.milk) / 100,
        )
        self.sheet.row(values, level=2)


def _budget(book: Book, country: Country, subtitle: str) -> Layout:
    columns = (*_places("จังหวัด", "อำเภอ", "อปท."), *_figure_columns(country.stages))
    sheet = book.sheet("งบประมาณราย อปท.", columns, small=True)
    sheet.worksheet.outline_settings(symbols_below=False)
    sheet.title("ประมาณการอาหารกลางวันและนม รายองค์กรปกครองส่วนท้องถิ่น", subtitle)
    sheet.head()
    writer = _Budget(sheet, country.stages)
    rows = sum(1 + len(province.laos) for province in country.provinces)
    top = writer.sums("ทั้งประเทศ", country.figures, rows, "province", 0)
    at = []
    for province in country.provinces:
        label = f"รวม{words.province(province.name)}"
        at.append(writer.sums(label, province.figures, len(province.laos), "district", 1))
        for lao in province.laos:
            writer.lao(province.name, lao.district, lao.name, lao.figures)
    return Layout(sheet, top, tuple(at))


def _by_province(book: Book, country: Country, layout: Layout, subtitle: str) -> None:
    columns = (*_places("จังหวัด"), *_figure_columns(country.stages))
    sheet = book.sheet("สรุปรายจังหวัด", columns, small=True)
    sheet.title("สรุปรายจังหวัด", subtitle)
    sheet.head()
    first = sheet.next_row
    pairs = zip(country.provinces, layout.provinces, strict=True)
    for number, (province, row) in enumerate(pairs, start=1):
        cells = [
            Formula(layout.sheet.ref(row, at), value)
            for at, value in enumerate(province.figures.row(country.stages), start=FIRST)
        ]
        sheet.row([number, province.name, *cells])
    sums = dict(enumerate(country.figures.row(country.stages), start=2))
    sheet.total("ทั้งประเทศ", first, sums)


def _rates(book: Book, country: Country) -> None:
    """Each set of rates with the provinces that were confirmed under it."""
    used: dict[tuple[RateRow, ...], list[str]] = defaultdict(list)
    for province in country.provinces:
        used[province.rates.rates].append(province.name)
    sheet = book.sheet("อัตราที่ใช้", (*RATE_COLUMNS, Column("จังหวัดที่ใช้", 40)))
    sheet.title("อัตราที่ใช้ในการประมาณการ")
    sheet.head()
    for rates, names in used.items():
        users = "ทุกจังหวัดที่ยืนยัน" if len(used) == 1 else ", ".join(names)
        for rate in (one for one in rates if one.kind in PER_DAY):
            kind = words.SCHOOL_KINDS.get(rate.school_kind, rate.school_kind)
            start: list[Value] = [words.RATE_KINDS.get(rate.kind, rate.kind), kind]
            sheet.row([*start, bracket(rate), rate.satang / 100, rate.days, users])


def _missing(book: Book, codes: tuple[str, ...]) -> None:
    names: dict[str, str] = dict(
        tuples(Unit.select(Unit.code, Unit.name).where(Unit.code << codes))
    )
    columns = (Column(words.NUMBER, 7, "count"), Column("รหัส", 12), Column("จังหวัด", 60))
    sheet = book.sheet("จังหวัดที่ไม่ยืนยัน", columns)
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
        ("รวม (บาท/ปี)", whole + 4, "money"),
    ):
        ref = layout.sheet.ref(layout.country, FIRST + at)
        sheet.pair(label, Formula(ref, values[at]), kind, "left")


def build(request: Request, out: Any) -> Built:
    """Write the workbook to ``out``. Damaged when a snapshot is not what its digest says."""
    country = read(request.cycle, request.unit.id, request.state.revision, request.progress)
    book = Book(out, request.stamp(TITLE))
    edition = words.EDITIONS[request.edition]
    subtitle = f"{words.cycle(request.cycle)} · {edition} · {request.moment}"
    cover = book.sheet("ปก", (Column("", 44), Column("", 90)))
    layout = _budget(book, country, subtitle)
    _by_province(book, country, layout, subtitle)
    _rates(book, country)
    _missing(book, country.missing)
    _cover(cover, country, request, layout)
    book.close()
    rows = sum(len(province.laos) for province in country.provinces)
    return Built(rows=rows, digest=country.top.digest)


SHEETS = (
    SheetSpec("ปก", (Column("", 44), Column("", 90)), small=False),
    SheetSpec(
        "งบประมาณราย อปท.",
        lambda stages: (*_places("จังหวัด", "อำเภอ", "อปท."), *_figure_columns(stages)),
        EVERY_FIGURE,
    ),
    SheetSpec(
        "สรุปรายจังหวัด",
        lambda stages: (*_places("จังหวัด"), *_figure_columns(stages)),
        EVERY_FIGURE,
    ),
    SheetSpec("อัตราที่ใช้", (*RATE_COLUMNS, Column("จังหวัดที่ใช้", 40)), small=False),
    SheetSpec(
        "จังหวัดที่ไม่ยืนยัน",
        (Column(words.NUMBER, 7, "count"), Column("รหัส", 12), Column("จังหวัด", 60)),
        small=False,
    ),
)
"""As the export is declared; a test holds the workbook to it."""
