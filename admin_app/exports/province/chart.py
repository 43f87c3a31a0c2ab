"""กราฟ: the children of each district by stage, each stage by sex, over their figures."""

from __future__ import annotations

from typing import Any

from admin_app.exports import words
from admin_app.exports.columns import Stages
from admin_app.exports.data import Summary
from admin_app.exports.province import grades, report
from admin_app.exports.style import FONT, THAI
from admin_app.exports.workbook import Book, Column, Formula, Sheet, SheetSpec

ROWS = 16
"""Rows that the charts cover."""
HEIGHT = ROWS * 30 - 10
"""Pixels; a row of the smaller type has 30."""
VARIABLE_SWISS = 34
COLOURS = ("#4472C4", "#70AD47", "#FFC000", "#ED7D31", "#7030A0", "#A5A5A5")
_TYPE = {"name": FONT, "charset": THAI, "pitch_family": VARIABLE_SWISS}
_FONT = {**_TYPE, "size": 14}


def _columns(stages: Stages) -> tuple[Column, ...]:
    """Of the tables below the charts, which bring headings of their own."""
    return (Column("", 34), *(Column("", 20, "number") for _ in (*stages, words.TOTAL)))


SHEET = SheetSpec("กราฟ", _columns)


def _chart(book: Book, title: str, subtype: str | None) -> Any:
    chart = book.workbook.add_chart({"type": "column"} | ({"subtype": subtype} if subtype else {}))
    chart.set_title({"name": title, "name_font": {**_TYPE, "size": 18, "bold": True}})
    chart.set_legend({"position": "bottom", "font": _FONT})
    chart.set_x_axis({"num_font": _FONT | {"size": 12}})  # names of districts stay on a line
    chart.set_y_axis({"num_font": _FONT, "num_format": "#,##0", "major_gridlines": {"visible": 1}})
    return chart


def _series(chart: Any, sheet: Sheet, column: int, rows: tuple[int, int], colour: str) -> None:
    first, last = rows
    chart.add_series(
        {
            "name": [sheet.name, first - 1, column],
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, column, last, column],
            "fill": {"color": colour},
            "gap": 60,
        }
    )


def write(book: Book, data: Summary, layout: report.Layout, sexes: grades.Layout) -> None:
    """Write the sheet: two charts on one page, the tables that they show below."""
    stages = layout.stages
    sheet = book.declared(SHEET, stages)
    sheet.title(f"กราฟจำนวนนักเรียน {words.province(data.name)}")
    charts_at = sheet.next_row
    sheet.next_row += ROWS

    names = [words.STAGES.get(stage, words.NO_STAGE) for stage in stages]
    sheet.row(["อำเภอ", *names, words.TOTAL], "head")
    first = sheet.next_row
    for district, laos in report.by_district(data):
        name = report.district_name(district)
        row = layout.districts[name]
        sums = [0] * len(stages)
        for _, schools in laos:
            for school in schools:
                by_stage = data.by_stage(school.counts)
                sums = [a + by_stage[s] for a, s in zip(sums, stages, strict=True)]
        figures = [
            Formula(layout.sheet.ref(row, at), value)
            for at, value in enumerate([*sums, sum(sums)], start=report.FIRST_STAGE)
        ]
        sheet.row([district.name or name, *figures])
    if sheet.next_row == first:
        sheet.row([words.province(data.name), *([0] * (len(stages) + 1))])
    rows = (first, sheet.next_row - 1)
    by_district = _chart(book, "จำนวนนักเรียนรายอำเภอ จำแนกตามระดับ", "stacked")
    for at, colour in enumerate(COLOURS[: len(stages)], start=1):
        _series(by_district, sheet, at, rows, colour)

    sheet.next_row += 1
    sheet.row(["ระดับ", words.BOYS, words.GIRLS, words.TOTAL], "head")
    first = sheet.next_row
    for name, (row, boys, girls) in sexes.stages.items():
        if name not in names:
            continue
        figures = [
            Formula(sexes.sheet.ref(row, at), value)
            for at, value in enumerate((boys, girls, boys + girls), start=2)
        ]
        sheet.row([name, *figures])
    rows = (first, sheet.next_row - 1)
    by_sex = _chart(book, "จำนวนนักเรียนรายระดับ จำแนกตามเพศ", None)
    for at, colour in ((1, "#4472C4"), (2, "#F4B183")):
        _series(by_sex, sheet, at, rows, colour)

    width = sum(int(column.width * 7) + 5 for column in sheet.columns)
    share = int(width * 0.58)
    by_district.set_size({"width": share, "height": HEIGHT})
    by_sex.set_size({"width": width - share - 10, "height": HEIGHT})
    sheet.worksheet.insert_chart(charts_at, 0, by_district)
    sheet.worksheet.insert_chart(charts_at, 0, by_sex, {"x_offset": share + 10})
