"""How many rows an export will have, about: cheap enough to ask before it is begun."""

from __future__ import annotations

from peewee import fn

from admin_app.domain.levels import SCHOOL
from admin_app.models import AccessLog, Cycle, Unit, UnitState
from admin_app.services.standing import within


def children(cycle: Cycle, unit: Unit) -> int:
    """Children recorded in the unit and below."""
    query = UnitState.select(fn.SUM(UnitState.children)).where(
        UnitState.cycle == cycle.id, UnitState.level == SCHOOL
    )
    return int(within(query, unit).scalar() or 0)


def schools(cycle: Cycle, unit: Unit) -> int:
    """Schools in the unit."""
    query = UnitState.select().where(UnitState.cycle == cycle.id, UnitState.level == SCHOOL)
    return int(within(query, unit).count())


def open_units(cycle: Cycle, unit: Unit) -> int:
    """Units in the unit that have not confirmed."""
    query = UnitState.select().where(UnitState.cycle == cycle.id, UnitState.status == "open")
    return int(within(query, unit).count())


def entries(cycle: Cycle, unit: Unit) -> int:
    """Entries of the access log."""
    return int(AccessLog.select().count())


def one_page(cycle: Cycle, unit: Unit) -> int:
    """A paper of one page, whatever it is about."""
    return 1
