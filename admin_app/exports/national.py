"""National summary and budget (งบประมาณทั้งประเทศ): one row per LAO, from snapshots alone.

The department's snapshot names its provinces'; each province is read, summed up and let go, so that
the country never lies in memory as a whole. Provinces that the department closed without are named.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from admin_app.database import tuples
from admin_app.domain.money import RateRow
from admin_app.domain.stages import STAGES
from admin_app.domain.thai import format_datetime
from admin_app.exports import official, words
from admin_app.exports.data import Summary, total
from admin_app.exports.official import Frozen
from admin_app.exports.province.cover import RATE_COLUMNS, bracket
from admin_app.exports.request import Built, Request
from admin_app.exports.workbook import Book, Column, Formula, Sheet, Value, cell
from admin_app.models import Unit

FIRST = 4
"""The first column of figures."""


@dataclass(frozen=True, slots=True)
class LaoLine:
    """An LAO's figures in the order of the columns; money in satang at the end."""

    district: str
    name: str
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProvinceLines:
    """A province with its LAOs' lines and the rates that it was confirmed under."""

    name: str
    laos: tuple[LaoLine, ...]
    rates: tuple[RateRow, ...]

    @property
    def sums(self) -> list[int]:
        """The sums over its LAOs, by column."""
        return [sum(column) for column in zip(*(lao.figures for lao in self.laos), strict=True)]


STAGE_KEYS = (*STAGES, "")
WHOLE = 1 + len(STAGE_KEYS)
"""The place of "all stages" among the figures; schools come before the stages."""


def _lines(data: Summary) -> ProvinceLines:
    laos = []
    for lao in data.laos:
        by_stage = data.by_stage(lao.counts)
        lunch, milk = data.money(lao, "lunch"), data.money(lao, "milk")
        figures = (
            len(lao.schools),
            *(by_stage[stage] for stage in STAGE_KEYS),
            total(lao.counts),
            total(lao.other_counts),
            lunch,
            milk,
            lunch + milk,
        )
        laos.append(LaoLine(lao.district.name, lao.name, figures))
    return ProvinceLines(data.name, tuple(laos), data.rates)


def _columns() -> tuple[Column, ...]:
    own, money = "สถานศึกษาสังกัด อปท.", "ประมาณการต่อปี (บาท)"
    return (
        Column(words.NUMBER, 7, "count"),
        Column("จังหวัด", 18),
        Column("อำเภอ", 18),
        Column("อปท.", 28),
        Column("แห่ง", 8, "number", own),
        *(
            Column(words.STAGES.get(stage, words.NO_STAGE), 11, "number", own)
            for stage in STAGE_KEYS
        ),
        Column("รวม", 12, "number", own),
        Column("สังกัดอื่น\n(คน)", 12, "number"),
        Column("อาหารกลางวัน", 19, "money", money),
        Column("นม", 19, "money", money),
        Column("รวม", 20, "money", money),
    )


def _values(figures: list[int] | tuple[int, ...]) -> list[float]:
    """Figures as shown: the money, at the end, in baht."""
    return [*figures[:-3], *(satang / 100 for satang in figures[-3:])]


def _lao_cells(row: int, lao: LaoLine) -> list[Value]:
    values: list[Value] = list(_values(lao.figures))
    stages = f"{cell(row, FIRST + 1)}:{cell(row, FIRST + WHOLE - 1)}"
    values[WHOLE] = Formula(f"=SUM({stages})", lao.figures[WHOLE])
    money = f"{cell(row, FIRST + WHOLE + 2)}:{cell(row, FIRST + WHOLE + 3)}"
    values[-1] = Formula(f"=SUM({money})", lao.figures[-1] / 100)
    return values


def _sum_cells(first: int, last: int, sums: list[int]) -> list[Value]:
    return [
        Formula(f"=SUBTOTAL(9,{cell(first, at)}:{cell(last, at)})", value)
        for at, value in enumerate(_values(sums), start=FIRST)
    ]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where sums stand on the budget's sheet: the country's row, then each province's."""

    sheet: Sheet
    country: int
    provinces: tuple[int, ...]


def _budget(book: Book, provinces: list[ProvinceLines], subtitle: str) -> Layout:
    sheet = book.sheet("งบประมาณราย อปท.", _columns(), small=True)
    sheet.worksheet.outline_settings(symbols_below=False)
    sheet.title("ประมาณการอาหารกลางวันและนม รายองค์กรปกครองส่วนท้องถิ่น", subtitle)
    sheet.head()
    rows = sum(1 + len(province.laos) for province in provinces)
    country_row = sheet.next_row
    sums = _country_sums(provinces)
    if not rows:
        country: list[Value] = list(_values(sums))
    else:
        country = _sum_cells(country_row + 1, country_row + rows, sums)
    sheet.row([None, "ทั้งประเทศ", None, None, *country], "province")
    number, at = 0, []
    for province in provinces:
        row = sheet.next_row
        at.append(row)
        cells: list[Value] = (
            _sum_cells(row + 1, row + len(province.laos), province.sums)
            if province.laos
            else [0] * (WHOLE + 5)
        )
        label = f"รวม{words.province(province.name)}"
        sheet.row([None, label, None, None, *cells], "district", level=1)
        for lao in province.laos:
            number += 1
            start: list[Value] = [number, province.name, lao.district, lao.name]
            sheet.row([*start, *_lao_cells(sheet.next_row, lao)], level=2)
    return Layout(sheet, country_row, tuple(at))


def _country_sums(provinces: list[ProvinceLines]) -> list[int]:
    with_laos = [province.sums for province in provinces if province.laos]
    return [sum(column) for column in zip(*with_laos, strict=True)] or [0] * (WHOLE + 5)


