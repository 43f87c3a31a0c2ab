"""The sheet of other affiliations: saved whole, by one person at a time, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from admin_app.models import OtherCount, OtherSchool, OtherSheet
from admin_app.services import other_counts
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.other_counts import SchoolRow
from tests.country import CLOSES, ManualClock
from tests.services.conftest import Chain, refused


def row(name: str = "บ้านกระเบื้องใหญ่", **over: Any) -> SchoolRow:
    """The example row of the education area's table, shortened."""
    values: dict[str, Any] = {
        "affiliation": "PESAO",
        "code": "32020001",
        "counts": {"K1": (4, 8), "P1": (11, 12), "P2": (0, 0)},
    }
    return SchoolRow(name, **values | over)


def save(chain: Chain, version: int, rows: list[SchoolRow], **over: Any) -> OtherSheet:
    """The chain's LAO saves its sheet."""
    args = (chain.actor("lao"), chain.cycle.id, chain.lao.id, version, rows)
    return other_counts.save(*args, chain.country.clock, **over)


def test_a_sheet_is_saved_with_its_rows_in_their_order(chain: Chain) -> None:
    typed = [row("โรงเรียน ๒ ", code="๓๒๐๒๐๐๐๒"), row("โรงเรียน ๑", code="")]
    sheet = save(chain, 0, typed)
    found = other_counts.rows(sheet)
    assert [(r.name, r.code, r.total) for r in found] == [
        ("โรงเรียน ๒", "32020002", 35),
        ("โรงเรียน ๑", "", 35),
    ]
    assert found[0].counts == {"K1": (4, 8), "P1": (11, 12)}
    assert [school.children for school in sheet.schools] == [35, 35]
    assert (sheet.version, sheet.declared_none) == (1, False)
    assert sheet.updated_by_id == chain.actor("lao").user_id
    assert len(chain.events("other_counts.saved", chain.lao)) == 1


def test_saving_again_replaces_the_whole_sheet(chain: Chain) -> None:
    save(chain, 0, [row("ก"), row("ข")])
    sheet = save(chain, 1, [row("ค")])
    assert [r.name for r in other_counts.rows(sheet)] == ["ค"]
    assert (OtherSchool.select().count(), OtherCount.select().count()) == (1, 2)
    assert sheet.version == 2


def test_of_two_people_the_second_is_told_and_nothing_is_lost(chain: Chain) -> None:
    save(chain, 0, [row("ก")])
    for stale in (0, 2):
        with pytest.raises(Conflict) as info:
            save(chain, stale, [row("ข")])
        assert [r.name for r in other_counts.rows(info.value.current)] == ["ก"]


WRONG: list[tuple[str, list[SchoolRow]]] = [
    ("1.name", [row("ก"), row(" ")]),
    ("1.name", [row("ก"), row("ก ")]),
    ("0.name", [row("ก" * 256)]),
    ("1.affiliation", [row("ก"), row("ข", affiliation="MARS")]),
    ("0.code", [row(code="1234567")]),
    ("0.code", [row(code="²²²²²²²²")]),
    ("0.P1", [row(counts={"P1": (-1, 0)})]),
    ("0.P1", [row(counts={"P1": (0, 10_000)})]),
    ("0.N1", [row(counts={"N1": (1, 1)})]),
    ("0.P9", [row(counts={"P9": (1, 1)})]),
]


def test_one_wrong_cell_keeps_the_whole_sheet_as_it_was(chain: Chain) -> None:
    save(chain, 0, [row("เดิม")])
    for field, rows in WRONG:
        with pytest.raises(Invalid) as info:
            save(chain, 1, rows)
        assert set(info.value.errors) == {field}
        sheet = OtherSheet.get(OtherSheet.lao == chain.lao.id)
        assert [r.name for r in other_counts.rows(sheet)] == ["เดิม"]
        assert sheet.version == 1


def test_none_in_our_area_is_declared_without_schools(chain: Chain) -> None:
    with pytest.raises(Invalid):
        save(chain, 0, [row()], declared_none=True)
    assert save(chain, 0, [], declared_none=True).declared_none
    assert not save(chain, 1, [row()]).declared_none
    assert [len(chain.events(f"other_counts.{tag}")) for tag in ("none", "saved")] == [1, 1]


def test_the_sheet_is_closed_with_its_lao(chain: Chain, clock: ManualClock) -> None:
    chain.country.confirm_tree(chain.lao, chain.cycle)
    assert refused(lambda: save(chain, 1, [])) == ["already_confirmed"]
    chain.move("province", chain.lao, "return")
    assert save(chain, 1, []).version == 2
    clock.set(CLOSES)
    assert refused(lambda: save(chain, 2, [])) == ["window_closed"]


@pytest.mark.parametrize("role", ["department", "helpdesk", "province"])
def test_who_reads_a_sheet_does_not_write_it(chain: Chain, role: str) -> None:
    me, clock = chain.actor(role), chain.country.clock
    assert other_counts.sheet(me, chain.cycle.id, chain.lao.id) == (chain.lao, None)
    args = (me, chain.cycle.id, chain.lao.id, 0, [row()], clock)
    assert refused(lambda: other_counts.save(*args)) == ["not_allowed"]


@pytest.mark.parametrize("role", ["province", "lao", "school"])
def test_sheets_outside_the_scope_do_not_exist(chain: Chain, role: str) -> None:
    me, clock = chain.actor(role), chain.country.clock
    for unit in (chain.far.lao, chain.school, chain.country.department):
        with pytest.raises(NotFound):
            other_counts.sheet(me, chain.cycle.id, unit.id)
        with pytest.raises(NotFound):
            other_counts.save(me, chain.cycle.id, unit.id, 0, [row()], clock)
    assert not OtherSheet.select().exists()
