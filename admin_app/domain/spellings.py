"""How people write what a sheet asks for: prefixes, sexes, grades, codes, numbers, days, counts.

Pure text, no database: the lists come in. A cell that cannot be understood raises Unreadable with
what to do next. Sources: the spellings of school registers (ป.1, ด.ช., น.ส.), what Excel makes of
a number (leading zeros lost, 1.1E+12) and of a day (serial number, days since 30 Dec 1899).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from admin_app.domain import identity, thai
from admin_app.domain.text import N_


class AsNumber(str):
    """The text of a cell that the file holds as a number, so that zeros in front may be lost."""

    __slots__ = ()


class Unreadable(ValueError):
    """A cell that cannot be understood: a message id and its values."""

    def __init__(self, message: str, **params: Any) -> None:
        self.message = message
        self.params = params
        super().__init__(message)


CHOOSE = N_("“%(text)s” is not in the list: choose one of the list.")
SHORTENED = N_(
    "Excel has shortened this number (%(text)s): give the column the format Text"
    " and type the whole number again."
)
NOT_A_COUNT = N_("“%(text)s” is not a number of children: write a whole number, such as 12.")
ZERO_PUT_BACK = N_(
    "Excel had taken away the zero in front; it was put back: compare it with the document."
)

_NOISE = re.compile(r"[\s.\-_/'\"*:,()\[\]\u2010-\u2015\u2212]")
_DASHES = frozenset({"-", "–", "—"})
_NOTHING = _DASHES | {"ไม่มี", "ไม่ระบุ", "none", "n/a"}
LONGEST_QUOTE = 40


def key(text: str) -> str:
    """The text as it is looked up: lower case, ASCII digits, no spaces, dots, dashes, brackets."""
    return _NOISE.sub("", thai.digits(thai.clean(text)).casefold())


def quoted(text: str) -> str:
    """A piece of a cell that a message may show."""
    text = thai.clean(text)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def empty(text: str) -> bool:
    """Whether a cell of a list, a day or a count says nothing: empty, a dash, ไม่มี."""
    return thai.clean(text).casefold() in _NOTHING | {""}


# --- prefix, sex, kind of identity ---------------------------------------------------------------

_PREFIXES = {
    "ดช": "เด็กชาย",
    "เดกชาย": "เด็กชาย",
    "master": "เด็กชาย",
    "boy": "เด็กชาย",
    "ดญ": "เด็กหญิง",
    "เดกหญิง": "เด็กหญิง",
    "girl": "เด็กหญิง",
    "mr": "นาย",
    "mister": "นาย",
    "นส": "นางสาว",
    "miss": "นางสาว",
    "ms": "นางสาว",
    "mrs": "นาง",
    "สณ": "สามเณร",
    "หม่อมเจ้า": "ม.จ.",
    "หม่อมราชวงศ์": "ม.ร.ว.",
    "หม่อมหลวง": "ม.ล.",
}
_SEX_WORDS = {
    "M": ("ชาย", "ช", "เพศชาย", "m", "male", "boy", "เด็กชาย", "ดช", "นาย"),
    "F": ("หญิง", "ญ", "เพศหญิง", "f", "female", "girl", "เด็กหญิง", "ดญ", "นาง", "นางสาว", "นส"),
}
_SEXES = {word: sex for sex, words in _SEX_WORDS.items() for word in words}
_PREFIX_SEX = {
    "เด็กชาย": "M",
    "นาย": "M",
    "สามเณร": "M",
    "พระ": "M",
    "เด็กหญิง": "F",
    "นาง": "F",
    "นางสาว": "F",
    "แม่ชี": "F",
}
_KIND_WORDS = {
    identity.PIN: (
        "เลข13หลัก",
        "13หลัก",
        "เลขประจำตัวประชาชน",
        "เลขบัตรประชาชน",
        "บัตรประชาชน",
        "ประชาชน",
        "ปชช",
        "pin",
        "thainationalid",
    ),
    identity.GCODE: ("รหัสg", "g", "gcode", "เลขg", "รหัสจี"),
    identity.NONE: ("ไม่มีเอกสาร", "ไม่มี", "ไม่มีเลข", "nodocument", "none"),
}
_KINDS = {word: kind for kind, words in _KIND_WORDS.items() for word in words}


def _found(table: Mapping[str, str], text: str) -> str:
    found = table.get(key(text))
    if found is None:
        raise Unreadable(CHOOSE, text=quoted(text))
    return found


def prefix(text: str, names: Iterable[str]) -> str:
    """The prefix of the list that is meant (ด.ช. → เด็กชาย); "" for an empty cell."""
    if not thai.clean(text):
        return ""
    listed = {key(name): name for name in names}
    usual = {word: name for word, name in _PREFIXES.items() if key(name) in listed}
    return _found(usual | listed, text)


def sex(text: str) -> str:
    """M or F for ชาย, ช., หญิง, ญ., male, …; "" for an empty cell."""
    return _found(_SEXES, text) if thai.clean(text) else ""


def sex_of_prefix(name: str) -> str:
    """The sex that a prefix says; "" for one that says none."""
    return _PREFIX_SEX.get(name, "")


def id_kind(text: str) -> str:
    """pin, gcode or none; "" for an empty cell."""
    return _found(_KINDS, text) if thai.clean(text) else ""


def kind_of_number(number: str) -> str:
    """The kind that a number has, where the sheet does not say it."""
    if not number:
        return identity.NONE
    return identity.GCODE if number.startswith("G") else identity.PIN


# --- identity numbers ----------------------------------------------------------------------------

_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,2}")
_WHOLE = re.compile(r"([0-9]+)[.,]0+")


def id_number(text: str) -> tuple[str, str]:
    """(the number as it is stored, a remark or ""): dashes, spaces, Thai digits, a lost zero.

    A zero in front is put back only where the file holds a number, of 12 digits, and the check
    digit then fits. Raises Unreadable for 1.1E+12: the last digits are gone.
    """
    number = identity.normalise(identity.PIN, text.lstrip("'’"))
    if _SHORTENED.fullmatch(number):
        raise Unreadable(SHORTENED, text=quoted(text))
    if number in ("", "G"):
        return "", ""
    if whole := _WHOLE.fullmatch(number):
        number = whole[1]
    if isinstance(text, AsNumber) and len(number) == 12:
        padded = f"0{number}"
        if identity.check(identity.PIN, padded) is None:
            return padded, ZERO_PUT_BACK
    return number, ""


# --- grades and codes ----------------------------------------------------------------------------

_ROOM = re.compile(r"(?:/|ห้อง(?:ที่)?)[0-9]{1,2}")
_STEMS = {
    "K": ("อนุบาลปีที่", "อนุบาลศึกษาปีที่", "อนุบาล", "อบ", "อ", "kindergarten", "kg"),
    "P": ("ประถมศึกษาปีที่", "ชั้นประถมศึกษาปีที่", "ประถมศึกษา", "ประถมปีที่", "ประถม", "ป", "primary"),
    "M": ("มัธยมศึกษาปีที่", "ชั้นมัธยมศึกษาปีที่", "มัธยมศึกษา", "มัธยมปีที่", "มัธยม", "ม", "mathayom"),
    "V": ("ปวช", "ปวชปีที่", "ประกาศนียบัตรวิชาชีพปีที่"),
    "D": ("ปวส", "ปวสปีที่", "ประกาศนียบัตรวิชาชีพชั้นสูงปีที่"),
}
_LETTERS = {stem: letter for letter, stems in _STEMS.items() for stem in stems}
_STEM_AND_YEAR = re.compile(r"([^0-9]+)([0-9])")
_NURSERY = re.compile(r"(?:เด็กเล็ก|ศพด)(?:อายุ)?([2-4])(?:ปี|ขวบ)(?:ขึ้นไป)?")


def grade(text: str, grades: Iterable[tuple[str, ...]]) -> str:
    """The code of the grade that is meant (ป.1, ป. ๑, ประถม 1, ป.1/2, P1); "" for an empty cell.

    ``grades``: code and names of each. A room behind the grade (ป.1/2) is left out.
    """
    if empty(text):
        return ""
    known = {key(name): names[0] for names in grades for name in names if name}
    codes = set(known.values())
    plain = thai.digits(thai.clean(text)).casefold().replace(" ", "")
    for candidate in (key(plain), key(_ROOM.sub("", plain)).removeprefix("ชั้น")):
        found = known.get(candidate)
        if found is None and (match := _NURSERY.fullmatch(candidate)):
            found = f"N{int(match[1]) - 1}"
        if found is None and (match := _STEM_AND_YEAR.fullmatch(candidate)):
            found = f"{_LETTERS.get(match[1], '?')}{match[2]}"
        if found in codes:
            return str(found)
    raise Unreadable(CHOOSE, text=quoted(text))


_NONE = ("ไม่มี", "ไม่ระบุ", "ปกติ", "none", "n/a")
# column: whole texts that say the child has none; a list that is not here is never "nothing"
NOTHING_OF: dict[str, frozenset[str]] = {
    "disability": frozenset(
        map(key, (*_NONE, "ไม่พิการ", "ไม่มีความพิการ", "ไม่มีความบกพร่อง", "ร่างกายปกติ", "เด็กปกติ"))
    ),
    "disadvantage": frozenset(
        map(key, (*_NONE, "ไม่ด้อยโอกาส", "ไม่มีความด้อยโอกาส", "ไม่ด้อยโอกาสทางการศึกษา", "เด็กปกติ"))
    ),
}
_NUMBERED = re.compile(r"\s*[0-9]{1,2}\s*[.)]\s*(.+)")


def code(text: str, rows: Iterable[tuple[str, ...]], nothing: frozenset[str] = frozenset()) -> str:
    """The code of a list's row, by code or name (“1. name” too); "" for an empty cell or a dash.

    ``rows``: code and names of each; ``nothing``: keys of whole texts that mean an empty cell
    (``NOTHING_OF``). Raises Unreadable for everything else: a guess would lose what was typed.
    """
    if not thai.clean(text) or thai.clean(text) in _DASHES:
        return ""
    known = {key(name): names[0] for names in rows for name in names if name}
    plain = thai.digits(thai.clean(text))
    numbered = _NUMBERED.fullmatch(plain)
    for candidate in (plain, numbered[1] if numbered else ""):
        if (found := known.get(key(candidate))) is not None:
            return found
    if key(plain) in nothing:
        return ""
    raise Unreadable(CHOOSE, text=quoted(text))


_AREA = {
    "สำนักงานเขตพื้นที่การศึกษาประถมศึกษา": "สพป",
    "สำนักงานเขตพื้นที่การศึกษามัธยมศึกษา": "สพม",
    "สำนักบริหารงานการศึกษาพิเศษ": "สศศ",
    "เอกชน": "สช",
    "สำนักงานคณะกรรมการส่งเสริมการศึกษาเอกชน": "สช",
    "ตำรวจตระเวนชายแดน": "ตชด",
    "กองบัญชาการตำรวจตระเวนชายแดน": "ตชด",
    "สำนักงานพระพุทธศาสนาแห่งชาติ": "พศ",
    "สำนักงานคณะกรรมการการอาชีวศึกษา": "สอศ",
    "กรุงเทพมหานคร": "กทม",
    "สาธิต": "อว",
}


def affiliation(text: str, rows: Iterable[tuple[str, ...]]) -> str:
    """The affiliation's code, by name (สพป. and “สพป. เขต 1” alike); "" for an empty cell."""
    if empty(text):
        return ""
    known = {key(name): names[0] for names in rows for name in names if name}
    whole = key(text)
    for long, short in _AREA.items():
        if whole.startswith(key(long)):
            whole = short
    if whole in known:
        return known[whole]
    for name, found in sorted(known.items(), key=lambda pair: -len(pair[0])):
        if name.startswith("ส") and whole.startswith(name):
            return found
    raise Unreadable(CHOOSE, text=quoted(text))


