"""The form of a child, in the order of the paper form, and its list of places."""

from __future__ import annotations

import re
from typing import Any

from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice

from admin_app.database import tuples
from admin_app.domain import identity, thai
from admin_app.domain.levels import SCHOOL
from admin_app.domain.moves import Refusal, judge_writable
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.i18n import lazy
from admin_app.models import District, Grade, SchoolGrade, Student, Subdistrict, Unit
from admin_app.services import standing
from admin_app.services.errors import Invalid, NotFound
from admin_app.views import fields
from admin_app.views.base import VersionedForm
from admin_app.views.common import actor, chosen_cycle, clock


def _kinds() -> list[tuple[str, str]]:
    return [(kind.key, _(kind.name)) for kind in identity.KINDS]


def own_schools() -> list[tuple[str, str]]:
    """The schools that the actor may record children in (one for a school's own people)."""
    me = actor()
    query = Unit.select(Unit.id, Unit.name).where(Unit.level == "school", Unit.active)
    column = Unit.id if me.unit.level == "school" else Unit.lao
    rows = query.where(column == me.unit.id).order_by(Unit.name_key)
    return [(str(row.id), row.name) for row in rows]


def shut(child: Student | None = None) -> tuple[Refusal, ...]:
    """Why this child, or the own school's children, cannot be changed now; () when they can."""
    me = actor()
    if child is None and me.unit.level != SCHOOL:
        return ()
    school = Unit.get_by_id(child.school_id if child else me.unit.id)
    try:
        seen = standing.read(child.cycle_id if child else chosen_cycle().id, school)
    except NotFound:
        return ()
    return judge_writable(seen.chain, seen.window, clock())


class ChildForm(VersionedForm):
    """A child's fields, in the order of the paper form."""

    school = fields.ChoiceField(lazy("School"), own_schools, empty=False)
    id_kind = fields.ChoiceField(lazy("Identity document"), _kinds, empty=False, default="pin")
    id_number = fields.IdentityNumberField(
        lazy("Identity number"),
        description=lazy("13 digits, or G and 12 digits; dashes do not matter"),
    )
    no_id_reason = StringField(lazy("Why there is no document"), render_kw={"maxlength": 200})
    prefix = fields.ChoiceField(lazy("Prefix"), fields.codes("prefix"))
    first_name = StringField(
        lazy("First name"), [fields.needed()], render_kw={"maxlength": 120, "autocomplete": "off"}
    )
    last_name = StringField(
        lazy("Last name"), [fields.needed()], render_kw={"maxlength": 120, "autocomplete": "off"}
    )
    sex = RadioField(
        lazy("Sex"),
        choices=[SelectChoice("M", lazy("Boy")), SelectChoice("F", lazy("Girl"))],
        validate_choice=False,
    )
    birth_date = fields.BuddhistDateField(
        lazy("Birth date"),
        description=lazy("day/month/year in the Buddhist Era, as 15/3/2560"),
        years=(25, 0),
    )
    grade = fields.ChoiceField(lazy("Grade"), fields.grades)
    nationality = fields.ChoiceField(
        lazy("Nationality"), fields.codes("nationality"), empty=False, default="TH"
    )
    disability = fields.ChoiceField(lazy("Disability"), fields.codes("disability"))
    disadvantage = fields.ChoiceField(lazy("Disadvantage"), fields.codes("disadvantage"))
    home_subdistrict = StringField(
        lazy("Home sub-district"),
        description=lazy("Begin to type its name and choose, or type its 6-digit code"),
        render_kw={"list": "places", "maxlength": 120, "autocomplete": "off"},
    )
    entered_on = fields.BuddhistDateField(lazy("Entered the school on"), years=(20, 1))


def offered_grades(school_ids: list[int], kept: str = "") -> list[tuple[str, str]]:
    """The grades that the schools offer, in their order; ``kept``: one that stays to be chosen."""
    offered = SchoolGrade.select(SchoolGrade.grade).where(SchoolGrade.school << school_ids)
    codes = {code for (code,) in tuples(Grade.select(Grade.code).where(Grade.id << offered))}
    return [(code, name) for code, name in fields.grades() if code in codes | {kept}]


def place_words(place: Subdistrict) -> str:
    """A sub-district as the form's list shows it: name, district, code."""
    return f"{place.name} {place.district.name} {place.code}"


def places() -> list[str]:
    """The sub-districts of the own province, for the form's list."""
    province = Unit.get_or_none(Unit.id == actor().unit.province_id)
    if province is None:
        return []
    rows = (
        Subdistrict.select(Subdistrict, District)
        .join(District)
        .where(District.province_code == province.code)
    )
    words = [place_words(row) for row in rows]
    return sorted(words, key=thai.sort_key)


def with_place(values: dict[str, Any]) -> dict[str, Any]:
    """The values with the sub-district's id for what was typed; Invalid when there is none."""
    typed = thai.digits(str(values.get("home_subdistrict") or "")).strip()
    code = re.search(r"(?<!\d)\d{6}(?!\d)", typed)
    place = Subdistrict.get_or_none(Subdistrict.code == code[0]) if code else None
    if typed and place is None:
        raise Invalid(
            {
                "home_subdistrict": (
                    N_("Choose a sub-district of the list, or type its code."),
                    {},
                )
            }
        )
    return values | {"home_subdistrict": place.id if place else None}
