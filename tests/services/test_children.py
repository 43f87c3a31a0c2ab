"""Recording, editing, attesting, removing and restoring children."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from admin_app.domain.identity import make_pin
from admin_app.models import Student, Subdistrict, UnitState
from admin_app.services import children
from admin_app.services.errors import Conflict, Invalid, NotFound
from tests.country import ManualClock
from tests.services.conftest import Chain, refused

NEW: dict[str, Any] = {
    "id_kind": "pin",
    "id_number": "๑-๒๓๔๕-๖๗๘๙๐-๑๒-๑",
    "prefix": "เด็กหญิง",
    "first_name": " เกศ  แก้ว ",
    "last_name": "ใจดี",
    "sex": "F",
    "birth_date": date(2017, 3, 15),
    "grade": "P1",
}
SILLY_IDS = [None, "", "x", "²", "๑๒x", 0, -1, 2**31, 2**63, 10**30, str(10**30)]


def record(chain: Chain, role: str = "school", **over: Any) -> Student:
    """Record a child in the chain's school."""
    args = (chain.actor(role), chain.cycle.id, chain.school.id, NEW | over)
    return children.create(*args, chain.country.clock)


def edit(chain: Chain, child: Student, role: str = "school", **values: Any) -> Student:
    """Edit a child as it was last seen."""
    args = (chain.actor(role), child.id, child.version, values, chain.country.clock)
    return children.edit(*args)


def counters(chain: Chain) -> tuple[int, int]:
    """What the school's state says, after holding it against its rows."""
    state = chain.country.state(chain.school, chain.cycle)
    active = Student.select().where(Student.school == chain.school, Student.status == "active")
    attested = active.where(Student.attested_at.is_null(False))
    assert (state.children, state.attested) == (active.count(), attested.count())
    return state.children, state.attested


def test_attest_all_leaves_who_was_written_after_the_page_was_made(
    chain: Chain, clock: ManualClock
) -> None:
    first = record(chain)
    shown = clock()
    clock.tick(seconds=1)
    record(chain, id_number=make_pin("810000000001"))
    args = (chain.actor("school"), chain.cycle.id, chain.school.id, clock)
    assert children.attest_school(*args, shown) == 1
    assert Student.get_by_id(first.id).attested_at is not None
    assert children.attest_school(*args) == 1


def test_what_was_not_chosen_is_empty_and_never_null(chain: Chain) -> None:
    child = record(chain, nationality=None, disability=None, disadvantage=None)
    assert (child.nationality, child.disability, child.disadvantage) == ("TH", "", "")
    assert edit(chain, child, disability=None, last_name="ใจงาม").disability == ""


def test_a_recorded_child_stands_in_its_school_and_is_not_attested(chain: Chain) -> None:
    child = Student.get_by_id(record(chain).id)
    assert (child.id_number, child.first_name) == ("1234567890121", "เกศ แก้ว")
    assert (child.school_id, child.lao_id) == (chain.school.id, chain.lao.id)
    assert (child.province_id, child.cycle_id) == (chain.province.id, chain.cycle.id)
    assert child.sort_key.startswith("กเศ")
    assert (child.attested_at, child.status, child.version) == (None, "active", 1)
    assert counters(chain) == (1, 0)
    event = chain.events("child.created", chain.school)[0]
    assert (event.student_id, event.on_behalf) == (child.id, False)
    assert "1234567890121" not in event.details


