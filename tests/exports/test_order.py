"""Names in workbooks stand in the order of the dictionary, whatever order they were typed in."""

from __future__ import annotations

import pytest

from admin_app.models import OtherSheet, Unit
from admin_app.services import confirmation, other_counts, units
from admin_app.services.other_counts import SchoolRow
from tests.country import CLOSES
from tests.exports.conftest import World

ORDERED = ["กา", "เกาะ", "แก่ง", "ขวัญ", "โขง", "ไข่", "นา", "น้ำ", "ฤดี"]
TYPED = ["ฤดี", "น้ำ", "แก่ง", "ไข่", "กา", "นา", "โขง", "เกาะ", "ขวัญ"]


@pytest.fixture
def named(world: World) -> World:
    """อบต.อ่าวนาง with more schools, children and schools of other affiliations."""
    lao, school = world["อบต.อ่าวนาง"], world["บ้านช่องพลี"]
    for name in TYPED:
        world.country.child(school, world.cycle, attested=True, grade="P1", first_name=name)
        new = world.country.school(lao, ["P1"], name=name, district=lao.district_id)
        world.country.child(new, world.cycle, attested=True)
        world.units[name] = new
    sheet = OtherSheet.get(OtherSheet.lao == lao.id)
    rows = [SchoolRow(name, "PESAO", "", {"P1": (1, 0)}) for name in TYPED]
    own = world.country.own(lao)
    other_counts.save(own, world.cycle.id, lao.id, sheet.version, rows, world.country.clock)
    return world


def in_order(rows: list[list[object]], column: int) -> list[object]:
    """The names of ``TYPED`` as they stand in a column."""
    return [row[column] for row in rows if row[column] in TYPED]


def test_the_roster_lists_schools_and_their_children_so(named: World) -> None:
    rows = named.made("roster", named["อบต.อ่าวนาง"]).rows("รายชื่อนักเรียน")
    mine = [row for row in rows if row[2] == "บ้านช่องพลี"]
    assert in_order(mine, 8) == ORDERED
    assert in_order(rows, 2) == ORDERED


@pytest.mark.parametrize("edition", ["draft", "official"])
def test_both_editions_of_the_summary_list_schools_and_other_schools_so(
    named: World, edition: str
) -> None:
    if edition == "official":
        named.confirm_all()
    made = named.made("province-summary", edition=edition)
    for sheet, column in (("รายสถานศึกษา", 1), ("สังกัดอื่น", 3), ("ประมาณการอาหารกลางวันและนม", 2)):
        assert in_order(made.rows(sheet), column) == ORDERED, sheet


def test_outstanding_units_stand_so_within_their_lao(named: World) -> None:
    rows = named.made("outstanding").rows("ยังไม่ยืนยัน")
    assert in_order(rows, 3) == ORDERED


def test_laos_of_one_kind_stand_so_within_their_district(world: World) -> None:
    dla, clock = world.country.actor("department"), world.country.clock
    town = world["อบต.อ่าวนาง"].district_id
    for name in TYPED:
        new = world.country.lao("81", name=f"อบต.{name}", kind="อบต.", district=town)
        units.edit(dla, new.id, new.version, {"phone": "075-1"}, clock)
    rows = world.made("province-summary").rows("สรุปราย อปท.")
    found = [str(row[2]).removeprefix("อบต.") for row in rows if str(row[2]).startswith("อบต.")]
    assert [name for name in found if name in TYPED] == ORDERED
    assert Unit.select().where(Unit.name == "อบต.ฤดี").exists()


PROVINCES = ["กระบี่", "กาญจนบุรี", "เชียงราย", "ตรัง", "เพชรบุรี", "แม่ฮ่องสอน", "ลำปาง", "เลย"]


def test_the_country_stands_province_by_province_so(world: World) -> None:
    dla = world.actor("department")
    rows = world.made("outstanding", world.country.department, actor=dla).rows("ยังไม่ยืนยัน")
    names = [row[3] for row in rows if row[1] == "จังหวัด"]
    assert len(names) == 76
    assert [name for name in names if name in PROVINCES] == PROVINCES


def test_the_national_workbook_stands_so(confirmed: World) -> None:
    country, cycle = confirmed.country, confirmed.cycle
    for code in ("57", "58"):
        country.confirm_tree(country.province(code), cycle)
    country.clock.set(CLOSES)
    dla = confirmed.actor("department")
    department = country.department
    confirmation.move(dla, cycle.id, department.id, "close", country.clock, reason="ครบกำหนด")
    made = confirmed.made("national-budget", department, actor=dla)
    by_province = [row[1] for row in made.rows("สรุปรายจังหวัด")]
    assert [name for name in by_province if name in PROVINCES] == [*("กระบี่", "เชียงราย", "แม่ฮ่องสอน")]
    missing = [row[2] for row in made.rows("จังหวัดที่ไม่ยืนยัน")]
    assert [name for name in missing if name in PROVINCES] == [
        *("กาญจนบุรี", "ตรัง", "เพชรบุรี", "ลำปาง", "เลย")
    ]
