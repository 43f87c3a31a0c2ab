"""The one door for counts of schools of other affiliations: an LAO's sheet, whole or not at all.

Source of the form: the education area's table (boys and girls per grade, a row per school) and the
official letter's request to LAOs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from admin_app.database import Clock, for_update, transaction, tuples
from admin_app.domain import thai
from admin_app.domain.access import Actor
from admin_app.domain.moves import judge_record
from admin_app.domain.text import N_
from admin_app.models import Code, Cycle, Grade, OtherCount, OtherSchool, OtherSheet, Unit
from admin_app.services import carry_over, findings, history
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.scope import unit_by_id
from admin_app.services.standing import read
from admin_app.services.typed import too_long

MOST_PER_CELL = 9_999
MOST_SCHOOLS = 300


@dataclass(slots=True)
class SchoolRow:
    """A row of the grid as typed: ``counts`` maps a grade to its (boys, girls)."""

    name: str
    affiliation: str
    code: str = ""
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All children of the row."""
        return sum(boys + girls for boys, girls in self.counts.values())


def grid_grades() -> list[Grade]:
    """The grades that the grid has columns for: those a school may offer, in their order."""
    grades = Grade.select().where(Grade.active).order_by(Grade.position)
    return [grade for grade in grades if "school" in grade.kinds.split()]


def sheet(actor: Actor, cycle_id: int, lao_id: int) -> tuple[Unit, OtherSheet | None]:
    """The LAO and its sheet (None: nothing recorded yet); NotFound outside the scope."""
    lao = unit_by_id(actor, lao_id)
    if lao.level != "lao":
        raise NotFound("lao")
    return lao, OtherSheet.get_or_none(OtherSheet.cycle == cycle_id, OtherSheet.lao == lao.id)


def rows(found: OtherSheet | None) -> list[SchoolRow]:
    """The sheet's rows with their counts, two queries in all."""
    if found is None:
        return []
    schools = list(found.schools.order_by(OtherSchool.position, OtherSchool.id))
    by_id = {
        school.id: SchoolRow(school.name, school.affiliation, school.code) for school in schools
    }
    for count in OtherCount.select().where(OtherCount.other_school << list(by_id)):
        by_id[count.other_school_id].counts[count.grade] = (count.boys, count.girls)
    return list(by_id.values())


def last_round(cycle: Cycle, lao_id: int) -> list[SchoolRow]:
    """The LAO's rows of the round before, to be shown beside this one's: of the cycle that this one
    was carried over from, else of the last one that the department closed before it.
    """
    before = carry_over.begun_from(cycle) or carry_over.source_of(cycle)
    if before is None:
        return []
    found = OtherSheet.get_or_none(OtherSheet.cycle == before.id, OtherSheet.lao == lao_id)
    return rows(found)


def same_school(name: str, code: str, last: list[SchoolRow]) -> SchoolRow | None:
    """The row of the last round that is the school with this 8-digit code, else with this name."""
    by_code = [row for row in last if code and row.code == code]
    by_name = [row for row in last if row.name == thai.clean(name)]
    return next(iter(by_code + by_name), None)


