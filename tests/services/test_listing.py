"""Pages by keyset: every row once, forwards and backwards, whatever the order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from admin_app.models import Student, Unit, database
from admin_app.services import listing
from tests.services.conftest import Chain

NAMES = ["กานดา", "กานดา", "เกศ", "ขวัญ", "ขวัญ", "ขวัญ", "ฤดี"]
ORDERS: dict[str, tuple[Any, ...]] = {
    "name": (Student.sort_key,),
    "grade and name": (Student.grade, Student.sort_key),
    "id": (),
    "name, sorted late": listing.sorted_late((Student.sort_key,)),
}


@pytest.fixture
def pupils(chain: Chain) -> list[Student]:
    """Children of which several share a name."""
    return [
        chain.country.child(chain.school, chain.cycle, first_name=n, last_name="ดี", grade=g)
        for n, g in zip(NAMES, ["P2", "P1", "P1", "P2", "P1", "P2", "K1"], strict=True)
    ]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_every_row_once_both_ways(
    pupils: list[Student], order: str, descending: bool
) -> None:
    columns = ORDERS[order]

    def keys(child: Student) -> Any:
        named = {"name": [child.sort_key], "grade and name": [child.grade, child.sort_key]}
        return (*named.get(order.split(",")[0], []), child.id)

    def page(**where: int | None) -> listing.Page:
        query: Any = Student.select()
        return listing.keyset(query, columns, Student.id, 3, descending=descending, **where)

    expected = [child.id for child in sorted(pupils, key=keys, reverse=descending)]
    pages = [page()]
    while pages[-1].next is not None:
        pages.append(page(after=pages[-1].next))
    assert [row.id for found in pages for row in found.rows] == expected
    assert [len(found.rows) for found in pages] == [3, 3, 1]
    assert pages[0].previous is None
    for earlier, later in pairwise(pages):
        back = page(before=later.previous)
        assert [row.id for row in back.rows] == [row.id for row in earlier.rows]
        assert back.next is not None
    assert page(before=pages[1].previous).previous is None


def test_a_row_that_is_gone_starts_the_list_anew(pupils: list[Student]) -> None:
    query: Any = Student.select()
    page = listing.keyset(query, (Student.sort_key,), Student.id, 3, after=10**9)
    assert page.rows[0].id == pupils[0].id


def test_an_empty_list_has_no_neighbours(chain: Chain) -> None:
    query: Any = Student.select()
    page = listing.keyset(query, (Student.sort_key,), Student.id, 3)
    assert page == listing.Page([], None, None)


def test_counting_stops_at_the_bound(pupils: list[Student]) -> None:
    query: Any = Student.select()
    counts = [listing.bounded_count(query, bound) for bound in (3, 6, 7, 100)]
    assert counts == [4, 7, 7, 7]


def test_what_rows_belong_to_is_looked_up_once_for_all_of_them(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        chain.country.school(chain.lao)
    asked: list[Any] = []
    opened: Any = database.obj
    run = opened.execute_sql

    def counted(*said: Any, **more: Any) -> Any:
        asked.append(said)
        return run(*said, **more)

    rows = list(Unit.select().order_by(Unit.id))
    with monkeypatch.context() as patch:
        patch.setattr(opened, "execute_sql", counted)
        listing.with_related(rows, Unit, ["parent", "code", "lao", "nonsense"])
        assert len(asked) == 2
        above = [(row.parent.name if row.parent else "", row.lao) for row in rows]
        assert len(asked) == 2
    again = list(Unit.select().order_by(Unit.id))
    assert above == [(row.parent.name if row.parent else "", row.lao) for row in again]
