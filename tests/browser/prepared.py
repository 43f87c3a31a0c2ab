"""Databases as walks find them: a round carried over, a wide country, a province nearly done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from peewee import Database

from admin_app import database
from admin_app.database import transaction
from admin_app.domain.access import Actor
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import (
    carry_over,
    children,
    confirmation,
    findings,
    notes,
    other_counts,
    unit_search,
)
from seed import code_lists, people
from seed.demo_units import cast
from tests.browser import server
from tests.country import LETTER, Country, ManualClock

PRIMARY = ("P1", "P2", "P3", "P4", "P5", "P6")
CHILDREN, LAOS = 100, 334  # the province with the most LAOs, Nakhon Ratchasima, has 334
NOTE = "ตรวจสอบกับเอกสารแล้ว"


@dataclass(frozen=True)
class Signed:
    """Somebody who may sign in with ``tests.country.PASSWORD``, and the unit it is about."""

    username: str
    code: str


def _moments(opens_at: datetime, days: int) -> dict[str, datetime]:
    end = opens_at + timedelta(days=days)
    return dict.fromkeys((key for key in LETTER if key.endswith("_at")), end) | {
        "opens_at": opens_at
    }


def _country(opened: Database, days_ago: int) -> Country:
    code_lists.load()
    now = database.now().replace(microsecond=0)
    return Country(opened, ManualClock(now - timedelta(days=days_ago)))


def carried_over(path: Path) -> Signed:
    """A school whose 100 children came from the last round; nothing is attested yet."""
    with server.filling(path) as opened:
        country = _country(opened, 60)
        clock = country.clock
        school = country.school(country.lao(), PRIMARY)
        first = country.cycle("2569-1", **_moments(clock.now - timedelta(days=1), 30))
        for number in range(CHILDREN):
            country.child(school, first, grade=PRIMARY[number % len(PRIMARY)], attested=True)
        country.confirm(school, first)
        dla = country.actor("department")
        clock.tick(days=31)
        confirmation.move(
            dla, first.id, country.department.id, "close", clock, reason="a round of one school"
        )
        second = country.cycle("2569-2", start=False, **_moments(clock.now + timedelta(days=1), 60))
        carry_over.prepare(dla, second.id, clock)
        second = Cycle.get_by_id(second.id)
        for batch in list(carry_over.batches(second)):
            with transaction():
                carry_over.carry(dla, second, batch, clock())
        assert carry_over.finish(dla, second, clock)["children"] == CHILDREN
        return Signed(country.user("school", school).username, school.code)


def wide(path: Path) -> dict[str, Signed]:
    """One of each role; the province has as many LAOs as any, one school more than fills a page."""
    with server.filling(path) as opened:
        country = _country(opened, 20)
        laos = [country.lao(name=f"อบต.หนองบัวใหญ่ที่ {number}") for number in range(LAOS)]
        for number, lao in enumerate(laos):
            school = country.school(lao, name=f"โรงเรียนบ้านหนองบัวใหญ่ที่ {number}")
        for number, unit in enumerate(Unit.select().where(Unit.level << ("lao", "province"))):
            Unit.update(
                contact_name=people.adult(number), phone=people.phone(people.mixed(number))
            ).where(Unit.id == unit.id).execute()
        unit_search.write(Unit.level << ("lao", "province"))
        cycle = country.cycle("2569-2", **_moments(country.clock.now - timedelta(days=1), 90))
        # every second child has an error: its grade is not offered
        country.children(school, cycle, CHILDREN, attested=True)
        country.children(school, cycle, CHILDREN, grade="V1")
        findings.ensure(cycle.id, school, country.clock())
        homes = {
            "department": country.department,
            "helpdesk": country.department,
            "province": country.province(),
            "lao": laos[-1],
            "school": school,
        }
        return {
            role: Signed(country.user(role, unit).username, unit.code)
            for role, unit in homes.items()
        }


# --- Krabi nearly done --------------------------------------------------------------------------


def _open(cycle: Cycle, level: str, province: Unit, but: tuple[str, ...]) -> list[Unit]:
    query = (
        Unit.select()
        .join(UnitState, on=(UnitState.unit == Unit.id))
        .where(UnitState.cycle == cycle.id, UnitState.status == "open", Unit.level == level)
        .where(Unit.province == province.id, Unit.code.not_in(but))
    )
    return list(query)


def _mend(cycle: Cycle, school: Unit, actor: Actor, now: datetime) -> None:
    """Whoever has an error leaves; the others are attested, and what is unusual is explained."""
    findings.ensure(cycle.id, school, now)
    errors, _ = notes.listed(actor, cycle.id, school, kind="error")
    wrong = {one.row.student_id for one in errors}
    if wrong:
        children.remove(actor, wrong, "left", database.now)
    children.attest_school(actor, cycle.id, school.id, database.now)
    _explain(cycle, school, actor)


def _explain(cycle: Cycle, unit: Unit, actor: Actor) -> None:
    found, _ = notes.listed(actor, cycle.id, unit, kind="query")
    own = {one.row.id: one.row.basis for one in found if one.row.unit_id == unit.id}
    if own:
        notes.explain(actor, own, NOTE, database.now)


def confirm_krabi(path: Path, but: tuple[str, ...]) -> None:
    """Krabi in the demo's open cycle is confirmed, except these units and those above them."""
    with server.filling(path):
        now = database.now()
        cycle = Cycle.select().order_by(Cycle.opens_at.desc()).get()
        province = Unit.get(Unit.code == "81")
        actors = cast()
        for school in _open(cycle, "school", province, but):
            actor = actors[school.code if school.kind != "centre" else school.lao.code]
            _mend(cycle, school, actor, now)
            confirmation.move(actor, cycle.id, school.id, "confirm", database.now)
        for lao in _open(cycle, "lao", province, but):
            actor = actors[lao.code]
            _lao, sheet = other_counts.sheet(actor, cycle.id, lao.id)
            if sheet is None:
                other_counts.save(actor, cycle.id, lao.id, 0, [], database.now, declared_none=True)
            findings.ensure(cycle.id, lao, now)
            _explain(cycle, lao, actor)
            confirmation.move(actor, cycle.id, lao.id, "confirm", database.now)
        if not but:
            confirmation.move(actors["81"], cycle.id, province.id, "confirm", database.now)
