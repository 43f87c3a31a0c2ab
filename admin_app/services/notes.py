"""Notes on queries: the unit explains what is unusual, and the levels above read it.

A note stands until what it explains changes (see ``findings``); its text is the unit's own words,
and the history tells that there is one, by whom, but not what it says of a child.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import Case, fn

from admin_app.database import Clock, for_update, transaction, tuples
from admin_app.domain import thai
from admin_app.domain.access import ROLE, Actor
from admin_app.domain.levels import BY_KEY, SCHOOL
from admin_app.domain.moves import Refusal, judge_record
from admin_app.domain.rules import RULE, Rule, Severity
from admin_app.domain.text import N_
from admin_app.models import Finding, Student, Unit, User
from admin_app.services import history, listing, scope
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.standing import read
from admin_app.services.typed import row_id

SHORTEST_NOTE, LONGEST_NOTE = 4, 500
PAGE = 100


@dataclass(slots=True)
class Found:
    """A finding for reading: its rule, its values, and the child it is about (None: the unit)."""

    row: Finding
    child: Student | None = None

    @property
    def rule(self) -> Rule:
        """The rule's row."""
        return RULE[self.row.rule]

    @property
    def params(self) -> dict[str, Any]:
        """The values that the rule's detail names."""
        found: dict[str, Any] = json.loads(self.row.params)
        return found


def _with_people(rows: Iterable[Finding]) -> list[Finding]:
    """The findings, each with who wrote its note, in one query."""
    found = list(rows)
    ids = {row.noted_by_id for row in found} - {None}
    query = User.select(User.id, User.name, User.role).where(User.id << list(ids))
    people = {user.id: user for user in query} if ids else {}
    for row in found:
        row.noted_by = people.get(row.noted_by_id)
    return found


def of_above(actor: Actor, row: Finding) -> bool:
    """Whether somebody of a level above the actor's wrote the note: it is theirs to change."""
    if not row.note or row.noted_by is None:
        return False
    writer, own = (BY_KEY[ROLE[role].level] for role in (row.noted_by.role, actor.role))
    return writer.rank > own.rank


def writable(actor: Actor, rows: Iterable[Finding], note: str) -> list[Finding]:
    """Those of the findings that this note would change. Refused if one has a note from above."""
    changed = _with_people(row for row in rows if row.note != note)
    if any(of_above(actor, row) for row in changed):
        raise Refused([Refusal("note_of_above")])
    return changed


def _with_children(rows: Iterable[Finding]) -> list[Found]:
    found = [Found(row) for row in _with_people(rows) if row.rule in RULE]
    ids = {one.row.student_id for one in found if one.row.student_id}
    children = {row.id: row for row in Student.select().where(Student.id << list(ids))}
    for one in found:
        one.child = children.get(one.row.student_id)
    return found


def of_child(cycle_id: int, student_id: int) -> list[Found]:
    """What stands against a child, errors first."""
    rows = Finding.select().where(Finding.cycle == cycle_id, Finding.student_id == student_id)
    ordered = _with_people(rows.order_by(Finding.severity, Finding.id))
    return [Found(row) for row in ordered if row.rule in RULE]


def listed(
    actor: Actor,
    cycle_id: int,
    unit: Unit,
    *,
    kind: str = "",
    rule: str = "",
    after: Any = None,
    before: Any = None,
) -> tuple[list[Found], listing.Page]:
    """A page of what was found in the unit and below it, in the order it was found.

    ``kind``: "error", "query" (not explained yet), "explained" or "" for all.
    """
    query = Finding.select(Finding, Unit).join(Unit, on=(Finding.unit == Unit.id))
    query = scope.limit(query, Finding, actor, "finding:read").where(
        Finding.cycle == cycle_id, inside(unit)
    )
    if kind:
        query = query.where(KINDS[kind])
    if rule:
        query = query.where(Finding.rule == rule)
    page = listing.keyset(query, (), Finding.id, PAGE, after=after, before=before)
    return _with_children(page.rows), page


KINDS: dict[str, Any] = {
    "error": Finding.severity == Severity.ERROR,
    "query": (Finding.severity == Severity.QUERY) & (Finding.note == ""),
    "explained": (Finding.severity == Severity.QUERY) & (Finding.note != ""),
}


