"""Letters that remind: their standard wording, what may stand in one, and how it is filled.

Placeholders are names in braces. A wording that DLA has written takes the place of the standard
one; the last lines of a letter (who had it sent, how to turn reminders off) are not its to change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, LEVELS, PROVINCE, SCHOOL
from admin_app.domain.text import N_
from admin_app.domain.thai import format_bound

LANGUAGES: tuple[str, ...] = ("th", "en")
LONGEST_SUBJECT, LONGEST_TEXT = 120, 2_000
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"(?!-)[A-Za-z0-9-]+(?<!-)"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+")

Errors = dict[str, tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that a wording may hold; ``levels``: in letters to units of which levels."""

    name: str
    meaning: str
    levels: tuple[str, ...] = (SCHOOL, LAO, PROVINCE)


PLACEHOLDERS: tuple[Placeholder, ...] = (
    Placeholder("unit", N_("the name of the unit")),
    Placeholder("cycle", N_("the cycle")),
    Placeholder("due", N_("by when units of this level have to confirm")),
    Placeholder("closes", N_("until when the unit can confirm, extensions counted in")),
    Placeholder("left", N_("how many units directly below it have not confirmed"), (LAO, PROVINCE)),
    Placeholder("link", N_("the address of the unit's page; it must not be missing")),
    Placeholder(
        "help",
        N_("whom to call: the sender with its telephone, or else the department"),
    ),
)


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject and text of a letter, with placeholders."""

    subject: str
    text: str


_TH, _EN = "th", "en"
STANDARD: dict[tuple[str, str], Wording] = {
    (SCHOOL, _TH): Wording(
        "ขอให้ยืนยันข้อมูลนักเรียน {unit} {cycle}",
        "เรียน เจ้าหน้าที่ {unit}\n\n"
        "{unit} ยังไม่ยืนยันข้อมูลนักเรียน {cycle}\n"
        "กำหนดยืนยัน: {due}\n"
        "ปิดระบบ: {closes} หลังจากนั้นบันทึกและยืนยันไม่ได้\n\n"
        "ขอให้เข้าสู่ระบบ ทำรายการที่ค้างตามที่หน้าแรกแจ้ง แล้วกด “ยืนยัน”\n"
        "{link}\n\n"
        "สอบถาม: {help}",
    ),
    (SCHOOL, _EN): Wording(
        "Please confirm the student data of {unit}, {cycle}",
        "To the staff of {unit}\n\n"
        "{unit} has not confirmed its student data of {cycle} yet.\n"
        "Due: {due}\n"
        "The system closes: {closes}. After that nothing can be recorded or confirmed.\n\n"
        "Please sign in, do what the home page says is left, and press “Confirm”:\n"
        "{link}\n\n"
        "Questions: {help}",
    ),
    (LAO, _TH): Wording(
        "ขอให้ยืนยันข้อมูล {unit} {cycle}",
        "เรียน เจ้าหน้าที่ {unit}\n\n"
        "{unit} ยังไม่ยืนยันข้อมูล {cycle}\n"
        "สถานศึกษาในสังกัดที่ยังไม่ยืนยัน: {left} แห่ง\n"
        "กำหนดยืนยัน: {due}\n"
        "ปิดระบบ: {closes} หลังจากนั้นบันทึกและยืนยันไม่ได้\n\n"
        "ขอให้ติดตามสถานศึกษาที่ยังไม่ยืนยัน บันทึกจำนวนนักเรียนของสถานศึกษาสังกัดอื่น"
        " แล้วกด “ยืนยัน”\n"
        "{link}\n\n"
        "สอบถาม: {help}",
    ),
    (LAO, _EN): Wording(
        "Please confirm the data of {unit}, {cycle}",
        "To the staff of {unit}\n\n"
        "{unit} has not confirmed its data of {cycle} yet.\n"
        "Its schools that have not confirmed: {left}\n"
        "Due: {due}\n"
        "The system closes: {closes}. After that nothing can be recorded or confirmed.\n\n"
        "Please ask the schools that are left, record the counts of other affiliations, and press"
        " “Confirm”:\n"
        "{link}\n\n"
        "Questions: {help}",
    ),
    (PROVINCE, _TH): Wording(
        "ขอให้ยืนยันข้อมูลจังหวัด{unit} {cycle}",
        "เรียน เจ้าหน้าที่จังหวัด{unit}\n\n"
        "จังหวัด{unit} ยังไม่ยืนยันข้อมูล {cycle}\n"
        "อปท. ที่ยังไม่ยืนยัน: {left} แห่ง\n"
        "กำหนดยืนยัน: {due}\n"
        "ปิดระบบ: {closes} หลังจากนั้นยืนยันไม่ได้\n\n"
        "ขอให้ติดตาม อปท. ที่ยังไม่ยืนยัน แล้วกด “ยืนยัน”\n"
        "{link}\n\n"
        "สอบถาม: {help}",
    ),
    (PROVINCE, _EN): Wording(
        "Please confirm the data of {unit} province, {cycle}",
        "To the staff of {unit} province\n\n"
        "{unit} has not confirmed its data of {cycle} yet.\n"
        "LAOs that have not confirmed: {left}\n"
        "Due: {due}\n"
        "The system closes: {closes}. After that nothing can be confirmed.\n\n"
        "Please ask the LAOs that are left, and press “Confirm”:\n"
        "{link}\n\n"
        "Questions: {help}",
    ),
}
# what stands below every letter
_FOOT: dict[str, str] = {
    _TH: "อีเมลนี้ส่งจากระบบ LEC ในนาม {sender} ไม่ต้องตอบกลับ\nไม่ต้องการรับอีเมลเตือน: {off}",
    _EN: "Sent by the LEC system for {sender}. Please do not answer this letter.\n"
    "To get no reminders any more: {off}",
}
# how a letter calls a unit beside its bare name
_CALLED: dict[tuple[str, str], str] = {
    (PROVINCE, _TH): "จังหวัด{name}",
    (PROVINCE, _EN): "{name} province",
}
# whom to call: with a telephone number, and without one
_HELP: dict[str, tuple[str, str]] = {
    _TH: ("{name} โทร. {phone}", "{name}"),
    _EN: ("{name}, telephone {phone}", "{name}"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter names. ``link`` and ``off`` are addresses; moments are aware.

    ``unit``, ``sender``, ``helper``: names in Thai; ``*_en``: in English, "" where there is none.
    """

    unit: str
    cycle: str
    due: datetime
    closes: datetime
    left: int
    link: str
    sender: str
    sender_level: str
    off: str
    helper: str = ""
    phone: str = ""
    unit_en: str = ""
    cycle_en: str = ""
    sender_en: str = ""
    helper_en: str = ""


