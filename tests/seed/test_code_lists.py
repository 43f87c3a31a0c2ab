"""What every installation starts with."""

from __future__ import annotations

import pytest

from admin_app.models import TABLES, Code, District, Grade, Subdistrict, Unit
from seed import code_lists
from seed.rates import first_rates

pytestmark = pytest.mark.usefixtures("db")


def test_places_are_those_of_the_country() -> None:
    provinces = Unit.select().where(Unit.level == "province")
    assert (District.select().count(), Subdistrict.select().count()) == (928, 7_436)
    assert (provinces.count(), provinces.where(Unit.active).count()) == (77, 76)
    assert not Unit.get(Unit.code == "10").active
    assert all(unit.province_id == unit.id for unit in provinces)


def test_meals_are_paid_up_to_primary_6() -> None:
    paid = first_rates().counted
    assert " ".join(paid["lunch"]) == "N1 N2 N3 K1 K2 K3 P1 P2 P3 P4 P5 P6"
    assert paid["milk"] == paid["lunch"]


def test_there_are_nine_kinds_of_disability() -> None:
    assert Code.select().where(Code.list == "disability").count() == 9


def test_loading_again_keeps_what_dla_has_edited_and_brings_back_what_is_missing() -> None:
    Grade.update(name="เด็กเล็ก").where(Grade.code == "N1").execute()
    Code.delete().where(Code.list == "prefix", Code.code == "นาย").execute()
    code_lists.load()
    assert Grade.get(Grade.code == "N1").name == "เด็กเล็ก"
    assert Code.select().where(Code.list == "prefix", Code.code == "นาย").exists()


def test_loading_again_adds_nothing() -> None:
    before = [table.select().count() for table in TABLES]
    code_lists.load()
    assert [table.select().count() for table in TABLES] == before
