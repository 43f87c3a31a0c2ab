"""The education area's table as it comes: headings in one row or two, subtotals checked."""

from __future__ import annotations

import io
from typing import Any

import pytest

from admin_app.domain import plan as plans
from admin_app.domain import spellings
from admin_app.domain.plan import Plan, Row
from admin_app.imports import counts, counts_out, preview
from admin_app.imports.bad import BadFile
from admin_app.models import OtherSchool, OtherSheet
from admin_app.services import imports, other_counts, uploads
from admin_app.services.errors import NotFound
from admin_app.services.imports import Outdated
from admin_app.services.other_counts import SchoolRow
from tests.imports.conftest import LIMITS, Chain, states, workbook
from tests.services.conftest import refused

# the example row of the education area's table of 2554
GRADES = {
    "อ.1": (4, 8),
    "อ.2": (7, 4),
    "ป.1": (11, 12),
    "ป.2": (12, 4),
    "ป.3": (7, 7),
    "ป.4": (8, 8),
    "ป.5": (9, 6),
    "ป.6": (7, 12),
    "ม.1": (12, 8),
}
CODES = dict(zip(GRADES, ("K1", "K2", "P1", "P2", "P3", "P4", "P5", "P6", "M1"), strict=True))
STAGES = {"รวมก่อนประถมศึกษา": "อ", "รวมประถมศึกษา": "ป", "รวมมัธยมศึกษาตอนต้น": "ม"}
PARTS = ["ชาย", "หญิง", "รวม", "ห้อง"]


def area_table(
    schools: dict[str, dict[str, tuple[int, int]]] | None = None, *, merged: bool = True
) -> list[list[Any]]:
    """The table with subtotals after each stage; ``merged``: a grade stands over four columns."""
    upper: list[Any] = ["ที่", "รหัสโรงเรียน", "ชื่อโรงเรียน"]
    lower: list[Any] = ["", "", ""]
    groups = []
    for label, letter in STAGES.items():
        groups += [grade for grade in GRADES if grade.startswith(letter)] + [label]
    groups.append("รวมทั้งสิ้น")
    for group in groups:
        upper += [group, "", "", ""] if merged else [group] * 4
        lower += PARTS
    rows = []
    for at, (name, found) in enumerate((schools or {"บ้านกระเบื้องใหญ่": GRADES}).items()):
        row: list[Any] = [at + 1, 32020001 + at, name]
        for group in groups:
            letter = STAGES.get(group, "")
            pairs = (
                [found.get(group, (0, 0))]
                if group in GRADES
                else [pair for grade, pair in found.items() if grade.startswith(letter)]
            )
            boys, girls = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
            row += [boys, girls, boys + girls, 1]
        rows.append(row)
    total = ["", "", "รวม", *[9] * (len(upper) - 3)]
    return [["จำนวนนักเรียน ปีการศึกษา 2554"], [], upper, lower, *rows, total]


def read(chain: Chain, data: bytes, affiliation: str = "PESAO", **over: Any) -> Plan:
    """The plan of a file for the chain's LAO."""
    where = {"cycle": chain.cycle, "lao": chain.lao} | over
    return counts.read(data, where["cycle"], where["lao"], LIMITS, affiliation)


def accept(chain: Chain, made: Plan, role: str = "lao") -> dict[str, int]:
    """The person of the role accepts the plan."""
    actor, clock = chain.actor(role), chain.country.clock
    args = (actor, uploads.COUNTS, chain.cycle.id, chain.lao.id, "a.xlsx", b"x")
    upload = uploads.start(*args, made, clock)
    return imports.accept_counts(actor, upload.id, clock)


def save(chain: Chain, *rows: SchoolRow, version: int = 0) -> OtherSheet:
    """What stands in the grid."""
    args = (chain.actor("lao"), chain.cycle.id, chain.lao.id, version, list(rows))
    return other_counts.save(*args, chain.country.clock)


def standing(chain: Chain) -> list[SchoolRow]:
    """What stands in the grid now."""
    sheet = OtherSheet.get_or_none(OtherSheet.lao == chain.lao, OtherSheet.cycle == chain.cycle)
    return other_counts.rows(sheet)


def only(made: Plan) -> Row:
    """The one row of the file."""
    (row,) = [row for row in made.rows if row.number]
    return row