def inside(unit: Unit) -> Any:
    """The findings of the unit and of everything below it."""
    column = BY_KEY[unit.level].scope_column
    if unit.level == SCHOOL:
        return Finding.unit == unit.id
    return Finding.id.is_null(False) if column is None else getattr(Finding, column) == unit.id


@dataclass(slots=True)
class Tally:
    """How many findings: errors, queries without a note, queries explained."""

    error: int = 0
    query: int = 0
    explained: int = 0


def tallies(cycle_id: int, unit: Unit, group: Any) -> dict[int, Tally]:
    """Group id → what was found below ``unit``; ``group`` is a column of Finding."""
    number = {name: fn.SUM(Case(None, [(test, 1)], 0)) for name, test in KINDS.items()}
    rows = tuples(
        Finding.select(group, number["error"], number["query"], number["explained"])
        .where(Finding.cycle == cycle_id, inside(unit))
        .group_by(group)
    )
    return {group_id: Tally(*map(int, counts)) for group_id, *counts in rows}


def rules_found(cycle_id: int, unit: Unit) -> set[str]:
    """The rules that found anything in the unit and below it."""
    rows = tuples(
        Finding.select(Finding.rule).where(Finding.cycle == cycle_id, inside(unit)).distinct()
    )
    return {rule for (rule,) in rows}


def tally(cycle_id: int, unit: Unit) -> Tally:
    """What was found in the unit and below it, in all."""
    return tallies(cycle_id, unit, Finding.cycle).get(cycle_id, Tally())


def get(actor: Actor, finding_id: Any) -> Finding:
    """The finding, if the actor may read it; NotFound otherwise."""
    query = scope.limit(Finding.select(), Finding, actor, "finding:read")
    found: Finding | None = query.where(Finding.id == row_id(finding_id)).get_or_none()
    if found is None:
        raise NotFound("finding")
    return found


def explain(actor: Actor, shown: dict[int, str], note: str, clock: Clock) -> int:
    """Explain queries of one unit by one note, or take notes back with an empty one; all or none.

    ``shown``: finding → its basis, as the person saw it. Answers how many changed. Raises NotFound,
    Refused (role, state, window, a note of the level above), Conflict (something is another finding
    by now), Invalid (an error cannot be explained; too short, too long).
    """
    note = thai.clean(note)
    seen = [get(actor, finding_id) for finding_id in sorted(shown)]
    if not seen or len({(row.cycle_id, row.unit_id) for row in seen}) > 1:
        raise NotFound("finding")
    if any(row.severity != Severity.QUERY for row in seen):
        raise Invalid({"note": (N_("An error cannot be explained: correct it."), {})})
    if note and not SHORTEST_NOTE <= len(note) <= LONGEST_NOTE:
        text = N_("Write %(least)d to %(most)d characters.")
        raise Invalid({"note": (text, {"least": SHORTEST_NOTE, "most": LONGEST_NOTE})})
    with transaction():
        standing = read(seen[0].cycle_id, seen[0].unit, lock=True)
        now = clock()
        refusals = judge_record(
            actor, "finding:explain", standing.ref, standing.chain, standing.window, now
        )
        if refusals:
            raise Refused(refusals)
        query = Finding.select().where(Finding.id << list(shown)).order_by(Finding.id)
        rows = {row.id: row for row in for_update(query)}
        if any(id_ not in rows or rows[id_].basis != basis for id_, basis in shown.items()):
            raise Conflict(None)
        changed = writable(actor, rows.values(), note)
        if not changed and not note:
            raise Invalid({"note": (N_("Write why it is right."), {})})
        if not changed:
            return 0
        Finding.update(
            note=note, noted_at=now if note else None, noted_by=actor.user_id if note else None
        ).where(Finding.id << [row.id for row in changed]).execute()
        history.record(
            "finding.explained",
            actor,
            now,
            unit=standing.unit,
            cycle_id=standing.cycle.id,
            details={
                "rules": sorted({row.rule for row in changed}),
                "count": len(changed),
                "withdrawn": not note,
            },
            student_id=changed[0].student_id or None if len(changed) == 1 else None,
        )
        return len(changed)
