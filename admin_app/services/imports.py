"""The one door for accepting a sheet: all of its plan in one transaction, or nothing.

Row versions are compared with those of the preview, so that what somebody else changed since is
shown and not overwritten. Many rows are written by few statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from peewee import fn

from admin_app.database import Clock, for_update, transaction, tuples, write_many
from admin_app.domain import plan as plans
from admin_app.domain.access import Actor
from admin_app.domain.moves import judge_record
from admin_app.domain.plan import Plan, Row
from admin_app.models import Student, Unit, UnitState, Upload
from admin_app.services import child_fields, findings, history, other_counts, requests, uploads
from admin_app.services.child_rows import removal
from admin_app.services.errors import Conflict, Refused
from admin_app.services.other_counts import SchoolRow
from admin_app.services.standing import read

AT_ONCE = 500
"""Ids in one query: SQLite takes no more than some thousand values."""


class Outdated(Exception):
    """Somebody changed rows since the preview; nothing was written. ``ids``: those rows' ids."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.ids = frozenset(ids)
        super().__init__("changed since the preview")


def accept_children(
    actor: Actor, upload_id: Any, clock: Clock, tell: Callable[[str], object] = bool
) -> dict[str, int]:
    """Write the plan of a roster; answers with how many children were new, changed and removed.

    ``tell`` hears what it is at (``hand.PHASES``). Raises NotFound, Refused (state, window),
    Outdated.
    """
    with transaction():
        upload = uploads.get(actor, uploads.ROSTER, upload_id, clock())
        school = uploads.target(actor, uploads.ROSTER, upload.unit_id)
        standing = read(upload.cycle_id, school, lock=True)
        now = clock()
        refusals = judge_record(
            actor, "child:import", standing.ref, standing.chain, standing.window, now
        )
        if refusals:
            raise Refused(refusals)
        upload = uploads.get(actor, uploads.ROSTER, upload_id, now, lock=True)
        made = uploads.plan_of(upload)
        tell("checking")
        standing_rows = _compared(made, upload, school)
        tell("writing")
        last_id = _last_id(upload, school)
        counts = _write(actor, made, standing_rows, upload, school, now)
        uploads.decided(upload, "accepted", now)
        if not any(counts.values()):
            return counts
        history.record(
            "child.imported",
            actor,
            now,
            unit=school,
            cycle_id=upload.cycle_id,
            details=counts,
        )
        entries = _entries(made, standing_rows, _ids_after(last_id, upload, school))
        history.record_children(
            "child.imported", actor, now, school, entries, cycle_id=upload.cycle_id
        )
        tell("rules")
        findings.refresh(upload.cycle_id, school, now, None)
        return counts


def _compared(made: Plan, upload: Upload, school: Unit) -> dict[int, Student]:
    """The rows that will be changed or removed, locked, by id. Raises Outdated."""
    planned = {row.id: row for row in made.of(plans.CHANGED, plans.REMOVED)}
    ids = sorted(planned)
    found: dict[int, Student] = {}
    for at in range(0, len(ids), AT_ONCE):
        query = Student.select().where(
            Student.id << ids[at : at + AT_ONCE],
            Student.cycle == upload.cycle_id,
            Student.school == school.id,
        )
        found |= {student.id: student for student in for_update(query.order_by(Student.id))}
    changed = {
        student_id
        for student_id, row in planned.items()
        if student_id not in found
        or found[student_id].version != row.version
        or found[student_id].status != "active"
    }
    changed |= _recorded_since(made, upload, school)
    if changed:
        raise Outdated(changed)
    return found


def _recorded_since(made: Plan, upload: Upload, school: Unit) -> set[int]:
    """Children whom a row would record twice: recorded, or given the number, since the preview.

    By the number that a row brings; without one by all that tells such children apart. What the
    preview has seen as it stands now was accepted with it.
    """
    new = made.of(plans.NEW)
    brought = {row.values.get("id_number") for row in made.of(plans.NEW, plans.CHANGED)}
    numbers = brought - {None, ""}
    unnumbered = {child_fields.whole(row.values) for row in new if not row.values.get("id_number")}
    if not numbers and not unnumbered:
        return set()
    known = {(row.id, row.version) for row in made.rows if row.id}
    query = Student.select().where(
        Student.cycle == upload.cycle_id, Student.school == school.id, Student.status == "active"
    )
    found = set()
    for child in query.dicts().iterator():
        if (child["id"], child["version"]) in known:
            continue
        number = child["id_number"]
        if number in numbers if number else child_fields.whole(child) in unnumbered:
            found.add(child["id"])
    return found


def _last_id(upload: Upload, school: Unit) -> int:
    """The latest child of the school, which is locked: higher ids are of this import."""
    here = (Student.cycle == upload.cycle_id) & (Student.school == school.id)
    return int(Student.select(fn.MAX(Student.id)).where(here).scalar() or 0)


def _ids_after(last_id: int, upload: Upload, school: Unit) -> list[int]:
    here = (Student.cycle == upload.cycle_id) & (Student.school == school.id)
    return [row[0] for row in tuples(Student.select(Student.id).where(here, Student.id > last_id))]


