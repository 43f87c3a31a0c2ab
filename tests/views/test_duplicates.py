"""The screen of duplicates: side by side, masked as the role requires, decided in words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin_app.models import Finding, Student, UnitState
from admin_app.services import children
from tests.twins import NUMBER, same_name, same_number
from tests.views.conftest import Panel, text, unchanged

SHOWN = "1-8100-00000-99-1"
MASKED = "x-xxxx-xxxx0-99-1"
LAST = "ฮวดเจริญ"


def pair(panel: Panel, far: bool = False, **over: Any) -> list[Student]:
    """One number in two schools: of one LAO, or of two provinces."""
    other = panel.far if far else panel.sister
    who = {"first_name": "ฟ้าใส", "last_name": LAST} | over
    return same_number(panel.country, panel.cycle, panel.school, other, **who)


def form(*rows: Student, **more: Any) -> dict[str, Any]:
    """What the page's form sends: the versions of all rows."""
    seen = {f"version-{row.id}": str(Student.get_by_id(row.id).version) for row in rows}
    return seen | {key: str(value) for key, value in more.items()}


def confirm(panel: Panel, *units: Any) -> None:
    """Confirmed, put in directly."""
    who = panel.country.actor("department").user_id
    for unit in units:
        UnitState.update(status="confirmed", confirmed_at=panel.clock(), confirmed_by=who).where(
            UnitState.unit == unit.id
        ).execute()


# --- who sees what ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["school", "helpdesk"])
def test_there_is_no_such_page_for_who_does_not_decide(panel: Panel, role: str) -> None:
    ours, theirs = pair(panel)
    client = panel.client(role)
    assert client.get("/duplicates/").status_code == 404
    assert client.get(f"/duplicates/number/{ours.id}").status_code == 404
    data = form(ours, theirs, keep=ours.id)
    for way in ("keep", "apart"):
        assert client.post(f"/duplicates/number/{ours.id}/{way}", data=data).status_code == 404
    assert unchanged(ours)
    assert unchanged(theirs)


def test_a_group_that_reaches_outside_the_area_is_not_found(panel: Panel) -> None:
    ours, theirs = pair(panel, far=True)
    data = form(ours, theirs, keep=ours.id, note="คนละคน")
    for role in ("lao", "province"):
        client = panel.client(role)
        assert LAST not in text(client.get("/duplicates/"))
        for row in (ours, theirs):
            address = f"/duplicates/number/{row.id}"
            assert client.get(address).status_code == 404
            assert client.post(f"{address}/keep", data=data).status_code == 404
            assert client.post(f"{address}/apart", data=data).status_code == 404
    assert unchanged(ours)
    assert unchanged(theirs)
    assert panel.client("department").get(f"/duplicates/number/{ours.id}").status_code == 200


@pytest.mark.parametrize(
    ("role", "in_full"), [("lao", True), ("province", False), ("department", False)]
)
def test_names_numbers_and_birth_dates_are_masked_outside_the_lao(
    panel: Panel, role: str, in_full: bool
) -> None:
    ours, _ = pair(panel)
    client = panel.client(role)
    for address in ("/duplicates/?show=all", f"/duplicates/number/{ours.id}"):
        page = text(client.get(address))
        assert "ฟ้าใส" in page
        assert (LAST in page, SHOWN in page) == (in_full, in_full)
        assert (MASKED in page) is not in_full
        assert NUMBER not in page


def test_the_list_says_who_decides(panel: Panel) -> None:
    pair(panel)
    assert "You decide." in text(panel.client("lao").get("/duplicates/"))
    assert panel.lao.name not in text(panel.client("province").get("/duplicates/"))
    province = text(panel.client("province").get("/duplicates/?show=all"))
    assert f"{panel.lao.name} decides." in province
    dla = text(panel.client("department").get("/duplicates/?show=all"))
    assert f"{panel.lao.name} decides, and you may." in dla


def test_the_home_counts_what_waits_for_the_own_level(panel: Panel) -> None:
    pair(panel)
    told = "Duplicates for you to decide, Same identity number: 1."
    assert told in text(panel.client("lao").get("/"))
    for role in ("school", "province", "department", "helpdesk"):
        assert "Duplicates for you" not in text(panel.client(role).get("/"))


