"""Finds, in a page, what a reader of its language cannot read: the other language, or no text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from admin_app.domain.identity import mask_name
from admin_app.domain.reminders import PLACEHOLDERS
from admin_app.models import (
    Announcement,
    CaseNote,
    Code,
    Cycle,
    District,
    Event,
    Finding,
    OtherSchool,
    RateEdition,
    Student,
    Subdistrict,
    Transfer,
    Unit,
    UnitState,
    Upload,
    User,
)
from tests.test_translations import LATIN

NAMES = LATIN | {"Admin"}
# what a script shows later stands in attributes, too
ATTRIBUTES = {"aria-label", "title", "placeholder", "alt"}
SPOKEN = re.compile(r"data-(?:label|sure|too-big|pick|right|pin-.+|gcode-.+)")
EMPTY = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
SILENT = {"script", "style", "code", "textarea"}
LATIN_WORD, THAI_WORD = re.compile(r"[A-Za-z]+"), re.compile(r"[\u0e01-\u0e5b]+")
LEFTOVER = re.compile(
    r"%\(|%[sd]\b|\{\w*\}|\{\{|\}\}|gettext|LazyString|Markup\(|&(?:amp;)?\w+;"
    r"| object at 0x|^\s*(?:None|True|False|\[\]|\{\}|\(\)|nan|undefined)\s*$"
)


class _Reader(HTMLParser):
    """The texts of a page with the language that each is marked as being in."""

    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.open: list[tuple[str, str]] = []  # (tag, language or "" for one that is no text)
        self.texts: list[tuple[str, str]] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        around = self.open[-1][1] if self.open else ""
        marked = given.get("lang", around)
        if given.get("translate") == "no" or tag in SILENT:
            marked = ""
        if tag == "html":
            self.language = marked
        self.texts += [
            (marked, text)
            for name, text in given.items()
            if name in ATTRIBUTES or SPOKEN.fullmatch(name)
        ]
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag not in EMPTY:
            self.open.append((tag, marked))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at][0] == tag:
                del self.open[at:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open:
            self.texts.append((self.open[-1][1], data))


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def links(html: str) -> list[str]:
    """The addresses of this site that the page leads to."""
    found = _read(html).links
    return [href for href in found if href.startswith("/") and not urlsplit(href).netloc]


# what DLA writes into the wording of reminders, so pages name it as it is written
WRITTEN = re.compile("|".join(rf"{{{one.name}}}" for one in PLACEHOLDERS))


def _without(text: str, data: Iterable[str]) -> str:
    """The text without the values of the database that stand in it as whole words."""
    for value in data:
        if value in text:
            text = re.sub(rf"(?<![A-Za-z]){re.escape(value)}(?![A-Za-z])", " ", text)
    return text


def faults(html: str, data: Iterable[str]) -> Iterator[str]:
    """What is not in the page's language, and what is no text at all.

    ``data``: values that people typed, the longest first; they stay as they are in any language.
    An element is read in its own ``lang``; one with ``translate="no"`` is a name.
    """
    values = list(data)
    reader = _read(html)
    if reader.language not in ("th", "en"):
        yield f"the page is in {reader.language or 'no language'}"
    for language, read in reader.texts:
        if not language:
            continue
        text = WRITTEN.sub(" ", read)
        if found := LEFTOVER.search(text):
            yield f"left over: {found[0]!r} in {text.strip()!r}"
        rest = _without(text, values)
        if language == "th":
            foreign = [word for word in LATIN_WORD.findall(rest) if word not in NAMES]
        else:
            foreign = THAI_WORD.findall(rest)
        if foreign:
            yield f"{language}: {' '.join(foreign)!r} in {' '.join(text.split())!r}"


TYPED = (
    *(Announcement.title, Announcement.text, CaseNote.text, Cycle.code, Cycle.name, Event.reason),
    *(Event.actor_name, Finding.note, OtherSchool.name, OtherSchool.code, RateEdition.reason),
    *(Student.id_number, Student.no_id_reason, Student.prefix, Student.first_name),
    *(Student.last_name, Transfer.reason, Transfer.decision_reason, Unit.code, Unit.name),
    *(Unit.contact_name, Unit.phone, Unit.email, Unit.address, UnitState.reopened_reason),
    *(Upload.file_name, User.username, User.name, User.email, District.name, Subdistrict.name),
)


def typed_values(*more: str) -> list[str]:
    """What people typed into this database, and names of places; the longest first."""
    found = {str(value) for field in TYPED for (value,) in field.model.select(field).tuples()}
    unnamed = Code.select(Code.name).where(Code.name_en == "").tuples()
    found |= {str(value) for (value,) in unnamed}
    found |= set(more)
    named = Student.select(Student.first_name, Student.last_name).tuples()
    found |= {mask_name(first, last) for first, last in named}
    spoken = {
        value.strip() for value in found if LATIN_WORD.search(value) or THAI_WORD.search(value)
    }
    return sorted((value for value in spoken if len(value) > 1), key=len, reverse=True)
