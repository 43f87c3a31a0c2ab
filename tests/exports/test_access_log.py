"""The access log as a workbook: what stands in a row, in which order, for whom."""

from __future__ import annotations

import pytest

from admin_app.exports import reading, words
from admin_app.models import AccessLog
from admin_app.services import history
from tests.exports.conftest import Made, World

SHEET = "บันทึกการเข้าถึงข้อมูล"


def export(world: World) -> Made:
    return world.made("access-log", world.country.department, actor=world.actor("department"))


def entries(made: Made) -> list[list[object]]:
    return [row[1:] for row in made.rows(SHEET) if isinstance(row[0], int)]


def test_an_entry_says_who_what_where_and_when_in_thai(world: World) -> None:
    world.made("province-summary")
    AccessLog.insert_many(
        [
            {
                "at": world.country.clock(),
                "tag": "checklist",
                "rows": 31,
                "address": "192.0.2.7",
                "details": '{"grade": "P1"}',
            }
        ]
    ).execute()
    newest, first = entries(export(world))
    assert newest == [
        "20 พ.ค. 2567 12:00 น.", None, None, "พิมพ์แบบตรวจสอบการมีตัวตน", None, None, None, 31,
        "192.0.2.7", "ชั้น: P1",
    ]  # fmt: skip
    user = world.actor("province").username
    assert first[:7] == [
        "20 พ.ค. 2567 12:00 น.", user, words.ROLES["province"], "ส่งออก", "81", "กระบี่", "2567-1",
    ]  # fmt: skip
    assert "รายงาน: สรุปข้อมูลจังหวัด" in str(first[9])
    assert "ฉบับ: ฉบับร่าง" in str(first[9])


def test_the_latest_stands_first_and_rows_come_whole_in_many_portions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = world.actor("department")
    for number in range(15):
        history.log_access("child.asked", actor, world.country.clock(), details={"numbers": number})
    monkeypatch.setattr(reading, "CHUNK", 4)
    told = [row[9] for row in entries(export(world))]
    assert told == [f"จำนวนเลขประจำตัว: {number}" for number in reversed(range(15))]


def test_every_deed_of_the_log_has_its_thai_words() -> None:
    assert set(words.ACCESS_TAGS) == set(history.ACCESS_TAGS)


def test_an_empty_log_says_so(world: World) -> None:
    made = export(world)
    assert entries(made) == []
    assert "ยังไม่มีรายการ" in made.texts()
