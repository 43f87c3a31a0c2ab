"""สังกัดอื่น: schools of other affiliations in each LAO's area, as the LAOs have counted them."""

from __future__ import annotations

from collections.abc import Mapping

from admin_app.exports import words
from admin_app.exports.columns import EVERY_FIGURE, Stages
from admin_app.exports.data import Summary
from admin_app.exports.workbook import Book, Column, Formula, SheetSpec, Value, cell

FIRST_STAGE = 5


def _columns(stages: Stages) -> tuple[Column, ...]:
    return (
        Column(words.NUMBER, 6, "count"),
        Column("อปท. ที่สำรวจ", 24),
        Column("รหัส", 12, "centre"),
        Column(words.SCHOOL_NAME, 36),
        Column("สังกัด", 10, "centre"),
        *(Column(words.STAGES.get(s, words.NO_STAGE), 12, "number") for s in stages),
        Column(words.BOYS, 10, "number"),
        Column(words.GIRLS, 10, "number"),
        Column(words.TOTAL, 11, "number"),
    )


SHEET = SheetSpec("สังกัดอื่น", _columns, EVERY_FIGURE)


def write(book: Book, data: Summary, affiliations: Mapping[str, str], subtitle: str) -> None:
    """Write the sheet; ``affiliations``: code → its name."""
    stages = data.stages
    sheet = book.declared(SHEET, stages)
    sheet.title(f"จำนวนนักเรียนของสถานศึกษาสังกัดอื่น {words.province(data.name)}", subtitle)
    sheet.head()
    boys_at = FIRST_STAGE + len(stages)
    nothing: list[Value] = [None] * (len(stages) + 3)
    first, number = sheet.next_row, 0
    for lao in data.laos:
        if not lao.others:
            said = words.DECLARED_NONE if lao.declared_none else words.NOT_RECORDED
            parts = () if lao.declared_none else ("missing",)
            sheet.row([None, lao.name, None, said, None, *nothing], *parts)
        for other in lao.others:
            number += 1
            by_stage = data.by_stage(other.counts)
            boys = sum(pair[0] for pair in other.counts.values())
            girls = sum(pair[1] for pair in other.counts.values())
            figures = [*(by_stage[stage] for stage in stages), boys, girls, boys + girls]
            row = sheet.next_row
            sex = f"{cell(row, boys_at)}:{cell(row, boys_at + 1)}"
            affiliation = affiliations.get(other.affiliation, other.affiliation)
            start: list[Value] = [number, lao.name, other.code, other.name, affiliation]
            sheet.row([*start, *figures[:-1], Formula(f"=SUM({sex})", boys + girls)])
    sheet.total("รวม", first)
