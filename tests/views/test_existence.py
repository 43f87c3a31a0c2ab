"""The existence check's screen and its checklist on paper."""

from __future__ import annotations

import json
import re

import pytest

from admin_app.models import AccessLog, Student
from admin_app.services import children
from tests.country import CLOSES
from tests.views.conftest import Panel, child_at, text


def attest(panel: Panel, page: str, grade: str, role: str = "school") -> str:
    """Press the button of a class as the page has it; answers with the page that follows."""
    address = f"/existence/{panel.school.code}/{grade}"
    form = page.split(f'action="{address}"')[1].split("</form>")[0]
    shown = re.search(r'name="seen" value="([^"]*)"', form)
    assert shown
    client = panel.client(role)
    return text(client.post(address, data={"seen": shown[1]}, follow_redirects=True))


def test_a_class_is_attested_from_the_screen(panel: Panel) -> None:
    panel.country.children(panel.school, panel.cycle, 3, grade="P1")
    panel.country.children(panel.school, panel.cycle, 2, grade="K1", attested=True)
    address = f"/existence/{panel.school.code}"
    page = text(panel.client("school").get(address))
    assert "Attest 3 children" in page
    assert page.count('<form method="post" action="/existence/') == 1
    assert f"/children/?attested=0&amp;unit={panel.school.code}&amp;grade=P1" in page
    after = attest(panel, page, "P1")
    assert "3 children attested." in after
    assert "Every child is attested." in after


def test_a_child_added_meanwhile_is_not_attested_unseen(panel: Panel) -> None:
    first = panel.country.children(panel.school, panel.cycle, 2, grade="P1")
    page = text(panel.client("school").get(f"/existence/{panel.school.code}"))
    new = panel.country.child(panel.school, panel.cycle, grade="P1")
    me = panel.country.actor("school", panel.school)
    children.edit(me, first[0].id, 1, {"first_name": "อื่น"}, panel.clock)
    after = attest(panel, page, "P1", "lao")
    assert "1 child attested." in after
    assert "1 child was changed or attested by somebody else meanwhile" in after
    assert "Attest 2 children" in after
    assert Student.get_by_id(new.id).attested_at is None
    assert Student.get_by_id(first[0].id).attested_at is None


@pytest.mark.parametrize("value", ["", "x", "1:", ":1", "1:x", "99999999999999999999:1", "1 2 3"])
def test_nonsense_for_the_children_seen_attests_nobody(panel: Panel, value: str) -> None:
    panel.country.child(panel.school, panel.cycle, grade="P1")
    address = f"/existence/{panel.school.code}/P1"
    answer = panel.client("school").post(address, data={"seen": value})
    assert answer.status_code == 302
    assert not Student.select().where(Student.attested_at.is_null(False)).exists()


def test_the_schools_page_and_home_lead_to_the_screen_and_count_removed_apart(panel: Panel) -> None:
    pupils = panel.country.children(panel.school, panel.cycle, 3)
    me = panel.country.actor("school", panel.school)
    children.remove(me, [pupils[0].id], "not_exist", panel.clock)
    for address in ("/", f"/units/{panel.school.code}"):
        page = text(panel.client("school").get(address))
        todo = page.split('class="todo"')[1].split("</ul>")[0]
        assert f'href="/existence/{panel.school.code}"' in todo, address
        assert "1 removed" in page
        assert "2 left" in page
        assert f"/children/?unit={panel.school.code}&amp;status=removed" in page
    page = text(panel.client("school").get(f"/children/?unit={panel.school.code}&status=removed"))
    assert page.count('name="rowid"') == 1


def test_a_school_with_a_child_left_is_not_confirmed(panel: Panel) -> None:
    child = panel.country.child(panel.school, panel.cycle, attested=False)
    address = f"/units/{panel.school.code}/confirm"
    assert panel.client("school").post(address).status_code == 409
    children.attest(panel.country.actor("school", panel.school), [child.id], panel.clock)
    assert panel.client("school").post(address).status_code == 302


@pytest.mark.parametrize("role", ["province", "helpdesk", "department"])
def test_above_the_lao_the_screen_has_figures_and_nothing_to_do(panel: Panel, role: str) -> None:
    child = child_at(panel, panel.school)
    client = panel.client(role)
    page = text(client.get(f"/existence/{panel.school.code}"))
    assert '<form method="post" action="/existence/' not in page
    assert "checklist" not in page
    assert child.first_name not in page
    for address in ("checklist", f"{child.grade}/checklist"):
        assert client.get(f"/existence/{panel.school.code}/{address}").status_code == 404
    answer = client.post(f"/existence/{panel.school.code}/{child.grade}", data={"seen": "1:1"})
    assert answer.status_code == 404


