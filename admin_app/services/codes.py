"""The one door for code lists and grades: data that DLA edits, never taken away, only put aside."""

from __future__ import annotations

from typing import Any

from admin_app.database import Clock, transaction
from admin_app.domain import thai
from admin_app.domain.access import Actor, may
from admin_app.domain.text import N_
from admin_app.models import Code, Grade
from admin_app.services import findings, history
from admin_app.services.errors import Invalid, NotFound
from admin_app.services.typed import row_id as as_id
from admin_app.services.typed import taken, too_long

LISTS: dict[str, str] = {
    "prefix": N_("Prefix"),
    "nationality": N_("Nationality"),
    "disability": N_("Disability"),
    "disadvantage": N_("Disadvantage"),
    "affiliation": N_("Affiliation"),
}
FIELDS = ("name", "name_en", "position", "active")
_TAKEN = N_("This code is in the list already.")
AGES = ("min_age", "max_age")
GRADE_FIELDS = ("name", "name_en", "min_age", "max_age", "active")


def _checked(
    table: type[Code] | type[Grade], values: dict[str, Any], fields: tuple[str, ...]
) -> dict[str, Any]:
    out = {key: values[key] for key in fields if key in values}
    for key in ("name", "name_en"):
        if key in out:
            out[key] = thai.clean(out[key] or "")
    errors: dict[str, tuple[str, dict[str, Any]]] = {}
    if not out.get("name"):
        errors["name"] = (N_("Write the name."), {})
    for key in ("position", "min_age", "max_age"):
        if key in out and (not isinstance(out[key], int) or not 0 <= out[key] <= 9999):
            errors[key] = (N_("Give a number from 0 to 9999."), {})
    errors |= too_long(table, out)
    if errors:
        raise Invalid(errors)
    return out


def create(actor: Actor, values: dict[str, Any], clock: Clock) -> Code:
    """A new row of a list. Raises NotFound, Invalid."""
    if not may(actor, "code:edit"):
        raise NotFound("code")
    code, list_name = thai.clean(values.get("code") or ""), values.get("list")
    if list_name not in LISTS:
        raise Invalid({"list": (N_("Choose one of the list."), {})})
    if not code:
        raise Invalid({"code": (N_("This field is needed."), {})})
    if errors := too_long(Code, {"code": code}):
        raise Invalid(errors)
    checked = _checked(Code, values, FIELDS)
    with taken("code", _TAKEN), transaction():
        if Code.select().where(Code.list == list_name, Code.code == code).exists():
            raise Invalid({"code": (_TAKEN, {})})
        row = Code.create(list=list_name, code=code, **checked)
        history.record(
            "code.edited", actor, clock(), details={"list": list_name, "code": code, **checked}
        )
        return row


def edit(actor: Actor, row_id: int, values: dict[str, Any], clock: Clock) -> Code:
    """Change names, position or use of a row; its code stays, as children carry it."""
    if not may(actor, "code:edit"):
        raise NotFound("code")
    checked = _checked(Code, values, FIELDS)
    with transaction():
        row = Code.get_or_none(Code.id == as_id(row_id))
        if row is None:
            raise NotFound("code")
        Code.update(checked).where(Code.id == row_id).execute()
        history.record(
            "code.edited",
            actor,
            clock(),
            details={"list": row.list, "code": row.code, **checked},
        )
        return Code.get_by_id(row_id)


def edit_grade(actor: Actor, row_id: int, values: dict[str, Any], clock: Clock) -> Grade:
    """Change names, ages or use of a grade; code, stage and kinds stay."""
    if not may(actor, "code:edit"):
        raise NotFound("grade")
    checked = _checked(Grade, values, GRADE_FIELDS)
    with transaction():
        row = Grade.get_or_none(Grade.id == as_id(row_id))
        if row is None:
            raise NotFound("grade")
        if checked.get("min_age", row.min_age) > checked.get("max_age", row.max_age):
            raise Invalid({"max_age": (N_("The ages must follow each other."), {})})
        Grade.update(checked).where(Grade.id == row_id).execute()
        if any(checked.get(key, getattr(row, key)) != getattr(row, key) for key in AGES):
            findings.outdate_all()
        history.record("code.edited", actor, clock(), details={"grade": row.code, **checked})
        return Grade.get_by_id(row_id)
