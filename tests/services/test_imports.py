"""Accepting an uploaded roster: all of it in one transaction, or nothing, by who may and while."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from admin_app.domain import plan as plans
from admin_app.domain import thai
from admin_app.domain.plan import Plan, Row
from admin_app.models import Event, Student, Upload
from admin_app.services import children, imports, progress, uploads
from admin_app.services.errors import NotFound
from admin_app.services.imports import Outdated
from tests.services.conftest import Chain, refused

NEW: dict[str, Any] = {
    "id_kind": "pin",
    "id_number": "1234567890121",
    "no_id_reason": "",
    "prefix": "เด็กหญิง",
    "first_name": "เกศแก้ว",
    "last_name": "ใจดี",
    "sex": "F",
    "grade": "P1",
}


def new(**over: Any) -> Row:
    """A row with a new child."""
    return Row(2, plans.NEW, values=NEW | over)


def changed(student: Student, **values: Any) -> Row:
    """A row that changes a child as it stands."""
    version = Student.get_by_id(student.id).version
    return Row(3, plans.CHANGED, id=student.id, version=version, values=values)


def removed(student: Student, reason: str = "left") -> Row:
    """A row that removes a child."""
    values = {"removal_reason": reason}
    return Row(4, plans.REMOVED, id=student.id, version=student.version, values=values)


def start(chain: Chain, *rows: Row, role: str = "school", **over: Any) -> Upload:
    """An upload of the chain's school that waits for a decision."""
    unit = over.get("unit", chain.school)
    args = (chain.actor(role), uploads.ROSTER, chain.cycle.id, unit.id, "a.xlsx", b"x")
    return uploads.start(*args, Plan(list(rows)), chain.country.clock)


def accept(chain: Chain, upload: Upload, role: str = "school") -> dict[str, int]:
    """The person of the role accepts."""
    return imports.accept_children(chain.actor(role), upload.id, chain.country.clock)


def counters(chain: Chain) -> tuple[int, int]:
    """What the school's state says, after holding it against its rows."""
    state = chain.country.state(chain.school, chain.cycle)
    active = Student.select().where(Student.school == chain.school, Student.status == "active")
    attested = active.where(Student.attested_at.is_null(False))
    assert (state.children, state.attested) == (active.count(), attested.count())
    return state.children, state.attested


def test_new_changed_and_removed_children_are_written_together(chain: Chain) -> None:
    one, gone, rest = chain.country.children(chain.school, chain.cycle, 3, attested=True)
    before = Student.get_by_id(rest.id).__data__
    chain.country.clock.tick(hours=1)
    rows = (new(), changed(one, grade="P2", disability="8"), removed(gone))
    done = accept(chain, start(chain, *rows))
    assert done == {"new": 1, "changed": 1, "removed": 1, "attestations_cleared": 1}
    made = Student.get(Student.id_number == "1234567890121")
    stored = {name: made.__data__[name] for name in NEW}
    assert stored == NEW
    assert (made.school_id, made.lao_id) == (chain.school.id, chain.lao.id)
    assert (made.province_id, made.cycle_id) == (chain.province.id, chain.cycle.id)
    assert (made.status, made.version, made.nationality) == ("active", 1, "TH")
    assert made.sort_key == thai.sort_key("เกศแก้ว", "ใจดี")
    assert made.last_key == thai.sort_key("ใจดี")
    now, actor = chain.country.clock(), chain.actor("school")
    assert (made.created_at, made.updated_at, made.updated_by_id) == (now, now, actor.user_id)
    after = Student.get_by_id(one.id)
    assert (after.grade, after.disability, after.version) == ("P2", "8", 2)
    assert (after.updated_at, after.attested_at) == (now, one.attested_at)
    out = Student.get_by_id(gone.id)
    assert (out.status, out.removal_reason, out.attested_at) == ("removed", "left", None)
    assert Student.get_by_id(rest.id).__data__ == before
    assert counters(chain) == (3, 2)


def test_what_an_edit_on_the_screen_writes_an_import_writes_too(chain: Chain) -> None:
    on_screen, imported = chain.country.children(chain.school, chain.cycle, 2, attested=True)
    actor, clock = chain.actor("school"), chain.country.clock
    values = {"first_name": "สมหญิง", "last_name": "ใจงาม", "home_subdistrict": None}
    children.edit(actor, on_screen.id, 1, values, clock)
    accept(chain, start(chain, changed(imported, first_name="สมหญิง", last_name="ใจงาม")))
    apart = {"id", "id_number", "prefix", "sex", "birth_date"}
    both = [Student.get_by_id(one.id).__data__ for one in (on_screen, imported)]
    left, right = ({k: v for k, v in row.items() if k not in apart} for row in both)
    assert left == right