def called(level: str, language: str, name: str) -> str:
    """A unit's name as a letter says it of who sends."""
    return fill(_CALLED.get((level, language), "{name}"), {"name": name})


LEVEL_KEYS: tuple[str, ...] = tuple(key for key in BY_KEY if key != DEPARTMENT)


def below(level: str) -> tuple[str, ...]:
    """The levels whose units somebody of ``level`` may remind, the nearest first."""
    rank = BY_KEY[level].rank
    return tuple(row.key for row in reversed(LEVELS) if row.rank < rank)


def names(level: str) -> tuple[str, ...]:
    """The placeholders of a letter to a unit of this level."""
    return tuple(one.name for one in PLACEHOLDERS if level in one.levels)


def wrong(level: str, wording: Wording) -> Errors:
    """What is wrong with a wording, by field; empty when it can be sent."""
    errors: Errors = {}
    most = {"subject": LONGEST_SUBJECT, "text": LONGEST_TEXT}
    allowed = names(level)
    for field, value in (("subject", wording.subject), ("text", wording.text)):
        strange = [n for n in _PLACEHOLDER.findall(value) if n not in allowed]
        if not value.strip():
            errors[field] = (N_("It must not be empty."), {})
        elif len(value) > most[field]:
            errors[field] = (N_("At most %(most)d letters."), {"most": most[field]})
        elif strange:
            told = {"name": f"{{{strange[0]}}}"}
            errors[field] = (N_("There is no placeholder %(name)s."), told)
    if "subject" not in errors and any(sign in wording.subject for sign in "\r\n"):
        errors["subject"] = (N_("A subject has one line."), {})
    if "text" not in errors and "{link}" not in wording.text:
        errors["text"] = (N_("The link to the unit's page is missing: write %(name)s."), _LINK)
    return errors


_LINK = {"name": "{link}"}


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; braces around anything else stay as they are."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def letter(wording: Wording, facts: Facts, language: str) -> Wording:
    """Subject, on one line, and text of the letter in one of ``LANGUAGES``, with its last lines."""
    english = language != _TH
    helper = (english and facts.helper_en) or facts.helper
    with_phone, without = _HELP[language]
    help_text = with_phone if facts.phone else without
    values = {
        "unit": (english and facts.unit_en) or facts.unit,
        "cycle": (english and facts.cycle_en) or facts.cycle,
        "due": format_bound(facts.due, language),
        "closes": format_bound(facts.closes, language),
        "left": f"{facts.left:,}",
        "link": facts.link,
        "help": fill(help_text, {"name": helper, "phone": facts.phone}),
        "sender": called(
            facts.sender_level, language, (english and facts.sender_en) or facts.sender
        ),
        "off": facts.off,
    }
    offered = {name: values[name] for name in (one.name for one in PLACEHOLDERS)}
    subject = " ".join(fill(wording.subject, offered).split())
    text = fill(wording.text, offered).replace("\r\n", "\n").strip()
    return Wording(subject, f"{text}\n\n-- \n{fill(_FOOT[language], values)}\n")


def is_address(text: str) -> bool:
    """Whether a letter can be sent to this e-mail address: one, plain, nothing around it."""
    return len(text) <= 254 and bool(_ADDRESS.fullmatch(text))
