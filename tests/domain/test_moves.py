"""The state machine, cell by cell: who may do which move in which state, when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from admin_app.domain import moves
from admin_app.domain.access import Actor, UnitRef
from admin_app.domain.moves import Facts, Refusal, Request, Status, judge, judge_record
from admin_app.domain.windows import LatePolicy, Moments, Window, window
from tests.country import CLOSES, LETTER

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
OPEN, CONFIRMED = Status.OPEN, Status.CONFIRMED
UNITS = {
    "department": UnitRef(1, "department"),
    "province": UnitRef(2, "province", None, 2),
    "lao": UnitRef(3, "lao", 3, 2),
    "school": UnitRef(4, "school", 3, 2),
}
LEVELS = ["school", "lao", "province", "department"]
ACTORS = {
    letter: Actor(1, role, role, role, UNITS.get(role, UNITS["department"]))
    for letter, role in {
        "D": "department",
        "H": "helpdesk",
        "P": "province",
        "L": "lao",
        "S": "school",
    }.items()
}
MOMENTS = Moments(**{key: LETTER[key] for key in LETTER if key.endswith("_at")})
# every due date a day before the close, so that "late" is the same phase for each level
DUE = CLOSES - 24 * HOUR
LATE = replace(MOMENTS, school_due_at=DUE, lao_due_at=DUE, province_due_at=DUE)
BLOCK = replace(LATE, late_policy=LatePolicy.BLOCK)

# phase: (moments, now, extension of the unit, which levels above are confirmed)
PHASES: dict[str, tuple[Moments, datetime, datetime | None, tuple[str, ...]]] = {
    "unstarted": (replace(LATE, started=False), DUE - HOUR, None, ()),
    "before": (LATE, LATE.opens_at - SECOND, None, ()),
    "open": (LATE, DUE - SECOND, None, ()),
    "late": (LATE, CLOSES - HOUR - SECOND, None, ()),
    "blocked": (BLOCK, DUE, None, ()),
    "over": (LATE, DUE - SECOND, None, ("lao", "province")),
    "closed": (LATE, CLOSES, None, ()),
    "extended": (LATE, CLOSES, CLOSES + HOUR, ()),
    "frozen": (LATE, CLOSES, None, ("department",)),
}
# over: the levels above are confirmed, but for the department; frozen: the department is.
# A cell names the roles whose move is made: D DLA, H helpdesk, P province, L LAO, S school.
TABLE = """
level      move    state      unstarted before open late blocked over closed extended frozen
school     confirm open       .         .      LS   LS   .       .    .      LS       .
school     confirm confirmed  .         .      .    .    .       .    .      .        .
school     return  open       .         .      .    .    .       .    .      .        .
school     return  confirmed  .         .      L    L    .       .    .      L        .
school     unlock  open       .         .      .    .    .       .    .      .        .
school     unlock  confirmed  DH        DH     DH   DH   DH      DH   D      DH       D
school     extend  open       .         DH     DH   DH   DH      DH   D      D        D
school     extend  confirmed  .         DH     DH   DH   DH      DH   D      D        D
school     close   open       .         .      .    .    .       .    .      .        .
school     close   confirmed  .         .      .    .    .       .    .      .        .
lao        confirm open       .         .      L    L    .       .    .      L        .
lao        confirm confirmed  .         .      .    .    .       .    .      .        .
lao        return  open       .         .      .    .    .       .    .      .        .
lao        return  confirmed  .         .      P    P    .       .    .      P        .
lao        unlock  open       .         .      .    .    .       .    .      .        .
lao        unlock  confirmed  DH        DH     DH   DH   DH      DH   D      DH       D
lao        extend  open       .         DH     DH   DH   DH      DH   D      D        D
lao        extend  confirmed  .         DH     DH   DH   DH      DH   D      D        D
lao        close   open       .         .      .    .    .       .    .      .        .
lao        close   confirmed  .         .      .    .    .       .    .      .        .
province   confirm open       .         .      P    P    .       P    .      P        .
province   confirm confirmed  .         .      .    .    .       .    .      .        .
province   return  open       .         .      .    .    .       .    .      .        .
province   return  confirmed  .         .      D    D    .       D    .      D        .
province   unlock  open       .         .      .    .    .       .    .      .        .
province   unlock  confirmed  DH        DH     DH   DH   DH      DH   D      DH       D
province   extend  open       .         DH     DH   DH   DH      DH   D      D        D
province   extend  confirmed  .         DH     DH   DH   DH      DH   D      D        D
province   close   open       .         .      .    .    .       .    .      .        .
province   close   confirmed  .         .      .    .    .       .    .      .        .
department confirm open       .         .      .    .    .       .    .      .        .
department confirm confirmed  .         .      .    .    .       .    .      .        .
department return  open       .         .      .    .    .       .    .      .        .
department return  confirmed  .         .      .    .    .       .    .      .        .
department unlock  open       .         .      .    .    .       .    .      .        .
department unlock  confirmed  D         D      D    D    D       D    D      D        D
department extend  open       .         D      D    D    D       D    D      D        D
department extend  confirmed  .         D      D    D    D       D    D      D        D
department close   open       .         .      .    .    .       .    D      D        D
department close   confirmed  .         .      .    .    .       .    .      .        .
"""
HEAD, *ROWS = (line.split() for line in TABLE.strip().splitlines())
CELLS = [
    (*row[:3], phase, "" if cell == "." else cell)
    for row in ROWS
    for phase, cell in zip(HEAD[3:], row[3:], strict=True)
]


def facts(level: str, phase: str, status: str) -> tuple[Facts, datetime]:
    moments, now, extension, confirmed = PHASES[phase]
    above = LEVELS[LEVELS.index(level) + 1 :]
    states = tuple((key, CONFIRMED if key in confirmed else OPEN) for key in above)
    return Facts(UNITS[level], Status(status), window(moments, level, [extension]), states), now


def request(move: str, letter: str, now: datetime, **over: object) -> Request:
    values = {"reason": "because", "until": now + HOUR} | over
    return Request(move, ACTORS[letter], now, **values)  # type: ignore[arg-type]


def codes(refusals: tuple[Refusal, ...]) -> list[str]:
    return [refusal.code for refusal in refusals]


@pytest.mark.parametrize(("level", "move", "state", "phase", "makers"), CELLS)
def test_a_move_is_made_by_these_roles_alone(
    level: str, move: str, state: str, phase: str, makers: str
) -> None:
    given, now = facts(level, phase, state)
    made = {letter for letter in ACTORS if not judge(given, request(move, letter, now))}
    assert made == set(makers)


def test_the_table_has_a_row_for_every_level_move_and_state() -> None:
    wanted = {(lv, mv, st) for lv in LEVELS for mv in moves.MOVES for st in ("open", "confirmed")}
    assert {tuple(row[:3]) for row in ROWS} == wanted
    assert HEAD[3:] == list(PHASES)


def test_the_helpdesk_does_not_shorten_what_dla_has_extended_beyond_the_close() -> None:
    given, now = facts("school", "open", "open")
    for granted, refused in ((CLOSES, []), (CLOSES + SECOND, ["extended_by_department"])):
        long = replace(given, extended_until=granted)
        assert codes(judge(long, request("extend", "H", now))) == refused
        assert not judge(long, request("extend", "D", now))


@pytest.mark.parametrize(
    ("level", "move", "state", "phase", "letter", "over", "expected"),
    [
        ("school", "confirm", "open", "unstarted", "S", {}, ["not_started"]),
        ("school", "confirm", "open", "before", "S", {}, ["before_open"]),
        ("school", "confirm", "open", "closed", "S", {}, ["window_closed"]),
        ("school", "confirm", "open", "blocked", "S", {}, ["window_closed"]),
        ("school", "confirm", "open", "over", "S", {}, ["above_confirmed"]),
        ("school", "confirm", "open", "frozen", "S", {}, ["window_closed", "above_confirmed"]),
        ("school", "confirm", "confirmed", "open", "S", {}, ["already_confirmed"]),
        ("school", "confirm", "open", "open", "P", {}, ["not_allowed"]),
        ("school", "return", "open", "open", "L", {}, ["not_confirmed"]),
        ("school", "return", "confirmed", "open", "L", {"reason": " "}, ["reason_missing"]),
        ("school", "return", "confirmed", "over", "L", {}, ["above_confirmed"]),
        ("school", "return", "confirmed", "open", "P", {}, ["not_allowed"]),
        ("school", "return", "confirmed", "open", "H", {}, ["not_allowed"]),
        ("school", "unlock", "confirmed", "open", "H", {"reason": ""}, ["reason_missing"]),
        ("school", "unlock", "confirmed", "closed", "H", {}, ["only_department"]),
        ("school", "unlock", "confirmed", "frozen", "H", {}, ["department_closed"]),
        ("school", "unlock", "confirmed", "open", "L", {}, ["not_allowed"]),
        ("school", "extend", "open", "unstarted", "D", {}, ["not_started"]),
        ("school", "extend", "open", "open", "H", {"until": None}, ["until_missing"]),
        ("school", "extend", "open", "open", "H", {"until": DUE - SECOND}, ["until_past"]),
        ("school", "extend", "open", "open", "H", {"until": CLOSES}, []),
        (
            "school",
            "extend",
            "open",
            "open",
            "H",
            {"until": CLOSES + SECOND},
            ["until_beyond_close"],
        ),
        ("school", "extend", "open", "open", "D", {"until": CLOSES + SECOND}, []),
        (
            "school",
            "extend",
            "open",
            "frozen",
            "H",
            {},
            ["department_closed", "until_beyond_close"],
        ),
        (
            "school",
            "extend",
            "open",
            "open",
            "D",
            {"reason": "", "until": None},
            ["until_missing", "reason_missing"],
        ),
        ("department", "close", "open", "late", "D", {}, ["not_closed_yet"]),
        ("department", "close", "open", "unstarted", "D", {}, ["not_started"]),
        ("department", "close", "open", "closed", "D", {"reason": ""}, []),
        ("department", "close", "open", "closed", "H", {}, ["not_allowed"]),
        ("department", "confirm", "open", "open", "D", {}, ["not_allowed"]),
    ],
)
def test_a_refusal_says_why(
    level: str,
    move: str,
    state: str,
    phase: str,
    letter: str,
    over: dict[str, object],
    expected: list[str],
) -> None:
    given, now = facts(level, phase, state)
    assert codes(judge(given, request(move, letter, now, **over))) == expected


def test_everything_that_is_left_to_do_is_told_at_once() -> None:
    given, now = facts("lao", "open", "open")
    given = replace(given, below_open=3, blockers=(Refusal("other_counts_missing"),), active=False)
    refusals = judge(given, request("confirm", "L", now))
    assert codes(refusals) == ["inactive", "below_open", "other_counts_missing"]
    assert refusals[1].params == {"count": 3}


def test_the_national_close_may_leave_provinces_out_with_a_reason() -> None:
    given, now = facts("department", "closed", "open")
    given = replace(given, below_open=2)
    assert codes(judge(given, request("close", "D", now, reason=" "))) == ["below_open"]
    assert judge(given, request("close", "D", now, reason="flood")) == ()


def test_a_stranger_learns_nothing_of_the_units_state() -> None:
    stranger = replace(ACTORS["L"], unit=UnitRef(9, "lao", 9, 2))
    given, now = facts("school", "closed", "confirmed")
    assert codes(judge(given, Request("return", stranger, now))) == ["not_allowed"]


@pytest.mark.parametrize("code", moves.REFUSALS)
def test_each_refusal_says_what_to_do_next(code: str) -> None:
    assert Refusal(code).message
    assert Refusal(code).advice


# --- writing rows --------------------------------------------------------------------------------
# who writes: a school's children S L, an LAO's other counts L; where the chain is, lowest first
RECORDING: list[tuple[str, str, tuple[Status, ...], str, str]] = [
    ("child:edit", "school", (OPEN, OPEN, OPEN, OPEN), "", "LS"),
    ("child:edit", "school", (CONFIRMED, OPEN, OPEN, OPEN), "already_confirmed", "LS"),
    ("child:edit", "school", (OPEN, CONFIRMED, OPEN, OPEN), "above_confirmed", "LS"),
    ("child:edit", "school", (OPEN, OPEN, CONFIRMED, OPEN), "above_confirmed", "LS"),
    ("child:edit", "school", (OPEN, OPEN, OPEN, CONFIRMED), "above_confirmed", "LS"),
    ("other_counts:edit", "lao", (OPEN, OPEN, OPEN), "", "L"),
    ("other_counts:edit", "lao", (CONFIRMED, OPEN, OPEN), "already_confirmed", "L"),
    ("other_counts:edit", "lao", (OPEN, CONFIRMED, OPEN), "above_confirmed", "L"),
    ("other_counts:edit", "lao", (OPEN, OPEN, CONFIRMED), "above_confirmed", "L"),
]
WRITABLE = window(LATE, "school")


@pytest.mark.parametrize(("permission", "level", "chain", "code", "writers"), RECORDING)
@pytest.mark.parametrize("letter", ACTORS)
def test_rows_are_written_only_while_the_unit_and_all_above_are_open(
    permission: str, level: str, chain: tuple[Status, ...], code: str, writers: str, letter: str
) -> None:
    refusals = judge_record(ACTORS[letter], permission, UNITS[level], chain, WRITABLE, DUE - SECOND)
    expected = ([code] if code else []) if letter in writers else ["not_allowed"]
    assert codes(refusals) == expected


@pytest.mark.parametrize(
    ("judged", "now", "expected"),
    [
        (window(LATE, "school"), LATE.opens_at - SECOND, ["before_open"]),
        (window(LATE, "school"), LATE.opens_at, []),
        (window(LATE, "school"), DUE, []),
        (window(LATE, "school"), CLOSES - SECOND, []),
        (window(LATE, "school"), CLOSES, ["window_closed"]),
        (window(BLOCK, "school"), DUE - SECOND, []),
        (window(BLOCK, "school"), DUE, ["window_closed"]),
        (window(LATE, "school", [CLOSES + HOUR]), CLOSES, []),
        (window(LATE, "school", [None, CLOSES + HOUR]), CLOSES + HOUR - SECOND, []),
        (window(LATE, "school", [CLOSES + HOUR]), CLOSES + HOUR, ["window_closed"]),
        (window(LATE, "school", [], [CLOSES + HOUR]), CLOSES, ["window_closed"]),
        (window(replace(LATE, started=False), "school"), DUE, ["not_started"]),
    ],
)
def test_rows_are_written_only_inside_the_window(
    judged: Window, now: datetime, expected: list[str]
) -> None:
    chain = (OPEN,) * 4
    refusals = judge_record(ACTORS["S"], "child:create", UNITS["school"], chain, judged, now)
    assert codes(refusals) == expected
