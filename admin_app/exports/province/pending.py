"""ยังไม่ยืนยัน: the units of the province that have not confirmed, and whom to ask."""

from __future__ import annotations

from admin_app.exports import words
from admin_app.exports.data import Summary
from admin_app.exports.workbook import Book, Column, SheetSpec

SHEET = SheetSpec(
    "ยังไม่ยืนยัน",
    (
        Column(words.NUMBER, 6, "count"),
        Column("ระดับ", 12),
        Column("รหัส", 14),
        Column("ชื่อหน่วย", 44),
        Column("สังกัด อปท.", 24),
        Column("ผู้ประสานงาน", 28),
        Column("โทรศัพท์", 16),
        Column("อีเมล", 34),
        Column("นักเรียน\nที่บันทึก", 11, "number"),
    ),
)


def write(book: Book, data: Summary, subtitle: str) -> None:
    """Write the sheet; where everybody has confirmed, it says so."""
    sheet = book.declared(SHEET)
    sheet.title(f"หน่วยที่ยังไม่ยืนยัน {words.province(data.name)}", subtitle)
    sheet.head()
    for number, unit in enumerate(data.outstanding, start=1):
        sheet.row(
            [
                number,
                words.LEVELS[unit.level],
                unit.code,
                unit.name,
                unit.lao,
                unit.contact_name,
                unit.phone,
                unit.email,
                unit.children,
            ],
            *(("lao",) if unit.level == "lao" else ()),
        )
    if not data.outstanding:
        sheet.note(words.ALL_CONFIRMED)
