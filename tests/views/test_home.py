"""Home, by role: what is told, the one next step, the country at a glance."""

from __future__ import annotations

import re
from datetime import timedelta

from admin_app.models import Announcement, CaseNote, Unit, UnitState
from admin_app.services import announcements
from tests.country import NOW
from tests.views.conftest import Panel, child_at, text

DAY = timedelta(days=1)


def step(panel: Panel, role: str) -> tuple[str, str] | None:
    """(where the button leads, what it says) on the role's home."""
    page = text(panel.client(role).get("/"))
    found = re.search(r'class="next"><a class="button" href="([^"]*)">.*?</span>([^<]*)<', page)
    return (found[1], found[2].strip()) if found else None


def test_the_next_step_follows_the_work(panel: Panel) -> None:
    code = panel.school.code
    assert step(panel, "school") == (f"/imports/children?unit={code}", "Record the children")
    panel.country.child(panel.school, panel.cycle)
    assert step(panel, "school") == (f"/existence/{code}", "Check that the children exist")
    label = "Record the counts of other affiliations"
    assert step(panel, "lao") == (f"/other-counts/{panel.lao.code}", label)
    panel.country.ready(panel.lao, panel.cycle)
    found = step(panel, "lao")
    assert found is not None
    assert found[1] == "See who has not confirmed"


def test_when_nothing_blocks_the_step_is_to_confirm_and_then_there_is_none(panel: Panel) -> None:
    panel.country.ready(panel.school, panel.cycle)
    assert step(panel, "school") == (f"/units/{panel.school.code}/confirm", "Confirm")
    panel.country.confirm(panel.school, panel.cycle)
    assert step(panel, "school") is None


def test_who_only_looks_on_gets_no_step(panel: Panel) -> None:
    assert step(panel, "helpdesk") is None


def test_the_country_is_shown_tile_by_tile_with_words(panel: Panel) -> None:
    page = text(panel.client("department").get("/"))
    assert page.count("of its units confirmed") == 76
    assert "Confirmations over time" in page
    assert 'class="tiles"' not in text(panel.client("province").get("/"))


def test_what_is_announced_stands_on_home_as_text(panel: Panel) -> None:
    values = {
        "title": "<b>ปิดเร็ว</b>",
        "level": "school",
        "starts_at": NOW - DAY,
        "ends_at": NOW + DAY,
    }
    announcements.create(panel.country.actor("department"), values, panel.clock)
    assert "&lt;b&gt;ปิดเร็ว" in text(panel.client("school").get("/"))
    assert "ปิดเร็ว" not in text(panel.client("lao").get("/"))


def test_dla_writes_an_announcement_on_its_screen(panel: Panel) -> None:
    client = panel.client("department")
    form = {"title": "x", "starts_at": "1/5/2567 00:00", "ends_at": "1/5/2567 00:00"}
    answer = client.post("/announcements/new/", data=form)
    assert "It must begin before it ends." in text(answer)
    assert 'value="x"' in text(answer)
    form["ends_at"] = "1/6/2567 24:00"
    assert client.post("/announcements/new/", data=form).status_code == 302
    assert Announcement.get().title == "x"
    assert panel.client("helpdesk").get("/announcements/").status_code == 404


def test_a_case_note_is_kept_on_the_units_page(panel: Panel) -> None:
    client, address = panel.client("helpdesk"), f"/units/{panel.school.code}"
    assert client.post(f"{address}/notes", data={"text": "calls back"}).status_code == 302
    assert "calls back" in text(client.get(address))
    assert "calls back" not in text(panel.client("school").get(address))
    long = "x" * 1_001
    answer = client.post(f"{address}/notes", data={"text": long})
    assert answer.status_code == 422
    assert long in text(answer)
    assert panel.client("lao").post(f"{address}/notes", data={"text": "x"}).status_code == 404
    assert CaseNote.select().count() == 1


def shown(panel: Panel, role: str, address: str) -> list[str]:
    """The units of the board, as the page lists them."""
    table = text(panel.client(role).get(address)).partition('class="cards board"')[2]
    return re.findall(r'<td class="title"[^>]*><a href="/units/(\w+)"', table)


