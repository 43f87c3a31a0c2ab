"""Recording and looking at children."""

from __future__ import annotations

import re

import pytest

from admin_app.models import AccessLog, Grade, Student
from admin_app.services import children, units
from tests.views.conftest import Panel, child_at, text

TYPED = {
    "id_kind": "pin",
    "id_number": "1-8199-00000-01-0",
    "prefix": "เด็กชาย",
    "first_name": "ตะวัน",
    "last_name": "แจ่มใส",
    "sex": "M",
    "birth_date": "15/3/2560",
    "grade": "P1",
    "nationality": "TH",
}


def test_a_wrong_check_digit_is_told_and_nothing_typed_is_lost(panel: Panel) -> None:
    answer = panel.client("school").post("/children/new/", data=TYPED)
    page = text(answer)
    assert "The check digit is wrong" in page
    for value in ("1-8199-00000-01-0", "ตะวัน", "แจ่มใส", "15/3/2560"):
        assert f'value="{value}"' in page, value
    assert not Student.select().exists()


def test_of_two_people_editing_one_child_the_second_sees_both_versions(panel: Panel) -> None:
    child = child_at(panel, panel.school)
    first, second = panel.client("school"), panel.client("lao")
    form = TYPED | {"id_number": child.id_number, "version": "1"}
    address = f"/children/edit/?id={child.id}"
    assert first.post(address, data=form | {"first_name": "คนแรก"}).status_code == 302
    page = text(second.post(address, data=form | {"first_name": "คนที่สอง"}))
    assert "Somebody else changed this" in page
    assert "คนแรก" in page
    assert 'value="คนที่สอง"' in page
    assert Student.get_by_id(child.id).first_name == "คนแรก"


@pytest.mark.parametrize("role", ["province", "department", "helpdesk"])
def test_above_the_lao_neither_number_nor_surname_stands_anywhere_in_the_page(
    panel: Panel, role: str
) -> None:
    child = child_at(panel, panel.school)
    client = panel.client(role)
    for address in ("/children/", f"/children/details/?id={child.id}"):
        page = text(client.get(address))
        assert "ฟ้าใส" in page
        for hidden in (child.last_name, child.id_number, child.sort_key, child.last_key):
            assert hidden not in page.replace("-", ""), address


@pytest.mark.parametrize("role", ["province", "department"])
def test_a_full_look_at_a_child_is_logged(panel: Panel, role: str) -> None:
    child = child_at(panel, panel.school)
    page = text(panel.client(role).post("/children/reveal", data={"id": child.id}))
    assert child.last_name in page
    logged = AccessLog.get(AccessLog.tag == "child.revealed")
    assert (logged.actor_role, logged.unit_id) == (role, panel.school.id)
    assert (logged.rows, logged.address) == (1, "127.0.0.1")


def test_the_helpdesk_finds_a_child_by_the_whole_number_alone(panel: Panel) -> None:
    child = child_at(panel, panel.school)
    client = panel.client("helpdesk")
    row = f"details/?id={child.id}"
    for asked in ("ฟ้าใส", "ฮวด", str(child.id_number)[:9]):
        assert row not in text(client.get("/children/", query_string={"search": asked})), asked
    assert row in text(client.get("/children/", query_string={"search": child.id_number}))
    assert client.post("/children/reveal", data={"id": child.id}).status_code == 404


def rows(page: str) -> int:
    """How many children the page lists."""
    return page.count("/children/details/?id=")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ฟ้า ฮวด", 1),
        ("ฮวด ฟ้า", 1),
        ("ด.ญ.ฟ้าใส", 1),
        ("เด็กหญิงฟ้าใส ฮวดเจริญ", 1),
        ("ฟ้า กา", 0),
        ("{number}", 1),
        ("{number} ฟ้า", 1),
        ("{number} กา", 0),
        ("{beginning}", 1),
        ("{beginning} ฮวด", 1),
        ("!!", 0),
    ],
)
def test_a_child_is_found_by_names_number_or_both(panel: Panel, typed: str, found: int) -> None:
    child = child_at(panel, panel.school)
    panel.country.child(panel.school, panel.cycle, id_number=None, id_kind="none")
    text_typed = typed.format(number=child.id_number, beginning=child.id_number[:12])
    page = text(panel.client("school").get("/children/", query_string={"search": text_typed}))
    assert rows(page) == found
    assert not AccessLog.select().exists()


