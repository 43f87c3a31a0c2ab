"""Two at once: threads with connections of their own and processes race through the services."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from peewee import Database

from admin_app.database import is_sqlite, transaction
from admin_app.models import Snapshot, Student, Unit, UnitState, database
from admin_app.services import children, confirmation, rosters, standing
from admin_app.services.errors import Conflict, Refused
from tests.country import CLOSES, ManualClock
from tests.services.conftest import Chain

ROUNDS = 6


def race(*racers: Callable[[], Any]) -> list[Any]:
    """Run all at once, each on a connection of its own; answers with results or exceptions."""
    gate = threading.Barrier(len(racers))
    results: list[Any] = [None] * len(racers)

    def run(number: int, racer: Callable[[], Any]) -> None:
        try:
            with database.connection_context():
                gate.wait(timeout=20)
                results[number] = racer()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def surprises(results: list[Any]) -> list[Any]:
    """What is neither a result nor a service's own answer: deadlocks and the like."""
    return [
        r for r in results if isinstance(r, Exception) and not isinstance(r, Refused | Conflict)
    ]


def test_a_connection_that_one_thread_gave_back_serves_the_next(db: Database) -> None:
    look = lambda: Unit.select().count()  # noqa: E731
    for _ in range(3):
        assert not surprises(race(look, look, look))


def test_an_unlock_below_an_open_department_waits_for_no_recorder_elsewhere(
    db: Database, chain: Chain
) -> None:
    chain.country.ready(chain.school, chain.cycle)
    chain.country.confirm(chain.school, chain.cycle)
    dla = chain.actor("department")
    unlocked = threading.Event()

    def record() -> bool:
        """A recorder of another province who is slow to end his transaction."""
        with transaction():
            standing.read(chain.cycle.id, chain.far, lock=True)
            return unlocked.wait(timeout=10)

    def unlock() -> None:
        args = (dla, chain.cycle.id, chain.school.id, "unlock", chain.country.clock)
        confirmation.move(*args, reason="because")
        unlocked.set()

    if not is_sqlite():  # one writer at a time there
        assert race(record, unlock) == [True, None]
        assert chain.status(chain.school) == "open"


def confirm(chain: Chain, unit: Unit) -> Callable[[], Any]:
    """A racer that confirms the unit by its own people."""
    actor, cycle, clock = chain.actor(unit.level), chain.cycle.id, chain.country.clock
    return lambda: confirmation.move(actor, cycle, unit.id, "confirm", clock)


def roster_agrees(chain: Chain, school: Unit) -> bool:
    """Whether a confirmed school's rows are those of its snapshot."""
    state = chain.country.state(school, chain.cycle)
    snapshot = Snapshot.get(Snapshot.unit == school.id, Snapshot.revision == state.revision)
    content = json.loads(snapshot.content)
    return content["roster"] == rosters.roster_digest(chain.cycle.id, school.id)


def test_of_two_confirms_of_one_school_exactly_one_is_made(db: Database, chain: Chain) -> None:
    for _ in range(ROUNDS):
        if chain.status(chain.school) == "open" and not Student.select().exists():
            chain.country.ready(chain.school, chain.cycle)
        results = race(confirm(chain, chain.school), confirm(chain, chain.school))
        assert not surprises(results)
        assert sum(isinstance(r, UnitState) for r in results) == 1
        assert sum(isinstance(r, Refused) for r in results) == 1
        chain.move("lao", chain.school, "return")


def test_an_edit_racing_a_confirm_is_in_the_snapshot_or_refused(db: Database, chain: Chain) -> None:
    chain.country.ready(chain.school, chain.cycle, 5)
    actor, clock = chain.actor("school"), chain.country.clock
    child = Student.get(Student.school == chain.school.id)
    for number in range(ROUNDS):
        version = Student.get_by_id(child.id).version
        change = {"no_id_reason": "", "prefix": f"เด็กหญิง{number}"[:12]}

        def edit(v: int = version, c: Any = change) -> Any:
            return children.edit(actor, child.id, v, c, clock)

        results = race(confirm(chain, chain.school), edit)
        assert not surprises(results)
        assert chain.status(chain.school) == "confirmed"
        assert roster_agrees(chain, chain.school)
        chain.move("lao", chain.school, "return")


