"""Attesting a class: nobody unseen, nobody of another class; how far a school is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from admin_app.models import Student, UnitState
from admin_app.services import children, existence
from admin_app.services.errors import NotFound
from tests.country import CLOSES, ManualClock
from tests.services.conftest import Chain, refused


def seen(*pupils: Student) -> dict[int, int]:
    """What a page shows of these children."""
    return {child.id: child.version for child in pupils}


def attest(chain: Chain, shown: dict[int, int], role: str = "school", **over: Any) -> int:
    """Attest P1 of the chain's school."""
    where = {"cycle_id": chain.cycle.id, "school_id": chain.school.id, "grade": "P1"} | over
    return children.attest_class(chain.actor(role), seen=shown, clock=chain.country.clock, **where)


def attested(chain: Chain) -> set[int]:
    """The ids of all attested children, after holding the counter against them."""
    query = Student.select(Student.id).where(Student.attested_at.is_null(False))
    found = {row.id for row in query}
    total = sum(state.attested for state in UnitState.select())
    assert total == len(found)
    return found


def test_a_class_is_attested_in_one_action_with_who_and_when_on_each_row(chain: Chain) -> None:
    pupils = chain.country.children(chain.school, chain.cycle, 3, grade="P1")
    chain.country.child(chain.school, chain.cycle, grade="P2")
    assert attest(chain, seen(*pupils)) == 3
    assert attested(chain) == {child.id for child in pupils}
    for child in pupils:
        stored = Student.get_by_id(child.id)
        assert stored.attested_by_id == chain.actor("school").user_id
        assert stored.attested_at == chain.country.clock.now
    event = chain.events("child.attested", chain.school)[0]
    assert json.loads(event.details)["count"] == 3
    assert attest(chain, seen(*pupils)) == 0


def test_nobody_is_attested_unseen(chain: Chain) -> None:
    country, school, cycle = chain.country, chain.school, chain.cycle
    pupils = country.children(school, cycle, 5, grade="P1")
    shown = seen(*pupils)
    stays, edited, moved, removed, confirmed_by_other = pupils
    new = country.child(school, cycle, grade="P1")
    me, clock = chain.actor("school"), country.clock
    children.edit(me, edited.id, edited.version, {"last_name": "ใหม่"}, clock)
    children.edit(me, moved.id, moved.version, {"grade": "P2"}, clock)
    children.remove(me, [removed.id], "left", clock)
    children.attest(me, [confirmed_by_other.id], clock)
    assert attest(chain, shown) == 1
    assert attested(chain) == {stays.id, confirmed_by_other.id}
    assert new.id not in attested(chain)


def test_children_of_another_class_school_or_cycle_are_left_whatever_is_sent(chain: Chain) -> None:
    country = chain.country
    others = [
        country.child(chain.school, chain.cycle, grade="P2"),
        country.child(chain.sister, chain.cycle, grade="P1"),
        country.child(chain.far, chain.cycle, grade="P1"),
        country.child(chain.school, country.cycle("2567-2"), grade="P1"),
    ]
    for role in ("school", "lao"):
        assert attest(chain, seen(*others), role) == 0
    assert attested(chain) == set()


def test_children_without_a_grade_are_a_class_too(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle, grade="")
    assert attest(chain, seen(child), grade="") == 1


def test_who_may_not_attest_does_not(chain: Chain, clock: ManualClock) -> None:
    child = chain.country.child(chain.school, chain.cycle, grade="P1")
    for role in ("province", "helpdesk", "department"):
        assert refused(lambda role=role: attest(chain, seen(child), role)) == ["not_allowed"]
    with pytest.raises(NotFound):
        attest(chain, seen(child), school_id=chain.far.id)
    clock.set(CLOSES)
    assert refused(lambda: attest(chain, seen(child))) == ["window_closed"]
    assert attested(chain) == set()


def test_what_the_lao_attests_for_its_school_is_marked_so(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle, grade="P1")
    assert attest(chain, seen(child), "lao") == 1
    assert chain.events("child.attested")[0].on_behalf


def test_a_removed_and_restored_child_is_attested_anew(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle, grade="P1", attested=True)
    me, clock = chain.actor("school"), chain.country.clock
    children.remove(me, [child.id], "not_exist", clock)
    assert [(c.code, c.children, c.removed) for c in classes(chain)] == [("P1", 0, 1)]
    children.restore(me, [child.id], clock)
    stored = Student.get_by_id(child.id)
    assert (stored.attested_at, stored.attested_by_id) == (None, None)
    assert classes(chain)[0].left == {child.id: stored.version}
    assert attest(chain, classes(chain)[0].left) == 1


def classes(chain: Chain) -> list[existence.Class]:
    """The classes of the chain's school."""
    return existence.classes(chain.cycle.id, chain.school.id)


def test_classes_stand_in_the_order_of_grades_with_their_figures(chain: Chain) -> None:
    country, school, cycle = chain.country, chain.school, chain.cycle
    country.children(school, cycle, 2, grade="P2")
    country.children(school, cycle, 3, grade="K1", attested=True)
    left = country.child(school, cycle, grade="K1")
    country.child(school, cycle, grade="P1", status="removed", removal_reason="left")
    country.child(school, cycle, grade="P2", status="removed", removal_reason="moved")
    country.child(school, cycle, grade="X9")
    country.child(school, cycle, grade="")
    country.child(chain.sister, cycle, grade="P1")
    figures = [(c.code, c.children, c.attested, len(c.left), c.removed) for c in classes(chain)]
    assert figures == [
        ("K1", 4, 3, 1, 0),
        ("P1", 0, 0, 0, 1),
        ("P2", 2, 0, 2, 1),
        ("", 1, 0, 1, 0),
        ("X9", 1, 0, 1, 0),
    ]
    assert classes(chain)[0].left == {left.id: 1}
    assert existence.removed(cycle.id, school.id) == 2
    assert [c.grade.code if c.grade else None for c in classes(chain)][-3:] == ["P2", None, None]


def test_the_checklist_has_the_active_children_in_dictionary_order(chain: Chain) -> None:
    for name in ("ฤดี", "เกาะ", "กา", "แก้ว"):
        chain.country.child(chain.school, chain.cycle, first_name=name, grade="P1")
    chain.country.child(
        chain.school, chain.cycle, grade="P1", status="removed", removal_reason="left"
    )
    found = existence.children(chain.cycle.id, chain.school.id)
    assert {code: [child.first_name for child in pupils] for code, pupils in found.items()} == {
        "P1": ["กา", "เกาะ", "แก้ว", "ฤดี"]
    }
