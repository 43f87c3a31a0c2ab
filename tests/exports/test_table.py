"""The table of exports and what really comes out: sheets, columns, totals, estimates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from admin_app.domain.stages import STAGES
from admin_app.exports.build import is_long
from admin_app.exports.columns import FIGURES, SheetSpec
from admin_app.exports.style import ROW_HEIGHT, SIZE, SMALL
from admin_app.exports.table import BY_NAME, EXPORTS, Export
from admin_app.models import AccessLog, Unit
from admin_app.services import confirmation
from tests.country import CLOSES
from tests.exports.conftest import Made, World

WITHOUT_A_HEAD = {"กราฟ", "ปก"}


def built(world: World, export: Export, edition: str) -> Made:
    """An export of a world that stands as the edition needs it."""
    if edition == "official":
        world.confirm_all()
    unit = world.province if "province" in export.levels else world.country.department
    if export.name == "national-budget":
        world.country.clock.set(CLOSES)
        actor, department = world.actor("department"), world.country.department
        args = (actor, world.cycle.id, department.id, "close", world.country.clock)
        confirmation.move(*args, reason="the others did not answer")
    return world.made(export.name, unit, edition or None, world.actor("department"))


def possible_heads(sheet: Any, spec: SheetSpec) -> list[list[str]]:
    """Each row as the heading that it would be, with the lower cell where columns are grouped."""
    columns = spec.columns_of()
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return [
        [below[at] if column.group else row[at] for at, column in enumerate(columns)]
        for row, below in zip(rows, [*rows[1:], [None] * len(columns)], strict=True)
    ]


CASES = [
    (export.name, edition)
    for export in EXPORTS
    if export.format == "xlsx"
    for edition in export.editions
]


@pytest.mark.parametrize(("name", "edition"), CASES)
def test_a_workbook_has_the_sheets_and_columns_of_its_row(
    world: World, name: str, edition: str
) -> None:
    export = BY_NAME[name]
    made = built(world, export, edition)
    assert made.formulas.sheetnames == [spec.name for spec in export.sheets]
    for spec in export.sheets:
        sheet, columns = made.formulas[spec.name], spec.columns_of(tuple(STAGES))
        assert sheet.sheet_format.defaultRowHeight == ROW_HEIGHT[SMALL if spec.small else SIZE]
        if spec.name not in WITHOUT_A_HEAD:
            assert [column.heading for column in columns] in possible_heads(sheet, spec)
        for at in spec.totalled(columns):
            formulas = [
                cell.value
                for row in sheet.iter_rows(min_col=at + 1, max_col=at + 1)
                for cell in row
                if isinstance(cell.value, str) and cell.value.startswith("=")
            ]
            assert any("SUM(" in f or "SUBTOTAL(" in f for f in formulas), columns[at].heading


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_totals_are_named_by_the_headings_of_figures(export: Export) -> None:
    for spec in export.sheets:
        figures = {column.heading for column in spec.columns_of() if column.kind in FIGURES}
        assert set(spec.totals) <= figures | {"*"}


@pytest.mark.parametrize(
    ("name", "rows"), [("roster", 15), ("province-summary", 4), ("outstanding", 8)]
)
def test_an_estimate_comes_near_to_what_is_written(world: World, name: str, rows: int) -> None:
    assert BY_NAME[name].estimate(world.cycle, world.province) == rows
    made = world.made(name)
    assert 0 <= rows - made.result.rows <= 1


def test_an_estimate_is_of_the_unit_alone(world: World) -> None:
    roster = BY_NAME["roster"]
    for name, count in (("บ้านช่องพลี", 7), ("อบต.อ่าวนาง", 9), ("อบต.เขาดิน", 0)):
        assert roster.estimate(world.cycle, world[name]) == count
    assert roster.estimate(world.cycle, world.country.department) == 15


def test_an_export_is_long_from_its_number_of_rows_on(world: World) -> None:
    for most, long in ((14, True), (15, True), (16, False)):
        export = replace(BY_NAME["roster"], long_rows=most)
        assert is_long(export, world.cycle, world.province) is long


def test_the_logs_estimate_is_its_entries(world: World) -> None:
    world.made("outstanding")
    department = world.country.department
    assert BY_NAME["access-log"].estimate(world.cycle, department) == AccessLog.select().count() > 0
    assert Unit.select().count() > AccessLog.select().count()
