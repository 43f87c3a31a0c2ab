"""งบประมาณราย อปท.: province > LAO > school, as an outline that opens at the LAOs.

A sum is the SUBTOTAL of the schools below it, so opening an LAO shows what its sum is made of. The
last round's figures are each unit's own, found by its code. Written row by row, from above.
"""

from __future__ import annotations

from dataclasses import dataclass

from admin_app.exports import words
from admin_app.exports.columns import EVERY_FIGURE, SheetSpec, Stages
from admin_app.exports.country.figures import Country, Figures, Line
from admin_app.exports.style import ROW_HEIGHT, lines
from admin_app.exports.workbook import Book, Column, Formula, Sheet, Value, cell

NAME = 1
FIRST = 3
"""The first column of figures."""
NOT_THERE = "–"
NOTES = (
    "เปิดเครื่องหมาย + หน้าแถวของ อปท. เพื่อดูสถานศึกษาที่ประกอบเป็นยอดนั้น",
    words.NOT_ROUNDED,
)
LAST_NOTE = (
    "รอบก่อน: รอบ {cycle} ตามที่กรมปิดรอบไว้ คิดตามอัตราของรอบนั้น เทียบหน่วยเดียวกันตามรหัส"
    " ยอดรวมของรอบก่อนรวมหน่วยที่ไม่มีในรอบนี้ด้วย และ – คือหน่วยที่ไม่มีในรอบก่อน"
)


def _stage(key: str) -> str:
    return words.STAGES.get(key, words.NO_STAGE).replace("ตอน", "\nตอน")


def figure_columns(stages: Stages) -> tuple[Column, ...]:
    """The columns of figures.

    Without groups: their merged heading would need two rows at once, and rows leave memory.
    """
    return (
        Column("แห่ง", 7, "number"),
        *(Column(_stage(s), 10, "number") for s in stages),
        Column("รวม\n(คน)", 11, "number"),
        Column("สังกัดอื่น\n(คน)", 9, "number"),
        Column("อาหารกลางวัน\n(บาท/ปี)", 17, "money"),
        Column("นม\n(บาท/ปี)", 16, "money"),
        Column("เงินอุดหนุน\n(บาท/ปี)", 17, "money"),
        Column("รวม\n(บาท/ปี)", 18, "money"),
    )


LAST_ROUND = (
    Column("รอบก่อน\n(คน)", 11, "number"),
    Column("รอบก่อน\n(บาท/ปี)", 18, "money"),
    Column("เพิ่ม/ลด\n(คน)", 9, "number"),
    Column("เพิ่ม/ลด\n(บาท/ปี)", 17, "money"),
)


def _columns(stages: Stages) -> tuple[Column, ...]:
    return (
        Column(words.NUMBER, 6, "count"),
        Column("จังหวัด / อปท. / สถานศึกษา", 32),
        Column("อำเภอ", 13),
        *figure_columns(stages),
    )


SHEET = SheetSpec("งบประมาณราย อปท.", _columns, EVERY_FIGURE, more=LAST_ROUND)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where sums stand: the country's row, then each province's; figures begin at ``first``."""

    sheet: Sheet
    country: int
    provinces: tuple[int, ...]


def last_cells(country: Country, row: int, first: int, code: str, figures: Figures) -> list[Value]:
    """The last round's children and baht, and what is more or less now, for a row of figures."""
    if country.last is None:
        return []
    then = country.last.get(code)
    if then is None:
        return [NOT_THERE] * 4
    children, baht = first + 1 + len(country.stages), first + 6 + len(country.stages)
    was = baht + 1
    more, dearer = figures.children - then[0], figures.satang - then[1]
    return [
        then[0],
        then[1] / 100,
        Formula(f"={cell(row, children)}-{cell(row, was)}", more),
        Formula(f"=ROUND({cell(row, baht)}-{cell(row, was + 1)},2)", dearer / 100),
    ]


