"""What people write in sheets, and what Excel makes of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.domain import identity, spellings, thai
from admin_app.domain.spellings import AsNumber, Unreadable

PREFIXES = ("เด็กชาย", "เด็กหญิง", "นาย", "นางสาว", "นาง", "สามเณร", "ม.ล.", "ม.ร.ว.")
GRADES = [
    ("N1", "เด็กเล็ก อายุ 2 ปีขึ้นไป", "Nursery, age 2 and over"),
    ("N3", "เด็กเล็ก อายุ 4 ปีขึ้นไป", "Nursery, age 4 and over"),
    ("K1", "อนุบาล 1", "Kindergarten 1"),
    ("K2", "อนุบาล 2", "Kindergarten 2"),
    ("P1", "ประถมศึกษาปีที่ 1", "Primary 1"),
    ("P6", "ประถมศึกษาปีที่ 6", "Primary 6"),
    ("M1", "มัธยมศึกษาปีที่ 1", "Lower secondary 1"),
    ("V1", "ปวช. 1", "Vocational certificate 1"),
    ("D2", "ปวส. 2", "Higher vocational certificate 2"),
]
DISABILITIES = [("1", "บกพร่องทางการเห็น", "Visual impairment"), ("8", "ออทิสติก", "Autism")]
AFFILIATIONS = [
    ("PESAO", "สพป.", "Primary education area (OBEC)"),
    ("SESAO", "สพม.", "Secondary education area (OBEC)"),
    ("PRIVATE", "สช.", "Private education commission"),
    ("BPP", "ตชด.", "Border patrol police"),
    ("OTHER", "อื่น ๆ", "Other"),
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("เด็กชาย", "เด็กชาย"),
        ("ด.ช.", "เด็กชาย"),
        ("ดช", "เด็กชาย"),
        (" ด. ช. ", "เด็กชาย"),
        ("ด.ญ", "เด็กหญิง"),
        ("ด\u200b.ญ.", "เด็กหญิง"),
        ("น.ส.", "นางสาว"),
        ("นส.", "นางสาว"),
        ("Miss", "นางสาว"),
        ("MR.", "นาย"),
        ("Mrs", "นาง"),
        ("มล.", "ม.ล."),
        ("หม่อมราชวงศ์", "ม.ร.ว."),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_prefix_is_understood_as_it_is_usually_written(typed: str, meant: str) -> None:
    assert spellings.prefix(typed, PREFIXES) == meant


@pytest.mark.parametrize("typed", ["ดร.", "เด็ก", "-", "123"])
def test_a_prefix_that_is_not_in_the_list_is_told(typed: str) -> None:
    with pytest.raises(Unreadable) as info:
        spellings.prefix(typed, PREFIXES)
    assert (info.value.message, info.value.params) == (spellings.CHOOSE, {"text": typed})


def test_a_usual_spelling_of_a_prefix_that_dla_took_out_of_the_list_is_not_taken() -> None:
    with pytest.raises(Unreadable):
        spellings.prefix("น.ส.", ["นาย"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *((text, "M") for text in ("ชาย", "ช", "ช.", "M", "male", "Boy", "ด.ช.", "เพศชาย")),
        *((text, "F") for text in ("หญิง", "ญ", "ญ.", "F", "Female", "เด็กหญิง", "น.ส.")),
        ("", ""),
    ],
)
def test_a_sex_is_understood(typed: str, meant: str) -> None:
    assert spellings.sex(typed) == meant


@pytest.mark.parametrize(
    ("name", "sex"), [("เด็กชาย", "M"), ("นาง", "F"), ("แม่ชี", "F"), ("ม.ล.", ""), ("", "")]
)
def test_a_prefix_says_the_sex_or_nothing(name: str, sex: str) -> None:
    assert spellings.sex_of_prefix(name) == sex


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("P1", "P1"),
        ("p1", "P1"),
        ("ป.1", "P1"),
        ("ป1", "P1"),
        ("ป. ๑", "P1"),
        ("ป.1/2", "P1"),
        ("ป.๑/๓", "P1"),
        ("ป.1 ห้อง 2", "P1"),
        ("ชั้น ป.6", "P6"),
        ("ประถม 1", "P1"),
        ("ประถมศึกษา 1", "P1"),
        ("ประถมศึกษาปีที่ 6", "P6"),
        ("ประถมศึกษาปีที่  ๖", "P6"),
        ("ประถมศึกษาปีที่ 6/1", "P6"),
        ("Primary 6", "P6"),
        ("อ.1", "K1"),
        ("อ.2/1", "K2"),
        ("อนุบาล2", "K2"),
        ("อนุบาลปีที่ 2", "K2"),
        ("ม.1", "M1"),
        ("มัธยมศึกษาปีที่ 1/4", "M1"),
        ("ปวช.1", "V1"),
        ("ปวส. 2", "D2"),
        ("เด็กเล็ก อายุ 2 ปีขึ้นไป", "N1"),
        ("เด็กเล็ก 2 ปี", "N1"),
        ("เด็กเล็ก 4 ขวบ", "N3"),
        ("", ""),
        ("-", ""),
    ],
)
def test_a_grade_is_understood_with_or_without_its_room(typed: str, meant: str) -> None:
    assert spellings.grade(typed, GRADES) == meant


@pytest.mark.parametrize("typed", ["ป.7", "ป.2", "ชั้น 1", "1", "ม", "เด็กเล็ก", "ป.1-2", "ป.12"])
def test_a_grade_that_there_is_not_is_told(typed: str) -> None:
    with pytest.raises(Unreadable):
        spellings.grade(typed, GRADES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("บกพร่องทางการเห็น", "1"),
        ("1", "1"),
        ("๑", "1"),
        ("1. บกพร่องทางการเห็น", "1"),
        ("8) ออทิสติก", "8"),
        ("Autism", "8"),
        ("ออทิสติก ", "8"),
        ("", ""),
        ("-", ""),
        (" – ", ""),
    ],
)
def test_a_code_is_understood_by_its_number_or_name(typed: str, meant: str) -> None:
    assert spellings.code(typed, DISABILITIES) == meant


NOTHING = [
    (("ไม่มี", "ปกติ", " ปกติ ", "ไม่ระบุ", "None"), ("disability", "disadvantage")),
    (("ไม่พิการ", "ไม่มีความพิการ", "ไม่ พิการ", "ร่างกายปกติ"), ("disability",)),
    (("ไม่ด้อยโอกาส", "ไม่มีความด้อยโอกาส"), ("disadvantage",)),
    (("ไม่ได้ยิน", "ไม่ทราบ", "ไม่มีผู้ปกครอง", "ไม่มีตัวตนแล้ว", "ไม่", "ปกติดี", "ปกติ 8"), ()),
    (("ไม่มีแขน", "ไม่ใช่คนไทย", "ไม่พิการ?1", "ไม่แน่ใจ"), ()),
]


@pytest.mark.parametrize("of", ["disability", "disadvantage", "nationality", "removal_reason"])
@pytest.mark.parametrize(
    ("typed", "columns"), [(typed, columns) for all_, columns in NOTHING for typed in all_]
)
def test_only_whole_texts_of_a_closed_list_say_that_there_is_nothing(
    typed: str, columns: tuple[str, ...], of: str
) -> None:
    nothing = spellings.NOTHING_OF.get(of, frozenset())
    if of in columns:
        assert spellings.code(typed, DISABILITIES, nothing) == ""
    else:
        with pytest.raises(Unreadable):
            spellings.code(typed, DISABILITIES, nothing)


def test_a_code_that_there_is_not_is_told_with_a_piece_of_what_was_typed() -> None:
    with pytest.raises(Unreadable) as info:
        spellings.code("ก" * 100, DISABILITIES)
    assert info.value.params == {"text": "ก" * 40 + "…"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("สพป.", "PESAO"),
        ("สพป", "PESAO"),
        ("สพป. นครราชสีมา เขต 1", "PESAO"),
        ("สำนักงานเขตพื้นที่การศึกษาประถมศึกษากระบี่", "PESAO"),
        ("สพม.ตรัง กระบี่", "SESAO"),
        ("เอกชน", "PRIVATE"),
        ("ตชด.", "BPP"),
        ("อื่นๆ", "OTHER"),
        ("", ""),
    ],
)
def test_an_affiliation_is_understood(typed: str, meant: str) -> None:
    assert spellings.affiliation(typed, AFFILIATIONS) == meant


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("เลข 13 หลัก", "pin"),
        ("บัตรประชาชน", "pin"),
        ("รหัส G", "gcode"),
        ("G-code", "gcode"),
        ("ไม่มีเอกสาร", "none"),
        ("", ""),
    ],
)
def test_a_kind_of_number_is_understood(typed: str, kind: str) -> None:
    assert spellings.id_kind(typed) == kind


@pytest.mark.parametrize(
    ("number", "kind"), [("", "none"), ("G123456789012", "gcode"), ("1234567890121", "pin")]
)
def test_a_number_says_its_kind(number: str, kind: str) -> None:
    assert spellings.kind_of_number(number) == kind


# --- identity numbers ----------------------------------------------------------------------------
ZERO_PIN = identity.make_pin("012345678901")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234567890121", "1234567890121"),
        ("1-2345-67890-12-1", "1234567890121"),
        ("1 2345 67890 12 1", "1234567890121"),
        ("๑๒๓๔๕๖๗๘๙๐๑๒๑", "1234567890121"),
        ("'1234567890121", "1234567890121"),
        ("\u200b1234567890121\u00a0", "1234567890121"),
        ("1234567890121.0", "1234567890121"),
        (AsNumber("1234567890121"), "1234567890121"),
        ("g123456789012", "G123456789012"),
        ("G-1234 5678-9012", "G123456789012"),
        ("", ""),
        ("-", ""),
        ("12345", "12345"),
    ],
)
def test_an_identity_number_is_read_as_it_is_stored(typed: str, number: str) -> None:
    assert spellings.id_number(typed) == (number, "")


def test_a_lost_zero_is_put_back_where_the_check_digit_then_fits_and_told() -> None:
    assert spellings.id_number(AsNumber(ZERO_PIN[1:])) == (ZERO_PIN, spellings.ZERO_PUT_BACK)


@pytest.mark.parametrize(
    "typed",
    [
        ZERO_PIN[1:],  # a text: somebody left a digit out
        AsNumber(f"{(int(ZERO_PIN) + 1) % 10**12:012}"),  # the check digit does not fit
        AsNumber(ZERO_PIN[2:]),  # two are missing
    ],
)
def test_no_zero_is_put_in_front_where_it_is_not_certain(typed: str) -> None:
    assert spellings.id_number(typed) == (str(typed), "")


@pytest.mark.parametrize("typed", ["1.1E+12", "1.10E+12", "1E+12", "1,1E+12", "๑.๑E+๑๒", "1.1e12"])
def test_a_number_that_excel_has_shortened_is_refused_with_the_reason(typed: str) -> None:
    with pytest.raises(Unreadable) as info:
        spellings.id_number(typed)
    assert info.value.message == spellings.SHORTENED


@given(st.integers(0, 899_999_999_999), st.sampled_from(["", " ", "-", "\u200b", "–"]))
def test_every_national_id_is_read_however_it_is_broken_up(first: int, between: str) -> None:
    number = identity.make_pin(f"{first:012}")
    shown = between.join(number)
    assert spellings.id_number(shown) == (number, "")
    in_thai = shown.translate({ord(str(n)): chr(0x0E50 + n) for n in range(10)})
    assert spellings.id_number(in_thai) == (number, "")


@given(st.integers(0, 899_999_999_999))
def test_no_national_id_that_excel_holds_as_a_number_is_read_as_another(first: int) -> None:
    number = identity.make_pin(f"{first:012}")
    read, _remark = spellings.id_number(AsNumber(str(int(number))))
    lost = len(number) - len(str(int(number)))
    assert read == (number if lost <= 1 else str(int(number)))


# --- days ----------------------------------------------------------------------------------------
DAY = date(2017, 3, 15)


@pytest.mark.parametrize(
    "typed",
    [
        "15/3/2560",
        "15/03/2560",
        "15-3-2560",
        "15.3.2560",
        "15 3 2560",
        "๑๕/๓/๒๕๖๐",
        "15 มี.ค. 2560",
        "15 มีนาคม 2560",
        "15 มีนาคม พ.ศ. 2560",
        "วันที่ 15 มีนาคม 2560",
        "15 Mar 2017",
        "15/3/2017",
        "2017-03-15",
        "2560-03-15",
        "2017-03-15 00:00:00",
        "2560-03-15T00:00:00",
        "15/3/2560 0:00",
        "15032560",
        "15032017",
        "'15/3/2560",
        "15/3/2560\u200b",
        AsNumber("42809"),
        AsNumber("241136"),
    ],
)
def test_a_day_is_understood_in_every_usual_form(typed: str) -> None:
    assert spellings.day(typed) == DAY


@pytest.mark.parametrize("typed", ["", "-", " ", "–", "ไม่มี"])
def test_an_empty_cell_is_no_day(typed: str) -> None:
    assert spellings.day(typed) is None


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("15/3/60", thai.YEAR_TOO_SHORT),
        ("31/2/2560", thai.NO_SUCH_DAY),
        ("29/2/2560", thai.NO_SUCH_DAY),
        ("2560-02-29", thai.NO_SUCH_DAY),
        ("3/15/2017", thai.NO_SUCH_DAY),
        ("15/3/3560", thai.YEAR_UNLIKELY),
        ("2560", thai.NOT_A_DATE),
        ("พรุ่งนี้", thai.NOT_A_DATE),
        ("15/3", thai.NOT_A_DATE),
        (AsNumber("150360"), thai.NOT_A_DATE),
    ],
)
def test_a_day_that_cannot_be_is_told_with_what_to_write(typed: str, message: str) -> None:
    with pytest.raises(Unreadable) as info:
        spellings.day(typed)
    assert info.value.message == message


DAYS = st.dates(date(1940, 1, 1), date(2100, 12, 31))


@given(DAYS, st.sampled_from([0, thai.BUDDHIST_ERA]), st.sampled_from("/-. "), st.booleans())
def test_every_day_is_read_in_either_era(day: date, era: int, sign: str, thai_digits: bool) -> None:
    text = f"{day.day}{sign}{day.month}{sign}{day.year + era}"
    if thai_digits:
        text = text.translate({ord(str(n)): chr(0x0E50 + n) for n in range(10)})
    assert spellings.day(text) == day


@given(DAYS)
def test_what_a_sheet_writes_of_a_day_is_read_as_that_day(day: date) -> None:
    assert spellings.day(spellings.write_day(day)) == day
    assert spellings.day(thai.format_date(day)) == day
    assert spellings.day(AsNumber(str((day - date(1899, 12, 30)).days))) == day


@given(DAYS)
def test_a_day_that_excel_took_for_a_year_2560_is_read_as_buddhist(day: date) -> None:
    try:
        taken = day.replace(year=day.year + thai.BUDDHIST_ERA)
    except ValueError:  # 29 February: Excel has no such day in that year and keeps the text
        return
    assert spellings.day(taken.isoformat()) == day
    serial = (date(2560, 3, 15) - date(1899, 12, 30)) // timedelta(days=1)
    assert serial in spellings.SERIAL_BUDDHIST


# --- counts --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("๑๒", 12),
        ("1,234", 1234),
        ("12.0", 12),
        (AsNumber("12"), 12),
        ("12 คน", 12),
        ("0", 0),
        ("", 0),
        ("-", 0),
        ("–", 0),
    ],
)
def test_a_count_is_understood(typed: str, number: int) -> None:
    assert spellings.count(typed) == number


@pytest.mark.parametrize("typed", ["สิบ", "-3", "1.5", "12a", "1234567", "=1+1"])
def test_what_is_no_count_is_told(typed: str) -> None:
    with pytest.raises(Unreadable) as info:
        spellings.count(typed)
    assert info.value.params == {"text": typed}
