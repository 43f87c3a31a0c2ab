"""The one door for the rules of a cycle: switched on or off, thresholds moved, by DLA alone."""

from __future__ import annotations

import json
from typing import Any

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.access import Actor, may
from admin_app.domain.moves import Refusal
from admin_app.domain.rules import RULE
from admin_app.domain.text import N_
from admin_app.models import Cycle, RuleSetting, UnitState
from admin_app.services import ground, history, standing
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused

MOST = 999


def version_of(cycle_id: int, code: str) -> int:
    """The version that a form remembers; 0 while the rule stands as it was declared."""
    row = RuleSetting.get_or_none(RuleSetting.cycle == cycle_id, RuleSetting.rule == code)
    return int(row.version) if row else 0


def change(
    actor: Actor,
    cycle_id: int,
    code: str,
    version: int,
    active: bool,
    thresholds: dict[str, Any],
    clock: Clock,
) -> None:
    """Set a rule for a cycle. What was found by the rules before is made anew when it is next read.

    Raises NotFound, Invalid (per threshold), Conflict, Refused (the cycle is closed nationally).
    """
    rule = RULE.get(code)
    if rule is None or not may(actor, "rule:edit"):
        raise NotFound("rule")
    wrong = {
        name: (N_("Give a number from 0 to %(most)d."), {"most": MOST})
        for name in rule.thresholds
        if not isinstance(thresholds.get(name), int) or not 0 <= thresholds[name] <= MOST
    }
    if wrong:
        raise Invalid(wrong)
    wanted = {name: thresholds[name] for name in rule.thresholds}
    with transaction():
        cycle = for_update(Cycle.select().where(Cycle.id == cycle_id)).get_or_none()
        if cycle is None:
            raise NotFound("cycle")
        if standing.closed_nationally().where(UnitState.cycle == cycle.id).exists():
            raise Refused([Refusal("department_closed")])
        if version_of(cycle_id, code) != version:
            raise Conflict(ground.all_settings(cycle_id)[code])
        before = ground.all_settings(cycle_id)[code]
        if (before.active, dict(before.thresholds)) == (active, wanted):
            return
        now = clock()
        RuleSetting.insert(
            cycle=cycle_id,
            rule=code,
            active=active,
            thresholds=json.dumps(wanted),
            updated_at=now,
            updated_by=actor.user_id,
        ).on_conflict(
            conflict_target=[RuleSetting.cycle, RuleSetting.rule],
            update={
                RuleSetting.active: active,
                RuleSetting.thresholds: json.dumps(wanted),
                RuleSetting.version: RuleSetting.version + 1,
                RuleSetting.updated_at: now,
                RuleSetting.updated_by: actor.user_id,
            },
        ).execute()
        Cycle.update(rules_version=Cycle.rules_version + 1).where(Cycle.id == cycle_id).execute()
        history.record(
            "rule.edited",
            actor,
            now,
            cycle_id=cycle_id,
            details={
                "rule": code,
                "active": [before.active, active],
                "thresholds": [dict(before.thresholds), wanted],
            },
        )


def carry(from_cycle: int | None, to_cycle: int, actor: Actor, clock: Clock) -> None:
    """A new cycle takes the settings of the one before. Inside the writing transaction."""
    for row in list(RuleSetting.select().where(RuleSetting.cycle == from_cycle)):
        RuleSetting.create(
            cycle=to_cycle,
            rule=row.rule,
            active=row.active,
            thresholds=row.thresholds,
            updated_at=clock(),
            updated_by=actor.user_id,
        )
