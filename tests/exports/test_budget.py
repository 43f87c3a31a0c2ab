"""The budget's money: editions of rates, the round before, the edges of the brackets."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from peewee import fn

from admin_app.database import is_sqlite
from admin_app.domain import proof
from admin_app.domain.money import RateRow, RateSet, baht
from admin_app.exports.gates import NoSuchRates
from admin_app.exports.official import Damaged
from admin_app.models import AccessLog, Cycle, RateEdition, Snapshot, Unit, database
from admin_app.services import confirmation, other_counts, rates
from admin_app.services.other_counts import SchoolRow
from tests.country import CLOSES, NOW
from tests.exports.conftest import OTHERS, Made, World
from tests.exports.formulas import calculate, formulas_of
from tests.exports.test_type_size import LEAST_POINTS, sizes

NAME, BUDGET, PROVINCES, RATES = (
    "national-budget",
    "งบประมาณราย อปท.",
    "สรุปรายจังหวัด",
    "อัตราที่ใช้",
)
FIGURES = [BUDGET, PROVINCES, RATES]
FIRST, LUNCH, MONEY, LAST = 3, 11, 14, 15


def close(world: World, cycle: Cycle) -> None:
    """The department closes the cycle with what is there."""
    world.country.clock.set(CLOSES)
    dla, department = world.actor("department"), world.country.department
    confirmation.move(
        dla, cycle.id, department.id, "close", world.country.clock, reason="the others are missing"
    )


def made(world: World, number: int | None = None) -> Made:
    return world.made(NAME, world.country.department, actor=world.actor("department"), rates=number)


def edit(world: World, satang: int) -> RateEdition:
    """DLA changes the milk by the screen's own door."""
    latest = rates.edition(world.cycle.id)
    now = rates.rates_of(latest)
    rows = tuple(replace(r, satang=satang) if r.kind == "milk" else r for r in now.rates)
    dla, clock = world.actor("department"), world.country.clock
    new = RateSet(rows, now.counted)
    return rates.edit(dla, world.cycle.id, latest.number, new, "มติใหม่", clock)


@pytest.fixture
def closed(confirmed: World) -> World:
    """Krabi confirmed, the country closed."""
    close(confirmed, confirmed.cycle)
    return confirmed


# --- editions ----------------------------------------------------------------------------------


def test_a_rate_changed_after_the_close_changes_no_figure_that_was_given_out(
    closed: World,
) -> None:
    before = [made(closed).rows(sheet) for sheet in FIGURES]
    assert edit(closed, 700).number == 2
    again = made(closed)
    assert [again.rows(sheet) for sheet in FIGURES] == before
    assert again.result.file_name == "national-budget-2567-1-DLA-official.xlsx"


def test_the_later_edition_is_asked_for_by_its_number(closed: World) -> None:
    edit(closed, 700)
    second = made(closed, 2)
    # 9 children fed
    assert second.row(BUDGET, "ทั้งประเทศ")[LUNCH + 1] == 9 * 7 * 260
    assert made(closed, 1).row(BUDGET, "ทั้งประเทศ") == made(closed).row(BUDGET, "ทั้งประเทศ")
    assert second.row(BUDGET, "ทั้งประเทศ") != made(closed).row(BUDGET, "ทั้งประเทศ")
    assert second.result.file_name == "national-budget-2567-1-DLA-official-rates2.xlsx"
    told = {row[0]: row[1] for row in second.rows(RATES) if row[0]}
    assert told["อัตรา"] == "ฉบับที่ 2 (ฉบับที่เลือก)"
    assert told["เหตุผล"] == "มติใหม่"
    assert told["ผู้จัดทำ"] == closed.actor("department").name
    log = AccessLog.select().order_by(AccessLog.id)
    assert [json.loads(row.details).get("rates") for row in log][:2] == [2, 1]


