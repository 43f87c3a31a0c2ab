"""What reminders say: the standard wordings, what DLA may write, and how a letter is filled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.domain.levels import LEVELS
from admin_app.domain.reminders import (
    LANGUAGES,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    STANDARD,
    Facts,
    Wording,
    below,
    fill,
    is_address,
    letter,
    names,
    wrong,
)
from tests.country import bangkok

FACTS = Facts(
    unit="อบต.อ่าวนาง",
    cycle="ปีการศึกษา 2567 ครั้งที่ 1",
    due=bangkok(2024, 6, 11),
    closes=bangkok(2024, 6, 11, 17),
    left=1_234,
    link="https://lec.example.org/units/6810116",
    sender="กระบี่",
    sender_level="province",
    off="https://lec.example.org/reminders/off/x",
    helper="กรมส่งเสริมการปกครองท้องถิ่น",
    phone="0-2241-9000",
    unit_en="Ao Nang SAO",
    cycle_en="cycle 2567-1",
)
GOOD = Wording("ยืนยัน {unit}", "{unit} {link}")


def test_there_is_a_standard_wording_for_every_level_and_language() -> None:
    levels = [level.key for level in LEVELS if level.key != "department"]
    assert STANDARD.keys() == {(level, language) for level in levels for language in LANGUAGES}


@pytest.mark.parametrize("key", STANDARD)
def test_a_standard_wording_may_be_sent_and_leaves_no_placeholder_unfilled(
    key: tuple[str, str],
) -> None:
    level, language = key
    assert wrong(level, STANDARD[key]) == {}
    made = letter(STANDARD[key], FACTS, language)
    assert "{" not in made.subject + made.text
    for told in (FACTS.link, FACTS.off, FACTS.phone, "2567"):
        assert told in made.text


def test_a_letter_tells_times_as_the_official_letter_does() -> None:
    wording = Wording("x", "{due} | {closes} | {left} {link}")
    thai, english = (letter(wording, FACTS, code).text for code in LANGUAGES)
    assert thai.startswith("10 มิ.ย. 2567 24:00 น. | 11 มิ.ย. 2567 17:00 น. | 1,234")
    assert english.startswith("10 Jun 2567 BE, 24:00 | 11 Jun 2567 BE, 17:00 | 1,234")


def test_a_letter_says_who_had_it_sent_and_names_units_in_its_language() -> None:
    assert "จังหวัดกระบี่" in letter(GOOD, FACTS, "th").text
    assert letter(GOOD, FACTS, "en").text.startswith("Ao Nang SAO https")
    assert letter(GOOD, replace(FACTS, unit_en=""), "en").text.startswith("อบต.อ่าวนาง")


def test_without_a_telephone_number_it_names_the_department_alone() -> None:
    told = letter(Wording("x", "{help} {link}"), replace(FACTS, phone=""), "th").text
    assert told.startswith(f"{FACTS.helper} https")


WRONG: dict[str, tuple[str, Wording, set[str]]] = {
    "as it should be": ("lao", GOOD, set()),
    "no subject": ("lao", replace(GOOD, subject=" "), {"subject"}),
    "no text": ("lao", replace(GOOD, text=""), {"text"}),
    "no link": ("lao", replace(GOOD, text="{unit}"), {"text"}),
    "a placeholder that is none": ("lao", replace(GOOD, text="{link} {phone}"), {"text"}),
    "in the subject": ("lao", replace(GOOD, subject="{off}"), {"subject"}),
    "with a space": ("lao", replace(GOOD, text="{link} { unit }"), {"text"}),
    "nothing in the braces": ("lao", replace(GOOD, text="{link} {}"), {"text"}),
    "of another level": ("school", replace(GOOD, text="{link} {left}"), {"text"}),
    "of this level": ("province", replace(GOOD, text="{link} {left}"), set()),
    "a lonely brace": ("lao", replace(GOOD, text="{link} { } } {{"), {"text"}),
    "an open brace": ("lao", replace(GOOD, text="{link} {unit"), set()),
    "two lines in the subject": ("lao", replace(GOOD, subject="a\nBcc: b@c.d"), {"subject"}),
    "a long subject": ("lao", replace(GOOD, subject="x" * (LONGEST_SUBJECT + 1)), {"subject"}),
    "a long text": ("lao", replace(GOOD, text="{link}" + "x" * LONGEST_TEXT), {"text"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wording_that_cannot_be_sent_is_refused_by_field(case: str) -> None:
    level, wording, fields = WRONG[case]
    assert set(wrong(level, wording)) == fields


texts = st.text(st.sampled_from("{}unitlk \n%ก") | st.characters(), max_size=60)


@given(texts, st.dictionaries(st.sampled_from(names("lao")), texts))
def test_whatever_is_written_is_filled_without_an_error(text: str, values: dict[str, str]) -> None:
    filled = fill(text, values)
    if not any(f"{{{name}}}" in text for name in values):
        assert filled == text


@given(texts, texts, texts)
def test_a_subject_has_one_line_and_every_letter_says_how_to_turn_reminders_off(
    subject: str, text: str, unit: str
) -> None:
    made = letter(Wording(subject, text), replace(FACTS, unit=unit), "th")
    assert len(made.subject.splitlines()) <= 1
    assert FACTS.off in made.text


def test_a_value_is_not_filled_again() -> None:
    tricky = replace(FACTS, unit="{link}")
    assert letter(Wording("{unit}", "{link}"), tricky, "th").subject == "{link}"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("a@example.org", True),
        ("first.last+lec@mail.go.th", True),
        ("", False),
        ("a@b", False),
        ("a@b.org, c@d.org", False),
        ("a@b.org\nBcc: c@d.org", False),
        ("A <a@b.org>", False),
        ("ก@b.org", False),
        ("a@b.org ", False),
        ("somchai.@b.org", False),
        (".somchai@b.org", False),
        ("som..chai@b.org", False),
        ("a@-b.org", False),
        ("a@b-.org", False),
        ("a@b..org", False),
        ("x" * 64 + "@b-c.org", True),
        ("x" * 65 + "@b.org", False),
        ("x" * 250 + "@b.org", False),
    ],
)
def test_only_one_plain_address_is_one(text: str, good: bool) -> None:
    assert is_address(text) is good


def test_a_level_reminds_those_below_it_the_nearest_first() -> None:
    assert [below(level.key) for level in LEVELS] == [
        (),
        ("school",),
        ("lao", "school"),
        ("province", "lao", "school"),
    ]
