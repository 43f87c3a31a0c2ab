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
    names = [row[1] if row[3] is None else row[3] for row in book.rows(BUDGET)[4:]]
    assert names == [
        "ทั้งประเทศ",
        "รวมจังหวัดกระบี่",
        "อบจ.กระบี่",
        "อบต.อ่าวนาง",
        "อบต.เขาดิน",
        "รวมจังหวัดพังงา",
        "อบต.เกาะยาว",
    ]
    # money: lunch 36 baht, milk 6.89 baht in Krabi and 7 baht in Phangnga
    assert book.row(BUDGET, "ทั้งประเทศ")[4:] == [
        5, 5, 7, 4, 2, 0, 18, 19, 68_040 + 21_600, 16_122.6 + 5_460, 111_222.6,
    ]  # fmt: skip
    assert book.row(BUDGET, "รวมจังหวัดพังงา")[10:] == [3, 0, 21_600, 5_460, 27_060]
    assert book.row(PROVINCES, "พังงา")[2:9] == [1, 0, 3, 0, 0, 0, 3]
    assert book.row(PROVINCES, "ทั้งประเทศ")[-1] == 111_222.6


def test_every_formula_holds_the_value_that_it_calculates(closed: World) -> None:
    book = made(closed)
    formulas = formulas_of(book.formulas)
    assert len(formulas) > 40
    for sheet, cell in formulas:
        expected = calculate(book.formulas, sheet, cell)
        assert book.values[sheet][cell].value == pytest.approx(expected), (sheet, cell)


def test_rates_stand_with_the_provinces_that_were_confirmed_under_them(closed: World) -> None:
    milk = [row for row in made(closed).rows(RATES) if row[0] == "นม"]
    assert [(row[3], row[5]) for row in milk] == [(6.89, "กระบี่"), (7, "พังงา")]


def test_provinces_left_out_are_named(closed: World) -> None:
    missing = [row for row in made(closed).rows(MISSING) if isinstance(row[0], int)]
    assert len(missing) == 74
    assert missing[0] == [1, "71", "กาญจนบุรี"]
    assert ["11", "สมุทรปราการ"] in [row[1:] for row in missing]
    assert "81" not in [row[1] for row in missing]


def test_it_does_not_look_at_live_rows(closed: World) -> None:
    before = [made(closed).rows(sheet)[3:] for sheet in (BUDGET, PROVINCES, RATES)]
    Student.update(grade="K1").execute()
    Unit.update(name="อื่น").where(Unit.level << ("school", "lao")).execute()
    closed.country.rates(closed.cycle, lambda row: replace(row, satang=1))
    assert [made(closed).rows(sheet)[3:] for sheet in (BUDGET, PROVINCES, RATES)] == before


def test_it_is_logged_with_its_digest(closed: World) -> None:
    book = made(closed)
    entry = AccessLog.get()
    assert json.loads(entry.details)["digest"] == book.result.digest
    assert entry.rows == 4
    assert UnitState.get(UnitState.unit == closed.country.department.id).revision == 1


def test_it_tells_of_each_province_as_it_goes(closed: World) -> None:
    told: list[tuple[int, int | None]] = []

    def hear(done: int, total: int | None = None, doing: str = "") -> None:
        told.append((done, total))

    who, where = closed.actor("department"), closed.country.department
    now = closed.country.clock()
    build.make(NAME, who, closed.cycle, where, None, now, io.BytesIO(), hear)
    assert told[:3] == [(0, 2), (1, 2), (2, 2)]
