"""Verify names whatever was changed behind the services' back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from peewee import Database

from admin_app.domain import proof
from admin_app.models import (
    Event,
    HistoryHead,
    OtherCount,
    OtherSchool,
    OtherSheet,
    Snapshot,
    Student,
    Unit,
    UnitState,
)
from admin_app.services import other_counts, rosters, units
from admin_app.services.errors import NotFound
from admin_app.services.other_counts import SchoolRow
from admin_app.services.verification import TEXTS, verify
from admin_app.services.verification.rows import MOST_CHILDREN
from tests.append_only import let_change
from tests.country import CLOSES, NOW, ManualClock
from tests.services.conftest import Chain


@pytest.fixture
def confirmed(chain: Chain, clock: ManualClock) -> Chain:
    """The chain's province confirmed, with a school of another affiliation; the country closed."""
    country, lao = chain.country, chain.lao
    for school in (chain.school, chain.sister):
        country.children(school, chain.cycle, 2, attested=True, sex="F", grade="K1")
        country.confirm(school, chain.cycle)
    rows = [SchoolRow("บ้านนา", "PESAO", "32020001", {"P1": (3, 4), "K1": (1, 2)})]
    other_counts.save(country.own(lao), chain.cycle.id, lao.id, 0, rows, clock)
    country.confirm(lao, chain.cycle)
    country.confirm(chain.province, chain.cycle)
    clock.set(CLOSES)
    chain.move("department", country.department, "close")
    return chain


def lines(chain: Chain, unit: Unit | None = None) -> list[str]:
    """What differs, as the command line prints it."""
    return [str(found) for found in verify(chain.cycle, unit and unit.code).differences]


def test_what_nobody_touched_has_no_difference(confirmed: Chain) -> None:
    result = verify(confirmed.cycle)
    assert (result.checked, result.differences) == (5, [])
    assert result.entries == Event.select().count()


def test_what_dla_may_edit_later_is_no_difference(confirmed: Chain) -> None:
    dla, clock = confirmed.actor("department"), confirmed.country.clock
    for unit in (confirmed.school, confirmed.lao):
        change = {"name": "ชื่อใหม่", "code": f"{unit.code}9"}
        units.edit(dla, unit.id, unit.version, change, clock)
    assert lines(confirmed) == []


def test_what_was_frozen_in_the_first_form_is_read_in_it(confirmed: Chain, db: Database) -> None:
    """Without histories and lines of children, so a changed child is not named."""
    let_change(db)
    old: dict[str, str] = {}
    for snapshot in Snapshot.select().order_by(Snapshot.id):  # schools are confirmed first
        text = snapshot.content
        for was, became in old.items():
            text = text.replace(was, became)
        content = json.loads(text) | {"form": 1}
        for key in ("history", "below", "lines"):
            content.pop(key, None)
        text = proof.canonical(content)
        old[snapshot.digest] = proof.digest(text)
        Snapshot.update(content=text, digest=proof.digest(text), lines="").where(
            Snapshot.id == snapshot.id
        ).execute()
    for event in Event.select().order_by(Event.unit, Event.number):
        before = event.digest
        event.details = json.dumps(
            {k: old.get(v, v) if k == "digest" else v for k, v in json.loads(event.details).items()}
        )
        event.previous = old.get(event.previous, event.previous)
        columns = {column: event.__data__[name] for column, name in _columns().items()}
        event.digest = old[before] = proof.entry_digest(columns)
        event.save()
    for head in HistoryHead.select():
        HistoryHead.update(digest=old.get(head.digest, head.digest)).where(
            HistoryHead.id == head.id
        ).execute()
    assert lines(confirmed) == []
    Student.update(last_name="x").where(Student.school == confirmed.school.id).execute()
    fresh = rosters.roster_digest(confirmed.cycle.id, confirmed.school.id)
    (found,) = lines(confirmed, confirmed.school)
    assert "digest of the roster: " in found
    assert found.endswith(f"{fresh[:16]} now")


def _columns() -> dict[str, str]:
    by_column = Event._meta.columns
    return {column: by_column[column].name for column in proof.ENTRY}


def _of(model: Any, unit: Unit) -> Any:
    return model.unit == unit.id


def _child(chain: Chain) -> Student:
    return Student.select().where(Student.school == chain.school.id).order_by(Student.id).get()


