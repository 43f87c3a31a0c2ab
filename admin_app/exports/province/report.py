"""รายสถานศึกษา: DLA's own published report (SIS report02), province > district > LAO > school.

The rows of groups carry their sums as SUBTOTAL, which leaves out the sums below it; so sums over
sums count nothing twice, and a filter in the sheet is followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from admin_app.exports import words
from admin_app.exports.columns import EVERY_FIGURE, Stages
from admin_app.exports.data import Counts, District, Lao, School, Summary, add
from admin_app.exports.workbook import Book, Column, Formula, Sheet, SheetSpec, Value, cell

FIRST_STAGE = 2


@dataclass(slots=True)
class Layout:
    """Where other sheets find the sums: rows of districts by name, and of the province."""

    sheet: Sheet
    stages: tuple[str, ...]
    total_row: int = 0
    districts: dict[str, int] = field(default_factory=dict)

    @property
    def total_column(self) -> int:
        """The column of all stages."""
        return FIRST_STAGE + len(self.stages)


def columns(stages: Stages) -> tuple[Column, ...]:
    """The report's columns, as DLA names them."""
    return (
        Column(words.NUMBER, 6, "count"),
        Column(words.SCHOOL_NAME, 48),
        *(
            Column(words.STAGES.get(s, words.NO_STAGE), 24 if "secondary" in s else 14, "number")
            for s in stages
        ),
        Column(words.ALL_STAGES, 15, "number"),
    )


SHEET = SheetSpec("รายสถานศึกษา", columns, EVERY_FIGURE, small=False)


def by_district(data: Summary) -> list[tuple[District, list[tuple[Lao, list[School]]]]]:
    """District → LAO → schools, by the school's own district: an อบจ. has schools in several."""

    def place(pair: tuple[Lao, School]) -> tuple[str, str]:
        district = pair[1].district
        return district.code or "~", district.name

    pairs = sorted(data.schools, key=place)  # stable: LAOs and schools keep their order
    found = []
    for _, in_district in groupby(pairs, key=place):
        members = list(in_district)
        laos = [
            (next(lao for lao, _ in members if lao.code == code), [school for _, school in group])
            for code, group in groupby(members, key=lambda pair: pair[0].code)
        ]
        found.append((members[0][1].district, laos))
    return found


def district_name(district: District) -> str:
    """How a district's row begins."""
    return words.district(district.name) if district.name else words.NO_DISTRICT


class _Writer:
    def __init__(self, sheet: Sheet, data: Summary, stages: tuple[str, ...]) -> None:
        self.sheet, self.data, self.stages = sheet, data, stages
        self.number = 0

    def figures(self, row: int, counts: Counts, last: int | None = None) -> list[Value]:
        """Cells per stage and in all; with ``last``, sums over the rows from the next to it."""
        sums = self.data.by_stage(counts)
        values: list[Value] = []
        for at, stage in enumerate(self.stages, start=FIRST_STAGE):
            value = sums[stage]
            if last is None:
                values.append(value)
            else:
                span = f"{cell(row + 1, at)}:{cell(last, at)}"
                values.append(Formula(f"=SUBTOTAL(9,{span})", value))
        end = FIRST_STAGE + len(self.stages) - 1
        whole = sum(sums[stage] for stage in self.stages)
        values.append(Formula(f"=SUM({cell(row, FIRST_STAGE)}:{cell(row, end)})", whole))
        return values

    def group(self, name: str, schools: list[School], rows: int, *parts: str, level: int) -> int:
        """The row of a group whose ``rows`` follow, with its sums."""
        row = self.sheet.next_row
        counts = add(school.counts for school in schools)
        figures = self.figures(row, counts, row + rows)
        return self.sheet.row([None, name, *figures], *parts, level=level)

    def school(self, school: School) -> None:
        """A school's own row."""
        self.number += 1
        figures = self.figures(self.sheet.next_row, school.counts)
        self.sheet.row([self.number, school.name, *figures], "indent2", level=3)


def write(book: Book, data: Summary, subtitle: str) -> Layout:
    """Write the sheet; answers with where its sums stand."""
    stages = data.stages
    sheet = book.declared(SHEET, stages)
    sheet.worksheet.outline_settings(symbols_below=False)
    sheet.title(f"จำนวนนักเรียนรายสถานศึกษา {words.province(data.name)}", subtitle)
    sheet.head()
    layout = Layout(sheet, stages)
    writer = _Writer(sheet, data, stages)
    districts = by_district(data)
    everything = [school for _, school in data.schools]
    rows = len(everything) + sum(1 + len(laos) for _, laos in districts)
    if not everything:
        layout.total_row = sheet.row(
            [None, words.province(data.name), *([0] * (len(stages) + 1))], "province"
        )
        return layout
    layout.total_row = writer.group(
        words.province(data.name), everything, rows, "province", level=0
    )
    for district, laos in districts:
        inside = [school for _, schools in laos for school in schools]
        name = district_name(district)
        layout.districts[name] = writer.group(
            name, inside, len(inside) + len(laos), "district", level=1
        )
        for lao, schools in laos:
            writer.group(lao.name, schools, len(schools), "lao", "indent1", level=2)
            for school in schools:
                writer.school(school)
    return layout
