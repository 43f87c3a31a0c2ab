"""A child that leaves while another school asks for it: the request is answered with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from admin_app.domain import plan as plans
from admin_app.domain.plan import Plan, Row
from admin_app.models import Event, Student, Transfer
from admin_app.services import children, imports, leavers, uploads
from admin_app.services.leavers import Choice
from admin_app.services.requests import LEFT
from tests.services.conftest import Chain, refused
from tests.services.transferring import ask, release, request
from tests.twins import NUMBER


def by_hand(chain: Chain, *rows: Student) -> None:
    """The far school removes its rows."""
    ids = [row.id for row in rows]
    children.remove(chain.country.own(chain.far), ids, "left", chain.country.clock)


def as_leavers(chain: Chain, *rows: Student) -> None:
    """The far school says of its proposed leavers that they have left."""
    Student.update(leaver=True).where(Student.id << [row.id for row in rows]).execute()
    choices = [Choice(row.id, row.version, reason="graduated") for row in rows]
    own, clock = chain.country.own(chain.far), chain.country.clock
    leavers.decide(own, chain.cycle.id, chain.far.id, choices, clock)


def by_import(chain: Chain, *rows: Student) -> None:
    """The far school sends a workbook in which its rows are removed."""
    own, clock = chain.country.own(chain.far), chain.country.clock
    planned = [
        Row(n, plans.REMOVED, id=row.id, version=row.version, values={"removal_reason": "left"})
        for n, row in enumerate(rows, 2)
    ]
    args = (own, uploads.ROSTER, chain.cycle.id, chain.far.id, "a.xlsx", b"x", Plan(planned))
    imports.accept_children(own, uploads.start(*args, clock).id, clock)


WAYS = [by_hand, as_leavers, by_import]


@pytest.mark.parametrize("leave", WAYS)
def test_every_request_for_a_row_that_left_is_answered_in_words_for_the_asker(
    chain: Chain, held: Student, leave: Callable[..., None]
) -> None:
    other = chain.country.child(chain.far, chain.cycle)
    stays = chain.country.child(chain.far, chain.cycle)
    made = [
        request(chain),
        request(chain, school=chain.sister),
        request(chain, id_number=other.id_number),
    ]
    waits = request(chain, id_number=stays.id_number)
    leave(chain, held, other)
    now, who = chain.country.clock(), chain.country.own(chain.far).user_id
    for one in made:
        after = Transfer.get_by_id(one.id)
        assert (after.status, after.decision_reason) == ("refused", LEFT)
        assert (after.decided_at, after.decided_by_id, after.version) == (now, who, 2)
        assert refused(lambda one=one: release(chain, one)) == ["transfer_decided"]
    assert Transfer.get_by_id(waits.id).status == "asked"
    told = Event.select().where(Event.tag == "transfer.refused", Event.reason == LEFT)
    assert sorted((event.unit_id, event.student_id or 0) for event in told) == sorted(
        [(chain.far.id, held.id)] * 2
        + [(chain.far.id, other.id)]
        + [(chain.school.id, 0)] * 2
        + [(chain.sister.id, 0)]
    )
    asking = told.where(Event.unit << [chain.school.id, chain.sister.id])
    assert {event.actor_name for event in asking} == {""}


@pytest.mark.parametrize("leave", WAYS)
def test_a_request_goes_over_to_the_row_that_still_bears_the_number(
    chain: Chain, held: Student, leave: Callable[..., None]
) -> None:
    made = request(chain)
    twin = chain.country.child(chain.far, chain.cycle, id_number=NUMBER)
    leave(chain, held)
    after = Transfer.get_by_id(made.id)
    assert (after.status, after.student_id) == ("asked", twin.id)
    assert ask(chain).again
    assert release(chain, after).status == "released"


def test_a_request_that_was_answered_stays_as_it_was(chain: Chain, held: Student) -> None:
    made = request(chain)
    done = release(chain, made)
    own, clock = chain.actor("school"), chain.country.clock
    children.remove(own, [done.moved_id], "left", clock)
    after = Transfer.get_by_id(made.id)
    assert (after.status, after.decision_reason, after.version) == ("released", "", 2)
