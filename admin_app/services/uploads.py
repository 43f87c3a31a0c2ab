"""Uploaded sheets while somebody looks at their preview: stored, found again, emptied.

An upload is its owner's alone and lives for a day: it holds children's data in file and plan, so
both are emptied as soon as they are decided on, replaced by the next one, or too old.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from admin_app.database import Clock, for_update, transaction
from admin_app.domain import plan as plans
from admin_app.domain import thai
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.moves import judge_record
from admin_app.domain.plan import Plan
from admin_app.models import Unit, Upload
from admin_app.services import history
from admin_app.services.errors import NotFound, Refused
from admin_app.services.scope import ref, unit_by_id
from admin_app.services.standing import read
from admin_app.services.typed import row_id

ROSTER, COUNTS = "roster", "other_counts"
# kind: the permission that it needs, the level of its unit
KINDS: dict[str, tuple[str, str]] = {
    ROSTER: ("child:import", SCHOOL),
    COUNTS: ("other_counts:edit", LAO),
}
KEPT_FOR = timedelta(hours=24)
LONGEST_NAME = 200


def target(actor: Actor, kind: str, unit_id: Any) -> Unit:
    """The unit that a sheet of this kind is for; NotFound outside the scope."""
    permission, level = KINDS[kind]
    unit = unit_by_id(actor, unit_id)
    if unit.level != level or not may(actor, permission, ref(unit)):
        raise NotFound(kind)
    return unit


def judge(actor: Actor, kind: str, cycle_id: int, unit: Unit, now: datetime) -> None:
    """Raises Refused while the unit cannot be written, NotFound when it takes no part."""
    seen = read(cycle_id, unit)
    refusals = judge_record(actor, KINDS[kind][0], seen.ref, seen.chain, seen.window, now)
    if refusals:
        raise Refused(refusals)


def start(
    actor: Actor,
    kind: str,
    cycle_id: int,
    unit_id: int,
    file_name: str,
    file: bytes,
    made: Plan,
    clock: Clock,
) -> Upload:
    """Keep a sheet with its plan; the person's earlier ones for the unit, and old ones, go.

    Raises NotFound, Refused.
    """
    with transaction():
        unit = target(actor, kind, unit_id)
        now = clock()
        judge(actor, kind, cycle_id, unit, now)
        _empty(Upload.created_at < now - KEPT_FOR, "expired", now)
        earlier = (
            (Upload.owner == actor.user_id)
            & (Upload.kind == kind)
            & (Upload.cycle == cycle_id)
            & (Upload.unit == unit.id)
        )
        _empty(earlier, "discarded", now)
        if made.compared:
            # the preview says which numbers other schools hold: so that guessing is seen
            history.log_access(
                "child.asked",
                actor,
                now,
                unit_id=unit.id,
                cycle_id=cycle_id,
                rows=made.compared,
                details={"numbers": made.compared},
            )
        return Upload.create(
            kind=kind,
            cycle=cycle_id,
            unit=unit.id,
            owner=actor.user_id,
            file_name=thai.clean(file_name)[-LONGEST_NAME:],
            file=file,
            plan=made.dump(),
            created_at=now,
        )


def _empty(where: Any, status: str, now: datetime) -> int:
    emptied: int = (
        Upload.update(status=status, file=None, plan="{}", decided_at=now)
        .where(Upload.status == "preview", where)
        .execute()
    )
    return emptied


def expire(now: datetime) -> int:
    """Empty the uploads that nobody decided on in time; answers with how many."""
    with transaction():
        return _empty(Upload.created_at < now - KEPT_FOR, "expired", now)


def get(actor: Actor, kind: str, upload_id: Any, now: datetime, *, lock: bool = False) -> Upload:
    """The person's own upload that waits for a decision; NotFound for any other, or an old one."""
    query = Upload.select().where(
        Upload.id == row_id(upload_id),
        Upload.owner == actor.user_id,
        Upload.kind == kind,
        Upload.status == "preview",
        Upload.created_at >= now - KEPT_FOR,
    )
    found = (for_update(query) if lock else query).get_or_none()
    if found is None:
        raise NotFound("upload")
    target(actor, kind, found.unit_id)
    return found


def plan_of(upload: Upload) -> Plan:
    """What accepting would write."""
    return plans.load(upload.plan)


def file_of(upload: Upload) -> bytes:
    """The file as it came; empty once it is emptied."""
    return bytes(upload.file or b"")


def renew(actor: Actor, upload: Upload, made: Plan, clock: Clock) -> None:
    """Put a fresh plan of the same file in the place of one that is out of date."""
    with transaction():
        found = get(actor, upload.kind, upload.id, clock(), lock=True)
        Upload.update(plan=made.dump()).where(Upload.id == found.id).execute()


def decided(upload: Upload, status: str, now: datetime) -> None:
    """Empty an upload that was accepted or discarded; inside the writing transaction."""
    _empty(Upload.id == upload.id, status, now)


def discard(actor: Actor, kind: str, upload_id: Any, clock: Clock) -> Upload:
    """Throw the sheet away; nothing of it was written."""
    with transaction():
        now = clock()
        found = get(actor, kind, upload_id, now, lock=True)
        decided(found, "discarded", now)
        return found


def was_accepted(actor: Actor, kind: str, upload_id: Any) -> Upload | None:
    """The person's own upload, if it was accepted already (somebody pressed the button twice)."""
    found: Upload | None = Upload.get_or_none(
        Upload.id == row_id(upload_id),
        Upload.owner == actor.user_id,
        Upload.kind == kind,
        Upload.status == "accepted",
    )
    return found
