"""The size seed, at a small size."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from peewee import fn

from admin_app.database import tuples
from admin_app.domain import identity
from admin_app.domain.search import pieces
from admin_app.models import Cycle, SchoolGrade, Student, Unit, UnitPiece, UnitState, database
from seed import national

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)


def quiet(text: str) -> None:
    """Report nothing."""


def load(**sizes: int) -> None:
    national.load(NOW, **sizes, report=quiet)


def test_the_country_has_the_sizes_asked_for(db: Any) -> None:
    indexes = {index.name for index in database.get_indexes("student")}
    load(children=3_000, laos=40, schools=100)
    cycle = Cycle.get()
    schools = UnitState.select().where(UnitState.cycle == cycle, UnitState.level == "school")
    assert Student.select().count() == 3_000
    assert Unit.select().where(Unit.level == "lao").count() == 40
    assert schools.count() == 100 == SchoolGrade.select(SchoolGrade.school).distinct().count()
    assert schools.select(fn.SUM(UnitState.children)).scalar() == 3_000
    attested = Student.select().where(Student.attested_at.is_null(False)).count()
    assert schools.select(fn.SUM(UnitState.attested)).scalar() == attested
    assert {index.name for index in database.get_indexes("student")} == indexes


def test_every_unit_is_found_by_its_name_as_if_it_had_been_typed(db: Any) -> None:
    load(children=10, laos=20, schools=40)
    stored: dict[int, list[str]] = {}
    for unit_id, key in tuples(UnitPiece.select(UnitPiece.unit, UnitPiece.key)):
        stored.setdefault(unit_id, []).append(key)
    units = list(Unit.select())
    assert stored.keys() == {unit.id for unit in units}
    for unit in units:
        assert sorted(stored[unit.id]) == pieces(unit.name, unit.name_en, unit.code, unit.phone)


def test_numbers_are_valid_and_belong_to_one_child_each(db: Any) -> None:
    load(children=2_000, laos=20, schools=40)
    children = list(Student.select())
    assert all(identity.check(child.id_kind, child.id_number) is None for child in children)
    numbers = [child.id_number for child in children if child.id_number]
    assert len(set(numbers)) == len(numbers)


def test_an_area_is_made_for_every_lao_of_the_plan(db: Any) -> None:
    areas = national._areas()
    assert len(areas) == 7_850 == len({area.code for area in areas})


def test_a_database_with_accounts_is_left_alone(db: Any) -> None:
    load(children=10, laos=1, schools=1)
    with pytest.raises(national.NotEmpty):
        load(children=10, laos=1, schools=1)
