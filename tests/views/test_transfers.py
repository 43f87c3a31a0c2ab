"""Transfers on screens: what the asking school learns, what the holding school decides on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin_app.domain.identity import make_pin
from admin_app.models import AccessLog, Student, Transfer, UnitState
from tests.twins import NUMBER
from tests.views.conftest import Panel, child_at, text, unchanged

SHOWN, MASKED = "1-8100-00000-99-1", "x-xxxx-xxxx0-99-1"
ASK = {"id_kind": "pin", "id_number": NUMBER, "grade": "P1", "reason": "ย้ายตามผู้ปกครอง"}
NEW = ASK | {
    **{"first_name": "ใหม่", "last_name": "หมด", "sex": "M", "nationality": "TH"},
    **{"disability": "", "disadvantage": ""},
}
TOLD = "This number is held by another school."


@pytest.fixture
def held(panel: Panel) -> Student:
    """A child in the school far away."""
    return child_at(panel, panel.far, id_number=NUMBER)


def asked(panel: Panel, held: Student) -> Transfer:
    """The request of the school for the child."""
    answer = panel.client("school").post("/transfers/ask", data=ASK)
    assert answer.status_code == 302
    return Transfer.get(Transfer.student_id == held.id)


def holder(panel: Panel) -> Any:
    """A browser of the holding school."""
    return panel.client("school", panel.far)


def names_nothing(panel: Panel, page: str) -> bool:
    """Whether the page tells neither the holding school nor anything of the child."""
    words = (panel.far.name, panel.far.code, panel.far_lao.name, "ฟ้าใส", "ฮวดเจริญ")
    return not any(word in page for word in words)


# --- recording a child that another school holds -------------------------------------------------


def test_right_after_saving_it_is_said_that_another_school_holds_the_number(
    panel: Panel, held: Student
) -> None:
    client = panel.client("school")
    page = text(client.post("/children/new/", data=NEW, follow_redirects=True))
    assert TOLD in page
    assert names_nothing(panel, page)
    own = Student.get(Student.school == panel.school.id)
    [link] = re.findall(r'class="button second" href="([^"]+)"', page)[:1]
    assert link == f"/transfers/ask?child={own.id}"
    form = text(client.get(link))
    assert f'value="{NUMBER}"' in form
    assert 'value="P1" selected' in form or 'selected value="P1"' in form
    assert names_nothing(panel, form)


def test_the_same_after_an_edit_and_on_the_childs_page(panel: Panel, held: Student) -> None:
    own = panel.country.child(panel.school, panel.cycle, grade="P1")
    client = panel.client("school")
    assert TOLD not in text(client.get(f"/children/details/?id={own.id}"))
    data = NEW | {"version": "1"}
    page = text(client.post(f"/children/edit/?id={own.id}", data=data, follow_redirects=True))
    assert TOLD in page
    details = text(client.get(f"/children/details/?id={own.id}"))
    assert TOLD in details
    assert names_nothing(panel, details)
    assert f"/transfers/ask?child={own.id}" in details
    client.post("/transfers/ask", data=ASK)
    assert "You have asked for a transfer." in text(client.get(f"/children/details/?id={own.id}"))


def test_a_number_that_stands_here_alone_is_saved_without_a_word(panel: Panel) -> None:
    page = text(panel.client("school").post("/children/new/", data=NEW, follow_redirects=True))
    assert "This number is held by another school" not in page


def test_nobody_fills_the_form_with_a_child_of_another_school(panel: Panel, held: Student) -> None:
    for role in ("school", "lao"):
        assert panel.client(role).get(f"/transfers/ask?child={held.id}").status_code == 404


def test_after_the_national_close_the_page_offers_no_answer(panel: Panel, held: Student) -> None:
    made = asked(panel, held)
    sides = {"Refuse the request": holder(panel), "Withdraw the request": panel.client("school")}
    for button, client in sides.items():
        assert button in text(client.get(f"/transfers/{made.id}"))
    UnitState.update(
        status="confirmed",
        confirmed_at=panel.clock(),
        confirmed_by=panel.country.actor("department").user_id,
    ).where(UnitState.unit == panel.country.department.id).execute()
    for (button, client), way in zip(sides.items(), ("refuse", "withdraw"), strict=True):
        assert button not in text(client.get(f"/transfers/{made.id}"))
        answer = client.post(f"/transfers/{made.id}/{way}", data={"reason": "x"})
        assert answer.status_code == 409
        assert "The cycle is closed nationally." in text(answer)


@pytest.mark.parametrize("way", ["release", "refuse", "withdraw"])
def test_the_address_of_a_refused_answer_leads_back_to_the_request(
    panel: Panel, held: Student, way: str
) -> None:
    made = asked(panel, held)
    answer = holder(panel).get(f"/transfers/{made.id}/{way}")
    assert (answer.status_code, answer.location) == (302, f"/transfers/{made.id}")
    stranger = panel.client("school", panel.sister)
    assert stranger.get(f"/transfers/{made.id}/{way}").status_code == 404


# --- asking ------------------------------------------------------------------------------------


def test_the_asking_school_learns_that_it_is_held_and_nothing_else(
    panel: Panel, held: Student
) -> None:
    client = panel.client("school")
    answer = client.post("/transfers/ask", data=ASK, follow_redirects=True)
    made = Transfer.get()
    told = "The school that holds the number sees your request"
    assert told in text(answer)
    for role in ("school", "lao", "province"):
        reader = panel.client(role)
        for address in ("/transfers/", "/transfers/?show=outgoing", f"/transfers/{made.id}"):
            page = text(reader.get(address))
            assert names_nothing(panel, page), (role, address)
            assert not any(NUMBER in link for link in re.findall(r'href="[^"]*"', page))
        assert (SHOWN in page, MASKED in page) == (role != "province", role == "province")
    again = text(client.post("/transfers/ask", data=ASK, follow_redirects=True))
    assert "You have asked for this child already." in again
    assert names_nothing(panel, text(client.get(f"/units/{panel.school.code}")))


def test_what_was_typed_is_kept_with_what_is_wrong(panel: Panel, held: Student) -> None:
    client = panel.client("school")
    answer = client.post("/transfers/ask", data=ASK | {"id_number": "1810000000990"})
    page = text(answer)
    assert (answer.status_code, "The check digit is wrong" in page) == (422, True)
    assert 'value="1810000000990"' in page
    assert "ย้ายตามผู้ปกครอง" in page
    nowhere = client.post("/transfers/ask", data=ASK | {"id_number": make_pin("181000000050")})
    assert nowhere.status_code == 409
    assert "Nobody else holds this number. Record the child directly." in text(nowhere)
    assert 'href="/children/new/' in text(nowhere)
    assert AccessLog.select().count() == 1


def test_an_lao_asks_for_one_of_its_schools_and_no_other(panel: Panel, held: Student) -> None:
    client = panel.client("lao")
    page = text(client.get(f"/transfers/ask?unit={panel.sister.code}"))
    assert f'selected value="{panel.sister.id}"' in page
    assert str(panel.far.id) not in re.findall(r'<option[^>]*value="(\d+)"', page)
    stranger = client.post("/transfers/ask", data=ASK | {"school": panel.far.id})
    assert stranger.status_code == 404
    assert client.post("/transfers/ask", data=ASK | {"school": "x"}).status_code == 404
    assert not Transfer.select().exists()
    ours = client.post("/transfers/ask", data=ASK | {"school": panel.sister.id})
    assert (ours.status_code, Transfer.get().to_school_id) == (302, panel.sister.id)


@pytest.mark.parametrize("role", ["department", "helpdesk", "province"])
def test_who_only_reads_asks_for_nobody_and_decides_nothing(
    panel: Panel, held: Student, role: str
) -> None:
    made = asked(panel, held)
    client = panel.client(role)
    assert client.get("/transfers/ask").status_code == 404
    assert client.post("/transfers/ask", data=ASK).status_code == 404
    for way in ("release", "refuse", "withdraw"):
        data = {"version": "1", "reason": "x"}
        assert client.post(f"/transfers/{made.id}/{way}", data=data).status_code == 404
    assert Transfer.get().status == "asked"
    page = text(client.get(f"/transfers/{made.id}"))
    main = page[page.index("<main") :]
    assert "<button" not in main
    assert "ฮวดเจริญ" not in main
    assert SHOWN not in main


# --- deciding ------------------------------------------------------------------------------------


def test_the_holding_school_sees_who_asks_and_why_and_releases(panel: Panel, held: Student) -> None:
    made = asked(panel, held)
    client = holder(panel)
    assert "Transfers waiting for you: 1." in text(client.get("/"))
    assert "Transfers waiting for you: 1." in text(
        panel.client("lao", panel.far_lao).get(f"/units/{panel.far.code}")
    )
    assert "Another school asks for this child." in text(
        client.get(f"/children/details/?id={held.id}")
    )
    page = text(client.get(f"/transfers/{made.id}"))
    for word in (panel.school.name, "ย้ายตามผู้ปกครอง", "ฟ้าใส", SHOWN, "Release the child"):
        assert word in page
    answer = client.post(
        f"/transfers/{made.id}/release", data={"version": held.version}, follow_redirects=True
    )
    assert "the child has moved to the other school" in text(answer)
    [here] = Student.select().where(Student.id_number == NUMBER, Student.status == "active")
    assert here.school_id == panel.school.id
    asker = panel.client("school")
    assert f'href="/children/details/?id={here.id}"' in text(asker.get(f"/transfers/{made.id}"))
    assert "Transfer released" in text(asker.get(f"/units/{panel.school.code}"))
    assert "Transfer released" in text(client.get(f"/units/{panel.far.code}"))
    assert "Transfers waiting for you" not in text(client.get("/"))


def test_a_confirmed_school_is_told_that_it_must_be_reopened_and_by_whom(
    panel: Panel, held: Student
) -> None:
    made = asked(panel, held)
    UnitState.update(
        status="confirmed",
        confirmed_at=panel.clock(),
        confirmed_by=panel.country.own(panel.far).user_id,
    ).where(UnitState.unit == panel.far.id).execute()
    client = holder(panel)
    page = text(client.get(f"/transfers/{made.id}"))
    told = f"{panel.far.name} has confirmed: nothing can be changed there."
    assert told in page
    assert f"{panel.far_lao.name} can return it for correction" in page
    assert "Release the child" not in page
    answer = client.post(f"/transfers/{made.id}/release", data={"version": "1"})
    assert (answer.status_code, told in text(answer)) == (409, True)
    assert unchanged(held)


@pytest.mark.parametrize("version", ["", "0", "2", "x"])
def test_a_row_that_is_not_as_it_was_seen_does_not_move(
    panel: Panel, held: Student, version: str
) -> None:
    made = asked(panel, held)
    answer = holder(panel).post(f"/transfers/{made.id}/release", data={"version": version})
    assert (answer.status_code, "changed in the meantime" in text(answer)) == (409, True)
    assert unchanged(held)


def test_a_refusal_is_read_by_the_asking_school_without_a_name(panel: Panel, held: Student) -> None:
    made = asked(panel, held)
    client = holder(panel)
    empty = client.post(f"/transfers/{made.id}/refuse", data={"reason": " "})
    assert (empty.status_code, "Write why the child stays" in text(empty)) == (422, True)
    client.post(f"/transfers/{made.id}/refuse", data={"reason": "ยังเรียนอยู่ที่นี่"})
    for role in ("school", "lao", "province"):
        reader = panel.client(role)
        for address in (f"/transfers/{made.id}", f"/units/{panel.school.code}", "/history/"):
            page = text(reader.get(address))
            assert "ยังเรียนอยู่ที่นี่" in page
            assert names_nothing(panel, page), (role, address)
    late = client.post(f"/transfers/{made.id}/release", data={"version": "1"})
    assert (late.status_code, "answered or withdrawn already" in text(late)) == (409, True)
    assert unchanged(held)


def test_the_asking_school_withdraws_its_request(panel: Panel, held: Student) -> None:
    made = asked(panel, held)
    assert holder(panel).post(f"/transfers/{made.id}/withdraw").status_code == 404
    answer = panel.client("school").post(f"/transfers/{made.id}/withdraw", follow_redirects=True)
    assert "The request is withdrawn." in text(answer)
    assert Transfer.get().status == "withdrawn"


def test_strangers_find_no_request(panel: Panel, held: Student) -> None:
    made = asked(panel, held)
    for client in (
        panel.client("school", panel.sister),
        panel.client("school", panel.country.school(panel.far_lao)),
        panel.client("lao", panel.country.lao("81")),
        panel.client("province", panel.country.province("83")),
    ):
        assert client.get(f"/transfers/{made.id}").status_code == 404
        for way in ("release", "refuse", "withdraw"):
            answer = client.post(
                f"/transfers/{made.id}/{way}", data={"version": "1", "reason": "x"}
            )
            assert answer.status_code == 404
        assert "ย้ายตาม" not in text(client.get("/transfers/"))
    asker = panel.client("school")
    for way in ("release", "refuse"):
        answer = asker.post(f"/transfers/{made.id}/{way}", data={"version": "1", "reason": "x"})
        assert answer.status_code == 404
    assert Transfer.get().status == "asked"
    assert unchanged(held)


@pytest.mark.parametrize("silly", ["x", "0", "-1", "99999999999999999999", "%00", "²"])
def test_nonsense_in_the_address_is_not_found(panel: Panel, silly: str) -> None:
    client = panel.client("lao")
    assert client.get(f"/transfers/{silly}").status_code in (400, 404)
    for way in ("release", "refuse", "withdraw"):
        assert client.post(f"/transfers/{silly}/{way}").status_code in (400, 404)
    assert client.get("/transfers/ask", query_string={"child": silly}).status_code in (400, 404)
    for key in ("after", "before", "show"):
        answer = client.get("/transfers/", query_string={key: silly})
        assert answer.status_code in (200, 400), key
    assert client.get("/transfers/ask", query_string={"unit": silly}).status_code in (200, 400)


def test_the_access_log_shows_that_somebody_asks(panel: Panel, held: Student) -> None:
    asked(panel, held)
    page = text(panel.client("department").get("/access-log/"))
    assert "A child of another school asked for by identity number" in page
    assert panel.school.name in page
    assert NUMBER not in page
    assert SHOWN not in page
