"""A child is found by the beginning of first and last name, by number, or by both at once."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.domain.identity import make_pin
from admin_app.domain.search import read_child
from admin_app.models import Student
from admin_app.services import child_search, listing, scope
from tests.services.conftest import Chain

NUMBER = make_pin("189910000001")
PEOPLE: tuple[tuple[str, str, str | None], ...] = (
    ("สมชาย", "ใจดี", NUMBER),
    ("สมหญิง", "ใจงาม", make_pin("189920000002")),
    ("ใจสมุทร", "สมบูรณ์", make_pin("189930000003")),
    ("เก่ง", "แก้วใส", "G189910000001"),
    ("นายิกา", "ณ อยุธยา", None),
    ("ยิกา", "สมานใจ", make_pin("189940000004")),
)


@pytest.fixture
def found(chain: Chain) -> Any:
    """What a role's person finds: the first names, in the list's order."""
    for first, last, number in PEOPLE:
        kind = "none" if number is None else "gcode" if number.startswith("G") else "pin"
        over: dict[str, Any] = {"id_kind": kind, "id_number": number}
        chain.country.child(chain.school, chain.cycle, first_name=first, last_name=last, **over)
    for unit in (chain.sister, chain.far):
        chain.country.child(unit, chain.cycle, first_name="สมชาย", last_name="ไกล", id_number=None)

    def search(role: str, typed: str) -> list[str]:
        actor = chain.actor(role)
        query = scope.limit(Student.select(), Student, actor, "child:read")
        query = query.where(Student.cycle == chain.cycle.id, Student.status == "active")
        query = child_search.narrowed(query, read_child(typed), actor)
        order = listing.sorted_late((Student.sort_key,))
        return [row.first_name for row in listing.keyset(query, order, Student.id, 50).rows]

    return search


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("สม", ["ใจสมุทร", "ยิกา", "สมชาย", "สมหญิง"]),
        ("สมชาย", ["สมชาย"]),
        ("สม ใจ", ["ใจสมุทร", "สมชาย", "สมหญิง"]),
        ("ใจ สม", ["ใจสมุทร", "สมชาย", "สมหญิง"]),
        ("สมช ใจด", ["สมชาย"]),
        ("ใจดี สมชาย", ["สมชาย"]),
        ("สม ณ", []),
        ("เด็กชายสมชาย ใจ", ["สมชาย"]),
        ("ด.ช.สมชาย", ["สมชาย"]),
        ("เกง", ["เก่ง"]),
        ("แก้ว", ["เก่ง"]),
        ("นายิกา", ["นายิกา"]),
        ("ณ อยุธยา", ["นายิกา"]),
        ("นายิกา ณ อยุธยา", ["นายิกา"]),
        (NUMBER, ["สมชาย"]),
        ("18991", ["สมชาย"]),
        ("๑-๘๙๙๑", ["สมชาย"]),
        ("1899", []),
        ("G18991", ["เก่ง"]),
        ("18991 สม", ["สมชาย"]),
        ("สมชาย 18992", []),
        (f"ใจดี {NUMBER}", ["สมชาย"]),
        ("!", []),
        ("", []),
    ],
)
def test_a_school_finds_its_child(found: Any, typed: str, names: list[str]) -> None:
    assert found("school", typed) == names


@pytest.mark.parametrize(
    ("role", "typed", "names"),
    [
        ("lao", "สมชาย", ["สมชาย", "สมชาย"]),
        ("lao", "18991", ["สมชาย"]),
        ("province", "สมชาย", ["สมชาย", "สมชาย"]),
        ("province", "สม ใจ", ["ใจสมุทร", "สมชาย", "สมหญิง"]),
        ("province", "18991", []),
        ("province", NUMBER, ["สมชาย"]),
        ("department", "สมชาย", ["สมชาย", "สมชาย", "สมชาย"]),
        ("department", "ไกล สม", ["สมชาย", "สมชาย"]),
        ("department", "18991", []),
        ("department", f"{NUMBER} สม", ["สมชาย"]),
        ("department", f"{NUMBER} ใจสมุทร", []),
        ("helpdesk", "สมชาย", []),
        ("helpdesk", "18991", []),
        ("helpdesk", "18991 สมชาย", []),
        ("helpdesk", NUMBER, ["สมชาย"]),
        ("helpdesk", f"{NUMBER} สมชาย", ["สมชาย"]),
        ("helpdesk", "", []),
    ],
)
def test_each_role_finds_within_its_scope_and_its_limits(
    found: Any, role: str, typed: str, names: list[str]
) -> None:
    assert found(role, typed) == names


def test_of_a_name_that_very_many_have_the_search_stops_at_the_bound(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNT_BOUND", 3)
    chain.country.children(chain.school, chain.cycle, 9, first_name="สม", last_name="ดี")
    query: Any = Student.select().where(Student.cycle == chain.cycle.id)
    actor = chain.actor("department")
    assert child_search.narrowed(query, read_child("สม"), actor).count() == 4
    query = query.where(Student.sex == "M")
    found = child_search.narrowed(query, read_child("สม"), actor)
    assert [child.sex for child in found] == ["M"] * 4
