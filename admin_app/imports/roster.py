"""The sheet of children, declared: its columns, what each cell means and how it is written.

The words are the roster's. A hidden key says which child a row is (cycle, school, row's id), a
hidden print of each cell what the template said, so that what somebody else changed meanwhile on a
screen is told from what was typed here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from admin_app.database import tuples
from admin_app.domain import spellings, thai
from admin_app.domain.spellings import Unreadable
from admin_app.domain.text import N_
from admin_app.exports import words
from admin_app.imports.columns import Column
from admin_app.models import Code, District, Grade, SchoolGrade, Student, Subdistrict, Unit
from admin_app.services.child_fields import FIELDS

KIND = "roster"
REMOVALS: dict[str, str] = {
    "moved": "ย้ายไปสถานศึกษาอื่น",
    "left": "ลาออก",
    "graduated": "สำเร็จการศึกษา",
    "died": "เสียชีวิต",
    "not_exist": "ไม่มีตัวตน",
    "duplicate": "ข้อมูลซ้ำ",
}
_DAY_HINT = "วัน/เดือน/ปี พ.ศ. เช่น 15/3/2560 หรือ 15 มี.ค. 2560 เลขไทยก็ได้"

COLUMNS: tuple[Column, ...] = (
    Column("key", "รหัสแถว", 4, hidden=True),
    Column("base", "ค่าเดิม", 4, hidden=True),
    Column(
        "id_kind",
        "ประเภทเลข",
        15,
        ("ประเภทเลขประจำตัว", "ชนิดเลข"),
        pick="id_kind",
        hint="เลือกจากรายการ เว้นว่างได้ ระบบดูจากเลขประจำตัวให้",
    ),
    Column(
        "id_number",
        "เลขประจำตัว",
        19,
        (
            "เลขประจำตัวประชาชน",
            "เลขประจำตัวประชาชน 13 หลัก",
            "เลขบัตรประชาชน",
            "เลขที่บัตรประชาชน",
            "รหัสประชาชน",
            "เลขประชาชน",
            "id number",
            "identity number",
            "national id",
        ),
        needed=True,
        hint="13 หลัก หรือ G ตามด้วย 12 หลัก มีขีดหรือเว้นวรรคได้",
    ),
    Column(
        "no_id_reason",
        "เหตุที่ไม่มีเลข",
        20,
        ("เหตุผลที่ไม่มีเอกสาร", "เหตุผลที่ไม่มีเลข"),
        hint="กรอกเฉพาะนักเรียนที่ไม่มีเอกสาร",
    ),
    Column(
        "prefix",
        "คำนำหน้า",
        13,
        ("คำนำหน้าชื่อ", "คำนำหน้านาม", "prefix", "title"),
        pick="prefix",
        hint="เลือกจากรายการ ด.ช. ด.ญ. น.ส. ก็เข้าใจ",
    ),
    Column("first_name", "ชื่อ", 20, ("ชื่อตัว", "first name"), needed=True, hint="ต้องกรอก"),
    Column("last_name", "ชื่อสกุล", 22, ("นามสกุล", "สกุล", "last name"), needed=True, hint="ต้องกรอก"),
    Column("sex", "เพศ", 8, ("sex",), pick="sex", hint="ชาย หรือ หญิง หากว่าง ระบบดูจากคำนำหน้า"),
    Column(
        "birth_date", "วันเกิด\n(พ.ศ.)", 15, ("วันเดือนปีเกิด", "ว/ด/ป เกิด", "birth date"), hint=_DAY_HINT
    ),
    Column(
        "grade",
        "ชั้น",
        22,
        ("ระดับชั้น", "ชั้นเรียน", "ชั้น/ห้อง", "grade"),
        pick="grade",
        needed=True,
        hint="เลือกจากรายการ ป.1 อ.2 ม.3 ก็เข้าใจ",
    ),
    Column(
        "nationality", "สัญชาติ", 14, ("nationality",), pick="nationality", hint="หากว่าง ถือเป็นไทย"
    ),
    Column(
        "disability",
        "ความพิการ",
        24,
        ("ประเภทความพิการ",),
        pick="disability",
        hint="เว้นว่างเมื่อไม่มี",
    ),
    Column(
        "disadvantage",
        "ความด้อยโอกาส",
        24,
        ("ประเภทความด้อยโอกาส",),
        pick="disadvantage",
        hint="เว้นว่างเมื่อไม่มี",
    ),
    Column(
        "home_subdistrict",
        "ตำบลที่อยู่\n(ตำบล อำเภอ รหัส)",
        34,
        ("ตำบลที่อยู่", "ภูมิลำเนา"),
        pick="home_subdistrict",
        strict=False,
        hint="เลือกจากรายการ หรือกรอกรหัสตำบล 6 หลัก",
    ),
    Column("entered_on", "เข้าเรียนเมื่อ\n(พ.ศ.)", 15, ("วันที่เข้าเรียน", "วันเข้าเรียน"), hint=_DAY_HINT),
    Column(
        "removal_reason",
        "จำหน่ายออกเพราะ",
        22,
        ("เหตุผลที่จำหน่ายออก", "จำหน่ายออก"),
        pick="removal_reason",
        hint="เลือกเหตุผลเฉพาะนักเรียนที่จะจำหน่ายออก ลบแถวทิ้งไม่ใช่การจำหน่ายออก",
    ),
)
NOT_A_KEY = N_(
    "The hidden key of this row is damaged. Download the workbook again and type the change there."
)
_KEY = re.compile(r"([0-9]{4}-[0-9])/([^/\s]{1,16})/([0-9]{1,18})")
PRINT = 6
NO_PLACE = N_(
    "There is no single sub-district “%(text)s”: choose one of the list, or type its 6-digit code."
)
_PLACE_WORDS = re.compile(r"(?:ตำบล|แขวง|อำเภอ|เขต|จังหวัด|ต\.|อ\.|จ\.)\s*")


# --- keys and prints -----------------------------------------------------------------------------


def make_key(cycle: str, school: str, student_id: int) -> str:
    """The hidden key of a child's row."""
    return f"{cycle}/{school}/{student_id}"


