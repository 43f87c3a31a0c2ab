"""A file of counts of other affiliations against the sheet that stands.

A school that is not in the file stays as it is, a grade that has no column too. Totals and
subtotals are checked and told, never written; classrooms are read past.
"""

from __future__ import annotations

from typing import Any

from admin_app.config import ImportLimits
from admin_app.database import tuples
from admin_app.domain import plan, spellings, thai
from admin_app.domain.plan import Plan, Row
from admin_app.domain.spellings import Unreadable
from admin_app.domain.text import N_
from admin_app.exports import words
from admin_app.imports import reader
from admin_app.imports.bad import BadFile
from admin_app.imports.children import judge_meta
from admin_app.imports.count_heads import ALL, BOYS, GIRLS, TOTAL, Head, find
from admin_app.imports.preview import LEFT_OUT
from admin_app.imports.reader import Table
from admin_app.models import Code, Cycle, Grade, OtherSchool, OtherSheet, Unit
from admin_app.services import other_counts
from admin_app.services.errors import Invalid
from admin_app.services.other_counts import SchoolRow

KIND = "other_counts"
ABSENT_STAY = N_("Schools of the sheet that are not in the file: %(count)d. They stay as they are.")
ABSENT_NONE = N_(
    "Schools of the last round that are not in the file: %(count)d. They would count 0 children."
)
NO_NAME = N_("Write the school's name.")
ONLY_TOTAL = N_("Only a total is given (%(total)d): boys and girls are needed.")
TOTAL_DIFFERS = N_("%(what)s: the file says %(said)d, boys and girls make %(sum)d.")
TWICE = N_("This school stands in row %(row)d of the file, too. Delete one of the two rows.")
_TOTAL_ROWS = frozenset({"รวม", "รวมทั้งสิ้น", "รวมทั้งหมด", "ยอดรวม"})
STAGE_WORDS = words.STAGES | {ALL: words.ALL_STAGES}


def affiliations() -> list[tuple[str, ...]]:
    """Code and names of every affiliation."""
    query = Code.select(Code.code, Code.name, Code.name_en).where(
        Code.list == "affiliation", Code.active
    )
    return tuples(query.order_by(Code.position))


def short(grade: Grade) -> str:
    """A grade as it stands over a narrow column: ป.1."""
    text = str(grade.name).replace("ประถมศึกษาปีที่ ", "ป.").replace("มัธยมศึกษาปีที่ ", "ม.")
    return text.replace("อนุบาล ", "อ.")


# --- in ------------------------------------------------------------------------------------------


def table_of(
    data: bytes, cycle: Cycle, lao: Unit, limits: ImportLimits, grades: list[Grade]
) -> tuple[Table, Head]:
    """The table of the file that has the headings, with them. Raises BadFile."""
    book = reader.read(data, limits)
    judge_meta(book.meta, KIND, cycle, lao, "other_lao")
    refused: BadFile | None = None
    for table in book.tables:
        try:
            head = find(table, grades)
        except BadFile as bad:
            refused = refused or bad
            continue
        if table.formulas:
            raise BadFile("formulas", cells=", ".join(table.formulas))
        if len(table.rows) > limits.rows:
            raise BadFile("too_many_rows", most=limits.rows)
        return table, head
    raise refused or BadFile("no_rows")


def rows_of(table: Table, head: Head) -> list[tuple[int, list[str]]]:
    """(row of the sheet, cells) of every school; sums at the end and empty rows are left out."""
    width = 1 + max([*head.words.values(), *head.counts.values(), *head.subtotals.values()])
    rows = []
    for number, cells in enumerate(table.rows[head.first_row :], start=head.first_row + 1):
        full = [*cells, *[""] * (width - len(cells))]
        name = spellings.key(full[head.words["name"]])
        said = [full[at] for at in (*head.words.values(), *head.counts.values())]
        if any(map(str.strip, said)) and name not in _TOTAL_ROWS:
            rows.append((number, full))
    if not rows:
        raise BadFile("no_rows")
    return rows


