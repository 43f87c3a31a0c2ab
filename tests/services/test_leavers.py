"""Proposed leavers: decided on by the school or its LAO, each removed or kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from admin_app.models import Cycle, Student, Unit
from admin_app.services import children, leavers, readiness, standing
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.leavers import Choice
from tests.services.conftest import Chain, refused


def proposed(chain: Chain, number: int = 3, **over: Any) -> list[Student]:
    """Leavers of the school, out of its last grade."""
    return chain.country.children(
        chain.school, chain.cycle, number, **{"grade": "P2", "leaver": True} | over
    )


def decide(chain: Chain, *choices: Choice, role: str = "school", unit: Unit | None = None) -> Any:
    """The person of the role decides."""
    school = unit or chain.school
    actor = chain.actor(role)
    return leavers.decide(actor, chain.cycle.id, school.id, choices, chain.country.clock)


def gone(child: Student, reason: str = "graduated") -> Choice:
    """The child has left."""
    return Choice(child.id, child.version, reason=reason)


def stays(child: Student, grade: str = "P2") -> Choice:
    """The child is here."""
    return Choice(child.id, child.version, grade=grade)


def state(child: Student) -> tuple[str, str, str, bool, int]:
    """(status, reason, grade, leaver, version) as it stands."""
    row = Student.get_by_id(child.id)
    return row.status, row.removal_reason, row.grade, row.leaver, row.version


def blockers(chain: Chain) -> dict[str, Any]:
    """What blocks the school's confirmation."""
    seen = standing.read(chain.cycle.id, chain.school)
    found = readiness.blockers(seen, chain.country.clock())
    return {refusal.code: refusal.params for refusal in found}


def test_each_is_removed_for_its_reason_or_kept_in_its_grade(chain: Chain) -> None:
    first, second, third = proposed(chain)
    assert decide(chain, gone(first), gone(second, "moved"), stays(third, "P1")) == (2, 1)
    assert state(first) == ("removed", "graduated", "P2", False, 2)
    assert state(second) == ("removed", "moved", "P2", False, 2)
    assert state(third) == ("active", "", "P1", False, 2)
    assert chain.country.state(chain.school, chain.cycle).children == 1
    assert leavers.of_school(chain.cycle.id, chain.school.id) == []


def test_the_history_tells_how_many_for_each_reason_and_who_stayed(chain: Chain) -> None:
    first, second, third = proposed(chain)
    decide(chain, gone(first), gone(second), stays(third), role="lao")
    (removed,), (kept,) = chain.events("child.removed"), chain.events("child.kept")
    assert (removed.reason, removed.unit_id, removed.on_behalf) == (
        "graduated",
        chain.school.id,
        True,
    )
    assert json.loads(removed.details)["count"] == 2
    assert json.loads(kept.details) == {"count": 1, "ids": [third.id]}
    assert kept.student_id == third.id


def test_some_can_be_left_for_later(chain: Chain) -> None:
    first, second, third = proposed(chain)
    decide(chain, gone(second))
    assert leavers.count(chain.cycle.id, chain.school.id) == 2
    left = leavers.of_school(chain.cycle.id, chain.school.id)
    assert {child.id for child in left} == {first.id, third.id}


def test_confirming_waits_for_the_decisions(chain: Chain) -> None:
    first, second = proposed(chain, 2)
    assert blockers(chain)["leavers_undecided"] == {"count": 2}
    decide(chain, gone(first), stays(second))
    assert "leavers_undecided" not in blockers(chain)


def test_a_leaver_is_not_attested_before_it_is_decided_on(chain: Chain) -> None:
    (leaver,) = proposed(chain, 1)
    chain.country.child(chain.school, chain.cycle)
    school, clock = chain.actor("school"), chain.country.clock
    assert children.attest(school, [leaver.id], clock) == 0
    assert children.attest_school(school, chain.cycle.id, chain.school.id, clock) == 1
    decide(chain, stays(leaver))
    assert children.attest(school, [leaver.id], clock) == 1


def test_one_that_was_attested_before_takes_its_attestation_off_the_count(chain: Chain) -> None:
    (leaver,) = proposed(chain, 1, attested=True)
    chain.country.child(chain.school, chain.cycle, attested=True)
    decide(chain, gone(leaver))
    found = chain.country.state(chain.school, chain.cycle)
    assert (found.children, found.attested) == (1, 1)


