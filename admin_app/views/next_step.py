"""The one button that says what comes next, for who works at a unit's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from admin_app.domain.text import N_

# what blocks → what the button says; where it leads is the blocker's own link
LABELS: dict[str, str] = {
    "rule_errors": N_("Correct the errors"),
    "leavers_undecided": N_("Say who has left"),
    "queries_open": N_("Explain the queries"),
    "not_attested": N_("Check that the children exist"),
    "other_counts_missing": N_("Record the counts of other affiliations"),
    "below_open": N_("See who has not confirmed"),
}
RECORD, CONFIRM = N_("Record the children"), N_("Confirm")


@dataclass(frozen=True, slots=True)
class Step:
    """The button: what it says and where it leads."""

    label: str
    link: str


def of(seen: dict[str, Any]) -> Step | None:
    """The next step for what ``units.overview`` has found; None where nothing is to be done.

    Only for who may take it: the people who record for the unit or who confirm it.
    """
    unit = seen["unit"]
    confirm = next((offer for offer in seen["offers"] if offer.key in ("confirm", "close")), None)
    if confirm is not None and not confirm.refusals:
        return Step(CONFIRM, url_for("moves.make", code=unit.code, move=confirm.key))
    if not (confirm or seen["may_record"]) or not seen["recording"]:
        return None
    if seen["may_record"] and not seen["children"]:
        return Step(RECORD, url_for("imports.children", unit=unit.code))
    blockers = {refusal.code: link for refusal, link in seen["blockers"] if link}
    for code, label in LABELS.items():
        if code in blockers:
            return Step(label, blockers[code])
    return None