class _Budget:
    """Writes the sheet, each row with the sums of those that it opens to."""

    def __init__(self, sheet: Sheet, country: Country) -> None:
        self.sheet, self.country = sheet, country
        self.number = 0

    def _write(
        self,
        values: list[Value],
        code: str,
        figures: Figures,
        parts: tuple[str, ...],
        level: int,
        *,
        hidden: bool = False,
        collapsed: bool = False,
    ) -> int:
        last = last_cells(self.country, self.sheet.next_row, FIRST, code, figures)
        row = self.sheet.row([*values, *last], *parts)
        texts = zip(self.sheet.columns[NAME:FIRST], values[NAME:FIRST], strict=True)
        size = self.sheet.size
        height = ROW_HEIGHT[size] * max(lines(str(v or ""), c.width, size) for c, v in texts)
        options = {"level": level, "hidden": hidden, "collapsed": collapsed}
        self.sheet.worksheet.set_row(row, height, None, options)
        return row

    def sums(
        self, label: str, code: str, figures: Figures, rows: int, part: str, level: int
    ) -> int:
        """A row with the sums over the next ``rows``; sums in between are left out."""
        first, last = self.sheet.next_row + 1, self.sheet.next_row + rows
        cells: list[Value] = [
            Formula(f"=SUBTOTAL(9,{cell(first, at)}:{cell(last, at)})", value) if rows else 0
            for at, value in enumerate(figures.row(self.country.stages), start=FIRST)
        ]
        return self._write([None, label, None, *cells], code, figures, (part,), level)

    def lao(self, line: Line) -> None:
        """An LAO: the sums of its schools, and the other affiliations that it counted itself."""
        self.number += 1
        first, last = self.sheet.next_row + 1, self.sheet.next_row + len(line.below)
        others = FIRST + 2 + len(self.country.stages)
        cells: list[Value] = [
            value
            if at == others or not line.below
            else Formula(f"=SUBTOTAL(9,{cell(first, at)}:{cell(last, at)})", value)
            for at, value in enumerate(line.figures.row(self.country.stages), start=FIRST)
        ]
        start: list[Value] = [self.number, line.name, line.district]
        self._write(
            [*start, *cells],
            line.code,
            line.figures,
            ("lao", "indent1"),
            2,
            collapsed=bool(line.below),
        )
        for school in line.below:
            self.school(school)

    def school(self, line: Line) -> None:
        """A school's own row, folded away below its LAO."""
        row = self.sheet.next_row
        stages = len(self.country.stages)
        whole, money = FIRST + 1 + stages, FIRST + 3 + stages
        figures = line.figures
        values: list[Value] = [None, line.name, line.district, *figures.row(self.country.stages)]
        span = f"{cell(row, FIRST + 1)}:{cell(row, whole - 1)}"
        values[whole] = Formula(f"=SUM({span})", figures.children)
        values[whole + 1] = None  # an LAO counts the other affiliations, not a school
        span = f"{cell(row, money)}:{cell(row, money + 2)}"
        values[money + 3] = Formula(f"=SUM({span})", figures.satang / 100)
        self._write(values, line.code, figures, ("indent2",), 3, hidden=True)


def write(book: Book, country: Country, subtitle: str) -> Layout:
    """Write the sheet; answers with where its sums stand."""
    sheet = book.declared(SHEET, country.stages, more=country.last is not None)
    sheet.worksheet.outline_settings(symbols_below=False)
    sheet.title("ประมาณการงบประมาณ รายองค์กรปกครองส่วนท้องถิ่น", subtitle)
    for text in NOTES:
        sheet.note(text)
    if country.before is not None:
        sheet.note(LAST_NOTE.format(cycle=country.before.code))
    sheet.head()
    writer = _Budget(sheet, country)
    below = [sum(1 + len(lao.below) for lao in province.laos) for province in country.provinces]
    rows = sum(below) + len(below)
    top = writer.sums("ทั้งประเทศ", country.code, country.figures, rows, "province", 0)
    at = []
    for province, number in zip(country.provinces, below, strict=True):
        label = f"รวม{words.province(province.name)}"
        at.append(writer.sums(label, province.code, province.figures, number, "district", 1))
        for lao in province.laos:
            writer.lao(lao)
    return Layout(sheet, top, tuple(at))
