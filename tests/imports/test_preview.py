"""A sheet against the school's rows: what accepting it would write, and what is wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from admin_app.domain import identity, spellings, thai
from admin_app.domain import plan as plans
from admin_app.domain.identity import make_pin
from admin_app.domain.rules import RULE
from admin_app.imports import columns, matching, preview, roster
from admin_app.imports.bad import BadFile
from admin_app.models import Student, Subdistrict
from admin_app.services import children
from tests.imports.conftest import (
    HEADINGS,
    NEW,
    Chain,
    Filled,
    only,
    read,
    sheet_of,
    states,
    template,
    workbook,
)

PIN = make_pin("110000000001")


def child(chain: Chain, **over: Any) -> Student:
    """A child of the chain's school."""
    return chain.country.child(chain.school, chain.cycle, **over)


# --- headings ------------------------------------------------------------------------------------


def test_headings_may_stand_in_any_order_below_titles_and_beside_columns_of_ones_own(
    chain: Chain,
) -> None:
    names = list(reversed(NEW))
    rows = [["ทะเบียนนักเรียน"], [], ["หมายเหตุ", *(HEADINGS[n] for n in names)]]
    rows.append(["ดี", *(NEW[n] for n in names)])
    plan = read(chain, workbook(rows))
    row = only(plan)
    assert (row.state, row.number, row.values["first_name"]) == ("new", 4, "เกศแก้ว")
    assert (preview.LEFT_OUT, {"names": "หมายเหตุ"}) in plan.notes


@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        (["ชื่อ", "นามสกุล", "ชั้น"], "เลขประจำตัว"),
        (["ชื่อ", "เลขประจำตัวประชาชน"], "ชื่อสกุล, ชั้น"),
        (["a", "b"], "เลขประจำตัว, ชื่อ, ชื่อสกุล, ชั้น"),
        ([], "เลขประจำตัว, ชื่อ, ชื่อสกุล, ชั้น"),
    ],
)
def test_missing_headings_are_named(chain: Chain, headings: list[str], missing: str) -> None:
    with pytest.raises(BadFile) as info:
        read(chain, workbook([headings, ["1"] * 5]))
    assert (info.value.code, info.value.params) == ("no_headings", {"headings": missing})


def test_a_heading_that_stands_twice_is_refused(chain: Chain) -> None:
    heads = ["ชื่อ", "นามสกุล", "ชื่อสกุล", "ชั้น", "เลขประจำตัว"]
    with pytest.raises(BadFile) as info:
        read(chain, workbook([heads, ["ก", "ข", "ค", "ป.1", PIN]]))
    assert info.value.code == "heading_twice"


def test_usual_headings_of_other_systems_are_understood(chain: Chain) -> None:
    heads = [
        "ลำดับที่",
        "เลขประจำตัวประชาชน 13 หลัก",
        "คำนำหน้าชื่อ",
        "ชื่อ*",
        "นามสกุล",
        "ระดับชั้น",
        "วันเดือนปีเกิด",
    ]
    plan = read(chain, workbook([heads, [1, PIN, "ด.ช.", "ก้อง", "ใจดี", "ป.1", "15/3/2560"]]))
    values = only(plan).values
    assert (values["id_number"], values["sex"], values["birth_date"]) == (
        PIN,
        "M",
        date(2017, 3, 15),
    )


def test_a_sheet_without_rows_is_told(chain: Chain) -> None:
    with pytest.raises(BadFile) as info:
        read(chain, template(chain))
    assert info.value.code == "no_rows"


def test_formulas_in_the_sheet_are_refused_with_their_cells(chain: Chain) -> None:
    filled = Filled(template(chain)).add(**NEW | {"first_name": '="เกศ"&"แก้ว"'})
    with pytest.raises(BadFile) as info:
        read(chain, filled.bytes())
    assert (info.value.code, info.value.params) == ("formulas", {"cells": "G4"})


# --- new rows ------------------------------------------------------------------------------------


