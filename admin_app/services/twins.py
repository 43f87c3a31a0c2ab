"""The same child twice: by number, or by name and birth date, in one school or in two."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, chunked

from admin_app.database import hold, tuples
from admin_app.domain import evaluation
from admin_app.domain.checks import Child, are_twins, same_name_and_birth, same_number
from admin_app.domain.evaluation import Settings
from admin_app.domain.levels import SCHOOL
from admin_app.domain.rules import RULE, Key
from admin_app.models import Finding, Student
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


class Row(NamedTuple):
    """A child as a twin: where it is, and as the rules see it."""

    owner: Owner
    child: Child


Groups = dict[Hashable, set[Row]]


def _beside(cycle_id: int, key: Key, some: Any) -> Groups:
    """The active children for whom ``some(table)`` holds, each with all that share its key.

    Children without a twin are left out. ``some`` is looked up first, then the others by the index
    on (cycle, id_number) or (cycle, status, sort_key): CROSS keeps SQLite to that order.
    """
    one, other = Student.alias(), Student.alias()
    columns = [
        getattr(table, name)
        for table in (one, other)
        for name in ("school", "lao", "province", "status", *Child._fields)
    ]
    query = (
        one.select(*columns)
        .join(other, JOIN.CROSS)
        .where(
            one.cycle == cycle_id,
            one.status == "active",
            some(one),
            other.cycle == cycle_id,
            other.id != one.id,
        )
    )
    if key is same_number:
        query = query.where(other.id_number == one.id_number)
    else:
        query = query.where(
            other.status == "active",
            other.sort_key == one.sort_key,
            other.birth_date == one.birth_date,
        )
    groups: Groups = defaultdict(set)
    half = len(columns) // 2
    for pair in tuples(query):
        for school, lao, province, status, *seen in (pair[:half], pair[half:]):
            child = Child(*seen)
            if status == "active" and (shared := key(child)) is not None:
                groups[shared].add(Row(Owner(school, SCHOOL, lao, province), child))
    return groups


def _sharing(cycle_id: int, key: Key, school_id: int, ids: Collection[int] | None) -> Groups:
    """Twins of the whole school (``None``), or of some children wherever they are."""
    if ids is None:
        return _beside(cycle_id, key, lambda table: table.school == school_id)
    groups: Groups = defaultdict(set)
    for some in chunked(sorted(ids), ground.CHUNK):
        for shared, rows in _beside(cycle_id, key, lambda table, s=some: table.id << s).items():
            groups[shared] |= rows
    return groups


def _twins(groups: Groups, key: Key, codes: dict[bool, str]) -> Wanted:
    """Findings of both kinds over groups; ``codes``: elsewhere or not → rule."""
    wanted: Wanted = {}
    for rows in groups.values():
        if len(rows) < 2:
            continue
        for place, child in rows:
            for elsewhere, code in codes.items():
                others = sorted(
                    other.id
                    for where, other in rows
                    if (where.id != place.id) is elsewhere and are_twins(child, other, key)
                )
                if others:
                    told = evaluation.Finding(code, child.id, {"others": others})
                    wanted[place.id, child.id, code] = (place, told)
    return wanted


def refresh(
    cycle_id: int,
    own: Owner,
    student_ids: Collection[int] | None,
    settings: Settings,
    now: datetime,
) -> None:
    """The rules about two children, for these children, their twins, and who was their twin."""
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
            other
            for found in before.values()
            for other in json.loads(found.params).get("others", ())
        }

        def look(key: Key = key, used: dict[bool, str] = used, partners: Any = partners) -> Wanted:
            groups = _sharing(cycle_id, key, own.id, student_ids)
            for shared, rows in _sharing(cycle_id, key, own.id, partners).items():
                groups[shared] |= rows
            return _twins(groups, key, used)

        wanted = look()
        if _crosses(own, wanted) or _crosses(own, before):
            # two schools with children in common write each other's findings: one at a time
            hold(f"twins:{cycle_id}")
            wanted = look()
        touched = {child for _, child, _ in (*wanted, *before)} | partners
        found.store(cycle_id, wanted, found.standing(cycle_id, of_rules, touched), now)


def _crosses(own: Owner, places: Iterable[Place]) -> bool:
    return any(unit != own.id or rule in ELSEWHERE for unit, _, rule in places)
