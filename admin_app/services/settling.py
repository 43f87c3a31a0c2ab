"""The one door for deciding about duplicates: one school keeps the child, or they are two children.

Each call is one transaction over all the schools: locked in one order, versions compared, every
school's state and window judged; what is taken out goes as any removed child does, with a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.access import Actor
from admin_app.domain.moves import Refusal
from admin_app.domain.text import N_
from admin_app.domain.thai import clean
from admin_app.domain.twins import decides
from admin_app.models import Finding, Student, Unit
from admin_app.services import across, child_rows, duplicates, findings, history, notes, requests
from admin_app.services.errors import Conflict, Invalid, Refused
from admin_app.services.standing import Standing
from admin_app.services.twins import NUMBER_ELSEWHERE, TWIN_ELSEWHERE

KEPT = N_("Kept here; the same child was removed from another school.")
REMOVED = N_("Removed here as a duplicate; another school keeps the child.")
SETTLED = N_("Settled as a duplicate by the level above.")
MOST_NOTE = 500


def _decidable(actor: Actor, rule: str, student_id: int) -> duplicates.Group:
    """The group, if it is the actor's to decide. NotFound, Refused with who decides."""
    found = duplicates.group(actor, rule, student_id)
    if not decides(actor, found.places):
        raise Refused([Refusal("decided_below", {"unit": found.unit.name})])
    return found


def _locked(
    found: duplicates.Group, versions: Mapping[int, int]
) -> tuple[dict[int, Standing], list[Student]]:
    """Lock the schools' standings, then the rows; Conflict when these are not as they were seen."""
    first = found.rows[0].student
    standings = across.lock(first.cycle_id, [row.school for row in found.rows])
    rows = list(for_update(duplicates.members(found.rule, first.cycle_id, [first])))
    as_found = [row.student.id for row in found.rows]
    if [row.id for row in rows] != as_found or {r.id: r.version for r in rows} != dict(versions):
        raise Conflict(rows)
    return standings, rows


def _unwritable(
    actor: Actor, standings: Mapping[int, Standing], schools: Collection[int], now: datetime
) -> list[list[Refusal]]:
    """What stands in the way in each school, in the order of locking."""
    return [
        across.judge(actor, "duplicate:decide", standings[school_id], now)
        for school_id in sorted(set(schools))
    ]


def keep(
    actor: Actor,
    rule: str,
    keep_id: int,
    versions: Mapping[int, int],
    clock: Clock,
    *,
    apart: Collection[int] = (),
) -> int:
    """One row keeps the child, the others are removed as duplicates; answers how many went.

    ``versions``: row id → version of every row of the group as it was shown. ``apart``: rows of
    another child, by name and birth date only, which stay. The school that keeps may be confirmed:
    nothing changes there. Raises NotFound, Refused (each school named), Conflict, Invalid.
    """
    with transaction():
        found = _decidable(actor, rule, keep_id)
        standings, rows = _locked(found, versions)
        if keep_id not in versions:
            raise Conflict(rows)
        now = clock()
        stay = {keep_id, *(apart if rule == TWIN_ELSEWHERE else ())}
        going = [row for row in rows if row.id not in stay]
        if not going:
            text = N_("Every row would stay: say that these are different children instead.")
            raise Invalid({"keep": (text, {})})
        told = _unwritable(actor, standings, [row.school_id for row in going], now)
        if any(told):
            raise Refused([refusal for refusals in told for refusal in refusals])
        for row in going:
            child_rows.take_out(row, "duplicate", actor, now)
            requests.close(row.cycle_id, [row.id], SETTLED, actor, now)
        kept = next(row for row in rows if row.id == keep_id)
        for row in (kept, *going):
            history.record(
                "duplicate.decided",
                actor,
                now,
                unit=standings[row.school_id].unit,
                cycle_id=row.cycle_id,
                reason=KEPT if row is kept else REMOVED,
                details={"rule": rule, "kept": row is kept},
                student_id=row.id,
            )
        _refresh(standings, rows, now)
        return len(going)


def tell_apart(
    actor: Actor, rule: str, student_id: int, versions: Mapping[int, int], note: str, clock: Clock
) -> int:
    """These are different children: the note stands on each one's finding; answers on how many.

    Only by name and birth date: of a number shared by two children one is wrong, and is corrected.
    The note may be written as long as one of the schools is open, and then stands in all. Raises
    NotFound, Refused, Conflict, Invalid (``note``).
    """
    text = clean(note)
    if rule == NUMBER_ELSEWHERE:
        wrong = N_("Two children cannot share a number: have the wrong one corrected.")
        raise Invalid({"note": (wrong, {})})
    if not text or len(text) > MOST_NOTE:
        asked = N_("Write how you know, in %(most)d characters at the most.")
        raise Invalid({"note": (asked, {"most": MOST_NOTE})})
    with transaction():
        found = _decidable(actor, rule, student_id)
        standings, rows = _locked(found, versions)
        now = clock()
        told = _unwritable(actor, standings, standings.keys(), now)
        if all(told):
            raise Refused([refusal for refusals in told for refusal in refusals])
        _refresh(standings, rows, now)
        explained = _write_note(rows, rule, text, actor, now)
        if not explained:
            raise Refused([Refusal("duplicate_gone")])
        for row in rows:
            history.record(
                "finding.explained",
                actor,
                now,
                unit=standings[row.school_id].unit,
                cycle_id=row.cycle_id,
                reason=text,
                details={"rule": rule},
                student_id=row.id,
            )
        _refresh(standings, rows, now)
        return explained


def _write_note(
    rows: Collection[Student], rule: str, note: str, actor: Actor, now: datetime
) -> int:
    """The note on the finding of each row; answers how many findings there were. Refused.

    A finding that says so already keeps its writer.
    """
    ids = [row.id for row in rows]
    found = list(Finding.select().where(Finding.student_id << ids, Finding.rule == rule))
    changed = [row.id for row in notes.writable(actor, found, note)]
    if changed:
        Finding.update(note=note, noted_at=now, noted_by=actor.user_id).where(
            Finding.id << changed
        ).execute()
    return len(found)


def _refresh(standings: Mapping[int, Standing], rows: Collection[Student], now: datetime) -> None:
    """Bring the findings of these rows, school by school, up to date."""
    for school_id, seen in sorted(standings.items()):
        ids = [row.id for row in rows if row.school_id == school_id]
        if ids:
            school: Unit = seen.unit
            findings.refresh(seen.cycle.id, school, now, ids)