@pytest.mark.parametrize("merged", [True, False])
def test_the_table_of_the_education_area_is_read_as_it_is(chain: Chain, merged: bool) -> None:
    made = read(chain, workbook(area_table(merged=merged)))
    row = only(made)
    assert (row.state, row.number, row.title, row.about) == ("new", 5, "บ้านกระเบื้องใหญ่", "146")
    assert row.values == {
        "code": "32020001",
        "name": "บ้านกระเบื้องใหญ่",
        "affiliation": "PESAO",
        "counts": {CODES[grade]: list(pair) for grade, pair in GRADES.items()},
    }
    assert (row.remarks, made.notes) == ([], [])
    assert accept(chain, made) == {"new": 1, "changed": 0}
    (school,) = OtherSchool.select()
    assert (school.children, school.code) == (146, "32020001")


def test_headings_in_one_row_are_understood_too(chain: Chain) -> None:
    heads = ["สถานศึกษา", "สังกัด", "ป.1 ชาย", "ป.1 หญิง", "ป.1 รวม", "ประถมศึกษาปีที่ 2 (ชาย)", "รวมทั้งหมด"]
    heads[5] = "ประถมศึกษาปีที่ 2 ชาย"
    row = only(read(chain, workbook([heads, ["วัดใหม่", "สช.", "๑๑", "1,2", "", "-", ""]])))
    assert row.wrong == {}
    assert row.values["counts"] == {"P1": [11, 12]}
    assert row.values["affiliation"] == "PRIVATE"


def test_the_same_file_twice_changes_nothing(chain: Chain) -> None:
    data = workbook(area_table({"ก": GRADES, "ข": {"ป.1": (1, 2)}}))
    accept(chain, read(chain, data))
    again = read(chain, data)
    assert states(again) == {"unchanged": 2}
    assert accept(chain, again) == {"new": 0, "changed": 0}
    assert OtherSheet.get().version == 1
    assert len(chain.events("other_counts.imported", chain.lao)) == 1


def test_a_school_is_found_by_its_code_then_by_its_name(chain: Chain) -> None:
    counted = {"P1": (1, 1)}
    save(
        chain,
        SchoolRow("ชื่อเดิม", "PESAO", "32020001", dict(counted)),
        SchoolRow("ไม่มีรหัส", "PRIVATE", "", dict(counted)),
        SchoolRow("ไม่อยู่ในไฟล์", "BPP", "", dict(counted)),
    )
    heads = ["รหัส", "ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง"]
    rows = [["32020001", "ชื่อใหม่", 5, 6], ["", "ไม่มีรหัส", 1, 1]]
    made = read(chain, workbook([heads, *rows]), affiliation="")
    assert states(made) == {"changed": 1, "unchanged": 1, "absent": 1}
    assert made.of(plans.CHANGED)[0].changes == {"name": ("ชื่อเดิม", "ชื่อใหม่"), "P1": ("1+1", "5+6")}
    assert made.notes == [(counts.ABSENT_STAY, {"count": 1})]
    accept(chain, made)
    assert [(row.name, row.total) for row in standing(chain)] == [
        ("ชื่อใหม่", 11),
        ("ไม่มีรหัส", 2),
        ("ไม่อยู่ในไฟล์", 2),
    ]


def test_schools_of_the_last_round_that_are_not_in_the_file_are_told_to_count_none(
    chain: Chain,
) -> None:
    sheet = save(chain, *(SchoolRow(name, "PESAO", "", {}) for name in ("ก", "ข", "ค")))
    data = workbook([["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง"], ["ก", 1, 2]])
    for recorded, note in ((False, counts.ABSENT_NONE), (True, counts.ABSENT_STAY)):
        OtherSheet.update(recorded=recorded).where(OtherSheet.id == sheet.id).execute()
        assert read(chain, data).notes == [(note, {"count": 2})]


def test_more_schools_than_a_sheet_holds_are_refused_whole(chain: Chain) -> None:
    save(chain, *(SchoolRow(f"เดิม {n}", "PESAO", "", {"P1": (1, 1)}) for n in range(2)))
    most = other_counts.MOST_SCHOOLS
    heads = ["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง"]
    rows = [[f"ใหม่ {n}", 1, 2] for n in range(most - 2)]
    assert read(chain, workbook([heads, ["เดิม 1", 3, 4], *rows])).writes == most - 1
    with pytest.raises(BadFile) as info:
        read(chain, workbook([heads, *rows, ["อีกแห่ง", 1, 2]]))
    assert (info.value.code, info.value.params) == (
        "too_many_schools",
        {"count": most + 1, "most": most},
    )


