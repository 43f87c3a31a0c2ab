"""A child outside the actor's scope does not exist, by whichever door one knocks."""

from __future__ import annotations

import pytest

from admin_app.models import Student, Unit
from tests.views.conftest import NEAR_ROLES, Panel, child_at, text, unchanged

FORM = {"first_name": "ใหม่", "last_name": "หมด", "sex": "M", "grade": "P1", "version": "1"}


@pytest.mark.parametrize("role", NEAR_ROLES)
def test_a_child_of_another_area_is_not_found_by_any_address(panel: Panel, role: str) -> None:
    child = child_at(panel, panel.far)
    client = panel.client(role)
    for method, address in (
        ("GET", f"/children/details/?id={child.id}"),
        ("GET", f"/children/edit/?id={child.id}"),
        ("POST", f"/children/edit/?id={child.id}"),
    ):
        answer = client.open(address, method=method, data=FORM if method == "POST" else None)
        assert answer.status_code == 404, (method, address)
    assert client.post("/children/reveal", data={"id": child.id}).status_code == 404
    assert unchanged(child)


def test_a_school_does_not_reach_its_sister_schools_child(panel: Panel) -> None:
    child = child_at(panel, panel.sister)
    client = panel.client("school")
    assert client.get(f"/children/details/?id={child.id}").status_code == 404
    assert client.post(f"/children/edit/?id={child.id}", data=FORM).status_code == 404
    assert panel.client("lao").get(f"/children/details/?id={child.id}").status_code == 200


@pytest.mark.parametrize("role", ["lao", "school"])
@pytest.mark.parametrize("action", ["attest", "remove", "restore"])
def test_a_bulk_action_leaves_out_children_of_another_area(
    panel: Panel, role: str, action: str
) -> None:
    status = {"status": "removed", "removal_reason": "left"} if action == "restore" else {}
    inside, outside = child_at(panel, panel.school, **status), child_at(panel, panel.far, **status)
    panel.client(role).post(
        "/children/action/",
        data={"action": action, "rowid": [inside.id, outside.id], "removal_reason": "moved"},
    )
    assert unchanged(outside)
    assert not unchanged(inside)


@pytest.mark.parametrize("role", ["department", "helpdesk", "province"])
def test_who_only_reads_children_changes_none_in_bulk(panel: Panel, role: str) -> None:
    child = child_at(panel, panel.school)
    for action in ("attest", "remove", "delete"):
        panel.client(role).post(
            "/children/action/",
            data={"action": action, "rowid": child.id, "removal_reason": "moved"},
        )
    assert unchanged(child)


def test_all_children_of_a_school_elsewhere_cannot_be_attested(panel: Panel) -> None:
    child = child_at(panel, panel.far)
    for role in ("lao", "school"):
        answer = panel.client(role).post("/children/attest-all", data={"unit": panel.far.code})
        assert answer.status_code == 404 or unchanged(child), role
        assert answer.status_code == 404, role
    sister = child_at(panel, panel.sister)
    answer = panel.client("school").post("/children/attest-all", data={"unit": panel.sister.code})
    assert answer.status_code == 404
    assert unchanged(child)
    assert unchanged(sister)


@pytest.mark.parametrize("role", NEAR_ROLES)
def test_the_list_of_children_shows_none_of_another_area_whatever_is_asked(
    panel: Panel, role: str
) -> None:
    child = child_at(panel, panel.far)
    client = panel.client(role)
    for query in (
        {},
        {"search": child.first_name},
        {"search": child.last_name},
        {"search": child.id_number},
        {"unit": panel.far.code},
        {"unit": panel.far_lao.code},
        {"unit": "82"},
        {"grade": child.grade},
        {"sex": child.sex},
        {"attested": "0"},
        {"status": "active"},
        {"problem": "pin_check_digit", "unit": panel.far.code},
        {"after": "0"},
        {"before": "999999"},
    ):
        answer = client.get("/children/", query_string=query)
        assert answer.status_code in (200, 404), query
        page = text(answer)
        assert "ฟ้าใส" not in page.replace("“ฟ้าใส”", "").replace('value="ฟ้าใส"', ""), query
        assert f"details/?id={child.id}" not in page, query


def test_a_filter_by_a_unit_elsewhere_does_not_tell_that_units_name(panel: Panel) -> None:
    Unit.update(name="โรงเรียนลับแล").where(Unit.id == panel.far.id).execute()
    for role in NEAR_ROLES:
        page = text(panel.client(role).get("/children/", query_string={"unit": panel.far.code}))
        assert "โรงเรียนลับแล" not in page, role


def test_a_child_is_not_recorded_in_a_school_elsewhere(panel: Panel) -> None:
    for role in ("lao", "school"):
        panel.client(role).post("/children/new/", data=FORM | {"school": str(panel.far.id)})
    assert not Student.select().where(Student.school == panel.far.id).exists()
