"""Thai text, its order, and the Buddhist Era."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from admin_app.domain import thai

THAI = "".join(chr(code) for code in (*range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C)))
AWKWARD = " \u00a0\u200b\u200d\ufeff\u0301\u0345\u00e9\u00dfΣİ.-9\x00\x85\ud800\uffff\U0010ffff"
names = st.one_of(
    st.text(alphabet="กขตรนอเแโใไะาิุำัํ่้์็ ๆ", max_size=14),
    st.text(alphabet=THAI + AWKWARD, max_size=14),
    st.text(alphabet=st.characters(), max_size=14),
)

DICTIONARY = """
ก กก กกุธภัณฑ์ กฎ กฎุมพี กด กบฏ กรรมการ กระจก กลด กะทิ กัน กันยา กา กาก ก่าง กำ กิ่ง กุ้ง เก เก้ง เกม
แก แกง แก้ม โก โกน ใกล้ ไก ไก่ ขา เข แข แข็ง แข่ง แข้ง คน ครู ฆ้อง งู จันทร์ ฉาง ชาย ซอ ญาติ ฎีกา
ฐาน ณรงค์ ดาว ตา ถนน ทราย เทพ ธง นก น้ำ บ้าน ปา ป่า ป้า ป๊า ป๋า ผา ฝา พลอย เพลา เพลิง ฟ้า ภู มด ยา
รา ฤกษ์ ฤทธิ์ ฤๅษี ลา วัน ศาลา ษัฏ สมชาย สมหญิง เสือ หมู ฬา อาภา โอภาส ฮูก
"""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  สมชาย \u00a0  ใจดี\n", "สมชาย ใจดี"),
        ("สม\u200bชาย\ufeff", "สมชาย"),
        ("นํา", "นำ"),
        ("น้ํา", "น้ำ"),
        ("นํ้า", "น้ำ"),
        ("นำ้", "น้ำ"),
        ("เเก้ว", "แก้ว"),
        ("ก่ิง", "กิ่ง"),
        ("ท่ีน่ี", "ที่นี่"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_slips_of_typing_are_cleaned(typed: str, meant: str) -> None:
    assert thai.clean(typed) == meant


@given(names)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = thai.clean(text)
    assert thai.clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once.encode().decode() == once


def test_thai_digits_become_ascii() -> None:
    assert thai.digits("๐๑๒๓๔๕๖๗๘๙ ก1") == "0123456789 ก1"


def test_words_sort_as_in_the_dictionary() -> None:
    keys = [thai.sort_key(word) for word in DICTIONARY.split()]
    assert keys == sorted(set(keys))


def test_signs_count_only_between_words_that_are_otherwise_equal() -> None:
    words = ["เกง", "เก็ง", "เก่ง", "เก้ง", "เก๊ง", "เก๋ง", "เกงก"]
    keys = [thai.sort_key(word) for word in words]
    assert keys == sorted(set(keys))


def test_an_earlier_sign_weighs_more() -> None:
    assert thai.sort_key("กข่") < thai.sort_key("ก่ข")


def test_the_first_name_counts_before_the_last() -> None:
    people = [("กา", "ฮวด"), ("ก้า", "ฮวด"), ("กา", "ฮวย"), ("กาก", "ก")]
    keys = [thai.sort_key(*person) for person in people]
    assert keys == sorted(set(keys))


def test_case_accents_and_thai_digits_make_no_primary_difference() -> None:
    assert thai.sort_key("Anna") == thai.sort_key("aNNA")
    assert thai.sort_key("André").startswith(thai.sort_key("ANDRE"))
    assert thai.sort_key("วัด ๑") == thai.sort_key("วัด 1")


@given(names, names)
def test_a_key_orders_by_letters_first_and_signs_second(one: str, other: str) -> None:
    def levels(text: str) -> tuple[str, str]:
        primary, _, secondary = thai.sort_key(text).partition("  ")
        return primary, secondary

    assert (thai.sort_key(one) < thai.sort_key(other)) == (levels(one) < levels(other))


@given(names)
def test_a_key_can_be_stored_everywhere(text: str) -> None:
    key = thai.sort_key(text)
    assert "\x00" not in key
    assert key.encode().decode() == key


@given(names, names)
@example("กเเก้ว", "เเเก")
@example("ก่ เ่", " ่ก")
def test_every_beginning_of_a_name_finds_it(first: str, last: str) -> None:
    key, name = thai.sort_key(first, last), f"{first} {last}"
    for end in range(len(name) + 1):
        prefix = thai.search_prefix(name[:end])
        assert key.startswith(prefix), name[:end]
        assert prefix <= key < thai.upper_bound(prefix)


@pytest.mark.parametrize(
    ("typed", "prefix"),
    [("สม", "สม"), ("เ", ""), ("เก", "กเ"), ("สมชาย ใ", "สมชาย "), ("น้ำ", "นำ"), ("AN", "an")],
)
def test_a_dangling_leading_vowel_waits_for_its_consonant(typed: str, prefix: str) -> None:
    assert thai.search_prefix(typed) == prefix


@pytest.mark.parametrize(
    ("prefix", "bound"),
    [("กa", "กb"), ("ก\ud7ff", "ก\ue000"), ("ก\U0010ffff", "ข"), ("", "\U0010ffff")],
)
def test_the_upper_bound_is_the_next_string(prefix: str, bound: str) -> None:
    assert thai.upper_bound(prefix) == bound


storable = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=4)


@given(storable.filter(lambda prefix: prefix.strip("\U0010ffff") != ""), storable)
def test_a_string_is_in_the_range_exactly_if_it_starts_with_the_prefix(
    prefix: str, text: str
) -> None:
    bound = thai.upper_bound(prefix)
    assert bound.encode()
    for string in (text, prefix + text):
        assert (prefix <= string < bound) == string.startswith(prefix)


# --- dates ----------------------------------------------------------------------------------

CLOSE = datetime(2024, 6, 11, 10, 0, tzinfo=UTC)
MIDNIGHT = datetime(2024, 6, 10, 17, 0, tzinfo=UTC)


def exactly(message: str) -> str:
    return f"^{re.escape(message)}$"


def test_dates_are_shown_in_the_buddhist_era() -> None:
    day = date(2024, 6, 11)
    assert thai.format_date(day, "th") == "11 มิ.ย. 2567"
    assert thai.format_date(day, "en") == "11 Jun 2567 BE"
    assert thai.format_date_long(day, "th") == "11 มิถุนายน 2567"
    assert thai.format_date_long(day, "en") == "11 June 2567 BE"


def test_moments_are_shown_in_bangkok() -> None:
    assert thai.format_datetime(CLOSE, "th") == "11 มิ.ย. 2567 17:00 น."
    assert thai.format_datetime(CLOSE, "en") == "11 Jun 2567 BE, 17:00"
    assert thai.format_datetime(MIDNIGHT, "th") == "11 มิ.ย. 2567 00:00 น."


def test_a_bound_at_midnight_is_shown_as_the_end_of_the_day_before() -> None:
    assert thai.format_bound(MIDNIGHT, "th") == "10 มิ.ย. 2567 24:00 น."
    assert thai.format_bound(MIDNIGHT, "en") == "10 Jun 2567 BE, 24:00"
    assert thai.format_bound(CLOSE, "th") == "11 มิ.ย. 2567 17:00 น."


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        thai.to_local(datetime(2024, 6, 11, 17, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "15/3/2560",
        "15-03-2560",
        "15.3.2560",
        "15 3 2560",
        "15/3/2017",
        "15/3/พ.ศ. 2560",
        "2017-03-15",
        "2560-03-15",
        "2017/3/15",
        "๑๕/๓/๒๕๖๐",
        "15 มี.ค. 2560",
        "15มีค2560",
        "15-มี.ค.-2560",
        "15 มีนาคม 2560",
        "๑๕ มีนาคม พ.ศ. ๒๕๖๐",
        "15 มีนาคม พศ 2560",
        "15 มีนาคม ค.ศ. 2017",
        "วันที่ 15 เดือน มีนาคม พ.ศ. 2560",
        "15 Mar 2560 BE",
        "  15 / 3 / 2560 ",
    ],
)
def test_a_date_is_understood_however_it_is_written(text: str) -> None:
    assert thai.parse_date(text) == date(2017, 3, 15)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", thai.NOT_A_DATE),
        ("เมื่อวาน", thai.NOT_A_DATE),
        ("15 มากราคม 2560", thai.NOT_A_DATE),
        ("3/2560", thai.NOT_A_DATE),
        ("15/3/60", thai.YEAR_TOO_SHORT),
        ("15/3/25600", thai.YEAR_TOO_SHORT),
        ("31/4/2560", thai.NO_SUCH_DAY),
        ("29/2/2566", thai.NO_SUCH_DAY),
        ("3/15/2560", thai.NO_SUCH_DAY),
        ("15/3/2400", thai.YEAR_UNLIKELY),
        ("15/3/9999", thai.YEAR_UNLIKELY),
        ("15 มีนาคม พ.ศ. 2017", thai.YEAR_UNLIKELY),
        ("15 มีนาคม ค.ศ. 2560", thai.YEAR_UNLIKELY),
    ],
)
def test_what_is_no_date_gets_a_clear_message(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=exactly(message)):
        thai.parse_date(text)


def test_a_leap_day_is_judged_in_the_western_year() -> None:
    assert thai.parse_date("29/2/2567") == date(2024, 2, 29)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["th", "en"]))
def test_a_shown_date_is_understood_again(day: date, locale: str) -> None:
    assert thai.parse_date(thai.format_date(day, locale)) == day
    assert thai.parse_date(thai.format_date_long(day, locale)) == day
    assert thai.parse_date(day.isoformat()) == day


@given(st.text(max_size=20) | st.text(alphabet="0123/- .:Tมีคพศ", max_size=20))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    for parse in (thai.parse_date, thai.parse_local_datetime):
        try:
            assert parse(text)
        except ValueError as error:
            assert str(error).endswith(".")  # noqa: PT017


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-11T17:00",
        "11/06/2567 17:00",
        "๑๑/๐๖/๒๕๖๗ ๑๗.๐๐ น.",
        "11 มิ.ย. 2567 17:00 น.",
        "11 มิถุนายน 2567 เวลา 17.00 น.",
        "11 Jun 2567 BE, 17:00",
    ],
)
def test_a_form_field_is_read_on_bangkoks_clock(text: str) -> None:
    moment = thai.parse_local_datetime(text)
    assert moment == CLOSE
    assert moment.tzinfo is UTC


def test_24_00_is_the_midnight_that_ends_the_day() -> None:
    assert thai.parse_local_datetime("10/6/2567 24:00") == MIDNIGHT


@given(
    st.datetimes(datetime(1930, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["th", "en"]),
)
def test_a_shown_moment_is_understood_again(naive: datetime, locale: str) -> None:
    moment = naive.replace(second=0, microsecond=0, tzinfo=UTC)
    assert thai.parse_local_datetime(thai.format_datetime(moment, locale)) == moment
    assert thai.parse_local_datetime(thai.format_bound(moment, locale)) == moment


@pytest.mark.parametrize("text", ["", "11/6/2567", "11/6/2567 25:00", "11/6/2567 24:01", "17:00"])
def test_a_moment_needs_a_day_and_a_time(text: str) -> None:
    with pytest.raises(ValueError, match=exactly(thai.NOT_A_TIME)):
        thai.parse_local_datetime(text)


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (datetime(2024, 5, 15, 16, 59, 59, tzinfo=UTC), 2566),
        (datetime(2024, 5, 15, 17, 0, tzinfo=UTC), 2567),
        (datetime(2024, 12, 31, 17, 0, tzinfo=UTC), 2567),
    ],
)
def test_the_academic_year_starts_on_16_may_in_bangkok(now: datetime, year: int) -> None:
    assert thai.year_of(now) == year
