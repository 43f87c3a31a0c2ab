"""Rules as data of a cycle: switched off, moved, with a history, and carried to the next cycle."""

from __future__ import annotations

import json
from typing import Any

import pytest

from admin_app.models import Cycle, Event, Finding
from admin_app.services import findings, ground, rule_settings
from admin_app.services.errors import Conflict, Invalid, NotFound
from tests.country import CLOSES, ManualClock
from tests.services.conftest import Chain, refused

WIDE = {"younger": 1, "older": 9}


def change(chain: Chain, role: str = "department", code: str = "age_unusual", **over: Any) -> None:
    """Set a rule as it stands now."""
    values = {"active": True, "thresholds": WIDE} | over
    version = over.get("version", rule_settings.version_of(chain.cycle.id, code))
    args = (version, values["active"], values["thresholds"], chain.country.clock)
    rule_settings.change(chain.actor(role), chain.cycle.id, code, *args)


def found(chain: Chain) -> list[str]:
    """What a page of the school would show now."""
    findings.ensure(chain.cycle.id, chain.school, chain.country.clock.now)
    return [row.rule for row in Finding.select()]


def test_a_moved_threshold_or_a_rule_switched_off_is_seen_at_the_next_look(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle, grade="P1", birth_date=None)
    chain.country.child(chain.school, chain.cycle, grade="P1", birth_date="2014-01-01")
    assert sorted(found(chain)) == ["age_unusual", "birth_date_missing"]
    change(chain)
    assert found(chain) == ["birth_date_missing"]
    change(chain, code="birth_date_missing", active=False, thresholds={})
    assert found(chain) == []
    change(chain, thresholds={"younger": 1, "older": 2})
    assert found(chain) == ["age_unusual"]


def test_a_setting_holds_for_its_cycle_and_goes_on_into_the_next_one(chain: Chain) -> None:
    before = chain.country.cycle("2567-2")
    change(chain)
    assert not ground.settings(before.id)
    after = chain.country.cycle("2568-1")
    assert dict(ground.settings(after.id)["age_unusual"].thresholds) == WIDE


def test_every_change_stands_in_the_history_and_no_change_in_none(chain: Chain) -> None:
    change(chain)
    change(chain)
    change(chain, active=False)
    events = Event.select().where(Event.tag == "rule.edited").order_by(Event.id)
    told = [json.loads(event.details) for event in events]
    assert [one["active"] for one in told] == [[True, True], [True, False]]
    assert told[0]["thresholds"] == [{"younger": 1, "older": 2}, WIDE]
    assert Cycle.get_by_id(chain.cycle.id).rules_version == 3


@pytest.mark.parametrize("role", ["helpdesk", "province", "lao", "school"])
def test_nobody_but_dla_sets_rules(chain: Chain, role: str) -> None:
    with pytest.raises(NotFound):
        change(chain, role)


@pytest.mark.parametrize(
    "thresholds", [{}, {"younger": 1}, {"younger": 1, "older": -1}, {"younger": None, "older": 1}]
)
def test_a_threshold_that_is_no_number_is_refused(chain: Chain, thresholds: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        change(chain, thresholds=thresholds)
    assert not ground.settings(chain.cycle.id)


def test_of_two_who_set_one_rule_the_second_is_told(chain: Chain) -> None:
    change(chain)
    with pytest.raises(Conflict):
        change(chain, version=0, active=False)
    with pytest.raises(NotFound):
        change(chain, code="no_such_rule")


def test_the_rules_of_a_nationally_closed_cycle_stay(chain: Chain, clock: ManualClock) -> None:
    clock.set(CLOSES)
    chain.move("department", chain.country.department, "close")
    assert refused(lambda: change(chain)) == ["department_closed"]
