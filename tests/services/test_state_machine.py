"""Anybody does anything in any order: after every step the round still holds together.

A small country (two provinces of two LAOs of two schools), ready to be confirmed; hypothesis picks
people, moves, edits and the time. Four times in five it picks somebody who may, so that the round
gets somewhere. What a service refuses is as good as what it does; what must hold stands in the
invariants.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from peewee import Database

from admin_app.database import bind
from admin_app.domain.access import Actor, UnitRef, may
from admin_app.domain.moves import permitted
from admin_app.models import Cycle, Event, OtherSheet, Snapshot, Student, Unit, UnitState, User
from admin_app.services import children, confirmation, other_counts, scope, units
from admin_app.services.accounts import actor_of
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.other_counts import SchoolRow
from admin_app.services.verification import verify
from tests.conftest import _create_postgres, _drop_postgres
from tests.country import CLOSES, NOW, Country, ManualClock

OURS = (Conflict, Invalid, NotFound, Refused)
BECOMES = {"move.confirm": "confirmed", "move.close": "confirmed"} | dict.fromkeys(
    ("move.return", "move.unlock"), "open"
)
LEVELS = ("school", "lao", "province")
EDITS: list[dict[str, Any]] = [
    *({"first_name": name} for name in ("กานดา", "ขวัญ")),
    *({"grade": grade} for grade in ("P1", "P2")),
]
number = st.integers(0, 999)


def build(db: Database) -> None:
    """The country; every unit lacks nothing but its confirmation."""
    country = Country(db)
    for code in ("81", "82"):
        for lao in (country.lao(code), country.lao(code)):
            country.school(lao), country.school(lao)
    Unit.update(active=False).where(
        Unit.level == "province", Unit.code.not_in(["81", "82"])
    ).execute()
    cycle = country.cycle()
    for unit in Unit.select().where(Unit.active, Unit.level << LEVELS):
        country.own(country.ready(unit, cycle))
    country.actor("department"), country.actor("helpdesk")


class Round(RuleBasedStateMachine):
    """One round of the small country; ``fresh`` gives a database of its own."""

    def __init__(self, fresh: Callable[[], Callable[[], None]]) -> None:
        super().__init__()
        self.drop = fresh()
        self.clock = ManualClock(NOW)
        self.cycle = Cycle.get()
        self.units = list(Unit.select().where(Unit.active).order_by(Unit.id))
        people = User.select(User, Unit).join(Unit, on=(User.unit == Unit.id)).order_by(User.id)
        self.people = [actor_of(user) for user in people]

    def _who(self, able: Callable[[Actor], bool], pick: int) -> Actor:
        """Somebody who is able, or (one time in five) anybody."""
        few = [person for person in self.people if pick % 5 and able(person)] or self.people
        return few[pick // 5 % len(few)]

    def _move(self, unit: Unit, key: str, pick: int, **over: Any) -> None:
        where = scope.ref(unit)
        who = self._who(lambda person: permitted(person, key, where), pick)
        args = (who, self.cycle.id, unit.id, key, self.clock)
        with suppress(*OURS):
            confirmation.move(*args, **{"reason": "because"} | over)

    def _writer(self, permission: str, where: UnitRef, pick: int) -> Actor:
        return self._who(lambda person: may(person, permission, where), pick)

    # --- what people do ------------------------------------------------------------------

    @rule(unit=number, pick=number)
    def confirm(self, unit: int, pick: int) -> None:
        """One unit is confirmed."""
        found = self.units[unit % len(self.units)]
        self._move(found, "close" if found.level == "department" else "confirm", pick)

    @rule(unit=number)
    def confirm_with_all_below(self, unit: int) -> None:
        """A unit is confirmed after everything below it, so that high levels are reached."""
        top = self.units[unit % len(self.units)]
        for level in LEVELS:
            for found in self.units:
                tree = (found.id, found.parent_id, found.lao_id, found.province_id)
                if found.level == level and top.id in tree:
                    self._move(found, "confirm", 1)

    @rule(unit=number, key=st.sampled_from(["return", "unlock"]), pick=number)
    def reopen(self, unit: int, key: str, pick: int) -> None:
        """A confirmed unit is returned or unlocked."""
        states = UnitState.select().where(UnitState.status == "confirmed").order_by(UnitState.id)
        found = [state.unit for state in states] or self.units
        self._move(found[unit % len(found)], key, pick)

    @rule(unit=number, hours=st.sampled_from([1, 30, 600]), pick=number)
    def extend(self, unit: int, hours: int, pick: int) -> None:
        """A unit's time is extended, or cut short again."""
        until = self.clock() + timedelta(hours=hours)
        self._move(self.units[unit % len(self.units)], "extend", pick, until=until)

    @rule(child=number, change=number, stale=st.integers(0, 4), pick=number)
    def edit(self, child: int, change: int, stale: int, pick: int) -> None:
        """A child is edited, now and then over somebody else's edit."""
        found = self._child(child)
        who = self._writer("child:edit", scope.student_ref(found), pick)
        version, values = found.version - (stale == 0), EDITS[change % len(EDITS)]
        with suppress(*OURS):
            children.edit(who, found.id, version, values, self.clock)

    @rule(child=number, verb=st.sampled_from(["attest", "remove", "restore"]), pick=number)
    def change_many(self, child: int, verb: str, pick: int) -> None:
        """All children of a child's school are attested, or the child is removed or restored."""
        found = self._child(child, "removed" if verb == "restore" else "active")
        who = self._writer(f"child:{verb}", scope.student_ref(found), pick)
        with suppress(*OURS):
            if verb == "attest":
                children.attest_school(who, self.cycle.id, found.school_id, self.clock)
            elif verb == "remove":
                children.remove(who, [found.id], "moved", self.clock)
            else:
                children.restore(who, [found.id], self.clock)

    @rule(lao=number, rows=st.booleans(), pick=number)
    def save_other_counts(self, lao: int, rows: bool, pick: int) -> None:
        """A sheet of other affiliations is saved."""
        sheets = list(OtherSheet.select().order_by(OtherSheet.id))
        sheet = sheets[lao % len(sheets)]
        who = self._writer("other_counts:edit", scope.ref(sheet.lao), pick)
        typed = [SchoolRow("บ้านนา", "PESAO", "", {"P1": (pick, 1)})] if rows else []
        args = (who, self.cycle.id, sheet.lao_id, sheet.version, typed, self.clock)
        with suppress(*OURS):
            other_counts.save(*args, declared_none=not rows)

    @rule(unit=number, pick=st.integers(0, 2))
    def take_out_of_service_or_back(self, unit: int, pick: int) -> None:
        """DLA takes a unit out of service, or back into it."""
        found = Unit.get_by_id(self.units[unit % len(self.units)].id)
        if found.active and pick:
            return
        dla = next(person for person in self.people if person.role == "department")
        with suppress(*OURS):
            change = {"active": not found.active}
            units.edit(dla, found.id, found.version, change, self.clock)

    @rule(hours=st.sampled_from([1, 20, 300]))
    @precondition(lambda self: self.clock() < CLOSES + timedelta(days=20))
    def wait(self, hours: int) -> None:
        self.clock.tick(hours=hours)

    def _child(self, pick: int, status: str = "") -> Student:
        every = list(Student.select().order_by(Student.id))
        rows = [child for child in every if child.status == status] or every
        return rows[pick % len(rows)]

    # --- what must hold -------------------------------------------------------------------

    @invariant()
    def nothing_confirmed_has_changed(self) -> None:
        """Rows, snapshots and histories of all levels are as they were confirmed and chained."""
        assert verify().differences == []

    @invariant()
    def the_history_of_each_unit_is_numbered_without_a_gap(self) -> None:
        """Each chain counts from 1, each entry holds the digest of the one before."""
        ends: dict[int | None, tuple[int, str]] = {}
        for event in Event.select().order_by(Event.id):
            number, digest = ends.get(event.unit_id, (0, ""))
            assert (event.number, event.previous) == (number + 1, digest)
            ends[event.unit_id] = (event.number, event.digest)

    @invariant()
    def no_level_is_confirmed_over_an_open_active_one(self) -> None:
        """Below a confirmed unit all is confirmed, but for what a national close left out."""
        states = {state.unit_id: state for state in UnitState.select()}
        for unit in Unit.select().where(Unit.active, Unit.level << ("school", "lao")):
            over = states[unit.parent_id]
            assert over.status == "open" or states[unit.id].status == "confirmed"

    @invariant()
    def the_history_explains_every_state(self) -> None:
        """Replaying the entries gives each unit's state, revision, lateness and extension."""
        told: dict[int, tuple[str, int, bool, datetime | None]] = {}
        for event in Event.select().where(Event.tag.startswith("move.")).order_by(Event.id):
            status, revision, late, until = told.get(event.unit_id, ("open", 0, False, None))
            details = json.loads(event.details)
            if event.tag == "move.extend":
                until = datetime.fromisoformat(details["until"])
            else:
                status = BECOMES[event.tag]
                revision, late = details["revision"], details.get("late", False)
            told[event.unit_id] = (status, revision, late, until)
        for state in UnitState.select():
            found = (state.status, state.revision, state.late, state.extended_until)
            assert found == told.get(state.unit_id, ("open", 0, False, None))

    @invariant()
    def every_confirmation_left_a_snapshot(self) -> None:
        """As many snapshots of a unit as it has revisions."""
        taken = Counter(snapshot.unit_id for snapshot in Snapshot.select(Snapshot.unit))
        assert taken == Counter({s.unit_id: s.revision for s in UnitState.select() if s.revision})

    @invariant()
    def the_counters_agree_with_the_rows(self) -> None:
        """Children and attested on the state are the rows' counts."""
        active = list(Student.select().where(Student.status == "active"))
        rows = Counter(child.school_id for child in active)
        attested = Counter(child.school_id for child in active if child.attested_at)
        for state in UnitState.select():
            found = (state.children, state.attested)
            assert found == (rows[state.unit_id], attested[state.unit_id])

    def teardown(self) -> None:
        self.drop()


