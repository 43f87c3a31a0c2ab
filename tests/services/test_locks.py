"""Two at once, beside the moves: versions, codes taken twice, openings, and no deadlock ever."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from peewee import Database

from admin_app.models import LoginAttempt, Unit, UnitState, User, UserSession
from admin_app.services import accounts, children, confirmation, cycles, other_counts, units
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.other_counts import SchoolRow
from admin_app.services.throttle import MOST_PER_ACCOUNT, Throttled
from tests.country import CLOSES, LETTER, Country
from tests.services.conftest import Chain
from tests.services.test_races import race

Racer = Callable[[], Any]
OURS = (Conflict, Invalid, NotFound, Refused, Throttled)


def kinds(results: list[Any]) -> list[str]:
    """What came out, by the exception's name or "done"; anything that is not ours is raised."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, OURS):
            raise result
    return sorted(type(r).__name__ if isinstance(r, Exception) else "done" for r in results)


def test_of_two_edits_of_one_version_one_is_told_whatever_the_row(
    db: Database, chain: Chain
) -> None:
    dla, lao, clock = chain.actor("department"), chain.actor("lao"), chain.country.clock
    user = chain.country.user("school", chain.school)
    cycle = chain.cycle

    def account(n: int, version: int) -> Racer:
        return lambda: accounts.edit(dla, user.id, version, {"phone": f"{n}-{version}"}, clock)

    def unit(n: int, version: int) -> Racer:
        phone = {"phone": f"{n}-{version}"}
        return lambda: units.edit(dla, chain.school.id, version, phone, clock)

    def moments(n: int, version: int) -> Racer:
        values = LETTER | {"name": f"{n}-{version}"}
        return lambda: cycles.edit(dla, cycle.id, version + 1, values, clock)

    def sheet(n: int, version: int) -> Racer:
        rows: list[SchoolRow] = []
        args = (lao, cycle.id, chain.lao.id, version - 1, rows, clock)
        return lambda: other_counts.save(*args, declared_none=bool(n))

    for make in (account, unit, moments, sheet):
        for version in (1, 2, 3):
            results = race(make(0, version), make(1, version))
            assert kinds(results) == ["Conflict", "done"], make.__name__


def test_of_two_who_take_one_code_or_name_one_is_told(db: Database, chain: Chain) -> None:
    dla, clock = chain.actor("department"), chain.country.clock

    def unit() -> Any:
        values = {"code": "S9", "name": "บ้านใหม่", "kind": "school"}
        return units.create(dla, "school", chain.lao, values, clock, grades=["P1"])

    def cycle() -> Any:
        return cycles.create(dla, 2570, 1, LETTER, clock)

    def account() -> Any:
        return accounts.create(dla, "somchai", "", "school", chain.school, clock)

    for make in (unit, cycle, account):
        assert kinds(race(make, make)) == ["Invalid", "done"], make.__name__


def test_a_unit_made_while_a_cycle_opens_takes_part_in_it(db: Database, country: Country) -> None:
    dla, clock, lao = country.actor("department"), country.clock, country.lao()
    for number in range(4):
        cycle = country.cycle(f"257{number}-1", start=False)
        values = {"code": f"S9{number}", "name": "บ้านใหม่", "kind": "school"}

        def make(values: dict[str, Any] = values) -> Any:
            return units.create(dla, "school", lao, values, clock, grades=["P1"])

        def start(cycle_id: int = cycle.id) -> Any:
            return cycles.start(dla, cycle_id, clock)

        results = race(make, start)
        assert kinds(results) == ["done", "done"]
        school = Unit.get(Unit.code == values["code"])
        joined = UnitState.select().where(UnitState.unit == school, UnitState.cycle == cycle)
        assert joined.count() == 1


def test_an_lao_is_never_confirmed_over_a_school_that_comes_back(
    db: Database, chain: Chain
) -> None:
    dla, lao, clock = chain.actor("department"), chain.actor("lao"), chain.country.clock
    chain.country.confirm_tree(chain.school, chain.cycle)
    chain.country.ready(chain.lao, chain.cycle)

    def confirm() -> Any:
        return confirmation.move(lao, chain.cycle.id, chain.lao.id, "confirm", clock)

    for _ in range(5):
        version = Unit.get_by_id(chain.sister.id).version
        units.edit(dla, chain.sister.id, version, {"active": False}, clock)

        def come_back(version: int = version + 1) -> Any:
            return units.edit(dla, chain.sister.id, version, {"active": True}, clock)

        assert kinds(race(confirm, come_back)) == ["Refused", "done"]
        assert Unit.get_by_id(chain.sister.id).active is (chain.status(chain.lao) == "open")
        if chain.status(chain.lao) == "confirmed":
            chain.move("province", chain.lao, "return")
            units.edit(dla, chain.sister.id, version + 1, {"active": True}, clock)


