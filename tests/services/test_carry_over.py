"""Carrying the last confirmed cycle's children and schools over into a new one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from admin_app.models import (
    Cycle,
    Event,
    Grade,
    OtherCount,
    OtherSchool,
    OtherSheet,
    Student,
    Unit,
    UnitState,
)
from admin_app.services import carry_over, confirmation, cycles, other_counts, readiness, standing
from admin_app.services.carry_over import Progress
from admin_app.services.errors import NotFound, Refused
from admin_app.services.other_counts import SchoolRow
from tests.country import CLOSES, LETTER, Country
from tests.services.conftest import Chain, refused

YEAR = {k: v + timedelta(days=365) for k, v in LETTER.items() if k.endswith("_at")}
AFFILIATION = "PESAO"


def close(chain: Chain) -> None:
    """The department closes the cycle, whatever is confirmed in it."""
    chain.country.clock.set(CLOSES + timedelta(hours=1))
    dla = chain.country.department
    chain.move("department", dla, "close", reason="provinces are missing")


def prepared(chain: Chain, code: str = "2568-1") -> Cycle:
    """A new cycle, ready to be carried into."""
    made = chain.country.cycle(code, start=False, **YEAR)
    return carry_over.prepare(chain.actor("department"), made.id, chain.country.clock)


def carry(chain: Chain, cycle: Cycle) -> Progress:
    """Every batch that is left."""
    for batch in list(carry_over.batches(cycle)):
        carry_over.carry(chain.actor("department"), cycle, batch, chain.country.clock())
    found = carry_over.progress(cycle)
    assert found is not None
    return found


def carried(chain: Chain, code: str = "2568-1") -> Cycle:
    """The chain's cycle closed, and carried over whole."""
    close(chain)
    cycle = prepared(chain, code)
    assert carry(chain, cycle).whole
    return cycle


def new_row(child: Student, cycle: Cycle) -> Student:
    return Student.get(Student.cycle == cycle.id, Student.carried_from == child.id)


def test_a_new_year_promotes_every_child_and_proposes_leavers(chain: Chain) -> None:
    grades = {
        g: chain.country.child(chain.school, chain.cycle, grade=g) for g in ("K1", "P1", "P2")
    }
    cycle = carried(chain)
    found = {g: (new_row(c, cycle).grade, new_row(c, cycle).leaver) for g, c in grades.items()}
    # the school offers K1, P1 and P2: K1's next, K2, and P2's, P3, are not offered
    assert found == {"K1": ("K1", True), "P1": ("P2", False), "P2": ("P2", True)}


def test_the_second_round_carries_as_is(chain: Chain) -> None:
    children = [chain.country.child(chain.school, chain.cycle, grade=g) for g in ("K1", "P1", "P2")]
    cycle = carried(chain, "2567-2")
    for child in children:
        row = new_row(child, cycle)
        assert (row.grade, row.leaver) == (child.grade, False)


def test_everything_about_a_child_comes_along_but_not_its_attestation(chain: Chain) -> None:
    over: dict[str, Any] = {
        "nationality": "MM",
        "disability": "",
        "entered_on": LETTER["opens_at"].date(),
    }
    child = chain.country.child(chain.school, chain.cycle, grade="P1", attested=True, **over)
    cycle = carried(chain)
    old, new = Student.get_by_id(child.id), new_row(child, cycle)
    own = {"id", "cycle", "grade", "attested_at", "attested_by", "created_at", "updated_at"}
    own |= {"updated_by", "carried_from", "leaver", "version"}
    assert {k: v for k, v in old.__data__.items() if k not in own} == {
        k: v for k, v in new.__data__.items() if k not in own
    }
    assert (new.attested_at, new.attested_by, new.version) == (None, None, 1)
    assert new.created_at == new.updated_at == chain.country.clock()
    assert new.updated_by == chain.actor("department").user_id or new.updated_by_id


def test_what_is_removed_stays_behind(chain: Chain) -> None:
    chain.country.child(chain.school, chain.cycle, status="removed", removal_reason="moved")
    cycle = carried(chain)
    assert not Student.select().where(Student.cycle == cycle.id).exists()


def test_counters_and_histories_tell_what_came(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 3, grade="P1", attested=True)
    chain.country.child(chain.school, chain.cycle, grade="P2")
    cycle = carried(chain)
    state = chain.country.state(chain.school, cycle)
    assert (state.children, state.attested, state.carried, state.checked) == (4, 0, 4, 0)
    event = chain.events("child.carried")[0]
    assert (event.unit_id, event.reason, event.on_behalf) == (chain.school.id, "2567-1", False)
    assert json.loads(event.details) == {"count": 4, "leavers": 1}
    assert chain.country.state(chain.sister, cycle).carried == 0
