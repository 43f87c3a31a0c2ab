"""A small country in which everything has happened once: every page has something to say."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from admin_app.jobs import kinds
from admin_app.mail import post
from admin_app.models import Finding, Job, Transfer, Unit, Upload, User
from admin_app.services import (
    announcements,
    asking,
    case_notes,
    children,
    confirmation,
    findings,
    notes,
    other_counts,
    rule_settings,
    transfers,
)
from admin_app.services.other_counts import SchoolRow
from tests.country import LETTER
from tests.imports.conftest import NEW, sheet_of, workbook
from tests.imports.test_counts import area_table
from tests.twins import same_name, same_number
from tests.views.conftest import Panel

REASON = "ตรวจกับเอกสารแล้ว"
WRONG = NEW | {"id_number": "123", "birth_date": "31/2/2560", "grade": "ป.9", "sex": "?"}
SHEETS = {"roster": "children", "other_counts": "other-counts"}
STATES = ("queued", "running", "done", "failed", "cancelled")


def _last_round(panel: Panel) -> None:
    """The cycle before: everything confirmed and closed by the department."""
    country, clock = panel.country, panel.clock
    today = clock()
    past = {k: v - timedelta(days=200) for k, v in LETTER.items() if k.endswith("_at")}
    clock.set(past["opens_at"] + timedelta(days=3))
    cycle = country.cycle("2566-2", **past | {"name": "ปีการศึกษา 2566 ครั้งที่ 2"})
    country.children(panel.school, cycle, 3, attested=True, grade="P1")
    country.confirm_tree(panel.province, cycle)
    clock.set(past["closes_at"] + timedelta(hours=1))
    dla = country.actor("department")
    confirmation.move(dla, cycle.id, country.department.id, "close", clock, reason=REASON)
    clock.set(today)


def _children(panel: Panel) -> None:
    """In order, wrong, unusual, explained, removed, a leaver, and two that stand in two schools."""
    country, cycle, school = panel.country, panel.cycle, panel.school
    country.children(school, cycle, 2, attested=True)
    gone = country.child(school, cycle)
    children.remove(country.own(school), {gone.id}, "moved", panel.clock)
    country.child(school, cycle, grade="")
    country.child(school, cycle, id_number="1810000000001")
    country.child(school, cycle, id_kind="none", id_number=None, no_id_reason="อยู่ระหว่างขอ")
    country.child(school, cycle, grade="P2", leaver=True)
    for born in (2005, 2006):
        odd = country.child(school, cycle, grade="P1")
        odd.birth_date = odd.birth_date.replace(year=born)
        odd.save()
    same_number(country, cycle, school, panel.sister)
    same_name(country, cycle, school, panel.sister)
    findings.refresh_unit(cycle.id, school, panel.clock())
    query = Finding.get(Finding.unit == school.id, Finding.rule == "age_unusual")
    notes.explain(country.own(school), {query.id: query.basis}, REASON, panel.clock)


def _transfers(panel: Panel) -> None:
    """One in each state, asked by the school and asked of it."""
    country, cycle, clock = panel.country, panel.cycle, panel.clock
    for asker, holder, end in (
        (panel.school, panel.sister, ""),
        (panel.sister, panel.school, ""),
        (panel.school, panel.sister, "refuse"),
        (panel.school, panel.sister, "release"),
    ):
        child = country.child(holder, cycle, grade="P1")
        values = {"id_kind": "pin", "id_number": child.id_number, "grade": "P1", "reason": REASON}
        asking.ask(country.own(asker), cycle.id, asker.id, values, clock)
        made = Transfer.get(Transfer.student_id == child.id)
        if end == "refuse":
            transfers.refuse(country.own(holder), made.id, REASON, clock)
        elif end:
            transfers.release(country.own(holder), made.id, child.version, clock)


def _confirmed(panel: Panel) -> Unit:
    """Another LAO of the province: confirmed, unlocked and confirmed again, returned, extended."""
    country, cycle, clock = panel.country, panel.cycle, panel.clock
    lao = country.lao("81")
    school, other = country.school(lao), country.school(lao)
    country.confirm_tree(lao, cycle)
    desk = country.actor("helpdesk")
    confirmation.move(desk, cycle.id, school.id, "unlock", clock, reason=REASON)
    country.child(school, cycle, attested=True)
    clock.tick(hours=1)
    country.confirm(school, cycle)
    confirmation.move(country.own(lao), cycle.id, other.id, "return", clock, reason=REASON)
    until = cycle.closes_at - timedelta(days=1)
    confirmation.move(desk, cycle.id, panel.far.id, "extend", clock, reason=REASON, until=until)
    return school


def _jobs(panel: Panel) -> None:
    """Of each kind two, in other states, of DLA's and of each role's own."""
    now = panel.clock()
    asked = {
        "name": "roster",
        "unit": panel.school.code,
        "edition": "draft",
        "kind": "roster",
        "level": "school",
        "upload": Upload.get(Upload.kind == "roster").id,
    }
    for role in ("department", "province", "lao", "school"):
        owner = panel.country.actor(role, panel.home(role)).user_id
        for n, kind in enumerate(kinds.KINDS * 2):
            status = STATES[(n + n // 5) % 5]
            Job.create(
                kind=kind.key,
                key=f"{role}{n}",
                cycle=panel.cycle.id,
                owner=owner,
                status=status,
                total=10,
                done=3,
                params=json.dumps(asked),
                result=json.dumps(dict.fromkeys(kind.results, 3)) if status == "done" else "{}",
                created_at=now,
                started_at=None if status == "queued" else now,
                beat_at=now if status == "running" else None,
                ended_at=None if status in ("queued", "running") else now,
            )


def _uploads(panel: Panel) -> None:
    """A sheet of children and one of counts, each with something wrong, waiting to be accepted."""
    sheets = {
        "school": ("/imports/children", sheet_of([NEW, WRONG, WRONG | {"first_name": ""}])),
        "lao": ("/imports/other-counts", workbook(area_table())),
    }
    for role, (address, data) in sheets.items():
        sent = {"file": (io.BytesIO(data), "แบบนำเข้า.xlsx"), "unit": panel.home(role).code}
        answer = panel.client(role).post(address, data=sent)
        assert answer.status_code == 302, answer.status


def live(panel: Panel) -> list[str]:
    """Let it all happen; answers with addresses that a walk along links would not find."""
    country, cycle, clock = panel.country, panel.cycle, panel.clock
    dla = country.actor("department")
    _last_round(panel)
    _children(panel)
    _transfers(panel)
    school = _confirmed(panel)
    _uploads(panel)
    _jobs(panel)
    row = SchoolRow(name="โรงเรียนวัด", affiliation="PESAO", counts={"P1": (3, 4)})
    other_counts.save(country.own(panel.lao), cycle.id, panel.lao.id, 0, [row], clock)
    when = {"starts_at": clock(), "ends_at": cycle.closes_at}
    told: dict[str, Any] = {"title": "ปิดปรับปรุง", "text": "คืนนี้", "level": "", "province": ""}
    announcements.create(dla, told | when, clock)
    case_notes.write(country.actor("helpdesk"), panel.school, "โทรมาถามวันปิด", clock)
    country.rates(cycle, lambda rate: replace(rate, satang=rate.satang + 100))
    rule_settings.change(dla, cycle.id, "age_unusual", 0, True, {"younger": 2, "older": 3}, clock)
    User.update(must_change_password=False).execute()
    units = (panel.province, panel.lao, panel.school, school, panel.far, country.department)
    moves = ("confirm", "close", "return", "unlock", "extend", "reopen")
    return [
        *(f"/units/{unit.code}" for unit in units),
        *(f"/units/{unit.code}/{move}" for unit in units for move in moves),
        *(f"/units/{unit.code}/estimate" for unit in units),
        *(f"/findings/{unit.code}" for unit in units),
        *(f"/snapshots/{unit.code}" for unit in units),
        *(f"/snapshots/{unit.code}/compare?from=1&to=2" for unit in units),
        *(f"/existence/{unit.code}" for unit in units),
        *(f"/exports/?unit={unit.code}" for unit in units),
        *(f"/reminders/{unit.code}?level={low}" for unit in units for low in ("lao", "school")),
        *(f"/children/?status=removed&unit={unit.code}" for unit in units),
        *(f"/{one.level}s/details/?id={one.id}" for one in units[:3]),
        *(f"/imports/{SHEETS[one.kind]}/{one.id}" for one in Upload.select()),
        *(f"/jobs/{job.id}" for job in Job.select(Job.id)),
        "/children/?grade=P1&sex=F&attested=0&problem=age_unusual&page_size=20",
        "/confirmations/?level=school&status=open&late=1",
        "/help/guide-school",
        "/reminders/off/nonsense",
        *(f"/reminders/off/{post.token(one.id)}" for one in User.select(User.id)),
        "/?cycle=2566-2",
        f"/?cycle={cycle.code}",
    ]
