"""Creating, editing and opening cycles."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from admin_app.domain.money import UNBOUNDED, RateRow, RateSet
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import cycles, rates
from admin_app.services.errors import Conflict, Invalid, NotFound
from tests.country import CLOSES, LETTER, NOW, Country, ManualClock
from tests.services.conftest import Chain

HOUR = timedelta(hours=1)
OTHERS = ("helpdesk", "province", "lao", "school")


def test_a_cycle_is_created_with_its_moments_and_not_opened(country: Country) -> None:
    cycle = Cycle.get_by_id(country.cycle(start=False).id)
    assert (cycle.code, cycle.year, cycle.round) == ("2567-1", 2567, 1)
    assert {key: getattr(cycle, key) for key in LETTER} == LETTER
    assert (cycle.started_at, cycle.version) == (None, 1)
    assert not UnitState.select().exists()


WRONG: list[tuple[str, int, int, dict[str, Any]]] = [
    ("round", 2567, 1, {}),  # exists
    ("year", 2024, 2, {}),
    ("year", 0, 2, {}),
    ("round", 2567, 3, {}),
    ("late_policy", 2567, 2, {"late_policy": "maybe"}),
    ("closes_at", 2567, 2, {"closes_at": None}),
    ("opens_at", 2567, 2, {"closes_at": CLOSES - HOUR}),
    ("opens_at", 2567, 2, {"opens_at": LETTER["school_due_at"]}),
    ("name", 2567, 2, {"name": "ก" * 256}),
]


def test_a_cycle_that_cannot_be_is_not_created(country: Country) -> None:
    country.cycle()
    dla = country.actor("department")
    for field, year, round_, over in WRONG:
        with pytest.raises(Invalid) as info:
            cycles.create(dla, year, round_, LETTER | over, country.clock)
        assert set(info.value.errors) == {field}
    assert Cycle.select().count() == 1


def test_rates_come_along_from_the_latest_cycle_that_has_some(country: Country) -> None:
    first = country.cycle()
    milk = RateRow("milk", "", 1, UNBOUNDED, 780, 260, source="letter")
    rates.append(first.id, RateSet((milk,), {"milk": ("P1",)}), NOW)
    country.cycle("2567-2")
    third = country.cycle("2568-1")
    found = rates.edition(third.id)
    assert found is not None
    assert found.number == 1
    assert rates.rates_of(found) == RateSet((milk,), {"milk": ("P1",)})


def test_opening_gives_every_active_unit_its_state(country: Country) -> None:
    lao = country.lao("81")
    school, closed = country.school(lao), country.school(lao, active=False)
    cycle = country.cycle()
    assert Cycle.get_by_id(cycle.id).started_at == NOW
    states = {state.unit_id: state for state in UnitState.select()}
    assert len(states) == 1 + 76 + 1 + 1
    assert closed.id not in states
    assert country.province("10").id not in states
    state = states[school.id]
    assert (state.level, state.status, state.revision) == ("school", "open", 0)
    assert (state.parent_id, state.lao_id, state.province_id) == (lao.id, lao.id, lao.province_id)
    assert (states[lao.id].lao_id, states[lao.id].parent_id) == (lao.id, lao.province_id)


def test_opening_twice_changes_nothing(chain: Chain, clock: ManualClock) -> None:
    chain.country.confirm_tree(chain.school, chain.cycle)
    clock.tick(hours=1)
    dla = chain.actor("department")
    assert cycles.start(dla, chain.cycle.id, clock).started_at == NOW
    assert chain.status(chain.school) == "confirmed"
    assert len(chain.events("cycle.started")) == 1


def test_each_change_of_a_moment_stands_in_the_history(country: Country) -> None:
    cycle = country.cycle()
    dla = country.actor("department")
    values = LETTER | {"closes_at": CLOSES + HOUR, "late_policy": "block"}
    changed = cycles.edit(dla, cycle.id, cycle.version, values, country.clock)
    assert (changed.closes_at, changed.late_policy) == (CLOSES + HOUR, "block")
    assert changed.version == cycle.version + 1
    event = Chain.events(None, "cycle.edited")[0]  # type: ignore[arg-type]
    details = json.loads(event.details)
    assert details["late_policy"] == ["accept", "block"]
    assert set(details) == {"closes_at", "late_policy"}
    assert cycles.edit(dla, cycle.id, changed.version, values, country.clock).version == 3


def test_of_two_edits_the_second_is_told(country: Country) -> None:
    cycle = country.cycle()
    dla = country.actor("department")
    cycles.edit(dla, cycle.id, cycle.version, LETTER | {"name": "ใหม่"}, country.clock)
    with pytest.raises(Conflict) as info:
        cycles.edit(dla, cycle.id, cycle.version, LETTER, country.clock)
    assert info.value.current.name == "ใหม่"


def test_nobody_but_dla_runs_cycles(chain: Chain, clock: ManualClock) -> None:
    for role in OTHERS:
        me = chain.actor(role)
        for attempt in (
            lambda me=me: cycles.create(me, 2567, 2, LETTER, clock),
            lambda me=me: cycles.edit(me, chain.cycle.id, 2, LETTER, clock),
            lambda me=me: cycles.start(me, chain.cycle.id, clock),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_a_cycle_that_does_not_exist_is_not_found(country: Country) -> None:
    dla = country.actor("department")
    for attempt in (
        lambda: cycles.edit(dla, 9, 1, LETTER, country.clock),
        lambda: cycles.start(dla, 9, country.clock),
        lambda: cycles.by_code("2599-1"),
        lambda: cycles.by_code(None),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_the_cycle_shown_first_is_the_open_one_then_the_latest_then_the_next(
    country: Country,
) -> None:
    assert cycles.current(NOW) is None
    shift = {key: value + timedelta(days=180) for key, value in LETTER.items() if "_at" in key}
    second = country.cycle("2567-2", start=False, **shift)
    assert cycles.current(NOW) == second
    first = country.cycle("2567-1")
    assert cycles.current(NOW) == first
    cycles.start(country.actor("department"), second.id, country.clock)
    assert cycles.current(NOW) == first
    assert cycles.current(second.opens_at) == second
    assert cycles.current(second.closes_at) == second


def test_there_is_one_department(country: Country) -> None:
    assert country.department == Unit.get(Unit.level == "department")
