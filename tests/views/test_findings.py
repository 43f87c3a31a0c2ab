"""The page of errors, queries and notes, and the page of the rules."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin_app.models import Finding, RuleSetting, Student, Unit, UnitState, database
from admin_app.services import findings
from tests.views.conftest import Panel, child_at, text

LOST = "Your note, so that it is not lost"
NOTE = "เข้าเรียนช้ากว่าเกณฑ์"


def old_child(panel: Panel, **over: Any) -> Student:
    """A child of ten in ป.1, found as such."""
    child = child_at(panel, panel.school, grade="P1", birth_date="2014-01-01", **over)
    findings.ensure(panel.cycle.id, panel.school, panel.clock.now)
    return child


def send(panel: Panel, role: str = "school", note: str = NOTE, **over: Any) -> Any:
    """The form of the one query as it stands on the page."""
    row = Finding.get(Finding.rule == "age_unusual")
    form = {"finding": row.id, f"basis.{row.id}": row.basis, "note": note} | over
    return panel.client(role).post(f"/findings/{panel.school.code}/explain", data=form)


def test_a_school_reads_what_was_found_and_explains_it(panel: Panel) -> None:
    child = old_child(panel)
    client = panel.client("school")
    shown = text(client.get(f"/findings/{panel.school.code}"))
    assert child.last_name in shown
    assert "usual in" in shown
    assert send(panel).status_code == 302
    assert Finding.get().note == NOTE
    assert NOTE in text(client.get(f"/findings/{panel.school.code}?kind=explained"))
    assert NOTE not in text(client.get(f"/findings/{panel.school.code}?kind=query"))


def test_one_note_may_stand_for_all_of_a_kind(panel: Panel) -> None:
    old_child(panel), old_child(panel)
    old = Finding.select().where(Finding.rule == "age_unusual")
    form = {f"basis.{row.id}": row.basis for row in old} | {"alike": "1"}
    assert send(panel, **form).status_code == 302
    assert [row.note for row in old.clone()] == [NOTE, NOTE]
    twins = Finding.select().where(Finding.rule == "twin_in_school")
    assert [row.note for row in twins] == ["", ""]


@pytest.mark.parametrize("note", ["ok", "x" * 501, ""])
def test_a_note_that_cannot_be_taken_is_told_and_stays_typed(panel: Panel, note: str) -> None:
    old_child(panel)
    answer = send(panel, note=note)
    assert answer.status_code == 422
    assert note in text(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert Finding.get().note == ""


def test_a_query_that_changed_meanwhile_keeps_the_note_on_the_form(panel: Panel) -> None:
    old_child(panel)
    row = Finding.get()
    answer = send(panel, **{f"basis.{row.id}": "{}"})
    assert answer.status_code == 409
    assert NOTE in text(answer)
    assert Finding.get().note == ""


@pytest.mark.parametrize("basis", [None, "{}"])
def test_what_is_wrong_is_told_on_the_page_that_the_form_stood_on(
    panel: Panel, basis: str | None
) -> None:
    old_child(panel), old_child(panel)
    client = panel.client("school")
    first, second = Finding.select().where(Finding.rule == "age_unusual").order_by(Finding.id)
    query = f"kind=query&rule=age_unusual&after={first.id}"
    page = text(client.get(f"/findings/{panel.school.code}?{query}"))
    action = re.findall(r'<form method="post" action="([^"]+)" class="explain"', page)[0]
    form = {
        "finding": second.id,
        f"basis.{second.id}": second.basis if basis is None else basis,
        "note": "ok" if basis is None else NOTE,
    }
    answer = client.post(action.replace("&amp;", "&"), data=form)
    again = text(answer)
    assert answer.status_code == (422 if basis is None else 409)
    assert re.findall(r'<li id="f(\d+)"', again) == [str(second.id)]
    assert 'value="age_unusual" selected' in again
    assert f">{form['note']}</textarea>" in again
    assert LOST not in again


def test_a_note_whose_query_left_the_page_stands_at_the_top(panel: Panel) -> None:
    old_child(panel)
    row = Finding.get(Finding.rule == "age_unusual")
    client = panel.client("school")
    address = f"/findings/{panel.school.code}/explain?kind=query"
    form = {"finding": row.id, f"basis.{row.id}": row.basis, "note": NOTE}
    # somebody else explained it, so that it stands under another filter
    stamp = {"noted_at": panel.clock(), "noted_by": panel.country.own(panel.lao).user_id}
    Finding.update(note="เทศบาลตรวจแล้ว", **stamp).execute()
    answer = client.post(address, data=form)
    assert (answer.status_code, NOTE in text(answer), LOST in text(answer)) == (409, True, True)
    # the child was corrected, and the query is no more
    Finding.delete().execute()
    answer = client.post(address, data=form)
    assert (answer.status_code, NOTE in text(answer), LOST in text(answer)) == (404, True, True)
    # the school was confirmed meanwhile: the query is there, its form is not
    findings.ensure(panel.cycle.id, panel.school, panel.clock.now)
    old_child(panel)
    row = Finding.get(Finding.rule == "age_unusual")
    UnitState.update(
        status="confirmed", confirmed_at=panel.clock(), confirmed_by=stamp["noted_by"]
    ).where(UnitState.unit == panel.school.id).execute()
    form = {"finding": row.id, f"basis.{row.id}": row.basis, "note": NOTE}
    answer = client.post(address, data=form)
    assert (answer.status_code, NOTE in text(answer), LOST in text(answer)) == (409, True, True)


def test_a_note_of_the_level_above_has_no_form_below_it(panel: Panel) -> None:
    old_child(panel)
    row = Finding.get(Finding.rule == "age_unusual")
    form = {"finding": row.id, f"basis.{row.id}": row.basis, "note": "เทศบาลตรวจแล้ว"}
    panel.client("lao").post(f"/findings/{panel.school.code}/explain", data=form)
    address = f"/findings/{panel.school.code}?kind=explained"
    for role, has_form in (("lao", True), ("school", False)):
        page = text(panel.client(role).get(address))
        assert "เทศบาลตรวจแล้ว" in page
        assert ('class="explain"' in page) is has_form
    answer = send(panel, note="โรงเรียนเขียนทับ")
    assert answer.status_code == 409
    assert "This note was written by the level above." in text(answer)
    assert "โรงเรียนเขียนทับ" in text(answer)
    assert Finding.get_by_id(row.id).note == "เทศบาลตรวจแล้ว"


def test_a_refused_form_that_is_loaded_anew_leads_back_to_the_page(panel: Panel) -> None:
    answer = panel.client("school").get(f"/findings/{panel.school.code}/explain?kind=query")
    assert answer.status_code == 302
    assert answer.location == f"/findings/{panel.school.code}?kind=query"


@pytest.mark.parametrize("role", ["province", "lao", "department"])
def test_a_page_over_many_schools_asks_no_more_than_one_over_few(
    panel: Panel, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explained(lao: Unit) -> None:
        school = panel.country.school(lao)
        panel.country.child(school, panel.cycle, grade="P1", birth_date="2014-01-01", attested=True)
        findings.ensure(panel.cycle.id, school, panel.clock.now)
        by = panel.country.own(school).user_id
        Finding.update(note=NOTE, noted_at=panel.clock(), noted_by=by).where(
            Finding.unit == school.id
        ).execute()
        panel.country.confirm(panel.country.ready(school, panel.cycle), panel.cycle)

    opened: Any = database.obj
    run = opened.execute_sql

    def asked() -> tuple[int, int]:
        """(queries, schools on the page)"""
        seen = []
        client = panel.client(role)
        with monkeypatch.context() as patch:
            patch.setattr(opened, "execute_sql", lambda *a, **k: (seen.append(a), run(*a, **k))[1])
            page = text(client.get(f"/findings/{panel.home(role).code}"))
        assert page.count(NOTE) >= page.count('<section class="panel">') > 0
        return len(seen), page.count('<section class="panel">')

    explained(panel.lao)
    few, one = asked()
    for n in range(12):
        explained(panel.lao if role == "lao" or n % 2 else panel.country.lao("81"))
    many, several = asked()
    assert (one, several) == (1, 13)
    assert many <= few


def test_levels_above_read_masked_names_and_write_nothing(panel: Panel) -> None:
    child = old_child(panel)
    for role in ("province", "department", "helpdesk"):
        shown = text(panel.client(role).get(f"/findings/{panel.school.code}"))
        assert "usual in" in shown
        assert child.last_name not in shown
        assert "<textarea" not in shown
        assert send(panel, role).status_code == 404
    assert Finding.get().note == ""


def test_strangers_find_neither_the_page_nor_the_query(panel: Panel) -> None:
    old_child(panel)
    stranger = panel.client("school", panel.far)
    assert stranger.get(f"/findings/{panel.school.code}").status_code == 404
    row = Finding.get()
    form = {"finding": row.id, f"basis.{row.id}": row.basis, "note": NOTE}
    assert stranger.post(f"/findings/{panel.far.code}/explain", data=form).status_code == 404
    assert Finding.get().note == ""


def test_an_lao_returns_a_confirmed_school_because_of_a_note(panel: Panel) -> None:
    old_child(panel, attested=True)
    send(panel)
    panel.country.confirm(panel.school, panel.cycle)
    lao = panel.client("lao")
    shown = text(lao.get(f"/findings/{panel.lao.code}"))
    link = re.search(r'href="([^"]+/return\?finding=\d+)"', shown)
    assert link is not None
    page = text(lao.get(link[1]))
    assert f"an age that is unusual for the grade: {NOTE}" in page
    elsewhere = link[1].replace(panel.school.code, panel.sister.code)
    assert lao.get(elsewhere).status_code == 404


def test_a_hundred_a_page_and_the_rest_on_the_next(panel: Panel) -> None:
    for _ in range(101):
        child_at(panel, panel.school, grade="P1", birth_date=None)
    findings.ensure(panel.cycle.id, panel.school, panel.clock.now)
    client = panel.client("lao")
    first = text(client.get(f"/findings/{panel.lao.code}?rule=birth_date_missing"))
    assert first.count("<li id=") == 100
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    assert text(client.get(following[1].replace("&amp;", "&"))).count("<li id=") == 1


def test_homes_boards_and_lists_tell_what_was_found(panel: Panel) -> None:
    old_child(panel)
    for role, unit in (("school", panel.school), ("lao", panel.lao), ("province", panel.province)):
        assert f"/findings/{unit.code}?kind=query" in text(panel.client(role).get("/"))
    lao = panel.client("lao")
    waiting = text(lao.get("/confirmations/?found=query"))
    assert panel.school.name in waiting
    assert panel.sister.name not in waiting
    listed = text(panel.client("province").get("/children/?problem=age_unusual"))
    assert listed.count('data-label="Name"') == 1
    assert 'data-label="Name"' not in text(lao.get("/children/?problem=identity_wrong"))


# --- the rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["department", "helpdesk", "province", "lao", "school"])
def test_everybody_reads_the_rules_and_dla_alone_sets_them(panel: Panel, role: str) -> None:
    client = panel.client(role)
    assert "an age that is unusual for the grade" in text(client.get("/rules/"))
    form = {"version": "0", "active": "1", "younger": "1", "older": "๕"}
    answer = client.post("/rules/age_unusual", data=form)
    assert answer.status_code == (302 if role == "department" else 404)
    assert RuleSetting.select().count() == (role == "department")


def test_a_threshold_that_is_no_number_is_told_and_stays_typed(panel: Panel) -> None:
    form = {"version": "0", "active": "1", "younger": "one", "older": "5"}
    answer = panel.client("department").post("/rules/age_unusual", data=form)
    assert answer.status_code == 422
    assert 'value="one"' in text(answer)
    assert "Give a number from 0 to 999." in text(answer)


def test_the_history_of_a_rule_tells_what_was_changed(panel: Panel) -> None:
    client = panel.client("department")
    client.post("/rules/age_unusual", data={"version": "0", "younger": "1", "older": "5"})
    shown = text(client.get("/rules/age_unusual"))
    assert "Switched off" in shown
    assert "2 → 5" in shown
    assert client.get("/rules/nothing").status_code == 404
