"""Thai text, dictionary order, the Buddhist Era and Bangkok's clock.

Dictionary order: Royal Institute Dictionary, as summed up by T. Karoonboonyanan for libthai
(https://linux.thai.net/~thep/blsort.html): a leading vowel counts after the consonant that it
precedes; tone marks and other signs count only between words that are otherwise equal.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from admin_app.domain.text import N_

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_ERA = 543
"""Years between the Western and the Buddhist Era (since 1941 both begin on 1 January)."""

# --- text -----------------------------------------------------------------------------------

_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_SIGNS = re.compile("[ัิ-ฺ็-๎]{2,}")
_DECOMPOSED_AM = re.compile("([่-๋]*)ํ([่-๋]*)า")
_AM_AND_TONES = re.compile("[ำ่-๋]{2,}")


def digits(text: str) -> str:
    """The text with Thai digits as ASCII digits."""
    return text.translate(_DIGITS)


def _is_invisible(char: str) -> bool:
    if unicodedata.category(char) in {"Cc", "Cf", "Cs"}:
        return not char.isspace()
    return ord(char) & 0xFFFE == 0xFFFE  # Noncharacters, so that a greatest character is left.


def _vowels_first(match: re.Match[str]) -> str:
    return "".join(sorted(match.group(), key=lambda sign: sign >= "็"))


def _tones_first(match: re.Match[str]) -> str:
    return "".join(sorted(match.group(), key=lambda sign: sign == "ำ"))


def clean(text: str) -> str:
    """The text as it should have been typed, in NFC, on one line, stripped.

    Zero-width, control and other invisible characters go; any white space, non-breaking too,
    becomes one space. Slips that look right on a screen are mended: เ typed twice for แ, SARA AM
    in two pieces, a tone mark before its vowel sign or after SARA AM. Idempotent.
    Source of the order of signs: WTT 2.0 (Thai API Consortium).
    """
    text = "".join(char for char in text if not _is_invisible(char))
    text = unicodedata.normalize("NFC", text)
    text = _SIGNS.sub(_vowels_first, text)
    text = _DECOMPOSED_AM.sub(r"\1\2ำ", text)
    text = _AM_AND_TONES.sub(_tones_first, text).replace("เเ", "แ")
    return " ".join(unicodedata.normalize("NFC", text).split())


# --- order and search -----------------------------------------------------------------------

_LEADING = frozenset("เแโใไ")
_VOWELS_BELOW = frozenset("ุู")
_WEIGHTS = {sign: str(weight) for weight, sign in enumerate("ฺ๎์็่้๊๋", start=1)}
_OTHER_WEIGHT = "9"
_SECONDARY_ONLY = frozenset("ํฯๆ")
_LAST_CHARACTER = "\U0010ffff"


def _elements(text: str) -> list[tuple[str, str]]:
    """What counts first, as typed, each with the weights of the signs that stand on it."""
    elements: list[tuple[str, str]] = []
    for char in unicodedata.normalize("NFD", digits(clean(text))):
        accent = unicodedata.combining(char) and char not in _VOWELS_BELOW
        if char in _WEIGHTS or char in _SECONDARY_ONLY or accent:
            if elements:
                base, weights = elements[-1]
                elements[-1] = (base, weights + _WEIGHTS.get(char, _OTHER_WEIGHT))
        elif char == "ๅ":
            elements.append(("า", _OTHER_WEIGHT))
        elif char != " " or (elements and elements[-1][0] != " "):
            elements += [(base, "") for base in char.casefold()]
    if elements and elements[-1][0] == " ":
        elements.pop()
    return elements


def _in_dictionary_order(elements: list[tuple[str, str]]) -> list[tuple[str, str]]:
    ordered = list(elements)
    for at in range(len(elements) - 1):
        if elements[at][0] in _LEADING and "ก" <= elements[at + 1][0] <= "ฮ":
            ordered[at], ordered[at + 1] = elements[at + 1], elements[at]
    return ordered


def sort_key(*parts: str) -> str:
    """A key whose plain code-point order is the dictionary's order of the parts, first part first.

    Consonants and vowels in dictionary order, lower case and without accents, the parts joined by
    one space; then, where there are any, two spaces and the weights of tone marks and other signs
    by place. Holds no NUL and no surrogate. Compare it bytewise: SQLite's BINARY, PostgreSQL's
    COLLATE "C". Store it; do not show it.
    """
    ordered = _in_dictionary_order(_elements(" ".join(parts)))
    primary = "".join(base for base, _ in ordered)
    secondary = "".join(weights or "0" for _, weights in ordered).rstrip("0")
    return f"{primary}  {secondary}" if secondary else primary


def search_prefix(text: str) -> str:
    """What the sort key begins with, of everything whose name begins with ``text``.

    ``sort_key(name).startswith(search_prefix(name[:i]))`` for every i: a leading vowel at the end
    is left out, as its consonant is not typed yet. Tone marks and case do not matter. May be empty.
    """
    elements = _elements(text)
    while elements and elements[-1][0] in _LEADING:
        elements.pop()
    return "".join(base for base, _ in _in_dictionary_order(elements))


def upper_bound(prefix: str) -> str:
    """The smallest string above all that start with ``prefix``: prefix <= key < upper_bound.

    For "" the last character of Unicode, which no sort key holds, so that the range is everything.
    Steps over surrogates, which UTF-8 cannot hold.
    """
    stem = prefix.rstrip(_LAST_CHARACTER)
    if not stem:
        return _LAST_CHARACTER
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if 0xD800 <= following <= 0xDFFF else following)


# --- Buddhist Era and Bangkok ---------------------------------------------------------------

_MONTH_NAMES = (
    ("มกราคม", "ม.ค.", "January"),
    ("กุมภาพันธ์", "ก.พ.", "February"),
    ("มีนาคม", "มี.ค.", "March"),
    ("เมษายน", "เม.ย.", "April"),
    ("พฤษภาคม", "พ.ค.", "May"),
    ("มิถุนายน", "มิ.ย.", "June"),
    ("กรกฎาคม", "ก.ค.", "July"),
    ("สิงหาคม", "ส.ค.", "August"),
    ("กันยายน", "ก.ย.", "September"),
    ("ตุลาคม", "ต.ค.", "October"),
    ("พฤศจิกายน", "พ.ย.", "November"),
    ("ธันวาคม", "ธ.ค.", "December"),
)

NOT_A_DATE = N_("Write the date as day/month/year, such as 15/3/2560.")
NO_SUCH_DAY = N_("There is no such day in the calendar.")
YEAR_TOO_SHORT = N_("Write the year with four digits, such as 2560.")
YEAR_UNLIKELY = N_("The year must be a Buddhist one such as 2560, or a Western one such as 2017.")
NOT_A_TIME = N_("Write date and time as day/month/year hour:minute, such as 11/6/2567 17:00.")


def to_local(moment: datetime) -> datetime:
    """An aware moment on Bangkok's clock; ValueError for a naive one, which could mean anything."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(BANGKOK)


