"""The migrations: up, down and up again with data in the tables, and the schema they leave."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from peewee import Database, DatabaseError, IntegrityError
from playhouse.schema_diff import diff_models

from admin_app import migrate
from admin_app.database import bind, is_sqlite, tuples
from admin_app.domain import proof
from admin_app.domain.money import PER_DAY
from admin_app.models import (
    TABLES,
    AccessLog,
    Code,
    Cycle,
    District,
    Event,
    HistoryHead,
    OtherSchool,
    RateEdition,
    Unit,
    UnitPiece,
    database,
)
from admin_app.services import history, other_counts, rates
from admin_app.services.other_counts import SchoolRow
from seed import code_lists
from seed.rates import first_rates
from tests.conftest import _create_postgres, _drop_postgres
from tests.country import CLOSES, LETTER, NOW, Country

_numbers = itertools.count()
APPEND_ONLY = (Event, AccessLog, RateEdition)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A bound and opened database without a table."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    server = request.getfixturevalue("postgres_url")
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/lec.db" if sqlite else _create_postgres(server, name)
    opened: Any = bind(url)
    opened.connect()
    yield opened
    opened.close()
    if not sqlite:
        opened.close_all()
        _drop_postgres(server, name)


def fill(db: Database) -> Country:
    """A row in most tables, and a whole province confirmed."""
    code_lists.load()
    country = Country(db)
    lao = country.lao("81")
    country.school(lao)
    cycle = country.cycle()
    country.confirm_tree(country.province("81"), cycle)
    dla = country.actor("department")
    history.log_access("export", dla, datetime.now(UTC), unit_id=lao.id, cycle_id=cycle.id)
    rates.append(cycle.id, first_rates(), NOW)
    return country


def test_up_down_and_up_again_with_data_in_the_tables(empty: Database) -> None:
    names = migrate.up()
    assert names
    assert migrate.pending() == []
    assert migrate.up() == []
    fill(empty)
    while migrate.runner().down():
        pass
    assert set(empty.get_tables()) <= {"schema_migration"}
    assert migrate.pending() == names
    assert migrate.up() == names
    assert fill(empty).province("81").name == "กระบี่"


def test_what_was_there_before_gets_its_keys(empty: Database) -> None:
    migrate.up()
    country = fill(empty)
    lao = country.lao("81", name="อบต.อ่าวนาง", phone="075-612345")
    other_counts.save(
        *(country.own(lao), country.cycle("2567-2").id, lao.id, 0),
        [SchoolRow("เกาะ", Code.get(Code.list == "affiliation").code, "", {"P1": (1, 0)})],
        country.clock,
    )

    def keys() -> list[Any]:
        pieces = UnitPiece.select(UnitPiece.unit, UnitPiece.key)
        return [
            *sorted(tuples(pieces.order_by(UnitPiece.unit, UnitPiece.key))),
            *tuples(District.select(District.name_key).order_by(District.id)),
            *tuples(OtherSchool.select(OtherSchool.name_key)),
        ]

    before = keys()
    assert (lao.id, "#075612345") in before
    assert before[-1] == ("กเาะ",)
    migrate.runner().down("0002_clean_data")
    migrate.up()
    assert keys() == before


def test_rates_become_an_edition_and_entries_a_chain_and_back(empty: Database) -> None:
    migrate.up()
    country = fill(empty)
    cycle, entries = Cycle.get(), Event.select().count()
    before = rates.edition(cycle.id)
    assert before is not None
    migrate.runner().down("0003_proof")
    assert set(empty.execute_sql("SELECT code FROM grade WHERE meals")) == {
        (code,) for code in first_rates().counted["lunch"]
    }
    migrate.up()
    after = rates.edition(cycle.id)
    assert after is not None
    assert after.number == 1
    per_day = tuple(row for row in first_rates().rates if row.kind in PER_DAY)
    assert rates.rates_of(after).counted == first_rates().counted
    assert sorted(rates.rates_of(after).rates, key=str) == sorted(per_day, key=str)
    assert after.digest == proof.digest(after.content)
    heads = {head.chain: (head.number, head.digest) for head in HistoryHead.select()}
    for unit in (country.province("81").id, None):
        chained: Iterable[Any] = (
            Event.select().where(is_(Event.unit, unit)).order_by(Event.number).dicts()
        )
        last = (0, "")
        for row in chained:
            row |= {f"{name}_id": row[name] for name in ("unit", "cycle", "user")}
            assert (row["number"], row["previous"]) == (last[0] + 1, last[1])
            assert row["digest"] == proof.entry_digest(row)
            last = (row["number"], row["digest"])
        assert heads[unit or 0] == last
    assert sum(number for number, _ in heads.values()) == entries == Event.select().count()


def is_(column: Any, value: int | None) -> Any:
    """The column has this value, or none."""
    return column.is_null() if value is None else column == value


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    empty.execute_sql("CREATE TABLE access_log (id INTEGER)")
    with pytest.raises(DatabaseError):
        migrate.up()
    assert set(empty.get_tables()) <= {"access_log", "schema_migration"}
    assert migrate.pending()
    empty.execute_sql("DROP TABLE access_log")
    assert migrate.up()


# --- the models and the migrated tables are the same ----------------------------------------------

POSTGRES_SCHEMA = """
SELECT 'column', table_name, column_name,
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""
# A column that was added later stands last in SQLite's text of the table, so columns, references
# and checks are compared one by one.
SQLITE_SCHEMA = """
SELECT 'index', tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
UNION ALL
SELECT 'column', m.name, c.name,
       c.type || ' ' || c."notnull" || ' ' || coalesce(upper(c.dflt_value), '') || ' ' || c.pk
FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'
UNION ALL
SELECT 'reference', m.name, f."from",
       f."table" || ' ' || f."to" || ' ' || f.on_update || ' ' || f.on_delete
FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'
UNION ALL
SELECT 'unique', m.name, i.name, i.origin
FROM sqlite_master AS m, pragma_index_list(m.name) AS i WHERE m.type = 'table' AND i.origin <> 'c'
"""


