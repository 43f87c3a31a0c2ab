"""Releasing, refusing and withdrawing: the child is always in exactly one school."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin_app.domain.identity import make_pin
from admin_app.models import Event, Grade, SchoolGrade, Student, Transfer, Unit, UnitState
from admin_app.services import children, transfers
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from tests.country import CLOSES
from tests.services.conftest import Chain, refused
from tests.services.transferring import (
    SILLY_IDS,
    ask,
    confirm,
    counters_agree,
    holders,
    release,
    request,
)
from tests.twins import NUMBER


@pytest.mark.parametrize("by", ["school", "lao"])
def test_a_release_moves_the_row_in_one_step(chain: Chain, held: Student, by: str) -> None:
    made = request(chain)
    who = chain.country.own(chain.far if by == "school" else chain.far.lao)
    done = release(chain, made, who)
    gone, here = Student.get_by_id(held.id), Student.get_by_id(done.moved_id)
    assert (gone.status, gone.removal_reason, gone.attested_at) == ("removed", "moved", None)
    assert (here.status, here.school_id, here.lao_id) == ("active", chain.school.id, chain.lao.id)
    assert here.province_id == chain.province.id
    for key in transfers.GOES_ALONG:
        assert here.__data__[key] == held.__data__[key], key
    assert (here.sort_key, here.last_key) == (held.sort_key, held.last_key)
    assert (here.grade, here.entered_on) == ("P2", date(2024, 5, 20))
    assert (here.attested_at, here.attested_by_id, here.version) == (None, None, 1)
    assert (done.status, done.decided_by_id) == ("released", who.user_id)
    assert done.decided_at == chain.country.clock()
    assert holders() == [chain.school.id]
    assert counters_agree(chain.school, chain.far)


def test_a_release_stands_in_both_schools_histories_and_on_both_rows(
    chain: Chain, held: Student
) -> None:
    made = request(chain)
    done = release(chain, made)
    events = chain.events("transfer.released")
    assert {(e.unit_id, e.student_id) for e in events} == {
        (chain.far.id, held.id),
        (chain.school.id, done.moved_id),
    }
    for event in Event.select():
        assert not any(word in event.details for word in (NUMBER, "ฟ้าใส", "ฮวดเจริญ"))


def test_a_row_that_the_receiving_school_has_already_stays_and_nothing_is_made(
    chain: Chain, held: Student
) -> None:
    own = chain.country.child(chain.school, chain.cycle, id_number=NUMBER, attested=True)
    done = release(chain, request(chain))
    assert done.moved_id == own.id
    assert Student.select().where(Student.school == chain.school.id).count() == 1
    stays = Student.get_by_id(own.id)
    assert (stays.version, stays.attested_at) == (own.version, own.attested_at)
    assert holders() == [chain.school.id]
    assert counters_agree(chain.school, chain.far)


def test_other_schools_that_asked_are_told_when_the_child_has_gone(
    chain: Chain, held: Student
) -> None:
    first = request(chain)
    second = request(chain, school=chain.sister)
    release(chain, first)
    other = Transfer.get_by_id(second.id)
    assert (other.status, other.decision_reason) == ("refused", transfers.GONE_ELSEWHERE)
    assert len(chain.events("transfer.refused", chain.sister)) == 1
    assert refused(lambda: release(chain, other)) == ["transfer_decided"]
    assert holders() == [chain.school.id]


def test_a_confirmed_school_cannot_release_until_it_is_reopened(
    chain: Chain, held: Student
) -> None:
    made = request(chain)
    confirm(chain, chain.far)
    with pytest.raises(Refused) as info:
        release(chain, made)
    [told] = info.value.refusals
    assert told.code == "school_confirmed"
    assert told.params == {"school": chain.far.name, "above": chain.far.lao.name}
    by = chain.country.own(chain.far)
    assert transfers.in_the_way(by, made, chain.country.clock()) == [told]
    assert holders() == [chain.far.id]
    assert Transfer.get().status == "asked"
    confirm(chain, chain.far.lao)
    assert refused(lambda: release(chain, made)) == ["school_above_confirmed"]
    UnitState.update(status="open", confirmed_at=None, confirmed_by=None).execute()
    assert release(chain, made).status == "released"


def test_nor_can_it_release_to_a_confirmed_school_or_after_the_close(
    chain: Chain, held: Student
) -> None:
    made = request(chain)
    confirm(chain, chain.school)
    with pytest.raises(Refused) as info:
        release(chain, made)
    assert [(r.code, r.params["school"]) for r in info.value.refusals] == [
        ("school_confirmed", chain.school.name)
    ]
    UnitState.update(status="open", confirmed_at=None, confirmed_by=None).execute()
    chain.country.clock.set(CLOSES)
    assert refused(lambda: release(chain, made)) == ["school_closed", "school_closed"]
    assert holders() == [chain.far.id]
    chain.country.clock.tick(seconds=-1)
    assert release(chain, made).status == "released"


def test_a_row_changed_or_gone_in_between_is_told_and_nothing_is_written(
    chain: Chain, held: Student
) -> None:
    made = request(chain)
    by, clock = chain.country.own(chain.far), chain.country.clock
    children.edit(by, held.id, held.version, {"grade": "P2"}, clock)
    with pytest.raises(Conflict) as info:
        release(chain, made, version=held.version)
    assert info.value.current.version == held.version + 1
    row = Student.get_by_id(held.id)
    children.edit(by, held.id, row.version, {"id_number": make_pin("181000000050")}, clock)
    assert refused(lambda: release(chain, made)) == ["transfer_gone"]
    assert "transfer_gone" in [r.code for r in transfers.in_the_way(by, made, clock())]
    assert Transfer.get().status == "asked"
    assert holders() == []
    assert not chain.events("transfer.released")


def test_a_child_comes_in_only_into_a_grade_that_the_school_still_offers(
    chain: Chain, held: Student
) -> None:
    made = request(chain)
    SchoolGrade.delete().where(
        SchoolGrade.school == chain.school.id,
        SchoolGrade.grade << Grade.select(Grade.id).where(Grade.code == "P2"),
    ).execute()
    by, clock = chain.country.own(chain.far), chain.country.clock
    with pytest.raises(Refused) as info:
        release(chain, made)
    [told] = info.value.refusals
    assert (told.code, told.params) == ("grade_not_offered", {"school": chain.school.name})
    assert transfers.in_the_way(by, made, clock()) == [told]
    assert holders() == [chain.far.id]
    # a row that stands there already keeps its own grade
    chain.country.child(chain.school, chain.cycle, id_number=NUMBER, grade="P1")
    assert transfers.in_the_way(by, made, clock()) == []
    assert release(chain, made).status == "released"


def test_after_the_national_close_a_request_is_neither_refused_nor_withdrawn(
    chain: Chain, held: Student
) -> None:
    made, clock = request(chain), chain.country.clock
    confirm(chain, chain.country.department)
    for answer in (
        lambda: transfers.refuse(chain.country.own(chain.far), made.id, "x", clock),
        lambda: transfers.withdraw(chain.actor("school"), made.id, clock),
    ):
        assert refused(answer) == ["department_closed"]
    assert Transfer.get().status == "asked"
    UnitState.update(status="open", confirmed_at=None, confirmed_by=None).execute()
    assert transfers.withdraw(chain.actor("school"), made.id, clock).status == "withdrawn"


def test_a_number_that_stands_twice_in_the_holding_school_is_settled_there_first(
    chain: Chain, held: Student
) -> None:
    chain.country.child(chain.far, chain.cycle, id_number=NUMBER)
    assert refused(lambda: release(chain, request(chain))) == ["number_twice"]
    assert holders() == [chain.far.id, chain.far.id]


def test_only_the_holding_side_answers_and_only_the_asking_side_withdraws(
    chain: Chain, held: Student
) -> None:
    made, clock = request(chain), chain.country.clock
    strangers = [chain.actor(role) for role in ("province", "helpdesk", "department")]
    near, far = [chain.actor("school"), chain.actor("lao")], chain.country.own(chain.far)
    for who in (*strangers, *near, chain.country.own(chain.sister)):
        with pytest.raises(NotFound):
            release(chain, made, who)
        with pytest.raises(NotFound):
            transfers.refuse(who, made.id, "x", clock)
    for who in (*strangers, far, chain.country.own(chain.sister)):
        with pytest.raises(NotFound):
            transfers.withdraw(who, made.id, clock)
    assert Transfer.get().status == "asked"
    assert transfers.withdraw(chain.actor("lao"), made.id, clock).status == "withdrawn"


@pytest.mark.parametrize("silly", SILLY_IDS)
def test_a_silly_id_is_no_request(chain: Chain, held: Student, silly: Any) -> None:
    request(chain)
    who, clock = chain.country.own(chain.far), chain.country.clock
    for knock in (
        lambda: transfers.get(who, silly),
        lambda: transfers.release(who, silly, 1, clock),
        lambda: transfers.refuse(who, silly, "x", clock),
        lambda: transfers.withdraw(who, silly, clock),
    ):
        with pytest.raises(NotFound):
            knock()


def test_what_the_other_school_did_is_not_marked_as_done_on_ones_behalf(
    chain: Chain,
) -> None:
    """Both schools are the LAO's own: it asks for the one and releases for the other."""
    lao, clock = chain.actor("lao"), chain.country.clock
    row = chain.country.child(chain.sister, chain.cycle, id_number=NUMBER)
    transfers.withdraw(lao, request(chain, actor=lao).id, clock)
    transfers.refuse(lao, request(chain, actor=lao).id, "x", clock)
    transfers.release(lao, request(chain, actor=lao).id, row.version, clock)
    ours = {"transfer.asked": chain.school, "transfer.withdrawn": chain.school}
    for event in Event.select().where(Event.tag.startswith("transfer.")):
        assert event.on_behalf is (event.unit == ours.get(event.tag, chain.sister)), event.tag


