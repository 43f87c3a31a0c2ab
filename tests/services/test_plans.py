"""What is read of children is found by an index, however large the country is.

SQLite plans by the indexes that there are: one index more can lead it over the whole cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from peewee import Database

from admin_app.database import is_sqlite
from admin_app.domain.search import read_child
from admin_app.models import Student
from admin_app.services import child_search, listing, readiness, scope, snapshots, standing
from tests.services.conftest import Chain

READERS: dict[str, Callable[[Chain], Any]] = {
    "blockers": lambda chain: readiness.blockers(
        standing.read(chain.cycle.id, chain.school), chain.country.clock()
    ),
    "snapshot": lambda chain: snapshots.CONTENT["school"](chain.cycle, chain.school),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_confirming_school_reads_its_own_children_by_their_index(
    db: Database, chain: Chain, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_sqlite():
        return  # PostgreSQL plans by statistics, which a small table has none of
    chain.country.ready(chain.school, chain.cycle)
    run = db.execute_sql
    plans: dict[str, list[str]] = {}

    def noting(sql: str, params: Any = None) -> Any:
        if '"student"' in sql:
            plan = run(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
            plans[sql] = [step for *_, step in plan if "student_" in step or "SCAN t1" in step]
        return run(sql, params)

    monkeypatch.setattr(db, "execute_sql", noting)
    READERS[reader](chain)
    assert plans
    for sql, steps in plans.items():
        assert all("school_id=?" in step for step in steps), f"{sql}: {steps}"


# typed: what the plan of some role must be found by, of each reading
SEARCHES: dict[str, tuple[str, ...]] = {
    "สม": ("sort_key>? AND sort_key<?", "last_key>? AND last_key<?"),
    "สม ใจดี": ("sort_key>? AND sort_key<?", "last_key>? AND last_key<?"),
    "เด็กชายสมชาย ใจ": ("sort_key>? AND sort_key<?", "last_key>? AND last_key<?"),
    "1899100000018": ("id_number=?",),
    "1899100000018 สม": ("id_number=?",),
    "18991": ("school_id=?", "lao_id=?", "id_number=?"),
}
NEAR = {"school": "school_id=?", "lao": "lao_id=?"}


@pytest.mark.parametrize("typed", SEARCHES)
@pytest.mark.parametrize("role", ["department", "province", "lao", "school"])
def test_a_search_for_a_child_walks_ranges_of_indexes_alone(
    db: Database, chain: Chain, role: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_sqlite():
        return
    chain.country.child(chain.school, chain.cycle, first_name="สมชาย", last_name="ใจดี")
    actor = chain.actor(role)
    run = db.execute_sql
    steps: list[str] = []

    def noting(sql: str, params: Any = None) -> Any:
        if '"student"' in sql:
            plan = run(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
            steps.extend(step for *_, step in plan if "t1" in step and "0 = 1" not in sql)
        return run(sql, params)

    query = scope.limit(Student.select(), Student, actor, "child:read")
    query = query.where(Student.cycle == chain.cycle.id, Student.status == "active")
    monkeypatch.setattr(db, "execute_sql", noting)
    query = child_search.narrowed(query, read_child(typed), actor)
    listing.bounded_count(query)
    order = listing.sorted_late((Student.sort_key,))
    listing.keyset(query, order, Student.id, 50)
    assert steps
    if role in NEAR:
        ways: tuple[str, ...] = (NEAR[role], "rowid=?", "id_number=?")
    else:
        ways = (*SEARCHES[typed], "rowid=?")
        if role == "province" and typed[0].isdigit():
            ways += ("province_id=?",)
    assert all(any(way in step for way in ways) for step in steps), steps