def _change(chain: Chain, **values: Any) -> Any:
    return Student.update(**values).where(Student.id == _child(chain).id)


def _event(chain: Chain, **values: Any) -> Any:
    (last,) = chain.events("move.confirm", chain.school)
    return Event.update(**values).where(Event.id == last.id)


ABOVE = {"lao": "holds {school.code}, which", "province": "holds {lao.code}, which"} | {
    "department": "holds 81, which"
}
# what is done by SQL: the levels that are named, each with a piece of its line
TAMPERING: dict[str, tuple[Any, dict[str, str]]] = {
    "a name": (
        lambda c: _change(c, first_name="x"),
        {"school": "revision 1: child {child} has changed", **ABOVE},
    ),
    "a grade": (
        lambda c: _change(c, grade="P2"),
        {"school": "P2 girls: 0 confirmed, 1 now", **ABOVE},
    ),
    "a sex": (lambda c: _change(c, sex="M"), {"school": "K1 boys: 0 confirmed, 1 now", **ABOVE}),
    "a nationality": (
        lambda c: _change(c, nationality="MM"),
        {"school": "nationality MM: 0 confirmed, 1 now", **ABOVE},
    ),
    "an identity": (
        lambda c: _change(c, id_kind="none"),
        {"school": "identity kind pin: 2 confirmed, 1 now", **ABOVE},
    ),
    "a child gone": (
        lambda c: Student.delete().where(Student.id == _child(c).id),
        {"school": "child {child} has gone", **ABOVE},
    ),
    "a child come": (
        lambda c: _change(c, school=c.far.id),
        {"school": "child {child} has gone", **ABOVE},
    ),
    "a declaration": (
        lambda c: OtherSheet.update(declared_none=True),
        {"lao": "no other affiliations declared: False confirmed, True now"}
        | {key: ABOVE[key] for key in ("province", "department")},
    ),
    "another school's count": (
        lambda c: OtherCount.update(girls=9).where(OtherCount.grade == "P1"),
        {"lao": "PESAO 32020001 บ้านนา P1 girls: 4 confirmed, 9 now"},
    ),
    "another school's name": (
        lambda c: OtherSchool.update(name="บ้านไร่"),
        {"lao": "other affiliation PESAO 32020001 บ้านไร่ has come"},
    ),
    "a snapshot's text": (
        lambda c: Snapshot.update(content="{}").where(_of(Snapshot, c.school)),
        {"school": "the snapshot is not what its digest says", **ABOVE},
    ),
    "a snapshot's digest": (
        lambda c: Snapshot.update(digest="0" * 64).where(_of(Snapshot, c.school)),
        {
            "school": "the snapshot's is 0000000000000000",
            "lao": "{school.code}: revision 1 (",
        },
    ),
    "a snapshot's lines": (
        lambda c: Snapshot.update(lines="1 x\n").where(_of(Snapshot, c.school)),
        {"school": "the lines of children are not what the snapshot says", **ABOVE},
    ),
    "a snapshot gone": (
        lambda c: Snapshot.delete().where(_of(Snapshot, c.lao)),
        {"lao": "the snapshot is missing", "province": "holds the snapshot {lao.code}/1"},
    ),
    "a state": (
        lambda c: UnitState.update(status="open", confirmed_at=None).where(_of(UnitState, c.lao)),
        {
            "lao": "the history says confirmed, the state says open",
            "province": "confirmed, 0 now",
        },
    ),
    "an entry's reason": (
        lambda c: _event(c, reason="x"),
        {"school": "history entry 2 is not what its digest says"},
    ),
    "an entry's digest": (
        lambda c: _event(c, digest="0" * 64),
        {
            "school": "by its head with entry 2 (",
            "lao": "holds history entry {school.code}/2, which is not there",
        },
    ),
    "an entry's link": (
        lambda c: _event(c, previous="0" * 64),
        {"school": "history entry 2 does not follow on the one before"},
    ),
    "an entry gone": (
        lambda c: Event.delete().where(_of(Event, c.school), Event.number == 1),
        {"school": "history entry 1 is missing"},
    ),
    "an entry without a number": (
        lambda c: _event(c, number=-1),
        {"school": "stands outside the chain"},
    ),
    "a head": (
        lambda c: HistoryHead.update(number=7).where(HistoryHead.chain == c.school.id),
        {"school": "the history ends with entry 2 ("},
    ),
    "a head gone": (
        lambda c: HistoryHead.delete().where(HistoryHead.chain == c.school.id),
        {"school": "by its head with entry 0"},
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_what_was_changed_is_named(confirmed: Chain, db: Database, what: str) -> None:
    tamper, named = TAMPERING[what]
    child = _child(confirmed).id
    let_change(db)
    assert tamper(confirmed).execute()
    found = lines(confirmed)
    for level, piece in named.items():
        unit = confirmed.country.department if level == "department" else getattr(confirmed, level)
        told = piece.format(school=confirmed.school, lao=confirmed.lao, child=child)
        assert any(f"{level} {unit.code}" in line and told in line for line in found), found
    quiet = {f" {confirmed.sister.code}", f" {confirmed.far.code}"}
    assert not [line for line in found if any(code in line for code in quiet)]


def test_a_history_cut_off_with_its_head_is_found_by_what_is_above(
    confirmed: Chain, db: Database
) -> None:
    let_change(db)
    (last,) = confirmed.events("move.confirm", confirmed.school)
    last.delete_instance()
    HistoryHead.update(number=last.number - 1, digest=last.previous).where(
        HistoryHead.chain == confirmed.school.id
    ).execute()
    UnitState.update(status="open", confirmed_at=None, revision=0).where(
        UnitState.unit == confirmed.school.id
    ).execute()
    Snapshot.delete().where(Snapshot.unit == confirmed.school.id).execute()
    assert lines(confirmed, confirmed.school) == []
    found = lines(confirmed, confirmed.lao)
    held = f"holds history entry {confirmed.school.code}/{last.number}, which is not there"
    assert any(held in line for line in found), found


def test_the_history_of_no_unit_is_a_chain_too(confirmed: Chain, db: Database) -> None:
    let_change(db)
    Event.update(reason="x").where(Event.tag == "cycle.started").execute()
    (found,) = lines(confirmed)
    assert found == "2567-1 history of no unit: history entry 2 is not what its digest says"
    assert lines(confirmed, confirmed.province) == []


def test_a_whole_school_changed_names_a_few_children_and_how_many_more(chain: Chain) -> None:
    chain.country.ready(chain.school, chain.cycle, MOST_CHILDREN + 3)
    chain.country.confirm(chain.school, chain.cycle)
    Student.update(last_name="x").execute()
    found = lines(chain)
    assert len(found) == MOST_CHILDREN + 1
    assert found[-1].endswith(": and 3 more children differ")


def test_an_older_revision_is_held_to_its_digest_too(confirmed: Chain, db: Database) -> None:
    confirmed.move("department", confirmed.school, "unlock")
    assert lines(confirmed) == []
    let_change(db)
    Snapshot.update(lines="").where(Snapshot.unit == confirmed.school.id).execute()
    (found,) = lines(confirmed)
    assert found.startswith(f"2567-1 school {confirmed.school.code} revision 1: the lines of")


def test_one_units_tree_can_be_verified_alone(confirmed: Chain) -> None:
    for unit, checked in (
        (confirmed.school, 1),
        (confirmed.lao, 3),
        (confirmed.province, 4),
        (confirmed.far, 0),
        (confirmed.country.department, 5),
    ):
        assert verify(confirmed.cycle, unit.code).checked == checked
    with pytest.raises(NotFound):
        verify(confirmed.cycle, "nowhere")


def test_every_cycle_is_verified_when_none_is_named(confirmed: Chain) -> None:
    later = confirmed.country.cycle("2567-2", start=True)
    confirmed.country.clock.set(NOW)
    confirmed.country.confirm_tree(confirmed.school, later)
    seen: list[str] = []
    result = verify(on_unit=lambda looked: seen.append(looked.place.code))
    assert (result.checked, result.differences) == (6, [])
    assert verify(later).checked == 1
    assert sorted(seen) == sorted([*(unit.code for unit in Unit.select()), ""])
    ranks = [seen.index(u.code) for u in (confirmed.school, confirmed.lao, confirmed.province)]
    assert ranks == sorted(ranks)


def test_every_kind_of_difference_has_a_text_of_its_own() -> None:
    assert len(set(TEXTS.values())) == len(TEXTS)
    for text in TEXTS.values():
        assert text % {"what": "a", "expected": "b", "found": "c"}
