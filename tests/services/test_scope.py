"""Scope as SQL and scope as a question about one row give the same answer, for every permission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from admin_app.domain.access import GRANTS, ROLE, UnitRef, may
from admin_app.domain.levels import SCHOOL
from admin_app.models import (
    District,
    Event,
    OtherSchool,
    OtherSheet,
    Student,
    Unit,
    UnitState,
    User,
)
from admin_app.services import other_counts, scope
from admin_app.services.errors import NotFound
from admin_app.services.other_counts import SchoolRow
from tests.services.conftest import Chain

ROLES = ("department", "helpdesk", "province", "lao", "school")


def _of_lao(row: Any) -> UnitRef:
    return scope.ref(Unit.get_by_id(row.lao_id))


def _of_user(row: User) -> UnitRef:
    return UnitRef(row.unit_id, ROLE[row.role].level, row.lao_id, row.province_id)


def _of_event(row: Event) -> UnitRef:
    return UnitRef(row.unit_id, row.level, row.lao_id, row.province_id)


# table: where its row stands, and the subjects whose permissions are asked of it
ROOMS: dict[Any, tuple[Callable[[Any], UnitRef], tuple[str, ...]]] = {
    Unit: (scope.ref, ("school", "lao", "province", "department", "state")),
    UnitState: (scope.ref, ("state", "school", "lao", "province", "outstanding")),
    Student: (scope.student_ref, ("child", "roster")),
    OtherSheet: (_of_lao, ("other_counts",)),
    OtherSchool: (_of_lao, ("other_counts",)),
    User: (_of_user, ("user",)),
    Event: (_of_event, ("history",)),
}


@pytest.fixture
def full(chain: Chain) -> Chain:
    """The chain with rows in every table, near and far."""
    for school in (chain.school, chain.sister, chain.far):
        chain.country.children(school, chain.cycle, 2, attested=True)
        chain.country.confirm(school, chain.cycle)
    for lao in (chain.lao, chain.far.lao):
        rows = [SchoolRow("บ้านนา", "PESAO", "", {"P1": (1, 1)})]
        other_counts.save(
            chain.country.own(lao), chain.cycle.id, lao.id, 0, rows, chain.country.clock
        )
    for role in ROLES:
        chain.actor(role)
    chain.country.own(chain.far)
    return chain


@pytest.mark.parametrize("role", ROLES)
def test_a_list_shows_exactly_the_rows_that_may_be_opened(full: Chain, role: str) -> None:
    me = full.actor(role)
    for model, (where, subjects) in ROOMS.items():
        rows = [row for row in model.select() if model is not Event or row.unit_id]
        for permission in (p for p in GRANTS if p.split(":")[0] in subjects):
            found = {row.id for row in scope.limit(model.select(), model, me, permission)}
            expected = {row.id for row in rows if may(me, permission, where(row))}
            assert found & {row.id for row in rows} == expected, (model.__name__, permission)


@pytest.mark.parametrize(
    ("role", "codes"), [("department", None), ("province", "81"), ("lao", ""), ("school", "")]
)
def test_districts_are_those_of_the_province(full: Chain, role: str, codes: str | None) -> None:
    query = scope.limit(District.select(), District, full.actor(role), "district:read")
    found = {row.province_code for row in query}
    assert len(found) == 77 if codes is None else found == ({codes} if codes else set())


@pytest.mark.parametrize("role", ["province", "lao", "school"])
def test_a_unit_is_found_by_code_and_id_inside_the_scope_alone(full: Chain, role: str) -> None:
    me = full.actor(role)
    for unit in Unit.select().where(Unit.level != "department"):
        inside = may(me, f"{unit.level}:read", scope.ref(unit))
        doors: list[tuple[Any, Any]] = [(scope.unit, unit.code), (scope.unit_by_id, unit.id)]
        for door, key in doors:
            if inside:
                assert door(me, key) == unit
            else:
                with pytest.raises(NotFound):
                    door(me, key)


@pytest.mark.parametrize(
    ("role", "levels"),
    [
        ("department", ["school", "lao", "province", "department"]),
        ("helpdesk", ["school", "lao", "province", "department"]),
        ("province", ["school", "lao", "province"]),
        ("lao", ["school", "lao"]),
        ("school", ["school"]),
    ],
)
def test_each_role_reads_its_own_level_and_those_below(
    full: Chain, role: str, levels: list[str]
) -> None:
    assert scope.readable_levels(full.actor(role)) == levels


def test_a_state_stands_where_its_unit_stands(full: Chain) -> None:
    for state in UnitState.select():
        assert scope.ref(state) == scope.ref(state.unit)
        assert state.level == state.unit.level


def test_a_child_stands_where_its_school_stands(full: Chain) -> None:
    for child in Student.select():
        found = scope.student_ref(child)
        assert found == scope.ref(child.school)
        assert found.level == SCHOOL
