"""Every sheet prints one page wide in letters that can still be read."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.exports.style import FONT, SMALL, lines
from admin_app.services import confirmation
from tests.country import CLOSES
from tests.exports.conftest import Made, World

LEAST_POINTS = 7.9
"""Of TH Sarabun New, whose letters are small for their size."""
A4_LANDSCAPE_INCHES, POINTS_OF_A_PIXEL = 11.69, 0.75


def printed_size(sheet: Any) -> float:
    """The size of the table's type on paper, in points."""
    columns = [  # neighbours of one width come as one
        0 if dimension.hidden else dimension.width
        for dimension in sheet.column_dimensions.values()
        for _ in range(dimension.min, dimension.max + 1)
    ]
    assert len(columns) == sheet.max_column
    table = sum(round(width * 7) for width in columns) * POINTS_OF_A_PIXEL
    margins = sheet.page_margins.left + sheet.page_margins.right
    room = (A4_LANDSCAPE_INCHES - margins) * 72
    cells = (cell for row in sheet.iter_rows() for cell in row if cell.value is not None)
    typed = min(cell.font.size for cell in cells if cell.font.name == FONT)
    return float(typed) * min(1.0, room / table)


def sizes(made: Made) -> dict[str, float]:
    """Sheet → the size of its type on paper."""
    return {sheet.title: printed_size(sheet) for sheet in made.formulas}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_type_of_every_sheet_can_be_read(confirmed: World) -> None:
    country, cycle = confirmed.country, confirmed.cycle
    found = sizes(confirmed.made("roster")) | sizes(confirmed.made("province-summary"))
    dla, department = confirmed.actor("department"), country.department
    found |= sizes(confirmed.made("outstanding", department, actor=dla))
    country.clock.set(CLOSES)
    confirmation.move(dla, cycle.id, department.id, "close", country.clock, reason="ครบกำหนด")
    found |= sizes(confirmed.made("national-budget", department, actor=dla))
    assert len(found) >= 12
    assert {name: size for name, size in found.items() if size < LEAST_POINTS} == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_the_same_in_every_row_stands_in_the_title_and_is_not_printed(world: World) -> None:
    school, lao = world["บ้านช่องพลี"], world["อบต.อ่าวนาง"]
    for unit, hidden in ((school, {2, 3}), (lao, {2}), (world.province, set())):
        sheet = world.made("roster", unit).formulas.active
        dimensions = [d for d in sheet.column_dimensions.values() if d.hidden]
        assert {at for d in dimensions for at in range(d.min, d.max + 1)} == hidden
        assert unit.name in str(sheet["A1"].value)
    assert lao.name in str(world.made("roster", school).formulas.active["A1"].value)
    biggest = printed_size(world.made("roster", school).formulas.active)
    assert biggest > 9 > printed_size(world.made("roster").formulas.active)


@pytest.mark.parametrize(
    ("text", "width", "number"),
    [
        ("", 10, 1),
        ("โรงเรียนบ้านช่องพลี", 24, 1),
        ("22 เม.ย. 2560", 14.5, 1),
        ("บกพร่องทางสติปัญญา", 11, 3),  # Thai breaks between words: บกพร่อง, ทางสติ, ปัญญา
        ("บกพร่องทางสติปัญญา", 14, 2),
        ("วันเกิด\n(พ.ศ.)", 14.5, 2),
    ],
)
def test_a_cell_is_as_high_as_its_words_need(text: str, width: float, number: int) -> None:
    assert lines(text, width, SMALL) == number
