"""Deciding about duplicates: one school keeps the child, or they are told apart with a note."""

from __future__ import annotations

import json
from typing import Any

import pytest

from admin_app.domain.identity import make_pin
from admin_app.models import Event, Finding, Student, Transfer, Unit, UnitState
from admin_app.services import asking, children, notes, settling
from admin_app.services.errors import Conflict, Invalid, NotFound, Refused
from admin_app.services.twins import NUMBER_ELSEWHERE, TWIN_ELSEWHERE
from tests.country import CLOSES
from tests.services.conftest import Chain, refused
from tests.twins import BORN, NUMBER, same_name, same_number

PERSONAL = (NUMBER, "ฟ้าใส", "ฮวดเจริญ", str(BORN.year))


@pytest.fixture
def cousin(chain: Chain) -> Unit:
    """A school of another LAO in the chain's province."""
    return chain.country.school(chain.country.lao("81"))


def versions(*rows: Student) -> dict[int, int]:
    """Row id → version, as a page shows them now."""
    return {row.id: Student.get_by_id(row.id).version for row in rows}


def keep(chain: Chain, actor: Any, kept: Student, *others: Student, **over: Any) -> int:
    """Decide for ``kept``, by number unless told otherwise."""
    rule = over.pop("rule", NUMBER_ELSEWHERE)
    seen = over.pop("seen", None) or versions(kept, *others)
    return settling.keep(actor, rule, kept.id, seen, chain.country.clock, **over)


def tell_apart(chain: Chain, actor: Any, *rows: Student, note: str = "ฝาแฝด ตรวจสูติบัตรแล้ว") -> int:
    """These are different children."""
    seen = versions(*rows)
    args = (actor, TWIN_ELSEWHERE, rows[0].id, seen, note, chain.country.clock)
    return settling.tell_apart(*args)


def active(*rows: Student) -> list[bool]:
    """Whether each row is active now."""
    return [Student.get_by_id(row.id).status == "active" for row in rows]


def counters_agree(*schools: Unit) -> bool:
    """Whether each school's counters are those of its rows."""
    for school in schools:
        state = UnitState.get(UnitState.unit == school.id)
        rows = Student.select().where(Student.school == school.id, Student.status == "active")
        attested = rows.where(Student.attested_at.is_null(False))
        if (state.children, state.attested) != (rows.count(), attested.count()):
            return False
    return True


# --- one keeps ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["lao", "department"])
def test_one_keeps_and_the_other_goes_as_a_duplicate(chain: Chain, role: str) -> None:
    schools = (chain.school, chain.sister)
    ours, theirs = same_number(chain.country, chain.cycle, *schools, attested=True)
    assert keep(chain, chain.actor(role), ours, theirs) == 1
    gone, kept = Student.get_by_id(theirs.id), Student.get_by_id(ours.id)
    assert (gone.status, gone.removal_reason, gone.attested_at) == ("removed", "duplicate", None)
    assert gone.version == theirs.version + 1
    assert (kept.status, kept.version, bool(kept.attested_at)) == ("active", ours.version, True)
    assert counters_agree(*schools)


def test_both_schools_and_both_children_see_it_in_their_history_without_personal_data(
    chain: Chain,
) -> None:
    ours, theirs = same_number(
        chain.country, chain.cycle, chain.school, chain.sister, first_name="ฟ้าใส"
    )
    keep(chain, chain.actor("lao"), ours, theirs)
    events = chain.events("duplicate.decided")
    assert {(e.unit_id, e.student_id, e.reason) for e in events} == {
        (chain.school.id, ours.id, settling.KEPT),
        (chain.sister.id, theirs.id, settling.REMOVED),
    }
    for row in (ours, theirs):
        assert [e.tag for e in children.timeline(row.id)] == ["duplicate.decided"]
    for event in events:
        assert not any(word in event.details + event.reason for word in PERSONAL)
        assert json.loads(event.details)["kept"] is (event.student_id == ours.id)


def test_of_three_rows_two_go(chain: Chain, cousin: Unit) -> None:
    schools = (chain.school, chain.sister, cousin)
    rows = same_number(chain.country, chain.cycle, *schools)
    assert keep(chain, chain.actor("province"), rows[1], rows[0], rows[2]) == 2
    assert active(*rows) == [False, True, False]
    assert counters_agree(*schools)


def test_a_removed_duplicate_can_be_restored_while_the_school_is_open(chain: Chain) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    keep(chain, chain.actor("lao"), ours, theirs)
    assert children.restore(chain.country.own(chain.sister), [theirs.id], chain.country.clock) == 1


def test_of_the_same_name_a_different_child_may_stay(chain: Chain) -> None:
    third = chain.country.school(chain.lao)
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister, third)
    lao = chain.actor("lao")
    assert keep(chain, lao, rows[0], *rows[1:], rule=TWIN_ELSEWHERE, apart=[rows[2].id]) == 1
    assert active(*rows) == [True, False, True]