def test_what_the_lao_records_for_its_school_is_marked_so(chain: Chain) -> None:
    child = record(chain, "lao")
    edit(chain, child, "lao", grade="P2")
    children.attest(chain.actor("lao"), [child.id], chain.country.clock)
    tags = ("child.created", "child.edited", "child.attested")
    assert all(chain.events(tag)[0].on_behalf for tag in tags)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"first_name": " \u200b"}, "first_name"),
        ({"last_name": None}, "last_name"),
        ({"first_name": "ก" * 256}, "first_name"),
        ({"prefix": "ก" * 33}, "prefix"),
        ({"sex": ""}, "sex"),
        ({"sex": "X"}, "sex"),
        ({"grade": ""}, "grade"),
        ({"grade": "P9"}, "grade"),
        ({"id_kind": ""}, "id_kind"),
        ({"id_kind": "passport"}, "id_kind"),
        ({"id_number": ""}, "id_number"),
        ({"id_number": "1234567890122"}, "id_number"),
        ({"id_kind": "gcode"}, "id_number"),
        ({"id_kind": "none", "no_id_reason": " "}, "no_id_reason"),
        ({"nationality": "QQ"}, "nationality"),
        ({"disability": "99"}, "disability"),
        ({"disadvantage": "88"}, "disadvantage"),
        ({"birth_date": "31/2/2560"}, "birth_date"),
        ({"entered_on": "tomorrow"}, "entered_on"),
        ({"home_subdistrict": 10**9}, "home_subdistrict"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(
    chain: Chain, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as info:
        record(chain, **over)
    assert set(info.value.errors) == {field}
    child = chain.country.child(chain.school, chain.cycle)
    with pytest.raises(Invalid) as info:
        edit(chain, child, **NEW | over)
    assert set(info.value.errors) == {field}
    assert Student.get_by_id(child.id).version == 1


def test_a_child_without_anything_is_told_all_that_is_needed(chain: Chain) -> None:
    with pytest.raises(Invalid) as info:
        children.create(
            chain.actor("school"), chain.cycle.id, chain.school.id, {}, chain.country.clock
        )
    assert set(info.value.errors) == {"id_kind", "first_name", "last_name", "sex", "grade"}


def test_a_number_is_checked_even_when_it_is_edited_alone(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    with pytest.raises(Invalid):
        edit(chain, child, id_number="1234567890122")
    assert edit(chain, child, id_number="1 2345 67890 12 1").id_number == "1234567890121"


def test_a_child_without_a_document_keeps_no_number(chain: Chain) -> None:
    child = record(chain, id_kind="none", no_id_reason="ไร้สัญชาติ")
    assert (child.id_number, child.no_id_reason) == (None, "ไร้สัญชาติ")
    changed = edit(chain, child, id_kind="gcode", id_number="G123456789012")
    assert (changed.id_number, changed.no_id_reason) == ("G123456789012", "")


def test_of_two_edits_the_second_is_told_and_shown_what_stands(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    edit(chain, child, first_name="สมหญิง")
    with pytest.raises(Conflict) as info:
        edit(chain, child, "lao", last_name="ใจงาม")
    assert info.value.current.first_name == "สมหญิง"
    stored = Student.get_by_id(child.id)
    assert (stored.first_name, stored.last_name) == ("สมหญิง", child.last_name)
    assert stored.version == 2


def test_an_edit_that_changes_nothing_writes_nothing(chain: Chain) -> None:
    place = Subdistrict.select().first()
    child = record(chain, home_subdistrict=place.id, birth_date="2017-03-15")
    same = NEW | {"home_subdistrict": place, "birth_date": "2017-03-15"}
    assert edit(chain, child, **same).version == 1
    assert not chain.events("child.edited")


@pytest.mark.parametrize(
    ("values", "cleared"),
    [
        ({"id_number": make_pin("110000000001")}, True),
        ({"id_kind": "none", "no_id_reason": "lost"}, True),
        ({"first_name": "อื่น"}, True),
        ({"last_name": "อื่น"}, True),
        ({"sex": "M"}, True),
        ({"birth_date": date(2016, 1, 1)}, True),
        ({"grade": "P2"}, False),
        ({"prefix": "ด.ญ."}, False),
        ({"nationality": "MM"}, False),
        ({"entered_on": date(2024, 5, 16)}, False),
    ],
)
def test_an_edit_of_the_identity_clears_the_attestation(
    chain: Chain, values: dict[str, Any], cleared: bool
) -> None:
    child = chain.country.child(chain.school, chain.cycle, attested=True, sex="F")
    changed = edit(chain, child, **values)
    assert (changed.attested_at is None, changed.attested_by_id is None) == (cleared, cleared)
    assert counters(chain) == (1, 0 if cleared else 1)
    details = json.loads(chain.events("child.edited")[0].details)
    assert details["attestation_cleared"] is cleared
    assert set(details["fields"]) >= set(values)


def test_many_children_are_attested_in_one_action_and_one_entry(chain: Chain) -> None:
    ids = [child.id for child in chain.country.children(chain.school, chain.cycle, 3)]
    school, clock = chain.actor("school"), chain.country.clock
    assert children.attest(school, ids[:1], clock) == 1
    assert children.attest_school(school, chain.cycle.id, chain.school.id, clock) == 2
    assert children.attest(school, ids, clock) == 0
    assert counters(chain) == (3, 3)
    first, second = chain.events("child.attested")
    assert (first.student_id, second.student_id) == (ids[0], None)
    assert json.loads(second.details) == {"count": 2, "ids": ids[1:]}
    child = Student.get_by_id(ids[0])
    assert (child.attested_by_id, child.attested_at) == (school.user_id, clock.now)


def test_a_removed_child_stays_with_its_reason_and_comes_back_unattested(chain: Chain) -> None:
    child, other = chain.country.children(chain.school, chain.cycle, 2, attested=True)
    school, clock = chain.actor("school"), chain.country.clock
    assert children.remove(school, [child.id], "not_exist", clock) == 1
    assert children.remove(school, [child.id], "moved", clock) == 0
    stored = Student.get_by_id(child.id)
    assert (stored.status, stored.removal_reason) == ("removed", "not_exist")
    assert counters(chain) == (1, 1)
    assert chain.events("child.removed")[0].reason == "not_exist"
    assert children.restore(school, [child.id, other.id], clock) == 1
    stored = Student.get_by_id(child.id)
    assert (stored.status, stored.removal_reason, stored.attested_at) == ("active", "", None)
    assert counters(chain) == (2, 1)


def test_a_removal_needs_a_reason_of_the_list(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    with pytest.raises(Invalid):
        children.remove(chain.actor("school"), [child.id], "", chain.country.clock)


def test_one_school_that_is_confirmed_refuses_the_whole_action(chain: Chain) -> None:
    chain.country.confirm_tree(chain.sister, chain.cycle)
    child = chain.country.child(chain.school, chain.cycle)
    confirmed = Student.get(Student.school == chain.sister)
    lao, clock = chain.actor("lao"), chain.country.clock
    ids = [child.id, confirmed.id]
    assert refused(lambda: children.remove(lao, ids, "left", clock)) == ["already_confirmed"]
    assert Student.select().where(Student.status == "removed").count() == 0
    assert counters(chain) == (1, 0)


def test_nobody_writes_under_a_confirmed_level(chain: Chain) -> None:
    chain.country.confirm_tree(chain.province, chain.cycle)
    child = Student.get(Student.school == chain.school)
    for role in ("school", "lao"):
        me = chain.actor(role)
        for write in (
            lambda role=role: edit(chain, child, role, grade="P2"),
            lambda role=role: record(chain, role),
            lambda me=me: children.remove(me, [child.id], "left", chain.country.clock),
        ):
            assert refused(write) == ["already_confirmed"]


@pytest.mark.parametrize("role", ["province", "helpdesk", "department"])
def test_who_reads_children_does_not_write_them(chain: Chain, role: str) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    me, clock = chain.actor(role), chain.country.clock
    assert children.get(me, child.id).id == child.id
    assert refused(lambda: edit(chain, child, role, grade="P2")) == ["not_allowed"]
    assert refused(lambda: record(chain, role)) == ["not_allowed"]
    assert children.attest(me, [child.id], clock) == 0
    assert children.remove(me, [child.id], "left", clock) == 0
    whole = lambda: children.attest_school(me, chain.cycle.id, chain.school.id, clock)  # noqa: E731
    assert refused(whole) == ["not_allowed"]
    assert Student.get_by_id(child.id).version == 1


@pytest.mark.parametrize("role", ["province", "lao", "school"])
def test_children_outside_the_scope_do_not_exist(chain: Chain, role: str) -> None:
    child = chain.country.child(chain.far, chain.cycle)
    gone = chain.country.child(
        chain.far, chain.cycle, status="removed", removal_reason="left", id_number=None
    )
    me, clock, cycle = chain.actor(role), chain.country.clock, chain.cycle
    for attempt in (
        lambda: children.get(me, child.id),
        lambda: edit(chain, child, role, grade="P2"),
        lambda: children.create(me, cycle.id, chain.far.id, NEW, clock),
        lambda: children.create(me, cycle.id, chain.country.department.id, NEW, clock),
        lambda: children.attest_school(me, cycle.id, chain.far.id, clock),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert children.attest(me, [child.id], clock) == 0
    assert children.remove(me, [child.id], "left", clock) == 0
    assert children.restore(me, [gone.id], clock) == 0
    assert Student.get_by_id(child.id).version == Student.get_by_id(gone.id).version == 1


@pytest.mark.parametrize("silly", SILLY_IDS)
def test_an_id_that_is_none_finds_nothing(chain: Chain, silly: Any) -> None:
    school, clock = chain.actor("school"), chain.country.clock
    with pytest.raises(NotFound):
        children.get(school, silly)
    with pytest.raises(NotFound):
        children.create(school, chain.cycle.id, silly, NEW, clock)
    assert children.attest(school, [silly], clock) == 0


def test_a_recount_sets_every_counter_from_the_rows(chain: Chain) -> None:
    chain.country.children(chain.school, chain.cycle, 2, attested=True)
    UnitState.update(children=9, attested=9).where(UnitState.cycle == chain.cycle).execute()
    children.recount(chain.cycle.id)
    assert counters(chain) == (2, 2)
    sister = chain.country.state(chain.sister, chain.cycle)
    assert (sister.children, sister.attested) == (0, 0)
