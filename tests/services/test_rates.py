"""Rates with a history: one door, an edition for each edit, none ever changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from peewee import Database, DatabaseError

from admin_app.domain.money import UNBOUNDED, RateRow, RateSet
from admin_app.models import Event, RateEdition
from admin_app.services import rates
from admin_app.services.errors import Conflict, Invalid, NotFound
from seed.rates import load_rates
from tests.country import CLOSES
from tests.services.conftest import Chain
from tests.services.test_races import race, surprises


@pytest.fixture
def paid(chain: Chain) -> Chain:
    """The cycle has the first rates."""
    load_rates(chain.cycle)
    return chain


def milk(chain: Chain, satang: int) -> RateSet:
    """The latest rates with another one for milk."""
    now = rates.rates_of(rates.edition(chain.cycle.id))
    rows = tuple(replace(r, satang=satang) if r.kind == "milk" else r for r in now.rates)
    return RateSet(rows, now.counted)


def edit(chain: Chain, wanted: RateSet, **over: Any) -> RateEdition:
    """DLA edits the rates, having seen the latest."""
    latest = rates.edition(chain.cycle.id)
    values = {
        "role": "department",
        "seen": latest.number if latest else 0,
        "reason": "มติใหม่",
    } | over
    actor, clock = chain.actor(values["role"]), chain.country.clock
    cycle = over.get("cycle", chain.cycle.id)
    return rates.edit(actor, cycle, values["seen"], wanted, values["reason"], clock)


def test_an_edit_makes_the_next_edition_and_stands_in_the_history(paid: Chain) -> None:
    made = edit(paid, milk(paid, 700), reason="  มติ  ใหม่ ")
    assert (made.number, made.reason, made.made_by_id) == (
        2,
        "มติ ใหม่",
        paid.actor("department").user_id,
    )
    event = Event.get(Event.tag == "rate.edited")
    assert (event.cycle_id, event.reason) == (paid.cycle.id, "มติ ใหม่")
    assert json.loads(event.details) == {"edition": 2, "changed": ["satang.milk..1-"]}
    assert [row.number for row in rates.editions(paid.cycle.id)] == [2, 1]


def test_a_cycle_without_rates_gets_its_first_by_an_edit(chain: Chain) -> None:
    lunch = RateRow("lunch", "", 1, UNBOUNDED, 3_600, 200)
    assert edit(chain, RateSet((lunch,), {"lunch": ("P1",)})).number == 1


def test_an_edition_is_never_changed_before_during_or_after_the_cycle(paid: Chain) -> None:
    stood = RateEdition.get(RateEdition.number == 1).content
    edit(paid, milk(paid, 700))
    paid.country.clock.set(CLOSES)
    paid.move("department", paid.country.department, "close")
    assert edit(paid, milk(paid, 710)).number == 3
    assert RateEdition.get(RateEdition.number == 1).content == stood
    with pytest.raises(DatabaseError):
        RateEdition.update(reason="x").execute()


@pytest.mark.parametrize("role", ["helpdesk", "province", "lao", "school"])
def test_nobody_but_dla_edits_rates(paid: Chain, role: str) -> None:
    with pytest.raises(NotFound):
        edit(paid, milk(paid, 700), role=role)


def test_a_cycle_that_is_not_there_is_not_found(paid: Chain) -> None:
    with pytest.raises(NotFound):
        edit(paid, milk(paid, 700), cycle=10**6)


def wrong(chain: Chain) -> dict[str, tuple[RateSet, str]]:
    """Field → (rates, reason) that it refuses."""
    now = milk(chain, 689)
    gap = tuple(replace(r, low=42) if r.low == 41 else r for r in now.rates)
    return {
        "reason": (milk(chain, 700), "  "),
        "rates": (now, "nothing is different"),
        "lunch..1.high": (RateSet(gap, now.counted), "a gap"),
        "milk..0.satang": (milk(chain, -1), "negative"),
        "counted.milk": (RateSet(now.rates, {"milk": ("XX",)}), "no such grade"),
    }


@pytest.mark.parametrize(
    "field", ["reason", "rates", "lunch..1.high", "milk..0.satang", "counted.milk"]
)
def test_what_is_wrong_makes_no_edition(paid: Chain, field: str) -> None:
    wanted, reason = wrong(paid)[field]
    with pytest.raises(Invalid) as info:
        edit(paid, wanted, reason=reason)
    assert field in info.value.errors
    assert [row.number for row in rates.editions(paid.cycle.id)] == [1]
    assert not Event.select().where(Event.tag == "rate.edited").exists()


def test_a_reason_that_is_too_long_is_refused(paid: Chain) -> None:
    with pytest.raises(Invalid) as info:
        edit(paid, milk(paid, 700), reason="x" * (rates.MOST_REASON + 1))
    assert list(info.value.errors) == ["reason"]


def test_of_two_who_edit_the_second_is_told_which_edition_stands_now(paid: Chain) -> None:
    edit(paid, milk(paid, 700))
    with pytest.raises(Conflict) as info:
        edit(paid, milk(paid, 710), seen=1)
    assert info.value.current.number == 2


def test_two_at_once_make_one_edition(db: Database, paid: Chain) -> None:
    dla, cycle, clock = paid.actor("department"), paid.cycle.id, paid.country.clock
    wanted = [milk(paid, satang) for satang in (700, 710)]
    racers = [lambda w=w: rates.edit(dla, cycle, 1, w, "because", clock) for w in wanted]
    results = race(*racers)
    assert not surprises(results)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "RateEdition"]
    assert [row.number for row in rates.editions(cycle)] == [2, 1]
    assert Event.select().where(Event.tag == "rate.edited").count() == 1


def test_a_new_cycle_begins_with_the_latest_rates_as_its_own_first_edition(paid: Chain) -> None:
    edit(paid, milk(paid, 700))
    after = paid.country.cycle("2568-1")
    edit(paid, milk(paid, 720))
    own = rates.edition(after.id)
    assert own.number == 1
    assert rates.rates_of(own).group("milk")[0].satang == 700


def test_what_later_editions_there_are_is_told_from_a_snapshot(paid: Chain) -> None:
    frozen = {"rates": {"edition": 1, **milk(paid, 689).as_dict()}}
    edit(paid, milk(paid, 700))
    assert [row.number for row in rates.later(paid.cycle.id, frozen)] == [2]
    assert [row.number for row in rates.later(paid.cycle.id, {"rates": []})] == [2, 1]
