"""Progress: the same figures from every level, however one looks at them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from admin_app.models import District, Unit
from admin_app.services import progress
from admin_app.services.progress import Row, Tally
from tests.country import LETTER, NOW, Country, ManualClock
from tests.services.conftest import Chain


def board(chain: Chain, unit: Unit) -> dict[str, Row]:
    """The rows below the unit, by code."""
    found = progress.board(chain.cycle, unit, chain.country.clock.now)
    return {row.unit.code: row for row in found}


def test_each_level_sees_the_units_directly_below_and_what_lies_below_them(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    chain.country.children(chain.sister, chain.cycle, 3)
    schools = board(chain, chain.lao)
    assert set(schools) == {chain.school.code, chain.sister.code}
    assert schools[chain.school.code].state.status == "confirmed"
    assert (schools[chain.sister.code].children, schools[chain.sister.code].attested) == (3, 0)
    lao = board(chain, chain.province)[chain.lao.code]
    assert lao.tallies == {"school": Tally(2, 1)}
    assert (lao.children, lao.attested, lao.tallies["school"].percent) == (5, 2, 50)
    province = board(chain, chain.country.department)["81"]
    assert province.tallies == {"lao": Tally(1, 0), "school": Tally(2, 1)}
    assert (province.children, province.attested) == (5, 2)
    assert board(chain, chain.school) == {}


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("lao", {"school": Tally(2, 1)}),
        ("province", {"school": Tally(2, 1), "lao": Tally(1, 0)}),
        (
            "department",
            {"school": Tally(3, 1), "lao": Tally(2, 0), "province": Tally(76, 0)},
        ),
    ],
)
def test_the_totals_of_a_unit_are_those_of_everything_below_it(
    chain: Chain, level: str, expected: dict[str, Tally]
) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    unit = chain.country.department if level == "department" else getattr(chain, level)
    assert progress.totals(chain.cycle, unit, chain.country.clock.now) == (expected, 2, 2)


def test_who_is_open_after_the_due_date_is_overdue_and_who_confirms_then_is_late(
    chain: Chain, clock: ManualClock
) -> None:
    chain.country.ready(chain.school, chain.cycle)
    clock.set(LETTER["school_due_at"])
    chain.country.confirm(chain.school, chain.cycle)
    schools = board(chain, chain.lao)
    assert [schools[u.code].overdue for u in (chain.school, chain.sister)] == [False, True]
    tallies, _, _ = progress.totals(chain.cycle, chain.lao, clock.now)
    assert tallies == {"school": Tally(2, confirmed=1, late=1, overdue=1)}
    assert tallies["school"].open == 1


def test_units_out_of_service_do_not_count(chain: Chain) -> None:
    chain.country.out_of_service(chain.sister)
    assert set(board(chain, chain.lao)) == {chain.school.code}
    assert board(chain, chain.province)[chain.lao.code].tallies == {"school": Tally(1)}


def test_units_stand_by_district_and_name_and_those_without_a_district_last(chain: Chain) -> None:
    names = [("ข", "8102"), ("ก", "8102"), ("ค", "8101"), ("ฮ", None), ("แก", "8102")]
    for name, code in names:
        district = District.get_or_none(District.code == code)
        chain.country.school(chain.lao, name=name, district=district)
    chain.country.out_of_service(chain.school, chain.sister)
    rows = progress.board(chain.cycle, chain.lao, chain.country.clock.now)
    assert [row.unit.name for row in rows] == ["ค", "ก", "แก", "ข", "ฮ"]


def test_a_timeline_holds_the_units_entries_newest_first(chain: Chain) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    chain.move("lao", chain.school, "return")
    entries = progress.timeline(chain.cycle.id, chain.school.id)
    assert [e.tag for e in entries] == ["move.return", "move.confirm", "unit.created"]
    assert len(progress.timeline(chain.cycle.id, chain.school.id, most=1)) == 1


def test_the_ancestors_are_told_from_the_top(chain: Chain) -> None:
    assert progress.ancestors(chain.school) == [chain.province, chain.lao]
    assert progress.ancestors(chain.lao) == [chain.province]
    assert progress.ancestors(chain.province) == progress.ancestors(chain.country.department) == []


def test_ready_is_what_only_has_to_confirm(country: Country) -> None:
    lao = country.lao("81")
    done, attested, unattested, empty = (country.school(lao) for _ in range(4))
    cycle = country.cycle()
    country.confirm(country.ready(done, cycle), cycle)
    country.ready(attested, cycle)
    country.child(unattested, cycle)

    def ready(unit: Unit) -> set[int]:
        return progress.ready(cycle, progress.board(cycle, unit, NOW), {})

    assert ready(lao) == {attested.id}
    found = {attested.id: SimpleNamespace(error=0, query=1)}
    assert progress.ready(cycle, progress.board(cycle, lao, NOW), found) == set()
    country.out_of_service(unattested, empty)
    country.confirm(attested, cycle)
    assert ready(country.province("81")) == set()
    country.ready(lao, cycle)
    assert ready(country.province("81")) == {lao.id}
    country.confirm(lao, cycle)
    assert ready(country.province("81")) == set()
    assert country.province("81").id in ready(country.department)
