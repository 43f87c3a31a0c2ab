"""A child's fields as they are typed, and as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin_app.database import tuples
from admin_app.domain import identity, thai
from admin_app.domain.text import N_
from admin_app.models import Code, Grade, Student, Subdistrict
from admin_app.services.errors import Invalid
from admin_app.services.typed import too_long

FIELDS = (
    "id_kind",
    "id_number",
    "no_id_reason",
    "prefix",
    "first_name",
    "last_name",
    "sex",
    "birth_date",
    "grade",
    "nationality",
    "disability",
    "disadvantage",
    "home_subdistrict",
    "entered_on",
)
# an edit of one of these clears the attestation: it may be another child now
IDENTITY_FIELDS = frozenset(
    {"id_kind", "id_number", "first_name", "last_name", "sex", "birth_date"}
)
USUAL = {"nationality": "TH", "disability": "", "disadvantage": ""}
"""What a column that is never NULL holds when nothing was chosen."""
NEEDED = ("id_kind", "first_name", "last_name", "sex", "grade")
IDENTITY = frozenset({"id_kind", "id_number", "no_id_reason"})
_REQUIRED = N_("This field is needed.")
_UNKNOWN = N_("Choose one of the list.")
Errors = dict[str, tuple[str, dict[str, Any]]]
# two children without a number who agree in these count as the same one
WHOLE = ("first_name", "last_name", "sex", "birth_date", "grade", "no_id_reason")


def stored(student: Student) -> dict[str, Any]:
    """The child's fields as the row holds them."""
    return {key: student.__data__.get(key) for key in FIELDS}


@dataclass(frozen=True, slots=True)
class Known:
    """The codes there are, read once for many children: grades, (list, code), sub-districts."""

    grades: frozenset[str]
    codes: frozenset[tuple[str, str]]
    places: frozenset[int]


def known() -> Known:
    """Every code that a child's field may hold; three queries."""
    return Known(
        frozenset(code for (code,) in tuples(Grade.select(Grade.code))),
        frozenset(tuples(Code.select(Code.list, Code.code))),
        frozenset(place for (place,) in tuples(Subdistrict.select(Subdistrict.id))),
    )


def cleaned(
    values: dict[str, Any], student: Student | None = None, known: Known | None = None
) -> dict[str, Any]:
    """The fields as they are stored; Invalid names every field that cannot be taken.

    A new child needs all of ``NEEDED``. Of an edited one (``student``) some fields will do; its
    identity is judged whole, as a number is right or wrong for its kind. ``known``: the codes there
    are, where many children are judged; without it each code is looked up.
    """
    out = {key: value for key, value in values.items() if key in FIELDS}
    out |= {key: usual for key, usual in USUAL.items() if key in out and out[key] is None}
    if student is None:
        out = dict.fromkeys(NEEDED, "") | out
    elif IDENTITY & out.keys():
        out = {key: student.__data__[key] for key in IDENTITY} | out
    errors: Errors = {}
    for key in ("prefix", "first_name", "last_name", "no_id_reason"):
        if key in out:
            out[key] = thai.clean(out[key] or "")
    for key in ("first_name", "last_name"):
        if key in out and not out[key]:
            errors[key] = (_REQUIRED, {})
    if "id_kind" in out:
        errors |= _identity(out)
    errors |= _dates(out) | _choices(out, known) | too_long(Student, out | {"id_number": None})
    if errors:
        raise Invalid(errors)
    return out


def _identity(out: dict[str, Any]) -> Errors:
    """Sets number and reason as they belong to the kind."""
    kind = out["id_kind"]
    if kind not in identity.BY_KEY:
        return {"id_kind": (_UNKNOWN, {})}
    if not identity.BY_KEY[kind].numbered:
        out["id_number"] = None
        if out.get("no_id_reason"):
            return {}
        text = N_("Write why the child has no document (for example: being applied for).")
        return {"no_id_reason": (text, {})}
    number = identity.normalise(kind, out.get("id_number") or "")
    out |= {"id_number": number or None, "no_id_reason": ""}
    if not number:
        return {"id_number": (_REQUIRED, {})}
    problem = identity.check(kind, number)
    return {"id_number": (identity.MESSAGES[problem], {})} if problem else {}


def _dates(out: dict[str, Any]) -> Errors:
    errors: Errors = {}
    for key in ("birth_date", "entered_on"):
        if isinstance(out.get(key), str):
            try:
                out[key] = thai.parse_date(out[key]) if out[key].strip() else None
            except ValueError as error:
                errors[key] = (str(error), {})
    return errors


def _choices(out: dict[str, Any], known: Known | None) -> Errors:
    errors: Errors = {}
    if "sex" in out and out["sex"] not in ("M", "F"):
        errors["sex"] = (_UNKNOWN, {})
    if "grade" in out and not _is_grade(out["grade"], known):
        errors["grade"] = (_UNKNOWN, {})
    for key in ("nationality", "disability", "disadvantage"):
        if out.get(key) and not _is_code(key, out[key], known):
            errors[key] = (_UNKNOWN, {})
    place = out.get("home_subdistrict")
    if isinstance(place, Subdistrict):
        out["home_subdistrict"] = place.id
    elif place is not None and not _is_place(place, known):
        errors["home_subdistrict"] = (_UNKNOWN, {})
    return errors


def _is_grade(code: Any, known: Known | None) -> bool:
    if known is not None:
        return code in known.grades
    return bool(Grade.select().where(Grade.code == code).exists())


def _is_code(of: str, code: Any, known: Known | None) -> bool:
    if known is not None:
        return (of, code) in known.codes
    return bool(Code.select().where(Code.list == of, Code.code == code).exists())


def _is_place(place: Any, known: Known | None) -> bool:
    if known is not None:
        return place in known.places
    return bool(Subdistrict.select().where(Subdistrict.id == place).exists())


def update(
    student: Student, changed: dict[str, Any], now: datetime, user_id: int
) -> tuple[dict[str, Any], bool]:
    """What an edit of ``changed`` (as ``cleaned``) writes besides the version, and whether it
    clears the attestation."""
    cleared = student.attested_at is not None and bool(IDENTITY_FIELDS & changed.keys())
    written: dict[str, Any] = dict(changed) | {"updated_at": now, "updated_by": user_id}
    if cleared:
        written |= {"attested_at": None, "attested_by": None}
    if "grade" in changed:
        written["leaver"] = False  # who is put into another grade stays
    if {"first_name", "last_name"} & changed.keys():
        written |= keys(
            changed.get("first_name", student.first_name),
            changed.get("last_name", student.last_name),
        )
    return written, cleared


def whole(child: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells children without a number apart, of a row or of what would be written."""
    return tuple(child.get(name) for name in WHOLE)


def keys(first_name: str, last_name: str) -> dict[str, str]:
    """The columns that order and find the child's name."""
    return {
        "sort_key": thai.sort_key(first_name, last_name),
        "last_key": thai.sort_key(last_name),
    }