@pytest.mark.parametrize("role", ["province", "department", "helpdesk"])
def test_a_search_with_a_number_by_somebody_who_sees_children_masked_is_logged(
    panel: Panel, role: str
) -> None:
    child = child_at(panel, panel.school)
    client = panel.client(role)
    for typed, count in (("ฟ้า", 0), (str(child.id_number)[:9], 1), (f"ฟ้า {child.id_number}", 2)):
        page = text(client.get("/children/", query_string={"search": typed}))
        searched = list(AccessLog.select().where(AccessLog.tag == "child.searched"))
        assert len(searched) == count
        assert [row.rows for row in searched] == [0, 1][:count]  # nobody by less than all of it
        assert rows(page) == (0 if count == 1 or (role, count) == ("helpdesk", 0) else 1)


@pytest.mark.parametrize("role", ["province", "department"])
def test_the_list_is_narrowed_to_a_unit_by_words_of_its_name(panel: Panel, role: str) -> None:
    for school in (panel.school, panel.sister, panel.far):
        child_at(panel, school)
    client = panel.client(role)
    dla = panel.country.actor("department")
    for unit, name in ((panel.school, "โรงเรียนบ้านช่องพลี"), (panel.sister, "โรงเรียนบ้านช่องลม")):
        units.edit(dla, unit.id, unit.version, {"name": name}, panel.clock)
    for typed in ("ช่องพลี", panel.school.code, f"{panel.school.code} โรงเรียนบ้านช่องพลี"):
        page = text(client.get("/children/", query_string={"unit": typed}))
        assert rows(page) == 1, typed
        assert f'value="{panel.school.code} โรงเรียนบ้านช่องพลี"' in page
    page = text(client.get("/children/", query_string={"unit": "ช่อง"}))
    assert rows(page) == 0
    assert "Several units have these words" in page
    for unit in (panel.school, panel.sister):
        assert f"/children/?unit={unit.code}" in page
    assert rows(text(client.get("/children/", query_string={"unit": "ไม่มี"}))) == 0
    everywhere = text(client.get("/children/", query_string={"unit": panel.far.code}))
    assert rows(everywhere) == (1 if role == "department" else 0)


def test_the_list_attests_children_as_they_were_shown(panel: Panel) -> None:
    kept, changed = child_at(panel, panel.school), child_at(panel, panel.school)
    client = panel.client("school")
    shown = text(client.get("/children/"))
    seen = [f"{row.id}:{row.version}" for row in (kept, changed)]
    assert all(f'name="seen" value="{pair}"' in shown for pair in seen)
    Student.update(first_name="ฟ้าใส่", version=2).where(Student.id == changed.id).execute()
    form = {"action": "attest", "rowid": [kept.id, changed.id], "seen": seen, "url": "/children/"}
    told = text(client.post("/children/action/", data=form, follow_redirects=True))
    assert "1 child attested." in told
    assert "1 child was changed" in told
    attested = Student.select().where(Student.attested_at.is_null(False))
    assert [row.id for row in attested] == [kept.id]


def test_who_corrects_a_child_reads_what_is_wrong_and_what_follows(panel: Panel) -> None:
    child = child_at(panel, panel.school)
    client = panel.client("school")
    address = f"/children/edit/?id={child.id}&url=/children/?problem=name_not_thai"
    form = TYPED | {"id_number": child.id_number}
    wrong = "digits or Latin letters"
    assert wrong not in text(client.get(address))
    client.post(address, data=form | {"first_name": "Kanok", "version": "1"})
    assert wrong in text(client.get(address))
    children.attest(panel.country.actor("school", panel.school), [str(child.id)], panel.clock)
    version = Student.get_by_id(child.id).version
    answer = client.post(address, data=form | {"first_name": "กนก", "version": str(version)})
    page = text(client.get(answer.location))
    assert "The attestation is cleared" in page
    assert 'No child has this problem. <a href="/">' in page
    assert "bulkbar" not in page


def test_the_form_offers_the_grades_of_the_school_and_the_one_that_stands(panel: Panel) -> None:
    def offered(address: str) -> list[str]:
        part = text(panel.client("school").get(address)).partition('id="grade"')[2]
        return re.findall(r'<option[^>]*value="([^"]*)"', part.partition("</select>")[0])

    own = [row.grade.code for row in panel.school.grades.join(Grade).order_by(Grade.position)]
    assert offered("/children/new/") == ["", *own]
    assert "D2" not in own
    odd = panel.country.child(panel.school, panel.cycle, grade="D2")
    assert offered(f"/children/edit/?id={odd.id}") == ["", *own, "D2"]