def test_when_every_row_would_stay_it_is_said_how_to_tell_them_apart(chain: Chain) -> None:
    ours, theirs = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    with pytest.raises(Invalid) as info:
        keep(chain, chain.actor("lao"), ours, theirs, rule=TWIN_ELSEWHERE, apart=[theirs.id])
    assert set(info.value.errors) == {"keep"}
    assert active(ours, theirs) == [True, True]


def test_no_row_with_the_same_number_stays_beside_the_one_that_keeps(chain: Chain) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    keep(chain, chain.actor("lao"), ours, theirs, apart=[theirs.id])
    assert active(ours, theirs) == [True, False]


# --- who may -----------------------------------------------------------------------------------


def test_the_level_above_the_lowest_reads_and_is_told_who_decides(chain: Chain) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    with pytest.raises(Refused) as info:
        keep(chain, chain.actor("province"), ours, theirs)
    [told] = info.value.refusals
    assert (told.code, told.params) == ("decided_below", {"unit": chain.lao.name})
    assert active(ours, theirs) == [True, True]


def test_whoever_does_not_see_every_row_finds_nothing(chain: Chain, cousin: Unit) -> None:
    spread = {
        "lao": (chain.school, cousin),
        "province": (chain.school, chain.far),
        "school": (chain.school, chain.sister),
        "helpdesk": (chain.school, chain.sister),
    }
    for n, (role, schools) in enumerate(spread.items()):
        number = make_pin(f"1810000001{n:02}")
        ours, theirs = same_number(chain.country, chain.cycle, *schools, number=number)
        with pytest.raises(NotFound):
            keep(chain, chain.actor(role), ours, theirs)
        assert active(ours, theirs) == [True, True]


# --- states, windows, versions -----------------------------------------------------------------


def test_a_confirmed_schools_row_stays_until_it_is_reopened_and_it_is_told_who_can(
    chain: Chain,
) -> None:
    ours, theirs = same_number(
        chain.country, chain.cycle, chain.school, chain.sister, attested=True
    )
    lao = chain.actor("lao")
    UnitState.update(
        status="confirmed", confirmed_at=chain.country.clock(), confirmed_by=lao.user_id
    ).where(UnitState.unit == chain.sister.id).execute()
    with pytest.raises(Refused) as info:
        keep(chain, lao, ours, theirs)
    [told] = info.value.refusals
    assert told.code == "school_confirmed"
    assert told.params == {"school": chain.sister.name, "above": chain.lao.name}
    assert active(ours, theirs) == [True, True]
    assert not chain.events("duplicate.decided")
    # nothing changes in the school that keeps: it may be confirmed
    assert keep(chain, lao, theirs, ours) == 1
    assert active(ours, theirs) == [False, True]


def test_every_school_that_is_in_the_way_is_named(chain: Chain, cousin: Unit) -> None:
    rows = same_number(chain.country, chain.cycle, chain.school, chain.sister, cousin)
    dla = chain.actor("department")
    for unit in (chain.school, cousin, cousin.lao):
        UnitState.update(
            status="confirmed", confirmed_at=chain.country.clock(), confirmed_by=dla.user_id
        ).where(UnitState.unit == unit.id).execute()
    with pytest.raises(Refused) as info:
        keep(chain, dla, rows[1], rows[0], rows[2])
    assert [(told.code, told.params["school"]) for told in info.value.refusals] == [
        ("school_confirmed", chain.school.name),
        ("school_above_confirmed", cousin.name),
    ]
    assert active(*rows) == [True, True, True]


@pytest.mark.parametrize(("seconds", "codes"), [(-1, []), (0, ["school_closed"])])
def test_the_close_is_hard_here_too(chain: Chain, seconds: int, codes: list[str]) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    lao = chain.actor("lao")
    chain.country.clock.set(CLOSES)
    chain.country.clock.tick(seconds=seconds)
    if codes:
        assert refused(lambda: keep(chain, lao, ours, theirs)) == codes
    else:
        assert keep(chain, lao, ours, theirs) == 1


def test_a_row_that_was_changed_since_it_was_shown_is_not_decided_about(chain: Chain) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    lao, seen = chain.actor("lao"), versions(ours, theirs)
    children.edit(lao, ours.id, ours.version, {"grade": "P2"}, chain.country.clock)
    for args in ((ours, theirs), (theirs, ours)):
        with pytest.raises(Conflict):
            keep(chain, lao, *args, seen=seen)
    assert active(ours, theirs) == [True, True]


@pytest.mark.parametrize("lost", ["a row less", "a row more", "none", "another"])
def test_the_rows_that_were_shown_are_the_rows_that_stand(chain: Chain, lost: str) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    stranger = chain.country.child(chain.school, chain.cycle)
    seen = {
        "a row less": versions(ours),
        "a row more": versions(ours, theirs, stranger),
        "none": {0: 0},
        "another": versions(ours, stranger),
    }[lost]
    with pytest.raises(Conflict):
        keep(chain, chain.actor("lao"), ours, theirs, seen=seen)
    assert active(ours, theirs, stranger) == [True, True, True]