def test_of_two_edits_of_one_version_one_is_told(db: Database, chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    actor, clock = chain.actor("school"), chain.country.clock
    for number in range(ROUNDS):
        version = Student.get_by_id(child.id).version

        def edit(name: str, v: int = version) -> Callable[[], Any]:
            return lambda: children.edit(actor, child.id, v, {"last_name": name}, clock)

        results = race(edit(f"ก{'า' * (number + 1)}"), edit(f"ข{'า' * (number + 1)}"))
        assert not surprises(results)
        assert sum(isinstance(r, Student) for r in results) == 1
        assert sum(isinstance(r, Conflict) for r in results) == 1


def test_an_lao_is_never_confirmed_over_a_school_that_is_reopened_at_the_same_time(
    db: Database, chain: Chain
) -> None:
    for school in (chain.school, chain.sister):
        chain.country.ready(school, chain.cycle)
    chain.country.ready(chain.lao, chain.cycle)
    helpdesk, cycle = chain.actor("helpdesk"), chain.cycle.id
    for _ in range(ROUNDS):
        for school in (chain.school, chain.sister):
            if chain.status(school) == "open":
                chain.country.confirm(school, chain.cycle)
        results = race(
            confirm(chain, chain.lao),
            lambda: confirmation.move(
                helpdesk,
                cycle,
                chain.school.id,
                "unlock",
                chain.country.clock,
                reason="because",
            ),
        )
        assert not surprises(results)
        assert chain.status(chain.school) == "open"
        assert chain.status(chain.lao) == "open"


def test_many_schools_confirming_and_unlocking_at_once_meet_no_deadlock(
    db: Database, chain: Chain
) -> None:
    schools = [chain.school, chain.sister, *(chain.country.school(chain.lao) for _ in range(2))]
    for school in schools:
        chain.country.ready(school, chain.cycle)
    helpdesk, cycle, clock = chain.actor("helpdesk"), chain.cycle.id, chain.country.clock
    actors = {school.id: chain.country.own(school) for school in schools}

    def unlock(school: Unit) -> Callable[[], Any]:
        return lambda: confirmation.move(
            helpdesk, cycle, school.id, "unlock", clock, reason="because"
        )

    def confirm_own(school: Unit) -> Callable[[], Any]:
        return lambda: confirmation.move(actors[school.id], cycle, school.id, "confirm", clock)

    for _ in range(3):
        racers = [confirm_own(school) for school in schools] + [unlock(s) for s in schools]
        assert not surprises(race(*racers))


def test_a_confirm_racing_the_close_is_judged_when_it_holds_the_lock(
    db: Database, chain: Chain
) -> None:
    """The one that waited for the lock while the clock passed 17:00:00 is refused."""
    chain.country.ready(chain.school, chain.cycle)
    holding, asked = threading.Event(), threading.Event()

    clock = ManualClock(CLOSES)
    clock.tick(seconds=-1)

    def hold() -> None:
        def at_lock() -> datetime:
            holding.set()
            asked.wait(timeout=10)
            threading.Event().wait(0.3)
            clock.tick(seconds=1)
            return clock.now

        children.attest(
            chain.actor("school"), [Student.get(Student.school == chain.school.id).id], at_lock
        )

    def late() -> Any:
        holding.wait(timeout=10)
        asked.set()
        return confirmation.move(
            chain.actor("school"), chain.cycle.id, chain.school.id, "confirm", clock
        )

    chain.actor("school")
    results = race(hold, late)
    assert not surprises(results)
    assert isinstance(results[1], Refused)
    assert [refusal.code for refusal in results[1].refusals] == ["window_closed"]
    assert chain.status(chain.school) == "open"


PROCESS = """
import sys
from admin_app.database import bind
from admin_app.models import User, database
from admin_app.services import accounts, confirmation
from admin_app.services.errors import Refused
from tests.country import ManualClock

bind(sys.argv[1])
database.connect()
actor = accounts.actor_of(User.get_by_id(int(sys.argv[2])))
print("ready", flush=True)
sys.stdin.readline()
try:
    confirmation.move(actor, int(sys.argv[3]), int(sys.argv[4]), "confirm", ManualClock())
    print("done")
except Refused as refused:
    print(refused)
"""


def test_of_processes_confirming_one_school_exactly_one_does(
    db: Database, database_url: str, chain: Chain
) -> None:
    chain.country.ready(chain.school, chain.cycle)
    actor = chain.actor("school")
    arguments = [database_url, str(actor.user_id), str(chain.cycle.id), str(chain.school.id)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].strip() for process in running]
    assert sorted(answers) == ["already_confirmed", "already_confirmed", "done"]