def test_a_refusal_needs_a_reason_and_ends_the_request(chain: Chain, held: Student) -> None:
    made, clock = request(chain), chain.country.clock
    by = chain.country.own(chain.far)
    for reason in ("", " \u200b", "ก" * 501):
        with pytest.raises(Invalid):
            transfers.refuse(by, made.id, reason, clock)
    done = transfers.refuse(by, made.id, " ยัง เรียนอยู่ ", clock)
    assert (done.status, done.decision_reason) == ("refused", "ยัง เรียนอยู่")
    assert holders() == [chain.far.id]
    for again in (
        lambda: release(chain, made),
        lambda: transfers.refuse(by, made.id, "x", clock),
        lambda: transfers.withdraw(chain.actor("school"), made.id, clock),
    ):
        assert refused(again) == ["transfer_decided"]
    assert not ask(chain).again  # after a refusal one may ask anew


# --- never in both, never in none ----------------------------------------------------------------
STEPS = ("ask", "ask from sister", "release", "refuse", "withdraw", "edit", "confirm", "reopen")


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=12))
def test_whatever_is_done_in_whatever_order_the_child_is_in_exactly_one_school(
    chain: Chain, steps: list[str]
) -> None:
    country, clock = chain.country, chain.country.clock
    schools = {s.id: s for s in (chain.school, chain.sister, chain.far)}
    number = make_pin(f"1{Student.select().count() + 10**10:011}")
    country.child(chain.far, chain.cycle, id_number=number)

    def holder() -> Unit:
        [school_id] = holders(number)
        return schools[school_id]

    def answer(make: Any, side: str) -> None:
        for waits in list(Transfer.select().where(Transfer.id_number == number)):
            make(country.own(schools[waits.__data__[side]]), waits)

    def step(name: str) -> None:
        if name.startswith("ask"):
            who = chain.sister if name.endswith("sister") else chain.school
            ask(chain, school=who, id_number=number)
        elif name == "release":
            answer(lambda who, t: release(chain, t, who), "from_school")
        elif name == "refuse":
            answer(lambda who, t: transfers.refuse(who, t.id, "x", clock), "from_school")
        elif name == "withdraw":
            answer(lambda who, t: transfers.withdraw(who, t.id, clock), "to_school")
        elif name == "edit":
            row = Student.get(Student.id_number == number, Student.status == "active")
            values = {"disadvantage": "", "grade": "K1"}
            children.edit(country.own(holder()), row.id, row.version, values, clock)
        else:
            status = "confirmed" if name == "confirm" else "open"
            at, by = (
                (clock(), chain.actor("department").user_id) if status != "open" else (None,) * 2
            )
            UnitState.update(status=status, confirmed_at=at, confirmed_by=by).where(
                UnitState.unit == holder().id
            ).execute()

    clock.tick(hours=2)  # the throttle is not the subject
    if clock() >= CLOSES:
        clock.set(CLOSES)
        clock.tick(days=-20)
    for name in steps:
        with contextlib.suppress(Refused, Conflict):
            step(name)
        assert len(holders(number)) == 1
    UnitState.update(status="open", confirmed_at=None, confirmed_by=None).execute()
    assert counters_agree(*schools.values())
