"""What lies outside the actor's scope does not exist, by whichever door one knocks."""

from __future__ import annotations

import pytest

from admin_app.models import Event, Unit, UnitState, User
from admin_app.services import history, other_counts, unit_search
from admin_app.services.other_counts import SchoolRow
from tests.views.conftest import NEAR_ROLES, Panel, child_at, text, unchanged

# --- units -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", NEAR_ROLES)
def test_a_unit_elsewhere_is_not_found_by_any_address(panel: Panel, role: str) -> None:
    client = panel.client(role)
    for unit in (panel.far, panel.far_lao, panel.country.province("82")):
        assert client.get(f"/units/{unit.code}").status_code == 404, unit
        for move in ("confirm", "return", "unlock", "extend", "close", "nonsense"):
            address = f"/units/{unit.code}/{move}"
            assert client.get(address).status_code == 404, address
            assert client.post(address, data={"reason": "why not"}).status_code == 404, address
        screen = {"school": "schools", "lao": "laos", "province": "provinces"}[unit.level]
        for method in ("GET", "POST"):
            for route in ("details", "edit"):
                address = f"/{screen}/{route}/?id={unit.id}"
                answer = client.open(address, method=method, data={"phone": "1"})
                assert answer.status_code in ((404, 405) if route == "details" else (404,)), address
        assert unchanged(unit)


@pytest.mark.parametrize("role", NEAR_ROLES)
def test_lists_and_look_ups_of_units_show_none_elsewhere(panel: Panel, role: str) -> None:
    for unit in (panel.far, panel.far_lao):
        Unit.update(name="ลับแล", name_key="ลับแล").where(Unit.id == unit.id).execute()
        unit_search.write(Unit.id == unit.id)
    client = panel.client(role)
    hidden = (panel.far.code, panel.far_lao.code)
    for address in ("/schools/", "/laos/", "/confirmations/", "/find/", "/find/units"):
        for query in (
            {},
            {"search": "ลับแล"},
            {"q": "ลับแล"},
            {"q": panel.far.code},
            {"search": panel.far.code},
            {"lao": panel.far_lao.id},
            {"province": panel.far.province_id},
            {"status": "open"},
            {"level": "school"},
        ):
            answer = client.get(address, query_string=query)
            assert answer.status_code in (200, 404), (address, query)
            page = text(answer)
            for code in hidden:
                assert f"/units/{code}" not in page, (address, query)
            assert f"id={panel.far.id}&" not in page, (address, query)


def test_a_unit_outside_ones_levels_is_not_found(panel: Panel) -> None:
    assert panel.client("school").get(f"/units/{panel.lao.code}").status_code == 404
    assert panel.client("school").get(f"/units/{panel.sister.code}").status_code == 404
    assert panel.client("lao").get("/units/81").status_code == 404


def test_an_lao_returns_and_confirms_no_school_elsewhere_in_bulk(panel: Panel) -> None:
    states = [panel.country.state(unit, panel.cycle) for unit in (panel.far, panel.far_lao)]
    panel.country.ready(panel.far, panel.cycle)
    for role, action in (("lao", "confirm"), ("lao", "unlock"), ("school", "extend")):
        answer = panel.client(role).post(
            "/confirmations/action/",
            data={"action": action, "rowid": [s.id for s in states], "reason": "why not"},
        )
        assert panel.far.name not in text(answer)
    assert panel.country.state(panel.far, panel.cycle).status == "open"


def test_a_state_can_be_opened_or_edited_on_no_screen(panel: Panel) -> None:
    state = panel.country.state(panel.school, panel.cycle)
    for role in ("department", "school"):
        client = panel.client(role)
        for route in ("details", "edit"):
            address = f"/confirmations/{route}/?id={state.id}"
            assert client.get(address).status_code == 404
    assert unchanged(UnitState.get_by_id(state.id))


# --- people ----------------------------------------------------------------------------------


def test_an_lao_finds_accounts_of_its_own_schools_only(panel: Panel) -> None:
    mine = panel.country.user("school", panel.school)
    client = panel.client("lao")
    for hidden in (
        panel.country.user("school", panel.far),
        panel.country.user("lao", panel.lao),
        panel.country.user("province", panel.province),
        panel.country.user("department"),
    ):
        for method in ("GET", "POST"):
            address = f"/accounts/edit/?id={hidden.id}"
            answer = client.open(address, method=method, data={"name": "x", "version": "1"})
            assert answer.status_code == 404, hidden.role
        assert client.get(f"/accounts/details/?id={hidden.id}").status_code == 404
        assert client.post("/accounts/reset", data={"id": hidden.id}).status_code == 404
        for query in ({}, {"search": hidden.username}, {"role": hidden.role}, {"active": "1"}):
            rows = text(client.get("/accounts/", query_string=query))
            assert f'id={hidden.id}"' not in rows, query
        assert unchanged(hidden)
    assert mine.username in text(client.get("/accounts/"))


@pytest.mark.parametrize("role", ["province", "school"])
def test_who_manages_nobody_has_no_page_of_accounts(panel: Panel, role: str) -> None:
    user = panel.country.user("school", panel.school)
    client = panel.client(role)
    for address in ("", f"details/?id={user.id}", f"edit/?id={user.id}", "new/"):
        assert client.get(f"/accounts/{address}").status_code == 404
    assert client.post("/accounts/reset", data={"id": user.id}).status_code == 404


