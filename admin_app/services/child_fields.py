"""A child's fields as they are typed, and as they are stored."""

from __future__ import annotations

from typing import Any

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
NEEDED = ("id_kind", "first_name", "last_name", "sex", "grade")
IDENTITY = frozenset({"id_kind", "id_number", "no_id_reason"})
_REQUIRED = N_("This field is needed.")
_UNKNOWN = N_("Choose one of the list.")
Errors = dict[str, tuple[str, dict[str, Any]]]


def stored(student: Student) -> dict[str, Any]:
    """The child's fields as the row holds them."""
    return {key: student.__data__.get(key) for key in FIELDS}


def cleaned(values: dict[str, Any], student: Student | None = None) -> dict[str, Any]:
    """The fields as they are stored; Invalid names every field that cannot be taken.

    A new child needs all of ``NEEDED``. Of an edited one (``student``) some fields will do; its
    identity is judged whole, as a number is right or wrong for its kind.
    """
    out = {key: value for key, value in values.items() if key in FIELDS}
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
    errors |= _dates(out) | _choices(out) | too_long(Student, out | {"id_number": None})
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


def _choices(out: dict[str, Any]) -> Errors:
    errors: Errors = {}
    if "sex" in out and out["sex"] not in ("M", "F"):
        errors["sex"] = (_UNKNOWN, {})
    if "grade" in out and not Grade.select().where(Grade.code == out["grade"]).exists():
        errors["grade"] = (_UNKNOWN, {})
    for key in ("nationality", "disability", "disadvantage"):
        if out.get(key) and not (
            Code.select().where(Code.list == key, Code.code == out[key]).exists()
        ):
            errors[key] = (_UNKNOWN, {})
    place = out.get("home_subdistrict")
    if isinstance(place, Subdistrict):
        out["home_subdistrict"] = place.id
    elif place is not None and not Subdistrict.select().where(Subdistrict.id == place).exists():
        errors["home_subdistrict"] = (_UNKNOWN, {})
    return errors


def keys(first_name: str, last_name: str) -> dict[str, str]:
    """The columns that order and find the child's name."""
    return {
        "sort_key": thai.sort_key(first_name, last_name),
        "last_key": thai.sort_key(last_name),
    }
