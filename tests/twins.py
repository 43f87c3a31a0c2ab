"""One child in several schools, as the stored findings would mark it."""

from __future__ import annotations

from datetime import date
from typing import Any

from admin_app.models import Cycle, Finding, Student, Unit
from admin_app.services.twins import NUMBER_ELSEWHERE, TWIN_ELSEWHERE
from tests.country import NOW, Country

NUMBER = "1810000000991"
BORN = date(2017, 3, 15)
SEVERITY = {NUMBER_ELSEWHERE: "error", TWIN_ELSEWHERE: "query"}


def mark(rule: str, *rows: Student, note: str = "", noted_by: int | None = None) -> None:
    """The finding of each row that the rules would have stored."""
    for row in rows:
        Finding.get_or_create(
            cycle=row.cycle_id,
            unit=row.school_id,
            student_id=row.id,
            rule=rule,
            defaults={
                "level": "school",
                "lao": row.lao_id,
                "province": row.province_id,
                "severity": SEVERITY[rule],
                "found_at": NOW,
                "note": note,
                "noted_at": NOW if note else None,
                "noted_by": noted_by,
            },
        )


def same_number(
    country: Country, cycle: Cycle, *schools: Unit, number: str = NUMBER, **over: Any
) -> list[Student]:
    """A row with the same identity number in each of the schools, marked."""
    rows = [country.child(school, cycle, id_number=number, **over) for school in schools]
    mark(NUMBER_ELSEWHERE, *rows)
    return rows


def same_name(
    country: Country, cycle: Cycle, *schools: Unit, first: str = "ฟ้าใส", **over: Any
) -> list[Student]:
    """A row with the same name and birth date in each of the schools, marked."""
    who = {"first_name": first, "last_name": "ฮวดเจริญ", "birth_date": BORN} | over
    rows = [country.child(school, cycle, **who) for school in schools]
    mark(TWIN_ELSEWHERE, *rows)
    return rows
