"""The size seed: a country of made-up children in LAOs that are named after real sub-districts.

Everything follows from running numbers, so the same arguments make the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

from admin_app.database import transaction, tuples
from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.thai import BUDDHIST_ERA, sort_key, to_local
from admin_app.models import Cycle, District, Grade, SchoolGrade, Student, Subdistrict, Unit, User
from seed import bulk, code_lists, demo_open, people
from seed.code_lists import BANGKOK_CODE
from seed.demo_children import stored
from seed.demo_units import KIND_DIGIT, cast, demo_users, give_contacts
from seed.rates import load_rates

TOWNS = 518
"""Town municipalities; with a PAO a province and an LAO a sub-district there are 7,850 LAOs."""
ATTESTED_OF_TEN = 7


class NotEmpty(RuntimeError):
    """The database holds LAOs or children already: the size seed fills empty ones only."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where an LAO comes from: its kind, the sub-district of its code, its district."""

    kind: str
    name: str
    subdistrict: str
    district: str
    district_id: int
    subdistrict_id: int

    @property
    def code(self) -> str:
        """The LAO's code."""
        return KIND_DIGIT[self.kind] + self.subdistrict


@dataclass(frozen=True, slots=True)
class Place:
    """A school to fill: ids of its scope, home sub-district, its grades and size."""

    school: int
    lao: int
    province: int
    home: int
    grades: list[tuple[str, int]]
    children: int


def _areas() -> list[Area]:
    """Every LAO there could be, by sub-district."""
    provinces = dict(tuples(Unit.select(Unit.code, Unit.name).where(Unit.level == "province")))
    found: list[Area] = []
    towns = 0
    seen: set[str] = set()
    query: Any = (
        Subdistrict.select(Subdistrict, District)
        .join(District)
        .where(District.province_code != BANGKOK_CODE)
        .order_by(Subdistrict.code)
    )
    for place in query:
        district = place.district
        where = (place.code, district.code, district.id, place.id)
        province = district.province_code
        if province not in seen:
            found.append(Area("อบจ.", provinces[province], *where))
        if district.code not in seen and towns < TOWNS:
            towns += 1
            found.append(Area("ทม.", district.name.removeprefix("เมือง") or district.name, *where))
        seen |= {province, district.code}
        kind = "ทต." if people.mixed(int(place.code)) % 10 < 3 else "อบต."
        found.append(Area("อบต." if place.code == "810116" else kind, place.name, *where))
    return found


def _make_laos(areas: list[Area]) -> dict[str, tuple[int, int]]:
    """Insert the LAOs; answers with code → (id, province's id)."""
    provinces = dict(tuples(Unit.select(Unit.code, Unit.id).where(Unit.level == "province")))
    bulk.insert(
        Unit,
        ("level", "code", "name", "name_key", "kind", "parent", "province", "district"),
        (
            (
                LAO,
                area.code,
                area.kind + area.name,
                sort_key(area.kind + area.name),
                area.kind,
                provinces[area.subdistrict[:2]],
                provinces[area.subdistrict[:2]],
                area.district_id,
            )
            for area in areas
        ),
    )
    Unit.update(lao=Unit.id).where(Unit.level == LAO).execute()
    query = Unit.select(Unit.code, Unit.id, Unit.province).where(Unit.level == LAO)
    return {code: (id_, province) for code, id_, province in tuples(query)}


def _kind(number: int) -> tuple[str, tuple[str, ...], int]:
    """(kind, stages, weight by children) of the school with this running number."""
    chance = people.mixed(number) % 10
    if chance < 6:
        return "centre", ("kindergarten",), 2 + chance % 3
    if chance < 9:
        return "school", ("kindergarten", "primary"), 5 + chance
    return "school", ("kindergarten", "primary", "lower_secondary"), 24