@pytest.mark.parametrize(
    ("values", "cleared"),
    [
        ({"first_name": "อื่น"}, 1),
        ({"id_kind": "none", "id_number": None, "no_id_reason": "หาย"}, 1),
        ({"grade": "P2"}, 0),
        ({"prefix": "นาย"}, 0),
    ],
)
def test_an_edit_of_the_identity_clears_the_attestation(
    chain: Chain, values: dict[str, Any], cleared: int
) -> None:
    child = chain.country.child(chain.school, chain.cycle, attested=True)
    done = accept(chain, start(chain, changed(child, **values)))
    assert done["attestations_cleared"] == cleared
    assert counters(chain) == (1, 1 - cleared)
    assert (Student.get_by_id(child.id).attested_by_id is None) == bool(cleared)


def test_the_history_gets_one_entry_with_counts_and_nothing_of_a_child(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    accept(chain, start(chain, new(), changed(child, last_name="ใจงาม")))
    (event,) = Event.select().where(Event.tag.startswith("child."), Event.student_id.is_null())
    assert (event.tag, event.unit_id, event.student_id) == ("child.imported", chain.school.id, None)
    assert json.loads(event.details) == {
        "new": 1,
        "changed": 1,
        "removed": 0,
        "attestations_cleared": 0,
    }
    assert event.on_behalf is False


def test_each_childs_history_says_what_was_done_to_it_and_no_value(chain: Chain) -> None:
    one, gone, rest = chain.country.children(chain.school, chain.cycle, 3, attested=True)
    rows = (new(), changed(one, last_name="ใจงาม", grade="P2"), removed(gone, "moved"))
    accept(chain, start(chain, *rows, role="lao"), "lao")
    made = Student.get(Student.id_number == NEW["id_number"])
    told = {}
    for child in (made, one, gone):
        (event,) = children.timeline(child.id)
        assert (event.tag, event.unit_id) == ("child.imported", chain.school.id)
        assert (event.cycle_id, event.on_behalf) == (chain.cycle.id, True)
        told[child.id] = (event.reason, json.loads(event.details))
    assert told == {
        made.id: ("", {"row": "new"}),
        one.id: (
            "",
            {"row": "changed", "fields": ["grade", "last_name"], "attestation_cleared": True},
        ),
        gone.id: ("moved", {"row": "removed"}),
    }
    assert children.timeline(rest.id) == []
    listed = [event.tag for event in progress.timeline(chain.cycle.id, chain.school.id)]
    assert listed.count("child.imported") == 1


def test_a_leaver_who_is_removed_is_a_leaver_no_more(chain: Chain) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    Student.update(leaver=True).where(Student.id == child.id).execute()
    accept(chain, start(chain, removed(child, "graduated")))
    after = Student.get_by_id(child.id)
    assert (after.status, after.removal_reason, after.leaver) == ("removed", "graduated", False)


def test_invisible_characters_in_the_name_of_a_file_are_left_out(chain: Chain) -> None:
    args = (chain.actor("school"), uploads.ROSTER, chain.cycle.id, chain.school.id)
    upload = uploads.start(*args, "ราย\x00ชื่อ.xlsx", b"x", Plan([]), chain.country.clock)
    assert Upload.get_by_id(upload.id).file_name == "รายชื่อ.xlsx"


def test_an_lao_imports_on_behalf_of_its_school(chain: Chain) -> None:
    accept(chain, start(chain, new(), role="lao"), "lao")
    assert chain.events("child.imported", chain.school)[0].on_behalf is True


@pytest.mark.parametrize("role", ["province", "department", "helpdesk"])
def test_who_may_not_import_starts_nothing(chain: Chain, role: str) -> None:
    with pytest.raises(NotFound):
        start(chain, new(), role=role)


def test_a_school_imports_for_itself_and_an_lao_for_its_own_schools_alone(chain: Chain) -> None:
    for role in ("school", "lao"):
        with pytest.raises(NotFound):
            start(chain, new(), role=role, unit=chain.far)
    with pytest.raises(NotFound):
        start(chain, new(), unit=chain.sister)
    with pytest.raises(NotFound):
        start(chain, new(), role="lao", unit=chain.lao)
    assert not Upload.select().exists()


def test_an_upload_is_its_owners_alone(chain: Chain) -> None:
    upload = start(chain, new())
    for role in ("lao", "department"):
        with pytest.raises(NotFound):
            accept(chain, upload, role)
    with pytest.raises(NotFound):
        imports.accept_counts(chain.actor("school"), upload.id, chain.country.clock)
    for silly in (None, "", "x", 0, upload.id + 1, 10**30):
        with pytest.raises(NotFound):
            uploads.get(chain.actor("school"), uploads.ROSTER, silly, chain.country.clock())
    assert not Student.select().exists()


def test_a_plan_that_names_a_child_of_another_school_writes_nothing(chain: Chain) -> None:
    far = chain.country.child(chain.far, chain.cycle)
    other = chain.country.child(chain.school, chain.country.cycle("2566-2"))
    for child in (far, other):
        with pytest.raises(Outdated) as info:
            accept(chain, start(chain, new(), changed(child, last_name="ใจงาม")))
        assert info.value.ids == {child.id}
        assert Student.get_by_id(child.id).version == 1
    assert Student.select().count() == 2


# --- somebody else was faster --------------------------------------------------------------------


def test_a_row_that_somebody_changed_since_the_preview_stops_the_whole_import(chain: Chain) -> None:
    one, other = chain.country.children(chain.school, chain.cycle, 2)
    upload = start(chain, new(), changed(one, grade="P2"), changed(other, grade="P2"))
    clock = chain.country.clock
    children.edit(chain.actor("lao"), one.id, 1, {"last_name": "ใจกว้าง"}, clock)
    with pytest.raises(Outdated) as info:
        accept(chain, upload)
    assert info.value.ids == {one.id}
    after = [Student.get_by_id(child.id) for child in (one, other)]
    assert [(child.last_name, child.version) for child in after] == [
        ("ใจกว้าง", 2),
        (other.last_name, 1),
    ]
    assert Student.select().count() == 2
    assert Upload.get_by_id(upload.id).status == "preview"
    assert not chain.events("child.imported")


@pytest.mark.parametrize("planned", [changed, removed])
def test_a_child_that_was_removed_since_the_preview_stops_it_too(
    chain: Chain, planned: Any
) -> None:
    child = chain.country.child(chain.school, chain.cycle)
    upload = start(chain, planned(child))
    children.remove(chain.actor("lao"), [child.id], "moved", chain.country.clock)
    with pytest.raises(Outdated):
        accept(chain, upload)
    assert Student.get_by_id(child.id).removal_reason == "moved"


def test_a_new_child_that_somebody_recorded_since_the_preview_is_not_recorded_twice(
    chain: Chain,
) -> None:
    upload = start(chain, new())
    actor, clock = chain.actor("lao"), chain.country.clock
    child = children.create(actor, chain.cycle.id, chain.school.id, NEW, clock)
    with pytest.raises(Outdated) as info:
        accept(chain, upload)
    assert info.value.ids == {child.id}
    assert Student.select().count() == 1


UNNUMBERED: dict[str, Any] = {
    "id_kind": "none",
    "id_number": None,
    "no_id_reason": "กำลังขอ",
    "birth_date": date(2017, 3, 15),
}


def test_the_same_file_of_two_people_records_a_child_without_a_number_once(chain: Chain) -> None:
    mine, theirs = start(chain, new(**UNNUMBERED)), start(chain, new(**UNNUMBERED), role="lao")
    accept(chain, mine)
    with pytest.raises(Outdated) as info:
        accept(chain, theirs, "lao")
    assert info.value.ids == {Student.get().id}
    assert Student.select().count() == 1


@pytest.mark.parametrize("over", [{"first_name": "อื่น"}, {"grade": "P2"}, {"birth_date": None}])
def test_another_child_without_a_number_does_not_stop_it(
    chain: Chain, over: dict[str, Any]
) -> None:
    mine, theirs = (
        start(chain, new(**UNNUMBERED)),
        start(chain, new(**UNNUMBERED | over), role="lao"),
    )
    accept(chain, mine)
    assert accept(chain, theirs, "lao")["new"] == 1


def test_a_second_child_like_one_that_the_preview_saw_does_not_stop_it(chain: Chain) -> None:
    accept(chain, start(chain, new(**UNNUMBERED)))
    first = Student.get()
    seen = Row(2, plans.UNCHANGED, id=first.id, version=first.version)
    assert accept(chain, start(chain, seen, new(**UNNUMBERED)))["new"] == 1


def test_a_number_that_somebody_gave_another_child_since_the_preview_stops_a_change(
    chain: Chain,
) -> None:
    one, other = chain.country.children(chain.school, chain.cycle, 2)
    number = {"id_number": NEW["id_number"]}
    seen = Row(0, plans.ABSENT, id=other.id, version=other.version)
    upload = start(chain, changed(one, **number), seen)
    children.edit(chain.actor("lao"), other.id, 1, number, chain.country.clock)
    with pytest.raises(Outdated) as info:
        accept(chain, upload)
    assert info.value.ids == {other.id}
    assert Student.get_by_id(one.id).id_number == one.id_number


def test_two_children_whose_numbers_were_swapped_are_put_right(chain: Chain) -> None:
    one, other = chain.country.children(chain.school, chain.cycle, 2)
    rows = (changed(one, id_number=other.id_number), changed(other, id_number=one.id_number))
    assert accept(chain, start(chain, *rows))["changed"] == 2
    assert Student.get_by_id(one.id).id_number == other.id_number


def test_a_child_of_another_school_with_that_number_does_not_stop_it(chain: Chain) -> None:
    upload = start(chain, new())
    chain.country.child(chain.sister, chain.cycle, id_number="1234567890121")
    assert accept(chain, upload)["new"] == 1


# --- the window, and what happens to an upload ---------------------------------------------------


def test_a_window_that_closed_between_preview_and_accept_refuses_it(chain: Chain) -> None:
    upload = start(chain, new())
    chain.country.clock.set(chain.cycle.closes_at)
    just_before = chain.cycle.closes_at - timedelta(seconds=1)
    Upload.update(created_at=just_before).where(Upload.id == upload.id).execute()
    assert refused(lambda: accept(chain, upload)) == ["window_closed"]
    assert refused(lambda: start(chain, new())) == ["window_closed"]
    assert not Student.select().exists()


def test_a_school_that_confirmed_between_preview_and_accept_refuses_it(chain: Chain) -> None:
    chain.country.ready(chain.school, chain.cycle)
    upload = start(chain, new())
    chain.country.confirm(chain.school, chain.cycle)
    assert refused(lambda: accept(chain, upload)) == ["already_confirmed"]
    assert Student.select().count() == 2


def test_an_accepted_upload_is_emptied_and_cannot_be_accepted_again(chain: Chain) -> None:
    upload = start(chain, new())
    accept(chain, upload)
    after = Upload.get_by_id(upload.id)
    assert (after.status, after.file, after.plan) == ("accepted", None, "{}")
    assert after.decided_at == chain.country.clock()
    with pytest.raises(NotFound):
        accept(chain, upload)
    assert Student.select().count() == 1
    actor = chain.actor("school")
    assert uploads.was_accepted(actor, uploads.ROSTER, upload.id) == after
    assert uploads.was_accepted(chain.actor("lao"), uploads.ROSTER, upload.id) is None


def test_a_discarded_upload_is_emptied_and_wrote_nothing(chain: Chain) -> None:
    upload = start(chain, new())
    uploads.discard(chain.actor("school"), uploads.ROSTER, upload.id, chain.country.clock)
    after = Upload.get_by_id(upload.id)
    assert (after.status, after.file, after.plan) == ("discarded", None, "{}")
    assert not Student.select().exists()


def test_a_day_later_an_upload_is_gone_and_emptied_when_somebody_uploads(chain: Chain) -> None:
    upload = start(chain, new())
    chain.country.clock.tick(days=1, seconds=1)
    with pytest.raises(NotFound):
        accept(chain, upload)
    assert bytes(Upload.get_by_id(upload.id).file) == b"x"
    start(chain, new(), role="lao", unit=chain.sister)
    after = Upload.get_by_id(upload.id)
    assert (after.status, after.file, after.plan) == ("expired", None, "{}")


def test_the_next_upload_of_the_same_person_for_the_same_school_replaces_the_last(
    chain: Chain,
) -> None:
    first, elsewhere = start(chain, role="lao"), start(chain, role="lao", unit=chain.sister)
    mine = start(chain, role="school")
    second = start(chain, role="lao")
    status = {upload.id: upload.status for upload in Upload.select()}
    assert status[first.id] == "discarded"
    assert {status[u.id] for u in (elsewhere, mine, second)} == {"preview"}


def test_a_plan_that_says_nothing_new_leaves_no_trace(chain: Chain) -> None:
    done = accept(chain, start(chain, Row(2, plans.UNCHANGED), Row(3, plans.WRONG)))
    assert not any(done.values())
    assert not chain.events("child.imported")


def test_more_rows_than_one_query_takes_are_written_all(chain: Chain) -> None:
    old = chain.country.children(chain.school, chain.cycle, imports.AT_ONCE + 3)
    rows = [changed(child, disability="8") for child in old]
    accept(chain, start(chain, *rows))
    assert Student.select().where(Student.disability == "8", Student.version == 2).count() == len(
        old
    )
