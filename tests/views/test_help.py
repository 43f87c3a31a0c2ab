"""Help: the role's own guide, opened where it tells of the page that one comes from."""

from __future__ import annotations

import re

import pytest

from admin_app.domain.access import ROLE
from admin_app.views import help as guides
from tests.views.conftest import Panel, text


def test_every_role_has_a_guide_with_headings_that_can_be_opened() -> None:
    assert guides.GUIDES.keys() == ROLE.keys()
    for name in guides.GUIDES.values():
        found = guides.guide(name)
        assert len(found.headings) >= 6
        for anchor, _words in found.headings:
            assert f'id="{anchor}"' in found.html


def test_every_place_is_told_of_in_some_guide_and_is_a_room_of_the_panel(panel: Panel) -> None:
    rooms = {rule.endpoint.split(".")[0] for rule in panel.app.url_map.iter_rules()}
    headings = [h for name in guides.GUIDES.values() for _, h in guides.guide(name).headings]
    for room, words in guides.PLACES.items():
        assert room in rooms, room
        for word in words:
            assert any(word in heading for heading in headings), word


@pytest.mark.parametrize(
    ("role", "address", "heading"),
    [
        ("school", "/", "หน้าแรกบอกว่าต้องทำอะไร"),
        ("school", "/children/?keep=1", "บันทึกและแก้ไขนักเรียน"),
        ("helpdesk", "/accounts/", "รหัสผ่าน"),
        ("department", "/rates/", "อัตราอุดหนุนและประมาณการ"),
        ("province", "/proof/", "แบบยืนยันข้อมูลสำหรับลงนาม"),
    ],
)
def test_help_leads_to_the_right_place(panel: Panel, role: str, address: str, heading: str) -> None:
    client = panel.client(role)
    answer = client.get(address)
    anchor = re.search(r'href="/help/(?:#(s\d+))?"', text(answer))
    assert anchor is not None
    assert dict(guides.guide(guides.GUIDES[role]).headings)[anchor[1]] == heading
    assert heading in text(client.get("/help/"))


def test_guides_lead_to_each_other_and_to_nothing_outside(panel: Panel) -> None:
    client = panel.client("lao")
    page = text(client.get("/help/"))
    assert 'href="guide-school"' in page
    assert ".md" not in page
    assert "คู่มือสถานศึกษา" in text(client.get("/help/guide-school"))
    assert client.get("/help/operations").status_code == 404
    assert client.get("/help/..%2foperations").status_code == 404


def test_the_guides_pictures_are_shown_when_they_come_near(panel: Panel) -> None:
    client = panel.client("school")
    found = re.findall(r"<img[^>]*>", text(client.get("/help/")))
    assert len(found) >= 6
    for image in found:
        assert 'loading="lazy"' in image
        assert re.search(r'alt="[^"]{5,}"', image)
        source = re.search(r'src="([^"]+)"', image)
        assert source is not None
        with client.get(f"/help/{source[1]}") as answer:
            assert (answer.status_code, answer.mimetype) == (200, "image/webp")
            assert answer.cache_control.max_age
            canvas = answer.get_data()[24:30]
        size = [1 + int.from_bytes(canvas[at : at + 3], "little") for at in (0, 3)]
        assert f'width="{size[0]}" height="{size[1]}"' in image
    assert client.get("/help/pictures/none.webp").status_code == 404
    assert panel.client().get("/help/pictures/login.webp").status_code == 302