def _make_schools(areas: list[Area], schools: int, children: int) -> list[Place]:
    """Insert the schools, spread evenly over the LAOs, with the grades they offer."""
    laos = _make_laos(areas)
    grades = list(Grade.select().order_by(Grade.position))
    offers: dict[tuple[str, tuple[str, ...]], list[Grade]] = {}
    kinds = [_kind(number) for number in range(schools)]
    bounds = list(accumulate((weight for _, _, weight in kinds), initial=0))
    shares = [children * bound // bounds[-1] for bound in bounds]
    below: dict[str, int] = {}
    units, plans = [], []
    for number, (kind, stages, _) in enumerate(kinds):
        area = areas[number * len(areas) // schools]
        below[area.code] = below.get(area.code, 0) + 1
        code = f"{area.code}{below[area.code]:03d}"
        front = "ศูนย์พัฒนาเด็กเล็ก" if kind == "centre" else "โรงเรียน"
        name = f"{front}{area.kind}{area.name} {below[area.code]}"
        lao_id, province_id = laos[area.code]
        parents = (lao_id, province_id, lao_id)
        units.append((SCHOOL, code, name, sort_key(name), kind, *parents, area.district_id))
        if (kind, stages) not in offers:
            offers[kind, stages] = [
                grade for grade in grades if kind in grade.kinds.split() and grade.stage in stages
            ]
        plans.append((code, lao_id, province_id, area.subdistrict_id, offers[kind, stages]))
    columns = ("level", "code", "name", "name_key", "kind", "parent", "province", "lao")
    bulk.insert(Unit, (*columns, "district"), units)
    ids = dict(tuples(Unit.select(Unit.code, Unit.id).where(Unit.level == SCHOOL)))
    bulk.insert(
        SchoolGrade,
        ("school", "grade"),
        ((ids[code], grade.id) for code, _, _, _, offered in plans for grade in offered),
    )
    return [
        Place(ids[code], lao, province, home, [(g.code, g.min_age) for g in offered], last - first)
        for (code, lao, province, home, offered), (first, last) in zip(
            plans, pairwise(shares), strict=True
        )
    ]


_COLUMNS = (
    *people.Person._fields,
    *("cycle", "school", "lao", "province", "grade", "home_subdistrict", "entered_on"),
    *("attested_at", "attested_by", "created_at", "updated_at", "updated_by"),
)


def _children(cycle: Cycle, places: list[Place], user_id: int, at: datetime) -> Iterator[tuple]:
    """The rows of every school; in seven schools of ten everybody is attested."""
    year, today, typed = cycle.year - BUDDHIST_ERA, to_local(at).date(), stored(at)
    youngest = {age: date(year - age, 5, 16) for age in range(1, 25)}
    entered = date(year, 5, 16)
    person = people.child
    number = 0
    for order, place in enumerate(places):
        attested = (typed, user_id) if order % 10 < ATTESTED_OF_TEN else (None, None)
        scope = (cycle.id, place.school, place.lao, place.province)
        for seat in range(place.children):
            grade, age = place.grades[seat % len(place.grades)]
            number += 1
            sex = "MF"[number & 1]
            yield (
                *person(people.NATIONAL_OFFICE, number, sex, youngest[age], today),
                *scope,
                grade,
                place.home,
                entered,
                *attested,
                typed,
                typed,
                user_id,
            )


def load(
    now: datetime,
    *,
    children: int = 2_000_000,
    laos: int = 7_850,
    schools: int = 20_000,
    report: Callable[[str], object] = print,
) -> None:
    """Fill an empty database with one open cycle of this size, in one transaction.

    Accounts are the demo's. Raises NotEmpty, and ValueError for more LAOs than there are places.
    """
    started = time.perf_counter()
    code_lists.load()
    with transaction():
        if User.select().exists() or Unit.select().where(Unit.level == LAO).exists():
            raise NotEmpty("the size seed needs an empty database")
        every = _areas()
        if not 0 < laos <= min(len(every), schools):
            raise ValueError(f"laos: from 1 to {len(every)}, and not more than schools")
        areas = [every[number * len(every) // laos] for number in range(laos)]
        places = _make_schools(areas, schools, children)
        give_contacts()
        code_lists.load_pieces()
        demo_users(now)
        dla = cast()["dla"]
        today = to_local(now).date()
        cycle = demo_open.create(dla, today)
        load_rates(cycle)
        report(f"{laos} LAOs and {schools} schools in {time.perf_counter() - started:.1f} s")
        typed_at = now - timedelta(days=10)
        with bulk.without_indexes(Student):
            bulk.insert(Student, _COLUMNS, _children(cycle, places, dla.user_id, typed_at))
            report(f"{children} children in {time.perf_counter() - started:.1f} s")
        bulk.execute(
            "UPDATE unit_state SET children = ?, attested = ? WHERE cycle_id = ? AND unit_id = ?",
            [
                (p.children, p.children if n % 10 < ATTESTED_OF_TEN else 0, cycle.id, p.school)
                for n, p in enumerate(places)
            ],
        )
    report(f"Size seed in {cycle.code}: done in {time.perf_counter() - started:.1f} s")