@pytest.mark.parametrize("role", ["department", "helpdesk"])
def test_the_helpdesk_resets_nobody_of_the_department(panel: Panel, role: str) -> None:
    user = panel.country.user(role)
    client = panel.client("helpdesk")
    assert client.post("/accounts/reset", data={"id": user.id}).status_code == 404
    assert client.get(f"/accounts/details/?id={user.id}").status_code == 404
    assert unchanged(user)


def test_the_helpdesk_neither_makes_nor_edits_accounts(panel: Panel) -> None:
    user = panel.country.user("school", panel.school)
    client = panel.client("helpdesk")
    assert client.get("/accounts/new/").status_code == 404
    assert client.post("/accounts/new/", data={"username": "new"}).status_code == 404
    assert client.get(f"/accounts/edit/?id={user.id}").status_code == 404
    assert client.post(f"/accounts/edit/?id={user.id}", data={"name": "x"}).status_code == 404


def test_an_lao_makes_no_account_above_or_outside_itself(panel: Panel) -> None:
    client = panel.client("lao")
    before = User.select().count()
    for role, unit in (
        ("department", panel.country.department),
        ("province", panel.province),
        ("lao", panel.lao),
        ("school", panel.far),
    ):
        client.post(
            "/accounts/new/",
            data={"username": "intruder", "name": "x", "role": role, "unit": unit.code},
        )
    assert User.select().count() == before


# --- other affiliations, history ---------------------------------------------------------------


def test_the_grid_of_an_lao_elsewhere_is_not_found(panel: Panel) -> None:
    for role in ("province", "lao", "school"):
        client = panel.client(role)
        assert client.get(f"/other-counts/{panel.far_lao.code}").status_code == 404
        answer = client.post(f"/other-counts/{panel.far_lao.code}", data={"declare_none": "1"})
        assert answer.status_code == 404
    assert (
        other_counts.sheet(panel.country.actor("department"), panel.cycle.id, panel.far_lao.id)[1]
        is None
    )


def test_only_the_lao_itself_saves_its_grid(panel: Panel) -> None:
    for role in ("department", "helpdesk", "province", "school"):
        answer = panel.client(role).post(
            f"/other-counts/{panel.lao.code}", data={"declare_none": "1"}
        )
        assert answer.status_code == 404, role


def test_the_list_of_other_schools_shows_none_elsewhere(panel: Panel) -> None:
    row = SchoolRow("โรงเรียนลับแล", "OBEC", "", {"P1": (1, 2)})
    codes = panel.client("department").get("/codes/?list=affiliation")
    assert codes.status_code == 200
    row.affiliation = affiliation()
    other_counts.save(
        panel.country.own(panel.far_lao),
        panel.cycle.id,
        panel.far_lao.id,
        0,
        [row],
        panel.clock,
    )
    for query in ({}, {"lao": panel.far_lao.id}, {"province": panel.far_lao.province_id}):
        for role in ("province", "lao"):
            page = text(panel.client(role).get("/other-schools/", query_string=query))
            assert "โรงเรียนลับแล" not in page, (role, query)
    assert "โรงเรียนลับแล" in text(panel.client("department").get("/other-schools/"))


def affiliation() -> str:
    """The first affiliation of the code list."""
    from admin_app.models import Code

    row = Code.select().where(Code.list == "affiliation").order_by(Code.position).first()
    return str(row.code)


@pytest.mark.parametrize("role", NEAR_ROLES)
def test_the_history_shows_nothing_that_happened_elsewhere(panel: Panel, role: str) -> None:
    actor = panel.country.actor("department")
    for unit in (panel.far, panel.far_lao):
        history.record(
            "moved.unlock" if "moved.unlock" in history.TAGS else next(iter(history.TAGS)),
            actor,
            panel.clock(),
            unit=unit,
            cycle_id=panel.cycle.id,
            reason="ลับแลมาก",
        )
    tag = Event.select().order_by(Event.id.desc()).first().tag
    for query in ({}, {"tag": tag}, {"after": "0"}):
        page = text(panel.client(role).get("/history/", query_string=query))
        assert "ลับแลมาก" not in page
    assert "ลับแลมาก" in text(panel.client("department").get("/history/"))


# --- nobody ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["department", "helpdesk", "province", "lao", "school"])
def test_no_screen_deletes_exports_or_edits_in_place_for_anybody(panel: Panel, role: str) -> None:
    child = child_at(panel, panel.school)
    client = panel.client(role)
    for view in panel.app.extensions["admin"][0]._views[1:]:
        for method, address, data in (
            ("POST", "delete/", {"id": child.id}),
            ("GET", "export/csv/", None),
            ("GET", "export/xlsx/", None),
            ("POST", "ajax/update/", {"list_form_pk": child.id, "first_name": "x"}),
            ("GET", "ajax/lookup/?name=school&query=ก", None),
        ):
            answer = client.open(f"{view.url}/{address}", method=method, data=data)
            assert answer.status_code == 404, (view.url, address)
        client.post(f"{view.url}/action/", data={"action": "delete", "rowid": child.id})
    assert unchanged(child)
