"""ประมาณการอาหารกลางวันและนม: per school, with the rate that pays it, and the subsidy per head.
Shown in baht, counted in satang (``domain/money.py``)."""

from __future__ import annotations

from admin_app.domain.money import LUNCH, MILK, PER_DAY, SUBSIDY, Due
from admin_app.exports import words
from admin_app.exports.data import Summary
from admin_app.exports.workbook import Book, Column, Formula, Value, cell

SHEET = "ประมาณการอาหารกลางวันและนม"
TITLE = "ประมาณการอาหารกลางวัน นม และเงินอุดหนุนรายหัว"
FIRST_KIND = 4
"""The first column of a kind: children counted, baht, days and the product of these."""
PER_HEAD = FIRST_KIND + 4 * len(PER_DAY)
SUM = PER_HEAD + 2

COLUMNS = (
    Column(words.NUMBER, 6, "count"),
    Column("อปท.", 24),
    Column(words.SCHOOL_NAME, 40),
    Column("ประเภท", 11, "centre"),
    *(
        column
        for kind in PER_DAY
        for column in (
            Column("คน", 9, "number", words.RATE_KINDS[kind]),
            Column("บาท/คน/วัน", 10, "money", words.RATE_KINDS[kind]),
            Column("วัน", 7, "number", words.RATE_KINDS[kind]),
            Column("บาท/ปี", 17, "money", words.RATE_KINDS[kind]),
        )
    ),
    Column("คน", 9, "number", words.RATE_KINDS[SUBSIDY]),
    Column("บาท/ปี", 17, "money", words.RATE_KINDS[SUBSIDY]),
    Column("รวมบาท/ปี", 18, "money"),
)
NOTE = (
    "ประมาณการต่อปีงบประมาณ: อาหารกลางวันและนม = จำนวนเด็กของชั้นที่นับ × อัตราต่อคนต่อวัน × จำนวนวัน"
    " เงินอุดหนุนรายหัว = จำนวนเด็กแต่ละชั้น × อัตราของชั้นนั้น ตามอัตราที่แสดงไว้ในหน้าปก"
)


def _cells(row: int, at: int, meals: Due) -> list[Value]:
    if meals.rate is None:
        return [meals.children, *([words.NO_RATE, None, 0] if meals.children else [0, 0, 0])]
    product = f"=ROUND({cell(row, at)}*{cell(row, at + 1)}*{cell(row, at + 2)},2)"
    figure = Formula(product, meals.satang / 100)
    return [meals.children, meals.rate.satang / 100, meals.rate.days, figure]


def write(book: Book, data: Summary, subtitle: str) -> None:
    """Write the sheet, the total of each column below it."""
    sheet = book.sheet(SHEET, COLUMNS, small=True)
    sheet.title(f"{TITLE} {words.province(data.name)}", subtitle)
    sheet.head()
    first = sheet.next_row
    amounts = (FIRST_KIND + 3, FIRST_KIND + 7, PER_HEAD + 1, SUM)
    sums = dict.fromkeys((FIRST_KIND, FIRST_KIND + 4, PER_HEAD, *amounts), 0)
    for number, (lao, school) in enumerate(data.schools, start=1):
        row = sheet.next_row
        lunch, milk, head = (data.due(school, kind) for kind in (LUNCH, MILK, SUBSIDY))
        satang = lunch.satang + milk.satang + head.satang
        added = "+".join(cell(row, at) for at in amounts[:-1])
        sheet.row(
            [
                number,
                lao.name,
                school.name,
                words.SCHOOL_KINDS.get(school.kind, school.kind),
                *_cells(row, FIRST_KIND, lunch),
                *_cells(row, FIRST_KIND + 4, milk),
                head.children,
                head.satang / 100,
                Formula(f"=ROUND({added},2)", satang / 100),
            ]
        )
        for at, due in zip(sums, (lunch, milk, head), strict=False):
            sums[at] += due.children
        for at, value in zip(
            amounts, (lunch.satang, milk.satang, head.satang, satang), strict=True
        ):
            sums[at] += value
    in_baht = {at: n / 100 if at in amounts else n for at, n in sums.items()}
    sheet.total("รวม", first, in_baht)
    sheet.note(NOTE)
    sheet.note(words.NOT_ROUNDED)
