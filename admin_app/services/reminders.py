"""Who below a unit is reminded by e-mail, and the one door for letters that are about to leave.

A person gets one letter a day at most: the row of ``Reminder`` that says so is committed before the
letter leaves, whoever sends and however often. Whether somebody is to be reminded is asked again at
that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import JOIN, SQL, Case, IntegrityError, fn

from admin_app.database import transaction, tuples
from admin_app.domain.access import Actor, may
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE
from admin_app.domain.moves import Status
from admin_app.domain.refusals import Refusal
from admin_app.domain.reminders import below
from admin_app.domain.thai import to_local
from admin_app.domain.windows import window
from admin_app.mail import post
from admin_app.models import Cycle, Job, Reminder, Unit, UnitState, User, database
from admin_app.services import history, scope, standing
from admin_app.services.errors import NotFound
from admin_app.services.standing import moments

LISTED = 50
TOLD, OFF, WITHOUT, TODAY = "told", "off", "without", "today"
SENDING, SENT, FAILED = "sending", "sent", "failed"


def may_remind(actor: Actor, unit: Unit) -> bool:
    """Whether the actor may remind those below ``unit``: the own one, or one below it."""
    where = None if unit.id == actor.unit.id else scope.ref(unit)
    return bool(below(unit.level)) and may(actor, "reminder:send", where)


def place(actor: Actor, code: str) -> Unit:
    """The unit with this code, if the actor may remind units below it; NotFound otherwise."""
    found = scope.unit(actor, code)
    if not may_remind(actor, found):
        raise NotFound(code)
    return found


def today(now: datetime) -> date:
    """The day in Bangkok."""
    return to_local(now).date()


# --- whose time is not over ----------------------------------------------------------------------


def _in_time(cycle: Cycle, level: str, now: datetime) -> Any:
    """As a condition over states: the unit can still confirm. None: every unit of the level can."""
    if now < window(moments(cycle), level).confirm_until:
        return None
    extended = tuples(
        UnitState.select(UnitState.unit, UnitState.level, UnitState.lao, UnitState.province).where(
            UnitState.cycle == cycle.id, UnitState.extended_until > now
        )
    )
    if any(level_ == DEPARTMENT for _id, level_, _lao, _province in extended):
        return None  # the department's own extension reaches everybody
    ids = {i for unit, _level, lao, province in extended for i in (unit, lao, province)}
    laos = [unit for unit, at, *_ in extended if at == LAO]
    provinces = [unit for unit, at, *_ in extended if at == PROVINCE]
    return (
        (UnitState.unit << list(ids - {None}))
        | (UnitState.lao << laos)
        | (UnitState.province << provinces)
    )


def _open(query: Any, cycle: Cycle, unit: Unit, level: str) -> Any:
    """A query over states, narrowed to units of ``level`` below ``unit`` that are not confirmed."""
    lower = query.where(
        UnitState.cycle == cycle.id,
        UnitState.level == level,
        UnitState.status == Status.OPEN,
        UnitState.active,
        Unit.active,
        UnitState.unit != unit.id,
    )
    return standing.within(lower, unit)


def _reached(query: Any, cycle: Cycle, unit: Unit, level: str, now: datetime) -> Any:
    in_time = _in_time(cycle, level, now)
    query = _open(query, cycle, unit, level)
    return query if in_time is None else query.where(in_time)


# --- who gets a letter ---------------------------------------------------------------------------


def _in_office(level: str, day: date) -> Any:
    """As a condition over accounts: somebody who works for a unit of the level now."""
    return (
        (User.role == level)
        & User.active
        & (User.in_office_until.is_null() | (User.in_office_until >= day))
    )


_HAS_ADDRESS = User.email.contains("@")
# the first that holds
_OUTCOME = Case(
    None,
    [(~User.reminders, OFF), (~_HAS_ADDRESS, WITHOUT), (Reminder.id.is_null(False), TODAY)],
    TOLD,
)


def _people(columns: Iterable[Any], cycle: Cycle, unit: Unit, level: str, now: datetime) -> Any:
    """A query over the people of units that can be reminded, with their letter of today if any."""
    day = today(now)
    query = (
        UnitState.select(*columns)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .join(User, on=(User.unit == Unit.id))
        .join(Reminder, JOIN.LEFT_OUTER, on=((Reminder.user == User.id) & (Reminder.day == day)))
    )
    return _reached(query, cycle, unit, level, now).where(_in_office(level, day))


def recipients(cycle: Cycle, unit: Unit, level: str, now: datetime) -> list[int]:
    """Ids of the accounts that would get a letter now, unit by unit."""
    query = _people([User.id], cycle, unit, level, now).where(_OUTCOME == TOLD)
    return [user_id for (user_id,) in tuples(query.order_by(*_order(level), User.id))]


def _order(level: str) -> tuple[Any, ...]:
    """Province by province and LAO by LAO, by name within."""
    above = () if level == PROVINCE else (UnitState.province, UnitState.lao)
    return (*above, Unit.name_key, Unit.id)


@dataclass(slots=True)
class Preview:
    """What sending would do. ``units``: open and in time; ``late``: open, but out of time.

    ``people``: outcome → how many (told, off, without an address, today already). ``written``: the
    first units with how many letters each gets; ``silent``: units where nobody can be written to,
    ``callable_``: the first of them.
    """

    units: int = 0
    late: int = 0
    people: dict[str, int] = field(default_factory=dict)
    written_units: int = 0
    written: list[tuple[Unit, int]] = field(default_factory=list)
    silent: int = 0
    callable_: list[Unit] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """How many people that becomes of."""
        return self.people.get(outcome, 0)


def preview(cycle: Cycle, unit: Unit, level: str, now: datetime) -> Preview:
    """What sending reminders to units of ``level`` below ``unit`` would do now."""
    day = today(now)
    joined = UnitState.select(Unit).join(Unit, on=(UnitState.unit == Unit.id))
    reached = _reached(joined, cycle, unit, level, now)
    units = reached.count()
    late = _open(joined, cycle, unit, level).count() - units
    counted = _people([_OUTCOME, fn.COUNT(User.id)], cycle, unit, level, now).group_by(SQL("1"))
    first = _order(level)
    told = _people([fn.COUNT(UnitState.unit.distinct())], cycle, unit, level, now)
    each = _people([Unit.id, fn.COUNT(User.id)], cycle, unit, level, now)
    letters = dict(
        tuples(each.where(_OUTCOME == TOLD).group_by(*first).order_by(*first).limit(LISTED))
    )
    listed = {row.id: row for row in Unit.select().where(Unit.id << list(letters))}
    reachable = User.select().where(
        User.unit == Unit.id, _in_office(level, day), _HAS_ADDRESS, User.reminders
    )
    silent = reached.where(~fn.EXISTS(reachable))
    return Preview(
        units=units,
        late=late,
        people=dict(tuples(counted)),
        written_units=told.where(_OUTCOME == TOLD).scalar(),
        written=[(listed[unit_id], number) for unit_id, number in letters.items()],
        silent=silent.count(),
        callable_=[state.unit for state in silent.order_by(*first).limit(LISTED)],
    )


def why_not(cycle: Cycle, seen: Preview, level: str, now: datetime) -> list[Refusal]:
    """Why no letter can be sent now; nothing for units that have all confirmed."""
    at = moments(cycle)
    if not at.started:
        return [Refusal("not_started")]
    if now < at.opens_at:
        return [Refusal("before_open", {"opens_at": at.opens_at})]
    if standing.closed_nationally().where(UnitState.cycle == cycle.id).exists():
        return [Refusal("department_closed")]
    if not seen.units:
        until = window(at, level).confirm_until
        return [Refusal("reminder_too_late", {"until": until})] if seen.late else []
    if not post.ready:
        return [Refusal("mail_off")]
    return [] if seen.count(TOLD) else [Refusal("nobody_to_remind")]


# --- a letter that is about to leave --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that this worker, and no other, may send now."""

    row: Reminder
    user: User
    unit: Unit


