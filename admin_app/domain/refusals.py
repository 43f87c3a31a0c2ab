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
    # what stands in the way of a write that touches two schools, each named
    "school_confirmed": (
        N_("%(school)s has confirmed: nothing can be changed there."),
        N_("%(above)s can return it for correction, or the helpdesk unlock it; then come back."),
    ),
    "school_above_confirmed": (
        N_("%(unit)s has confirmed, and %(school)s with it: nothing can be changed there."),
        N_("Ask the helpdesk, after the close DLA, to unlock %(school)s; then come back."),
    ),
    "school_closed": (
        N_("The time of %(school)s ended on %(until)s."),
        N_("Ask the helpdesk or DLA for an extension of that school; then come back."),
    ),
    # duplicates and transfers
    "decided_below": (
        N_("%(unit)s decides here: all of these schools are its own."),
        N_("Ask its people. DLA can decide, too."),
    ),
    "duplicate_gone": (
        N_("These children no longer stand as they were shown."),
        N_("Nothing was changed. Look at them again."),
    ),
    "number_nowhere": (
        N_("Nobody else holds this number."),
        N_("Record the child directly."),
    ),
    "number_only_here": (
        N_("Nobody else holds this number: the child is in your school already."),
        N_("There is nothing to ask for."),
    ),
    "number_twice": (
        N_("%(school)s holds this number on more than one child."),
        N_("Correct the number, or remove the duplicate; then release."),
    ),
    "asked_too_often": (
        N_("You have asked %(most)d times within an hour."),
        N_("Wait a while. If so many children have come to you, tell the helpdesk."),
    ),
    "transfer_decided": (
        N_("This request has been answered or withdrawn already."),
        N_("Nothing was changed. Look at the list of transfers."),
    ),
    "transfer_gone": (
        N_("The child is no longer in %(school)s under this number."),
        N_("Nothing was moved. Refuse the request and write so; the other school can ask again."),
    ),
    "grade_not_offered": (
        N_("%(school)s does not offer the grade that it asked for."),
        N_("Nothing was moved. Refuse the request and write so; the other school can ask again."),
    ),
    "note_of_above": (
        N_("This note was written by the level above."),
        N_("Ask them to change it."),
    ),
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
    "extended_by_department": (
        N_("DLA has extended this unit until %(until)s, beyond the close."),
        N_("Pass the case on to DLA: the helpdesk does not shorten it."),
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
    "queries_open": (
        N_("Queries not explained yet: %(count)d."),
        N_("Correct what is wrong, or explain in a note why it is right."),
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
    "export_gone": (
        N_("This export cannot be had any more: it was reopened, or is outside your area now."),
        N_("Look at the page of exports to see what is open."),
    ),
    "export_damaged": (
        N_("A confirmed snapshot is not what its digest says."),
        N_("Ask DLA to verify the cycle."),
    ),
    "import_outdated": (
        N_("Nothing was written: somebody else recorded here meanwhile."),
        N_("Look at the preview, which compares the file anew, and accept again."),
    ),
    "import_invalid": (
        N_("Nothing was written: the sheet can no longer be saved as it is."),
        N_("Look at the preview, correct the file and send it again."),
    ),
    "upload_gone": (
        N_("Nothing was written: the uploaded file was thrown away or is too old."),
        N_("Send the file again."),
    ),
    # reminders
    "mail_off": (
        N_("E-mail is not set up in this system."),
        N_("Ask the people who run it; until then, call the units."),
    ),
    "mail_down": (
        N_("The mail server takes no letters at the moment."),
        N_("What was sent stays sent; send the rest later. If it stays so, tell who runs it."),
    ),
    "reminder_too_late": (
        N_("Nothing can be confirmed any more: the time ended on %(until)s."),
        N_("A unit can be reminded again once the helpdesk or DLA has extended it."),
    ),
    "nobody_to_remind": (
        N_("Nobody would get a letter now."),
        N_("Call the units below, or come back tomorrow."),
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
