"""Organisations: who makes and changes them, and which cycles a new one joins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from admin_app.models import District, SchoolGrade, Unit, UnitState
from admin_app.services import progress, units
from admin_app.services.errors import Conflict, Invalid, NotFound
from tests.country import CLOSES, Country, ManualClock
from tests.services.conftest import Chain, refused

SCHOOL: dict[str, Any] = {"code": "S9", "name": "บ้านใหม่", "kind": "school"}


def edit(chain: Chain, unit: Unit, role: str = "department", **values: Any) -> Unit:
    """Edit a unit as it stands now; ``grades`` go their own way."""
    grades = values.pop("grades", None)
    version = Unit.get_by_id(unit.id).version
    args = (chain.actor(role), unit.id, version, values, chain.country.clock)
    return units.edit(*args, grades=grades)


def states(unit: Unit) -> list[str]:
    """The unit's states, in every cycle."""
    return [state.status for state in UnitState.select().where(UnitState.unit == unit.id)]


def test_a_new_unit_knows_where_it_lies(country: Country) -> None:
    lao = country.lao("81", name=" เกาะลันตา  ใหญ่ ", code="๘๑๐๓๐๑")
    school = country.school(lao, grades=["P1", "K1"])
    province = country.province("81")
    assert (lao.name, lao.code) == ("เกาะลันตา ใหญ่", "810301")
    assert (lao.parent_id, lao.province_id, lao.lao_id) == (province.id, province.id, lao.id)
    assert (school.parent_id, school.lao_id) == (lao.id, lao.id)
    assert school.province_id == province.id
    assert {row.grade.code for row in school.grades} == {"P1", "K1"}
    assert lao.name_key.startswith("กเาะลันตา")


def test_a_unit_that_cannot_be_is_not_created(chain: Chain) -> None:
    dla, clock = chain.actor("department"), chain.country.clock
    wrong: list[tuple[str, Unit, dict[str, Any], list[str]]] = [
        ("code", chain.lao, {"code": chain.school.code}, []),
        ("code", chain.lao, {"code": ""}, []),
        ("code", chain.lao, {"code": "S-9"}, []),
        ("code", chain.lao, {"code": "9" * 17}, []),
        ("name", chain.lao, {"name": " "}, []),
        ("name", chain.lao, {"name": "ก" * 256}, []),
        ("kind", chain.lao, {"kind": "university"}, []),
        ("grades", chain.lao, {"kind": "centre"}, ["P1"]),
        ("grades", chain.lao, {}, ["P9"]),
        ("parent", chain.province, {}, []),
        ("parent", chain.school, {}, []),
    ]
    before = Unit.select().count()
    for field, parent, over, grades in wrong:
        with pytest.raises(Invalid) as info:
            units.create(dla, "school", parent, SCHOOL | over, clock, grades=grades)
        assert set(info.value.errors) == {field}
    assert Unit.select().count() == before


def test_a_new_unit_joins_only_cycles_in_which_all_above_are_open(
    chain: Chain, clock: ManualClock
) -> None:
    later = chain.country.cycle("2567-2")
    chain.country.cycle("2568-1", start=False)
    assert states(chain.country.school(chain.lao)) == ["open", "open"]
    chain.country.confirm_tree(chain.lao, chain.cycle)
    school = chain.country.school(chain.lao)
    joined = UnitState.select().where(UnitState.unit == school.id)
    assert [state.cycle_id for state in joined] == [later.id]
    clock.set(CLOSES)
    chain.move("department", chain.country.department, "close")
    assert len(states(chain.country.lao("82"))) == 1


def test_only_dla_makes_units(chain: Chain, clock: ManualClock) -> None:
    for role in ("helpdesk", "province", "lao", "school"):
        with pytest.raises(NotFound):
            units.create(chain.actor(role), "school", chain.lao, SCHOOL, clock, grades=[])


def test_dla_edits_every_field_and_the_own_people_the_contacts_alone(chain: Chain) -> None:
    district = District.get(District.code == "8101")
    wanted: dict[str, Any] = {
        "name": "ชื่อใหม่",
        "kind": "school",
        "district": district,
        "phone": "075-1",
    }
    changed = edit(chain, chain.school, **wanted)
    assert (changed.name, changed.district_id, changed.phone) == ("ชื่อใหม่", district.id, "075-1")
    for role in ("school", "lao"):
        changed = edit(chain, chain.school, role, phone=f"075-{role}", name="อื่น", active=False)
        assert (changed.phone, changed.name, changed.active) == (f"075-{role}", "ชื่อใหม่", True)
    assert edit(chain, chain.lao, "lao", email="a@b.th").email == "a@b.th"
    assert edit(chain, chain.province, "province", address="81000").address == "81000"
    fields = [json.loads(event.details)["fields"] for event in chain.events("unit.edited")]
    assert fields[1:] == [["phone"], ["phone"], ["email"], ["address"]]


