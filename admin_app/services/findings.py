"""What the rules found, stored: so that lists, homes and the levels above can filter by it.

A save brings up to date what it touched: the child, its twins (by number, or by name and birth
date, wherever they are) and the school's counts; a confirm, an import and a carried school are done
whole. A finding that stays the same keeps its note; one that changed loses it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from peewee import chunked

from admin_app.database import transaction, tuples
from admin_app.domain import evaluation
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.moves import Status
from admin_app.domain.rules import RULE
from admin_app.models import Cycle, Finding, Student, Unit, UnitState
from admin_app.services import found, ground, standing, twins
from admin_app.services.found import Wanted, owner


def refresh(
    cycle_id: int, school: Unit, now: datetime, student_ids: Collection[int] | None = None
) -> None:
    """Bring the findings of some children, of their twins and of the school up to date.

    ``None``: of the whole school. Inside the writing transaction, after the rows are written.
    """
    cycle = Cycle.get_by_id(cycle_id)
    settings = ground.settings(cycle_id)
    around = ground.ground(cycle, school, now)
    children = ground.children(cycle_id, school.id, student_ids)
    own = owner(school)
    wanted: Wanted = {
        (school.id, one.child_id, one.rule): (own, one)
        for one in (
            *evaluation.of_children(children, around, settings),
            *evaluation.of_unit(
                SCHOOL,
                ground.school_figures(
                    cycle, school, {code: grade.name for code, grade in around.grades.items()}
                ),
                settings,
            ),
        )
    }
    single = Finding.rule.not_in([code for code, rule in RULE.items() if rule.twins])
    touched = None if student_ids is None else {0, *student_ids}
    found.store(
        cycle_id,
        wanted,
        found.standing(cycle_id, (Finding.unit == school.id) & single, touched),
        now,
    )
    twins.refresh(cycle_id, own, children, student_ids, settings, now)
    if student_ids is None:
        _mark(cycle, school)


def refresh_lao(cycle_id: int, lao: Unit, now: datetime) -> None:
    """Bring the findings about an LAO's own counts up to date; none while nothing is recorded."""
    cycle = Cycle.get_by_id(cycle_id)
    wanted: Wanted = {}
    if ground.counts_recorded(cycle_id, lao.id):
        figures, settings = ground.lao_figures(cycle, lao), ground.settings(cycle_id)
        wanted = {
            (lao.id, 0, one.rule): (owner(lao), one)
            for one in evaluation.of_unit(LAO, figures, settings)
        }
    found.store(cycle_id, wanted, found.standing(cycle_id, Finding.unit == lao.id, None), now)
    _mark(cycle, lao)


def refresh_unit(cycle_id: int, unit: Unit, now: datetime) -> None:
    """Everything about one unit's own data anew; units above an LAO have none."""
    if unit.level == SCHOOL:
        refresh(cycle_id, unit, now)
    elif unit.level == LAO:
        refresh_lao(cycle_id, unit, now)


def ensure(cycle_id: int, unit: Unit, now: datetime) -> None:
    """Make the findings of an open unit that are older than the cycle's rules; for pages.

    What is confirmed keeps the findings that it was confirmed with.
    """
    if unit.level not in (SCHOOL, LAO) or not _stale(cycle_id, unit):
        return
    with transaction():
        standing.read(cycle_id, unit, lock=True)
        if _stale(cycle_id, unit):
            refresh_unit(cycle_id, unit, now)


def outdate(units: Any) -> None:
    """What was found in these open units (a query of ids) is made anew when it is next needed."""
    UnitState.update(checked=0).where(
        UnitState.unit << units, UnitState.status == Status.OPEN
    ).execute()


def outdate_all() -> None:
    """The same for every unit of every cycle that is not closed nationally."""
    closed = standing.closed_nationally()
    Cycle.update(rules_version=Cycle.rules_version + 1).where(Cycle.id.not_in(closed)).execute()


def rejoin(unit: Unit, now: datetime) -> None:
    """A school comes back into service: its twins are told now, as nothing leads to them yet."""
    states = UnitState.select().where(
        UnitState.unit == unit.id, UnitState.active, UnitState.status == Status.OPEN
    )
    for state in list(states.order_by(UnitState.cycle)):
        if standing.read(state.cycle_id, unit, lock=True).status is Status.OPEN:
            refresh(state.cycle_id, unit, now)


def outdate_with_twins(unit: Unit) -> None:
    """A school goes out of service: what was found in it, and what its twins were told."""
    told = Finding.select(Finding.params).where(
        Finding.unit == unit.id, Finding.rule << twins.ELSEWHERE
    )
    partners = {id_ for row in told for id_ in json.loads(row.params).get("others", ())}
    schools = {unit.id}
    for some in chunked(sorted(partners), ground.CHUNK):
        rows = Student.select(Student.school).where(Student.id << some).distinct()
        schools |= {school for (school,) in tuples(rows)}
    outdate(sorted(schools))


def _stale(cycle_id: int, unit: Unit) -> bool:
    return (
        UnitState.select()
        .join(Cycle)
        .where(
            UnitState.cycle == cycle_id,
            UnitState.unit == unit.id,
            UnitState.status == Status.OPEN,
            UnitState.checked != Cycle.rules_version,
        )
        .exists()
    )


def _mark(cycle: Cycle, unit: Unit) -> None:
    UnitState.update(checked=cycle.rules_version).where(
        UnitState.cycle == cycle.id, UnitState.unit == unit.id
    ).execute()
