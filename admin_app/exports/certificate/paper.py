"""The certificate as PDF: its data as JSON into a typst template that never changes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_sarabun
import segno
import typst

from admin_app.domain.levels import LAO, PROVINCE, SCHOOL
from admin_app.domain.thai import format_date_long, to_local
from admin_app.exports import official
from admin_app.exports import words as shared
from admin_app.exports.certificate import words
from admin_app.exports.certificate.figures import (
    Ladder,
    Line,
    Sums,
    above,
    by_affiliation,
    by_grade,
    sums_of,
)
from admin_app.exports.request import Built, Request
from admin_app.models import User
from admin_app.services import revisions
from admin_app.services.revisions import Entry

TEMPLATE = Path(__file__).with_name("certificate.typ")
FONTS = Path(fontpkg_sarabun.__file__).parent / "files"
GROUP = 8
KEPT = 10
"""How many documents back typst keeps what it has worked out."""
Pairs = list[tuple[str, str]]


@cache
def _fonts() -> typst.Fonts:
    """Sarabun and nothing else, so that the paper is the same on every machine."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def pdf(data: dict[str, Any], made_at: datetime) -> bytes:
    """The page for this data; the same data give the same bytes."""
    made = typst.compile(
        _template(),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
        timestamp=made_at.replace(microsecond=0),  # typst refuses fractions of a second
    )
    _forget()
    if not isinstance(made, bytes):
        raise TypeError("typst answers with the bytes of one file")
    return made


def _forget() -> None:
    """Let empty documents take the place of what typst keeps: 40 MiB for each large paper."""
    for _ in range(KEPT + 1):
        typst.compile(b"", font_paths=_fonts(), format="svg")


def moment(at: datetime) -> str:
    """A moment in full: 11 มิถุนายน พ.ศ. 2567 เวลา 17.00 น."""
    local = to_local(at)
    day, month, year = format_date_long(local.date()).split()
    return f"{day} {month} พ.ศ. {year} เวลา {local:%H.%M}\u00a0น."