def test_a_new_row_is_understood_as_people_write_it(chain: Chain) -> None:
    place = Subdistrict.get(Subdistrict.code == "810101")
    row = only(
        read(
            chain,
            sheet_of(
                [
                    NEW
                    | {
                        "first_name": " เกศ\u200b  แก้ว ",
                        "disability": "8",
                        "disadvantage": "9. เด็กยากจน",
                        "nationality": "เมียนมา",
                        "home_subdistrict": "ต.ปากน้ำ อ.เมืองกระบี่",
                        "entered_on": "๑๖/๕/๒๕๖๗",
                    }
                ]
            ),
        )
    )
    assert row.state == plans.NEW
    assert row.values == {
        "id_kind": "pin",
        "id_number": "1234567890121",
        "no_id_reason": "",
        "prefix": "เด็กหญิง",
        "first_name": "เกศ แก้ว",
        "last_name": "ใจดี",
        "sex": "F",
        "birth_date": date(2017, 3, 15),
        "grade": "P1",
        "nationality": "MM",
        "disability": "8",
        "disadvantage": "9",
        "home_subdistrict": place.id,
        "entered_on": date(2024, 5, 16),
    }


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"id_number": "1.1E+12"}, "id_number", spellings.SHORTENED),
    ({"id_number": "1234567890122"}, "id_number", identity.MESSAGES["pin_check_digit"]),
    ({"id_number": "12345"}, "id_number", identity.MESSAGES["pin_length"]),
    ({"id_number": "G123"}, "id_number", identity.MESSAGES["gcode_length"]),
    ({"id_number": ""}, "no_id_reason", "Write why the child has no document"),
    ({"id_kind": "หนังสือเดินทาง"}, "id_kind", spellings.CHOOSE),
    ({"id_kind": "เลข 13 หลัก", "id_number": ""}, "id_number", "This field is needed."),
    ({"prefix": "ดร."}, "prefix", spellings.CHOOSE),
    ({"first_name": " \u200b"}, "first_name", "This field is needed."),
    ({"last_name": ""}, "last_name", "This field is needed."),
    ({"first_name": "ก" * 256}, "first_name", "At most"),
    ({"sex": "", "prefix": ""}, "sex", "Choose one of the list."),
    ({"sex": "?"}, "sex", spellings.CHOOSE),
    ({"birth_date": "31/2/2560"}, "birth_date", thai.NO_SUCH_DAY),
    ({"birth_date": "15/3/60"}, "birth_date", thai.YEAR_TOO_SHORT),
    ({"grade": "ป.9"}, "grade", spellings.CHOOSE),
    ({"grade": ""}, "grade", "Choose one of the list."),
    ({"nationality": "ดาวอังคาร"}, "nationality", spellings.CHOOSE),
    ({"disability": "77"}, "disability", spellings.CHOOSE),
    ({"disadvantage": "x"}, "disadvantage", spellings.CHOOSE),
    ({"home_subdistrict": "ไม่มีตำบลนี้"}, "home_subdistrict", roster.NO_PLACE),
    ({"home_subdistrict": "999999"}, "home_subdistrict", roster.NO_PLACE),
    ({"entered_on": "เมื่อวาน"}, "entered_on", thai.NOT_A_DATE),
    ({"removal_reason": "ลาออก"}, "removal_reason", preview.REMOVE_WHOM),
    ({"removal_reason": "เบื่อ"}, "removal_reason", spellings.CHOOSE),
    ({"key": "2567-1"}, "key", roster.NOT_A_KEY),
]


@pytest.mark.parametrize(("over", "column", "message"), WRONG)
def test_a_wrong_cell_is_named_with_its_message_and_the_row_is_left_out(
    chain: Chain, over: dict[str, Any], column: str, message: str
) -> None:
    plan = read(chain, sheet_of([NEW | over]))
    row = only(plan)
    assert row.state == plans.WRONG
    assert list(row.wrong) == [column]
    assert row.wrong[column][0].startswith(message)
    assert plan.writes == 0


def test_all_wrong_cells_of_a_row_are_told_at_once(chain: Chain) -> None:
    over = {"grade": "ป.9", "birth_date": "x", "sex": "?", "last_name": ""}
    assert set(only(read(chain, sheet_of([NEW | over]))).wrong) == set(over)


def test_a_zero_that_excel_took_away_is_put_back_and_told(chain: Chain) -> None:
    number = make_pin("012345678901")
    row = only(read(chain, sheet_of([NEW | {"id_number": int(number)}])))
    assert (row.state, row.values["id_number"]) == ("new", number)
    assert (spellings.ZERO_PUT_BACK, {}) in row.remarks


def test_a_nationality_that_is_left_empty_is_thai(chain: Chain) -> None:
    for over in ({}, {"nationality": ""}):
        values = only(read(chain, sheet_of([NEW | over]))).values
        assert values.get("nationality", "TH") == "TH"


def test_the_same_new_child_twice_in_the_file_counts_once(chain: Chain) -> None:
    plan = read(chain, sheet_of([NEW, NEW | {"first_name": "อื่น"}]))
    assert states(plan) == {"new": 1, "wrong": 1}
    assert plan.of(plans.WRONG)[0].wrong["id_number"] == (matching.TWICE, {"row": 2})