def test_the_child_that_is_kept_is_one_of_the_group(chain: Chain) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    lonely = chain.country.child(chain.school, chain.cycle)
    with pytest.raises(NotFound):
        keep(chain, chain.actor("lao"), lonely, ours, theirs)


def test_a_request_for_a_row_that_went_is_answered(chain: Chain) -> None:
    ours, theirs = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    values = {"id_kind": "pin", "id_number": NUMBER, "grade": "P1", "reason": "ย้ายบ้าน"}
    args = (chain.actor("school"), chain.cycle.id, chain.school.id, values)
    asking.ask(*args, chain.country.clock)
    keep(chain, chain.actor("lao"), ours, theirs)
    request = Transfer.get()
    assert (request.status, request.decision_reason) == ("refused", settling.SETTLED)
    assert not active(theirs)[0]


# --- different children ------------------------------------------------------------------------


def test_different_children_both_stay_and_the_note_stands_on_both_findings(chain: Chain) -> None:
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    lao = chain.actor("lao")
    assert tell_apart(chain, lao, *rows, note=" ฝาแฝด  ตรวจสูติบัตรแล้ว ") == 2
    assert active(*rows) == [True, True]
    for finding in Finding.select().where(Finding.rule == TWIN_ELSEWHERE):
        assert finding.note == "ฝาแฝด ตรวจสูติบัตรแล้ว"
        assert (finding.noted_at, finding.noted_by_id) == (chain.country.clock(), lao.user_id)
    events = chain.events("finding.explained")
    assert {(e.unit_id, e.student_id) for e in events} == {(row.school_id, row.id) for row in rows}
    assert all(e.reason == "ฝาแฝด ตรวจสูติบัตรแล้ว" for e in events)


@pytest.mark.parametrize("note", ["", " \u200b ", "ก" * (settling.MOST_NOTE + 1)])
def test_to_tell_children_apart_it_is_said_how_one_knows(chain: Chain, note: str) -> None:
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    with pytest.raises(Invalid) as info:
        tell_apart(chain, chain.actor("lao"), *rows, note=note)
    assert set(info.value.errors) == {"note"}
    assert not Finding.select().where(Finding.note != "").exists()


def test_two_children_do_not_share_a_number_the_wrong_one_is_corrected(chain: Chain) -> None:
    rows = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    args = (rows[0].id, versions(*rows), "คนละคน", chain.country.clock)
    with pytest.raises(Invalid):
        settling.tell_apart(chain.actor("lao"), NUMBER_ELSEWHERE, *args)
    assert not Finding.select().where(Finding.note != "").exists()


def test_telling_apart_needs_one_open_school_and_the_deciding_level(chain: Chain) -> None:
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    lao = chain.actor("lao")
    assert refused(lambda: tell_apart(chain, chain.actor("province"), *rows)) == ["decided_below"]
    for school in (chain.school, chain.sister):
        UnitState.update(
            status="confirmed", confirmed_at=chain.country.clock(), confirmed_by=lao.user_id
        ).where(UnitState.unit == school.id).execute()
    told = ["school_confirmed", "school_confirmed"]
    assert refused(lambda: tell_apart(chain, lao, *rows)) == told
    chain.move("lao", chain.school, "return")
    assert tell_apart(chain, lao, *rows) == 2


def test_what_a_level_above_wrote_of_a_pair_is_not_written_over_from_below(chain: Chain) -> None:
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    lao, dla = chain.actor("lao"), chain.actor("department")
    assert tell_apart(chain, lao, *rows, note="เทศบาลตรวจแล้ว") == 2
    assert tell_apart(chain, dla, *rows, note="กรมตรวจแล้ว") == 2
    assert refused(lambda: tell_apart(chain, lao, *rows)) == ["note_of_above"]
    assert tell_apart(chain, lao, *rows, note="กรมตรวจแล้ว") == 2
    for finding in Finding.select().where(Finding.rule == TWIN_ELSEWHERE):
        assert (finding.note, finding.noted_by_id) == ("กรมตรวจแล้ว", dla.user_id)
        args = ({finding.id: finding.basis}, "", chain.country.clock)
        assert refused(lambda args=args: notes.explain(lao, *args)) == ["note_of_above"]
    assert tell_apart(chain, dla, *rows, note="กรมตรวจอีกครั้ง") == 2


def test_a_row_that_was_changed_is_not_told_apart(chain: Chain) -> None:
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    lao, seen = chain.actor("lao"), versions(*rows)
    children.edit(lao, rows[1].id, 1, {"grade": "P2"}, chain.country.clock)
    args = (lao, TWIN_ELSEWHERE, rows[0].id, seen, "คนละคน", chain.country.clock)
    with pytest.raises(Conflict):
        settling.tell_apart(*args)
    assert not Event.select().where(Event.tag == "finding.explained").exists()