def read_key(text: str) -> tuple[str, str, int] | None:
    """(cycle, school, id) of a hidden key; None for an empty cell. Raises Unreadable."""
    if not text.strip():
        return None
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise Unreadable(NOT_A_KEY)
    return match[1], match[2], int(match[3])


def cell_print(text: str) -> str:
    """A short print of a cell's text: the same for the same text, spaces and invisibles apart."""
    return hashlib.sha256(thai.clean(text).encode()).hexdigest()[:PRINT]


def make_base(cells: dict[str, str]) -> str:
    """The prints of a template's row, one a field."""
    return "".join(cell_print(cells[name]) for name in FIELDS)


def read_base(text: str) -> dict[str, str]:
    """Field → print of what the template said; empty for a row that has none, or a damaged one."""
    text = text.strip()
    if len(text) != PRINT * len(FIELDS):
        return {}
    return {name: text[at * PRINT : (at + 1) * PRINT] for at, name in enumerate(FIELDS)}


# --- lists ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Lists:
    """What the cells may say: grades, code lists, sub-districts; read once for a sheet."""

    grades: list[tuple[str, ...]]
    codes: dict[str, list[tuple[str, ...]]]
    province: str
    offered: frozenset[str] = frozenset()
    _places: dict[int, tuple[str, str, str, str]] | None = None
    _by_name: dict[tuple[str, ...], set[int]] = field(default_factory=dict)
    _read: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def places(self) -> dict[int, tuple[str, str, str, str]]:
        """Id → (sub-district, district, code, province's code), of the country; read on use."""
        if self._places is None:
            query = Subdistrict.select(
                Subdistrict.id,
                Subdistrict.name,
                District.name,
                Subdistrict.code,
                District.province_code,
            ).join(District)
            self._places = {row[0]: row[1:] for row in tuples(query)}
        return self._places

    def place_words(self, place: int | None) -> str:
        """A sub-district as the form's list shows it: name, district, code."""
        found = self.places.get(place) if place else None
        return " ".join(found[:3]) if found else ""

    def near(self) -> list[str]:
        """The sub-districts of the school's province, in words."""
        rows = sorted(row for row in self.places.values() if row[3] == self.province)
        return [" ".join(row[:3]) for row in rows]

    def place(self, text: str) -> int | None:
        """The sub-district that a cell names, by its code, or by a name that only one has."""
        if spellings.empty(text):
            return None
        plain = thai.digits(thai.clean(text))
        code = re.search(r"(?<!\d)\d{6}(?!\d)", plain)
        names = tuple(_PLACE_WORDS.sub("", plain).split())
        found = self._by_code(code[0]) if code else self._named(names)
        if len(found) != 1:
            raise Unreadable(NO_PLACE, text=spellings.quoted(text))
        return found.pop()

    def _by_code(self, code: str) -> set[int]:
        return set(self._index().get((code,), ()))

    def _named(self, names: tuple[str, ...]) -> set[int]:
        """Of the own province first, then of the country."""
        found = self._index().get(names[:2], set())
        near = {place for place in found if self.places[place][3] == self.province}
        return set(near or found)

    def _index(self) -> dict[tuple[str, ...], set[int]]:
        if not self._by_name:
            for place, (name, district, code, _province) in self.places.items():
                for words_ in ((name,), (name, district), (code,)):
                    self._by_name.setdefault(words_, set()).add(place)
        return self._by_name

    def read(self, name: str, text: str) -> Any:
        """What a cell of column ``name`` means; each text is read once. Raises Unreadable."""
        if (name, text) not in self._read:
            try:
                self._read[name, text] = READ[name](text, self)
            except Unreadable as unreadable:
                self._read[name, text] = unreadable
        found = self._read[name, text]
        if isinstance(found, Unreadable):
            raise found
        return found

    def write(self, name: str, value: Any) -> str:
        """How the template writes a stored value."""
        if name == "home_subdistrict":
            return self.place_words(value)
        if name in ("birth_date", "entered_on"):
            return spellings.write_day(value)
        if name in _NAMES:
            return _NAMES[name].get(value, value or "")
        if name == "grade" or name in self.codes:
            rows = self.grades if name == "grade" else self.codes[name]
            return next((row[1] for row in rows if row[0] == value), value or "")
        return str(value or "")

    def cells(self, student: Student) -> dict[str, str]:
        """The child's row as the template writes it."""
        return {name: self.write(name, student.__data__.get(name)) for name in FIELDS}

    def choices(self, name: str) -> list[str]:
        """The drop-down list of a column."""
        if name == "home_subdistrict":
            return self.near()
        if name == "removal_reason":
            return list(REMOVALS.values())
        if name in _NAMES:
            return list(_NAMES[name].values())
        if name == "grade":
            return [row[1] for row in self.grades if row[0] in self.offered]
        return [row[1] for row in self.codes[name]]