def test_a_grade_that_has_no_column_stays_and_an_empty_cell_means_none(chain: Chain) -> None:
    save(chain, SchoolRow("ก", "PESAO", "", {"P1": (1, 1), "P2": (2, 2)}))
    made = read(chain, workbook([["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง"], ["ก", "", ""]]))
    accept(chain, made)
    assert standing(chain)[0].counts == {"P2": (2, 2)}


def test_totals_and_subtotals_that_differ_are_told_and_not_imported(chain: Chain) -> None:
    table = area_table()
    row = table[4]
    heads = table[2]
    row[heads.index("ป.1") + 2] = 99
    row[heads.index("รวมประถมศึกษา") + 0] = 53
    row[heads.index("รวมทั้งสิ้น") + 2] = 147
    found = only(read(chain, workbook(table)))
    assert found.state == plans.NEW
    assert [params for _text, params in found.remarks] == [
        {"what": "ป.1", "said": 99, "sum": 23},
        {"what": "ประถมศึกษา ชาย", "said": 53, "sum": 54},
        {"what": "รวมทุกระดับ รวม", "said": 147, "sum": 146},
    ]
    assert found.values["counts"]["P1"] == [11, 12]


WRONG: list[tuple[list[Any], str, str]] = [
    (["1234", "ก", "สพป.", 1, 2], "code", "A school code has 8 digits"),
    (["", "", "สพป.", 1, 2], "name", counts.NO_NAME),
    (["", "ก", "", 1, 2], "affiliation", "Choose the affiliation."),
    (["", "ก", "อื่น ๆ จริง", 1, 2], "affiliation", spellings.CHOOSE),
    (["", "ก", "สพป.", "สิบ", 2], "P1", spellings.NOT_A_COUNT),
    (["", "ก", "สพป.", -1, 2], "P1", spellings.NOT_A_COUNT),
    (["", "ก", "สพป.", 12345, 2], "P1", "A count is a number from 0 to"),
]


@pytest.mark.parametrize(("cells", "column", "message"), WRONG)
def test_a_wrong_cell_is_named_and_the_school_left_out(
    chain: Chain, cells: list[Any], column: str, message: str
) -> None:
    heads = ["รหัส", "ชื่อสถานศึกษา", "สังกัด", "ป.1 ชาย", "ป.1 หญิง"]
    made = read(chain, workbook([[*heads, "รวมทั้งหมด"], [*cells, 99]]), affiliation="")
    row = only(made)
    assert (row.state, list(row.wrong)) == ("wrong", [column])
    assert row.wrong[column][0].startswith(message)
    assert made.writes == 0


def test_a_total_without_boys_and_girls_is_wrong(chain: Chain) -> None:
    heads = ["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง", "ป.1 รวม"]
    row = only(read(chain, workbook([heads, ["ก", "", "", 12]])))
    assert row.wrong == {"P1": (counts.ONLY_TOTAL, {"total": 12})}


def test_a_school_that_is_wrong_in_the_file_stays_as_it_stands(chain: Chain) -> None:
    save(chain, SchoolRow("ก", "PESAO", "", {"P1": (1, 1)}))
    heads = ["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง"]
    made = read(chain, workbook([heads, ["ก", "x", 2], ["ข", 3, 4]]))
    assert states(made) == {"wrong": 1, "new": 1}
    accept(chain, made)
    assert [(row.name, row.total) for row in standing(chain)] == [("ก", 2), ("ข", 7)]


def test_the_same_school_twice_in_the_file_counts_once(chain: Chain) -> None:
    heads = ["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง"]
    twice = workbook([heads, ["ก", 1, 2], ["ก", 3, 4]])
    assert states(read(chain, twice)) == {"new": 1, "wrong": 1}
    save(chain, SchoolRow("ก", "PESAO", "", {"P1": (1, 1)}))
    made = read(chain, twice)
    assert states(made) == {"changed": 1, "wrong": 1}
    accept(chain, made)
    assert [(row.name, row.total) for row in standing(chain)] == [("ก", 3)]


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "b"], [1, 2]],
        [["ชื่อสถานศึกษา", "สังกัด"], ["ก", "สพป."]],
        [["ป.1 ชาย", "ป.1 หญิง"], [1, 2]],
        [["ชื่อสถานศึกษา", "ป.1"], ["ก", 3]],
    ],
)
def test_a_sheet_without_names_or_grades_is_refused(chain: Chain, rows: list[list[Any]]) -> None:
    with pytest.raises(BadFile) as info:
        read(chain, workbook(rows))
    assert info.value.code == "no_headings"


