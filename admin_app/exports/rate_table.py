"""อัตราที่ใช้: the rates of an estimate as rows, for covers and for the budget's own sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from admin_app.domain.money import KINDS, PER_DAY, SUBSIDY, UNBOUNDED, RateRow, RateSet
from admin_app.exports import words
from admin_app.exports.data import GradeRow
from admin_app.exports.workbook import Column, Sheet, Value

RATE_COLUMNS = (
    Column("อัตราที่ใช้", 44),
    Column("ประเภทสถานศึกษา / ชั้น", 50, "centre"),
    Column("จำนวนนักเรียนของสถานศึกษา", 30, "centre"),
    Column("บาท/คน", 18, "money"),
    Column("วัน/ปี", 14, "number"),
)
YEARLY = "รายปี"


def bracket(rate: RateRow) -> str:
    """For schools of how many children a rate is."""
    if rate.high >= UNBOUNDED:
        return "ทุกขนาด" if rate.low <= 1 else f"{rate.low:,} คนขึ้นไป"
    return f"{rate.low:,}–{rate.high:,} คน"


def spans(codes: Iterable[str], grades: Sequence[GradeRow]) -> str:
    """Grades in words, neighbours as one span: อนุบาล 1 – ประถมศึกษาปีที่ 6."""
    wanted = set(codes)
    known = {grade.code for grade in grades}
    told = []
    for inside, run in groupby(grades, key=lambda grade: grade.code in wanted):
        members = list(run)
        if inside:
            ends = members[:1] if len(members) == 1 else [members[0], members[-1]]
            told.append(" – ".join(grade.name for grade in ends))
    return ", ".join([*told, *sorted(wanted - known)])


def _subsidies(rates: RateSet, grades: Sequence[GradeRow]) -> list[list[Value]]:
    """A row for grades of the same rate that follow each other."""
    place = {grade.code: at for at, grade in enumerate(grades)}
    rows = sorted(
        (rate for rate in rates.rates if rate.kind == SUBSIDY),
        key=lambda rate: (place.get(rate.grade, len(place)), rate.grade),
    )
    found: list[list[Value]] = []
    for satang, run in groupby(rows, key=lambda rate: rate.satang):
        named = spans((rate.grade for rate in run), grades)
        found.append([words.RATE_KINDS[SUBSIDY], named, "ทุกขนาด", satang / 100, YEARLY])
    return found


def rows(rates: RateSet, grades: Sequence[GradeRow]) -> list[list[Value]]:
    """The rates as rows of ``RATE_COLUMNS``: lunch, milk, then the subsidy per head."""
    per_day: list[list[Value]] = [
        [
            words.RATE_KINDS[rate.kind],
            words.SCHOOL_KINDS.get(rate.school_kind, rate.school_kind),
            bracket(rate),
            rate.satang / 100,
            rate.days,
        ]
        for rate in rates.rates
        if rate.kind in PER_DAY
    ]
    return [*per_day, *_subsidies(rates, grades)]


def counted(rates: RateSet, grades: Sequence[GradeRow]) -> list[list[Value]]:
    """A row for each kind that counts grades: which ones."""
    return [
        [f"ชั้นที่นับ: {words.RATE_KINDS[kind]}", spans(rates.counted[kind], grades) or "–"]
        for kind in KINDS
        if kind in rates.counted
    ]


def write(sheet: Sheet, rates: RateSet, grades: Sequence[GradeRow]) -> None:
    """The table on a sheet whose columns begin with ``RATE_COLUMNS``, heading included."""
    sheet.head(repeated=False)
    for row in (found := rows(rates, grades)):
        sheet.row(row)
    for label, named in counted(rates, grades):
        sheet.pair(str(label), named)
    if not found:
        sheet.note("รอบนี้ยังไม่มีอัตรา")
