"""The screens of rates: tables and editions, the form that makes the next, estimates of units."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.models import RateEdition
from admin_app.services import rates
from seed.rates import FED, load_rates
from tests.country import CLOSES
from tests.views.conftest import Panel, text

EDGES = ["40", "100", "120", "", ""]
BAHT = ["36.00", "27.00", "24.00", "22.00", ""]
SUBSIDIES = {
    **dict.fromkeys(("N1", "N2", "N3", "K1", "K2", "K3"), "1,800.00"),
    **{f"P{n}": "2,000.00" for n in range(1, 7)},
    **{f"M{n}": "3,700.00" if n < 4 else "4,000.00" for n in range(1, 7)},
    **dict.fromkeys(("V1", "V2", "V3", "D1", "D2"), "6,200.00"),
}


@pytest.fixture
def paid(panel: Panel) -> Panel:
    """The cycle has the first rates."""
    load_rates(panel.cycle)
    return panel


def form(**over: Any) -> dict[str, Any]:
    """The form as it is shown, but for ``over``."""
    values: dict[str, Any] = {
        "seen": "1",
        "reason": "มติใหม่",
        "lunch..edge": EDGES,
        "lunch..baht": BAHT,
        "lunch..days": "200",
        "lunch..source": "มติคณะรัฐมนตรี 8 พฤศจิกายน 2565",
        "lunch.centre.edge": EDGES,
        "lunch.centre.baht": BAHT,
        "lunch.centre.days": "245",
        "lunch.centre.source": "มติคณะรัฐมนตรี 8 พฤศจิกายน 2565",
        "milk..edge": ["", ""],
        "milk..baht": ["6.89", ""],
        "milk..days": "260",
        "milk..source": "อัตราตัวอย่าง แก้ไขได้",
        "subsidy.source": "อัตราตัวอย่าง แก้ไขได้",
        "counted.lunch": list(FED),
        "counted.milk": list(FED),
    } | {f"subsidy.{grade}": baht for grade, baht in SUBSIDIES.items()}
    return values | over


def lunch_of(number: int) -> list[tuple[int, int, int]]:
    """The general brackets of lunch in an edition."""
    found = rates.rates_of(RateEdition.get(RateEdition.number == number))
    return [(row.low, row.high, row.satang) for row in found.group("lunch")]


def send(panel: Panel, **over: Any) -> Any:
    return panel.client("department").post("/rates/edit", data=form(**over))


def test_the_form_as_it_is_shown_changes_nothing(paid: Panel) -> None:
    answer = send(paid)
    assert answer.status_code == 422
    assert "Nothing is different" in text(answer)
    assert RateEdition.select().count() == 1


def test_a_new_rate_is_a_new_edition_that_the_page_shows_with_its_change(paid: Panel) -> None:
    answer = send(paid, **{"milk..baht": ["๗.๐๐", ""]})
    assert answer.status_code == 302
    page = text(paid.client("province").get("/rates/"))
    for said in ("edition 2", "มติใหม่", "<del>6.89</del> → <ins>7.00</ins>", "department of DLA"):
        assert said in page
    assert "Edit the rates" not in page
    assert ">6.89<" in text(paid.client("province").get("/rates/1"))
    assert paid.client("province").get("/rates/3").status_code == 404


# what is typed into the brackets of lunch → the brackets that come of it
BRACKETS = {
    "a bracket between": (
        ["40", "100", "120", "", "60"],
        ["36", "27", "24", "22", "30"],
        [(1, 40, 3_600), (41, 60, 3_000), (61, 100, 2_700), (101, 120, 2_400)],
    ),
    "a bracket without baht vanishes": (
        EDGES,
        ["36", "", "24", "22", ""],
        [(1, 40, 3_600), (41, 120, 2_400)],
    ),
    "another edge, in Thai digits": (
        ["๕๐", "100", "120", "", ""],
        BAHT,
        [(1, 50, 3_600), (51, 100, 2_700), (101, 120, 2_400)],
    ),
}


@pytest.mark.parametrize("case", BRACKETS)
def test_brackets_are_added_moved_and_taken_away_without_scripts(paid: Panel, case: str) -> None:
    edges, baht, found = BRACKETS[case]
    assert send(paid, **{"lunch..edge": edges, "lunch..baht": baht}).status_code == 302
    *brackets, last = lunch_of(2)
    assert brackets == found
    assert last == (found[-1][1] + 1, 1_000_000, 2_200)


# field → what is typed, its error's place, its words
WRONG = {
    "no baht": ({"milk..baht": ["seven", ""]}, "milk..0.satang", "two decimals"),
    "no number": ({"lunch..edge": ["4O", *EDGES[1:]]}, "lunch..2.high", "number of children"),
    "an edge twice": ({"lunch..edge": ["40", "40", "120", "", ""]}, "lunch..1.high", "41 children"),
    "two open ends": ({"lunch..edge": ["40", "", "", "", ""]}, "lunch..1.high", "Only the last"),
    "no open end": (
        {"lunch..edge": ["40", "100", "120", "200", ""]},
        "lunch..3.high",
        "Leave the upper edge",
    ),
    "an edge without baht": (
        {"lunch..edge": ["40", "100", "120", "", "200"]},
        "lunch..3.satang",
        "Give the baht",
    ),
    "days": ({"milk..days": "367"}, "milk..days", "whole days"),
    "no days": ({"milk..days": ""}, "milk..days", "whole days"),
    "a subsidy": ({"subsidy.P1": "x"}, "subsidy.P1", "two decimals"),
    "no grade": ({"counted.milk": ["P9"]}, "counted.milk", "no grade P9"),
    "no reason": ({"reason": " ", "milk..baht": ["7", ""]}, "reason", "A reason is needed"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_comes_back_with_its_message_and_nothing_is_lost(
    paid: Panel, case: str
) -> None:
    typed, field, words = WRONG[case]
    answer = send(paid, **{"subsidy.D2": "6,300.00"} | typed)
    page = text(answer)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in page
    assert f'href="#{field}"' in page
    assert words in page
    assert 'value="6,300.00"' in page
    assert RateEdition.select().count() == 1


def test_the_second_of_two_sees_what_the_first_made_and_may_save_again(paid: Panel) -> None:
    assert send(paid, **{"milk..baht": ["7.00", ""]}).status_code == 302
    answer = send(paid, **{"milk..baht": ["7.10", ""]})
    page = text(answer)
    assert answer.status_code == 409
    assert "made edition 2 meanwhile" in page
    assert "<del>6.89</del> → <ins>7.00</ins>" in page
    assert 'value="7.10"' in page
    assert 'name="seen" value="2"' in page
    assert send(paid, seen="2", **{"milk..baht": ["7.10", ""]}).status_code == 302
    assert RateEdition.select().count() == 3


def test_after_the_close_the_form_says_that_papers_stay(paid: Panel) -> None:
    client = paid.client("department")
    words = "papers that were issued stay as they are"
    assert words not in text(client.get("/rates/edit"))
    paid.clock.set(CLOSES)
    client = paid.client("department")
    data = {"reason": "the others are missing"}
    assert client.post("/units/DLA/close", data=data).status_code == 302
    assert words in text(client.get("/rates/edit"))
    assert send(paid, **{"milk..baht": ["7.00", ""]}).status_code == 302
    page = text(client.get("/exports/"))
    assert "rates of edition 2" in page
    assert "rates=2" in page
    assert "rates=1" not in page


@pytest.mark.parametrize("role", ["helpdesk", "province", "lao", "school"])
def test_nobody_but_dla_sees_the_form(paid: Panel, role: str) -> None:
    client = paid.client(role)
    assert client.get("/rates/edit").status_code == 404
    assert client.post("/rates/edit", data=form()).status_code == 404


def test_a_form_with_nonsense_in_it_breaks_nothing(paid: Panel) -> None:
    junk = {"seen": "x", "lunch..edge": ["²", "9" * 5_000] * 50, "lunch..baht": ["9" * 400] * 99}
    assert send(paid, **junk).status_code == 422


def test_the_estimate_stands_on_the_units_page_for_who_may_read_rates(paid: Panel) -> None:
    paid.country.children(paid.school, paid.cycle, 2, grade="P1")
    for role in ("department", "province"):
        client = paid.client(role)
        for unit in (paid.school, paid.lao, paid.province):
            page = text(client.get(f"/units/{unit.code}"))
            assert "14,400.00 baht" in page, unit.level  # 2 × 36 × 200
            assert "edition 1" in page
        assert "14,400.00" in text(client.get(f"/units/{paid.province.code}/estimate"))
    for role in ("lao", "school", "helpdesk"):
        client = paid.client(role)
        assert "14,400.00 baht" not in text(client.get(f"/units/{paid.school.code}"))
        assert client.get(f"/units/{paid.school.code}/estimate").status_code == 404
    assert paid.client("province").get(f"/units/{paid.far_lao.code}/estimate").status_code == 404
    page = text(paid.client("department").get("/units/DLA/estimate"))
    assert "when the department has closed the cycle" in page
