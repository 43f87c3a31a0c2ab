"""Anybody does anything in any order: after every step the round still holds together.

A small country (two provinces of two LAOs of two schools); hypothesis picks people, moves, edits
and the time. What a service refuses is as good as what it does; what must hold stands in the
invariants.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
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
from admin_app.domain.levels import BY_KEY
from admin_app.domain.moves import MOVES
from admin_app.models import Cycle, Event, OtherSheet, Snapshot, Student, Unit, UnitState, User
from admin_app.services import children, confirmation, other_counts, snapshots
from admin_app.services.accounts import actor_of
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from tests.conftest import _create_postgres, _drop_postgres
from tests.country import CLOSES, NOW, Country, ManualClock

REFUSALS = (Conflict, Invalid, NotFound, Refused)
TO = {"move.confirm": "confirmed", "move.close": "confirmed"} | dict.fromkeys(
    ("move.return", "move.unlock"), "open"
)


def _build() -> None:
    """The country, with children that only have to be attested."""
    country = Country(None)  # type: ignore[arg-type]
    laos = [country.lao(code) for code in ("81", "81", "82", "82")]
    schools = [country.school(lao) for lao in laos for _ in range(2)]
    Unit.update(active=False).where(
        Unit.level == "province", Unit.code.not_in(["81", "82"])
    ).execute()
    cycle = country.cycle()
    for school in schools:
        country.children(school, cycle, 2)
    for unit in [*laos, *schools, country.province("81"), country.province("82")]:
        country.own(unit)
    country.actor("department")
    country.actor("helpdesk")


class Round(RuleBasedStateMachine):
    """One round of the small country; ``fresh`` gives a database of its own."""

    def __init__(self, fresh: Callable[[], tuple[Database, Callable[[], None]]]) -> None:
        super().__init__()
        self.db, self.drop = fresh()
        self.clock = ManualClock(NOW)
        self.cycle = Cycle.get()
        self.units = list(Unit.select().where(Unit.active).order_by(Unit.id))
        self.people = [actor_of(user) for user in _people()]

    def _try(self, write: Callable[[], Any]) -> None:
        with suppress(*REFUSALS):
            write()

    def _person(self, number: int) -> Any:
        return self.people[number % len(self.people)]

    @rule(who=st.integers(0, 99), unit=st.integers(0, 99), key=st.sampled_from(sorted(MOVES)))
    def move(self, who: int, unit: int, key: str) -> None:
        """Somebody tries a move on some unit."""
        target = self.units[unit % len(self.units)]
        until = self.clock() + timedelta(days=2) if key == "extend" else None
        self._try(
            lambda: confirmation.move(
                self._person(who),
                self.cycle.id,
                target.id,
                key,
                self.clock,
                reason="because",
                until=until,
            )
        )

    @rule(unit=st.integers(0, 99))
    def make_ready_and_confirm(self, unit: int) -> None:
        """A unit and all below it go as far as they can, so that high levels are reached."""
        top = self.units[unit % len(self.units)]
        whole = [u for u in self.units if top.id in (u.id, u.lao_id, u.province_id)]
        for target in sorted(whole, key=lambda u: BY_KEY[u.level].rank):
            self._bring(target)

    def _bring(self, target: Unit) -> None:
        own = next(p for p in self.people if p.unit.id == target.id and p.role == target.level)
        if target.level == "school":
            self._try(lambda: children.attest_school(own, self.cycle.id, target.id, self.clock))
        if target.level == "lao":
            sheet = OtherSheet.get_or_none(lao=target.id, cycle=self.cycle.id)
            version = sheet.version if sheet else 0
            self._try(
                lambda: other_counts.save(
                    own, self.cycle.id, target.id, version, [], self.clock, declared_none=True
                )
            )
        key = "close" if target.level == "department" else "confirm"
        self._try(
            lambda: confirmation.move(
                own, self.cycle.id, target.id, key, self.clock, reason="because"
            )
        )

    @rule(who=st.integers(0, 99), child=st.integers(0, 99), name=st.sampled_from("กขคง"))
    def edit(self, who: int, child: int, name: str) -> None:
        """Somebody edits a child, with the version that stands."""
        rows = list(Student.select().order_by(Student.id))
        row = rows[child % len(rows)]
        self._try(
            lambda: children.edit(
                self._person(who), row.id, row.version, {"first_name": f"{name}านดา"}, self.clock
            )
        )

    @rule(who=st.integers(0, 99), child=st.integers(0, 99), back=st.booleans())
    def remove_or_restore(self, who: int, child: int, back: bool) -> None:
        """Somebody removes or restores a child."""
        rows = list(Student.select().order_by(Student.id))
        ids = [rows[child % len(rows)].id]
        person = self._person(who)
        if back:
            self._try(lambda: children.restore(person, ids, self.clock))
        else:
            self._try(lambda: children.remove(person, ids, "moved", self.clock))

    @rule(hours=st.sampled_from([1, 20, 200]))
    @precondition(lambda self: self.clock() < CLOSES + timedelta(days=20))
    def wait(self, hours: int) -> None:
        """Time passes, at last over the close."""
        self.clock.tick(hours=hours)

    def _states(self) -> dict[int, UnitState]:
        return {state.unit_id: state for state in UnitState.select()}

    @invariant()
    def nothing_confirmed_has_changed(self) -> None:
        """A confirmed unit's rows are those of its snapshot."""
        for state in self._states().values():
            if state.status != "confirmed":
                continue
            snapshot = Snapshot.get(
                Snapshot.unit == state.unit_id, Snapshot.revision == state.revision
            )
            assert snapshots.digest(snapshot.content) == snapshot.digest
            content = json.loads(snapshot.content)
            if state.level == "school":
                roster = snapshots.roster_digest(self.cycle.id, state.unit_id)
                assert content["roster"] == roster
            if state.level == "lao":
                other = snapshots.other_content(self.cycle.id, state.unit_id)
                assert content["other"] == other

    @invariant()
    def no_level_is_confirmed_over_an_open_one(self) -> None:
        """Below a confirmed unit all is confirmed, but for what a national close left out."""
        states = self._states()
        for unit in self.units:
            parent = states.get(unit.parent_id or 0)
            if parent is None or parent.level == "department" or parent.status != "confirmed":
                continue
            assert states[unit.id].status == "confirmed"

    @invariant()
    def the_history_explains_every_state(self) -> None:
        """Replaying the entries gives the states."""
        told = {unit.id: "open" for unit in self.units}
        for event in Event.select().where(Event.tag << list(TO)).order_by(Event.id):
            told[event.unit_id] = TO[event.tag]
        assert told == {unit_id: state.status for unit_id, state in self._states().items()}

    @invariant()
    def the_counters_agree_with_the_rows(self) -> None:
        """Children and attested on the state are the rows' counts."""
        for state in self._states().values():
            if state.level == "school":
                active = Student.select().where(
                    Student.school == state.unit_id, Student.status == "active"
                )
                attested = active.where(Student.attested_at.is_null(False))
                assert (state.children, state.attested) == (active.count(), attested.count())

    def teardown(self) -> None:
        """Give the database back."""
        self.drop()