# --- days and counts -----------------------------------------------------------------------------

_EIGHT = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_MIDNIGHT = re.compile(r"(.+?)[ t]0?0[:.]00(?:[:.]00)?(?:\.0+)?")
_SERIAL = re.compile(r"[0-9]{5,6}(?:\.[0-9]+)?")
_DAY_NOUGHT = date(1899, 12, 30)
SERIAL_WESTERN, SERIAL_BUDDHIST = range(10_000, 100_000), range(205_000, 285_000)


def day(text: str) -> date | None:
    """The day of a cell: what thai.parse_date takes, 15032560, Excel's serial number; None: empty.

    Raises Unreadable with the words of thai.parse_date.
    """
    if empty(text):
        return None
    plain = thai.digits(thai.clean(text)).lstrip("'’").casefold()
    if match := _MIDNIGHT.fullmatch(plain):
        plain = match[1]
    if match := _EIGHT.fullmatch(plain):
        plain = "/".join(match.groups())
    elif _SERIAL.fullmatch(plain):
        number = int(float(plain))
        if number in SERIAL_WESTERN or number in SERIAL_BUDDHIST:
            plain = (_DAY_NOUGHT + timedelta(days=number)).isoformat()
    try:
        return thai.parse_date(plain)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def write_day(value: date | None) -> str:
    """A day as the sheets write it: 15/3/2560; "" for none."""
    if value is None:
        return ""
    return f"{value.day}/{value.month}/{value.year + thai.BUDDHIST_ERA}"


_COUNT = re.compile(r"[0-9]{1,6}(?:\.0+)?")


def count(text: str) -> int:
    """A number of children; nought for an empty cell or a dash. Raises Unreadable."""
    if empty(text):
        return 0
    plain = thai.digits(thai.clean(text)).replace(",", "").replace(" ", "").removesuffix("คน")
    if not _COUNT.fullmatch(plain):
        raise Unreadable(NOT_A_COUNT, text=quoted(text))
    return int(float(plain))
