"""Where many units stand, read at once: the same as read one by one."""

from __future__ import annotations

from datetime import timedelta

from admin_app.models import UnitState
from admin_app.services import standing
from tests.country import CLOSES
from tests.services.conftest import Chain


def test_many_units_stand_as_each_does(chain: Chain) -> None:
    country = chain.country
    units = [
        *(chain.school, chain.sister, chain.far, chain.lao, chain.far.lao),
        *(chain.province, chain.far.province, country.department),
    ]
    for days, unit in enumerate((chain.sister, chain.far.lao, chain.far), 1):
        UnitState.update(extended_until=CLOSES + timedelta(days=days)).where(
            UnitState.unit == unit.id
        ).execute()
    UnitState.update(
        status="confirmed",
        confirmed_at=country.clock(),
        confirmed_by=chain.actor("department").user_id,
    ).where(UnitState.unit << [chain.school.id, chain.far.lao_id]).execute()
    many = standing.read_many(chain.cycle.id, units)
    assert list(many) == [unit.id for unit in units]
    below = standing.below_open(chain.cycle.id, many)
    for unit in units:
        one = standing.read(chain.cycle.id, unit)
        assert many[unit.id] == one, unit.name
        assert many[unit.id].chain == one.chain
        assert many[unit.id].facts(below.get(unit.id, 0)) == one.facts()
    assert {below.get(unit.id, 0) for unit in (chain.school, chain.lao, chain.province)} == {0, 1}


def test_units_that_take_no_part_are_left_out(chain: Chain) -> None:
    late = chain.country.school(chain.lao)
    UnitState.delete().where(UnitState.unit == late.id).execute()
    assert list(standing.read_many(chain.cycle.id, [late, chain.school])) == [chain.school.id]