@pytest.mark.parametrize("over", [{}, {"home_subdistrict": "ปากน้ำ"}])
def test_a_place_is_looked_for_in_the_own_province_first(
    chain: Chain, over: dict[str, str]
) -> None:
    place = Subdistrict.get(Subdistrict.code == "810101")
    row = only(read(chain, sheet_of([NEW | {"home_subdistrict": "810101"} | over])))
    named = Subdistrict.select().where(Subdistrict.name == place.name).count()
    assert named > 1  # elsewhere there are others
    assert row.values["home_subdistrict"] == place.id


# --- rows that stand -----------------------------------------------------------------------------


def test_a_downloaded_workbook_that_comes_back_untouched_changes_nothing(chain: Chain) -> None:
    child(chain)
    child(chain, id_kind="gcode", id_number="G123456789012")
    child(chain, id_kind="none", id_number=None, no_id_reason="ไร้สัญชาติ", birth_date=None)
    child(chain, id_number="1234567890122", grade="X9", first_name="")  # what screens refuse
    assert states(read(chain, template(chain))) == {"unchanged": 4}
    assert states(read(chain, Filled(template(chain)).bytes())) == {"unchanged": 4}


def test_a_changed_cell_is_shown_old_and_new(chain: Chain) -> None:
    one, other = child(chain, grade="P1"), child(chain)
    filled = Filled(template(chain)).edit(one, grade="ป.2", birth_date="1/2/2561")
    plan = read(chain, filled.bytes())
    assert states(plan) == {"changed": 1, "unchanged": 1}
    (row,) = plan.of(plans.CHANGED)
    assert (row.id, row.version) == (one.id, 1)
    assert row.values == {"grade": "P2", "birth_date": date(2018, 2, 1)}
    old = spellings.write_day(one.birth_date)
    assert row.changes == {
        "birth_date": (old, "1/2/2561"),
        "grade": ("ประถมศึกษาปีที่ 1", "ประถมศึกษาปีที่ 2"),
    }
    assert other.id not in {row.id for row in plan.of(plans.CHANGED)}


def test_an_edit_of_the_identity_says_that_the_attestation_goes(chain: Chain) -> None:
    one = child(chain, attested=True, grade="P1")
    filled = Filled(template(chain)).edit(one, grade="ป.2")
    assert only(read(chain, filled.bytes())).remarks == []
    filled.edit(one, last_name="ใจงาม")
    assert only(read(chain, filled.bytes())).remarks == [(preview.CLEARED, {})]


def test_a_cell_that_is_emptied_means_empty(chain: Chain) -> None:
    one = child(chain, disability="8", entered_on=date(2024, 5, 16))
    filled = Filled(template(chain)).edit(one, disability=None, entered_on=None, birth_date="-")
    row = only(read(chain, filled.bytes()))
    assert row.values == {"disability": "", "entered_on": None, "birth_date": None}


def test_a_column_that_the_file_does_not_have_stays_as_it_is(chain: Chain) -> None:
    one = child(chain, disability="8", grade="P1")
    names = {"id_number": one.id_number, "first_name": one.first_name, "last_name": one.last_name}
    row = only(read(chain, sheet_of([names | {"grade": "P2"}])))
    assert (row.state, row.id, row.values) == ("changed", one.id, {"grade": "P2"})


def test_only_the_cells_that_were_typed_are_judged(chain: Chain) -> None:
    one = child(chain, id_number="1234567890122")  # carried over with a wrong check digit
    row = only(read(chain, Filled(template(chain)).edit(one, grade="P2").bytes()))
    assert (row.state, row.values) == ("changed", {"grade": "P2"})
    assert (preview.RULE_BROKEN, {"rule": RULE["identity_wrong"].message}) in row.remarks


def test_a_number_may_change_its_kind(chain: Chain) -> None:
    one = child(chain)
    filled = Filled(template(chain))
    filled.edit(one, id_kind="ไม่มีเอกสาร", id_number=None, no_id_reason="กำลังขอ")
    assert only(read(chain, filled.bytes())).values == {
        "id_kind": "none",
        "id_number": None,
        "no_id_reason": "กำลังขอ",
    }
    filled.edit(one, id_kind=None, id_number="G123456789012", no_id_reason=None)
    values = only(read(chain, filled.bytes())).values
    assert values == {"id_kind": "gcode", "id_number": "G123456789012"}


