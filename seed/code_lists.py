"""What every installation starts with: places, provinces, grades and code lists.

Places with their DOPA codes come from geothai; grades and lists from ``seed/data``. Sources: the
nine kinds of disability, Ministry of Education's announcement of B.E. 2552; kinds of disadvantage
and affiliations, the columns of LEC and of the education areas' tables. DLA edits all of them.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geothai

from admin_app.database import transaction, tuples
from admin_app.domain.levels import DEPARTMENT, PROVINCE
from admin_app.domain.thai import sort_key
from admin_app.models import Code, District, Grade, Subdistrict, Unit, UnitPiece
from admin_app.services import unit_search
from seed import bulk

DATA = Path(__file__).parent / "data"
DEPARTMENT_CODE = "DLA"
DEPARTMENT_NAME = "กรมส่งเสริมการปกครองท้องถิ่น"
DEPARTMENT_NAME_EN = "Department of Local Administration"
BANGKOK_CODE = "10"


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a file in ``seed/data``."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load() -> None:
    """Insert what is missing, by natural key; what DLA has edited stays. One transaction."""
    with transaction():
        _load_grades()
        _load_codes()
        _load_places()
        _load_provinces()
        load_pieces()


def _present(column: Any) -> set[str]:
    return {code for (code,) in tuples(column.model.select(column))}


def _load_grades() -> None:
    present = _present(Grade.code)
    names = ("code", "name", "name_en", "stage", "min_age", "max_age", "kinds", "next_code")
    numbers = ("min_age", "max_age")
    bulk.insert(
        Grade,
        (*names, "position"),
        [
            (
                *(int(row[name]) if name in numbers else row[name] for name in names),
                position,
            )
            for position, row in enumerate(rows_of("grades.csv"), start=1)
            if row["code"] not in present
        ],
    )


def _load_codes() -> None:
    present = set(tuples(Code.select(Code.list, Code.code)))
    bulk.insert(
        Code,
        ("list", "code", "name", "name_en", "position"),
        [
            (row["list"], row["code"], row["name"], row["name_en"], int(row["position"]))
            for row in rows_of("codes.csv")
            if (row["list"], row["code"]) not in present
        ],
    )


def _load_places() -> None:
    districts = [
        district
        for province in geothai.provinces()
        for district in geothai.districts(province.code)
    ]
    present = _present(District.code)
    bulk.insert(
        District,
        ("code", "name", "name_en", "province_code", "name_key"),
        [
            (
                district.code,
                district.name_th,
                district.name_en,
                district.province_code,
                sort_key(district.name_th),
            )
            for district in districts
            if district.code not in present
        ],
    )
    ids = dict(tuples(District.select(District.code, District.id)))
    present = _present(Subdistrict.code)
    bulk.insert(
        Subdistrict,
        ("code", "name", "name_en", "district"),
        [
            (place.code, place.name_th, place.name_en, ids[district.code])
            for district in districts
            for place in geothai.subdistricts(district.code)
            if place.code not in present
        ],
    )


def _load_provinces() -> None:
    """The department and 77 provinces; Bangkok is not DLA's, so it takes no part."""
    department, _ = Unit.get_or_create(
        code=DEPARTMENT_CODE,
        defaults={
            "level": DEPARTMENT,
            "name": DEPARTMENT_NAME,
            "name_en": DEPARTMENT_NAME_EN,
            "name_key": sort_key(DEPARTMENT_NAME),
        },
    )
    present = _present(Unit.code)
    bulk.insert(
        Unit,
        ("level", "code", "name", "name_en", "name_key", "parent", "active"),
        [
            (
                PROVINCE,
                place.code,
                place.name_th,
                place.name_en,
                sort_key(place.name_th),
                department.id,
                place.code != BANGKOK_CODE,
            )
            for place in geothai.provinces()
            if place.code not in present
        ],
    )
    Unit.update(province=Unit.id).where(Unit.level == PROVINCE, Unit.province.is_null()).execute()


def load_pieces() -> None:
    """How units are found, of those that have no piece yet."""
    known = UnitPiece.select(UnitPiece.unit)
    rows = tuples(Unit.select(*unit_search.COLUMNS).where(Unit.id.not_in(known)))
    bulk.insert(UnitPiece, ("unit", "key"), unit_search.keys(rows))