def checks(db: Database) -> Iterator[tuple[str, ...]]:
    """SQLite's CHECKs, each from its text to the parenthesis that closes it."""
    for name, text in db.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'"):
        for piece in text.split("CHECK ")[1:]:
            depths = itertools.accumulate((c == "(") - (c == ")") for c in piece)
            yield "check", name, piece[: list(depths).index(0) + 1], ""


# These compare by code point, so the migration makes them text on PostgreSQL.
CODE_POINTS = {
    ("unit", "name_key"),
    ("unit", "code"),
    ("student", "sort_key"),
    ("student", "last_key"),
    ("student", "id_number"),
    ("unit_piece", "key"),
    ("district", "name_key"),
    ("other_school", "name_key"),
    ("account", "username"),
}


def schema(db: Database) -> set[tuple[str, ...]]:
    """(kind, table, name, definition) of everything but triggers and the migrations' own table."""
    rows: Any = db.execute_sql(SQLITE_SCHEMA if is_sqlite() else POSTGRES_SCHEMA)
    return {
        tuple(row)
        for row in (*rows, *(checks(db) if is_sqlite() else ()))
        if row[1] != "schema_migration"
        and not (row[0] == "column" and (row[1], row[2]) in CODE_POINTS)
    }


def test_the_migrated_tables_are_those_of_the_models(empty: Database) -> None:
    migrate.up()
    assert not diff_models(empty, TABLES)
    migrated = schema(empty)
    while migrate.runner().down():
        pass
    empty.create_tables(TABLES)
    assert migrated == schema(empty)


@pytest.mark.postgres
def test_keys_compare_by_code_point_on_postgresql(db: Database) -> None:
    if is_sqlite():
        return
    rows: Any = db.execute_sql(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND collation_name = 'C'"
    )
    assert set(rows) == CODE_POINTS


