"""Transfers as lists: whose they are, and what each side may see of the other."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.domain.identity import make_pin
from admin_app.models import Student, Transfer
from admin_app.services import transfer_lists, transfers
from admin_app.services.errors import NotFound
from tests.services.conftest import Chain
from tests.services.transferring import release, request


def test_the_asking_side_sees_neither_school_nor_child_until_it_is_released(
    chain: Chain, held: Student
) -> None:
    made = request(chain)
    for role in ("school", "lao", "province"):
        [line] = transfer_lists.lines(chain.actor(role), [made])
        assert (line.source, line.child) == (None, None), role
    for who in (chain.country.own(chain.far), chain.country.own(chain.far.lao)):
        [line] = transfer_lists.lines(who, [made])
        assert (line.source, line.child, line.target) == (chain.far, held, chain.school)
        assert (line.decides, line.asks) == (True, False)
    release(chain, made)
    [line] = transfer_lists.lines(chain.actor("school"), [Transfer.get_by_id(made.id)])
    assert (line.source, line.child) == (chain.far, None)


def test_what_the_asking_school_reads_of_a_refusal_names_nobody(
    chain: Chain, held: Student
) -> None:
    made = request(chain)
    by = chain.country.own(chain.far)
    transfers.refuse(by, made.id, "นักเรียนยังเรียนอยู่", chain.country.clock)
    ours = chain.events("transfer.refused", chain.school)[0]
    theirs = chain.events("transfer.refused", chain.far)[0]
    assert (ours.actor_name, ours.reason) == ("", "นักเรียนยังเรียนอยู่")
    assert chain.far.code not in ours.details + ours.reason
    assert (theirs.actor_name, theirs.student_id) == (by.name, held.id)


def test_each_list_holds_what_the_reader_has_to_do_with(chain: Chain, held: Student) -> None:
    made = request(chain)
    near = chain.country.child(chain.sister, chain.cycle, id_number=make_pin("181000000050"))
    inside = request(chain, id_number=near.id_number)
    over = request(chain, school=chain.sister)
    transfers.withdraw(chain.country.own(chain.sister), over.id, chain.country.clock)

    def seen(actor: Any) -> dict[str, list[int]]:
        kinds = transfer_lists.kinds(actor)
        pages = {k: transfer_lists.page(actor, chain.cycle.id, k, 50).rows for k in kinds}
        for kind, rows in pages.items():
            assert transfer_lists.count(actor, chain.cycle.id, kind) == len(rows)
        return {kind: [line.transfer.id for line in rows] for kind, rows in pages.items()}

    assert seen(chain.actor("school")) == {
        "incoming": [],
        "outgoing": [made.id, inside.id],
        "done": [],
    }
    assert seen(chain.country.own(chain.sister)) == {
        "incoming": [inside.id],
        "outgoing": [],
        "done": [over.id],
    }
    assert seen(chain.actor("lao")) == {
        "incoming": [inside.id],
        "outgoing": [made.id, inside.id],
        "done": [over.id],
    }
    assert seen(chain.country.own(chain.far.lao)) == {
        "incoming": [made.id],
        "outgoing": [],
        "done": [over.id],
    }
    everything = {"waiting": [made.id, inside.id], "done": [over.id]}
    for role in ("province", "department", "helpdesk"):
        assert seen(chain.actor(role)) == everything
    stranger = chain.country.own(chain.country.school(chain.country.lao("82")))
    assert seen(stranger) == {"incoming": [], "outgoing": [], "done": []}
    with pytest.raises(NotFound):
        transfers.get(stranger, made.id)


def test_the_homes_count_what_waits_for_the_readers_answer(chain: Chain, held: Student) -> None:
    request(chain)
    cycle, far = chain.cycle.id, chain.far
    own = chain.country.own
    assert transfer_lists.waiting(own(far), cycle, far) == 1
    assert transfer_lists.waiting(own(far.lao), cycle, far.lao) == 1
    assert transfer_lists.waiting(own(far.lao), cycle, far) == 1
    assert transfer_lists.waiting(chain.actor("school"), cycle, chain.school) == 0
    assert transfer_lists.waiting(own(chain.lao), cycle, chain.lao) == 0
    for role in ("department", "helpdesk"):
        assert transfer_lists.waiting(chain.actor(role), cycle, far) == 0