def test_differences_are_marked_in_words_even_where_masks_hide_them(panel: Panel) -> None:
    ours, theirs = pair(panel)
    page = text(panel.client("province").get(f"/duplicates/number/{ours.id}"))
    before = page.count(">differs<")
    Student.update(last_name="ฮวดสุข", birth_date=theirs.birth_date.replace(day=2)).where(
        Student.id == theirs.id
    ).execute()
    Student.update(birth_date=theirs.birth_date).where(Student.id == ours.id).execute()
    page = text(panel.client("province").get(f"/duplicates/number/{ours.id}"))
    assert page.count("ฟ้าใส ฮ…") == 2
    assert page.count(">differs<") >= before + 2


def test_no_address_carries_a_number_or_a_name(panel: Panel) -> None:
    ours, _ = pair(panel)
    client = panel.client("lao")
    for address in ("/", "/duplicates/", f"/duplicates/number/{ours.id}"):
        for link in re.findall(r'(?:href|action)="([^"]*)"', text(client.get(address))):
            assert NUMBER not in link
            assert "%E0" not in link


@pytest.mark.parametrize("silly", ["x", "0", "-1", "99999999999999999999", "%00", "²"])
def test_nonsense_in_the_address_is_not_found(panel: Panel, silly: str) -> None:
    client = panel.client("department")
    for address in (f"/duplicates/number/{silly}", f"/duplicates/{silly}/1"):
        assert client.get(address).status_code in (400, 404)
        assert client.post(f"{address}/keep", data={"keep": "1"}).status_code in (400, 404)
    assert client.get("/duplicates/", query_string={"by": silly}).status_code in (400, 404)
    for key in ("after", "before", "show"):
        answer = client.get("/duplicates/", query_string={key: silly})
        assert answer.status_code in (200, 400), key


def test_a_childs_page_leads_to_the_pair_only_while_the_rule_says_so(panel: Panel) -> None:
    ours, _ = pair(panel)
    client = panel.client("lao")
    page = text(client.get(f"/children/details/?id={ours.id}"))
    assert re.findall(r'href="/duplicates/(\w+)/', page) == ["number"]
    Finding.delete().where(Finding.student_id == ours.id).execute()
    page = text(client.get(f"/children/details/?id={ours.id}"))
    assert "Compare side by side" not in page


@pytest.mark.parametrize("act", ["keep", "apart"])
def test_the_address_of_a_refused_form_leads_back_to_the_group(panel: Panel, act: str) -> None:
    ours, _ = pair(panel)
    answer = panel.client("lao").get(f"/duplicates/number/{ours.id}/{act}")
    assert (answer.status_code, answer.location) == (302, f"/duplicates/number/{ours.id}")
    assert panel.client("school").get(f"/duplicates/number/{ours.id}/{act}").status_code == 404
    assert panel.client("lao").get(f"/duplicates/number/0/{act}").status_code == 404


# --- deciding ------------------------------------------------------------------------------------


def test_one_school_keeps_the_child_and_the_other_row_goes(panel: Panel) -> None:
    ours, theirs = pair(panel)
    client = panel.client("lao")
    data = form(ours, theirs, keep=ours.id)
    answer = client.post(f"/duplicates/number/{theirs.id}/keep", data=data, follow_redirects=True)
    assert "Settled: 1 row is removed" in text(answer)
    assert Student.get_by_id(theirs.id).removal_reason == "duplicate"
    assert unchanged(ours)
    for unit in (panel.school, panel.sister):
        page = text(panel.client("school", unit).get(f"/units/{unit.code}"))
        assert "Duplicate decided" in page
        assert LAST not in page
    page = text(panel.client("school", panel.sister).get(f"/children/details/?id={theirs.id}"))
    assert "another school keeps the child" in page


