"""An auditor recomputes the proofs by the script beside docs/proof.md, without our code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

import run
from admin_app.domain import proof
from admin_app.models import Event, HistoryHead, OtherCount, Snapshot, Student, UnitState
from admin_app.services import confirmation, other_counts, rosters
from admin_app.services.other_counts import SchoolRow
from tests.append_only import let_change
from tests.country import CLOSES, Country

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCRIPT = DOCS / "check_proof.py"
PAGE = DOCS / "proof.md"


@pytest.fixture
def country(db: Database) -> Country:
    """Krabi with an LAO of two schools and one of another affiliation; confirmed up to the top."""
    made = Country(db)
    lao = made.lao("81")
    schools = [made.school(lao, code=code) for code in ("S1", "S2")]
    made.school(made.lao("82"))
    cycle = made.cycle()
    for school in schools:
        made.children(school, cycle, 3, attested=True)
        made.confirm(school, cycle)
    rows = [SchoolRow("บ้านนา", "PESAO", "32020001", {"P1": (3, 4)})]
    other_counts.save(made.own(lao), cycle.id, lao.id, 0, rows, made.clock)
    made.confirm(lao, cycle)
    made.confirm(made.province("81"), cycle)
    made.clock.set(CLOSES)
    dla = made.actor("department")
    args = (dla, cycle.id, made.department.id, "close", made.clock)
    confirmation.move(*args, reason="ยังไม่ครบ")
    return made


def checked(url: str) -> tuple[int, list[str]]:
    """The script's exit code and the lines that it prints."""
    target = url.removeprefix("sqlite:///")
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), target], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_what_nobody_touched_agrees(country: Country, database_url: str) -> None:
    assert checked(database_url) == (0, ["everything agrees"])


def _confirms() -> Any:
    return Event.select().where(Event.tag == "move.confirm").order_by(Event.id)


def _flip(country: Country) -> None:
    entry = _confirms().get()
    Event.update(actor_name=f"{entry.actor_name[:-1]}x").where(Event.id == entry.id).execute()


def _cut_off(country: Country) -> None:
    """The last entry of a school goes, its head is put back, and whatever else it left."""
    entry = _confirms().get()
    Event.delete().where(Event.id == entry.id).execute()
    HistoryHead.update(number=entry.number - 1, digest=entry.previous).where(
        HistoryHead.chain == entry.unit_id
    ).execute()
    Snapshot.delete().where(Snapshot.unit == entry.unit_id).execute()
    UnitState.update(status="open", confirmed_at=None, revision=0).where(
        UnitState.unit == entry.unit_id
    ).execute()


def _child(country: Country) -> None:
    child = Student.select().order_by(Student.id).get()
    Student.update(first_name="x").where(Student.id == child.id).execute()


def _grade(country: Country) -> None:
    child = Student.select().order_by(Student.id).get()
    Student.update(grade="P2").where(Student.id == child.id).execute()


def _snapshot(country: Country) -> None:
    first = Snapshot.select().order_by(Snapshot.id).get()
    text = first.content.replace('"children":3', '"children":4')
    Snapshot.update(content=text).where(Snapshot.id == first.id).execute()


def _snapshot_and_digest(country: Country) -> None:
    first = Snapshot.select().order_by(Snapshot.id).get()
    text = first.content.replace('"children":3', '"children":4')
    Snapshot.update(content=text, digest=proof.digest(text)).where(
        Snapshot.id == first.id
    ).execute()


def _lines(country: Country) -> None:
    first = Snapshot.select().order_by(Snapshot.id).get()
    Snapshot.update(lines="").where(Snapshot.id == first.id).execute()


def _other(country: Country) -> None:
    OtherCount.update(boys=9).execute()


def _no_unit(country: Country) -> None:
    Event.update(reason="x").where(Event.tag == "cycle.created").execute()


LAO = r"810001 revision 1: "
TAMPERING: dict[str, tuple[Any, str]] = {
    "one byte of an entry": (_flip, r"S1: history entry \d+"),
    "an entry cut off": (_cut_off, f"{LAO}histories held"),
    "a child": (_child, "S1 revision 1: roster"),
    "a grade": (_grade, "S1 revision 1: counts"),
    "a snapshot": (_snapshot, "S1 revision 1: frozen"),
    "a snapshot and its digest": (_snapshot_and_digest, "S1 revision 1: frozen"),
    "lines of children": (_lines, "S1 revision 1: lines"),
    "a count of another affiliation": (_other, f"{LAO}others"),
    "an entry of no unit": (_no_unit, r"no unit: history entry \d+"),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_what_was_changed_by_sql_is_named(
    country: Country, db: Database, database_url: str, what: str
) -> None:
    tamper, named = TAMPERING[what]
    let_change(db)
    tamper(country)
    code, lines = checked(database_url)
    assert code == 1
    assert [line for line in lines if re.fullmatch(named, line)], lines


# --- the command line ---------------------------------------------------------------------------


def test_the_command_says_the_same_and_writes_nothing(
    country: Country,
    db: Database,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    entries = Event.select().count()
    assert run.main(["verify"]) == 0
    told = f"5 confirmed units and {entries} history entries agree with what was confirmed\n"
    assert capsys.readouterr().out == told
    let_change(db)
    _child(country)
    assert run.main(["verify", "--cycle", "2567-1", "--unit", "S1"]) == 1
    child = Student.select().order_by(Student.id).get()
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == f"2567-1 school S1 revision 1: child {child.id} has changed"
    assert re.fullmatch(r"differences: 1 \(1 confirmed units and \d+ history entries\)", last)
    assert run.main(["verify"]) == 1
    out = capsys.readouterr().out
    for unit in ("school S1", "lao 810001", "province 81", "department DLA"):
        assert f"2567-1 {unit} revision 1: " in out
    for option in (["--cycle", "2599-1"], ["--unit", "nowhere"]):
        assert run.main(["verify", *option]) == 2
    assert Event.select().count() == entries


# --- the page -----------------------------------------------------------------------------------


def test_the_script_is_short_and_needs_nothing_of_ours() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    nodes = list(ast.walk(ast.parse(text)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names


def test_the_page_names_what_the_digests_cover_in_their_order() -> None:
    page = PAGE.read_text(encoding="utf-8")
    fields = [column.name for column in rosters.COLUMNS]
    fields[-2] = "home_subdistrict"
    for columns in (proof.ENTRY, fields):
        assert ", ".join(f"`{column}`" for column in columns) in page
    assert f"`[{proof.ENTRY_FORM}, " in page
    assert f"form {proof.FORM}" in page