@pytest.mark.parametrize("number", [0, 2, 99])
def test_an_edition_that_there_is_not_is_refused(closed: World, number: int) -> None:
    with pytest.raises(NoSuchRates):
        made(closed, number)
    assert not AccessLog.select().exists()


def test_no_other_export_takes_an_edition_of_rates(confirmed: World) -> None:
    with pytest.raises(NoSuchRates):
        confirmed.made("province-summary", rates=1)


def test_rates_that_are_not_what_their_digest_says_pay_nothing(closed: World) -> None:
    without_triggers = (
        "DROP TRIGGER rate_edition_no_update"
        if is_sqlite()
        else "ALTER TABLE rate_edition DISABLE TRIGGER USER"
    )
    database.execute_sql(without_triggers)
    RateEdition.update(content=fn.REPLACE(RateEdition.content, "689", "690")).execute()
    for number in (1, None):
        with pytest.raises(Damaged):
            made(closed, number)


def test_a_department_closed_in_form_1_pays_each_province_by_its_own_rates(closed: World) -> None:
    top = Snapshot.get(Snapshot.unit == closed.country.department.id)
    content = json.loads(top.content)
    del content["rates"], content["grades"]
    content["form"] = 1
    text = proof.canonical(content)
    Snapshot.update(content=text, digest=proof.digest(text)).where(Snapshot.id == top.id).execute()
    edit(closed, 700)
    book = made(closed)
    assert book.row(BUDGET, "ทั้งประเทศ")[LUNCH + 1] == 16_122.6
    assert {row[0]: row[1] for row in book.rows("ปก")}["อัตราที่ใช้"] == ("อัตราของแต่ละจังหวัดเมื่อยืนยัน")
    assert made(closed, 2).row(BUDGET, "ทั้งประเทศ")[LUNCH + 1] == 9 * 7 * 260


# --- the round before --------------------------------------------------------------------------


@pytest.fixture
def second(closed: World) -> World:
    """The next round: a child more in one school, a school gone, a new one; milk is dearer."""
    country, clock = closed.country, closed.country.clock
    clock.set(NOW)
    country.out_of_service(closed["มัธยมเมือง"])
    cycle = country.cycle("2567-2")
    country.rates(cycle, lambda r: replace(r, satang=700) if r.kind == "milk" else r)
    new = country.school(closed["อบต.เขาดิน"], ["K1"], name="บ้านใหม่")
    for name, grade, number in (
        ("มัธยมเขาพนม", "M1", 3),
        ("บ้านช่องพลี", "P1", 8),
        ("ศพด.อ่าวนาง", "N1", 2),
    ):
        country.children(closed[name], cycle, number, grade=grade, attested=True)
    country.children(new, cycle, 4, grade="K1", attested=True)
    for lao in (closed["อบจ.กระบี่"], closed["อบต.อ่าวนาง"], closed["อบต.เขาดิน"]):
        rows = [SchoolRow(n, "PESAO", "81000001", dict(c)) for n, c in OTHERS.items()]
        mine = rows if lao.name == "อบต.อ่าวนาง" else []
        other_counts.save(
            country.own(lao), cycle.id, lao.id, 0, mine, clock, declared_none=not mine
        )
    for level in ("school", "lao", "province"):
        for unit in Unit.select().where(
            Unit.province == closed.province.id, Unit.level == level, Unit.active
        ):
            country.confirm(unit, cycle)
    close(closed, cycle)
    return replace(closed, cycle=cycle)


