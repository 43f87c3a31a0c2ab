"""The page of errors, queries and notes, and the page of the rules."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin_app.models import Finding, RuleSetting, Student
from admin_app.services import findings
from tests.views.conftest import Panel, child_at, text

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


@pytest.mark.parametrize("note", ["ok", "x" * 501])
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