def qr(text: str) -> str:
    """A QR code as SVG."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False)
    return out.getvalue().decode()


def groups(digest: str) -> list[str]:
    """The digest in groups of eight, as somebody would type it."""
    return [digest[start : start + GROUP] for start in range(0, len(digest), GROUP)]


def link(page: str, digest: str) -> str:
    """What the QR code holds: the address that checks the digest; the digest where none is known.

    ``page``: the address of the page that takes a digest, "" where nobody told it.
    """
    return f"{page}?digest={digest}" if page else digest


def _about(request: Request, content: dict[str, Any]) -> list[Pairs]:
    """Two columns of facts about the unit, as it was confirmed."""
    unit = request.unit
    names = above(unit, content)
    name = shared.province(content["name"]) if unit.level == PROVINCE else content["name"]
    left: Pairs = [(words.UNIT, name), (words.CODE, content["code"])]
    right: Pairs = []
    if content["kind"]:
        left.append((words.KIND, words.KINDS.get(content["kind"], content["kind"])))
    if unit.level == SCHOOL:
        right.append((words.LAO_NAME, names.get(LAO, "")))
    if content.get("district"):
        right.append((words.DISTRICT, content["district"]["name"]))
    if unit.level != PROVINCE:
        right.append((words.PROVINCE_NAME, names.get(PROVINCE, "")))
    return [left, right]


def _confirmed(request: Request, entry: Entry | None) -> Pairs:
    """Who confirmed the revision, as what, when and whether in time."""
    state = request.state
    name, role, at, late = words.NOT_KNOWN, "", state.confirmed_at, state.late
    if entry is not None:
        name, role, at = entry.who, entry.role, entry.at
        late = bool(entry.details.get("late"))
        if entry.on_behalf:
            name = f"{name} {words.ON_BEHALF}"
    elif state.confirmed_by_id:
        user = User.get_by_id(state.confirmed_by_id)
        name, role = user.name, user.role
    return [
        (words.BY, name),
        (words.ROLE, shared.ROLES.get(role, role) or words.NOT_KNOWN),
        (words.AT, moment(at)),
        (words.TIME, words.LATE if late else words.IN_TIME),
        (words.REVISION, str(state.revision)),
    ]


def _units(sums: Sums, level: str) -> Pairs:
    """How many units below were confirmed, by kind."""
    if level == SCHOOL:
        return []
    return [
        (words.KINDS[kind], f"{sums.kinds[kind]:,} {words.PLACES}")
        for kind in words.KINDS
        if sums.kinds[kind]
    ]


def _row(line: Line, schools: bool) -> dict[str, Any]:
    """A row of a table as the template takes it."""
    name = line.name
    if line.stage and name in {"", *shared.STAGES}:
        name = f"{words.SUM}{shared.STAGES.get(name, shared.NO_STAGE)}"
    numbers = ([line.schools] if schools else []) + [line.boys, line.girls, line.total]
    return {"cells": [name, *(f"{number:,}" for number in numbers)], "strong": line.stage}


def _heads(*first: str) -> list[str]:
    return [*first, shared.BOYS, shared.GIRLS, shared.TOTAL]


def _rows(lines: Iterable[Line], schools: bool) -> list[dict[str, Any]]:
    return [_row(line, schools) for line in lines]


def _notes(sums: Sums, level: str) -> list[str]:
    if level == LAO and sums.declared_none:
        return [words.DECLARED_NONE]
    if level == PROVINCE and sums.declared_none:
        return [words.DECLARED_BY.format(sums.declared_none)]
    return []


def data_of(request: Request) -> tuple[dict[str, Any], str, int]:
    """(what the template shows, the digest, rows of the main table). NotFound, Damaged."""
    unit, cycle = request.unit, request.cycle
    frozen = official.top(cycle, unit.id, request.state.revision)
    ladder = Ladder()
    sums = sums_of(cycle, frozen, ladder)
    schools = unit.level != SCHOOL
    rows = _rows(by_grade(sums, ladder, words.ALL), schools)
    found = revisions.one(revisions.every(cycle.id, unit.id), request.state.revision)
    signs = words.SIGNS.get(frozen.content["kind"]) or words.SIGNS[unit.level]
    named = frozen.content["name"]
    if unit.level == PROVINCE:
        named = shared.province(named)
    data = {
        "title": words.TITLE,
        "name": f"{words.TITLE} {shared.cycle(cycle)} {named}",
        "cycle": shared.cycle(cycle),
        "level": words.LEVELS[unit.level],
        "about": _about(request, frozen.content),
        "heads": _heads(words.GRADE, *([words.SCHOOLS] if schools else [])),
        "rows": rows,
        "confirmed": _confirmed(request, found.confirmed),
        "units": _units(sums, unit.level),
        "other_heads": _heads(words.AFFILIATION, words.PLACES),
        "others": _rows(by_affiliation(sums, words.REST, words.SUM), True),
        "notes": _notes(sums, unit.level),
        "signatures": [(words.MAKES, ""), (words.CERTIFIES, signs)],
        "digest": groups(frozen.digest),
        "qr": qr(link(request.proof_page, frozen.digest)),
        "words": {
            "confirmed": words.CONFIRMED,
            "units": words.UNITS,
            "others": words.OTHERS,
            "statement": words.STATEMENT,
            "digest": words.DIGEST,
            "how": words.HOW,
        },
    }
    return data, frozen.digest, len(rows)


def build(request: Request, out: Any) -> Built:
    """Write the certificate to ``out``, a path or an open file. NotFound, Damaged."""
    data, digest, rows = data_of(request)
    made = pdf(data, request.state.confirmed_at)
    if hasattr(out, "write"):
        out.write(made)
    else:
        Path(out).write_bytes(made)
    return Built(rows, digest)