def test_a_removal_or_another_grade_elsewhere_decides_too(chain: Chain) -> None:
    first, second, third = proposed(chain)
    school, clock = chain.actor("school"), chain.country.clock
    children.remove(school, [first.id], "moved", clock)
    children.edit(school, second.id, second.version, {"grade": "P1"}, clock)
    children.edit(school, third.id, third.version, {"prefix": "ด.ญ."}, clock)
    left = leavers.of_school(chain.cycle.id, chain.school.id)
    assert [child.id for child in left] == [third.id]
    children.restore(school, [first.id], clock)
    assert leavers.count(chain.cycle.id, chain.school.id) == 1


WRONG = [
    {"reason": "tired"},
    {"reason": ""},
    {"grade": "M6"},  # the school does not offer it
    {"grade": "X9"},
    {"grade": "P1", "reason": "graduated"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_one_wrong_choice_and_nothing_is_written(chain: Chain, wrong: dict[str, str]) -> None:
    first, second, _third = proposed(chain)
    with pytest.raises(Invalid) as info:
        decide(chain, gone(first), Choice(second.id, second.version, **wrong))
    assert set(info.value.errors) == {str(second.id)}
    assert state(first)[0] == "active"
    assert not chain.events("child.removed")


def test_of_two_who_decide_the_second_is_told_and_sees_what_is_left(chain: Chain) -> None:
    first, second, _third = proposed(chain)
    decide(chain, stays(first), role="lao")
    with pytest.raises(Conflict) as info:
        decide(chain, gone(first), gone(second))
    assert {child.id for child in info.value.current} == {second.id, _third.id}
    assert state(second)[0] == "active"


def test_a_child_that_was_edited_in_between_is_shown_again_first(chain: Chain) -> None:
    (leaver,) = proposed(chain, 1)
    school, clock = chain.actor("school"), chain.country.clock
    children.edit(school, leaver.id, leaver.version, {"prefix": "นาย"}, clock)
    with pytest.raises(Conflict):
        decide(chain, gone(leaver))
    assert state(leaver)[:4] == ("active", "", "P2", True)


def test_who_is_no_leaver_is_not_decided_on(chain: Chain) -> None:
    plain = chain.country.child(chain.school, chain.cycle)
    with pytest.raises(Conflict):
        decide(chain, gone(plain))


def test_a_child_of_another_school_or_cycle_is_not_found(chain: Chain) -> None:
    elsewhere = chain.country.child(chain.sister, chain.cycle, leaver=True)
    other = chain.country.cycle("2567-2")
    in_another = chain.country.child(chain.school, Cycle.get_by_id(other.id), leaver=True)
    for child in (elsewhere, in_another):
        with pytest.raises(NotFound):
            decide(chain, gone(child), role="lao")
        assert state(child)[0] == "active"


@pytest.mark.parametrize("role", ["department", "helpdesk", "province"])
def test_levels_above_the_lao_do_not_decide(chain: Chain, role: str) -> None:
    (leaver,) = proposed(chain, 1)
    assert refused(lambda: decide(chain, gone(leaver), role=role)) == ["not_allowed"]


def test_a_stranger_learns_nothing(chain: Chain) -> None:
    (leaver,) = proposed(chain, 1)
    stranger = chain.country.own(chain.far)
    with pytest.raises(NotFound):
        leavers.decide(
            stranger, chain.cycle.id, chain.school.id, [gone(leaver)], chain.country.clock
        )
    assert leavers.schools(stranger, chain.cycle.id) == []


def test_a_confirmed_or_closed_school_does_not_decide(chain: Chain) -> None:
    (leaver,) = proposed(chain, 1)
    chain.country.clock.set(chain.cycle.closes_at)
    assert refused(lambda: decide(chain, gone(leaver))) == ["window_closed"]


def test_an_lao_sees_which_of_its_schools_have_some(chain: Chain) -> None:
    proposed(chain)
    chain.country.child(chain.far, chain.cycle, leaver=True)
    found = leavers.schools(chain.actor("lao"), chain.cycle.id)
    assert found == [(chain.school, 3)]