@pytest.mark.parametrize("role", ["school", "lao"])
def test_a_school_elsewhere_is_not_found(panel: Panel, role: str) -> None:
    child = child_at(panel, panel.far)
    client = panel.client(role)
    for address in ("", "/checklist", f"/{child.grade}/checklist"):
        assert client.get(f"/existence/{panel.far.code}{address}").status_code == 404
    sent = {"seen": f"{child.id}:{child.version}"}
    for code in (panel.far.code, panel.school.code):
        client.post(f"/existence/{code}/{child.grade}", data=sent)
    assert Student.get_by_id(child.id).attested_at is None
    assert client.get(f"/existence/{panel.lao.code}").status_code == 404


def test_once_closed_or_confirmed_the_screen_is_to_read_only(panel: Panel) -> None:
    panel.country.child(panel.school, panel.cycle)
    panel.country.confirm_tree(panel.sister, panel.cycle)
    page = text(panel.client("lao").get(f"/existence/{panel.sister.code}"))
    assert "The school is confirmed" in page
    panel.clock.set(CLOSES)
    page = text(panel.client("school").get(f"/existence/{panel.school.code}"))
    assert '<form method="post" action="/existence/' not in page
    assert "To read only" in page


# --- on paper ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["school", "lao"])
def test_the_checklist_of_a_class_lists_its_children_and_stands_in_the_access_log(
    panel: Panel, role: str
) -> None:
    child = child_at(panel, panel.school, grade="P1")
    other = panel.country.child(panel.school, panel.cycle, grade="K1", first_name="คนละชั้น")
    answer = panel.client(role).get(f"/existence/{panel.school.code}/P1/checklist")
    page = text(answer)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<html lang="th">' in page
    for shown in ("ฟ้าใส ฮวดเจริญ", panel.school.name, panel.cycle.code, "20 พฤษภาคม 2567"):
        assert shown in page, shown
    assert str(child.id_number) in page.replace("-", "")
    assert other.first_name not in page
    assert page.count('<td class="box">') == 2
    assert "style=" not in page
    logged = AccessLog.get(AccessLog.tag == "checklist")
    assert (logged.unit_id, logged.cycle_id) == (panel.school.id, panel.cycle.id)
    assert (json.loads(logged.details), logged.rows) == ({"grade": "P1"}, 1)
    assert logged.address == "127.0.0.1"
    assert "ฟ้าใส" not in logged.details


def test_all_classes_are_printed_in_one_go(panel: Panel) -> None:
    for grade in ("P2", "K1", "P1"):
        panel.country.child(panel.school, panel.cycle, grade=grade, first_name=f"ชั้น{grade}")
    removed = panel.country.child(
        panel.school, panel.cycle, status="removed", removal_reason="left", first_name="ไปแล้ว"
    )
    page = text(panel.client("school").get(f"/existence/{panel.school.code}/checklist"))
    assert page.count("<table>") == 3
    assert re.findall("ชั้น(K1|P1|P2)", page) == ["K1", "P1", "P2"]
    assert removed.first_name not in page


def test_a_class_that_the_school_does_not_have_has_no_checklist(panel: Panel) -> None:
    client = panel.client("school")
    for grade in ("P1", "-", "x"):
        assert client.get(f"/existence/{panel.school.code}/{grade}/checklist").status_code == 404
    assert client.get(f"/existence/{panel.school.code}/checklist").status_code == 200
    child = panel.country.child(panel.school, panel.cycle, grade="")
    page = text(client.get(f"/existence/{panel.school.code}/-/checklist"))
    assert child.last_name in page


def test_the_classes_that_are_left_are_named_on_top_and_lead_to_their_row(panel: Panel) -> None:
    country, cycle, school = panel.country, panel.cycle, panel.school
    country.children(school, cycle, 2, attested=True, grade="P1")
    country.child(school, cycle, grade="P2")
    page = text(panel.client("school").get(f"/existence/{school.code}"))
    named = re.findall(r'href="#(class-\w+)">([^<]*)<', page)
    assert named == [("class-P2", "Primary 2 1")]
    assert 'id="class-P2"' in page
