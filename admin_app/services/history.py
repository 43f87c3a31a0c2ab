"""The append-only history: one door for every entry, each with a tag of the table below.

Entries are gathered while a transaction runs and chained at its end (``services/chain.py``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from admin_app.database import before_commit
from admin_app.domain.access import Actor, acts_for
from admin_app.domain.text import N_
from admin_app.models import AccessLog, Event, Unit
from admin_app.services import chain
from admin_app.services.scope import ref

# tag: what a person reads in the timeline
TAGS: dict[str, str] = {
    "account.created": N_("Account created"),
    "account.edited": N_("Account edited"),
    "account.reset": N_("Password reset given out"),
    "announcement.edited": N_("Announcement edited"),
    "announcement.made": N_("Announcement made"),
    "child.attested": N_("Children attested as existing"),
    "child.carried": N_("Children carried over"),
    "child.created": N_("Child recorded"),
    "child.edited": N_("Child edited"),
    "child.imported": N_("Children imported from a workbook"),
    "child.kept": N_("Kept: the child has not left"),
    "child.removed": N_("Children removed"),
    "child.restored": N_("Children restored"),
    "code.edited": N_("Code list edited"),
    "cycle.carried": N_("Children and schools carried over"),
    "cycle.created": N_("Cycle created"),
    "cycle.edited": N_("Cycle edited"),
    "cycle.started": N_("Cycle opened"),
    "duplicate.decided": N_("Duplicate decided"),
    "finding.explained": N_("Query explained"),
    "move.close": N_("Closed nationally"),
    "move.confirm": N_("Confirmed"),
    "move.extend": N_("Extended"),
    "move.return": N_("Returned for correction"),
    "move.unlock": N_("Unlocked"),
    "other_counts.imported": N_("Counts of other affiliations imported"),
    "other_counts.none": N_("Declared: no school of another affiliation"),
    "other_counts.saved": N_("Counts of other affiliations saved"),
    "rate.edited": N_("Rates edited"),
    "reminder.sent": N_("Reminders sent by e-mail"),
    "reminder_text.edited": N_("Wording of reminders edited"),
    "rule.edited": N_("Rule edited"),
    "transfer.asked": N_("Transfer asked for"),
    "transfer.refused": N_("Transfer refused"),
    "transfer.released": N_("Transfer released"),
    "transfer.withdrawn": N_("Transfer withdrawn"),
    "unit.created": N_("Unit created"),
    "unit.edited": N_("Unit edited"),
}

# begins the tags of what a unit's own people do: from above it is done on the unit's behalf
OWN_WORK = ("child.", "finding.", "move.confirm", "other_counts.", "transfer.")
NOT_OWN_WORK = ("child.carried",)

# of an import the lists of units show the one entry of the school, a child's page the child's own
OF_UNITS = (Event.tag != "child.imported") | Event.student_id.is_null()

ACCESS_TAGS: dict[str, str] = {
    "child.revealed": N_("A child's data shown in full"),
    "child.searched": N_("A child looked up by identity number"),
    "child.asked": N_("A child of another school asked for by identity number"),
    "checklist": N_("Checklist printed"),
    "export": N_("Export"),
    "download": N_("Finished export fetched"),
}


def record(
    tag: str,
    actor: Actor,
    now: datetime,
    *,
    unit: Unit | None = None,
    cycle_id: int | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
    student_id: int | None = None,
    own_work: bool = True,
) -> None:
    """Append an entry. ``details`` never holds a child's name, number or birth date.

    ``own_work``: False for what another unit does, which is never done on this one's behalf.
    """
    same = _entry(tag, actor, now, unit, cycle_id, own_work)
    before_commit(
        chain.append,
        [same | {"reason": reason.strip(), "details": _text(details), "student_id": student_id}],
    )


def _text(details: dict[str, Any] | None) -> str:
    return json.dumps(details or {}, ensure_ascii=False, sort_keys=True)


def _entry(
    tag: str,
    actor: Actor,
    now: datetime,
    unit: Unit | None,
    cycle_id: int | None,
    own_work: bool = True,
) -> dict[str, Any]:
    """What an entry says whatever it is about: columns of ``event``."""
    if tag not in TAGS:
        raise KeyError(tag)
    where = ref(unit) if unit is not None else None
    its_own = own_work and tag.startswith(OWN_WORK) and tag not in NOT_OWN_WORK
    return {
        "cycle_id": cycle_id,
        "unit_id": unit.id if unit is not None else None,
        "level": unit.level if unit is not None else "",
        "province_id": where.province_id if where else None,
        "lao_id": where.lao_id if where else None,
        "tag": tag,
        "at": now,
        "user_id": actor.user_id,
        "actor_name": actor.name,
        "actor_role": actor.role,
        "on_behalf": bool(where and its_own and acts_for(actor, where)),
    }


def record_each(
    tag: str,
    actor: Actor,
    now: datetime,
    entries: Sequence[tuple[Unit, dict[str, Any]]],
    *,
    cycle_id: int,
    reason: str = "",
) -> None:
    """Append an entry to each unit's history, each with its details, set-based."""
    same = {"reason": reason.strip(), "student_id": None}
    before_commit(
        chain.append,
        [
            _entry(tag, actor, now, unit, cycle_id) | same | {"details": _text(details)}
            for unit, details in entries
        ],
    )


def record_children(
    tag: str,
    actor: Actor,
    now: datetime,
    school: Unit,
    entries: Sequence[tuple[int, str, dict[str, Any]]],
    *,
    cycle_id: int,
) -> None:
    """Append an entry to each child's history: (child, reason, details), set-based.

    The lists of a unit show its one entry instead (``OF_UNITS``).
    """
    same = _entry(tag, actor, now, school, cycle_id)
    before_commit(
        chain.append,
        [
            same | {"student_id": child, "reason": reason, "details": _text(details)}
            for child, reason, details in entries
        ],
    )


def log_access(
    tag: str,
    actor: Actor,
    now: datetime,
    *,
    unit_id: int | None = None,
    cycle_id: int | None = None,
    rows: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append to the log of exports and of full looks at children's data.

    ``rows``: how many rows, of children or others, the person got or asked about.
    """
    if tag not in ACCESS_TAGS:
        raise KeyError(tag)
    AccessLog.create(
        at=now,
        user=actor.user_id,
        actor_role=actor.role,
        tag=tag,
        cycle=cycle_id,
        unit=unit_id,
        rows=rows,
        address=actor.address,
        details=json.dumps(details or {}, ensure_ascii=False, sort_keys=True),
    )
