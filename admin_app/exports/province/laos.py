"""สรุปราย อปท.: one row per LAO, with its children, those of other affiliations, and the money."""

from __future__ import annotations

from dataclasses import dataclass

from admin_app.domain.money import KINDS
from admin_app.domain.thai import format_datetime
from admin_app.exports import words
from admin_app.exports.columns import EVERY_FIGURE, Stages
from admin_app.exports.data import Lao, Summary, total
from admin_app.exports.workbook import Book, Column, Formula, Sheet, SheetSpec, Value, cell

FIRST_STAGE = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the cover finds the sums: the total row and the columns by name."""

    sheet: Sheet
    total_row: int
    at: dict[str, int]

    def ref(self, name: str) -> str:
        """The formula that reads a sum."""
        return self.sheet.ref(self.total_row, self.at[name])


def _columns(stages: Stages) -> tuple[Column, ...]:
    own, other, money = "สถานศึกษาสังกัด อปท.", "สังกัดอื่น", "ประมาณการต่อปี (บาท)"
    return (
        Column(words.NUMBER, 5, "count"),
        Column("อำเภอ", 16),
        Column("อปท.", 26),
        Column("แห่ง", 7, "number", own),
        *(Column(words.STAGES.get(stage, words.NO_STAGE), 11, "number", own) for stage in stages),
        Column("รวม", 11, "number", own),
        Column("แห่ง", 7, "number", other),
        Column("คน", 10, "number", other),
        *(Column(words.RATE_KINDS[kind], 16, "money", money) for kind in KINDS),
        Column("รวม", 17, "money", money),
        Column("ยืนยันเมื่อ", 25, "centre"),
    )


SHEET = SheetSpec("สรุปราย อปท.", _columns, EVERY_FIGURE)


def _status(lao: Lao) -> str:
    if not lao.confirmed or lao.confirmed_at is None:
        return words.NOT_CONFIRMED
    return format_datetime(lao.confirmed_at)


def write(book: Book, data: Summary, subtitle: str) -> Layout:
    """Write the sheet; answers with where its sums stand."""
    stages = data.stages
    sheet = book.declared(SHEET, stages)
    sheet.title(f"สรุปรายองค์กรปกครองส่วนท้องถิ่น {words.province(data.name)}", subtitle)
    sheet.head()
    all_ = FIRST_STAGE + len(stages)
    at = {"schools": 3, "children": all_, "others": all_ + 1, "other_children": all_ + 2}
    at |= {kind: all_ + place for place, kind in enumerate(KINDS, start=3)}
    money = all_ + 3 + len(KINDS)
    first = sheet.next_row
    for number, lao in enumerate(data.laos, start=1):
        row = sheet.next_row
        by_stage = data.by_stage(lao.counts)
        due = [data.money(lao, kind) for kind in KINDS]
        figures = [
            len(lao.schools),
            *(by_stage[stage] for stage in stages),
            total(lao.counts),
            len(lao.others),
            total(lao.other_counts),
            *(satang / 100 for satang in due),
            sum(due) / 100,
        ]
        values: list[Value] = [number, lao.district.name, lao.name, *figures, _status(lao)]
        stages_span = f"{cell(row, FIRST_STAGE)}:{cell(row, all_ - 1)}"
        values[all_] = Formula(f"=SUM({stages_span})", total(lao.counts))
        money_span = f"{cell(row, all_ + 3)}:{cell(row, money - 1)}"
        values[money] = Formula(f"=SUM({money_span})", sum(due) / 100)
        sheet.row(values)
    label = f"รวม{words.province(data.name)}"
    return Layout(sheet, sheet.total(label, first), at)
