"""Code lists and grades: DLA edits them, and nothing in use changes its code."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.models import Code, Grade
from admin_app.services import codes
from admin_app.services.errors import Invalid, NotFound
from tests.country import Country
from tests.services.conftest import Chain

NEW: dict[str, Any] = {
    "list": "prefix",
    "code": " ดร. ",
    "name": " ดร.  ",
    "name_en": "Dr",
    "position": 20,
    "active": True,
}


def test_dla_adds_a_row_to_a_list(country: Country) -> None:
    row = codes.create(country.actor("department"), NEW, country.clock)
    assert (row.list, row.code, row.name, row.position) == ("prefix", "ดร.", "ดร.", 20)


def test_a_row_that_cannot_be_is_not_added(country: Country) -> None:
    codes.create(country.actor("department"), NEW, country.clock)
    before = Code.select().count()
    for field, over in (
        ("code", {}),
        ("code", {"code": " "}),
        ("code", {"code": "x" * 17}),
        ("list", {"list": "colours"}),
        ("name", {"code": "new", "name": ""}),
        ("name", {"code": "new", "name": "ก" * 256}),
        ("position", {"code": "new", "position": -1}),
        ("position", {"code": "new", "position": None}),
    ):
        with pytest.raises(Invalid) as info:
            codes.create(country.actor("department"), NEW | over, country.clock)
        assert set(info.value.errors) == {field}
    assert Code.select().count() == before


def test_a_rows_code_and_list_stay(country: Country) -> None:
    dla = country.actor("department")
    row = codes.create(dla, NEW, country.clock)
    values = {"list": "disability", "code": "x", "name": "ด็อกเตอร์", "active": False}
    changed = codes.edit(dla, row.id, values, country.clock)
    assert (changed.list, changed.code, changed.name) == ("prefix", "ดร.", "ด็อกเตอร์")
    assert not changed.active


def test_a_grades_ages_follow_each_other(country: Country) -> None:
    dla, grade = country.actor("department"), Grade.get(Grade.code == "P1")
    values = {"name": "ป.1", "min_age": 6, "max_age": 8, "stage": "primary", "kinds": ""}
    changed = codes.edit_grade(dla, grade.id, values, country.clock)
    assert (changed.name, changed.max_age, changed.kinds) == ("ป.1", 8, grade.kinds)
    for over in ({"min_age": 9}, {"min_age": 9, "max_age": None}, {"max_age": 10**6}):
        with pytest.raises(Invalid) as info:
            codes.edit_grade(dla, grade.id, values | over, country.clock)
        assert set(info.value.errors) == {"max_age"}
    assert (
        codes.edit_grade(dla, grade.id, {"name": "ป.1", "min_age": 5}, country.clock).min_age == 5
    )
    assert Grade.get_by_id(grade.id).max_age == 8


def test_nobody_but_dla_edits_code_lists(chain: Chain) -> None:
    clock, row, grade = chain.country.clock, Code.get(), Grade.get()
    for role in ("helpdesk", "province", "lao", "school"):
        me = chain.actor(role)
        for attempt in (
            lambda me=me: codes.create(me, NEW, clock),
            lambda me=me: codes.edit(me, row.id, NEW, clock),
            lambda me=me: codes.edit_grade(me, grade.id, {"name": "x"}, clock),
        ):
            with pytest.raises(NotFound):
                attempt()


@pytest.mark.parametrize("silly", [0, 10**30, "x", None])
def test_a_row_that_does_not_exist_is_not_found(country: Country, silly: Any) -> None:
    dla = country.actor("department")
    with pytest.raises(NotFound):
        codes.edit(dla, silly, NEW, country.clock)
    with pytest.raises(NotFound):
        codes.edit_grade(dla, silly, {"name": "x"}, country.clock)
