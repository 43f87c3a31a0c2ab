"""The roster: who is in it, in which order, identity in full, and the log."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from admin_app.domain.access import Actor
from admin_app.exports.build import build
from admin_app.exports.gates import NoSuchEdition, Shut
from admin_app.models import AccessLog, Student, Subdistrict, database
from admin_app.services.errors import NotFound
from tests.exports.conftest import Made, World

SHEET = "รายชื่อนักเรียน"
SCHOOL, GRADE, NUMBER, FIRST, LAST = 2, 3, 4, 8, 9


def children(made: Made) -> list[list[object]]:
    return [row for row in made.rows(SHEET) if isinstance(row[0], int)]


def test_children_stand_by_lao_school_and_dictionary_order(world: World) -> None:
    school = world["บ้านช่องพลี"]
    for first in ("แก้ว", "กมล", "เกด", "ขวัญ", "ไก่"):
        world.country.child(school, world.cycle, first_name=first, last_name="ก")
    made = world.made("roster")
    rows = children(made)
    assert [row[0] for row in rows] == list(range(1, 21))
    schools = [row[SCHOOL] for row in rows]
    assert list(dict.fromkeys(schools)) == [
        "มัธยมเขาพนม",
        "มัธยมเมือง",
        "บ้านช่องพลี",
        "ศพด.อ่าวนาง",
    ]
    assert schools == sorted(schools, key=schools.index)
    typed = [row[FIRST] for row in rows if row[LAST] == "ก"]
    assert typed == ["กมล", "เกด", "แก้ว", "ไก่", "ขวัญ"]


def test_identity_stands_in_full_in_the_buddhist_era(world: World) -> None:
    place = Subdistrict.get(Subdistrict.code == "810101")
    child = world.country.child(
        world["บ้านช่องพลี"],
        world.cycle,
        prefix="เด็กหญิง",
        first_name="มะลิ",
        last_name="ใจดี",
        birth_date=date(2017, 3, 15),
        entered_on=date(2024, 5, 16),
        disability="8",
        disadvantage="9",
        grade="P1",
        home_subdistrict=place.id,
    )
    row = next(row for row in children(world.made("roster")) if row[FIRST] == "มะลิ")
    assert row[1:] == [
        "อบต.อ่าวนาง",
        "บ้านช่องพลี",
        "ประถมศึกษาปีที่ 1",
        child.id_number,
        "เลข 13 หลัก",
        None,
        "เด็กหญิง",
        "มะลิ",
        "ใจดี",
        "หญิง" if child.sex == "F" else "ชาย",
        "15 มี.ค. 2560",
        "ไทย",
        "ออทิสติก",
        "เด็กยากจน",
        f"ต.{place.name} อ.เมืองกระบี่ จ.กระบี่",
        "16 พ.ค. 2567",
        "ยังไม่ตรวจ",
    ]


def test_a_number_stays_a_text_of_digits(world: World) -> None:
    sheet = world.made("roster").values[SHEET]
    cell = next(c for row in sheet.iter_rows() for c in row if str(c.value).startswith("18100"))
    assert (cell.data_type, cell.number_format) == ("s", "@")


def test_removed_children_and_other_cycles_are_not_in_it(world: World) -> None:
    school = world["บ้านช่องพลี"]
    world.country.child(school, world.cycle, status="removed", removal_reason="moved")
    later = world.country.cycle("2567-2")
    world.country.child(school, later)
    assert len(children(world.made("roster"))) == 15


@pytest.mark.parametrize(("unit", "count"), [("บ้านช่องพลี", 7), ("อบต.อ่าวนาง", 9), ("อบต.เขาดิน", 0)])
def test_a_unit_gets_its_own_children(world: World, unit: str, count: int) -> None:
    made = world.made("roster", world[unit])
    assert len(children(made)) == count == made.result.rows


# --- who may -----------------------------------------------------------------------------------


def test_nobody_gets_what_role_or_scope_does_not_have(world: World) -> None:
    country, krabi = world.country, world.province
    far_lao = country.lao("82")
    far = country.school(far_lao)
    school = country.own(world["บ้านช่องพลี"])
    lao = country.own(world["อบต.อ่าวนาง"])
    refused: list[tuple[str, Actor, object]] = [
        ("roster", country.actor("helpdesk"), krabi),
        ("roster", world.actor("province"), country.province("82")),
        ("roster", world.actor("province"), far),
        ("roster", lao, world["อบจ.กระบี่"]),
        ("roster", lao, world["มัธยมเมือง"]),
        ("roster", school, world["ศพด.อ่าวนาง"]),
        ("roster", school, world["อบต.อ่าวนาง"]),
        ("roster", world.actor("department"), country.department),
        ("province-summary", lao, krabi),
        ("province-summary", country.actor("helpdesk"), krabi),
        ("province-summary", world.actor("province"), country.province("82")),
        ("province-summary", world.actor("province"), world["อบต.อ่าวนาง"]),
        ("outstanding", school, world["บ้านช่องพลี"]),
        ("outstanding", lao, krabi),
        ("national-budget", world.actor("province"), country.department),
        ("national-budget", country.actor("helpdesk"), country.department),
        ("access-log", country.actor("helpdesk"), country.department),
        ("access-log", world.actor("province"), country.department),
        ("access-log", world.actor("department"), krabi),
        ("nothing", world.actor("department"), krabi),
    ]
    for name, actor, unit in refused:
        with pytest.raises(NotFound):
            world.made(name, unit, actor=actor)  # type: ignore[arg-type]
    assert not AccessLog.select().exists()


def test_a_unit_that_takes_no_part_in_the_cycle_is_not_found(world: World) -> None:
    bangkok = world.country.province("10")
    with pytest.raises(NotFound):
        world.made("roster", bangkok, actor=world.actor("department"))


# --- the log -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["roster", "province-summary", "outstanding"])
def test_every_export_is_in_the_access_log(world: World, name: str) -> None:
    made = world.made(name)
    entry = AccessLog.get()
    assert entry.tag == "export"
    assert entry.at == world.country.clock()
    assert (entry.user_id, entry.actor_role) == (world.actor("province").user_id, "province")
    assert (entry.cycle_id, entry.unit_id) == (world.cycle.id, world.province.id)
    assert json.loads(entry.details) == {
        "name": name,
        "edition": made.result.edition,
        "unit": "81",
    }
    assert entry.rows == made.result.rows


def test_what_is_refused_is_not_in_the_log(world: World) -> None:
    with pytest.raises(Shut):
        world.made("province-summary", edition="official")
    with pytest.raises(NoSuchEdition):
        world.made("roster", edition="draft")
    assert not AccessLog.select().exists()


def test_an_export_that_cannot_be_logged_is_not_handed_out(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no log")

    monkeypatch.setattr("admin_app.exports.build.history.log_access", fails)
    out = tmp_path / "roster.xlsx"
    with pytest.raises(RuntimeError, match="no log"):
        build(
            "roster",
            world.actor("province"),
            world.cycle,
            world.province,
            None,
            world.country.clock(),
            out,
        )
    assert list(tmp_path.glob("roster*")) == []


def test_a_file_of_a_job_is_whole_and_named_in_ascii(world: World, tmp_path: Path) -> None:
    out = tmp_path / "roster.xlsx"
    result = build(
        "roster",
        world.actor("province"),
        world.cycle,
        world.province,
        None,
        world.country.clock(),
        out,
    )
    assert out.read_bytes()[:2] == b"PK"
    assert [path.name for path in tmp_path.glob("roster*")] == ["roster.xlsx"]
    assert result.file_name == "roster-2567-1-81.xlsx"
    assert result.thai_file_name == "รายชื่อนักเรียน กระบี่ 2567-1.xlsx"
    assert not database.in_transaction()
    assert Student.select().count() == 15
