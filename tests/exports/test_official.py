"""The official edition: the same figures for ever, and DLA's own published report."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from peewee import Database

from admin_app.database import bind
from admin_app.exports.build import build
from admin_app.exports.gates import Shut
from admin_app.exports.official import Damaged
from admin_app.models import Cycle, Snapshot, Student, Unit, User, database
from admin_app.services import confirmation, rates
from admin_app.services.accounts import actor_of
from seed import demo
from tests.exports.conftest import Made, World
from tests.exports.test_province_summary import (
    DRAFT,
    GRADES,
    MEALS,
    NAME,
    OTHERS,
    REPORT,
    SHEETS,
)


def figures(made: Made, sheets: list[str]) -> list[object]:
    """What the sheets say, without the line that names edition and time."""
    return [
        row
        for sheet in sheets
        for row in made.rows(sheet)
        if not any(isinstance(v, str) and (DRAFT in v or "ฉบับทางการ" in v) for v in row)
    ]


def test_the_official_edition_says_what_the_draft_said_before(world: World) -> None:
    same = [REPORT, GRADES, OTHERS, MEALS]
    draft = figures(world.made(NAME, edition="draft"), same)
    world.confirm_all()
    assert figures(world.made(NAME, edition="official"), same) == draft


def test_the_official_edition_stays_whatever_is_edited_behind_its_back(confirmed: World) -> None:
    before = figures(confirmed.made(NAME), SHEETS)
    for statement in (
        "UPDATE student SET sex = 'M', grade = 'P1'",
        "DELETE FROM student WHERE sex = 'M'",
        "UPDATE unit SET name = 'อื่น', kind = 'อบต.', district_id = NULL WHERE level <> 'province'",
        "UPDATE unit SET code = 'X' || id WHERE level <> 'province'",
        "UPDATE unit SET parent_id = province_id WHERE level = 'school'",
        "UPDATE other_count SET boys = 77",
        "UPDATE grade SET stage = 'vocational', name = 'x'",
    ):
        database.execute_sql(statement.replace("%", "%%"))
    confirmed.country.rates(confirmed.cycle, lambda row: replace(row, satang=1, days=1))
    assert Student.select().count() < 15
    assert figures(confirmed.made(NAME), SHEETS) == before


def test_a_second_confirmation_has_its_own_figures(confirmed: World) -> None:
    world = confirmed
    school = world["บ้านช่องพลี"]
    before = world.made(NAME)
    dla = world.actor("department")
    confirmation.move(
        dla, world.cycle.id, school.id, "unlock", world.country.clock, reason="one is missing"
    )
    with pytest.raises(Shut):
        world.made(NAME, edition="official")
    assert world.made(NAME).result.edition == "draft"
    world.country.child(school, world.cycle, grade="P1", attested=True)
    for unit in (school, world["อบต.อ่าวนาง"], world.province):
        world.country.confirm(unit, world.cycle)
    after = world.made(NAME)
    assert after.row(REPORT, "บ้านช่องพลี")[-1] == before.row(REPORT, "บ้านช่องพลี")[-1] + 1
    assert after.result.digest != before.result.digest


def test_a_snapshot_that_was_tampered_with_gives_nothing_out(confirmed: World) -> None:
    school = Snapshot.get(Snapshot.unit == confirmed["บ้านช่องพลี"].id)
    Snapshot.update(content=school.content.replace('"K1",2', '"K1",9')).where(
        Snapshot.id == school.id
    ).execute()
    with pytest.raises(Damaged):
        confirmed.made(NAME)


def test_a_snapshot_that_is_gone_gives_nothing_out(confirmed: World) -> None:
    Snapshot.delete().where(Snapshot.unit == confirmed["บ้านช่องพลี"].id).execute()
    with pytest.raises(Damaged):
        confirmed.made(NAME)


# --- DLA's published figures -------------------------------------------------------------------


@pytest.fixture
def demo_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """The demo, on SQLite: it says nothing about the engine."""
    path = tmp_path / "demo.db"
    shutil.copy(sqlite_template, path)
    opened = bind(f"sqlite:///{path}")
    opened.connect()
    demo.load(datetime(2026, 5, 20, 3, tzinfo=UTC), report=lambda text: None)
    yield opened
    opened.close()


def test_krabis_official_summary_equals_dlas_published_report(
    demo_db: Database, tmp_path: Path
) -> None:
    out = tmp_path / "krabi.xlsx"
    krabi = actor_of(User.get(User.username == "krabi"))
    cycle, unit = Cycle.get(Cycle.code == "2567-1"), Unit.get(Unit.code == "81")
    result = build(NAME, krabi, cycle, unit, None, datetime.now(UTC), out)
    assert result.edition == "official"
    made = Made(result, out.read_bytes())
    exported: dict[str, list[object]] = {}
    district = lao = ""
    for number, name, *counts in made.rows(REPORT):
        if isinstance(number, int):
            exported[name] = [district, lao, *counts]
        elif isinstance(name, str) and name.startswith("อำเภอ"):
            district = name.removeprefix("อำเภอ")
        elif isinstance(name, str):
            lao = name
    path = Path(demo.__file__).parent / "data" / "krabi_report02.csv"
    with path.open(encoding="utf-8", newline="") as file:
        published = {
            row["school"]: [row["district"], row["lao"], *map(int, list(row.values())[3:])]
            for row in csv.DictReader(file)
        }
    assert exported == published
    assert made.row(REPORT, "จังหวัดกระบี่")[-1] == 6_955


def test_rates_of_the_first_form_are_read_as_they_were_meant() -> None:
    milk = {"kind": "milk", "school_kind": "", "low": 1, "high": 9, "satang": 689, "days": 260}
    grades = [{"code": "P1", "meals": True}, {"code": "M1", "meals": False}]
    found = rates.frozen({"rates": [milk], "grades": grades})
    assert found.due("milk", "school", {"P1": 2, "M1": 5}).satang == 2 * 689 * 260
    assert rates.frozen({}).rates == ()
