"""Rates as they were typed: what is wrong with them, and what differs between two editions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from admin_app.domain import rate_checks as checks
from admin_app.domain.money import NOT_BAHT, UNBOUNDED, RateRow, RateSet, baht, read_baht
from seed.rates import FED, first_rates

RATES = first_rates()
GRADES = [row.grade for row in RATES.rates if row.grade]
KINDS = ("school", "college", "centre")


def test_the_first_rates_can_be_taken() -> None:
    assert checks.wrong(RATES, GRADES, KINDS) == {}


def lunch(*brackets: tuple[int, int], **over: Any) -> RateSet:
    """Rates of lunch alone."""
    return RateSet(tuple(RateRow("lunch", "", *b, 3_600, 200) for b in brackets))


def changed(index: int = 0, **over: Any) -> RateSet:
    """Rates of lunch with one bracket changed."""
    rows = list(lunch((1, 40), (41, UNBOUNDED)).rates)
    rows[index] = replace(rows[index], **over)
    return RateSet(tuple(rows))


def subsidy(*pairs: tuple[str, Any]) -> RateSet:
    """Rates per head alone."""
    return RateSet(
        tuple(RateRow("subsidy", "", 1, UNBOUNDED, satang, 1, grade) for grade, satang in pairs)
    )


# rates, field, message
WRONG = [
    (lunch((2, UNBOUNDED)), "lunch..0.high", checks.FIRST_IS_ONE),
    (lunch((0, UNBOUNDED)), "lunch..0.high", checks.FIRST_IS_ONE),
    (lunch((1, 40), (42, UNBOUNDED)), "lunch..1.high", checks.GAP),
    (lunch((1, 40), (40, UNBOUNDED)), "lunch..1.high", checks.GAP),
    (lunch((1, 40), (41, 40), (41, UNBOUNDED)), "lunch..1.high", checks.UPSIDE_DOWN),
    (lunch((1, 0), (1, UNBOUNDED)), "lunch..0.high", checks.UPSIDE_DOWN),
    (lunch((1, UNBOUNDED), (UNBOUNDED + 1, UNBOUNDED)), "lunch..0.high", checks.ONE_OPEN_END),
    (lunch((1, 40)), "lunch..0.high", checks.NO_END),
    (lunch((1, 40), (41, 100)), "lunch..1.high", checks.NO_END),
    (changed(satang=-1), "lunch..0.satang", checks.NOT_SATANG),
    (changed(1, satang=100_000_001), "lunch..1.satang", checks.NOT_SATANG),
    (changed(satang=36.5), "lunch..0.satang", checks.NOT_SATANG),
    (changed(satang=True), "lunch..0.satang", checks.NOT_SATANG),
    (changed(days=-1), "lunch..days", checks.NOT_DAYS),
    (changed(days=367), "lunch..days", checks.NOT_DAYS),
    (changed(1, days=199), "lunch..days", checks.DAYS_DIFFER),
    (changed(source="x" * 201), "lunch..source", checks.SOURCE_LONG),
    (changed(school_kind="palace"), "lunch.palace", checks.NO_KIND),
    (changed(kind="dinner"), "dinner.", checks.NO_KIND),
    (subsidy(("P9", 1)), "subsidy.P9", checks.NO_GRADE),
    (subsidy(("P1", 1), ("P1", 2)), "subsidy.P1", checks.GRADE_TWICE),
    (subsidy(("P1", -1)), "subsidy.P1", checks.NOT_SATANG),
    (RateSet((), {"lunch": ("P1", "P9")}), "counted.lunch", checks.NO_GRADE),
    (RateSet((), {"subsidy": ("P1",)}), "counted.subsidy", checks.NO_GRADE),
]


@pytest.mark.parametrize(("rates", "field", "message"), WRONG)
def test_what_is_wrong_is_told_at_its_field(rates: RateSet, field: str, message: str) -> None:
    told, params = checks.wrong(rates, GRADES, KINDS)[field]
    assert told == message
    assert told % params


RIGHT = [
    RateSet(),
    lunch((1, UNBOUNDED)),
    lunch((1, 1), (2, 2), (3, UNBOUNDED)),
    changed(satang=0),
    RateSet(tuple(replace(row, days=366) for row in changed().rates)),
    RateSet(tuple(replace(row, days=0) for row in changed().rates)),
]


@pytest.mark.parametrize("rates", RIGHT)
def test_what_is_right_passes(rates: RateSet) -> None:
    assert checks.wrong(rates, GRADES, KINDS) == {}


def differs(after: RateSet) -> list[tuple[str, Any, Any]]:
    """The changes against the first rates, in codes."""
    return [(c.item.code, c.before, c.after) for c in checks.difference(RATES, after)]


def test_nothing_differs_from_itself_in_whatever_order() -> None:
    assert differs(RateSet(RATES.rates[::-1], dict(RATES.counted))) == []


def test_each_difference_is_named_with_before_and_after() -> None:
    rows = []
    for row in RATES.rates:
        if (row.kind, row.school_kind, row.low) == ("lunch", "", 41):
            rows += [replace(row, high=60), replace(row, low=61, satang=2_600)]
        elif row.kind == "milk":
            rows.append(replace(row, satang=700, days=250, source="มติใหม่"))
        elif row.grade != "D2":
            rows.append(row)
    after = RateSet(tuple(rows), {"lunch": FED, "milk": FED[1:]})
    assert differs(after) == [
        ("satang.lunch..41-60", None, 2_700),
        ("satang.lunch..41-100", 2_700, None),
        ("satang.lunch..61-100", None, 2_600),
        ("satang.milk..1-", 689, 700),
        ("satang.subsidy..D2", 620_000, None),
        ("days.milk", 260, 250),
        ("counted.milk..N1", True, None),
        ("source.milk", "อัตราตัวอย่าง แก้ไขได้", "มติใหม่"),
    ]


@pytest.mark.parametrize(
    ("text", "satang"),
    [
        ("36", 3_600),
        ("36.5", 3_650),
        (" 36.05 ", 3_605),
        ("1,800.00", 180_000),
        ("๓๖.๐๐", 3_600),
        ("0", 0),
    ],
)
def test_baht_are_read_as_they_are_typed(text: str, satang: int) -> None:
    assert read_baht(text) == satang
    assert read_baht(baht(satang)) == satang


@pytest.mark.parametrize("text", ["", "-1", "36.005", "1e3", "36 baht", "²", "36.", ".5", "9" * 9])
def test_what_is_no_baht_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two decimals") as info:
        read_baht(text)
    assert str(info.value) == NOT_BAHT
