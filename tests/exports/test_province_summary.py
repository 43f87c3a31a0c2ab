"""The province summary: figures, order, formulas, paper."""

from __future__ import annotations

import pytest

from admin_app.models import Snapshot, Unit
from tests.exports.conftest import World
from tests.exports.formulas import calculate, formulas_of

NAME = "province-summary"
REPORT, LAOS, GRADES = "รายสถานศึกษา", "สรุปราย อปท.", "ชั้น × เพศ"
OTHERS, MEALS, PENDING = "สังกัดอื่น", "ประมาณการอาหารกลางวันและนม", "ยังไม่ยืนยัน"
SHEETS = ["ปก", LAOS, REPORT, GRADES, OTHERS, MEALS, PENDING, "กราฟ"]
DRAFT = "ฉบับร่าง"


def test_the_report_groups_province_district_lao_school(world: World) -> None:
    made = world.made(NAME)
    assert made.values.sheetnames == SHEETS
    rows = made.rows(REPORT)
    head = next(i for i, row in enumerate(rows) if row[0] == "ที่")
    assert rows[head] == [
        "ที่",
        "ชื่อสถานศึกษา",
        "อนุบาล",
        "ประถมศึกษา",
        "มัธยมศึกษาตอนต้น",
        "มัธยมศึกษาตอนปลาย",
        "อาชีวศึกษา",
        "รวมทุกระดับ",
    ]
    assert rows[head + 1 :] == [
        [None, "จังหวัดกระบี่", 5, 4, 4, 2, 0, 15],
        [None, "อำเภอเมืองกระบี่", 5, 4, 3, 0, 0, 12],
        [None, "อบจ.กระบี่", 0, 0, 3, 0, 0, 3],
        [1, "มัธยมเมือง", 0, 0, 3, 0, 0, 3],
        [None, "อบต.อ่าวนาง", 5, 4, 0, 0, 0, 9],
        [2, "บ้านช่องพลี", 3, 4, 0, 0, 0, 7],
        [3, "ศพด.อ่าวนาง", 2, 0, 0, 0, 0, 2],
        [None, "อำเภอเขาพนม", 0, 0, 1, 2, 0, 3],
        [None, "อบจ.กระบี่", 0, 0, 1, 2, 0, 3],
        [4, "มัธยมเขาพนม", 0, 0, 1, 2, 0, 3],
    ]


def test_nothing_is_a_zero_that_shows_as_a_dash(world: World) -> None:
    sheet = world.made(NAME).values[REPORT]
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == 0)
    assert cell.number_format == '#,##0_);-#,##0_);"-"_)'


@pytest.mark.parametrize("edition", ["draft", "official"])
def test_every_formula_holds_the_value_that_it_calculates(world: World, edition: str) -> None:
    if edition == "official":
        world.confirm_all()
    made = world.made(NAME, edition=edition)
    formulas = formulas_of(made.formulas)
    assert len(formulas) > 60
    for sheet, cell in formulas:
        in_place = made.values[sheet][cell].value
        assert in_place == pytest.approx(calculate(made.formulas, sheet, cell)), (sheet, cell)


def test_the_sheet_of_laos_has_a_row_for_each_in_dlas_order(world: World) -> None:
    made = world.made(NAME)
    names = [row[2] for row in made.rows(LAOS) if isinstance(row[0], int)]
    assert names == ["อบจ.กระบี่", "อบต.อ่าวนาง", "อบต.เขาดิน"]
    # lunch: 7 children × 36 baht × 200 days, in the centre 2 × 36 × 245; milk: 6.89 × 260 days
    row = made.row(LAOS, "อบต.อ่าวนาง", 2)
    # subsidy: 5 × 1,800 and 4 × 2,000 baht
    assert row[3:16] == [2, 5, 4, 0, 0, 0, 9, 1, 19, 68_040, 16_122.6, 17_000, 101_162.6]
    assert made.row(LAOS, "รวมจังหวัดกระบี่")[3:12] == [4, 5, 4, 4, 2, 0, 15, 1, 19]


def test_boys_and_girls_are_told_per_grade_with_other_affiliations_beside(world: World) -> None:
    made = world.made(NAME)
    assert made.row(GRADES, "ประถมศึกษาปีที่ 1")[2:] == [1, 3, 4, 10, 0, 10, 14]
    assert made.row(GRADES, "รวมอนุบาล", 0)[2:] == [3, 2, 5, 4, 5, 9, 14]
    assert made.row(GRADES, "รวมทั้งสิ้น", 0)[2:] == [7, 8, 15, 14, 5, 19, 34]


def test_other_affiliations_are_listed_by_lao_and_their_absence_is_told(world: World) -> None:
    made = world.made(NAME)
    assert made.row(OTHERS, "วัดกระบี่", 3) == [
        1, "อบต.อ่าวนาง", "81000001", "วัดกระบี่", "สพป.", 9, 10, 0, 0, 0, 14, 5, 19,
    ]  # fmt: skip
    assert made.row(OTHERS, "อบต.เขาดิน")[3] == "แจ้งว่าไม่มีสถานศึกษาสังกัดอื่นในพื้นที่"


def test_money_is_per_school_with_the_rate_that_paid_it(world: World) -> None:
    made = world.made(NAME)
    assert made.row(MEALS, "ศพด.อ่าวนาง", 2)[3:] == [
        "ศพด.", 2, 36, 245, 17_640, 2, 6.89, 260, 3_582.8, 2, 3_600, 24_822.8,
    ]  # fmt: skip
    assert made.row(MEALS, "มัธยมเมือง", 2)[4:] == [0] * 8 + [3, 11_100, 11_100]


