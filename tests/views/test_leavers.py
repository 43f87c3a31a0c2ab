"""The screen on which a school says of each proposed leaver what becomes of the child."""

from __future__ import annotations

from admin_app.models import Student, Unit
from tests.views.conftest import Panel, child_at, text


def proposed(panel: Panel, number: int = 3) -> list[Student]:
    """Leavers of the school."""
    return panel.country.children(panel.school, panel.cycle, number, grade="P2", leaver=True)


def form(panel: Panel, children: list[Student], *said: str) -> dict[str, str]:
    """What the browser sends."""
    found = {"unit": panel.school.code}
    for child, choice in zip(children, said, strict=True):
        found |= {f"c{child.id}": choice, f"v{child.id}": str(child.version)}
    return found


def status(child: Student) -> str:
    """active or removed."""
    found: str = Student.get_by_id(child.id).status
    return found


def test_the_schools_page_leads_to_it_while_somebody_is_left(panel: Panel) -> None:
    children = proposed(panel, 1)
    client = panel.client("school")
    address = f'href="/leavers/?unit={panel.school.code}"'
    assert address in text(client.get("/"))
    client.post("/leavers/", data=form(panel, children, "out:graduated"))
    assert address not in text(client.get("/"))


def test_all_are_on_one_page_and_accepted_unless_the_person_says_otherwise(panel: Panel) -> None:
    children = proposed(panel)
    page = text(panel.client("school").get("/leavers/"))
    for child in children:
        assert f'name="c{child.id}"' in page
    assert page.count('<option value="out:graduated" selected>') == 3
    assert '<option value="in:P1" >' in page
    assert 'value="in:M1"' not in page  # the school does not offer it


def test_one_post_removes_some_and_keeps_some(panel: Panel) -> None:
    children = proposed(panel)
    data = form(panel, children, "out:graduated", "out:moved", "in:P2")
    answer = panel.client("school").post("/leavers/", data=data, follow_redirects=True)
    page = text(answer)
    assert "2 children removed" in page
    assert "1 child kept." in page
    assert answer.request.path == f"/units/{panel.school.code}"
    assert [status(child) for child in children] == ["removed", "removed", "active"]


def test_who_is_left_for_later_is_still_there(panel: Panel) -> None:
    children = proposed(panel)
    data = form(panel, children, "out:graduated", "later", "later")
    answer = panel.client("school").post("/leavers/", data=data)
    assert answer.location == f"/leavers/?unit={panel.school.code}"
    assert [status(child) for child in children] == ["removed", "active", "active"]


def test_one_wrong_choice_saves_nothing_and_keeps_what_was_chosen(panel: Panel) -> None:
    children = proposed(panel, 2)
    data = form(panel, children, "in:M6", "out:moved")
    answer = panel.client("school").post("/leavers/", data=data)
    assert answer.status_code == 422
    page = text(answer)
    assert "Nothing is saved yet" in page
    assert 'aria-invalid="true"' in page
    assert '<option value="out:moved" selected>' in page
    assert [status(child) for child in children] == ["active", "active"]


def test_the_second_of_two_is_told_and_keeps_what_was_chosen(panel: Panel) -> None:
    children = proposed(panel, 2)
    panel.client("lao").post("/leavers/", data=form(panel, children, "in:P2", "later"))
    data = form(panel, children, "out:graduated", "out:left")
    answer = panel.client("school").post("/leavers/", data=data)
    assert answer.status_code == 409
    page = text(answer)
    assert "Somebody else changed this" in page
    assert f'name="c{children[0].id}"' not in page
    assert '<option value="out:left" selected>' in page


def test_an_lao_gets_its_schools_that_have_some_and_decides_for_one(panel: Panel) -> None:
    children = proposed(panel, 1)
    client = panel.client("lao")
    page = text(client.get("/leavers/"))
    assert f"/leavers/?unit={panel.school.code}" in page
    assert panel.sister.name not in page
    assert client.post("/leavers/", data={}).status_code == 404
    client.post("/leavers/", data=form(panel, children, "out:graduated"))
    assert status(children[0]) == "removed"
    assert "on behalf of the school" in text(client.get(f"/units/{panel.school.code}"))


def test_the_levels_above_and_strangers_find_nothing(panel: Panel) -> None:
    child = child_at(panel, panel.school, leaver=True)
    people: list[tuple[str, Unit | None]] = [
        ("department", None),
        ("helpdesk", None),
        ("province", None),
        ("school", panel.far),
        ("lao", panel.far_lao),
    ]
    for role, unit in people:
        client = panel.client(role, unit)
        answer = client.get(f"/leavers/?unit={panel.school.code}")
        assert answer.status_code == 404, role
        assert "ฟ้าใส" not in text(answer)
        assert client.post("/leavers/", data=form(panel, [child], "out:left")).status_code == 404
    assert status(child) == "active"


def test_after_the_close_it_is_shown_to_read_and_refused_with_words(panel: Panel) -> None:
    children = proposed(panel, 1)
    panel.clock.set(panel.cycle.closes_at)
    client = panel.client("school")
    page = text(client.get("/leavers/"))
    assert "To read only" in page
    assert "Save the decisions" not in page
    answer = client.post("/leavers/", data=form(panel, children, "out:graduated"))
    assert answer.status_code == 409
    assert status(children[0]) == "active"


def test_nonsense_in_the_form_or_the_address_breaks_nothing(panel: Panel) -> None:
    proposed(panel, 1)
    client = panel.client("school")
    for data in (
        {"c": "out:left"},
        {"cx": "out:left", "vx": "1"},
        {"c99999999": "out:left"},
        {"c" + "9" * 30: "out:left"},
    ):
        assert client.post("/leavers/", data=data).status_code in (302, 404), data
    assert client.get("/leavers/?unit=81").status_code == 404
    assert client.get("/leavers/?unit=%27").status_code == 404
