"""A workbook of 5,000 rows: its preview and its accept, half of them changed, half new."""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from admin_app import database, migrate
from admin_app.config import ImportLimits
from admin_app.domain.access import Actor
from admin_app.domain.identity import make_pin
from admin_app.domain.plan import Plan
from admin_app.imports import children, preview, roster
from admin_app.models import Cycle, Unit
from admin_app.models import database as tables
from admin_app.services import imports, uploads
from seed import code_lists
from tests.country import Country

ROWS, RUNS = 5_000, 3
LETTERS = "กขคงจฉชดตถทนบปพมรลวส"  # as people's names differ
PREVIEW_AIM_S, ACCEPT_AIM_S = 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table, in seconds."""

    name: str
    seconds: float
    aim: float

    def __str__(self) -> str:
        word = "pass" if self.seconds <= self.aim else "FAIL"
        return f"{self.name:<36}{self.seconds:>9.2f} s  {word} (at most {self.aim:.0f} s)"


@dataclass(frozen=True, slots=True)
class School:
    """A school with its person in an open cycle."""

    country: Country
    cycle: Cycle
    unit: Unit

    @property
    def actor(self) -> Actor:
        """Who imports."""
        return self.country.own(self.unit)


def workbook(school: School) -> bytes:
    """Every present child with another grade and last name, and as many new ones."""
    lists = roster.lists(school.unit)
    names = [column.key for column in roster.COLUMNS]
    rows = []
    for child in preview.present(school.cycle, school.unit):
        cells = lists.cells(child)
        keys = {
            "key": roster.make_key(school.cycle.code, school.unit.code, child.id),
            "base": roster.make_base(cells),
        }
        rows.append(keys | cells | {"grade": "ป.2", "last_name": "ใจงาม"})
    for n in range(ROWS - len(rows)):
        rows.append(
            {
                "id_number": make_pin(f"11000{n:07}"),
                "prefix": "ด.ญ.",
                "first_name": "เกศแก้ว",
                "last_name": "ใจดี" + "".join(LETTERS[n // 20**at % 20] for at in range(3)),
                "birth_date": "15/3/2560",
                "grade": "ป.1",
            }
        )
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [column.heading for column in roster.COLUMNS])
    for at, row in enumerate(rows, start=1):
        sheet.write_row(at, 0, [row.get(name, "") for name in names])
    book.close()
    return out.getvalue()


def previewed(school: School, data: bytes) -> tuple[float, Plan]:
    """Seconds from the bytes to the stored plan, and the plan."""
    clock = school.country.clock
    started = time.perf_counter()
    made = children.read(data, school.cycle, school.unit, ImportLimits(), clock())
    made.dump()
    return time.perf_counter() - started, made


def accepted(school: School, data: bytes, made: Plan) -> float:
    """Seconds of the accept; everything is put back afterwards."""
    clock = school.country.clock
    args = (uploads.ROSTER, school.cycle.id, school.unit.id, "bench.xlsx", data, made)
    upload = uploads.start(school.actor, *args, clock)
    with tables.atomic() as whole:
        started = time.perf_counter()
        imports.accept_children(school.actor, upload.id, clock)
        seconds = time.perf_counter() - started
        whole.rollback()
    return seconds


def run() -> list[Line]:
    """Medians over a school of its own, in an SQLite file of its own."""
    with tempfile.TemporaryDirectory(prefix="lec-bench-") as folder:
        opened = database.bind(f"sqlite:///{Path(folder) / 'imports.db'}")
        with tables.connection_context():
            migrate.up()
            code_lists.load()
            country = Country(opened)
            unit = country.school(country.lao("81"))
            school = School(country, country.cycle(), unit)
            with database.transaction():
                country.children(unit, school.cycle, ROWS // 2)
            data = workbook(school)
            found = [previewed(school, data) for _ in range(RUNS)]
            made = found[0][1]
            assert made.writes == ROWS
            accepts = [accepted(school, data, made) for _ in range(RUNS)]
    return [
        Line(
            f"workbook of {ROWS:,} rows, preview",
            statistics.median(seconds for seconds, _plan in found),
            PREVIEW_AIM_S,
        ),
        Line(f"workbook of {ROWS:,} rows, accept", statistics.median(accepts), ACCEPT_AIM_S),
    ]


def main() -> int:
    """Measure and print; the exit code is 0 whatever the figures."""
    print(f"\nmedians of {RUNS}, SQLite; half of the rows changed, half new")
    print("\n".join(map(str, run())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
