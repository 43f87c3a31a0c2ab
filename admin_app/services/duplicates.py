"""The same child in two schools: the groups as lists, for the level that decides about them.

A group is what stands in the cycle now: the active rows, of at least two schools, that share an
identity number, or name and birth date. The stored findings only say where to look; so a group is
right whenever it is shown, however old they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Field, fn

from admin_app.database import tuples
from admin_app.domain.access import Actor, UnitRef
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE
from admin_app.domain.moves import Refusal
from admin_app.domain.twins import deciding_level, sees
from admin_app.models import Finding, Student, Unit
from admin_app.services import across, listing, standing
from admin_app.services.errors import NotFound
from admin_app.services.scope import limit, student_ref
from admin_app.services.twins import NUMBER_ELSEWHERE, TWIN_ELSEWHERE
from admin_app.services.typed import row_id

RULES = (NUMBER_ELSEWHERE, TWIN_ELSEWHERE)
Other, Lower, Marked = Student.alias(), Student.alias(), Finding.alias()


@dataclass(frozen=True, slots=True)
class Row:
    """A child's row in a group. ``note``: what explains the finding, "" while nothing does."""

    student: Student
    school: Unit
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that share a number, or name and birth date; ``unit`` decides about them."""

    rule: str
    rows: tuple[Row, ...]
    unit: Unit

    @property
    def places(self) -> tuple[UnitRef, ...]:
        """Where each row stands."""
        return tuple(student_ref(row.student) for row in self.rows)

    @property
    def explained(self) -> bool:
        """Whether somebody wrote down that these are different children."""
        return all(row.note for row in self.rows)


def _same(rule: str, row: Any, other: Any) -> Any:
    """Rows of the cycle that share with ``row`` what the rule compares, by their index.

    A status joined with nothing keeps SQLite off the index that begins with cycle and status,
    which is half of the country.
    """
    if rule == NUMBER_ELSEWHERE:
        return (
            (other.cycle == row.cycle)
            & (other.id_number == row.id_number)
            & (other.status.concat("") == "active")
        )
    return (
        (other.cycle == row.cycle)
        & (other.status == "active")
        & (other.sort_key == row.sort_key)
        & (other.birth_date == row.birth_date)
    )


def _any(other: Any, *where: Any) -> Any:
    """Whether there is such a row, asked row by row through its index.

    The offset keeps PostgreSQL from joining with the whole table of children instead.
    """
    return fn.EXISTS(other.select(other.id).where(*where).limit(1).offset(0))


def _outside(actor: Actor, other: Any) -> Any:
    """Rows outside the actor's unit; None where the actor sees the whole country."""
    column: dict[str, Field] = {LAO: other.lao, PROVINCE: other.province}
    where = column.get(actor.unit.level)
    return where != actor.unit.id if where is not None else None


def _wider(actor: Actor, other: Any) -> Any:
    """Rows that make a group the actor's own to decide: no level below sees them all."""
    column = {PROVINCE: (other.lao, Student.lao), DEPARTMENT: (other.province, Student.province)}
    theirs, ours = column.get(actor.unit.level, (other.school, Student.school))
    return theirs != ours


def heads(
    actor: Actor, cycle_id: int, rule: str, *, own: bool = True, explained: bool = False
) -> Any:
    """One finding a group, its child joined: of the groups that lie wholly in the actor's scope.

    ``own``: only those that the actor's level decides. By name and birth date, ``explained`` gives
    the groups in which every row has its note, otherwise those in which one has none.
    """
    same = _same(rule, Student, Other)
    query = (
        limit(Finding.select(Finding, Student), Finding, actor, "duplicate:read")
        .join(Student, on=(Student.id == Finding.student_id), attr="student")
        .where(
            Finding.cycle == cycle_id,
            Finding.rule == rule,
            Student.cycle == cycle_id,
            Student.status == "active",
            _any(Other, same, _wider(actor, Other) if own else Other.school != Student.school),
        )
    )
    outside = _outside(actor, Other)
    if outside is not None:
        query = query.where(~_any(Other, same, outside))
    marked = (Marked.student_id == Lower.id) & (Marked.rule == rule)
    if rule == TWIN_ELSEWHERE:
        query = query.where(Finding.note != "" if explained else Finding.note == "")
        open_ = marked & (Marked.note == "")
        if explained:
            query = query.where(~_any(Lower, _same(rule, Student, Lower), _any(Marked, open_)))
        else:
            marked = open_
    # the group's first row that carries the finding stands for it
    first = (_same(rule, Student, Lower), Lower.id < Student.id, _any(Marked, marked))
    return query.where(~_any(Lower, *first))