def test_a_return_racing_the_level_above_is_made_before_it_or_refused(
    db: Database, chain: Chain
) -> None:
    for school in (chain.school, chain.sister):
        chain.country.ready(school, chain.cycle)
        chain.country.confirm(school, chain.cycle)
    chain.country.ready(chain.lao, chain.cycle)
    lao, clock = chain.actor("lao"), chain.country.clock

    def go(unit: Unit, key: str) -> Racer:
        args = (lao, chain.cycle.id, unit.id, key, clock)
        return lambda: confirmation.move(*args, reason="because")

    for _ in range(5):
        results = race(go(chain.lao, "confirm"), go(chain.school, "return"))
        assert kinds(results) == ["Refused", "done"]
        assert chain.status(chain.lao) == chain.status(chain.school)
        if chain.status(chain.lao) == "confirmed":
            chain.move("province", chain.lao, "return")
        else:
            chain.country.confirm(chain.school, chain.cycle)


def test_two_who_edit_each_other_meet_no_deadlock(db: Database, country: Country) -> None:
    clock = country.clock
    one, two = country.user("department"), country.user("department")

    def edit(by: User, whom: User, version: int) -> Racer:
        me = accounts.actor_of(by)
        return lambda: accounts.edit(me, whom.id, version, {"phone": str(version)}, clock)

    for version in range(1, 9):
        results = race(edit(one, two, version), edit(two, one, version))
        assert kinds(results) == ["done", "done"]


def test_many_attempts_at_once_do_not_slip_through_together(db: Database, country: Country) -> None:
    user = country.user("helpdesk")
    results = race(
        *(
            lambda n=n: accounts.sign_in(user.username, f"guess {n}", "192.0.2.1", country.clock)
            for n in range(MOST_PER_ACCOUNT + 6)
        )
    )
    assert kinds(results).count("done") <= MOST_PER_ACCOUNT
    assert LoginAttempt.select().where(LoginAttempt.key.startswith("account:")).count() <= 10
    assert not UserSession.select().exists()


def test_of_two_who_use_one_code_one_sets_the_password(db: Database, chain: Chain) -> None:
    clock = chain.country.clock
    user = chain.country.user("school", chain.school)
    _, code = accounts.give_reset(chain.actor("helpdesk"), user.id, clock)

    def use(new: str) -> Racer:
        return lambda: accounts.use_reset(user.username, code, new, "192.0.2.1", clock)

    words = ("a password of one", "a password of two")
    results = race(*(use(word) for word in words))
    assert kinds(results) == ["done", "done"]
    assert sorted(result is None for result in results) == [False, True]
    won = words[0 if results[0] is not None else 1]
    assert accounts.sign_in(user.username, won, "192.0.2.1", clock)


@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_rounds_of_everything_at_once_end_in_our_own_words(
    db: Database, chain: Chain, seed: int
) -> None:
    country, cycle, clock = chain.country, chain.cycle.id, chain.country.clock
    schools = [chain.school, chain.sister, country.school(chain.lao)]
    ids = {
        school.id: [c.id for c in country.children(school, chain.cycle, 2)] for school in schools
    }
    every = [child for found in ids.values() for child in found]
    country.ready(chain.lao, chain.cycle)
    dice = random.Random(seed)
    lao, helpdesk, dla = (chain.actor(role) for role in ("lao", "helpdesk", "department"))
    people = {school.id: country.own(school) for school in schools}
    province = chain.actor("province")

    def go(who: Any, unit: Unit, key: str) -> Racer:
        until = CLOSES - timedelta(minutes=dice.randrange(60)) if key == "extend" else None
        args = (who, cycle, unit.id, key, clock)
        return lambda: confirmation.move(*args, reason="because", until=until)

    def racer() -> Racer:
        school = dice.choice(schools)
        shuffled = dice.sample(every, len(every))
        version = dice.randrange(1, 4)
        return dice.choice(
            [
                go(people[school.id], school, "confirm"),
                go(lao, school, "confirm"),
                go(lao, school, "return"),
                go(lao, chain.lao, "confirm"),
                go(province, chain.lao, "return"),
                go(province, chain.province, "confirm"),
                go(helpdesk, school, "unlock"),
                go(helpdesk, chain.lao, "extend"),
                go(dla, chain.province, "unlock"),
                lambda: children.attest(lao, shuffled, clock),
                lambda: children.remove(lao, shuffled[:3], "left", clock),
                lambda: children.restore(lao, shuffled, clock),
                lambda: children.edit(lao, shuffled[0], version, {"grade": "P1"}, clock),
                lambda: units.edit(dla, school.id, version, {"phone": str(version)}, clock),
                lambda: other_counts.save(lao, cycle, chain.lao.id, version, [], clock),
                lambda: cycles.edit(dla, cycle, version, LETTER | {"name": str(version)}, clock),
            ]
        )

    for _ in range(25):
        kinds(race(*(racer() for _ in range(5))))
    states = {state.unit_id: state for state in UnitState.select()}
    for unit in (*schools, chain.lao):
        parent = states[unit.parent_id or 0]
        assert parent.status == "open" or states[unit.id].status == "confirmed"