def _is_thai(locale: str) -> bool:
    return locale.startswith("th")


def format_date(day: date, locale: str = "th") -> str:
    """A day in short: th "11 มิ.ย. 2567", otherwise "11 Jun 2567 BE"."""
    _, short, english = _MONTH_NAMES[day.month - 1]
    year = day.year + BUDDHIST_ERA
    return f"{day.day} {short} {year}" if _is_thai(locale) else f"{day.day} {english[:3]} {year} BE"


def format_day(day: date, locale: str = "th") -> str:
    """A day of a year that is known: th "11 มิ.ย.", otherwise "11 Jun"."""
    _, short, english = _MONTH_NAMES[day.month - 1]
    return f"{day.day} {short if _is_thai(locale) else english[:3]}"


def format_date_long(day: date, locale: str = "th") -> str:
    """A day in full: th "11 มิถุนายน 2567", otherwise "11 June 2567 BE"."""
    full, _, english = _MONTH_NAMES[day.month - 1]
    year = day.year + BUDDHIST_ERA
    return f"{day.day} {full} {year}" if _is_thai(locale) else f"{day.day} {english} {year} BE"


def _with_clock(day: date, clock: str, locale: str) -> str:
    text = format_date(day, locale)
    return f"{text} {clock} น." if _is_thai(locale) else f"{text}, {clock}"


def format_datetime(moment: datetime, locale: str = "th") -> str:
    """An aware moment in Bangkok: th "11 มิ.ย. 2567 17:00 น.", otherwise "11 Jun 2567 BE, 17:00"."""
    local = to_local(moment)
    return _with_clock(local.date(), f"{local:%H:%M}", locale)


