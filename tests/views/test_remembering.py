"""Lists open as they were left, and what was searched for is in no address."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from admin_app.models import ListMemory
from admin_app.services import list_memory
from tests.views.conftest import Client, Panel, text


def left(client: Client, address: str) -> dict[str, list[str]]:
    """The parameters that a bare visit is led to; none when it is not."""
    answer = client.get(address)
    return parse_qs(urlsplit(answer.location).query) if answer.status_code == 302 else {}


def test_a_list_opens_with_the_filters_order_and_size_it_was_left_with(panel: Panel) -> None:
    client = panel.client("lao")
    assert left(client, "/schools/") == {}
    client.get("/schools/?page_size=20&order=-name&search=&keep=1")
    assert left(client, "/schools/") == {"page_size": ["20"], "order": ["-name"], "keep": ["1"]}
    assert left(panel.client("department"), "/schools/") == {}
    assert client.get("/schools/?keep=1").status_code == 200
    assert left(client, "/schools/") == {}


def test_a_link_from_another_page_changes_no_memory(panel: Panel) -> None:
    client = panel.client("school")
    client.get("/children/?grade=P1&keep=1")
    client.get("/children/?attested=0")
    assert left(client, "/children/") == {"grade": ["P1"], "keep": ["1"]}


def test_a_page_further_on_is_not_where_the_list_opens(panel: Panel) -> None:
    child = panel.country.child(panel.school, panel.cycle)
    client = panel.client("school")
    client.get(f"/children/?grade=P1&after={child.id}&keep=1")
    assert left(client, "/children/") == {"grade": ["P1"], "keep": ["1"]}


def test_a_searched_name_or_number_stands_in_no_address(panel: Panel) -> None:
    country = panel.country
    for name in ("สมชาย", "สมหญิง"):
        country.child(panel.school, panel.cycle, first_name=name)
    client = panel.client("school")
    form = {"search": "สมหญิง", "grade": "", "keep": "1"}
    answer = client.post("/children/find", data=form)
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.location).query).keys() == {"found", "keep"}
    page = text(client.get(answer.location))
    assert "สมหญิง" in page
    assert "สมชาย" not in page
    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    assert not [link for link in links if "%E0%B8%AA" in link or "สม" in link]
    # left and come back to: still found; taken away: all again
    assert left(client, "/children/") == parse_qs(urlsplit(answer.location).query)
    page = text(client.get("/children/?keep=1"))
    assert "สมชาย" in page
    assert left(client, "/children/") == {}


def test_a_name_that_somebody_wrote_into_the_address_is_not_kept_there(panel: Panel) -> None:
    client = panel.client("school")
    client.get("/children/?search=สมหญิง&grade=P1&keep=1")
    assert left(client, "/children/") == {"grade": ["P1"], "keep": ["1"]}
    # nor one that was kept as a parameter of the list
    actor = panel.country.actor("school", panel.school)
    list_memory.remember(actor, "children", {"search": "สมหญิง", "sex": "F"}, panel.clock())
    assert left(client, "/children/") == {"sex": ["F"], "keep": ["1"]}


def test_each_window_keeps_the_search_that_it_was_opened_with(panel: Panel) -> None:
    for name in ("สมชาย", "สมหญิง"):
        panel.country.child(panel.school, panel.cycle, first_name=name)
    client = panel.client("school")
    windows = {
        name: client.post("/children/find", data={"search": name}).location
        for name in ("สมชาย", "สมหญิง")
    }
    for name, address in windows.items():
        page = text(client.get(address))
        assert {other for other in windows if other in page.partition("<tbody")[2]} == {name}
    # another person's searches are not there for the asking
    page = text(panel.client("lao").get(windows["สมชาย"]))
    assert all(name in page for name in windows)


def test_the_oldest_searches_of_a_person_go(panel: Panel) -> None:
    client = panel.client("school")
    for number in range(list_memory.MOST_SEARCHES + 3):
        client.post("/children/find", data={"search": f"ก{number}"})
    kept = ListMemory.select().where(ListMemory.endpoint.startswith("children:"))
    texts = [json.loads(row.args)["text"] for row in kept.order_by(ListMemory.id)]
    assert texts == [f"ก{number}" for number in range(3, list_memory.MOST_SEARCHES + 3)]


def test_an_empty_search_shows_everything(panel: Panel) -> None:
    client = panel.client("school")
    client.post("/children/find", data={"search": "x", "grade": "P1"})
    answer = client.post("/children/find", data={"search": " ", "grade": "P1", "found": "1"})
    assert parse_qs(urlsplit(answer.location).query) == {"grade": ["P1"], "keep": ["1"]}
    assert "search" not in ListMemory.get(ListMemory.endpoint == "children").args


def test_another_cycle_is_asked_for_with_the_filters_that_were_left(panel: Panel) -> None:
    client = panel.client("school")
    client.get("/children/?grade=P1&keep=1")
    found = left(client, f"/children/?cycle={panel.cycle.code}")
    assert found["cycle"] == [panel.cycle.code]