def test_a_child_is_removed_by_a_reason_in_its_row_and_by_nothing_else(chain: Chain) -> None:
    one, gone, left = child(chain), child(chain), child(chain)
    filled = Filled(template(chain)).edit(gone, removal_reason="ไม่มีตัวตน")
    filled.sheet.delete_rows(filled.row_of(left))
    plan = read(chain, filled.bytes())
    assert states(plan) == {"removed": 1, "unchanged": 1, "absent": 1}
    assert (plan.of(plans.REMOVED)[0].id, plan.of(plans.ABSENT)[0].id) == (gone.id, left.id)
    assert plan.of(plans.REMOVED)[0].values == {"removal_reason": "not_exist"}
    assert (preview.ABSENT_STAY, {"count": 1}) in plan.notes
    assert plan.of(plans.UNCHANGED)[0].id == one.id


def test_a_row_that_was_emptied_is_not_a_removal(chain: Chain) -> None:
    one = child(chain)
    empty = dict.fromkeys(k for k in HEADINGS if k not in ("key", "base"))
    row = only(read(chain, Filled(template(chain)).edit(one, **empty).bytes()))
    assert (row.state, row.wrong) == ("wrong", {"first_name": (preview.EMPTY_ROW, {})})


def test_a_child_that_was_removed_meanwhile_is_not_brought_back(chain: Chain) -> None:
    one = child(chain)
    data = template(chain)
    children.remove(chain.actor("school"), [one.id], "moved", chain.country.clock)
    assert only(read(chain, data)).wrong == {"first_name": (preview.IS_REMOVED, {})}
    reason = Filled(data).edit(one, removal_reason="ลาออก").bytes()
    assert only(read(chain, reason)).state == plans.UNCHANGED


def test_a_row_without_a_key_is_the_child_with_its_number_and_else_a_new_one(chain: Chain) -> None:
    one = child(chain, grade="P1")
    typed = NEW | {"id_number": identity.format_number("pin", one.id_number)}
    row = only(read(chain, sheet_of([typed])))
    assert (row.state, row.id) == ("changed", one.id)
    named = NEW | {k: getattr(one, k) for k in ("first_name", "last_name")}
    assert only(read(chain, sheet_of([named]))).state == plans.NEW


def test_the_number_of_another_schools_child_does_not_find_it(chain: Chain) -> None:
    elsewhere = chain.country.child(chain.sister, chain.cycle)
    row = only(read(chain, sheet_of([NEW | {"id_number": elsewhere.id_number}])))
    assert (row.state, row.id) == ("new", 0)


def test_a_child_without_a_document_is_new_unless_the_row_says_nothing_new(chain: Chain) -> None:
    typed = NEW | {"id_number": "", "no_id_reason": "กำลังขอ"}
    child(
        chain,
        **{"id_kind": "none", "id_number": None, "no_id_reason": "กำลังขอ", "sex": "F"},
        **{"first_name": "เกศแก้ว", "last_name": "ใจดี", "birth_date": date(2017, 3, 15)},
        **{"grade": "P1", "prefix": "เด็กหญิง"},
    )
    assert states(read(chain, sheet_of([typed]))) == {"unchanged": 1}
    assert states(read(chain, sheet_of([typed, typed]))) == {"unchanged": 1, "new": 1}
    other = only(read(chain, sheet_of([typed | {"grade": "ป.2"}])))
    assert other.state == "new"
    assert (preview.NAMESAKE, {}) in other.remarks


def test_a_row_that_was_copied_for_a_sibling_is_a_new_child(chain: Chain) -> None:
    one = child(chain)
    filled = Filled(template(chain))
    cells = [cell.value for cell in filled.sheet[filled.row_of(one)]]
    for at, value in enumerate(cells, start=1):
        filled.sheet.cell(filled.next, at).value = value
    filled.put(filled.next, id_number="1234567890121", first_name="น้อง")
    plan = read(chain, filled.bytes())
    assert states(plan) == {"unchanged": 1, "new": 1}
    filled.put(filled.next, id_number=one.id_number, first_name=one.first_name)
    plan = read(chain, filled.bytes())
    assert states(plan) == {"unchanged": 1, "wrong": 1}


def test_a_new_child_with_the_number_of_a_removed_one_is_told(chain: Chain) -> None:
    gone = child(chain, status="removed", removal_reason="moved")
    row = only(read(chain, sheet_of([NEW | {"id_number": gone.id_number}])))
    assert row.state == plans.NEW
    assert (preview.WAS_REMOVED, {}) in row.remarks


# --- what somebody else changed after the download -----------------------------------------------


def edit(chain: Chain, student: Student, **values: Any) -> None:
    """Somebody edits the child on the screen."""
    actor, clock = chain.actor("lao"), chain.country.clock
    children.edit(actor, student.id, Student.get_by_id(student.id).version, values, clock)


