"""A child that another school holds, asked for and released: for the tests of transfers."""

from __future__ import annotations

from typing import Any

from admin_app.models import Student, Transfer, Unit, UnitState
from admin_app.services import asking, transfers
from tests.services.conftest import Chain
from tests.twins import NUMBER

SILLY_IDS = [None, "", "x", "²", 0, -1, 2**63, 10**30]


def ask(chain: Chain, actor: Any = None, school: Unit | None = None, **over: Any) -> asking.Asked:
    """The chain's school asks for the number, unless told otherwise."""
    values = {"id_kind": "pin", "id_number": NUMBER, "grade": "P2", "reason": "ย้ายตามผู้ปกครอง"}
    where = school or chain.school
    who = actor or chain.country.own(where)
    return asking.ask(who, chain.cycle.id, where.id, values | over, chain.country.clock)


def request(chain: Chain, **over: Any) -> Transfer:
    """The one request that comes of asking."""
    [made] = ask(chain, **over).requests
    return made


def release(
    chain: Chain, made: Transfer, actor: Any = None, version: int | None = None
) -> Transfer:
    """The far school releases, unless told otherwise, as it sees the row now."""
    row = Student.get_by_id(made.student_id)
    who = actor or chain.country.own(chain.far)
    seen = row.version if version is None else version
    return transfers.release(who, made.id, seen, chain.country.clock)


def holders(number: str = NUMBER) -> list[int]:
    """The schools in which the number is active."""
    rows = Student.select().where(Student.id_number == number, Student.status == "active")
    return sorted(row.school_id for row in rows)


def counters_agree(*schools: Unit) -> bool:
    """Whether each school's counters are those of its rows."""
    for school in schools:
        state = UnitState.get(UnitState.unit == school.id)
        rows = Student.select().where(Student.school == school.id, Student.status == "active")
        attested = rows.where(Student.attested_at.is_null(False))
        if (state.children, state.attested) != (rows.count(), attested.count()):
            return False
    return True


def confirm(chain: Chain, *units: Unit) -> None:
    """Confirmed, put in directly: what a confirm needs is not the subject here."""
    for unit in units:
        UnitState.update(
            status="confirmed",
            confirmed_at=chain.country.clock(),
            confirmed_by=chain.actor("department").user_id,
        ).where(UnitState.unit == unit.id).execute()
