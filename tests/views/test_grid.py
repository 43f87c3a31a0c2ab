"""The grid of counts of other affiliations."""

from __future__ import annotations

from admin_app.models import Code, OtherSchool, OtherSheet
from tests.views.conftest import Panel, text


def typed(**over: str) -> dict[str, str]:
    """A row of the grid as a browser sends it."""
    code = Code.select().where(Code.list == "affiliation").order_by(Code.position).first().code
    row = {"r0.name": "โรงเรียนอื่น", "r0.affiliation": code, "r0.P1.b": "๑๒", "r0.P1.g": "3"}
    return {"version": "0"} | row | over


def test_an_lao_saves_its_counts_in_thai_digits_too(panel: Panel) -> None:
    client, address = panel.client("lao"), f"/other-counts/{panel.lao.code}"
    assert client.post(address, data=typed()).status_code == 302
    assert OtherSchool.get().children == 15
    assert 'value="12"' in text(client.get(address))


def test_one_wrong_cell_saves_nothing_and_keeps_what_was_typed(panel: Panel) -> None:
    wrong = typed(**{"r0.P1.g": "three"})
    answer = panel.client("lao").post(f"/other-counts/{panel.lao.code}", data=wrong)
    assert answer.status_code == 422
    assert "Nothing is saved yet" in text(answer)
    assert 'value="three"' in text(answer)
    assert not OtherSheet.select().exists()


def test_the_second_of_two_who_save_the_grid_is_shown_what_stands(panel: Panel) -> None:
    client, address = panel.client("lao"), f"/other-counts/{panel.lao.code}"
    client.post(address, data=typed())
    answer = client.post(address, data=typed(**{"r0.name": "โรงเรียนที่สอง"}))
    assert answer.status_code == 409
    assert "โรงเรียนอื่น: 15" in text(answer)
    assert 'value="โรงเรียนที่สอง"' in text(answer)


def test_after_the_close_the_grid_is_refused_with_words(panel: Panel) -> None:
    panel.clock.set(panel.cycle.closes_at)
    client = panel.client("lao")
    answer = client.post(f"/other-counts/{panel.lao.code}", data={"declare_none": "1"})
    assert answer.status_code == 409
    assert not OtherSheet.select().exists()