def claim(
    job: Job, cycle: Cycle, unit: Unit, level: str, user_id: int, now: datetime
) -> Claimed | None:
    """Inside a transaction: the person's letter of today; None when there is to be none.

    That is so once the unit has confirmed, the time is over, the person left, turned reminders off
    or has had a letter today.
    """
    query = _people([User.id], cycle, unit, level, now)
    if not query.where(User.id == user_id, _OUTCOME == TOLD).exists():
        return None
    user = User.get_by_id(user_id)
    values = {"unit": user.unit_id, "cycle": cycle.id, "job": job.id, "at": now}
    try:
        with database.atomic():
            row = Reminder.create(user=user_id, day=today(now), status=SENDING, **values)
    except IntegrityError:
        return None
    return Claimed(row, user, user.unit)


def settle(claimed: Claimed, status: str) -> None:
    """The letter left (``SENT``), or the server refused it (``FAILED``)."""
    with transaction():
        Reminder.update(status=status).where(Reminder.id == claimed.row.id).execute()


def give_up(claimed: Claimed) -> None:
    """The letter certainly did not leave: the person may get it later today."""
    with transaction():
        Reminder.delete().where(Reminder.id == claimed.row.id, Reminder.status == SENDING).execute()


def figures(job: Job) -> dict[str, int]:
    """Status → how many letters of the job stand so."""
    query = Reminder.select(Reminder.status, fn.COUNT(Reminder.id)).where(Reminder.job == job.id)
    found = dict(tuples(query.group_by(Reminder.status)))
    return {status: int(found.get(status, 0)) for status in (SENT, FAILED, SENDING)}


def record(actor: Actor, cycle: Cycle, unit: Unit, level: str, sent: int, now: datetime) -> None:
    """Inside a transaction: into the history of the unit, and of the sender's where it is another.

    Names of people and letters stay out of it.
    """
    own = Unit.get_by_id(actor.unit.id)
    for where in {own.id: own, unit.id: unit}.values():
        details = {"level": level, "below": unit.code, "sent": sent}
        history.record("reminder.sent", actor, now, unit=where, cycle_id=cycle.id, details=details)


def last_of(unit_id: int) -> Reminder | None:
    """The latest letter that left for somebody of the unit."""
    query = Reminder.select().where(Reminder.unit == unit_id, Reminder.status == SENT)
    return query.order_by(Reminder.id.desc()).first()