def _people() -> Any:
    return list(User.select(User, Unit).join(Unit, on=(User.unit == Unit.id)).order_by(User.id))


def _close(opened: Database) -> None:
    if not opened.is_closed():
        opened.close()
    if hasattr(opened, "close_all"):
        opened.close_all()


@pytest.fixture
def sqlite_country(sqlite_template: Path, tmp_path: Path) -> Path:
    """A file with the small country."""
    path = tmp_path / "country.db"
    shutil.copy(sqlite_template, path)
    opened = bind(f"sqlite:///{path}")
    opened.connect()
    _build()
    opened.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    _close(opened)
    return path


def test_the_round_holds_together_whatever_people_do_on_sqlite(
    sqlite_country: Path, tmp_path: Path
) -> None:
    def fresh() -> tuple[Database, Callable[[], None]]:
        path = tmp_path / "run.db"
        for extra in ("", "-wal", "-shm"):
            Path(f"{path}{extra}").unlink(missing_ok=True)
        shutil.copy(sqlite_country, path)
        opened = bind(f"sqlite:///{path}")
        opened.connect()
        return opened, lambda: _close(opened)

    make: Any = lambda: Round(fresh)  # noqa: E731
    run_state_machine_as_test(
        make,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def postgres_country(postgres_url: str, postgres_template: str) -> Iterator[str]:
    """The name of a database with the small country."""
    name = f"{postgres_template}_country"
    opened = bind(_create_postgres(postgres_url, name, postgres_template))
    opened.connect()
    _build()
    _close(opened)
    yield name
    _drop_postgres(postgres_url, name)


@pytest.mark.postgres
def test_the_round_holds_together_whatever_people_do_on_postgresql(
    postgres_url: str, postgres_country: str
) -> None:
    name = f"{postgres_country}_run"

    def fresh() -> tuple[Database, Callable[[], None]]:
        opened = bind(_create_postgres(postgres_url, name, postgres_country))
        opened.connect()

        def drop() -> None:
            _close(opened)
            _drop_postgres(postgres_url, name)

        return opened, drop

    make: Any = lambda: Round(fresh)  # noqa: E731
    run_state_machine_as_test(
        make,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
