"""Moves by hand."""

from __future__ import annotations

from tests.views.conftest import Panel, text


def test_a_school_confirms_and_its_lao_returns_it_with_a_reason(panel: Panel) -> None:
    panel.country.ready(panel.school, panel.cycle)
    school, lao = panel.client("school"), panel.client("lao")
    address = f"/units/{panel.school.code}"
    assert school.get(f"{address}/confirm").status_code == 200
    assert school.post(f"{address}/confirm").status_code == 302
    assert panel.country.state(panel.school, panel.cycle).status == "confirmed"
    assert lao.post(f"{address}/return", data={"reason": ""}).status_code == 409
    assert lao.post(f"{address}/return", data={"reason": "one is missing"}).status_code == 302
    assert "one is missing" in text(school.get(address))
    assert school.get(f"{address}/return").status_code == 404


def test_a_school_without_children_is_told_why_it_cannot_confirm(panel: Panel) -> None:
    answer = panel.client("school").post(f"/units/{panel.school.code}/confirm")
    assert answer.status_code == 409
    assert 'class="why"' in text(answer)
    assert panel.country.state(panel.school, panel.cycle).status == "open"


def test_an_unlock_previews_every_ancestor_that_it_reopens(panel: Panel) -> None:
    panel.country.confirm_tree(panel.lao, panel.cycle)
    client, address = panel.client("helpdesk"), f"/units/{panel.school.code}/unlock"
    page = text(client.get(address))
    assert "This reopens" in page
    assert panel.lao.name in page
    assert client.post(address, data={"usual": "Confirmed by mistake"}).status_code == 302
    assert panel.country.state(panel.lao, panel.cycle).status == "open"


def test_an_extension_needs_a_time_that_can_be_read(panel: Panel) -> None:
    client, address = panel.client("department"), f"/units/{panel.school.code}/extend"
    answer = client.post(address, data={"until": "soon", "reason": "x"})
    assert answer.status_code == 422
    assert '<a href="#until">' in text(answer)
    assert 'aria-describedby="until-hint until-error"' in text(answer)
    assert '<a href="#reason">' in text(client.post(address, data={"until": "12/6/2567 17:00"}))
    form = {"until": "12/6/2567 17:00", "reason": "flood"}
    assert client.post(address, data=form).status_code == 302
    assert panel.country.state(panel.school, panel.cycle).extended_until is not None
