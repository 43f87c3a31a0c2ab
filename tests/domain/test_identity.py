"""A child's identity: check digit, form and what is masked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.domain import identity
from admin_app.domain.identity import GCODE, NONE, PIN

twelve_digits = st.from_regex(r"[0-8][0-9]{11}", fullmatch=True)


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (PIN, "1-2345-67890-12-1", "1234567890121"),
        (PIN, " ๑ ๒๓๔๕ ๖๗๘๙๐ ๑๒ ๑ ", "1234567890121"),
        (PIN, "1\u20112345\u201367890\u00a012\u200b1", "1234567890121"),
        (GCODE, "g 1234-5678 9012", "G123456789012"),
        (NONE, "1234567890121", ""),
        (PIN, None, ""),
    ],
)
def test_a_number_is_stored_bare(kind: str, text: str | None, number: str) -> None:
    assert identity.normalise(kind, text) == number


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        (PIN, "1234567890121", None),
        (PIN, "3100600445635", None),  # the example in stdnum.th.pin
        (PIN, "3100600445636", "pin_check_digit"),
        (PIN, "310060044563", "pin_length"),
        (PIN, "31006004456355", "pin_length"),
        (PIN, "31006004456ab", "pin_letters"),
        (PIN, "G123456789012", "pin_letters"),
        (PIN, "๓100600445635", "pin_letters"),
        (PIN, "9100600445635", "pin_first_digit"),
        (PIN, "", "number_missing"),
        (PIN, None, "number_missing"),
        (GCODE, "G123456789012", None),
        (GCODE, "G12345678901", "gcode_length"),
        (GCODE, "G1234567890123", "gcode_length"),
        (GCODE, "1234567890121", "gcode_letters"),
        (GCODE, "G12345678901X", "gcode_letters"),
        (GCODE, None, "number_missing"),
        (NONE, None, None),
        (NONE, "", None),
        (NONE, "1234567890121", "number_unexpected"),
        ("passport", "AA1234567", "kind_unknown"),
    ],
)
def test_what_is_wrong_with_a_number_is_named(
    kind: str, number: str | None, code: str | None
) -> None:
    assert identity.check(kind, number) == code
    assert code is None or identity.MESSAGES[code]


def test_a_child_without_registration_status_has_a_number_that_begins_with_0() -> None:
    assert identity.check(PIN, identity.make_pin("008189000001")) is None


@given(twelve_digits)
def test_the_check_digit_follows_the_published_formula(first12: str) -> None:
    total = sum(int(digit) * (14 - place) for place, digit in enumerate(first12, start=1))
    assert identity.make_pin(first12) == f"{first12}{(11 - total % 11) % 10}"


@given(twelve_digits, st.integers(0, 12), st.integers(1, 9))
def test_a_made_number_is_right_and_reads_back(first12: str, place: int, step: int) -> None:
    number = identity.make_pin(first12)
    assert identity.check(PIN, number) is None
    assert identity.normalise(PIN, identity.format_number(PIN, number)) == number
    if place == 12:
        wrong = number[:12] + str((int(number[12]) + step) % 10)
        assert identity.check(PIN, wrong) == "pin_check_digit"


@pytest.mark.parametrize("first12", ["", "12345678901", "1234567890123", "12345678901x", "9" * 12])
def test_a_number_is_made_of_twelve_digits_only(first12: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        identity.make_pin(first12)


@pytest.mark.parametrize(
    ("kind", "number", "shown", "masked"),
    [
        (PIN, "1234567890121", "1-2345-67890-12-1", "x-xxxx-xxxx0-12-1"),
        (PIN, "12345678", "12345678", "xxxx5678"),
        (PIN, "1234", "1234", "xxxx"),
        (GCODE, "G123456789012", "G123456789012", "xxxxxxxxx9012"),
        (NONE, None, "", ""),
    ],
)
def test_a_masked_number_shows_its_last_four_characters(
    kind: str, number: str | None, shown: str, masked: str
) -> None:
    assert identity.format_number(kind, number) == shown
    assert identity.mask_number(kind, number) == masked


@pytest.mark.parametrize(
    ("first", "last", "masked"),
    [
        ("สมชาย", "รักเรียน", "สมชาย ร…"),
        ("สมชาย", "ใจดี", "สมชาย ใจ…"),
        ("สมหญิง", "น้อยใจ", "สมหญิง น…"),
        ("Anna", "Smith", "Anna S…"),
        ("สมชาย", "", "สมชาย"),
    ],
)
def test_a_masked_name_keeps_the_beginning_of_the_last_name(
    first: str, last: str, masked: str
) -> None:
    assert identity.mask_name(first, last) == masked


def test_a_masked_birth_date_is_its_year() -> None:
    assert identity.mask_birth_date(date(2017, 3, 15)) == "พ.ศ. 2560"
    assert identity.mask_birth_date(date(2017, 3, 15), "en") == "2560 BE"
    assert identity.mask_birth_date(None) == ""


def test_every_numbered_kind_has_a_check() -> None:
    for kind in identity.KINDS:
        assert identity.check(kind.key, None) == ("number_missing" if kind.numbered else None)
        assert (identity.check(kind.key, "?") is None) is False