def _entries(
    made: Plan, found: dict[int, Student], new: list[int]
) -> list[tuple[int, str, dict[str, Any]]]:
    """(child, reason of a removal, details) of each child's history; never what a field says."""
    entries: list[tuple[int, str, dict[str, Any]]] = [(child, "", {"row": "new"}) for child in new]
    for row in made.of(plans.CHANGED):
        cleared = found[row.id].attested_at is not None and bool(
            child_fields.IDENTITY_FIELDS & row.values.keys()
        )
        details = {"row": "changed", "fields": sorted(row.values), "attestation_cleared": cleared}
        entries.append((row.id, "", details))
    entries += [
        (row.id, row.values["removal_reason"], {"row": "removed"}) for row in made.of(plans.REMOVED)
    ]
    return entries


def _write(
    actor: Actor,
    made: Plan,
    found: dict[int, Student],
    upload: Upload,
    school: Unit,
    now: datetime,
) -> dict[str, int]:
    new, changed, removed = (made.of(s) for s in (plans.NEW, plans.CHANGED, plans.REMOVED))
    _insert([_new(row, upload, school, actor, now) for row in new])
    cleared = 0
    updates = []
    for row in changed:
        values, clears = child_fields.update(found[row.id], row.values, now, actor.user_id)
        updates.append((found[row.id], values))
        cleared += clears
    for row in removed:
        student = found[row.id]
        cleared += student.attested_at is not None
        stamp = {"updated_at": now, "updated_by": actor.user_id}
        updates.append((student, removal(row.values["removal_reason"]) | stamp))
    _update(updates)
    requests.close_left(upload.cycle_id, [row.id for row in removed if row.id], actor, now)
    UnitState.update(
        children=UnitState.children + len(new) - len(removed),
        attested=UnitState.attested - cleared,
    ).where(UnitState.cycle == upload.cycle_id, UnitState.unit == school.id).execute()
    return {
        "new": len(new),
        "changed": len(changed),
        "removed": len(removed),
        "attestations_cleared": cleared,
    }


def _new(row: Row, upload: Upload, school: Unit, actor: Actor, now: datetime) -> dict[str, Any]:
    return (
        row.values
        | child_fields.keys(row.values["first_name"], row.values["last_name"])
        | {
            "cycle": upload.cycle_id,
            "school": school.id,
            "lao": school.lao_id,
            "province": school.province_id,
            "created_at": now,
            "updated_at": now,
            "updated_by": actor.user_id,
        }
    )


def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = Student._meta.fields
    return fields


def _insert(rows: list[dict[str, Any]]) -> None:
    """Insert children, whatever fields each names; the others get the model's defaults."""
    fields = {name: field for name, field in _fields().items() if name != "id"}
    columns = ", ".join(f'"{field.column_name}"' for field in fields.values())
    places = ", ".join("?" * len(fields))
    write_many(
        f"INSERT INTO student ({columns}) VALUES ({places})",  # noqa: S608 (own names)
        [
            tuple(field.db_value(row.get(name, field.default)) for name, field in fields.items())
            for row in rows
        ],
    )


UPDATED = (
    *child_fields.FIELDS,
    *("sort_key", "last_key", "attested_at", "attested_by", "status", "removal_reason"),
    *("leaver", "updated_at", "updated_by"),
)


def _update(rows: list[tuple[Student, dict[str, Any]]]) -> None:
    """Write children as they will be, each in one statement of the same form."""
    fields = [_fields()[name] for name in UPDATED]
    sets = ", ".join(f'"{field.column_name}" = ?' for field in fields)
    write_many(
        f"UPDATE student SET {sets}, version = version + 1 WHERE id = ?",  # noqa: S608 (own names)
        [
            (
                *(
                    field.db_value(values.get(field.name, student.__data__[field.name]))
                    for field in fields
                ),
                student.id,
            )
            for student, values in rows
        ],
    )


def accept_counts(actor: Actor, upload_id: Any, clock: Clock) -> dict[str, int]:
    """Write the plan of a sheet of other affiliations through ``other_counts.save``.

    The sheet is saved whole: schools that are not in the file stay as they are. Raises NotFound,
    Refused, Invalid, Outdated (somebody saved the sheet since the preview).
    """
    with transaction():
        # whoever presses twice waits here, and then finds it accepted
        upload = uploads.get(actor, uploads.COUNTS, upload_id, clock(), lock=True)
        made = uploads.plan_of(upload)
        counts = made.counts()
        if made.writes:
            whole = sorted((row for row in made.rows if row.values), key=_place_in_sheet)
            typed = [school_row(row) for row in whole]
            try:
                other_counts.save(
                    actor,
                    upload.cycle_id,
                    upload.unit_id,
                    made.version,
                    typed,
                    clock,
                    imported=True,
                )
            except Conflict as conflict:
                raise Outdated(()) from conflict
        uploads.decided(upload, "accepted", clock())
        return {state: counts[state] for state in (plans.NEW, plans.CHANGED)}


def _place_in_sheet(row: Row) -> tuple[bool, int]:
    """Schools of the present sheet in their order, then the new ones in the file's."""
    return (not row.id, row.id or row.number)


def school_row(row: Row) -> SchoolRow:
    """The row of the grid that a plan's row stands for."""
    values = row.values
    return SchoolRow(
        values["name"],
        values["affiliation"],
        values["code"],
        {grade: (pair[0], pair[1]) for grade, pair in values["counts"].items()},
    )
