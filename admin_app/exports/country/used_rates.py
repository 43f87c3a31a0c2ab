"""อัตราที่ใช้: the edition of the rates that a budget is made of, or each province's own."""

from __future__ import annotations

from admin_app.domain.money import RateSet
from admin_app.domain.thai import format_datetime
from admin_app.exports import official, rate_table, words
from admin_app.exports.columns import SheetSpec
from admin_app.exports.country.figures import Country
from admin_app.exports.request import Request
from admin_app.exports.workbook import Book, Column, Sheet
from admin_app.models import User

SHEET = SheetSpec("อัตราที่ใช้", (*rate_table.RATE_COLUMNS, Column("จังหวัดที่ใช้", 40)), small=False)
OF_THE_CLOSE = "ฉบับที่ใช้เมื่อปิดรอบ"
ASKED_FOR = "ฉบับที่เลือก"
EACH_ITS_OWN = "อัตราของแต่ละจังหวัดเมื่อยืนยัน"


def said(country: Country, request: Request) -> str:
    """In one line, which rates the figures rest on."""
    if country.rate_edition is None:
        return EACH_ITS_OWN
    why = OF_THE_CLOSE if request.rates is None else ASKED_FOR
    return f"ฉบับที่ {country.rate_edition} ({why})"


def _edition(sheet: Sheet, country: Country, request: Request, number: int) -> None:
    row = official.edition_of_rates(request.cycle, number)
    person = User.get_or_none(User.id == row.made_by_id) if row.made_by_id else None
    sheet.pair("อัตรา", said(country, request))
    sheet.pair("จัดทำเมื่อ", format_datetime(row.made_at))
    sheet.pair("ผู้จัดทำ", person.name if person else "ยกมาเมื่อสร้างรอบ")
    sheet.pair("เหตุผล", row.reason or "–")
    sheet.pair("รหัสตรวจสอบของอัตรา (SHA-256)", row.digest, "mono")
    sheet.next_row += 1


def _sets(country: Country) -> list[tuple[RateSet, str]]:
    """Each set of rates with the provinces that it pays."""
    found: list[tuple[RateSet, list[str]]] = []
    for province in country.provinces:
        for rates, names in found:
            if rates == province.rates:
                names.append(province.name)
                break
        else:
            found.append((province.rates, [province.name]))
    if len(found) == 1:
        return [(found[0][0], "ทุกจังหวัดที่ยืนยัน")]
    return [(rates, ", ".join(names)) for rates, names in found]


def write(book: Book, country: Country, request: Request) -> None:
    """Write the sheet."""
    sheet = book.declared(SHEET)
    sheet.title("อัตราที่ใช้ในการประมาณการ")
    if country.rate_edition:
        _edition(sheet, country, request, country.rate_edition)
    sheet.head()
    for rates, names in _sets(country):
        for row in rate_table.rows(rates, country.grades):
            sheet.row([*row, names])
        for row in rate_table.counted(rates, country.grades):
            sheet.row([*row, None, None, None, names])
    if country.figures.unpaid:
        sheet.note(f"สถานศึกษา {country.figures.unpaid:,} แห่ง ไม่มีอัตราที่ตรงกับจำนวนนักเรียน จึงคิดเป็น 0")
    sheet.note(words.NOT_ROUNDED)