def read(
    data: bytes,
    cycle: Cycle,
    lao: Unit,
    limits: ImportLimits,
    affiliation: str = "",
) -> Plan:
    """What accepting the file would write. ``affiliation``: of rows that do not say theirs.

    Raises BadFile; writes nothing.
    """
    grades = other_counts.grid_grades()
    table, head = table_of(data, cycle, lao, limits, grades)
    sheet = OtherSheet.get_or_none(OtherSheet.cycle == cycle.id, OtherSheet.lao == lao.id)
    ids = (
        [] if sheet is None else list(sheet.schools.order_by(OtherSchool.position, OtherSchool.id))
    )
    present = dict(zip([school.id for school in ids], other_counts.rows(sheet), strict=True))
    about = _Sheet(head, grades, present, affiliation)
    made = Plan([about.row(*row) for row in rows_of(table, head)])
    made.version = sheet.version if sheet else 0
    made.options = {"affiliation": affiliation} if affiliation else {}
    seen = {row.id for row in made.rows}
    absent = [
        Row(0, plan.ABSENT, school.name, str(school.total), key, values=_values(school))
        for key, school in present.items()
        if key not in seen
    ]
    made.rows += absent
    whole = sum(bool(row.values) for row in made.rows)
    if whole > other_counts.MOST_SCHOOLS:
        raise BadFile("too_many_schools", count=whole, most=other_counts.MOST_SCHOOLS)
    _judge_whole(made, present)
    if absent:
        # saving makes a carried sheet a recorded one, with what is not in the file at nought
        note = ABSENT_STAY if sheet and sheet.recorded else ABSENT_NONE
        made.notes.append((note, {"count": len(absent)}))
    if head.unknown:
        made.notes.append((LEFT_OUT, {"names": ", ".join(head.unknown)[:200]}))
    return made


def _values(school: SchoolRow) -> dict[str, Any]:
    counts = {grade: list(pair) for grade, pair in school.counts.items() if any(pair)}
    return {
        "code": school.code,
        "name": school.name,
        "affiliation": school.affiliation,
        "counts": counts,
    }


