"""Moves by hand."""

from __future__ import annotations

import re

from admin_app.models import Unit, UnitState
from tests.views.conftest import Panel, child_at, text


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


def test_a_usual_reason_on_the_units_page_leads_to_the_preview_with_it_chosen(panel: Panel) -> None:
    panel.country.confirm_tree(panel.lao, panel.cycle)
    client, unit = panel.client("helpdesk"), f"/units/{panel.school.code}"
    assert f'href="{unit}/unlock?usual=1"' in text(client.get(unit))
    for place, chosen in (("1", 1), ("0", 1), ("3", 0), ("-1", 0), ("x", 0), ("٢", 0)):
        page = text(client.get(f"{unit}/unlock?usual={place}"))
        assert page.count('value="A child was left out" checked') == (place == "1")
        assert page.count("checked") == chosen
    assert panel.country.state(panel.school, panel.cycle).status == "confirmed"


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


def test_whoever_confirms_sees_what_is_signed_for(panel: Panel) -> None:
    country, cycle = panel.country, panel.cycle
    for unit in (panel.school, panel.sister):
        country.confirm(country.ready(unit, cycle, 3), cycle)
    country.ready(panel.lao, cycle)
    page = text(panel.client("lao").get(f"/units/{panel.lao.code}/confirm"))
    facts = dict(re.findall(r"<dt>([^<]*)</dt><dd>(?:<strong>)?([^<]*)", page))
    assert facts == {"Children": "6", "Schools": "2", "Other affiliations": "none declared"}


def test_who_closes_the_country_sees_which_provinces_are_missing_and_whom_to_call(
    panel: Panel,
) -> None:
    panel.country.confirm_tree(panel.country.province(panel.far_lao.province.code), panel.cycle)
    panel.clock.now = panel.cycle.closes_at
    Unit.update(phone="075 999").where(Unit.id == panel.province.id).execute()
    page = text(panel.client("department").get("/units/DLA/close"))
    part = page.partition("left out of the figures")[2].partition("</ul>")[0]
    missing = re.findall(r'href="/units/(\w+)"', part)
    assert panel.province.code in missing
    assert panel.far_lao.province.code not in missing
    assert 'href="tel:075999"' in part
    open_ = UnitState.select().where(
        UnitState.cycle == panel.cycle.id,
        UnitState.level == "province",
        UnitState.status == "open",
        UnitState.active,
    )
    assert len(missing) == open_.count()


def test_only_a_school_shows_a_number_of_children_of_its_own(panel: Panel) -> None:
    child_at(panel, panel.school)
    client = panel.client("province")
    cell = '<td data-label="Children">'
    assert f"{cell}1<" in text(client.get("/confirmations/?level=school"))
    for level in ("lao", "province"):
        page = text(client.get(f"/confirmations/?level={level}"))
        assert f"{cell}–<" in page, level
        assert f"{cell}0<" not in page, level


def test_a_school_sees_its_classes_before_it_confirms(panel: Panel) -> None:
    country, cycle = panel.country, panel.cycle
    for grade, sex in (("P1", "M"), ("P1", "F"), ("P1", "F"), ("P2", "M")):
        country.child(panel.school, cycle, grade=grade, sex=sex, attested=True)
    page = text(panel.client("school").get(f"/units/{panel.school.code}/confirm"))
    rows = re.findall(r'<th scope="row">([^<]*)</th>(.*?)</tr>', page)
    cells = {name: re.findall(r">(\d+)<", rest) for name, rest in rows}
    assert cells == {"Primary 1": ["1", "2", "3"], "Primary 2": ["1", "0", "1"]}


def test_an_extension_begins_with_the_close_while_that_is_ahead(panel: Panel) -> None:
    address = f"/units/{panel.school.code}/extend"
    assert 'value="11/6/2567 17:00"' in text(panel.client("helpdesk").get(address))
    panel.clock.now = panel.cycle.closes_at
    page = text(panel.client("department").get(address))
    assert re.search(r'id="until"[^>]*value=""', page)
