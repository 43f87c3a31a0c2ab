"""The province summary as a whole: the data of its edition, every sheet in order."""

from __future__ import annotations

from typing import Any

from admin_app.database import tuples
from admin_app.exports import live, official, rate_table, words
from admin_app.exports.data import Summary
from admin_app.exports.gates import OFFICIAL
from admin_app.exports.province import chart, cover, grades, laos, meals, others, pending, report
from admin_app.exports.request import Built, Request
from admin_app.exports.workbook import Book, SheetSpec
from admin_app.models import Code


def read(request: Request) -> Summary:
    """The data of the edition: from snapshots when it is official, from live rows for a draft."""
    if request.edition == OFFICIAL:
        frozen = official.top(request.cycle, request.unit.id, request.state.revision)
        return official.province(request.cycle, frozen)
    return live.province(request.cycle, request.unit)


def build(request: Request, out: Any) -> Built:
    """Write the workbook to ``out``. Damaged when a snapshot is not what its digest says."""
    data = read(request)
    affiliations: dict[str, str] = dict(
        tuples(Code.select(Code.code, Code.name).where(Code.list == "affiliation"))
    )
    book = Book(out, request.stamp(f"สรุปข้อมูลนักเรียน {words.province(data.name)}"))
    subtitle = f"{words.cycle(request.cycle)} · {words.EDITIONS[data.edition]} · {request.moment}"
    first = cover.add(book)
    by_lao = laos.write(book, data, subtitle)
    by_school = report.write(book, data, subtitle)
    by_grade = grades.write(book, data, subtitle)
    others.write(book, data, {**affiliations, **data.affiliations}, subtitle)
    meals.write(book, data, subtitle)
    pending.write(book, data, subtitle)
    chart.write(book, data, by_school, by_grade)
    cover.write(first, data, request, cover.Sums(by_lao, by_grade))
    book.close()
    return Built(rows=sum(len(lao.schools) for lao in data.laos), digest=data.digest)


SHEETS = (
    SheetSpec(cover.SHEET, rate_table.RATE_COLUMNS, small=False),
    laos.SHEET,
    report.SHEET,
    grades.SHEET,
    others.SHEET,
    SheetSpec(meals.SHEET, meals.COLUMNS, ("คน", "บาท/ปี", "รวมบาท/ปี")),
    pending.SHEET,
    chart.SHEET,
)
"""As the export is declared, in the order of the workbook; a test holds the workbook to it."""
