"""Invented people: each follows from a number alone, so that a seed is the same every time.

Numbers of identity are valid but plainly made up: their registration offices (provinces 98 and 99)
do not exist. Names are usual given names and surnames put together from common syllables.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from admin_app.domain.identity import GCODE, NONE, PIN
from admin_app.domain.thai import sort_key
from seed.code_lists import DATA

DEMO_OFFICE, NATIONAL_OFFICE = "899", "898"
_MASK = (1 << 64) - 1


def _words(name: str) -> tuple[str, ...]:
    return tuple((DATA / name).read_text(encoding="utf-8").split())


FIRST_NAMES = {"M": _words("boys.txt"), "F": _words("girls.txt")}


def _last_names() -> tuple[str, ...]:
    fronts, backs = (
        line.split() for line in (DATA / "families.txt").read_text(encoding="utf-8").splitlines()
    )
    return tuple(front + back for front in fronts for back in backs)


LAST_NAMES = _last_names()
CHILD_PREFIX = {"M": "เด็กชาย", "F": "เด็กหญิง"}
ADULT_PREFIX = {"M": "นาย", "F": "นางสาว"}
WHY_NO_DOCUMENT = "อยู่ระหว่างยื่นขอเอกสาร"


class Person(NamedTuple):
    """An invented child; names and order as the table of children holds them."""

    id_kind: str
    id_number: str | None
    no_id_reason: str
    prefix: str
    first_name: str
    last_name: str
    sort_key: str
    last_key: str
    sex: str
    birth_date: date
    nationality: str
    disability: str
    disadvantage: str


@cache
def _keys(first: str, last: str) -> tuple[str, str]:
    return sort_key(first, last), sort_key(last)


def mixed(number: int) -> int:
    """64 bits that look random and follow from ``number`` alone (splitmix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


# the weighted sum of each group of three of the 12 digits: 4 look-ups instead of 12 products
_SUMS = tuple(
    tuple(
        sum((13 - 3 * group - place) * int(digit) for place, digit in enumerate(f"{value:03d}"))
        for value in range(1_000)
    )
    for group in range(4)
)


def pin(first12: str) -> str:
    """The national ID of 12 digits, as ``domain.identity.make_pin``, several times as fast."""
    a, b, c, d = _SUMS
    total = a[int(first12[:3])] + b[int(first12[3:6])] + c[int(first12[6:9])] + d[int(first12[9:])]
    return f"{first12}{(11 - total % 11) % 10}"


def _identity(office: str, number: int, chance: int) -> tuple[str, str | None, str, str]:
    """(kind, number, reason, nationality): 1 in 50 is not Thai, 1 in 500 has no document."""
    digits = f"{office}{number:09d}"
    if chance % 500 == 7:
        return NONE, None, WHY_NO_DOCUMENT, "MM"
    if chance % 50 == 3:
        return GCODE, f"G{digits}", "", ("MM", "LA", "KH", "MM", "MM")[chance % 5]
    return PIN, pin(digits), "", "TH"


def _category(chance: int) -> tuple[str, str]:
    """(disability, disadvantage) as codes of the lists; most children have neither."""
    disability = str(1 + chance % 9) if chance % 60 == 11 else ""
    disadvantage = ("9", "9", "9", "11", "7")[chance // 16 % 5] if chance % 16 == 5 else ""
    return disability, disadvantage


def child(office: str, number: int, sex: str, youngest: date, today: date) -> Person:
    """The child with this ``number`` (up to nine digits), born in the year before ``youngest``."""
    chance = mixed(number)
    names = FIRST_NAMES[sex]
    first = names[chance % len(names)]
    last = LAST_NAMES[(chance >> 16) % len(LAST_NAMES)]
    birth_date = youngest - timedelta(days=(chance >> 32) % 365)
    years = today.year - birth_date.year
    grown = years > 15 or (
        years == 15 and (birth_date.month, birth_date.day) <= (today.month, today.day)
    )
    kind, id_number, reason, nationality = _identity(office, number, chance >> 8)
    return Person(
        kind,
        id_number,
        reason,
        (ADULT_PREFIX if grown else CHILD_PREFIX)[sex],
        first,
        last,
        *_keys(first, last),
        sex,
        birth_date,
        nationality,
        *_category(chance >> 24),
    )


def adult(number: int) -> str:
    """The full name of an invented member of staff."""
    chance = mixed(number ^ 0x5EED)
    sex = "MF"[chance >> 40 & 1]
    first = FIRST_NAMES[sex][chance % len(FIRST_NAMES[sex])]
    return f"{ADULT_PREFIX[sex]}{first} {LAST_NAMES[(chance >> 16) % len(LAST_NAMES)]}"


def phone(number: int) -> str:
    """A number that nobody has: no Thai number begins with 00."""
    return f"0-0000-{number % 10_000:04d}"