_NAMES: dict[str, dict[str, str]] = {"id_kind": words.ID_KINDS, "sex": words.SEX}
CODE_LISTS = ("prefix", "nationality", "disability", "disadvantage")


def lists(school: Unit) -> Lists:
    """The lists for a school's sheet."""
    codes: dict[str, list[tuple[str, ...]]] = {name: [] for name in CODE_LISTS}
    query = Code.select(Code.list, Code.code, Code.name, Code.name_en).where(
        Code.list << CODE_LISTS, Code.active
    )
    for of, *row in tuples(query.order_by(Code.position, Code.code)):
        codes[of].append(tuple(row))
    grades = Grade.select(Grade.code, Grade.name, Grade.name_en).where(Grade.active)
    offered = SchoolGrade.select(Grade.code).join(Grade).where(SchoolGrade.school == school.id)
    province = Unit.get_by_id(school.province_id)
    return Lists(
        tuples(grades.order_by(Grade.position)),
        codes,
        province.code,
        frozenset(code for (code,) in tuples(offered)),
    )


def _said(text: str, of: Lists, name: str) -> str:
    return spellings.code(text, of.codes[name], spellings.NOTHING_OF[name])


# what a cell of each column means; identity numbers are read apart, as a remark may come with one
READ: dict[str, Callable[[str, Lists], Any]] = {
    "id_kind": lambda text, of: spellings.id_kind(text),
    "no_id_reason": lambda text, of: thai.clean(text),
    "prefix": lambda text, of: spellings.prefix(text, [row[1] for row in of.codes["prefix"]]),
    "first_name": lambda text, of: thai.clean(text),
    "last_name": lambda text, of: thai.clean(text),
    "sex": lambda text, of: spellings.sex(text),
    "birth_date": lambda text, of: spellings.day(text),
    "grade": lambda text, of: spellings.grade(text, of.grades),
    "nationality": lambda text, of: spellings.code(text, of.codes["nationality"]) or "TH",
    "disability": lambda text, of: _said(text, of, "disability"),
    "disadvantage": lambda text, of: _said(text, of, "disadvantage"),
    "home_subdistrict": lambda text, of: of.place(text),
    "entered_on": lambda text, of: spellings.day(text),
    "removal_reason": lambda text, of: spellings.code(text, list(REMOVALS.items())),
}
