"""Every list of names stands in the order of the dictionary, on both databases."""

from __future__ import annotations

import re

import pytest

from admin_app.models import District
from admin_app.services import other_counts
from admin_app.services.other_counts import SchoolRow
from tests.views.conftest import Panel, text
from tests.views.test_scope import affiliation

ORDERED = ["กาวา", "เกาะวา", "แก่งวา", "ขวัญวา", "โขงวา", "ไข่วา", "นาวา", "น้ำวา", "ฤดีวา"]
TYPED = ["ฤดีวา", "น้ำวา", "แก่งวา", "ไข่วา", "กาวา", "นาวา", "โขงวา", "เกาะวา", "ขวัญวา"]


def shown(panel: Panel, address: str, role: str = "department") -> list[str]:
    """The names of ``TYPED`` as the page has them."""
    answer = panel.client(role).get(address)
    assert answer.status_code == 200, address
    return re.findall("|".join(TYPED), text(answer))


@pytest.mark.parametrize(
    ("address", "downwards"),
    [
        ("/schools/", "/schools/?order=-name"),
        ("/confirmations/?level=school", "/confirmations/?level=school&order=-unit"),
        ("/find/?q=วา", ""),
    ],
)
def test_lists_of_schools(panel: Panel, address: str, downwards: str) -> None:
    for name in TYPED:
        panel.country.school(panel.lao, name=name)
    assert shown(panel, address) == ORDERED
    assert shown(panel, address, "lao") == ORDERED
    if downwards:
        assert shown(panel, downwards) == ORDERED[::-1]


def test_an_laos_board_and_its_list_of_schools_to_choose_from(panel: Panel) -> None:
    for name in TYPED:
        panel.country.school(panel.lao, name=name)
    assert shown(panel, "/", "lao") == ORDERED
    assert shown(panel, "/children/", "lao") == ORDERED
    assert shown(panel, "/exports/", "lao") == ORDERED


def test_lists_of_laos(panel: Panel) -> None:
    for name in TYPED:
        panel.country.lao("81", name=name)
    assert shown(panel, "/laos/") == ORDERED
    assert shown(panel, "/units/81") == ORDERED


def test_the_list_of_children(panel: Panel) -> None:
    for name in TYPED:
        panel.country.child(panel.school, panel.cycle, first_name=name, last_name="ใจดี")
    for address in ("/children/", "/children/?search=ใจ", "/children/?grade=K1"):
        assert shown(panel, address) == ORDERED
        assert shown(panel, address, "school") == ORDERED
    assert shown(panel, "/children/?order=-name", "lao") == ORDERED[::-1]


def test_the_pages_of_a_list_follow_each_other_in_order(panel: Panel) -> None:
    for number in range(3):
        for name in TYPED:
            panel.country.school(panel.lao, name=f"{name}{number}")
    client, address, found = panel.client("lao"), "/confirmations/?page_size=20&level=school", []
    while address:
        page = text(client.get(address))
        found += re.findall("|".join(TYPED), page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert found == [name for name in ORDERED for _ in range(3)]


def test_the_list_of_districts(panel: Panel) -> None:
    page = text(panel.client("department").get("/districts/?order=name&province=81"))
    krabi = [row.name for row in District.select().where(District.province_code == "81")]
    found = re.findall("|".join(f">({name})<" for name in krabi), page)
    assert ["".join(hit) for hit in found] == [
        *("เกาะลันตา", "เขาพนม", "คลองท่อม", "ปลายพระยา", "เมืองกระบี่"),
        *("ลำทับ", "เหนือคลอง", "อ่าวลึก"),
    ]


def test_the_list_of_schools_of_other_affiliations(panel: Panel) -> None:
    rows = [SchoolRow(name, affiliation(), "", {"P1": (1, 1)}) for name in TYPED]
    own = panel.country.own(panel.lao)
    other_counts.save(own, panel.cycle.id, panel.lao.id, 0, rows, panel.clock)
    for role in ("department", "province", "lao"):
        assert shown(panel, "/other-schools/", role) == ORDERED
