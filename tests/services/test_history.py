"""The door of the history: chained at the end of a transaction, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from peewee import Database

from admin_app import database as doors
from admin_app.database import before_commit, is_sqlite, transaction
from admin_app.domain.proof import ENTRY, entry_digest
from admin_app.models import Event, HistoryHead, Unit, database
from admin_app.services import chain as chains
from admin_app.services import confirmation, history
from admin_app.services.verification import verify
from tests.country import NOW
from tests.services.conftest import Chain
from tests.services.test_races import race, surprises


class Broken(Exception):
    """What ends a transaction of these tests."""


def note(chain: Chain, unit: Unit | None, reason: str = "") -> None:
    """An entry of any kind."""
    history.record("unit.edited", chain.actor("department"), NOW, unit=unit, reason=reason)


def entries(unit: Unit | None) -> list[Event]:
    """The unit's chain, by number."""
    mine = Event.unit.is_null() if unit is None else Event.unit == unit.id
    return list(Event.select().where(mine).order_by(Event.number))


def broken(work: Callable[[], Any]) -> None:
    """A transaction that does the work and then fails."""
    with transaction():
        work()
        raise Broken


def test_an_entry_holds_the_digest_of_the_one_before(chain: Chain) -> None:
    for unit in (chain.school, None):
        for reason in ("  กขค  ", ""):
            note(chain, unit, reason)
        found = entries(unit)
        assert [event.number for event in found] == list(range(1, len(found) + 1))
        assert [e.previous for e in found] == ["", *(e.digest for e in found[:-1])]
        names = {column: Event._meta.columns[column].name for column in ENTRY}
        for event in found:
            columns = {column: event.__data__[name] for column, name in names.items()}
            assert event.digest == entry_digest(columns)
        head = HistoryHead.get(HistoryHead.chain == (unit.id if unit else chains.OF_NO_UNIT))
        assert (head.number, head.digest) == (found[-1].number, found[-1].digest)


def test_entries_of_one_transaction_keep_their_order_over_units(chain: Chain) -> None:
    before = Event.select().count()
    order = [chain.sister, chain.school, None, chain.sister, chain.lao]
    with transaction():
        for unit in order:
            note(chain, unit)
        assert Event.select().count() == before
    written = Event.select().order_by(Event.id).offset(before).limit(10)
    assert [event.unit_id for event in written] == [unit and unit.id for unit in order]
    assert verify().differences == []


def test_many_entries_at_once_are_chained_as_one_by_one(chain: Chain) -> None:
    dla, cycle = chain.actor("department"), chain.cycle.id
    units = list(Unit.select())
    with transaction():
        told: list[Any] = [(unit, {"count": unit.id}) for unit in units]
        history.record_each("child.carried", dla, NOW, told, cycle_id=cycle, reason="2566-2")
        children: list[Any] = [(number, "", {"fields": ["grade"]}) for number in range(1, 2_500)]
        history.record_children("child.imported", dla, NOW, chain.school, children, cycle_id=cycle)
    assert Event.select().where(Event.tag == "child.carried").count() == len(units)
    assert [e.student_id for e in entries(chain.school)][-2_499:] == list(range(1, 2_500))
    assert verify().differences == []


def test_what_is_rolled_back_leaves_no_entry_and_no_number(chain: Chain) -> None:
    note(chain, chain.school)
    before = len(entries(chain.school))
    with pytest.raises(Broken):
        broken(lambda: note(chain, chain.school))
    note(chain, chain.school)
    assert len(entries(chain.school)) == before + 1
    assert verify().differences == []


def test_an_inner_transaction_that_is_rolled_back_drops_its_own_entries_alone(
    chain: Chain,
) -> None:
    before = len(entries(chain.school))

    def settled() -> None:
        """Somebody needs the head meanwhile, so that all is written before the end."""
        note(chain, chain.school, "lost")
        chains.heads([chain.school.id])

    for inner in (lambda: note(chain, chain.school, "lost"), settled):
        with transaction():
            note(chain, chain.school, "kept")
            with pytest.raises(Broken):
                broken(inner)
            with transaction():
                note(chain, chain.school, "kept")
    reasons = [event.reason for event in entries(chain.school)[before:]]
    assert reasons == ["kept"] * 4
    assert verify().differences == []


def test_inside_somebody_elses_transaction_entries_come_and_go_with_it(chain: Chain) -> None:
    before = len(entries(chain.school))
    with database.atomic() as whole:
        note(chain, chain.school)
        with transaction():
            note(chain, chain.school)
        assert len(entries(chain.school)) == before + 2
        whole.rollback()
    assert len(entries(chain.school)) == before
    note(chain, chain.school)
    assert verify().differences == []