# --- what the database itself refuses -----------------------------------------------------------


def refuses(db: Database, statement: str, values: tuple[Any, ...] = ()) -> bool:
    """Whether the statement breaks a constraint; nothing of it stays."""
    try:
        with database.atomic():
            db.execute_sql(statement, values)
    except IntegrityError:
        return True
    return False


def test_the_history_the_access_log_and_the_rates_are_never_changed(db: Database) -> None:
    fill(db)
    for table in APPEND_ONLY:
        rows: Any = table.select().order_by(table.id).dicts()
        before = list(rows)
        assert before
        for attempt in (
            table.update(id=table.id + 1),
            table.update(id=99).where(table.id == before[0]["id"]),
            table.delete(),
            table.delete().where(table.id == before[-1]["id"]),
        ):
            with pytest.raises(DatabaseError, match="append-only"), database.atomic():
                attempt.execute()
        assert list(rows.clone()) == before


@pytest.mark.parametrize(("days", "goes"), [(89, False), (91, True)])
def test_the_access_log_lets_go_of_what_is_older_than_90_days(
    db: Database, days: int, goes: bool
) -> None:
    dla = Country(db).actor("department")
    history.log_access("export", dla, datetime.now(UTC) - timedelta(days=days))
    gone = AccessLog.delete()
    if goes:
        assert gone.execute() == 1
        return
    with pytest.raises(DatabaseError, match="append-only"), database.atomic():
        gone.execute()


def bad_rows(country: Country) -> list[tuple[str, str, dict[str, Any]]]:
    """(table, where, columns) of updates that break a CHECK, a key or a reference each."""
    school = Unit.get(Unit.level == "school")
    child, state = "school_id IS NOT NULL", f"unit_id = {school.id}"
    every = "id IS NOT NULL"
    return [
        ("unit", every, {"level": "region"}),
        ("unit", f"id = {school.id}", {"parent_id": None}),
        ("unit", f"id = {school.id}", {"province_id": None}),
        ("unit", f"id = {school.id}", {"lao_id": None}),
        ("unit", f"id = {school.id}", {"code": "81"}),
        ("unit", f"id = {school.id}", {"parent_id": 99999}),
        ("account", every, {"role": "king"}),
        ("account", every, {"username": "one"}),
        ("cycle", every, {"round": 3}),
        ("cycle", every, {"late_policy": "maybe"}),
        ("cycle", every, {"opens_at": LETTER["school_due_at"].replace(tzinfo=None)}),
        ("cycle", every, {"province_due_at": CLOSES.replace(year=2030, tzinfo=None)}),
        ("unit_state", state, {"status": "closed"}),
        ("unit_state", state, {"status": "open"}),
        ("unit_state", state, {"confirmed_at": None}),
        ("unit_state", state, {"cycle_id": 99999}),
        ("student", child, {"id_kind": "passport"}),
        ("student", child, {"sex": "X"}),
        ("student", child, {"status": "gone"}),
        ("student", child, {"status": "removed"}),
        ("student", child, {"removal_reason": "left"}),
        ("student", child, {"attested_at": None}),
        ("student", child, {"attested_by_id": None}),
        ("student", child, {"first_name": None}),
        ("student", child, {"school_id": 99999}),
        ("school_grade", every, {"school_id": school.id, "grade_id": 1}),
    ]


def test_the_database_refuses_rows_that_cannot_be(db: Database) -> None:
    country = fill(db)
    mark = "?" if is_sqlite() else "%s"
    for table, where, values in bad_rows(country):
        columns = ", ".join(f'"{column}" = {mark}' for column in values)
        statement = f"UPDATE {table} SET {columns} WHERE {where}"
        assert refuses(db, statement, tuple(values.values())), f"{table} took {values}"


def test_what_is_in_use_is_not_deleted(db: Database) -> None:
    fill(db)
    for table in ("unit", "account", "cycle", "district"):
        assert refuses(db, f"DELETE FROM {table}"), table