def test_an_edit_that_changes_nothing_writes_nothing(chain: Chain) -> None:
    district = District.get(District.code == "8101")
    edit(chain, chain.school, district=district)
    version = Unit.get_by_id(chain.school.id).version
    same = edit(chain, chain.school, name=chain.school.name, district=district)
    assert same.version == version
    assert len(chain.events("unit.edited")) == 1


@pytest.mark.parametrize("role", ["helpdesk", "province", "lao", "school"])
def test_units_that_one_may_not_change_do_not_exist(chain: Chain, role: str) -> None:
    forbidden = {
        "helpdesk": [chain.school, chain.lao, chain.province],
        "province": [chain.school, chain.lao, chain.far],
        "lao": [chain.province, chain.far, chain.far.lao],
        "school": [chain.sister, chain.lao, chain.far],
    }
    for unit in (*forbidden[role], chain.country.department):
        with pytest.raises(NotFound):
            edit(chain, unit, role, phone="1")
        with pytest.raises(NotFound):
            edit(chain, unit, role, name="อื่น")


def test_of_two_edits_the_second_is_told(chain: Chain) -> None:
    edit(chain, chain.school, phone="1")
    dla, clock = chain.actor("department"), chain.country.clock
    with pytest.raises(Conflict) as info:
        units.edit(dla, chain.school.id, 1, {"phone": "2"}, clock)
    assert info.value.current.phone == "1"


def test_grades_are_changed_with_the_unit(chain: Chain) -> None:
    changed = edit(chain, chain.school, grades=["P1", "P3"])
    found = SchoolGrade.select().where(SchoolGrade.school == changed.id)
    assert {row.grade.code for row in found} == {"P1", "P3"}
    with pytest.raises(Invalid):
        edit(chain, chain.school, name="อื่น", grades=["N1"])
    assert Unit.get_by_id(chain.school.id).name == chain.school.name
    assert json.loads(chain.events("unit.edited")[0].details)["fields"] == ["grades"]


def test_a_unit_out_of_service_no_longer_blocks_and_cannot_confirm(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    edit(chain, chain.sister, active=False)
    chain.country.ready(chain.sister, chain.cycle)
    confirm = lambda: chain.country.confirm(chain.sister, chain.cycle)  # noqa: E731
    assert refused(confirm) == ["inactive"]
    assert chain.country.confirm(chain.country.ready(chain.lao, chain.cycle), chain.cycle)


def test_a_unit_does_not_come_back_under_a_confirmed_level(chain: Chain) -> None:
    edit(chain, chain.sister, active=False)
    chain.country.confirm_tree(chain.lao, chain.cycle)
    assert refused(lambda: edit(chain, chain.sister, active=True)) == ["above_confirmed"]
    assert not Unit.get_by_id(chain.sister.id).active
    chain.move("province", chain.lao, "return")
    assert edit(chain, chain.sister, active=True).active
    assert chain.statuses()[1:3] == ["open", "open"]


def test_a_confirmed_unit_comes_back_as_it_was(chain: Chain) -> None:
    chain.country.confirm_tree(chain.lao, chain.cycle)
    edit(chain, chain.sister, active=False)
    assert edit(chain, chain.sister, active=True).active
    assert chain.statuses()[:3] == ["confirmed"] * 3


def test_a_nationally_closed_cycle_keeps_no_unit_out_of_service(
    chain: Chain, clock: ManualClock
) -> None:
    edit(chain, chain.sister, active=False)
    chain.country.confirm_tree(chain.lao, chain.cycle)
    clock.set(CLOSES)
    chain.move("department", chain.country.department, "close")
    assert edit(chain, chain.sister, active=True).active


def test_a_closed_cycle_shows_what_it_showed_when_a_unit_goes_out_of_service(
    chain: Chain, clock: ManualClock
) -> None:
    chain.country.confirm_tree(chain.lao, chain.cycle)
    clock.set(CLOSES)
    chain.move("department", chain.country.department, "close")
    later = chain.country.cycle("2567-2")
    before = progress.totals(chain.cycle, chain.lao, clock.now)
    chain.country.out_of_service(chain.sister)
    assert progress.totals(chain.cycle, chain.lao, clock.now) == before
    assert progress.totals(later, chain.lao, clock.now)[0]["school"].total == 1


def test_a_unit_that_comes_into_service_joins_the_open_cycle(country: Country) -> None:
    lao = country.lao("81")
    school = country.school(lao, active=False)
    cycle = country.cycle()
    assert states(school) == []
    chain = Chain(country, cycle, country.province("81"), lao, school, school, school)
    edit(chain, school, active=True)
    assert states(school) == ["open"]
