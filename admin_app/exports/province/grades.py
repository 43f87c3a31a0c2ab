"""ชั้น × เพศ: boys and girls per grade, of the LAOs' schools and of other affiliations."""

from __future__ import annotations

from dataclasses import dataclass, field

from admin_app.domain.stages import STAGES
from admin_app.exports import words
from admin_app.exports.columns import EVERY_FIGURE
from admin_app.exports.data import Counts, Summary
from admin_app.exports.workbook import Book, Column, Formula, Sheet, SheetSpec, Value, cell

OWN, OTHER = "สถานศึกษาสังกัด อปท.", "สถานศึกษาสังกัดอื่น"
FIGURES = 6


@dataclass(slots=True)
class Layout:
    """Where the cover and the charts find figures: the rows of the total and of each stage.

    ``stages``: stage in words → (row, boys, girls) of the LAOs' schools.
    """

    sheet: Sheet
    total_row: int = 0
    boys: int = 0
    girls: int = 0
    stages: dict[str, tuple[int, int, int]] = field(default_factory=dict)


SHEET = SheetSpec(
    "ชั้น × เพศ",
    (
        Column("ระดับ", 30),
        Column("ชั้น", 32),
        *(
            Column(name, 13, "number", group)
            for group in (OWN, OTHER)
            for name in (words.BOYS, words.GIRLS, words.TOTAL)
        ),
        Column("รวมทั้งสิ้น", 15, "number"),
    ),
    EVERY_FIGURE,
    small=False,
)


def rows_of(data: Summary) -> list[tuple[str, str, str]]:
    """(grade's code, stage in words, name) of every row: the grades, then what is none of them."""
    known = {grade.code for grade in data.grades}
    lost = sorted({*data.counts, *data.other_counts} - known)
    return [
        *((g.code, words.STAGES.get(g.stage, words.NO_STAGE), g.name) for g in data.grades),
        *((code, words.NO_STAGE, code) for code in lost),
    ]


def _figures(own: Counts, other: Counts, grade: str) -> list[int]:
    boys, girls = own.get(grade, (0, 0))
    other_boys, other_girls = other.get(grade, (0, 0))
    return [boys, girls, boys + girls, other_boys, other_girls, other_boys + other_girls]


def _with_sums(row: int, figures: list[int]) -> list[Value]:
    own = f"=SUM({cell(row, 2)}:{cell(row, 3)})"
    other = f"=SUM({cell(row, 5)}:{cell(row, 6)})"
    whole = f"={cell(row, 4)}+{cell(row, 7)}"
    return [
        *figures[:2],
        Formula(own, figures[2]),
        *figures[3:5],
        Formula(other, figures[5]),
        Formula(whole, figures[2] + figures[5]),
    ]


def write(book: Book, data: Summary, subtitle: str) -> Layout:
    """Write the sheet, a subtotal below each stage; answers with where its figures stand."""
    sheet = book.declared(SHEET)
    sheet.worksheet.fit_to_pages(1, 1)
    sheet.title(f"จำนวนนักเรียนรายชั้นและเพศ {words.province(data.name)}", subtitle)
    sheet.head()
    layout = Layout(sheet)
    start = sheet.next_row
    own, other = data.counts, data.other_counts
    rows = rows_of(data)
    whole = [0] * FIGURES
    for stage in (*(words.STAGES[key] for key in STAGES), words.NO_STAGE):
        members = [row for row in rows if row[1] == stage]
        if not members:
            continue
        first = sheet.next_row
        sums = [0] * FIGURES
        for code, _, name in members:
            figures = _figures(own, other, code)
            sums = [a + b for a, b in zip(sums, figures, strict=True)]
            sheet.row([stage, name or words.NO_STAGE, *_with_sums(sheet.next_row, figures)])
        row = _total(sheet, f"รวม{stage}", first, sums, "lao")
        layout.stages[stage] = (row, sums[0], sums[1])
        whole = [a + b for a, b in zip(whole, sums, strict=True)]
    layout.boys, layout.girls = whole[:2]
    layout.total_row = _total(sheet, "รวมทั้งสิ้น", start, whole, "total")
    return layout


def _total(sheet: Sheet, label: str, first: int, sums: list[int], part: str) -> int:
    """A row of SUBTOTALs over the rows from ``first``: sums in between are left out."""
    last = sheet.next_row - 1
    values: list[Value] = [
        Formula(f"=SUBTOTAL(9,{cell(first, at)}:{cell(last, at)})", value)
        for at, value in enumerate([*sums, sums[2] + sums[5]], start=2)
    ]
    return sheet.row([label, None, *values], part)