def count(actor: Actor, cycle_id: int, rule: str, bound: int, **over: bool) -> int:
    """How many groups ``heads`` finds, at most ``bound`` + 1."""
    return listing.bounded_count(heads(actor, cycle_id, rule, **over), bound)


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A page of groups with the ids of findings that its neighbours start from."""

    groups: list[Group]
    previous: int | None
    next: int | None


def page(
    actor: Actor,
    cycle_id: int,
    rule: str,
    size: int,
    *,
    own: bool = True,
    explained: bool = False,
    after: int | None = None,
    before: int | None = None,
) -> GroupPage:
    """A page of groups by the first row's school. ``after``, ``before``: ids of findings."""
    found = listing.keyset(
        heads(actor, cycle_id, rule, own=own, explained=explained),
        (Finding.unit,),
        Finding.id,
        size,
        after=after,
        before=before,
    )
    heads_ = [row.student for row in found.rows]
    return GroupPage(_groups(rule, cycle_id, heads_), found.previous, found.next)


def group(actor: Actor, rule: str, student_id: Any) -> Group:
    """The group that a child stands in; NotFound where there is none that lies in scope whole."""
    student = Student.get_or_none(Student.id == row_id(student_id), Student.status == "active")
    found = _groups(rule, student.cycle_id, [student]) if student and rule in RULES else []
    if not found or not sees(actor, found[0].places):
        raise NotFound("duplicate")
    return found[0]


def marked(child: Student) -> set[str]:
    """Which of ``RULES`` found the child: none that is switched off, or that another one tells."""
    query = Finding.select(Finding.rule).where(
        Finding.cycle == child.cycle_id, Finding.student_id == child.id, Finding.rule << RULES
    )
    return {rule for (rule,) in tuples(query)}


def members(rule: str, cycle_id: int, of: Sequence[Student]) -> Any:
    """The query of every active row that shares with one of ``of`` what the rule compares."""
    active = Student.select().where(Student.cycle == cycle_id).order_by(Student.id)
    if rule == NUMBER_ELSEWHERE:
        numbers = [row.id_number for row in of if row.id_number]
        return active.where(Student.id_number << numbers, Student.status.concat("") == "active")
    return active.where(
        Student.status == "active",
        Student.sort_key << [row.sort_key for row in of],
        Student.birth_date << [row.birth_date for row in of if row.birth_date],
    )


def _key(rule: str, row: Student) -> Any:
    return row.id_number if rule == NUMBER_ELSEWHERE else (row.sort_key, row.birth_date)


def _groups(rule: str, cycle_id: int, heads_: Sequence[Student]) -> list[Group]:
    """The group of each head, in their order, read in four queries however many there are."""
    if not heads_:
        return []
    rows: dict[Any, list[Student]] = {_key(rule, head): [] for head in heads_}
    for row in members(rule, cycle_id, heads_):
        if _key(rule, row) in rows:
            rows[_key(rule, row)].append(row)
    every = [row for found in rows.values() for row in found]
    places = {i for row in every for i in (row.school_id, row.lao_id, row.province_id)}
    units = {unit.id: unit for unit in Unit.select().where(Unit.id << list(places))}
    department = Unit.get(Unit.level == DEPARTMENT)
    findings: Iterable[Finding] = Finding.select(Finding.student_id, Finding.note).where(
        Finding.student_id << [row.id for row in every], Finding.rule == rule
    )
    notes = {finding.student_id: finding.note for finding in findings}
    groups = []
    for head in heads_:
        mine = rows[_key(rule, head)]
        if len({row.school_id for row in mine}) < 2:
            continue
        level = deciding_level([student_ref(row) for row in mine])
        unit = units.get(student_ref(mine[0]).id_at(level) or 0, department)
        shown = (Row(row, units[row.school_id], notes.get(row.id, "")) for row in mine)
        groups.append(Group(rule, tuple(shown), unit))
    return groups


def in_the_way(actor: Actor, found: Group, now: datetime) -> dict[int, list[Refusal]]:
    """Row id → why it cannot be taken out now, each school named; empty lists: it can."""
    told: dict[int, list[Refusal]] = {}
    for row in found.rows:
        seen = standing.read(row.student.cycle_id, row.school)
        told[row.student.id] = across.judge(actor, "duplicate:decide", seen, now)
    return told
