"""A roster of 100,000 children against ``tablib``, and a summary of 1,200 schools from snapshots.

``tablib`` writes what django-import-export and Flask-Admin's own export hand out. Both read the
same children from the same SQLite file and put them into the same words; each run is a process of
its own, in turn, so that both meet the machine alike and each has its own peak of memory.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from admin_app import database, migrate
from admin_app.domain.access import Actor
from admin_app.exports import roster
from admin_app.exports.build import build
from admin_app.exports.reading import one_moment
from admin_app.exports.request import Request
from admin_app.models import Cycle, Student, Unit, UnitState, User
from admin_app.models import database as tables
from admin_app.services import scope, snapshots

CHILDREN, LAOS, SCHOOLS = 100_000, 100, 1_200
RUNS = 3
AIM_RATIO, AIM_MIB, AIM_SUMMARY_S = 10.0, 100, 1.0


def one_province() -> None:
    """All children, schools and LAOs in Krabi; every unit of it confirmed, with its snapshot."""
    from seed import national  # brings argon2's memory along, which no export needs

    national.load(database.now(), children=CHILDREN, laos=LAOS, schools=SCHOOLS, report=id)
    krabi, cycle = Unit.get(Unit.code == "81"), Cycle.get()
    user = User.get(User.role == "province")
    now = database.now()
    below = ("lao", "school")
    with database.transaction():
        Unit.update(province=krabi.id).where(Unit.level << below).execute()
        Unit.update(parent=krabi.id).where(Unit.level == "lao").execute()
        Student.update(province=krabi.id).execute()
        UnitState.update(province=krabi.id).where(UnitState.level << below).execute()
        UnitState.update(parent=krabi.id).where(UnitState.level == "lao").execute()
        for level in ("school", "lao", "province"):
            states = UnitState.select(UnitState, Unit).join(Unit, on=UnitState.unit == Unit.id)
            of_level = (UnitState.level == level, UnitState.province == krabi.id)
            for state in list(states.where(*of_level)):
                snapshots.take(cycle, state.unit, 1, now)
                UnitState.update(
                    status="confirmed", confirmed_at=now, confirmed_by=user.id, revision=1
                ).where(UnitState.id == state.id).execute()


def _request() -> Request:
    krabi, cycle = Unit.get(Unit.code == "81"), Cycle.get()
    user = User.get(User.role == "province")
    actor = Actor(user.id, user.username, user.name, user.role, scope.ref(krabi))
    state = UnitState.get(UnitState.cycle == cycle.id, UnitState.unit == krabi.id)
    return Request(actor, krabi, cycle, krabi, state, "", database.now())


def _in_words(request: Request) -> Iterator[list[Any]]:
    """The roster's rows as a plain program would have them."""
    says = roster.says(request)
    told = [says.get(column.heading, lambda raw: raw) for column in roster.SHEET.columns_of()]
    for number, child in enumerate(roster.children(request), start=1):
        yield [word(raw) for word, raw in zip(told, (number, *child), strict=True)]


def _tablib(request: Request, out: Path) -> int:
    import tablib

    columns = roster.SHEET.columns_of()
    data = tablib.Dataset(headers=[column.heading for column in columns])
    data.extend(_in_words(request))
    out.write_bytes(data.export("xlsx"))
    return int(data.height)


def _ours(request: Request, out: Path) -> int:
    return roster.REPORT.build(request, str(out)).rows


def _summary(request: Request, out: Path) -> int:
    args = (request.actor, request.cycle, request.unit, "official", request.now, io.BytesIO())
    return build("province-summary", *args).rows


CONTENDERS: dict[str, Callable[[Request, Path], int]] = {
    "ours": _ours,
    "tablib": _tablib,
    "summary": _summary,
}


def once(name: str, url: str) -> None:
    """One run, in this process: prints rows, seconds, peak of memory in MiB."""
    database.bind(url)
    with tempfile.TemporaryDirectory(prefix="lec-bench-") as folder, tables.connection_context():
        request = _request()
        started = time.perf_counter()
        if name == "summary":
            rows = CONTENDERS[name](request, Path(folder) / "out.xlsx")
        else:
            with one_moment():
                rows = CONTENDERS[name](request, Path(folder) / "out.xlsx")
        seconds = time.perf_counter() - started
    print(json.dumps([rows, seconds, _peak()]))


def _peak() -> float:
    """MiB that this process had in memory at most; rusage would count its parent's, too."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _run(name: str, url: str) -> tuple[int, float, float]:
    command = [sys.executable, "-m", "tests.bench.exports", name, url]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, seconds, peak = json.loads(answer.stdout)
    return rows, seconds, peak


def main() -> int:
    """Measure and print; the exit code is 0 whatever the figures."""
    with tempfile.TemporaryDirectory(prefix="lec-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'exports.db'}"
        database.bind(url)
        with tables.connection_context():
            migrate.up()
            one_province()
        pairs = [(_run("ours", url), _run("tablib", url)) for _ in range(RUNS)]
        summaries = [_run("summary", url) for _ in range(RUNS)]
    assert all(ours[0] == theirs[0] == CHILDREN for ours, theirs in pairs)
    speed, default = (
        statistics.median(pair[at][0] / pair[at][1] for pair in pairs) for at in (0, 1)
    )
    ratio = statistics.median(theirs[1] / ours[1] for ours, theirs in pairs)
    peak, theirs_peak = (max(pair[at][2] for pair in pairs) for at in (0, 1))
    seconds = statistics.median(run[1] for run in summaries)
    print(f"\nmedians of {RUNS}, SQLite, in a process each; reading the database is in")
    for name, rate, most in (("ours", speed, peak), ("tablib", default, theirs_peak)):
        print(f"{f'roster of {CHILDREN:,}, {name}':<36}{rate:>9,.0f} rows/s{most:>9.0f} MiB")
    good = ratio >= AIM_RATIO and peak <= AIM_MIB
    told = f"({AIM_RATIO:.0f}× or more, {AIM_MIB} MiB at most)"
    print(f"{'':<36}{ratio:>9.1f}×{'':<6}  {'pass' if good else 'FAIL'} {told}")
    word = "pass" if seconds <= AIM_SUMMARY_S else "FAIL"
    name = f"official summary, {summaries[0][0]:,} schools"
    print(f"{name:<36}{seconds:>9.2f} s  {word} (at most {AIM_SUMMARY_S:.0f} s)")
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 3:
        once(*sys.argv[1:])
    else:
        sys.exit(main())
