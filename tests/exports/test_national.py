"""The national summary and budget: once the department has closed, from snapshots alone."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from admin_app.exports import build
from admin_app.exports.gates import Shut
from admin_app.models import AccessLog, Student, Unit, UnitState
from admin_app.services import confirmation
from admin_app.services.rates import edition
from tests.country import CLOSES
from tests.exports.conftest import Made, World
from tests.exports.formulas import calculate, formulas_of

NAME = "national-budget"
BUDGET, PROVINCES, RATES, MISSING = (
    "งบประมาณราย อปท.",
    "สรุปรายจังหวัด",
    "อัตราที่ใช้",
    "จังหวัดที่ไม่ยืนยัน",
)


@pytest.fixture
def closed(world: World) -> World:
    """Krabi and Phangnga confirmed, under rates of their own; the others are missing."""
    country = world.country
    world.confirm_all()
    phangnga = country.province("82")
    lao = country.lao("82", name="อบต.เกาะยาว")
    country.children(country.school(lao, ["P1"]), world.cycle, 3, grade="P1", attested=True)
    country.confirm(Unit.get(Unit.lao == lao.id, Unit.level == "school"), world.cycle)
    country.rates(world.cycle, lambda r: replace(r, satang=700) if r.kind == "milk" else r)
    country.confirm(country.ready(lao, world.cycle), world.cycle)
    country.confirm(phangnga, world.cycle)
    country.clock.set(CLOSES)
    confirmation.move(
        world.actor("department"),
        world.cycle.id,
        country.department.id,
        "close",
        country.clock,
        reason="the others did not answer",
    )
    return world


def made(world: World) -> Made:
    return world.made(NAME, world.country.department, actor=world.actor("department"))


def test_it_opens_when_the_department_has_closed(world: World) -> None:
    world.confirm_all()
    with pytest.raises(Shut) as info:
        made(world)
    assert info.value.reason.code == "not_closed"
    assert info.value.reason.moment == CLOSES


def test_each_lao_province_and_the_country_have_a_row(closed: World) -> None:
    book = made(closed)
    first = next(i for i, row in enumerate(book.rows(BUDGET)) if row[0] == "ที่") + 1
    assert [row[1] for row in book.rows(BUDGET)[first:]] == [
        "ทั้งประเทศ",
        "รวมจังหวัดกระบี่",
        "อบจ.กระบี่",
        "มัธยมเขาพนม",
        "มัธยมเมือง",
        "อบต.อ่าวนาง",
        "บ้านช่องพลี",
        "ศพด.อ่าวนาง",
        "อบต.เขาดิน",
        "รวมจังหวัดพังงา",
        "อบต.เกาะยาว",
        Unit.get(Unit.province == closed.country.province("82").id, Unit.level == "school").name,
    ]
    # money: lunch 36 baht, milk 7 baht, as the rates were when the department closed
    assert book.row(BUDGET, "ทั้งประเทศ")[3:] == [
        5, 5, 7, 4, 2, 0, 18, 19, 68_040 + 21_600, 16_380 + 5_460, 39_800 + 6_000, 157_280,
    ]  # fmt: skip
    assert book.row(BUDGET, "รวมจังหวัดพังงา")[9:] == [3, 0, 21_600, 5_460, 6_000, 33_060]
    assert book.row(BUDGET, "อบต.อ่าวนาง")[3:11] == [2, 5, 4, 0, 0, 0, 9, 19]
    assert book.row(BUDGET, "ศพด.อ่าวนาง")[9:] == [2, None, 17_640, 3_640, 3_600, 24_880]
    assert book.row(PROVINCES, "พังงา")[2:9] == [1, 0, 3, 0, 0, 0, 3]
    assert book.row(PROVINCES, "ทั้งประเทศ")[-1] == 157_280


def test_an_laos_sum_opens_to_its_schools(closed: World) -> None:
    sheet = made(closed).formulas[BUDGET]
    at = {row[1].value: row[1].row for row in sheet.iter_rows() if row[1].value}
    lao, below = at["อบต.อ่าวนาง"], [at["บ้านช่องพลี"], at["ศพด.อ่าวนาง"]]
    assert below == [lao + 1, lao + 2]
    assert sheet.cell(lao, 12).value == f"=SUBTOTAL(9,L{lao + 1}:L{lao + 2})"
    rows = sheet.row_dimensions
    assert [(rows[n].outlineLevel, rows[n].hidden) for n in (lao, *below)] == [
        (2, False),
        (3, True),
        (3, True),
    ]
    assert rows[lao].collapsed
    assert not sheet.sheet_properties.outlinePr.summaryBelow
    assert (rows[at["ทั้งประเทศ"]].outlineLevel, rows[at["รวมจังหวัดกระบี่"]].outlineLevel) == (0, 1)


def test_every_formula_holds_the_value_that_it_calculates(closed: World) -> None:
    book = made(closed)
    formulas = formulas_of(book.formulas)
    assert len(formulas) > 40
    for sheet, cell in formulas:
        expected = calculate(book.formulas, sheet, cell)
        assert book.values[sheet][cell].value == pytest.approx(expected), (sheet, cell)


def test_one_edition_of_rates_pays_for_all_and_is_named(closed: World) -> None:
    rows = made(closed).rows(RATES)
    assert [row[3:] for row in rows if row[0] == "นม"] == [[7, 260, "ทุกจังหวัดที่ยืนยัน"]]
    told = {row[0]: row[1] for row in rows if row[0]}
    assert told["อัตรา"] == "ฉบับที่ 2 (ฉบับที่ใช้เมื่อปิดรอบ)"
    assert told["รหัสตรวจสอบของอัตรา (SHA-256)"] == edition(closed.cycle.id, 2).digest
    assert told["ผู้จัดทำ"] == "ยกมาเมื่อสร้างรอบ"


def test_provinces_left_out_are_named(closed: World) -> None:
    missing = [row for row in made(closed).rows(MISSING) if isinstance(row[0], int)]
    assert len(missing) == 74
    assert missing[0] == [1, "71", "กาญจนบุรี"]
    assert ["11", "สมุทรปราการ"] in [row[1:] for row in missing]
    assert "81" not in [row[1] for row in missing]


def test_it_does_not_look_at_live_rows(closed: World) -> None:
    before = [made(closed).rows(sheet) for sheet in (BUDGET, PROVINCES, RATES)]
    Student.update(grade="K1").execute()
    Unit.update(name="อื่น").where(Unit.level << ("school", "lao")).execute()
    closed.country.rates(closed.cycle, lambda row: replace(row, satang=1))
    assert [made(closed).rows(sheet) for sheet in (BUDGET, PROVINCES, RATES)] == before


def test_it_is_logged_with_its_digest(closed: World) -> None:
    book = made(closed)
    entry = AccessLog.get()
    details = json.loads(entry.details)
    assert details["digest"] == book.result.digest
    assert "rates" not in details
    assert entry.rows == 4 + 5
    assert UnitState.get(UnitState.unit == closed.country.department.id).revision == 1


def test_it_tells_of_each_province_as_it_goes(closed: World) -> None:
    told: list[tuple[int, int | None]] = []

    def hear(done: int, total: int | None = None, doing: str = "") -> None:
        told.append((done, total))

    who, where = closed.actor("department"), closed.country.department
    now = closed.country.clock()
    build.make(NAME, who, closed.cycle, where, None, now, io.BytesIO(), hear)
    assert told[:3] == [(0, 2), (1, 2), (2, 2)]
