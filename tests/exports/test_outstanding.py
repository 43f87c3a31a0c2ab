"""Outstanding units: who is in the list, in which order, with what."""

from __future__ import annotations

from admin_app.models import Unit, UnitState
from tests.country import CLOSES
from tests.exports.conftest import Made, World

SHEET = "ยังไม่ยืนยัน"


def units(made: Made) -> list[list[object]]:
    return [row[1:] for row in made.rows(SHEET) if isinstance(row[0], int)]


def test_open_units_below_stand_under_their_lao(world: World) -> None:
    world.country.confirm(world["บ้านช่องพลี"], world.cycle)
    rows = units(world.made("outstanding"))
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        ("อปท.", "อบจ.กระบี่", None, "กระบี่"),
        ("สถานศึกษา", "มัธยมเขาพนม", "อบจ.กระบี่", "กระบี่"),
        ("สถานศึกษา", "มัธยมเมือง", "อบจ.กระบี่", "กระบี่"),
        ("อปท.", "อบต.เขาดิน", None, "กระบี่"),
        ("อปท.", "อบต.อ่าวนาง", None, "กระบี่"),
        ("สถานศึกษา", "ศพด.อ่าวนาง", "อบต.อ่าวนาง", "กระบี่"),
    ]


def test_each_has_contacts_children_and_what_is_left_below(world: World) -> None:
    school = world["บ้านช่องพลี"]
    Unit.update(contact_name="ครูสมศรี", phone="075", email="a@example.org").where(
        Unit.id == school.id
    ).execute()
    world.country.child(school, world.cycle)
    UnitState.update(extended_until=CLOSES).where(UnitState.unit == school.id).execute()
    rows = {row[2]: row for row in units(world.made("outstanding"))}
    assert rows["บ้านช่องพลี"][1] == school.code
    assert rows["บ้านช่องพลี"][5:] == [
        "ครูสมศรี", "075", "a@example.org", 8, 1, 0,
        "10 มิ.ย. 2567 24:00 น.", None, "11 มิ.ย. 2567 17:00 น.",
    ]  # fmt: skip
    assert rows["อบต.อ่าวนาง"][8:11] == [10, 1, 2]


def test_who_is_past_the_due_date_is_marked(world: World) -> None:
    world.country.clock.set(CLOSES)
    assert {row[12] for row in units(world.made("outstanding"))} == {"เกินกำหนด"}


def test_a_lao_sees_its_schools_and_the_country_its_provinces(world: World) -> None:
    lao = world["อบต.อ่าวนาง"]
    mine = units(world.made("outstanding", lao, actor=world.country.own(lao)))
    assert [row[2] for row in mine] == ["บ้านช่องพลี", "ศพด.อ่าวนาง"]
    for role in ("department", "helpdesk"):
        made = world.made("outstanding", world.country.department, actor=world.actor(role))
        rows = units(made)
        assert [row[0] for row in rows].count("จังหวัด") == 76
        krabi = next(row for row in rows if row[2] == "กระบี่")
        assert krabi[8:11] == [15, 0, 3]
        assert len(rows) == 76 + 3 + 4 == made.result.rows


def test_units_out_of_service_are_left_out_and_nothing_left_is_said(world: World) -> None:
    world.country.out_of_service(*Unit.select().where(Unit.level << ("school", "lao")))
    made = world.made("outstanding")
    assert units(made) == []
    assert "ทุกหน่วยยืนยันแล้ว" in made.texts()