def test_the_cover_shows_every_rate_and_the_grades_that_are_counted(world: World) -> None:
    rows = world.made(NAME).rows("ปก")
    assert ["นม", "ทุกประเภท", "ทุกขนาด", 6.89, 260] in rows
    assert ["อาหารกลางวัน", "ศพด.", "41–100 คน", 27, 245] in rows
    assert [row[1:] for row in rows if row[0] == "เงินอุดหนุนรายหัว"][:2] == [
        ["เด็กเล็ก อายุ 2 ปีขึ้นไป – อนุบาล 3", "ทุกขนาด", 1_800, "รายปี"],
        ["ประถมศึกษาปีที่ 1 – ประถมศึกษาปีที่ 6", "ทุกขนาด", 2_000, "รายปี"],
    ]
    fed = "เด็กเล็ก อายุ 2 ปีขึ้นไป – ประถมศึกษาปีที่ 6"
    told = {row[0]: row[1] for row in rows if row[0]}
    assert told["ชั้นที่นับ: นม"] == told["ชั้นที่นับ: อาหารกลางวัน"] == fed
    assert told["อัตราฉบับที่"] == 1


def test_a_school_that_no_rate_fits_is_told_instead_of_paid_nothing(world: World) -> None:
    world.country.rates(world.cycle, lambda row: None if row.kind == "milk" else row)
    assert world.made(NAME).row(MEALS, "บ้านช่องพลี", 2)[8:] == [
        7, "ไม่มีอัตรา", None, 0, 7, 13_400, 63_800,
    ]  # fmt: skip


def test_children_without_a_grade_have_a_column_so_that_the_sums_agree(world: World) -> None:
    world.country.child(world["บ้านช่องพลี"], world.cycle, grade="")
    made = world.made(NAME)
    assert made.row(REPORT, "บ้านช่องพลี")[2:] == [3, 4, 0, 0, 0, 1, 8]
    assert made.row(GRADES, "รวมทั้งสิ้น", 0)[4] == 16


def test_removed_children_do_not_count(world: World) -> None:
    world.country.child(
        world["บ้านช่องพลี"], world.cycle, status="removed", removal_reason="not_exist"
    )
    assert world.made(NAME).row(REPORT, "บ้านช่องพลี")[-1] == 7


def test_who_has_not_confirmed_is_listed_with_contacts(world: World) -> None:
    school = world["บ้านช่องพลี"]
    Unit.update(contact_name="ครูสมศรี", phone="075-000-000", email="a@example.org").where(
        Unit.id == school.id
    ).execute()
    world.country.confirm(world["ศพด.อ่าวนาง"], world.cycle)
    made = world.made(NAME)
    assert made.row(PENDING, "บ้านช่องพลี", 3)[1:] == [
        "สถานศึกษา", school.code, "บ้านช่องพลี", "อบต.อ่าวนาง",
        "ครูสมศรี", "075-000-000", "a@example.org", 7,
    ]  # fmt: skip
    assert "ศพด.อ่าวนาง" not in [row[3] for row in made.rows(PENDING)]
    assert made.row(PENDING, "อบต.อ่าวนาง", 3)[8] == 9


def test_an_empty_province_makes_a_workbook_too(world: World) -> None:
    satun = world.country.province("91")
    made = world.made(NAME, satun, actor=world.country.own(satun))
    assert made.row(REPORT, "จังหวัดสตูล")[2:] == [0] * 6
    assert made.result.rows == 0


# --- paper -----------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ["draft", "official"])
def test_every_sheet_prints_on_a4_landscape_one_page_wide(world: World, edition: str) -> None:
    if edition == "official":
        world.confirm_all()
    made = world.made(NAME, edition=edition)
    for sheet in made.formulas:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.print_area
        footer = sheet.oddFooter
        assert "2567-1" in footer.left.text
        assert "&P" in footer.center.text or "Page" in footer.center.text
        assert "20 พ.ค. 2567 12:00 น." in footer.right.text
        if sheet.title not in ("ปก", "กราฟ"):
            assert sheet.print_title_rows
            assert sheet.freeze_panes


def test_a_draft_says_so_on_every_sheet_and_an_official_edition_on_none(world: World) -> None:
    made = world.made(NAME)
    for sheet in made.values:
        assert DRAFT in sheet.oddHeader.center.text
        assert DRAFT in sheet.oddFooter.left.text
        assert sheet["A1"].value.startswith(DRAFT)
    world.confirm_all()
    official = world.made(NAME)
    assert not [text for text in official.texts() if DRAFT in text]
    for sheet in official.values:
        assert DRAFT not in f"{sheet.oddHeader.center.text}{sheet.oddFooter.left.text}"


def test_the_workbook_is_set_in_the_font_of_official_papers(world: World) -> None:
    for sheet in world.made(NAME).values:
        fonts = {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value}
        assert fonts == {"TH Sarabun New"}


def test_the_cover_says_what_it_rests_on(confirmed: World) -> None:
    made = confirmed.made(NAME)
    snapshot = Snapshot.get(Snapshot.unit == confirmed.province.id)
    cover = {row[0]: row[1] for row in made.rows("ปก") if row[0]}
    assert cover["รอบ"] == "2567-1 (ปีการศึกษา 2567 ครั้งที่ 1)"
    assert cover["ฉบับ"] == "ฉบับทางการ"
    assert cover["รหัสตรวจสอบ (SHA-256)"] == snapshot.digest == made.result.digest
    assert cover["ออกเอกสารเมื่อ"] == "20 พ.ค. 2567 12:00 น."
    assert cover["ผู้ออกเอกสาร"] == "province of 81 (เจ้าหน้าที่จังหวัด กระบี่)"
    assert cover["นักเรียนในสังกัด อปท. (คน)"] == 15