def format_bound(moment: datetime, locale: str = "th") -> str:
    """An exclusive bound, as format_datetime, but midnight as 24:00 of the day that ends."""
    local = to_local(moment)
    if local.time() == time():
        return _with_clock(local.date() - timedelta(days=1), "24:00", locale)
    return format_datetime(moment, locale)


def _month_key(text: str) -> str:
    return re.sub(r"[.\s,]", "", text).casefold().replace("ฏ", "ฎ").removeprefix("เดือน")


_MONTHS = {
    _month_key(name): number
    for number, (full, short, english) in enumerate(_MONTH_NAMES, start=1)
    for name in (full, short, english, english[:3])
}
_ERA_BEFORE = r"(?P<before>พ\.? ?ศ\.?|ค\.? ?ศ\.?)? ?"
_ERA_AFTER = r" ?(?P<after>b\.?e\.?|c\.?e\.?|a\.?d\.?)?"
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4}) ?[-/.] ?(?P<month>[0-9]{1,2}) ?[-/.] ?(?P<day>[0-9]+)"
)
_DAY_FIRST = re.compile(
    r"(?P<day>[0-9]{1,2}) ?[-/. ] ?(?P<month>[0-9]{1,2}) ?[-/. ] ?"
    rf"{_ERA_BEFORE}(?P<year>[0-9]+){_ERA_AFTER}"
)
_IN_WORDS = re.compile(
    r"(?:วันที่ ?)?(?P<day>[0-9]{1,2}) ?[-/ ]? ?(?P<month>[^0-9/-]+?) ?[-/,]? ?"
    rf"{_ERA_BEFORE}(?P<year>[0-9]+){_ERA_AFTER}"
)


def _western_year(year: str, era: str) -> int:
    if len(year) != 4:
        raise ValueError(YEAR_TOO_SHORT)
    number, buddhist = int(year), int(year) > 2400
    if era and buddhist != era.startswith(("พ", "b")):
        raise ValueError(YEAR_UNLIKELY)
    western = number - BUDDHIST_ERA if buddhist else number
    if not 1858 <= western <= 2200:
        raise ValueError(YEAR_UNLIKELY)
    return western


def parse_date(text: str) -> date:
    """The day that somebody wrote: 15/3/2560, 15-03-2560, 15 มี.ค. 2560, 2017-03-15, Thai digits.

    The day comes before the month unless the year comes first. A year above 2400 is Buddhist.
    ValueError with a message id: no date, no such day, a year of two digits, an unlikely year.
    """
    text = digits(clean(text)).casefold()
    for pattern in (_YEAR_FIRST, _DAY_FIRST, _IN_WORDS):
        if match := pattern.fullmatch(text):
            break
    else:
        raise ValueError(NOT_A_DATE)
    found = match.groupdict(default="")
    month = (
        int(found["month"]) if found["month"].isdigit() else _MONTHS.get(_month_key(found["month"]))
    )
    if month is None:
        raise ValueError(NOT_A_DATE)
    year = _western_year(found["year"], found.get("before") or found.get("after") or "")
    try:
        return date(year, month, int(found["day"]))
    except ValueError:
        raise ValueError(NO_SUCH_DAY) from None


_DAY_AND_CLOCK = re.compile(
    r"(?P<day>.+?)(?:, ?| |(?<=[0-9])T)(?:เวลา ?)?"
    r"(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?(?: ?น\.?)?"
)


def parse_local_datetime(text: str) -> datetime:
    """The moment, aware UTC, of a Bangkok date and time: 2024-06-11T17:00, 11/06/2567 17:00.

    Takes what parse_date takes, and 24:00 for the end of a day. ValueError with a message id.
    """
    match = _DAY_AND_CLOCK.fullmatch(digits(clean(text)))
    if match is None:
        raise ValueError(NOT_A_TIME)
    day = parse_date(match["day"])
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if (hour, minute, second) == (24, 0, 0):
        day, hour = day + timedelta(days=1), 0
    try:
        local = datetime.combine(day, time(hour, minute, second), tzinfo=BANGKOK)
    except ValueError:
        raise ValueError(NOT_A_TIME) from None
    return local.astimezone(UTC)


def year_of(now: datetime) -> int:
    """The academic year (Buddhist Era) of an aware moment: it starts on 16 May, Bangkok time.

    Source: Ministry of Education's regulation on the school year, B.E. 2549.
    """
    today = to_local(now).date()
    return today.year + BUDDHIST_ERA - (today < date(today.year, 5, 16))
