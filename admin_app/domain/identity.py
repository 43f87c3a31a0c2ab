"""A child's identity: kinds of numbers, their form and check digit, and what a masked one shows.

Sources: the 13-digit number and its first digit, Department of Provincial Administration (0: people
without registration status, 9: reserved for the royal family); its check digit, ``stdnum.th.pin``;
the G-code, G and 12 digits, given by the Ministry of Education; masking, Personal Data Protection
Act B.E. 2562 (necessity).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from stdnum.th import pin

from admin_app.domain.text import N_
from admin_app.domain.thai import BUDDHIST_ERA, clean, digits

PIN, GCODE, NONE = "pin", "gcode", "none"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of identity. ``numbered``: it has a number; otherwise it needs a reason."""

    key: str
    name: str
    numbered: bool


KINDS: tuple[Kind, ...] = (
    Kind(PIN, N_("Thai national ID"), numbered=True),
    Kind(GCODE, N_("G-code"), numbered=True),
    Kind(NONE, N_("No document"), numbered=False),
)
BY_KEY: dict[str, Kind] = {kind.key: kind for kind in KINDS}

MESSAGES: dict[str, str] = {
    "kind_unknown": N_("Choose the kind of identity."),
    "number_missing": N_("The identity number is missing."),
    "number_unexpected": N_("A child without a document has no identity number."),
    "pin_letters": N_("A Thai national ID holds digits only."),
    "pin_length": N_("A Thai national ID has 13 digits."),
    "pin_first_digit": N_("A child's Thai national ID does not begin with 9."),
    "pin_check_digit": N_("The check digit is wrong: compare the number with the document."),
    "gcode_letters": N_("A G-code is the letter G and digits."),
    "gcode_length": N_("A G-code has 12 digits after the G."),
}

_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]")
_DIGITS = re.compile("[0-9]+")
_GCODE = re.compile("G[0-9]*")


def normalise(kind: str, text: str | None) -> str:
    """The number as it is stored: ASCII digits, no spaces or dashes, capital G; "" for ``none``."""
    if kind == NONE or not text:
        return ""
    return _SEPARATORS.sub("", digits(clean(text))).upper()


def _check_pin(number: str) -> str | None:
    if not _DIGITS.fullmatch(number):
        return "pin_letters"
    if len(number) != 13:
        return "pin_length"
    if number[0] == "9":
        return "pin_first_digit"
    # Not pin.validate(): it refuses 0, and such children do go to school.
    if number[-1] != pin.calc_check_digit(number):
        return "pin_check_digit"
    return None


def _check_gcode(number: str) -> str | None:
    if not _GCODE.fullmatch(number):
        return "gcode_letters"
    return None if len(number) == 13 else "gcode_length"


_CHECKS = {PIN: _check_pin, GCODE: _check_gcode}


def check(kind: str, number: str | None) -> str | None:
    """What is wrong with a normalised number, as a code of MESSAGES; None when it is right."""
    if kind not in BY_KEY:
        return "kind_unknown"
    if not BY_KEY[kind].numbered:
        return "number_unexpected" if number else None
    if not number:
        return "number_missing"
    return _CHECKS[kind](number)


def format_number(kind: str, number: str | None) -> str:
    """A stored number for reading: 1-2345-67890-12-1; a G-code or a wrong number as it is."""
    if not number:
        return ""
    return pin.format(number) if kind == PIN and len(number) == 13 else number


def mask_number(kind: str, number: str | None) -> str:
    """A stored number for eyes that need not know it: x-xxxx-xxxx0-12-1, last four characters.

    A number of four characters or fewer is hidden whole.
    """
    if not number:
        return ""
    shown = number[-4:] if len(number) > 4 else ""
    return format_number(kind, "x" * (len(number) - len(shown)) + shown)


def mask_name(first: str, last: str) -> str:
    """First name in full, of the last name its beginning: "สมชาย ใจ…".

    The beginning is a letter; a leading vowel keeps its consonant, as it does not stand alone.
    """
    if not last:
        return first
    shown = last[:2] if last[0] in "เแโใไ" else last[:1]
    return f"{first} {shown}…".strip()


def mask_birth_date(birth_date: date | None, locale: str = "th") -> str:
    """Only the year: "พ.ศ. 2560", in English "2560 BE"; "" when there is none."""
    if birth_date is None:
        return ""
    year = birth_date.year + BUDDHIST_ERA
    return f"พ.ศ. {year}" if locale.startswith("th") else f"{year} BE"


def make_pin(first12: str) -> str:
    """The 13-digit number of these 12 digits, for seeds and tests. ValueError for anything else."""
    if len(first12) != 12 or not _DIGITS.fullmatch(first12) or first12[0] == "9":
        raise ValueError("12 digits, of which the first is not 9")
    return first12 + pin.calc_check_digit(first12)
