"""The main path with JavaScript off: record, confirm on every level, export, unlock it all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from admin_app import database
from admin_app.domain.access import Actor
from admin_app.models import Cycle, Unit, UnitState
from admin_app.services import children, confirmation, findings, notes, other_counts
from seed.demo_units import cast
from tests.browser import server
from tests.browser.test_round import (
    LAO,
    RIGHT,
    SCHOOL,
    WORKBOOK,
    confirm,
    confirmed,
    explain,
    record,
)
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _open(cycle: Cycle, level: str, province: Unit) -> list[Unit]:
    query = (
        Unit.select()
        .join(UnitState, on=(UnitState.unit == Unit.id))
        .where(UnitState.cycle == cycle.id, UnitState.status == "open", Unit.level == level)
        .where(Unit.province == province.id, Unit.code.not_in((SCHOOL, LAO)))
    )
    return list(query)


def _mend(cycle: Cycle, school: Unit, actor: Actor, now: datetime) -> None:
    """Whoever has an error leaves; the others are attested, and what is unusual is explained."""
    findings.ensure(cycle.id, school, now)
    errors, _ = notes.listed(actor, cycle.id, school, kind="error")
    wrong = {one.row.student_id for one in errors}
    if wrong:
        children.remove(actor, wrong, "left", database.now)
    children.attest_school(actor, cycle.id, school.id, database.now)
    _explain(cycle, school, actor)


def _explain(cycle: Cycle, unit: Unit, actor: Actor) -> None:
    found, _ = notes.listed(actor, cycle.id, unit, kind="query")
    own = {one.row.id: one.row.basis for one in found if one.row.unit_id == unit.id}
    if own:
        notes.explain(actor, own, "ตรวจสอบกับเอกสารแล้ว", database.now)


def confirm_krabi_but_ao_nang(path: Path) -> None:
    """Through the services: everything below Krabi is confirmed, except Ao Nang and its school."""
    opened = database.bind(f"sqlite:///{path}")
    with opened.connection_context():
        now = database.now()
        cycle = Cycle.select().order_by(Cycle.opens_at.desc()).get()
        province = Unit.get(Unit.code == "81")
        actors = cast()
        for school in _open(cycle, "school", province):
            actor = actors[school.code if school.kind != "centre" else school.lao.code]
            _mend(cycle, school, actor, now)
            confirmation.move(actor, cycle.id, school.id, "confirm", database.now)
        for lao in _open(cycle, "lao", province):
            actor = actors[lao.code]
            _lao, sheet = other_counts.sheet(actor, cycle.id, lao.id)
            if sheet is None:
                other_counts.save(actor, cycle.id, lao.id, 0, [], database.now, declared_none=True)
            findings.ensure(cycle.id, lao, now)
            _explain(cycle, lao, actor)
            confirmation.move(actor, cycle.id, lao.id, "confirm", database.now)


@pytest.fixture(scope="module")
def panel(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a demo in which Krabi waits for Ao Nang alone."""
    path = server.copy(demo_file, tmp_path_factory.mktemp("panel") / "panel.db")
    confirm_krabi_but_ao_nang(path)
    with server.serving(path) as url:
        yield url


def test_a_round_is_walked_up_to_the_official_summary_without_scripts(
    browser: Browser, panel: str
) -> None:
    def enter(username: str) -> Visitor:
        return Visitor(browser, panel, scripts=False).sign_in(username)

    school = enter("chongphli")
    school.press("main a[href^='/children/new/']")
    record(school, RIGHT)
    school.press("main form .button")
    school.go("/")
    school.press(".todo a[href*='problem=']")
    school.page.locator("input[name=rowid]").check()
    school.page.select_option("#removal_reason", "moved")
    school.press("button[value=remove]")
    school.go("/")
    school.press("form[action='/children/attest-all'] button")
    assert explain(school, SCHOOL) == 1
    confirm(school, SCHOOL)
    school.go("/exports/")
    assert school.download("a[href*='/exports/roster.xlsx']").startswith(WORKBOOK)
    school.leave()

    lao = enter("aonang")
    lao.go(f"/other-counts/{LAO}")
    lao.press("button[name=declare_none]")
    explain(lao, LAO)
    confirm(lao, LAO)
    lao.leave()

    province = enter("krabi")
    confirm(province, "81")
    province.go("/exports/?unit=81")
    official = province.download("a[href*='province-summary'][href*='edition=official']")
    assert official.startswith(WORKBOOK)
    province.leave()

    helpdesk = enter("helpdesk")
    helpdesk.page.fill("#q", "ช่องพลี")
    helpdesk.press("form:has(#q) button")
    helpdesk.press("a[href$='/unlock']")
    assert helpdesk.page.locator("main ul li strong").count() == 3
    helpdesk.page.fill("#reason", "ลืมบันทึกนักเรียนย้ายเข้า")
    helpdesk.press("main form button")
    assert not any(confirmed(helpdesk, code) for code in (SCHOOL, LAO, "81"))
    helpdesk.leave()
