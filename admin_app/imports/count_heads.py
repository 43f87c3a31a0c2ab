"""The heading of a sheet of counts: grades over boys, girls, total, classrooms, in one row or two.

Source of the form: the education areas' tables (8-digit code, name, and for each grade boys, girls,
total, classrooms, with subtotals for pre-primary, primary and lower secondary).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from admin_app.domain import spellings, thai
from admin_app.domain.spellings import Unreadable
from admin_app.imports.bad import BadFile
from admin_app.imports.columns import HEADING_WITHIN, MARK, Column, heading_key, one_line
from admin_app.imports.reader import Table
from admin_app.models import Grade

BOYS, GIRLS, TOTAL, ROOMS = "b", "g", "t", "r"
PARTS: dict[str, str] = {
    **dict.fromkeys(("ชาย", "ช", "boys", "m"), BOYS),
    **dict.fromkeys(("หญิง", "ญ", "girls", "f"), GIRLS),
    **dict.fromkeys(("รวม", "total"), TOTAL),
    **dict.fromkeys(("ห้อง", "ห้องเรียน", "จำนวนห้อง", "จำนวนห้องเรียน", "rooms"), ROOMS),
}
ALL = "all"
_STAGES: dict[str, tuple[str, ...]] = {
    "kindergarten": ("ก่อนประถมศึกษา", "ก่อนประถม", "อนุบาล", "ปฐมวัย", "ระดับอนุบาล"),
    "primary": ("ประถมศึกษา", "ประถม"),
    "lower_secondary": ("มัธยมศึกษาตอนต้น", "มัธยมต้น", "มตอนต้น", "มต้น"),
    "upper_secondary": ("มัธยมศึกษาตอนปลาย", "มัธยมปลาย", "มตอนปลาย", "มปลาย"),
    "vocational": ("อาชีวศึกษา", "อาชีวะ"),
    ALL: ("", "ทั้งหมด", "ทั้งสิ้น", "ทุกระดับ", "ทุกชั้น", "นักเรียน", "นักเรียนทั้งหมด"),
}
_SUBTOTALS = {
    f"{lead}{name}": stage
    for stage, names in _STAGES.items()
    for name in names
    for lead in ("รวม", "รวมระดับ", "")
    if f"{lead}{name}"
}
WORDS: tuple[Column, ...] = (
    Column(
        "code",
        "รหัสสถานศึกษา",
        16,
        ("รหัสโรงเรียน", "รหัส", "รหัส 8 หลัก", "รหัสสถานศึกษา 8 หลัก"),
        hint="8 หลัก เว้นว่างได้หากไม่มี ใช้จับคู่กับแถวเดิม",
    ),
    Column(
        "name",
        "ชื่อสถานศึกษา",
        34,
        ("ชื่อโรงเรียน", "โรงเรียน", "สถานศึกษา"),
        needed=True,
        hint="ต้องกรอก หากไม่มีรหัส ระบบจับคู่กับแถวเดิมด้วยชื่อ",
    ),
    Column(
        "affiliation",
        "สังกัด",
        14,
        ("หน่วยงานต้นสังกัด", "ต้นสังกัด"),
        pick="affiliation",
        hint="เลือกจากรายการ เช่น สพป. สช. ตชด.",
    ),
)


@dataclass(slots=True)
class Head:
    """Where everything stands. ``counts``: (grade, part) → column; ``subtotals``: (stage, part)."""

    first_row: int = 0
    words: dict[str, int] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    subtotals: dict[tuple[str, str], int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def grades(self) -> list[str]:
        """The grades that have boys or girls."""
        return list(dict.fromkeys(grade for grade, part in self.counts if part in (BOYS, GIRLS)))


_WORDS = {heading_key(text): c.key for c in WORDS for text in (c.heading, *c.others)}


def find(table: Table, grades: Sequence[Grade]) -> Head:
    """The heading of the table. Raises BadFile when it has no names or no grade with children."""
    names: list[tuple[str, ...]] = [(grade.code, grade.name, grade.name_en) for grade in grades]
    best = Head()
    for at in range(min(len(table.rows), HEADING_WITHIN)):
        for read in (_two_rows, _one_row):
            head = read(table.rows, at, names)
            if "name" in head.words and len(head.counts) > len(best.counts):
                best = head
    if not best.grades:
        raise BadFile("no_headings", headings=f"{WORDS[1].heading}, ป.1 ชาย, ป.1 หญิง, …")
    return best


def _two_rows(rows: list[list[str]], at: int, names: list[tuple[str, ...]]) -> Head:
    """Grades in row ``at``, each over its parts in the row below."""
    head = Head(at + 2)
    if at + 1 >= len(rows):
        return head
    upper, lower = rows[at], rows[at + 1]
    group = ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        word = _WORDS.get(heading_key(above)) or _WORDS.get(heading_key(below))
        if word:
            head.words.setdefault(word, column)
            group = ""
            continue
        group = above if thai.clean(above) else group
        _place(head, column, group, PARTS.get(heading_key(below), ""), names)
    return head


def _one_row(rows: list[list[str]], at: int, names: list[tuple[str, ...]]) -> Head:
    """Grade and part in one cell: “ป.1 ชาย”."""
    head = Head(at + 1)
    for column, text in enumerate(rows[at]):
        word = _WORDS.get(heading_key(text))
        if word:
            head.words.setdefault(word, column)
            continue
        plain = thai.clean(text)
        ending = max((name for name in PARTS if plain.endswith(name)), key=len, default="")
        group = plain.removesuffix(ending) if ending else plain
        _place(head, column, group, PARTS.get(ending, ""), names)
    return head


def _place(head: Head, column: int, group: str, part: str, names: list[tuple[str, ...]]) -> None:
    """Note what a column is: a grade's part, a subtotal's, or unknown."""
    label = heading_key(group)
    if not label or label == heading_key(MARK):
        return
    try:
        grade = spellings.grade(group, names)
    except Unreadable:
        grade = ""
    if grade and part:
        head.counts.setdefault((grade, part), column)
    elif label in _SUBTOTALS:
        head.subtotals.setdefault((_SUBTOTALS[label], part or TOTAL), column)
    elif (told := one_line(group)) not in head.unknown and label not in ("ที่", "ลำดับ", "ลำดับที่"):
        head.unknown.append(told)
