"""ประมาณการอาหารกลางวันและนม: per school, with the rate that pays it. Shown in baht, counted in
satang (``domain/money.py``)."""

from __future__ import annotations

from admin_app.domain.money import Due
from admin_app.exports import words
from admin_app.exports.data import Summary
from admin_app.exports.workbook import Book, Column, Formula, Value, cell

SHEET = "ประมาณการอาหารกลางวันและนม"
COUNTED = 4

COLUMNS = (
    Column(words.NUMBER, 6, "count"),
    Column("อปท.", 24),
    Column(words.SCHOOL_NAME, 42),
    Column("ประเภท", 11, "centre"),
    Column("เด็กเล็ก–ป.6\n(คน)", 11, "number"),
    *(
        column
        for kind in ("lunch", "milk")
        for column in (
            Column("บาท/คน/วัน", 11, "money", words.RATE_KINDS[kind]),
            Column("วัน", 8, "number", words.RATE_KINDS[kind]),
            Column("บาท/ปี", 17, "money", words.RATE_KINDS[kind]),
        )
    ),
    Column("รวมบาท/ปี", 18, "money"),
)


def _cells(row: int, at: int, meals: Due) -> list[Value]:
    if meals.children and meals.rate is None:
        return [words.NO_RATE, None, 0]
    if meals.rate is None:
        return [0, 0, 0]
    product = f"=ROUND({cell(row, COUNTED)}*{cell(row, at)}*{cell(row, at + 1)},2)"
    return [meals.rate.satang / 100, meals.rate.days, Formula(product, meals.satang / 100)]


def write(book: Book, data: Summary, subtitle: str) -> None:
    """Write the sheet, the total of each column below it."""
    sheet = book.sheet(SHEET, COLUMNS, small=True)
    sheet.title(f"ประมาณการอาหารกลางวันและนม {words.province(data.name)}", subtitle)
    sheet.head()
    first = sheet.next_row
    counted = lunches = milks = 0
    for number, (lao, school) in enumerate(data.schools, start=1):
        row = sheet.next_row
        lunch, milk = data.due(school, "lunch"), data.due(school, "milk")
        counted += lunch.children
        lunches += lunch.satang
        milks += milk.satang
        both = (lunch.satang + milk.satang) / 100
        sheet.row(
            [
                number,
                lao.name,
                school.name,
                words.SCHOOL_KINDS.get(school.kind, school.kind),
                lunch.children,
                *_cells(row, 5, lunch),
                *_cells(row, 8, milk),
                Formula(f"={cell(row, 7)}+{cell(row, 10)}", both),
            ]
        )
    sums = {COUNTED: counted, 7: lunches / 100, 10: milks / 100, 11: (lunches + milks) / 100}
    sheet.total("รวม", first, sums)
    sheet.note(
        "ประมาณการต่อปีงบประมาณ: จำนวนเด็ก × อัตราต่อคนต่อวัน × จำนวนวัน ตามอัตราของรอบนี้ ซึ่งแสดงไว้ในหน้าปก"
    )