def test_what_somebody_changed_after_the_download_stays(chain: Chain) -> None:
    one = child(chain, grade="P1")
    filled = Filled(template(chain)).edit(one, last_name="ใจงาม")
    edit(chain, one, grade="P2")
    row = only(read(chain, filled.bytes()))
    assert (row.state, row.values, row.version) == ("changed", {"last_name": "ใจงาม"}, 2)
    assert (preview.KEPT, {}) in row.remarks
    assert only(read(chain, template(chain))).remarks == []


def test_a_cell_that_both_changed_is_wrong_and_says_what_stands(chain: Chain) -> None:
    one = child(chain, last_name="เดิม")
    filled = Filled(template(chain)).edit(one, last_name="ใจงาม", grade="P2")
    edit(chain, one, last_name="ใจกว้าง")
    row = only(read(chain, filled.bytes()))
    assert row.wrong == {"last_name": (preview.CLASH, {"now": "ใจกว้าง"})}
    edit(chain, one, last_name="ใจงาม")  # the same as was typed: nothing to decide
    assert only(read(chain, filled.bytes())).values == {"grade": "P2"}


def test_an_attestation_after_the_download_is_no_conflict(chain: Chain) -> None:
    one = child(chain)
    filled = Filled(template(chain)).edit(one, grade="P2")
    children.attest(chain.actor("school"), [one.id], chain.country.clock)
    assert only(read(chain, filled.bytes())).state == plans.CHANGED


# --- keys that were not given to this school -----------------------------------------------------


def test_the_template_of_another_school_or_cycle_is_refused(chain: Chain) -> None:
    child(chain)
    data = template(chain)
    with pytest.raises(BadFile) as info:
        read(chain, data, unit=chain.sister)
    assert (info.value.code, info.value.params) == ("other_school", {"code": chain.school.code})
    with pytest.raises(BadFile) as info:
        read(chain, data, cycle=chain.country.cycle("2567-2"))
    assert (info.value.code, info.value.params) == ("other_cycle", {"code": "2567-1"})


def test_a_key_of_another_school_or_cycle_is_refused_in_any_file(chain: Chain) -> None:
    one = child(chain)
    elsewhere = roster.make_key("2567-1", chain.far.code, one.id)
    for key, reason in (
        (elsewhere, "other_school"),
        (f"2566-2/{chain.school.code}/1", "other_cycle"),
    ):
        with pytest.raises(BadFile) as info:
            read(chain, sheet_of([NEW | {"key": key}]))
        assert info.value.code == reason


def test_a_forged_key_reaches_no_child_of_another_school_or_cycle(chain: Chain) -> None:
    far = chain.country.child(chain.far, chain.cycle)
    before = chain.country.child(chain.school, chain.country.cycle("2566-2"))
    for student_id in (far.id, before.id, 10**17):
        key = roster.make_key("2567-1", chain.school.code, student_id)
        row = only(read(chain, sheet_of([NEW | {"key": key}])))
        assert (row.wrong, row.id) == ({"key": (matching.NOT_HERE, {})}, 0)


# --- the rules on the rows as they would be ------------------------------------------------------


def test_the_rules_look_at_the_school_as_it_would_be(chain: Chain) -> None:
    one = child(chain, grade="P1")
    filled = Filled(template(chain)).edit(one, birth_date="1/1/2600")
    filled.add(**NEW | {"grade": "ม.1"})
    plan = read(chain, filled.bytes())
    (changed,), (new,) = plan.of(plans.CHANGED), plan.of(plans.NEW)
    assert (preview.RULE_BROKEN, {"rule": RULE["born_in_future"].message}) in changed.remarks
    assert (preview.RULE_BROKEN, {"rule": RULE["grade_not_offered"].message}) in new.remarks


def test_a_child_that_will_be_removed_breaks_no_rule(chain: Chain) -> None:
    one = child(chain, birth_date=date(2100, 1, 1))
    filled = Filled(template(chain)).edit(one, removal_reason="ไม่มีตัวตน")
    assert only(read(chain, filled.bytes())).remarks == []


def test_a_plan_is_the_same_after_it_was_stored(chain: Chain) -> None:
    one = child(chain)
    filled = Filled(template(chain)).edit(one, birth_date="1/2/2561").add(**NEW)
    filled.add(**NEW | {"grade": "?"})
    plan = read(chain, filled.bytes())
    assert plans.load(plan.dump()) == plan
    assert plans.load("{}") == plans.Plan([])


def test_a_heading_is_compared_without_what_stands_in_brackets() -> None:
    assert columns.heading_key("วันเกิด\n(พ.ศ.)") == columns.heading_key(" วันเกิด * ")
