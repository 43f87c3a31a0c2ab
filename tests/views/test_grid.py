"""The grid of counts of other affiliations."""

from __future__ import annotations

from admin_app.models import Code, OtherSchool, OtherSheet, UnitState
from admin_app.services import other_counts
from admin_app.services.other_counts import SchoolRow
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


def previous(panel: Panel) -> None:
    """A closed cycle before, in which the LAO counted two schools."""
    before = panel.country.cycle("2566-2")
    rows = [
        SchoolRow("วัดเหนือ", "PESAO", "81000001", {"P1": (31, 4)}),
        SchoolRow("วัดใต้", "PRIVATE", "", {"P2": (5, 17)}),
    ]
    other_counts.save(panel.country.own(panel.lao), before.id, panel.lao.id, 0, rows, panel.clock)
    UnitState.update(status="confirmed", confirmed_at=panel.clock()).where(
        UnitState.cycle == before.id, UnitState.level == "department"
    ).execute()


def test_the_last_round_stands_beside_this_one(panel: Panel) -> None:
    previous(panel)
    client, address = panel.client("lao"), f"/other-counts/{panel.lao.code}"
    assert 'title="last round">57</small>' in text(client.get(address))  # of all together
    client.post(address, data=typed(**{"r0.name": "วัดเหนือ (ชื่อใหม่)", "r0.code": "81000001"}))
    page = text(client.get(address))
    for number in (31, 4, 35):
        assert f'title="last round">{number}</small>' in page
    assert 'title="last round">17</small>' not in page


def test_without_a_last_round_nothing_is_said_of_one(panel: Panel) -> None:
    page = text(panel.client("lao").get(f"/other-counts/{panel.lao.code}"))
    assert "last round" not in page


def test_what_was_carried_over_is_said_not_to_be_recorded(panel: Panel) -> None:
    sheet = OtherSheet.create(
        cycle=panel.cycle,
        lao=panel.lao,
        province=panel.province,
        recorded=False,
        updated_at=panel.clock(),
    )
    client, address = panel.client("lao"), f"/other-counts/{panel.lao.code}"
    assert "their counts are not" in text(client.get(address))
    assert "not recorded" in text(client.get("/"))
    assert client.post(address, data=typed(version="1")).status_code == 302
    assert OtherSheet.get_by_id(sheet.id).recorded
    assert "their counts are not" not in text(client.get(address))


def test_an_empty_grid_is_not_said_to_be_done(panel: Panel) -> None:
    client = panel.client("lao")
    answer = client.post(f"/other-counts/{panel.lao.code}", data={"version": "0"})
    page = text(client.get(answer.location))
    assert "No school is recorded" in page
    assert "The counts are saved" not in page
