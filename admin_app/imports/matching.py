"""Which child each row of a sheet is: by its hidden key, else by its identity number, else new."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from admin_app.domain import identity, spellings, thai
from admin_app.domain.plan import Text
from admin_app.domain.spellings import Unreadable
from admin_app.domain.text import N_
from admin_app.imports import roster
from admin_app.imports.bad import BadFile
from admin_app.imports.columns import Found
from admin_app.models import Cycle, Student, Unit
from admin_app.services import child_fields

NOT_HERE = N_("The child of this row is not in this school any more. Download the workbook again.")
TWICE = N_("The same child stands in row %(row)d of the file, too. Delete one of the two rows.")


@dataclass(slots=True)
class Line:
    """A row of the sheet with the child that it is (None: a new one) and what is wrong already."""

    number: int
    cells: dict[str, str]
    student: Student | None = None
    base: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, Text] = field(default_factory=dict)
    id_number: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing but the key is left in the row."""
        return not any(
            thai.clean(text) for name, text in self.cells.items() if name not in ("key", "base")
        )


@dataclass(slots=True)
class _School:
    """The school's children, by id and by identity number, removed ones apart."""

    by_id: dict[int, Student]
    by_number: dict[str, Student]
    removed: dict[str, Student]
    unnumbered: dict[tuple[object, ...], list[Student]]


def _school(present: list[Student]) -> _School:
    found = _School({}, {}, {}, defaultdict(list))
    for student in present:
        found.by_id[student.id] = student
        active = student.status == "active"
        if student.id_number:
            index = found.by_number if active else found.removed
            index.setdefault(student.id_number, student)
        elif active and student.id_kind == identity.NONE:
            found.unnumbered[child_fields.whole(student.__data__)].append(student)
    return found


def _by_key(line: Line, cycle: Cycle, school: Unit, known: _School) -> int | None:
    """The id in the row's key. BadFile for another school's or cycle's; Unreadable for nonsense."""
    found = roster.read_key(line.cells.get("key", ""))
    if found is None:
        return None
    if found[1] != school.code:
        raise BadFile("other_school", code=found[1])
    if found[0] != cycle.code:
        raise BadFile("other_cycle", code=found[0])
    if found[2] not in known.by_id:
        raise Unreadable(NOT_HERE)
    return found[2]


def match(
    found: Found, cycle: Cycle, school: Unit, present: list[Student], lists: roster.Lists
) -> list[Line]:
    """Each row of the sheet with its child. ``present``: every child of the school and cycle.

    A row that was copied bears the key of another: the one whose number is the child's keeps it,
    the others count as typed anew. A row without number is an old one only if it says nothing new.
    """
    known = _school(present)
    lines = [Line(number, cells) for number, cells in found.rows]
    keyed: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        try:
            line.id_number = spellings.id_number(line.cells.get("id_number", ""))[0]
        except Unreadable:
            line.id_number = ""
        try:
            key = _by_key(line, cycle, school, known)
        except Unreadable as unreadable:
            line.wrong["key"] = (unreadable.message, unreadable.params)
            continue
        if key is not None:
            keyed[key].append(line)
    for student_id, same in keyed.items():
        _keep_key(same, known.by_id[student_id])
    _by_number(lines, known, lists)
    _refuse_twice(lines)
    return lines


def _keep_key(same: list[Line], student: Student) -> None:
    own = [line for line in same if line.id_number == (student.id_number or "")]
    keeper = (own or same)[0]
    keeper.student = student
    keeper.base = roster.read_base(keeper.cells.get("base", ""))
    for line in same:
        if line is not keeper and line.id_number == keeper.id_number and _named_alike(line, keeper):
            line.wrong["key"] = (TWICE, {"row": keeper.number})


def _named_alike(one: Line, other: Line) -> bool:
    return all(
        thai.clean(one.cells.get(name, "")) == thai.clean(other.cells.get(name, ""))
        for name in ("first_name", "last_name")
    )


def _by_number(lines: list[Line], known: _School, lists: roster.Lists) -> None:
    taken = {line.student.id for line in lines if line.student is not None}
    for line in lines:
        if line.student is not None or line.wrong:
            continue
        removal = not spellings.empty(line.cells.get("removal_reason", ""))
        found = known.by_number.get(line.id_number) if line.id_number else None
        if found is None and removal and line.id_number:
            found = known.removed.get(line.id_number)
        if found is None and not line.id_number:
            same = known.unnumbered.get(_typed_whole(line, lists), [])
            found = next((student for student in same if student.id not in taken), None)
        if found is None:
            continue
        line.student = found
        taken.add(found.id)


def _typed_whole(line: Line, lists: roster.Lists) -> tuple[object, ...]:
    """``child_fields.whole`` of a row; empty when a cell cannot be understood."""
    try:
        read = {name: lists.read(name, line.cells.get(name, "")) for name in child_fields.WHOLE}
        if not read["sex"]:
            prefix = lists.read("prefix", line.cells.get("prefix", ""))
            read["sex"] = spellings.sex_of_prefix(prefix)
    except Unreadable:
        return ()
    return child_fields.whole(read)


def _refuse_twice(lines: list[Line]) -> None:
    """The same child, or the same new number, in two rows: the first counts, the others not."""
    first: dict[object, Line] = {}
    for line in sorted(lines, key=lambda one: (one.student is None, not one.base, one.number)):
        if line.wrong:
            continue
        # two children who bear one number stand already: that is for the data rules to tell
        mark: object = line.student.id if line.student is not None else line.id_number
        if not mark:
            continue
        earlier = first.get(mark)
        if earlier is not None:
            line.wrong["id_number"] = (TWICE, {"row": earlier.number})
        first.setdefault(mark, line)
        if line.id_number:
            first.setdefault(line.id_number, line)
