"""The draft edition: a province as it stands in the live rows, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from admin_app.domain.levels import LAO, SCHOOL
from admin_app.exports import data, outstanding
from admin_app.exports.data import GradeRow, Lao, OtherSchool, School, Summary
from admin_app.exports.gates import DRAFT
from admin_app.models import Cycle, District, OtherCount, OtherSheet, Unit, UnitState
from admin_app.models import OtherSchool as OtherSchoolRow
from admin_app.services import rates, snapshots


def _states(cycle: Cycle, province: Unit, level: str) -> list[UnitState]:
    """The states that take part, with unit and district; a confirmed unit stays when inactive."""
    query: Iterable[UnitState] = (
        UnitState.select(UnitState, Unit, District)
        .join(Unit, on=(UnitState.unit == Unit.id))
        .left_outer_join(District, on=(Unit.district == District.id))
        .where(
            UnitState.cycle == cycle.id,
            UnitState.province == province.id,
            UnitState.level == level,
            UnitState.active | (UnitState.status == "confirmed"),
        )
    )
    return list(query)


def _district(unit: Unit) -> data.District:
    place = unit.district
    return data.District(place.code, place.name) if place else data.District()


def _others(cycle: Cycle, province: Unit) -> dict[int, list[OtherSchool]]:
    """LAO id → its schools of other affiliations."""
    counts: dict[int, data.Counts] = defaultdict(dict)
    cells: Iterable[Any] = (
        OtherCount.select(
            OtherCount.other_school, OtherCount.grade, OtherCount.boys, OtherCount.girls
        )
        .join(OtherSchoolRow, on=(OtherCount.other_school == OtherSchoolRow.id))
        .where(OtherSchoolRow.cycle == cycle.id, OtherSchoolRow.province == province.id)
        .tuples()
    )
    for school_id, grade, boys, girls in cells:
        counts[school_id][grade] = (boys, girls)
    rows: Iterable[OtherSchoolRow] = (
        OtherSchoolRow.select()
        .join(OtherSheet, on=(OtherSchoolRow.sheet == OtherSheet.id))
        .where(
            OtherSchoolRow.cycle == cycle.id,
            OtherSchoolRow.province == province.id,
            OtherSheet.recorded,  # what was carried over has no counts yet
        )
    )
    found: dict[int, list[OtherSchool]] = defaultdict(list)
    for row in rows:
        found[row.lao_id].append(OtherSchool(row.code, row.name, row.affiliation, counts[row.id]))
    return found


def province(cycle: Cycle, unit: Unit) -> Summary:
    """The summary of the province's live rows, with who has not confirmed."""
    lao_states = _states(cycle, unit, LAO)
    school_states = _states(cycle, unit, SCHOOL)
    counts = snapshots.school_counts(
        cycle.id,
        UnitState.select(UnitState.unit).where(
            UnitState.cycle == cycle.id,
            UnitState.province == unit.id,
            UnitState.level == SCHOOL,
        ),
    )
    places = {state.unit_id: _district(state.unit) for state in lao_states}
    schools: dict[int, list[School]] = defaultdict(list)
    for state in school_states:
        school = state.unit
        own = _district(school)
        schools[state.lao_id].append(
            School(
                code=school.code,
                name=school.name,
                kind=school.kind,
                district=own if own.code else places.get(state.lao_id, own),
                counts={grade: (b, g) for grade, b, g in counts.get(school.id, [])},
                confirmed=state.status == "confirmed",
            )
        )
    sheets: Iterable[OtherSheet] = OtherSheet.select().where(
        OtherSheet.cycle == cycle.id, OtherSheet.province == unit.id
    )
    declared = {sheet.lao_id for sheet in sheets if sheet.declared_none}
    others = _others(cycle, unit)
    laos = [
        Lao(
            code=state.unit.code,
            name=state.unit.name,
            kind=state.unit.kind,
            district=places[state.unit_id],
            schools=tuple(sorted(schools[state.unit_id], key=lambda s: s.order)),
            others=tuple(sorted(others[state.unit_id], key=lambda other: other.order)),
            declared_none=state.unit_id in declared,
            confirmed=state.status == "confirmed",
            confirmed_at=state.confirmed_at,
        )
        for state in lao_states
    ]
    edition = rates.edition(cycle.id)
    return Summary(
        code=unit.code,
        name=unit.name,
        edition=DRAFT,
        grades=tuple(GradeRow(**row) for row in snapshots.grades()),
        rates=rates.rates_of(edition),
        rate_edition=edition.number if edition else None,
        laos=tuple(sorted(laos, key=lambda lao: lao.order)),
        outstanding=tuple(outstanding.rows(cycle, unit)),
    )
