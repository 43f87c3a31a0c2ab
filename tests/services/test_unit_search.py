"""A unit is found by words of its name, by code and telephone, as soon as they change."""

from __future__ import annotations

from typing import Any

import pytest
from peewee import Database

from admin_app.database import is_sqlite
from admin_app.models import Unit, UnitPiece
from admin_app.services import unit_search, units
from tests.services.conftest import Chain


def found(chain: Chain, typed: str, role: str = "department") -> list[str]:
    """The names that the role's person finds."""
    return [unit.name for unit in unit_search.find(chain.actor(role), typed, 50)]


def edit(chain: Chain, unit: Unit, role: str = "department", **values: Any) -> None:
    """Edit a unit as it stands now."""
    version = Unit.get_by_id(unit.id).version
    units.edit(chain.actor(role), unit.id, version, values, chain.country.clock)


def test_a_new_unit_is_found_by_any_word(chain: Chain) -> None:
    lao = chain.country.lao("81", name="อบต.เกาะลันตาใหญ่", code="6810306")
    chain.country.school(lao, name="โรงเรียนบ้านหัวแหลม", code="6810306001")
    for typed in ("หัวแหลม", "แหลม", "โรงเรียน แหลม", "บ้านหัว", "6810306001"):
        assert found(chain, typed) == ["โรงเรียนบ้านหัวแหลม"], typed
    assert found(chain, "ลันตา") == ["อบต.เกาะลันตาใหญ่"]
    assert found(chain, "6810306") == ["อบต.เกาะลันตาใหญ่", "โรงเรียนบ้านหัวแหลม"]
    assert found(chain, "แหลม ลันตา") == []
    assert found(chain, "กระบี่") == ["กระบี่"]
    assert found(chain, "Krabi") == ["กระบี่"]


def test_a_unit_is_found_by_what_it_is_called_now(chain: Chain) -> None:
    edit(chain, chain.school, name="โรงเรียนเก่า", phone="075-111222")
    assert found(chain, "075111") == found(chain, "เก่า") == ["โรงเรียนเก่า"]
    edit(chain, chain.school, name="โรงเรียนริมธาร", code="S77")
    edit(chain, chain.school, "school", phone="075-333444")
    assert found(chain, "เก่า") == found(chain, "075111") == []
    for typed in ("ริมธาร", "S77", "075333"):
        assert found(chain, typed) == ["โรงเรียนริมธาร"], typed


def test_an_edit_of_something_else_leaves_the_pieces_as_they_are(chain: Chain) -> None:
    def pieces() -> list[int]:
        query = UnitPiece.select(UnitPiece.id).where(UnitPiece.unit == chain.school.id)
        return sorted(row.id for row in query)

    before = pieces()
    edit(chain, chain.school, address="81000")
    assert before
    assert pieces() == before


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("school", ["บ้านช่อง"]),
        ("lao", ["บ้านช่อง", "บ้านช่องลม"]),
        ("province", ["บ้านช่อง", "บ้านช่องลม"]),
        ("helpdesk", ["บ้านช่อง", "บ้านช่องลม", "บ้านช่องไกล"]),
    ],
)
def test_units_outside_the_scope_are_not_found(chain: Chain, role: str, names: list[str]) -> None:
    for unit, name in (
        (chain.school, "บ้านช่อง"),
        (chain.sister, "บ้านช่องลม"),
        (chain.far, "บ้านช่องไกล"),
    ):
        edit(chain, unit, name=name)
    assert sorted(found(chain, "ช่อง", role)) == sorted(names)
    assert found(chain, "ลม", "school") == []


def test_higher_levels_come_first_and_each_in_dictionary_order(chain: Chain) -> None:
    lao = chain.country.lao("81", name="อบต.เกาะ")
    for name in ("เกาะแก้ว", "เกาะกลาง", "กลางเกาะ", "แก้วเกาะ"):
        chain.country.school(lao, name=name)
    assert found(chain, "เกาะ") == ["อบต.เกาะ", "กลางเกาะ", "เกาะกลาง", "เกาะแก้ว", "แก้วเกาะ"]
    assert len(unit_search.find(chain.actor("department"), "เกาะ", 2)) == 2


def test_every_unit_of_the_code_lists_has_pieces(db: Database) -> None:
    with_pieces = UnitPiece.select(UnitPiece.unit)
    assert Unit.select().exists()
    assert not Unit.select().where(Unit.id.not_in(with_pieces)).exists()


def test_words_are_ranges_of_the_pieces_index(db: Database, chain: Chain) -> None:
    if not is_sqlite():
        return  # PostgreSQL plans by statistics, which a small table has none of
    query: Any = unit_search.narrowed(Unit.select(), "ช่องพลี บ้าน")
    sql, params = query.sql()
    steps = [row[-1] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params)]
    assert any("unit_piece_key_unit_id (key>? AND key<?)" in step for step in steps), steps
    assert not any("SCAN" in step for step in steps), steps
