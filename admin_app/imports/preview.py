"""A sheet of children against the school's present rows: what accepting it would write.

Nothing is written here. A child that is not in the sheet stays; a child is removed only by a reason
in its row. A cell that says what the template said was not touched: what somebody changed meanwhile
on a screen stays. A cell that both changed is wrong, with both versions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from admin_app.domain import evaluation, identity, plan, spellings, thai
from admin_app.domain.checks import Child
from admin_app.domain.plan import Plan, Row, Text
from admin_app.domain.rules import RULE
from admin_app.domain.spellings import Unreadable
from admin_app.domain.text import N_
from admin_app.imports import roster
from admin_app.imports.columns import Found
from admin_app.imports.matching import Line, match
from admin_app.models import Cycle, Student, Unit
from admin_app.services import child_fields, ground, twins
from admin_app.services.child_fields import FIELDS, Known
from admin_app.services.errors import Invalid

EMPTY_ROW = N_("The row is empty. A child is taken out by a reason for the removal, not by this.")
REMOVE_WHOM = N_("A new child cannot be removed: delete the row.")
IS_REMOVED = N_("The child was removed meanwhile: restore it on the screen first.")
CLASH = N_(
    "Somebody changed this after the workbook was downloaded; it says “%(now)s” now."
    " Change it on the screen, or download the workbook again."
)
WAS_REMOVED = N_(
    "A child with this number was removed from the school: if it is the same, restore it."
)
NAMESAKE = N_("A child of the same name without a document is in the school already.")
KEPT = N_("What somebody changed on the screen after the download stays.")
LEFT_OUT = N_("Columns that mean nothing here were left out: %(names)s.")
ABSENT_STAY = N_("Children who are not in the file: %(count)d. They stay as they are.")
CLEARED = N_("The attestation is cleared: attest the child again.")
RULE_BROKEN = N_("Look at it: %(rule)s.")
MOST_HELD = 50
"""Rows of one preview that say that another school holds their number: the others say so later."""
SHOWN = ("prefix", "first_name", "last_name", "grade")


def present(cycle: Cycle, school: Unit) -> list[Student]:
    """Every child of the school in the cycle, removed ones too, in the order of names."""
    query = Student.select().where(Student.cycle == cycle.id, Student.school == school.id)
    return list(query.order_by(Student.sort_key, Student.id))


def make(
    found: Found,
    cycle: Cycle,
    school: Unit,
    now: datetime,
    *,
    touched: frozenset[int] = frozenset(),
) -> Plan:
    """The plan of a sheet. ``touched``: ids that somebody changed since the last preview.

    Raises BadFile for the workbook of another school or cycle.
    """
    children = present(cycle, school)
    lists, known = roster.lists(school), child_fields.known()
    lines = match(found, cycle, school, children, lists)
    about = _About(children, lists, known)
    rows = [about.row(line) for line in lines]
    for row in rows:
        row.touched = bool(row.id) and row.id in touched
    made = Plan(rows)
    seen = {line.student.id for line in lines if line.student is not None}
    absent = [child for child in children if child.status == "active" and child.id not in seen]
    _remark(made, children, cycle, school, now)
    made.rows += [
        Row(
            0,
            plan.ABSENT,
            _title(child.__data__),
            _grade(child.grade, lists),
            child.id,
            child.version,
        )
        for child in absent
    ]
    if absent:
        made.notes.append((ABSENT_STAY, {"count": len(absent)}))
    if found.unknown:
        names = ", ".join(filter(None, found.unknown))[:200]
        made.notes.append((LEFT_OUT, {"names": names}))
    return made


def _title(values: Any) -> str:
    return " ".join(
        filter(
            None,
            (
                f"{values.get('prefix') or ''}{values.get('first_name') or ''}",
                values.get("last_name"),
            ),
        )
    )


def _grade(code: str | None, lists: roster.Lists) -> str:
    return lists.write("grade", code)


class _About:
    """Judges one row after the other."""

    def __init__(self, children: list[Student], lists: roster.Lists, known: Known) -> None:
        self.lists = lists
        self.known = known
        self.removed = {c.id_number for c in children if c.status == "removed" and c.id_number}
        self.unnumbered = {
            (c.first_name, c.last_name)
            for c in children
            if c.status == "active" and not c.id_number
        }

    def row(self, line: Line) -> Row:
        """What becomes of a row."""
        student = line.student
        shown = {name: thai.clean(line.cells.get(name, "")) for name in SHOWN}
        row = Row(line.number, plan.WRONG, _title(shown), shown["grade"])
        row.wrong = dict(line.wrong)
        if student is not None:
            row.id, row.version = student.id, student.version
            if not row.title:
                row.title = _title(student.__data__)
        if row.wrong:
            return row
        if line.empty:
            row.wrong["first_name"] = (EMPTY_ROW, {})
            return row
        try:
            reason = self.lists.read("removal_reason", line.cells.get("removal_reason", ""))
        except Unreadable as unreadable:
            row.wrong["removal_reason"] = (unreadable.message, unreadable.params)
            return row
        if reason:
            self._remove(row, student, reason)
        elif student is not None and student.status == "removed":
            row.wrong["first_name"] = (IS_REMOVED, {})
        else:
            self._fields(row, line)
        return row

    def _remove(self, row: Row, student: Student | None, reason: str) -> None:
        if student is None:
            row.wrong["removal_reason"] = (REMOVE_WHOM, {})
        elif student.status == "removed":
            row.state = plan.UNCHANGED
        else:
            row.state = plan.REMOVED
            row.values = {"removal_reason": reason}
            row.changes = {"removal_reason": ("", roster.REMOVALS[reason])}

    def _fields(self, row: Row, line: Line) -> None:
        student = line.student
        typed = self._typed(row, line)
        try:
            cleaned = (
                child_fields.cleaned(typed, student, self.known) if typed or not student else {}
            )
        except Invalid as invalid:
            for name, error in invalid.errors.items():
                row.wrong.setdefault(name, error)
            cleaned = {}
        if row.wrong:
            return
        if student is None:
            row.state, row.values = plan.NEW, cleaned
            row.title, row.about = _title(cleaned), _grade(cleaned.get("grade"), self.lists)
            self._like_others(row, cleaned)
            return
        stored = child_fields.stored(student)
        changed = {name: value for name, value in cleaned.items() if value != stored[name]}
        row.state = plan.CHANGED if changed else plan.UNCHANGED
        row.values = changed
        if student.attested_at is not None and child_fields.IDENTITY_FIELDS & changed.keys():
            row.remarks.append((CLEARED, {}))
        row.title = _title(stored | changed)
        row.about = _grade((stored | changed)["grade"], self.lists)
        row.changes = {
            name: (self.lists.write(name, stored[name]), self.lists.write(name, value))
            for name, value in changed.items()
        }

    def _like_others(self, row: Row, cleaned: dict[str, Any]) -> None:
        number = cleaned.get("id_number")
        if number and number in self.removed:
            row.remarks.append((WAS_REMOVED, {}))
        if not number and (cleaned["first_name"], cleaned["last_name"]) in self.unnumbered:
            row.remarks.append((NAMESAKE, {}))

    def _typed(self, row: Row, line: Line) -> dict[str, Any]:
        """The cells that say something new, as values; what cannot be understood is noted."""
        student = line.student
        typed: dict[str, Any] = {}
        written = self.lists.cells(student) if student is not None else {}
        for name in FIELDS:
            if name not in line.cells:
                continue
            text = line.cells[name]
            if student is not None and _same(text, written[name]):
                continue
            base = line.base.get(name)
            touched = base is None or roster.cell_print(text) != base
            if student is not None and not touched:
                row.remarks.append((KEPT, {}))
                continue
            self._read(row, name, text, typed)
            if name not in typed or student is None or base is None:
                continue
            says = typed[name] or None
            if roster.cell_print(written[name]) != base and says != (
                student.__data__[name] or None
            ):
                row.wrong[name] = (CLASH, {"now": spellings.quoted(written[name])})
        row.remarks = list({remark[0]: remark for remark in row.remarks}.values())
        _fill_in(typed, line, student)
        return typed

    def _read(self, row: Row, name: str, text: str, typed: dict[str, Any]) -> None:
        try:
            if name == "id_number":
                typed[name], remark = spellings.id_number(text)
                if remark:
                    row.remarks.append((remark, {}))
            else:
                typed[name] = self.lists.read(name, text)
        except Unreadable as unreadable:
            row.wrong[name] = (unreadable.message, unreadable.params)


def _same(text: str, written: str) -> bool:
    return text == written or thai.clean(text) == thai.clean(written)


def _fill_in(typed: dict[str, Any], line: Line, student: Student | None) -> None:
    """The kind of identity and the sex, where the sheet leaves them to the other cells."""
    stored = student.__data__ if student is not None else {}
    number = typed.get("id_number", stored.get("id_number")) or ""
    unsaid = "id_kind" not in line.cells and (student is None or bool(typed.get("id_number")))
    if unsaid or typed.get("id_kind") == "":
        # a number that could not be read is one, so that only that is told
        unread = "id_number" in line.cells and "id_number" not in typed and student is None
        typed["id_kind"] = identity.PIN if unread else spellings.kind_of_number(number)
    if typed.get("sex", "" if student is None else None) == "":
        prefix = typed.get("prefix", stored.get("prefix")) or ""
        typed["sex"] = spellings.sex_of_prefix(prefix)


# --- the data rules on the rows as they would be -------------------------------------------------


def _remark(made: Plan, children: list[Student], cycle: Cycle, school: Unit, now: datetime) -> None:
    """What the rules find on the school as it would be, as remarks of the rows."""
    data = {c.id: dict(c.__data__) for c in children if c.status == "active"}
    rows: dict[int, Row] = {}
    for row in made.rows:
        own = row.id or -row.number
        if row.state == plan.REMOVED:
            data.pop(own, None)
        elif row.state == plan.NEW:
            data[own] = row.values | {"id": own}
        elif row.state == plan.CHANGED:
            data[own] |= row.values
        if row.state != plan.WRONG:
            rows[own] = row
    some = [_child(values) for values in data.values()]
    settings = ground.settings(cycle.id)
    broken = [
        (finding.rule, finding.child_id)
        for finding in evaluation.run(some, ground.ground(cycle, school, now), settings)
    ]
    typed = {own: row.values.get("id_number") for own, row in rows.items()}
    numbers = {number for number in typed.values() if number}
    made.compared = len(numbers)
    held = twins.held_elsewhere(cycle.id, school.id, numbers)
    some_held = [own for own, number in typed.items() if number in held][:MOST_HELD]
    broken += [(twins.NUMBER_ELSEWHERE, own) for own in some_held]
    for code, child_id in broken:
        if child_id in rows:
            remark: Text = (RULE_BROKEN, {"rule": RULE[code].message})
            rows[child_id].remarks.append(remark)


def _child(values: dict[str, Any]) -> Child:
    seen: dict[str, Any] = {name: values.get(name) for name in Child._fields}
    for name in ("prefix", "first_name", "last_name", "sex", "nationality"):
        seen[name] = seen[name] or ""
    return Child(**seen | {"sort_key": thai.sort_key(seen["first_name"], seen["last_name"])})


def words_of(row: Row, say: Callable[..., str], heading: Callable[[str], str]) -> str:
    """What a marked workbook says of a row: what is wrong, cell by cell, then the remarks."""
    told = [f"{heading(name)}: {say(*text)}" for name, text in row.wrong.items()]
    told += [say(*text) for text in row.remarks]
    return "\n".join(told)