def test_the_head_of_a_chain_knows_what_was_recorded_a_moment_ago(chain: Chain) -> None:
    number, _digest = chains.heads([chain.school.id])[chain.school.id]
    with transaction():
        note(chain, chain.school)
        heads = chains.heads([chain.school.id, 99_999])
        assert heads[chain.school.id][0] == number + 1
        assert heads[99_999] == (0, "")
        note(chain, chain.school)
    assert chains.heads([chain.school.id])[chain.school.id][0] == number + 2


def test_an_unknown_tag_is_no_entry(chain: Chain) -> None:
    with pytest.raises(KeyError):
        history.record("unit.sold", chain.actor("department"), NOW)


# --- what is left to the end of a transaction --------------------------------------------------


def test_work_is_done_once_at_the_end_of_the_outermost_transaction(db: Database) -> None:
    done: list[list[int]] = []
    with transaction():
        before_commit(done.append, [1])
        with transaction():
            before_commit(done.append, [2, 3])
        assert done == []
    assert done == [[1, 2, 3]]
    before_commit(done.append, [4])
    assert done[1:] == [[4]]


def test_work_of_one_thread_is_not_done_by_another(db: Database) -> None:
    done: list[tuple[int, list[int]]] = []

    def work(items: list[int]) -> None:
        done.append((threading.get_ident(), items))

    def elsewhere() -> bool:
        return doors._gathered.work is None

    with transaction():
        before_commit(work, [1])
        (nothing,) = race(elsewhere)
    assert nothing is True
    assert done == [(threading.get_ident(), [1])]


def test_work_that_fails_takes_the_transaction_with_it(chain: Chain) -> None:
    before = Event.select().count()

    def fail(items: list[int]) -> None:
        raise Broken

    def work() -> None:
        with transaction():
            note(chain, chain.school)
            before_commit(fail, [1])

    with pytest.raises(Broken):
        work()
    assert Event.select().count() == before
    note(chain, chain.school)
    assert Event.select().count() == before + 1


# --- two at once -------------------------------------------------------------------------------


def test_threads_that_record_in_the_same_units_number_them_without_a_gap(
    db: Database, chain: Chain
) -> None:
    fresh = [chain.country.school(chain.lao) for _ in range(3)]
    dla = chain.actor("department")
    Event.select().count()

    def writer(units: list[Unit | None]) -> Callable[[], None]:
        def write() -> None:
            for _ in range(8):
                with transaction():
                    for unit in units:
                        history.record("unit.edited", dla, NOW, unit=unit)

        return write

    units = [*fresh, chain.school, None]
    results = race(writer(units), writer(units[::-1]), writer([*fresh, *fresh]))
    assert not surprises(results)
    for unit, more in ((fresh[0], 32), (chain.school, 16)):
        found = entries(unit)
        assert [event.number for event in found] == list(range(1, len(found) + 1))
        assert sum(event.tag == "unit.edited" for event in found) == more
    assert verify().differences == []


PROCESS = """
import sys
from admin_app.database import bind, transaction
from admin_app.models import Unit, User, database
from admin_app.services import accounts, history
from tests.country import NOW

bind(sys.argv[1])
database.connect()
actor = accounts.actor_of(User.get_by_id(int(sys.argv[2])))
units = [Unit.get_by_id(int(number)) for number in sys.argv[3:]]
print("ready", flush=True)
sys.stdin.readline()
for _ in range(10):
    with transaction():
        for unit in units:
            history.record("unit.edited", actor, NOW, unit=unit)
"""


def test_processes_that_record_in_the_same_units_number_them_without_a_gap(
    db: Database, database_url: str, chain: Chain
) -> None:
    pair = [chain.school, chain.far]
    before = {unit.id: len(entries(unit)) for unit in pair}
    actor = chain.actor("department")
    running = []
    for units in (pair, pair[::-1]):
        arguments = [database_url, *map(str, (actor.user_id, *(unit.id for unit in units)))]
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", PROCESS, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.communicate("go\n", timeout=60)
        assert process.returncode == 0
    for unit in pair:
        found = entries(unit)
        assert [event.number for event in found] == list(range(1, len(found) + 1))
        assert len(found) == before[unit.id] + 20
    assert verify().differences == []


def test_confirms_of_different_schools_do_not_wait_for_each_other(
    db: Database, chain: Chain
) -> None:
    """One has written all it has to write, and is slow to end; the other goes past it."""
    for school in (chain.school, chain.sister):
        chain.country.ready(school, chain.cycle)
    actors = {school.id: chain.country.own(school) for school in (chain.school, chain.sister)}
    done = threading.Event()

    def confirm(school: Unit) -> None:
        args = (actors[school.id], chain.cycle.id, school.id, "confirm", chain.country.clock)
        confirmation.move(*args)

    def slow() -> bool:
        with database.atomic():
            confirm(chain.school)
            return done.wait(timeout=10)

    def quick() -> None:
        confirm(chain.sister)
        done.set()

    if not is_sqlite():  # one writer at a time there
        assert race(slow, quick) == [True, None]
    else:
        confirm(chain.school), confirm(chain.sister)
    assert verify().differences == []