def _by_province(book: Book, provinces: list[ProvinceLines], layout: Layout, subtitle: str) -> None:
    columns = tuple(c for c in _columns() if c.heading not in ("อำเภอ", "อปท."))
    sheet = book.sheet("สรุปรายจังหวัด", columns, small=True)
    sheet.title("สรุปรายจังหวัด", subtitle)
    sheet.head()
    first = sheet.next_row
    for number, (province, row) in enumerate(
        zip(provinces, layout.provinces, strict=True), start=1
    ):
        figures = _values(province.sums) if province.laos else [0.0] * (WHOLE + 5)
        cells = [
            Formula(layout.sheet.ref(row, at), value)
            for at, value in enumerate(figures, start=FIRST)
        ]
        sheet.row([number, province.name, *cells])
    sums = dict(enumerate(_values(_country_sums(provinces)), start=2))
    sheet.total("ทั้งประเทศ", first, sums)


def _rates(book: Book, provinces: list[ProvinceLines]) -> None:
    """Each set of rates with the provinces that were confirmed under it."""
    used: dict[tuple[RateRow, ...], list[str]] = defaultdict(list)
    for province in provinces:
        used[province.rates].append(province.name)
    sheet = book.sheet("อัตราที่ใช้", (*RATE_COLUMNS, Column("จังหวัดที่ใช้", 40)))
    sheet.title("อัตราที่ใช้ในการประมาณการ")
    sheet.head()
    for rates, names in used.items():
        users = "ทุกจังหวัดที่ยืนยัน" if len(used) == 1 else ", ".join(names)
        for rate in rates:
            kind = words.SCHOOL_KINDS.get(rate.school_kind, rate.school_kind)
            start: list[Value] = [words.RATE_KINDS.get(rate.kind, rate.kind), kind]
            sheet.row([*start, bracket(rate), rate.satang / 100, rate.days, users])


def _missing(book: Book, codes: list[str]) -> None:
    names: dict[str, str] = dict(
        tuples(Unit.select(Unit.code, Unit.name).where(Unit.code << codes))
    )
    columns = (Column(words.NUMBER, 7, "count"), Column("รหัส", 12), Column("จังหวัด", 40))
    sheet = book.sheet("จังหวัดที่ไม่ยืนยัน", columns)
    sheet.title("จังหวัดที่ไม่ยืนยันก่อนปิดรอบ (ไม่รวมในตัวเลข)")
    sheet.head()
    for number, code in enumerate(codes, start=1):
        sheet.row([number, code, names.get(code, code)])
    if not codes:
        sheet.note("ทุกจังหวัดยืนยันแล้ว")


def _cover(sheet: Sheet, request: Request, top: Frozen, missing: int, layout: Layout) -> None:
    sheet.line("สรุปข้อมูลนักเรียนและงบประมาณทั้งประเทศ", "huge", height=46)
    sheet.line("กรมส่งเสริมการปกครองท้องถิ่น", "title", height=32)
    sheet.next_row += 1
    sheet.pair("รอบ", f"{request.cycle.code} ({words.cycle(request.cycle)})")
    sheet.pair("ฉบับ", words.EDITIONS[request.edition])
    sheet.pair("ปิดรอบเมื่อ", format_datetime(top.taken_at))
    sheet.pair("รหัสตรวจสอบ (SHA-256)", top.digest, "mono")
    sheet.pair("ออกเอกสารเมื่อ", request.moment)
    sheet.pair("ผู้ออกเอกสาร", request.made_by)
    sheet.next_row += 1
    confirmed = len(layout.provinces)
    sheet.pair("จังหวัด", f"ยืนยัน {confirmed:,} จังหวัด ไม่ยืนยัน {missing:,} จังหวัด")


def _cover_figures(sheet: Sheet, layout: Layout, sums: list[int]) -> None:
    values = _values(sums)
    for label, at, kind in (
        ("สถานศึกษา (แห่ง)", 0, "number"),
        ("นักเรียนในสังกัด อปท. (คน)", WHOLE, "number"),
        ("นักเรียนสังกัดอื่น (คน)", WHOLE + 1, "number"),
        ("ประมาณการอาหารกลางวัน (บาท/ปี)", WHOLE + 2, "money"),
        ("ประมาณการนม (บาท/ปี)", WHOLE + 3, "money"),
        ("รวม (บาท/ปี)", WHOLE + 4, "money"),
    ):
        ref = layout.sheet.ref(layout.country, FIRST + at)
        sheet.pair(label, Formula(ref, values[at]), kind, "left")


def build(request: Request, out: Any) -> Built:
    """Write the workbook to ``out``. Damaged when a snapshot is not what its digest says."""
    cycle = request.cycle
    top = official.top(cycle, request.unit.id, request.state.revision)
    heads = official.named(cycle, top.content["provinces"])
    provinces = [_lines(official.province(cycle, frozen)) for frozen in heads]
    missing = list(top.content["missing"])
    book = Book(out, request.stamp("สรุปข้อมูลนักเรียนและงบประมาณทั้งประเทศ"))
    subtitle = f"{words.cycle(cycle)} · {words.EDITIONS[request.edition]} · {request.moment}"
    cover = book.sheet("ปก", (Column("", 44), Column("", 90)))
    layout = _budget(book, provinces, subtitle)
    _by_province(book, provinces, layout, subtitle)
    _rates(book, provinces)
    _missing(book, missing)
    _cover(cover, request, top, len(missing), layout)
    _cover_figures(cover, layout, _country_sums(provinces))
    book.close()
    return Built(rows=sum(len(province.laos) for province in provinces), digest=top.digest)
