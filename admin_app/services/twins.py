"""The same child twice: by number, or by name and birth date, in one school or in two."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from peewee import JOIN, Join, chunked

from admin_app.database import hold, tuples
from admin_app.domain import evaluation
from admin_app.domain.checks import Child, same_name_and_birth, same_number
from admin_app.domain.evaluation import Placed, Settings
from admin_app.domain.levels import SCHOOL
from admin_app.domain.rules import RULE, Key
from admin_app.models import Finding, Student, UnitState
from admin_app.services import found, ground
from admin_app.services.found import Owner, Place, Wanted

NUMBER_ELSEWHERE = "number_elsewhere"
"""Error: a child's identity number is active in another school of the cycle, too."""
TWIN_ELSEWHERE = "twin_elsewhere"
"""Query: a child of the same name and birth date is active in another school of the cycle."""
ELSEWHERE = (NUMBER_ELSEWHERE, TWIN_ELSEWHERE)


def held_elsewhere(cycle_id: int, school_id: int, numbers: Collection[str | None]) -> set[str]:
    """Those of the identity numbers that are active in another school of the cycle."""
    held: set[str] = set()
    for some in chunked(sorted(filter(None, numbers)), ground.CHUNK):
        rows = Student.select(Student.id_number, Student.school, Student.status)
        # the status is looked at here, so that SQLite takes the index on the number
        for number, school, status in tuples(
            rows.where(Student.cycle == cycle_id, Student.id_number << some)
        ):
            if status == "active" and school != school_id:
                held.add(number)
    return held


def _members(cycle_id: int, key: Key, some: Any, beyond: int | None = None) -> list[Placed]:
    """The active children of the cycle that share a key with one of ``some``, themselves too.

    ``some``: a condition on children, as a function of the table; ``beyond``: the school to leave
    out. Each key is looked up once, so that a class entered under one name stays a few rows. The
    keys come first, then the index on (cycle, id_number) or (cycle, status, sort_key): CROSS keeps
    SQLite to that order. Who takes no part in the cycle is nobody's twin.
    """
    one, other = Student.alias(), Student.alias()
    by_number = key is same_number
    columns = (one.id_number,) if by_number else (one.sort_key, one.birth_date)
    keys = (
        one.select(*columns)
        .where(one.cycle == cycle_id, one.status == "active", some(one))
        .where(*(column.is_null(False) for column in columns))
        .distinct()
        .alias("keys")
    )
    away = UnitState.select(UnitState.unit).where(
        UnitState.cycle == cycle_id, UnitState.level == SCHOOL, ~UnitState.active
    )
    wanted = [getattr(other, name) for name in (*PLACED, *Child._fields)]
    query = (
        other.select(*wanted)
        .from_(Join(keys, other, JOIN.CROSS))
        .where(other.cycle == cycle_id, other.school.not_in(away))
    )
    if by_number:
        query = query.where(other.id_number == keys.c.id_number)
    else:
        query = query.where(
            other.status == "active",
            other.sort_key == keys.c.sort_key,
            other.birth_date == keys.c.birth_date,
        )
    if beyond is not None:
        query = query.where(other.school != beyond)
    return [
        Placed(Owner(school, SCHOOL, lao, province), Child(*seen))
        for school, lao, province, status, *seen in tuples(query)
        if status == "active"
    ]


PLACED = ("school", "lao", "province", "status")


def _of_ids(cycle_id: int, key: Key, ids: Collection[int]) -> set[Placed]:
    return {
        member
        for some in chunked(sorted(ids), ground.CHUNK)
        for member in _members(cycle_id, key, lambda table, s=some: table.id << s)
    }


def _look(
    cycle_id: int,
    own: Owner,
    children: Collection[Child],
    student_ids: Collection[int] | None,
    partners: Collection[int],
    key: Key,
    codes: dict[bool, str],
) -> Wanted:
    """What the rules about ``key`` find in every group that one of these children is in."""
    if student_ids is None:
        every = {Placed(own, child) for child in children}
        every |= set(_members(cycle_id, key, lambda table: table.school == own.id, own.id))
        every |= _of_ids(cycle_id, key, set(partners) - {child.id for child in children})
    else:
        every = _of_ids(cycle_id, key, {*student_ids, *partners})
    wanted: Wanted = {}
    for placed, here, there in evaluation.twins(every, key):
        for elsewhere, others in ((False, here), (True, there)):
            if others and elsewhere in codes:
                told = evaluation.Finding(codes[elsewhere], placed.child.id, {"others": others})
                wanted[placed.place.id, placed.child.id, told.rule] = (placed.place, told)
    return wanted


def refresh(
    cycle_id: int,
    own: Owner,
    children: Collection[Child],
    student_ids: Collection[int] | None,
    settings: Settings,
    now: datetime,
) -> None:
    """The rules about two children, for these children, their twins, and who was their twin.

    ``children``: the active ones among ``student_ids``, or all of the school for None.
    """
    for key in (same_number, same_name_and_birth):
        every = {rule.elsewhere: code for code, rule in RULE.items() if rule.twins is key}
        used = {
            elsewhere: code
            for elsewhere, code in every.items()
            if code in dict(evaluation.twin_keys(elsewhere, settings))
        }
        of_rules = Finding.rule << list(every.values())
        before = found.standing(cycle_id, (Finding.unit == own.id) & of_rules, student_ids)
        partners = {
            other for row in before.values() for other in json.loads(row.params).get("others", ())
        }
        about = (cycle_id, own, children, student_ids, partners, key, used)
        wanted = _look(*about)
        if _crosses(own, wanted) or _crosses(own, before):
            # two schools with children in common write each other's findings: one at a time
            hold(f"twins:{cycle_id}")
            wanted = _look(*about)
        touched = {child for _, child, _ in (*wanted, *before)} | partners
        found.store(cycle_id, wanted, found.standing(cycle_id, of_rules, touched), now)


def _crosses(own: Owner, places: Iterable[Place]) -> bool:
    return any(unit != own.id or rule in ELSEWHERE for unit, _, rule in places)
