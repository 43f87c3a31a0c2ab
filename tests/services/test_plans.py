"""What is read of a school's children is found by the school, however large the country is.

SQLite plans by the indexes that there are: one index more can lead it over the whole cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from peewee import Database

from admin_app.database import is_sqlite
from admin_app.services import readiness, snapshots, standing
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
