"""What a unit comes to on its screens: live as a draft, from snapshots once it is confirmed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from admin_app.models import Student, Unit
from admin_app.services import estimates
from admin_app.services.errors import NotFound
from seed.rates import load_rates
from tests.country import CLOSES
from tests.services.conftest import Chain


@pytest.fixture
def paid(chain: Chain) -> Chain:
    """40 children of ป.1 in the school, one of อนุบาล 1 in its sister."""
    load_rates(chain.cycle)
    chain.country.children(chain.school, chain.cycle, 40, grade="P1", attested=True)
    chain.country.children(chain.sister, chain.cycle, 1, grade="K1", attested=True)
    return chain


LUNCH, MILK, SUBSIDY = 41 * 3_600 * 200, 41 * 689 * 260, 40 * 200_000 + 180_000
ALL = {"lunch": LUNCH, "milk": MILK, "subsidy": SUBSIDY}


def told(chain: Chain, unit: Unit) -> tuple[Any, ...]:
    """The unit's children, money, whether confirmed, and edition of rates."""
    found = estimates.of(chain.cycle, unit)
    return found.total.children, found.total.satang, found.confirmed, found.edition


def test_a_school_an_lao_and_a_province_sum_up_what_stands_in_the_rows(paid: Chain) -> None:
    for unit in (paid.lao, paid.province):
        assert told(paid, unit) == (41, ALL, False, 1)
    assert told(paid, paid.school)[:2] == (
        40,
        {"lunch": 40 * 3_600 * 200, "milk": 40 * 689 * 260, "subsidy": 8_000_000},
    )


def test_one_child_more_moves_the_school_into_the_next_bracket(paid: Chain) -> None:
    paid.country.child(paid.school, paid.cycle, grade="P1")
    assert estimates.of(paid.cycle, paid.school).total.satang["lunch"] == 41 * 2_700 * 200


def test_the_units_below_stand_with_theirs(paid: Chain) -> None:
    found = estimates.of(paid.cycle, paid.lao)
    assert {unit.id: sums.children for unit, sums in found.rows} == {
        paid.school.id: 40,
        paid.sister.id: 1,
    }
    found = estimates.of(paid.cycle, paid.province)
    assert [(unit.id, sums.whole) for unit, sums in found.rows] == [
        (paid.lao.id, found.total.whole)
    ]
    assert estimates.of(paid.cycle, paid.school).rows == ()


def test_a_confirmed_unit_stays_as_it_was_confirmed_under_its_provinces_rates(paid: Chain) -> None:
    country, cycle = paid.country, paid.cycle
    for unit in (paid.school, paid.sister, country.ready(paid.lao, cycle), paid.province):
        country.confirm(unit, cycle)
    country.rates(cycle, lambda row: replace(row, satang=1))
    Student.update(grade="M1").execute()
    for unit in (paid.lao, paid.province):
        assert told(paid, unit) == (41, ALL, True, 1)
    assert told(paid, paid.school)[2:] == (True, 1)


def test_the_country_is_estimated_once_it_is_closed_from_what_was_confirmed(paid: Chain) -> None:
    country, cycle = paid.country, paid.cycle
    with pytest.raises(NotFound):
        estimates.of(cycle, country.department)
    for unit in (paid.school, paid.sister, country.ready(paid.lao, cycle), paid.province):
        country.confirm(unit, cycle)
    country.ready(paid.far, cycle)  # of a province that does not confirm
    country.confirm(paid.far, cycle)
    country.clock.set(CLOSES)
    paid.move("department", country.department, "close")
    assert told(paid, country.department) == (41, ALL, True, 1)
    rows = estimates.of(cycle, country.department).rows
    assert [unit.code for unit, _sums in rows] == [paid.province.code]


def test_a_unit_that_takes_no_part_has_no_estimate(paid: Chain) -> None:
    before = paid.country.cycle("2566-1", start=False)
    with pytest.raises(NotFound):
        estimates.of(before, paid.school)
