"""Asking for a child of another school: what is needed, what is learned, and how often one may."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.domain.identity import make_pin
from admin_app.models import AccessLog, Student, Transfer
from admin_app.services import asking, children
from admin_app.services.errors import Invalid, NotFound, Refused
from tests.country import CLOSES
from tests.services.conftest import Chain, refused
from tests.services.transferring import SILLY_IDS, ask, confirm, request
from tests.twins import NUMBER


@pytest.mark.parametrize("role", ["school", "lao"])
def test_an_ask_reaches_the_holding_school_with_who_and_why(
    chain: Chain, held: Student, role: str
) -> None:
    asked = ask(chain, chain.actor(role))
    [made] = asked.requests
    assert (made.from_school_id, made.to_school_id) == (chain.far.id, chain.school.id)
    assert (made.student_id, made.status, made.grade) == (held.id, "asked", "P2")
    assert (made.reason, made.asked_by_id) == ("ย้ายตามผู้ปกครอง", chain.actor(role).user_id)
    assert not asked.again
    told = {(e.unit_id, e.student_id) for e in chain.events("transfer.asked")}
    assert told == {(chain.school.id, None), (chain.far.id, held.id)}
    own = chain.events("transfer.asked", chain.school)[0]
    assert own.on_behalf is (role == "lao")
    assert chain.events("transfer.asked", chain.far)[0].on_behalf is False


def test_asked_twice_is_the_same_request(chain: Chain, held: Student) -> None:
    first = ask(chain)
    again = ask(chain, chain.actor("lao"), reason="ถามอีกครั้ง")
    assert (again.requests[0].id, again.again) == (first.requests[0].id, True)
    assert Transfer.select().count() == 1
    assert Transfer.get().reason == "ย้ายตามผู้ปกครอง"
    assert len(chain.events("transfer.asked")) == 2
    other = ask(chain, school=chain.sister)
    assert (other.again, Transfer.select().count()) == (False, 2)


def test_two_schools_that_hold_a_number_are_both_asked(chain: Chain, held: Student) -> None:
    for _ in range(2):
        chain.country.child(chain.sister, chain.cycle, id_number=NUMBER)
    made = ask(chain).requests
    assert {t.from_school_id for t in made} == {chain.sister.id, chain.far.id}


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"id_kind": ""}, "id_kind"),
        ({"id_kind": None}, "id_kind"),
        ({"id_kind": "none"}, "id_kind"),
        ({"id_kind": "passport"}, "id_kind"),
        ({"id_number": ""}, "id_number"),
        ({"id_number": None}, "id_number"),
        ({"id_number": NUMBER[:-1] + "2"}, "id_number"),
        ({"id_number": "G123"}, "id_number"),
        ({"id_kind": "gcode"}, "id_number"),
        ({"grade": ""}, "grade"),
        ({"grade": None}, "grade"),
        ({"grade": "P6"}, "grade"),
        ({"grade": "XX"}, "grade"),
        ({"reason": " \u200b"}, "reason"),
        ({"reason": "ก" * 501}, "reason"),
    ],
)
def test_what_cannot_be_taken_is_told_by_field_before_anything_is_looked_up(
    chain: Chain, held: Student, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as info:
        ask(chain, **over)
    assert set(info.value.errors) == {field}
    assert not Transfer.select().exists()
    assert not AccessLog.select().exists()


def test_thai_digits_and_dashes_are_the_same_number(chain: Chain, held: Student) -> None:
    thai = NUMBER.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    made = request(chain, id_number=f" {thai[0]}-{thai[1:5]}-{thai[5:]} ")
    assert (made.id_number, made.student_id) == (NUMBER, held.id)


def test_of_a_number_that_nobody_else_holds_it_is_said_to_record_directly(chain: Chain) -> None:
    assert refused(lambda: ask(chain)) == ["number_nowhere"]
    child = chain.country.child(chain.school, chain.cycle, id_number=NUMBER)
    assert refused(lambda: ask(chain, grade="")) == ["number_only_here"]
    Student.update(school=chain.far.id, status="removed", removal_reason="left").where(
        Student.id == child.id
    ).execute()
    assert refused(lambda: ask(chain)) == ["number_nowhere"]
    later = chain.country.cycle("2567-2")
    chain.country.child(chain.far, later, id_number=NUMBER)
    assert refused(lambda: ask(chain)) == ["number_nowhere"]


def test_a_child_that_is_here_already_needs_no_grade(chain: Chain, held: Student) -> None:
    own = chain.country.child(chain.school, chain.cycle, id_number=NUMBER, grade="K1")
    assert request(chain, grade="").grade == "K1"
    assert [e.student_id for e in chain.events("transfer.asked", chain.school)] == [own.id]


@pytest.mark.parametrize("grade", ["P6", "XX", "ก" * 300])
def test_a_grade_that_is_sent_is_one_of_the_schools_even_when_the_child_is_here(
    chain: Chain, held: Student, grade: str
) -> None:
    chain.country.child(chain.school, chain.cycle, id_number=NUMBER)
    with pytest.raises(Invalid) as info:
        ask(chain, grade=grade)
    assert set(info.value.errors) == {"grade"}
    assert not Transfer.select().exists()


@pytest.mark.parametrize("silly", SILLY_IDS)
def test_nobody_asks_for_a_school_that_is_not_theirs(
    chain: Chain, held: Student, silly: Any
) -> None:
    lao = chain.actor("lao")
    for who, where in (
        (lao, silly),
        (lao, chain.far.id),
        (lao, chain.lao.id),
        (chain.actor("school"), chain.sister.id),
        (chain.actor("province"), chain.school.id),
        (chain.actor("department"), chain.school.id),
        (chain.actor("helpdesk"), chain.school.id),
    ):
        values = {"id_kind": "pin", "id_number": NUMBER, "grade": "P2", "reason": "x"}
        with pytest.raises(NotFound):
            asking.ask(who, chain.cycle.id, where, values, chain.country.clock)
    assert not AccessLog.select().exists()


def test_a_confirmed_school_cannot_ask_and_is_told_who_reopens_it(
    chain: Chain, held: Student
) -> None:
    confirm(chain, chain.school)
    with pytest.raises(Refused) as info:
        ask(chain)
    [told] = info.value.refusals
    assert (told.code, told.params["above"]) == ("school_confirmed", chain.lao.name)
    chain.country.clock.set(CLOSES)
    assert refused(lambda: ask(chain, school=chain.sister)) == ["school_closed"]


def test_every_ask_stands_in_the_access_log_without_a_number(chain: Chain, held: Student) -> None:
    ask(chain)
    refused(lambda: ask(chain, id_number=make_pin("181000000050")))
    rows = list(AccessLog.select())
    assert [(r.tag, r.unit_id, r.user_id) for r in rows] == [
        ("child.asked", chain.school.id, chain.actor("school").user_id)
    ] * 2
    assert all(r.details == "{}" for r in rows)


def test_a_person_asks_so_often_an_hour_and_no_more(chain: Chain) -> None:
    clock = chain.country.clock
    for n in range(asking.MOST_ASKS):
        number = make_pin(f"18100000{n:04}")
        assert refused(lambda number=number: ask(chain, id_number=number)) == ["number_nowhere"]
        clock.tick(minutes=1)
    assert refused(lambda: ask(chain)) == ["asked_too_often"]
    assert AccessLog.select().count() == asking.MOST_ASKS
    assert refused(lambda: ask(chain, chain.actor("lao"))) == ["number_nowhere"]
    clock.tick(minutes=31)  # the first ask is an hour and a minute old
    assert refused(lambda: ask(chain)) == ["number_nowhere"]


def test_held_elsewhere_says_yes_or_no(chain: Chain, held: Student) -> None:
    own = chain.country.child(chain.school, chain.cycle, id_number=NUMBER)
    other = chain.country.child(chain.school, chain.cycle)
    none = chain.country.child(chain.school, chain.cycle, id_kind="none", id_number=None)
    assert [asking.held_elsewhere(child) for child in (own, held, other, none)] == [
        True,
        True,
        False,
        False,
    ]
    children.remove(chain.actor("school"), [own.id], "left", chain.country.clock)
    assert not asking.held_elsewhere(Student.get_by_id(own.id))
    assert not asking.held_elsewhere(held)
