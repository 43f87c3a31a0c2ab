"""ปก: what this workbook is, what it rests on, its main figures, the rates that it used."""

from __future__ import annotations

from dataclasses import dataclass

from admin_app.domain.money import KINDS
from admin_app.domain.thai import format_datetime
from admin_app.exports import rate_table, words
from admin_app.exports.data import Summary, total
from admin_app.exports.province import grades, laos
from admin_app.exports.request import Request
from admin_app.exports.workbook import Book, Formula, Sheet

SHEET = "ปก"


@dataclass(frozen=True, slots=True)
class Sums:
    """Where the main figures stand on the other sheets."""

    laos: laos.Layout
    grades: grades.Layout


def _what(sheet: Sheet, data: Summary, request: Request) -> None:
    sheet.pair("รอบ", f"{request.cycle.code} ({words.cycle(request.cycle)})")
    sheet.pair("ฉบับ", words.EDITIONS[data.edition], *(("missing",) if not data.digest else ()))
    if data.digest:
        when = format_datetime(data.confirmed_at) if data.confirmed_at else ""
        sheet.pair("จังหวัดยืนยันเมื่อ", f"{when} (ยืนยันครั้งที่ {data.revision})")
        sheet.pair("รหัสตรวจสอบ (SHA-256)", data.digest, "mono")
    sheet.pair("ออกเอกสารเมื่อ", request.moment)
    sheet.pair("ผู้ออกเอกสาร", request.made_by)


def _figures(sheet: Sheet, data: Summary, at: Sums) -> None:
    """The main figures as formulas on the other sheets' totals."""
    confirmed = sum(lao.confirmed for lao in data.laos)
    schools = [school for _, school in data.schools]
    confirmed_schools = sum(school.confirmed for school in schools)
    sheet.pair("อปท.", f"{len(data.laos):,} แห่ง ยืนยันแล้ว {confirmed:,} แห่ง")
    sheet.pair("สถานศึกษา", f"{len(schools):,} แห่ง ยืนยันแล้ว {confirmed_schools:,} แห่ง")
    layout = at.laos
    for label, name, value in (
        ("นักเรียนในสังกัด อปท. (คน)", "children", total(data.counts)),
        ("นักเรียนสังกัดอื่นในพื้นที่ (คน)", "other_children", total(data.other_counts)),
    ):
        sheet.pair(label, Formula(layout.ref(name), value), "number", "left")
        if name == "children":
            for column, sex, count in (
                (2, words.BOYS, at.grades.boys),
                (3, words.GIRLS, at.grades.girls),
            ):
                ref = at.grades.sheet.ref(at.grades.total_row, column)
                sheet.pair(f"    {sex} (คน)", Formula(ref, count), "number", "left")
    for kind in KINDS:
        satang = sum(data.money(lao, kind) for lao in data.laos)
        label = f"ประมาณการ{words.RATE_KINDS[kind]} (บาท/ปี)"
        sheet.pair(label, Formula(layout.ref(kind), satang / 100), "money", "left")


def write(sheet: Sheet, data: Summary, request: Request, at: Sums) -> None:
    """Fill the cover, after the sheets whose sums it shows."""
    if sheet.book.stamp.draft:
        sheet.line(words.DRAFT, "huge", "missing", height=46)
        sheet.line(words.DRAFT_NOTE, "draft", height=34)
    sheet.line("สรุปข้อมูลนักเรียนและสถานศึกษา", "huge", height=46)
    sheet.line(words.province(data.name), "huge", height=46)
    sheet.line("ศูนย์ข้อมูลสารสนเทศทางการศึกษาท้องถิ่น (LEC)", "subtitle")
    sheet.next_row += 1
    _what(sheet, data, request)
    sheet.next_row += 1
    _figures(sheet, data, at)
    sheet.next_row += 1
    if data.rate_edition:
        sheet.pair("อัตราฉบับที่", data.rate_edition, "count", "left")
    rate_table.write(sheet, data.rates, data.grades)


def add(book: Book) -> Sheet:
    """The cover's sheet, empty, as the first of the book; on one page."""
    sheet = book.sheet(SHEET, rate_table.RATE_COLUMNS)
    sheet.worksheet.fit_to_pages(1, 1)
    return sheet
