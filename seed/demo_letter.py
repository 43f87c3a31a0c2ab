"""The demo's first cycle, 2567-1: the letter's dates, closed and confirmed at every level."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from admin_app.domain.access import Actor
from admin_app.domain.levels import PROVINCE
from admin_app.models import Cycle
from admin_app.services import children, cycles
from seed import people
from seed.demo_children import Rosters, attest, save
from seed.demo_units import PROVINCES, School
from seed.demo_walk import Walk, at, days_after, stopped_at
from seed.rates import load_rates

CODE = "2567-1"
YEAR, ROUND = 2567, 1
# the official letter for academic year 2567, round 1; ends are exclusive
MOMENTS = {
    "opens_at": at(date(2024, 4, 29), 0),
    "school_due_at": at(date(2024, 6, 11), 0),
    "lao_due_at": at(date(2024, 6, 11), 0),
    "province_due_at": at(date(2024, 6, 11), 17),
    "closes_at": at(date(2024, 6, 11), 17),
}
LAST_DAY = date(2024, 6, 11)
CREATED_AT = at(date(2024, 4, 20), 9)
STARTED_AT = at(date(2024, 4, 26), 16)
TYPED_AT = at(date(2024, 5, 17), 9)
CLOSED_AT = at(LAST_DAY, 17, 30)


def create(dla: Actor) -> Cycle:
    """The cycle with its rates, opened."""
    values = {**MOMENTS, "late_policy": "accept", "name": "ปีการศึกษา 2567 ครั้งที่ 1"}
    cycle = cycles.create(dla, YEAR, ROUND, values, stopped_at(CREATED_AT))
    load_rates(cycle)
    return cycles.start(dla, cycle.id, stopped_at(STARTED_AT))


def _school_moment(school: School) -> datetime:
    if school.number % 11 == 4:
        return at(LAST_DAY, 8, 30 + school.number % 30)
    day = days_after(date(2024, 5, 21), school.number, 17)
    return at(day, 9 + school.number % 7, people.mixed(school.number) % 60)


def walk(cycle: Cycle, schools: list[School], cast: dict[str, Actor]) -> None:
    """Everybody records, attests and confirms; a few are late; DLA closes."""
    path = Walk(cycle, cast)
    rosters = Rosters(cycle, TYPED_AT)
    rows = []
    latest: dict[str, datetime] = {}
    for school in schools:
        code, lao = school.unit.code, school.unit.lao.code
        actor = path.worker(code)
        roster = rosters.of(school, actor)
        moment = _school_moment(school)
        attested_at = at(date(2024, 5, 20), 8 + school.number % 8, school.number)
        path.attested(attested_at, code, attest(roster, actor, attested_at))
        path.move(moment, code, "confirm")
        latest[lao] = max(moment, latest.get(lao, moment))
        rows += roster
    save(rows)
    children.recount(cycle.id)
    number = 0
    for province in PROVINCES:
        for lao in path.laos(province):
            path.counts(at(days_after(date(2024, 5, 13), number, 8), 10, number), lao.code, number)
            moment = latest[lao.code] + timedelta(hours=2, minutes=number)
            if number % 9 == 5:
                moment = at(LAST_DAY, 11, number)
            path.move(moment, lao.code, "confirm")
            number += 1
    for unit in path.units.values():
        if unit.level == PROVINCE and unit.active:
            order = int(unit.code)
            day = LAST_DAY if unit.code in PROVINCES else days_after(date(2024, 6, 5), order, 7)
            path.move(at(day, 13 + order % 3, order % 60), unit.code, "confirm")
    path.move(CLOSED_AT, "DLA", "close", by="dla")
    path.run()