def check_rows(typed: list[SchoolRow]) -> list[SchoolRow]:
    """Rows as they are stored; Invalid with keys ``<row>.<field>`` or ``<row>.<grade>``."""
    errors: dict[str, tuple[str, dict[str, Any]]] = {}
    affiliations = {
        code
        for (code,) in tuples(Code.select(Code.code).where(Code.list == "affiliation", Code.active))
    }
    grades = {grade.code for grade in grid_grades()}
    names: set[str] = set()
    if len(typed) > MOST_SCHOOLS:
        errors["0.name"] = (N_("At most %(most)d schools in one sheet."), {"most": MOST_SCHOOLS})
    for number, row in enumerate(typed):
        row.name = thai.clean(row.name)
        row.code = thai.digits(row.code).strip()
        if not row.name:
            errors[f"{number}.name"] = (N_("Write the school's name."), {})
        elif row.name in names:
            errors[f"{number}.name"] = (N_("This school is in the sheet twice."), {})
        for key, error in too_long(OtherSchool, {"name": row.name}).items():
            errors[f"{number}.{key}"] = error
        names.add(row.name)
        if row.affiliation not in affiliations:
            errors[f"{number}.affiliation"] = (N_("Choose the affiliation."), {})
        if row.code and not (row.code.isascii() and row.code.isdigit() and len(row.code) == 8):
            errors[f"{number}.code"] = (
                N_("A school code has 8 digits; leave it empty if there is none."),
                {},
            )
        for grade, pair in row.counts.items():
            if grade not in grades or not all(0 <= n <= MOST_PER_CELL for n in pair):
                errors[f"{number}.{grade}"] = (
                    N_("A count is a number from 0 to %(most)d."),
                    {"most": MOST_PER_CELL},
                )
    if errors:
        raise Invalid(errors)
    return typed


def save(
    actor: Actor,
    cycle_id: int,
    lao_id: int,
    version: int,
    typed: list[SchoolRow],
    clock: Clock,
    *,
    declared_none: bool = False,
    imported: bool = False,
) -> OtherSheet:
    """Save the whole sheet. ``version``: 0 for a new one, else the one that was shown.

    ``imported``: it came out of a workbook, which the history says.

    Raises NotFound, Invalid (per cell), Refused (state, window), Conflict (somebody else saved).
    """
    if declared_none and typed:
        raise Invalid(
            {"declared_none": (N_("There are schools in the sheet: take them out first."), {})}
        )
    checked = check_rows(typed)
    with transaction():
        lao, _ = sheet(actor, cycle_id, lao_id)
        standing = read(cycle_id, lao, lock=True)
        now = clock()
        refusals = judge_record(
            actor, "other_counts:edit", standing.ref, standing.chain, standing.window, now
        )
        if refusals:
            raise Refused(refusals)
        found = for_update(
            OtherSheet.select().where(OtherSheet.cycle == cycle_id, OtherSheet.lao == lao.id)
        ).get_or_none()
        if (found.version if found else 0) != version:
            raise Conflict(found)
        if found is None:
            found = OtherSheet.create(
                cycle=cycle_id,
                lao=lao.id,
                province=lao.province_id,
                declared_none=declared_none,
                updated_at=now,
                updated_by=actor.user_id,
            )
        else:
            old = OtherSchool.select(OtherSchool.id).where(OtherSchool.sheet == found.id)
            OtherCount.delete().where(OtherCount.other_school << old).execute()
            OtherSchool.delete().where(OtherSchool.sheet == found.id).execute()
            OtherSheet.update(
                declared_none=declared_none,
                recorded=True,
                version=OtherSheet.version + 1,
                updated_at=now,
                updated_by=actor.user_id,
            ).where(OtherSheet.id == found.id).execute()
        _insert(found, checked)
        findings.refresh_lao(cycle_id, lao, now)
        saved = "other_counts.imported" if imported else "other_counts.saved"
        history.record(
            "other_counts.none" if declared_none else saved,
            actor,
            now,
            unit=lao,
            cycle_id=cycle_id,
            details={"schools": len(checked), "children": sum(row.total for row in checked)},
        )
        return OtherSheet.get_by_id(found.id)


def _insert(found: OtherSheet, checked: list[SchoolRow]) -> None:
    for position, row in enumerate(checked):
        school = OtherSchool.create(
            sheet=found.id,
            cycle=found.cycle_id,
            lao=found.lao_id,
            province=found.province_id,
            position=position,
            code=row.code,
            name=row.name,
            name_key=thai.sort_key(row.name),
            affiliation=row.affiliation,
            children=row.total,
        )
        cells = [
            {"other_school": school.id, "grade": grade, "boys": boys, "girls": girls}
            for grade, (boys, girls) in row.counts.items()
            if boys or girls
        ]
        if cells:
            OtherCount.insert_many(cells).execute()