class _Sheet:
    """Judges one row after the other against the schools that stand, by code, else by name."""

    def __init__(
        self, head: Head, grades: list[Grade], present: dict[int, SchoolRow], affiliation: str
    ) -> None:
        self.head = head
        self.stages = {grade.code: grade.stage for grade in grades}
        self.short = {grade.code: short(grade) for grade in grades}
        self.present = present
        self.affiliation = affiliation
        self.listed = affiliations()
        self.names = {row[0]: row[1] for row in self.listed}
        self.by_code = {school.code: key for key, school in present.items() if school.code}
        self.by_name = {school.name: key for key, school in present.items()}
        self.rows: dict[int, int] = {}

    def row(self, number: int, cells: list[str]) -> Row:
        """What becomes of a row."""
        said = {name: cells[at] for name, at in self.head.words.items()}
        name = thai.clean(said["name"])
        code = spellings.key(said.get("code", ""))
        code = (
            f"0{code}"
            if isinstance(said.get("code"), spellings.AsNumber) and len(code) == 7
            else code
        )
        key = self.by_code.get(code) if code else None
        key = self.by_name.get(name) if key is None else key
        row = Row(number, plan.WRONG, name or code, id=key or 0)
        if key is not None and key in self.rows:
            row.wrong["name"] = (TWICE, {"row": self.rows[key]})
            row.id = 0
            return row
        if key is not None:
            self.rows[key] = number
        old = self.present.get(key) if key is not None else None
        new = SchoolRow(name or (old.name if old else ""), "", code if "code" in said else "")
        if old is not None and "code" not in said:
            new.code = old.code
        new.affiliation = self._affiliation(row, said.get("affiliation", ""), old)
        new.counts = dict(old.counts) if old else {}
        self._counts(row, cells, new)
        self._subtotals(row, cells, new)
        if not new.name:
            row.wrong["name"] = (NO_NAME, {})
        self._judge(row, old, new)
        return row

    def _affiliation(self, row: Row, text: str, old: SchoolRow | None) -> str:
        try:
            found = spellings.affiliation(text, self.listed)
        except Unreadable as unreadable:
            row.wrong["affiliation"] = (unreadable.message, unreadable.params)
            return ""
        return found or (old.affiliation if old else "") or self.affiliation

    def _number(self, row: Row, name: str, cells: list[str], at: int | None) -> int:
        if at is None:
            return 0
        try:
            return spellings.count(cells[at])
        except Unreadable as unreadable:
            row.wrong[name] = (unreadable.message, unreadable.params)
            return 0

    def _counts(self, row: Row, cells: list[str], new: SchoolRow) -> None:
        for grade in self.head.grades:
            at = {part: self.head.counts.get((grade, part)) for part in (BOYS, GIRLS, TOTAL)}
            boys, girls = (self._number(row, grade, cells, at[part]) for part in (BOYS, GIRLS))
            new.counts[grade] = (boys, girls)
            place = at[TOTAL]
            if place is None or spellings.empty(cells[place]):
                continue
            total = self._number(row, grade, cells, place)
            if total and not (boys or girls) and grade not in row.wrong:
                row.wrong[grade] = (ONLY_TOTAL, {"total": total})
            elif total != boys + girls and grade not in row.wrong:
                params = {"what": self.short[grade], "said": total, "sum": boys + girls}
                row.remarks.append((TOTAL_DIFFERS, params))

    def _subtotals(self, row: Row, cells: list[str], new: SchoolRow) -> None:
        for (stage, part), at in self.head.subtotals.items():
            if spellings.empty(cells[at]):
                continue
            if part not in (BOYS, GIRLS, TOTAL):
                continue
            said = self._number(row, "name", cells, at)
            pairs = [
                pair
                for grade, pair in new.counts.items()
                if grade in self.head.grades and stage in (ALL, self.stages.get(grade))
            ]
            boys, girls = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
            sums = {BOYS: boys, GIRLS: girls, TOTAL: boys + girls}
            if said != sums[part]:
                what = f"{STAGE_WORDS[stage]} {PART_WORDS[part]}"
                row.remarks.append((TOTAL_DIFFERS, {"what": what, "said": said, "sum": sums[part]}))

    def _judge(self, row: Row, old: SchoolRow | None, new: SchoolRow) -> None:
        row.title, row.about = new.name or row.title, str(new.total)
        row.values = _values(new)
        if row.wrong:
            row.remarks = []  # sums of a row that could not be read say nothing
            return
        if old is None:
            row.state = plan.NEW
            return
        before, after = _values(old), _values(new)
        row.state = plan.UNCHANGED if before == after else plan.CHANGED
        for name in ("code", "name"):
            if before[name] != after[name]:
                row.changes[name] = (before[name], after[name])
        if old.affiliation != new.affiliation:
            row.changes["affiliation"] = tuple(  # type: ignore[assignment]
                self.names.get(code, code) for code in (old.affiliation, new.affiliation)
            )
        for grade in self.short:
            pairs = [tuple(side.counts.get(grade, (0, 0))) for side in (old, new)]
            if pairs[0] != pairs[1]:
                row.changes[grade] = (
                    f"{pairs[0][0]}+{pairs[0][1]}",
                    f"{pairs[1][0]}+{pairs[1][1]}",
                )


PART_WORDS = {BOYS: words.BOYS, GIRLS: words.GIRLS, TOTAL: words.TOTAL}


def _judge_whole(made: Plan, present: dict[int, SchoolRow]) -> None:
    """What saving the sheet would refuse, as wrong cells; a wrong school stays as it stands."""
    from_file = [row for row in made.rows if row.values]
    schools = [SchoolRow(**row.values) for row in from_file]
    try:
        other_counts.check_rows(schools)
    except Invalid as invalid:
        for key, error in invalid.errors.items():
            at, _, name = key.partition(".")
            row = from_file[int(at)]
            if row.number:
                row.state = plan.WRONG
                row.wrong.setdefault(name, error)
    for row in made.rows:
        if row.state == plan.WRONG:
            row.changes = {}
            row.values = _values(present[row.id]) if row.id else {}
