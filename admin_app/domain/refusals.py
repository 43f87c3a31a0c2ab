"""Why something is refused: one row a reason, each with what to do next.

Moves, records and what blocks a confirmation all answer with these; views translate them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from admin_app.domain.text import N_


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move is refused: a code of ``REFUSALS`` and the values that its text names."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The reason, to be translated and then filled with ``params``."""
        return REFUSALS[self.code][0]

    @property
    def advice(self) -> str:
        """What to do next, to be translated and then filled with ``params``."""
        return REFUSALS[self.code][1]


# code: (reason, what to do next)
REFUSALS: dict[str, tuple[str, str]] = {
    "not_allowed": (
        N_("Your role may not do this."),
        N_("Ask the people of the unit, or the helpdesk."),
    ),
    "not_started": (
        N_("The cycle has not been opened yet."),
        N_("Wait until DLA opens it."),
    ),
    "before_open": (
        N_("Recording has not begun: it opens on %(opens_at)s."),
        N_("Come back then."),
    ),
    "window_closed": (
        N_("The time for this unit ended on %(until)s."),
        N_("Ask the helpdesk or DLA for an extension."),
    ),
    "not_closed_yet": (
        N_("The system is open until %(closes_at)s."),
        N_("Close the cycle after that."),
    ),
    "already_confirmed": (
        N_("The unit is confirmed already."),
        N_("To change something, ask the level above to return it, or the helpdesk to unlock it."),
    ),
    "not_confirmed": (
        N_("The unit is open: there is nothing to reopen."),
        N_("It can be corrected as it is."),
    ),
    "above_confirmed": (
        N_("The level above is confirmed already."),
        N_("Ask the helpdesk to unlock it."),
    ),
    "department_closed": (
        N_("The cycle is closed nationally."),
        N_("Ask DLA: only DLA can reopen it."),
    ),
    "only_department": (
        N_("After the close, only DLA can do this."),
        N_("Pass the case on to DLA."),
    ),
    "below_open": (
        N_("Units below that are not confirmed: %(count)d."),
        N_("Ask them to confirm, or open the list of outstanding units."),
    ),
    "reason_missing": (N_("A reason is needed."), N_("Write why, in a few words.")),
    "until_missing": (
        N_("A time until when is needed."),
        N_("Give a date and time that lie ahead."),
    ),
    "until_past": (
        N_("The extension must end after now."),
        N_("Give a date and time that lie ahead."),
    ),
    "until_beyond_close": (
        N_("The helpdesk may extend up to the close, %(closes_at)s."),
        N_("Give an earlier time, or pass the case on to DLA."),
    ),
    "inactive": (
        N_("The unit is no longer active."),
        N_("Ask DLA if it should take part in the cycle."),
    ),
    # what blocks a unit's confirmation; more come from the table of rules
    "rule_errors": (
        N_("Children with an error: %(count)d – %(rule)s."),
        N_("Open these children and correct them."),
    ),
    "not_attested": (
        N_("Children not yet attested as existing: %(count)d."),
        N_("Check that each child really exists and attest them."),
    ),
    "no_children": (
        N_("The school has no children recorded."),
        N_("Record the children first."),
    ),
    "leavers_undecided": (
        N_("Children proposed as leavers: %(count)d."),
        N_("Say of each whether the child has left or stays."),
    ),
    "other_counts_missing": (
        N_("The counts of schools of other affiliations are not recorded."),
        N_("Enter them, or declare that there are none in your area."),
    ),
    # opening a cycle and carrying over into it
    "cycle_open": (
        N_("The cycle is open already."),
        N_("Nothing can be carried over any more: schools may be recording."),
    ),
    "no_source": (
        N_("No earlier cycle has been closed by the department."),
        N_("Close one first, or open the cycle without carry-over."),
    ),
    "source_open": (
        N_("Cycle %(code)s, which is carried over from, has been reopened."),
        N_("Close it again, then start the carry-over again: it goes on where it stopped."),
    ),
    # work in the background
    "too_many_jobs": (
        N_("%(count)d of your jobs are waiting or running."),
        N_("Wait until one has ended, or cancel one."),
    ),
    "job_owner": (
        N_("Who asked for it may not do this any more."),
        N_("Ask for it again yourself."),
    ),
    "job_died": (
        N_("The worker stopped %(count)d times while it did this."),
        N_("Tell the people who run the system; then ask for it again: what is done stays done."),
    ),
    "job_broken": (
        N_("It stopped because of a mistake in the system (job %(number)d)."),
        N_("Tell the people who run the system the number; what was done before stays done."),
    ),
}
