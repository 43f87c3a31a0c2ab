"""Announcements reach whom they are for, while it lasts; case notes stay with the helpdesk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from admin_app.models import Announcement, CaseNote
from admin_app.services import announcements, case_notes
from admin_app.services.errors import Conflict, Invalid, NotFound
from tests.country import NOW, Country

DAY = timedelta(days=1)
GOOD: dict[str, Any] = {"title": "ระบบปิดเร็ว", "starts_at": NOW - DAY, "ends_at": NOW + DAY}

# level, province → who reads it
READERS = [
    ("", "", {"department", "helpdesk", "province", "lao", "school", "far"}),
    ("", "81", {"province", "lao", "school"}),
    ("school", "", {"school", "far"}),
    ("lao", "81", {"lao"}),
    ("department", "", {"department", "helpdesk"}),
]


@pytest.mark.parametrize(("level", "province", "readers"), READERS)
def test_it_is_told_to_the_level_and_the_province_and_to_nobody_else(
    country: Country, level: str, province: str, readers: set[str]
) -> None:
    lao = country.lao("81")
    school, far = country.school(lao), country.school(country.lao("82"))
    people = {
        "department": country.actor("department"),
        "helpdesk": country.actor("helpdesk"),
        "province": country.actor("province", country.province("81")),
        "lao": country.actor("lao", lao),
        "school": country.actor("school", school),
        "far": country.actor("school", far),
    }
    values = GOOD | {"level": level, "province": province}
    announcements.create(country.actor("department"), values, country.clock)
    told = {who for who, actor in people.items() if announcements.for_people_of(actor, NOW)}
    assert told == readers


def test_it_is_told_from_its_first_moment_and_not_at_its_last(country: Country) -> None:
    dla = country.actor("department")
    announcements.create(dla, GOOD, country.clock)
    for moment, told in ((NOW - DAY, True), (NOW + DAY, False), (NOW - 2 * DAY, False)):
        assert bool(announcements.for_people_of(dla, moment)) is told


WRONG = [
    ("title", {"title": " "}),
    ("title", {"title": "x" * 201}),
    ("text", {"text": "x" * 2_001}),
    ("level", {"level": "region"}),
    ("province", {"province": "99"}),
    ("starts_at", {"starts_at": None}),
    ("ends_at", {"ends_at": NOW - DAY}),
]


@pytest.mark.parametrize(("field", "over"), WRONG)
def test_what_cannot_be_told_is_said_at_its_field(
    country: Country, field: str, over: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as info:
        announcements.create(country.actor("department"), GOOD | over, country.clock)
    assert set(info.value.errors) == {field}
    assert not Announcement.select().exists()


def test_two_edits_at_once_lose_nothing(country: Country) -> None:
    dla = country.actor("department")
    made = announcements.create(dla, GOOD, country.clock)
    announcements.edit(dla, made.id, 1, GOOD | {"title": "ใหม่"}, country.clock)
    with pytest.raises(Conflict):
        announcements.edit(dla, made.id, 1, GOOD, country.clock)
    assert Announcement.get().title == "ใหม่"


def test_only_dla_announces_and_only_the_helpdesk_and_dla_note_cases(country: Country) -> None:
    lao = country.lao("81")
    for actor in (country.actor("helpdesk"), country.own(lao)):
        with pytest.raises(NotFound):
            announcements.create(actor, GOOD, country.clock)
    helpdesk = country.actor("helpdesk")
    case_notes.write(helpdesk, lao, " จะโทรกลับ 14:00 ", country.clock)
    assert [note.text for note in case_notes.of_unit(country.actor("department"), lao)] == [
        "จะโทรกลับ 14:00"
    ]
    assert case_notes.of_unit(country.own(lao), lao) == []
    with pytest.raises(NotFound):
        case_notes.write(country.own(lao), lao, "x", country.clock)
    for text in (" ", "x" * 1_001):
        with pytest.raises(Invalid):
            case_notes.write(helpdesk, lao, text, country.clock)
    assert CaseNote.select().count() == 1