def test_each_unit_stands_beside_what_it_had_in_the_round_before(second: World) -> None:
    book = made(second)
    fed = 36 * 200
    then = 7 * fed + 7 * 6.89 * 260 + 13_400
    now = 8 * fed + 8 * 7 * 260 + 16_000
    assert book.row(BUDGET, "บ้านช่องพลี")[LAST:] == pytest.approx([7, then, 1, now - then])
    assert book.row(BUDGET, "บ้านใหม่")[LAST:] == ["–"] * 4
    # the LAO's own figures of that round, with the school that is gone
    assert book.row(BUDGET, "อบจ.กระบี่")[LAST:] == [6, 22_800, -3, 11_100 - 22_800]
    assert book.row(BUDGET, "อบต.เขาดิน")[LAST : LAST + 3] == [0, 0, 4]
    assert book.row(BUDGET, "ทั้งประเทศ")[LAST : LAST + 3] == [15, 123_962.6, 2]
    assert book.row(PROVINCES, "กระบี่")[LAST - 1 :] == book.row(BUDGET, "ทั้งประเทศ")[LAST:]
    assert book.row(PROVINCES, "ทั้งประเทศ")[LAST - 1 :] == book.row(BUDGET, "ทั้งประเทศ")[LAST:]


def test_the_difference_is_a_formula_that_holds_its_value(second: World) -> None:
    book = made(second)
    formulas = formulas_of(book.formulas)
    told = {book.formulas[sheet][cell].value for sheet, cell in formulas}
    assert any(value.startswith("=ROUND(") and "-" in value for value in told)
    for sheet, cell in formulas:
        expected = calculate(book.formulas, sheet, cell)
        assert book.values[sheet][cell].value == pytest.approx(expected), (sheet, cell)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_columns_of_two_rounds_can_be_read_on_paper(second: World) -> None:
    assert {n: s for n, s in sizes(made(second)).items() if s < LEAST_POINTS} == {}


def test_without_a_closed_round_before_there_are_no_such_columns(closed: World) -> None:
    book = made(closed)
    assert not [text for text in book.texts() if "รอบก่อน" in text]
    assert len(book.row(BUDGET, "ทั้งประเทศ")) == LAST


def test_a_round_that_is_not_closed_is_not_compared_with(confirmed: World) -> None:
    country = confirmed.country
    cycle = country.cycle("2567-2")
    close(confirmed, cycle)
    assert not [text for text in made(replace(confirmed, cycle=cycle)).texts() if "รอบก่อน" in text]


# --- the edges of the brackets -----------------------------------------------------------------

EDGES = {"P1": (40, 36), "P2": (41, 27), "P3": (100, 27), "P4": (101, 24), "P5": (120, 24)} | {
    "P6": (121, 22)
}


def test_the_edges_of_the_brackets_hold_in_the_summary_and_in_the_budget(world: World) -> None:
    country, cycle = world.country, world.cycle
    lao = country.lao("81", name="อบต.ขอบ")
    for grade, (children, _baht) in EDGES.items():
        school = country.school(lao, [grade], name=f"ขอบ {children}")
        country.children(school, cycle, children, grade=grade, attested=True)
    due = {f"ขอบ {n}": n * per_day * 200 for n, per_day in EDGES.values()}
    summary = world.made("province-summary", edition="draft")
    sheet = "ประมาณการอาหารกลางวันและนม"
    for children, per_day in EDGES.values():
        name = f"ขอบ {children}"
        row = summary.row(sheet, name, 2)
        assert row[4:8] == [children, per_day, 200, due[name]], name
    country.ready(lao, cycle)
    world.confirm_all()
    close(world, cycle)
    book = made(world)
    assert {name: book.row(BUDGET, name)[LUNCH] for name in due} == due
    assert book.row(BUDGET, "อบต.ขอบ")[LUNCH] == sum(due.values())


def test_whole_satang_are_never_rounded(world: World) -> None:
    odd = RateSet(
        (RateRow("milk", "", 1, 1_000_000, 701, 260), RateRow("subsidy", "", 1, 10**6, 3, 1, "P1")),
        {"milk": ("P1",)},
    )
    due = odd.total("school", {"P1": 3})
    assert due == {"lunch": 0, "milk": 701 * 3 * 260, "subsidy": 9}
    assert baht(sum(due.values())) == "5,467.89"