def test_a_board_shows_those_that_stand_alike_and_says_how_many(panel: Panel) -> None:
    country, cycle = panel.country, panel.cycle
    country.confirm(country.ready(panel.school, cycle), cycle)
    country.ready(panel.sister, cycle)
    country.school(panel.lao)  # with nobody in it
    everybody = shown(panel, "lao", "/")
    assert len(everybody) == 3
    assert shown(panel, "lao", "/?board=confirmed") == [panel.school.code]
    assert shown(panel, "lao", "/?board=ready") == [panel.sister.code]
    assert set(shown(panel, "lao", "/?board=open")) == set(everybody) - {panel.school.code}
    assert shown(panel, "lao", f"/units/{panel.lao.code}?board=confirmed") == [panel.school.code]
    assert shown(panel, "lao", "/?board=nonsense") == everybody
    page = text(panel.client("lao").get("/?board=ready"))
    assert "1 of 3" in page
    assert re.search(r'href="/\?board=open#board">Open 2<', page)
    assert "board=overdue" not in page  # nobody is, so there is nothing to choose
    assert "None of them." in text(panel.client("lao").get("/?board=overdue"))


def test_the_groups_of_a_board_lead_where_the_panel_is_mounted(panel: Panel) -> None:
    page = text(panel.client("lao").get("/?board=open", base_url="http://localhost/lec/"))
    groups = page.partition('id="board"')[2].partition("<table")[0]
    assert set(re.findall(r'href="([^"?#]*)[^"]*#board"', groups)) == {"/lec/"}


def calls(panel: Panel, role: str) -> list[str]:
    """The telephone numbers under "Whom to call"."""
    part = text(panel.client(role).get("/")).partition('class="calls"')[2].partition("</ul>")[0]
    return re.findall(r'href="tel:([^"]*)"', part)


def test_home_says_whom_to_call_the_nearest_first(panel: Panel) -> None:
    numbers = {panel.lao: "075 1", panel.province: "", panel.country.department: "02 3"}
    for unit, number in numbers.items():
        Unit.update(phone=number).where(Unit.id == unit.id).execute()
    assert calls(panel, "school") == ["0751", "023"]
    assert calls(panel, "lao") == ["023"]
    assert calls(panel, "department") == []


def test_dla_edits_its_own_contacts_and_nothing_else_of_itself(panel: Panel) -> None:
    department = panel.country.department
    address = f"/department/edit/?id={department.id}"
    dla = panel.client("department")
    assert 'name="name"' not in text(dla.get(address))
    version = Unit.get_by_id(department.id).version
    form = {"phone": "02 241 9000", "name": "อื่น", "active": "", "version": str(version)}
    assert dla.post(address, data=form).status_code == 302
    kept = Unit.get_by_id(department.id)
    assert (kept.phone, kept.name, kept.active) == ("02 241 9000", department.name, True)
    for role in ("helpdesk", "province", "lao", "school"):
        assert panel.client(role).get(address).status_code == 404
    other = f"/department/edit/?id={panel.province.id}"
    assert dla.get(other).status_code == 404


def test_who_has_confirmed_reads_what_comes_now_and_is_offered_nothing_to_change(
    panel: Panel,
) -> None:
    child = child_at(panel, panel.school)
    school = panel.client("school")
    assert "certificate.pdf" not in text(school.get("/"))
    state = UnitState.get(UnitState.unit == panel.school.id)
    state.status, state.confirmed_at = "confirmed", panel.clock()
    state.save()
    home = text(school.get("/"))
    assert "Print the certificate" in home
    assert f"/exports/certificate.pdf?cycle={panel.cycle.code}&amp;unit={panel.school.code}" in home
    for address in ("/children/", f"/children/edit/?id={child.id}"):
        assert "is confirmed" in text(school.get(address))
    for address in ("/children/", f"/children/details/?id={child.id}"):
        page = text(school.get(address))
        for offered in (">Record a child</a>", ">Edit</a>", 'value="remove"'):
            assert offered not in page, (address, offered)
