"""The country over time: days, shares of provinces, the slowest, this round against the last."""

from __future__ import annotations

from datetime import date

from admin_app.domain.tiles import COLUMNS, TILES
from admin_app.models import Unit
from admin_app.services import trends
from tests.country import Country, bangkok


def test_every_province_of_dla_has_a_tile_of_its_own(country: Country) -> None:
    codes = {u.code for u in Unit.select().where(Unit.level == "province", Unit.active)}
    assert set(TILES) == codes
    assert len(set(TILES.values())) == len(TILES)
    assert COLUMNS == 9


def test_confirmations_add_up_day_by_day_on_bangkoks_calendar(country: Country) -> None:
    lao = country.lao("81")
    schools = [country.school(lao) for _ in range(4)]
    cycle = country.cycle()
    for school, moment in zip(
        schools[:3],
        (bangkok(2024, 5, 20, 23, 59), bangkok(2024, 5, 21, 0, 0), bangkok(2024, 5, 21, 6, 30)),
        strict=True,
    ):
        country.clock.set(moment)
        country.confirm(country.ready(school, cycle), cycle)
    found = trends.confirmations(cycle, country.department, "school")
    assert [(d.day, d.confirmed) for d in found] == [
        (date(2024, 5, 20), 1),
        (date(2024, 5, 21), 3),
    ]
    assert trends.confirmations(cycle, country.province("82"), "school") == []


def test_a_share_counts_the_province_itself_so_that_100_means_all(country: Country) -> None:
    lao = country.lao("81")
    for _ in range(2):
        country.school(lao)
    cycle = country.cycle()
    assert trends.shares(cycle)["81"].percent == 0
    country.confirm_tree(lao, cycle)
    assert trends.shares(cycle)["81"] == trends.Share(3, 3, False)
    assert trends.shares(cycle)["81"].percent == 75
    country.confirm(country.province("81"), cycle)
    assert trends.shares(cycle)["81"].percent == 100


def test_the_slowest_are_the_open_laos_with_the_most_open_schools(country: Country) -> None:
    few, many, done = (country.lao("81") for _ in range(3))
    for lao, number in ((few, 1), (many, 3), (done, 1)):
        for _ in range(number):
            country.school(lao)
    cycle = country.cycle()
    country.confirm_tree(done, cycle)
    found = trends.slowest(cycle, country.department)
    assert [(one.code, one.open_schools, one.province) for one in found] == [
        (many.code, 3, "กระบี่"),
        (few.code, 1, "กระบี่"),
    ]
    assert trends.slowest(cycle, country.province("82")) == []


def test_this_round_stands_beside_the_last(country: Country) -> None:
    school = country.school(country.lao("81"))
    first = country.cycle()
    assert trends.against_last(first, country.department) is None
    country.confirm(country.ready(school, first), first)
    second = country.cycle("2567-2")
    both = trends.against_last(second, country.department)
    assert both is not None
    now, last = both
    assert (now.schools, now.children, now.confirmed) == (1, 0, 0)
    assert (last.cycle.code, last.schools, last.children, last.confirmed) == ("2567-1", 1, 2, 1)