def test_a_confirmed_school_is_named_with_who_can_reopen_it(panel: Panel) -> None:
    ours, theirs = pair(panel)
    confirm(panel, panel.sister)
    client = panel.client("lao")
    told = f"{panel.sister.name} has confirmed: nothing can be changed there."
    page = text(client.get(f"/duplicates/number/{ours.id}"))
    assert told in page
    assert f"{panel.lao.name} can return it for correction" in page
    data = form(ours, theirs, keep=ours.id)
    answer = client.post(f"/duplicates/number/{ours.id}/keep", data=data)
    assert (answer.status_code, told in text(answer)) == (409, True)
    assert f'value="{ours.id}" required checked' in text(answer)
    assert unchanged(theirs)


def test_a_row_changed_in_between_is_told_and_shown_anew(panel: Panel) -> None:
    ours, theirs = pair(panel)
    data = form(ours, theirs, keep=ours.id)
    lao = panel.country.own(panel.lao)
    children.edit(lao, theirs.id, 1, {"grade": "P2"}, panel.clock)
    answer = panel.client("lao").post(f"/duplicates/number/{ours.id}/keep", data=data)
    assert (answer.status_code, "changed in the meantime" in text(answer)) == (409, True)
    assert f'name="version-{theirs.id}" value="2"' in text(answer)
    assert Student.get_by_id(theirs.id).status == "active"


def test_a_group_that_is_no_more_leads_back_to_the_list(panel: Panel) -> None:
    ours, theirs = pair(panel)
    data = form(ours, theirs, keep=ours.id)
    client = panel.client("lao")
    children.remove(panel.country.own(panel.lao), [theirs.id], "left", panel.clock)
    assert client.post(f"/duplicates/number/{ours.id}/keep", data=data).status_code == 404
    assert unchanged(ours)


@pytest.mark.parametrize("chosen", ["", "x", "-1"])
def test_without_a_choice_it_is_asked_for(panel: Panel, chosen: str) -> None:
    ours, theirs = pair(panel)
    data = form(ours, theirs, keep=chosen)
    answer = panel.client("lao").post(f"/duplicates/number/{ours.id}/keep", data=data)
    assert (answer.status_code, "Choose which school" in text(answer)) == (422, True)
    assert unchanged(ours)
    assert unchanged(theirs)


def test_the_level_above_reads_but_has_no_button(panel: Panel) -> None:
    ours, theirs = pair(panel)
    client = panel.client("province")
    assert "<button" not in re.sub(
        r"(?s)<header.*?</header>", "", text(client.get(f"/duplicates/number/{ours.id}"))
    )
    data = form(ours, theirs, keep=ours.id)
    answer = client.post(f"/duplicates/number/{ours.id}/keep", data=data)
    assert answer.status_code == 409
    assert f"{panel.lao.name} decides here" in text(answer)
    assert unchanged(theirs)


def test_different_children_are_explained_and_leave_the_list(panel: Panel) -> None:
    ours, theirs = same_name(panel.country, panel.cycle, panel.school, panel.sister)
    client = panel.client("lao")
    address = f"/duplicates/name/{ours.id}/apart"
    empty = client.post(address, data=form(ours, theirs, note=" "))
    assert (empty.status_code, "Write how you know" in text(empty)) == (422, True)
    data = form(ours, theirs, note="ลูกพี่ลูกน้องกัน")
    answer = client.post(address, data=data, follow_redirects=True)
    assert "they are different children" in text(answer)
    assert "ฟ้าใส" not in text(client.get("/duplicates/?by=name"))
    explained = text(client.get("/duplicates/?by=name&show=explained"))
    assert explained.count("ลูกพี่ลูกน้องกัน") == 2
    assert Finding.select().where(Finding.note == "ลูกพี่ลูกน้องกัน").count() == 2


def test_of_three_of_one_name_a_different_child_may_stay(panel: Panel) -> None:
    third = panel.country.school(panel.lao)
    rows = same_name(panel.country, panel.cycle, panel.school, panel.sister, third)
    data = form(*rows, keep=rows[0].id, apart=rows[2].id)
    assert (
        panel.client("lao").post(f"/duplicates/name/{rows[1].id}/keep", data=data).status_code
        == 302
    )
    assert [Student.get_by_id(row.id).status for row in rows] == ["active", "removed", "active"]