def test_a_column_that_means_nothing_is_told(chain: Chain) -> None:
    heads = ["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง", "อนุบาล 9 ชาย", "ผู้อำนวยการ"]
    made = read(chain, workbook([heads, ["ก", 1, 2, 3, "x"]]))
    assert made.notes == [(preview.LEFT_OUT, {"names": "อนุบาล 9, ผู้อำนวยการ"})]


def test_somebody_who_saved_the_grid_since_the_preview_is_not_overwritten(chain: Chain) -> None:
    made = read(chain, workbook(area_table()))
    save(chain, SchoolRow("ก", "PESAO", "", {"P1": (1, 1)}))
    with pytest.raises(Outdated):
        accept(chain, made)
    assert [row.name for row in standing(chain)] == ["ก"]


def test_only_the_lao_itself_imports_and_while_its_window_is_open(chain: Chain) -> None:
    made = read(chain, workbook(area_table()))
    for role in ("school", "province", "department"):
        with pytest.raises(NotFound):
            accept(chain, made, role)
    chain.country.clock.set(chain.cycle.closes_at)
    assert refused(lambda: accept(chain, made)) == ["window_closed"]


def out_of(chain: Chain, **over: Any) -> bytes:
    """The LAO's template."""
    out = io.BytesIO()
    where = {"cycle": chain.cycle, "lao": chain.lao} | over
    counts_out.template(out, where["cycle"], where["lao"], chain.country.clock())
    return out.getvalue()


def test_a_template_that_comes_back_untouched_changes_nothing(chain: Chain) -> None:
    rows = [
        SchoolRow("=1+1", "PESAO", "02020001", {"P1": (11, 12), "K1": (0, 3)}),
        SchoolRow("วัดใหม่", "OTHER", "", {}),
    ]
    save(chain, *rows)
    assert states(read(chain, out_of(chain))) == {"unchanged": 2}


def test_a_new_cycles_template_has_the_last_ones_schools_with_their_counts_left_empty(
    chain: Chain,
) -> None:
    save(chain, SchoolRow("วัดใหม่", "PESAO", "32020001", {"P1": (11, 12)}))
    later = chain.country.cycle(
        "2567-2",
        **{
            name: value.replace(year=2025)
            for name, value in (
                (moment, getattr(chain.cycle, moment))
                for moment in (
                    "opens_at",
                    "school_due_at",
                    "lao_due_at",
                    "province_due_at",
                    "closes_at",
                )
            )
        },
    )
    row = only(read(chain, out_of(chain, cycle=later), cycle=later))
    assert (row.state, row.title, row.values["counts"]) == ("new", "วัดใหม่", {})


def test_the_template_of_another_lao_or_sheet_is_refused(chain: Chain) -> None:
    save(chain, SchoolRow("วัดใหม่", "PESAO", "", {"P1": (1, 1)}))
    other = chain.country.lao("81")
    with pytest.raises(BadFile) as info:
        read(chain, out_of(chain), lao=other)
    assert (info.value.code, info.value.params) == ("other_lao", {"code": chain.lao.code})
    from tests.imports.conftest import template

    chain.country.child(chain.school, chain.cycle)
    with pytest.raises(BadFile) as info:
        read(chain, template(chain))
    assert info.value.code == "other_kind"


def test_the_marked_table_says_what_is_wrong_and_comes_back(chain: Chain) -> None:
    heads = ["ชื่อสถานศึกษา", "ป.1 ชาย", "ป.1 หญิง"]
    data = workbook([heads, ["ก", "x", 2], ["ข", 3, 4]])
    made, out = read(chain, data), io.BytesIO()
    args = (made, chain.cycle, chain.lao, LIMITS, chain.country.clock())
    written = counts_out.marked(out, data, *args, lambda text, params: text % params)
    assert written == 2
    again = read(chain, out.getvalue())
    assert states(again) == {"wrong": 1, "new": 1}
    assert only(Plan(again.of(plans.NEW))).values == only(Plan(made.of(plans.NEW))).values
