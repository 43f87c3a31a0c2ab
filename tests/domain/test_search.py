"""What people type into search boxes, and the keys that it finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.domain import search, thai
from admin_app.domain.search import ChildSearch, pieces, read_child, read_unit, word_starts

SCHOOL = "โรงเรียนเทศบาล ๑ บ้านกระบี่น้อย"
CENTRE = "ศูนย์พัฒนาเด็กเล็กองค์การบริหารส่วนตำบลอ่าวนาง"


def begins(keys: list[str], words: list[tuple[str, ...]]) -> bool:
    """Whether every word begins one of the keys, as the database compares."""
    return bool(words) and all(
        any(key.startswith(typed) for key in keys for typed in same) for same in words
    )


# --- units ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("แก้ว", ["แก้ว"]),
        ("วัดเด็ก", ["วัดเด็ก", "เด็ก"]),
        ("คืนดี", ["คืนดี", "ดี"]),
        ("พันธุ์ทิพย์", ["พันธุ์ทิพย์", "ทิพย์", "พย์"]),
        ("ศิลป์ไทย", ["ศิลป์ไทย", "ลป์ไทย", "ไทย"]),
        ("นเรศวร", ["นเรศวร", "เรศวร", "ศวร", "วร"]),
        ("ทต.ห้วย", ["ทต.ห้วย", "ห้วย", "วย"]),
        ("Krabi 12b", ["Krabi 12b", "12b", "b"]),
        ("", []),
        ("ะา่์", []),
    ],
)
def test_a_word_may_begin_where_a_syllable_may(text: str, starts: list[str]) -> None:
    assert [text[at:] for at in word_starts(text)] == starts


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("โรงเรียนบ้านช่องพลี", "ช่องพลี"),
        ("โรงเรียนบ้านช่องพลี", "ชองพลี"),
        ("โรงเรียนบ้านช่องพลี", "พลี"),
        ("โรงเรียนบ้านช่องพลี", "บ้านช่"),
        ("โรงเรียนบ้านช่องพลี", "โรงเรียน พลี"),
        ("โรงเรียนบ้านช่องพลี", "รร.บ้านช่องพลี"),
        ("โรงเรียนบ้านช่องพลี", "ร.ร. บ้านช่องพลี"),
        (SCHOOL, "เทศบาล 1"),
        (SCHOOL, "เทศบาล๑"),
        (SCHOOL, "กระบี่น้อย เทศบาล"),
        (CENTRE, "ศพด อ่าวนาง"),
        (CENTRE, "อบต. อ่าวนาง"),
        (CENTRE, "เด็กเล็ก"),
        (CENTRE, CENTRE),
        ("อบต.อ่าวนาง", "อ่าวนาง"),
        ("อบต.อ่าวนาง", "อบต อ่าวนาง"),
        ("อบต.อ่าวนาง", "องค์การบริหารส่วนตำบลอ่าวนาง"),
        ("ทต.เขาพนม", "เทศบาลตำบลเขาพนม"),
        ("กระบี่", "จังหวัดกระบี่"),
        ("กระบี่", "จ.กระบี่"),
        ("กระบี่", "จังหวัด กระบี่"),
        ("กระบี่", "จ. กระบี่"),
        ("รร.บ้านช่องพลี", "โรงเรียนบ้านช่องพลี"),
        ("โรงเรียนบ้านช่องพลี", "ร.ร.ช่องพลี"),
        ("โรงเรียนบ้านช่องพลี", "รร.ช่อง"),
        ("โรงเรียนบ้านช่องพลี", "โรงเรียนช่องพลี"),
        (SCHOOL, "รร.เทศบาล"),
        ("โรงเรียน St. Mary", "mary"),
    ],
)
def test_a_piece_of_the_name_finds_the_unit(name: str, typed: str) -> None:
    assert begins(pieces(name), read_unit(typed))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("นครราชสีมา", "โรงเรียน"),
        ("นครราชสีมา", "โรงเรียน ราชสีมา"),
        ("โรงเรียนบ้านช่องพลี", "ร.ร.บ้านอ่าว"),
        ("โรงเรียนบ้านช่องพลี", "โรงเรียนช"),
        ("กระบี่", "จังหวัด"),
        ("กระบี่", "จังหวัด ตรัง"),
    ],
)
def test_what_stands_in_front_finds_nothing_by_itself(name: str, typed: str) -> None:
    assert not begins(pieces(name), read_unit(typed))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("6810116001", True),
        ("๖๘๑๐๑๑๖", True),
        ("68", True),
        ("075-612345", True),
        ("075 612 345", True),
        ("0756", True),
        ("6810116001 ช่องพลี", True),
        ("ช่องพลี 68", False),
        ("ช่องพลี 6", False),
        ("10116001", False),
        ("krabi", True),
        ("อ่าวนาง ช่องพลี", False),
        ("ี", False),
        ("!!", False),
        ("เ", False),
        ("", False),
    ],
)
def test_code_telephone_and_english_name_find_the_unit_too(typed: str, found: bool) -> None:
    keys = pieces("โรงเรียนบ้านช่องพลี", "Krabi School", "6810116001", "075-612345 ต่อ 12")
    assert begins(keys, read_unit(typed)) is found


def test_of_several_words_the_longest_comes_first() -> None:
    assert [keys[0] for keys in read_unit("บ้าน ช่องพลี กระบี่")] == ["ชองพลี", "กระบี", "บาน"]


def test_a_mark_keeps_codes_apart_from_digits_in_names() -> None:
    assert read_unit("เทศบาล 4") == [("ทเศบาล",), ("4",)]
    assert read_unit("4") == [("4", "#4")]


@given(
    st.text(alphabet="กขตรนอเแโใไะาิุำัํ่้์็ ๆ1๒b.", max_size=70),
    st.integers(0, 70),
    st.integers(1, 70),
)
def test_every_piece_from_where_a_word_may_begin_is_found(text: str, at: int, more: int) -> None:
    cleaned = thai.digits(thai.clean(text))
    keys = pieces(text)
    assert all(0 < len(key) <= search.KEY_LENGTH for key in keys)
    starts = word_starts(cleaned)
    if not starts:
        return
    start = starts[at % len(starts)]
    typed = cleaned[start : start + more]
    if words := read_unit("".join(typed.split())):
        assert begins(keys, words), typed


# --- children -------------------------------------------------------------------------------


def both(first: str, last: str) -> tuple[tuple[str, str], ...]:
    """The readings of two words."""
    return ((first, last), (last, first), (f"{first} {last}", ""), ("", f"{first} {last}"))


@pytest.mark.parametrize(
    ("typed", "number", "names"),
    [
        ("", "", ()),
        ("  ", "", ()),
        ("เ", "", ()),
        ("-", "", ()),
        ("สม", "", (("สม", ""), ("", "สม"))),
        ("สม ใจ", "", both("สม", "จใ")),
        ("  สม \u00a0 ใจ", "", both("สม", "จใ")),
        ("ใจ สม", "", both("จใ", "สม")),
        ("เด็กชายสมชาย", "", (("สมชาย", ""), ("", "สมชาย"))),
        ("ด.ช.สมชาย", "", (("สมชาย", ""), ("", "สมชาย"))),
        ("ด.ช. สมชาย ใจดี", "", both("สมชาย", "จใดี")),
        ("ด.ญ.ก", "", (("ก", ""), ("", "ก"))),
        ("ม.ร.ว. กา", "", (("กา", ""), ("", "กา"))),
        ("เด็กชาย", "", (("ดเกชาย", ""), ("", "ดเกชาย"))),
        ("นายสม", "", (("นายสม", ""), ("", "นายสม"), ("สม", ""), ("", "สม"))),
        ("นางสาวสม", "", (("นางสาวสม", ""), ("", "นางสาวสม"), ("สม", ""), ("", "สม"))),
        ("นายก", "", (("นายก", ""), ("", "นายก"))),
        ("นายิกา", "", (("นายิกา", ""), ("", "นายิกา"))),
        ("1-8199-00000-01-0", "1819900000010", ()),
        ("๑ ๘๑๙๙ ๐๐๐๐๐ ๐๑ ๐", "1819900000010", ()),
        ("g123456789012", "G123456789012", ()),
        ("18199", "18199", ()),
        ("สม 1819900000010", "1819900000010", (("สม", ""), ("", "สม"))),
        ("18199 สม ใจ", "18199", both("สม", "จใ")),
        ("1819900000010 ด.ช.สม", "1819900000010", (("สม", ""), ("", "สม"))),
        ("Anna LEE", "", both("anna", "lee")),
        (
            "สมชาย ณ อยุธยา",
            "",
            (
                ("สมชาย", "ณ อยุธยา"),
                ("ณ อยุธยา", "สมชาย"),
                ("สมชาย ณ", "อยุธยา"),
                ("อยุธยา", "สมชาย ณ"),
                ("สมชาย ณ อยุธยา", ""),
                ("", "สมชาย ณ อยุธยา"),
            ),
        ),
    ],
)
def test_what_was_typed_for_a_child_is_read(
    typed: str, number: str, names: tuple[tuple[str, str], ...]
) -> None:
    assert read_child(typed) == ChildSearch(number, names)


@pytest.mark.parametrize(
    ("typed", "enough"), [("1819", False), ("18199", True), ("G1234", False), ("G12345", True)]
)
def test_a_number_is_found_by_its_beginning_from_five_digits_on(typed: str, enough: bool) -> None:
    assert read_child(typed).beginning is enough


@given(st.text(max_size=40))
def test_anything_typed_is_read(typed: str) -> None:
    asked = read_child(typed)
    assert all(any(pair) for pair in asked.names)
    assert len(asked.names) <= 4 * search.MOST_NAMES
    assert len(read_unit(typed)) <= search.MOST_WORDS