def run(fresh: Callable[[], Callable[[], None]], examples: int, steps: int) -> None:
    make: Any = lambda: Round(fresh)  # noqa: E731
    run_state_machine_as_test(
        make,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def opened(url: str) -> Any:
    db: Any = bind(url)
    db.connect()
    return db


def close(db: Any) -> None:
    db.close()
    if hasattr(db, "close_all"):
        db.close_all()


def test_the_round_holds_together_whatever_people_do_on_sqlite(
    sqlite_template: Path, tmp_path: Path
) -> None:
    model, path = tmp_path / "country.db", tmp_path / "run.db"
    shutil.copy(sqlite_template, model)
    db = opened(f"sqlite:///{model}")
    build(db)
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    close(db)

    def fresh() -> Callable[[], None]:
        for extra in ("-wal", "-shm"):
            Path(f"{path}{extra}").unlink(missing_ok=True)
        shutil.copy(model, path)
        copy = opened(f"sqlite:///{path}")
        return lambda: close(copy)

    run(fresh, examples=30, steps=40)


@pytest.mark.postgres
def test_the_round_holds_together_whatever_people_do_on_postgresql(
    postgres_url: str, postgres_template: str
) -> None:
    model, name = f"{postgres_template}_country", f"{postgres_template}_run"
    db = opened(_create_postgres(postgres_url, model, postgres_template))
    build(db)
    close(db)

    def fresh() -> Callable[[], None]:
        copy = opened(_create_postgres(postgres_url, name, model))

        def drop() -> None:
            close(copy)
            _drop_postgres(postgres_url, name)

        return drop

    run(fresh, examples=8, steps=30)
    _drop_postgres(postgres_url, model)
