"""Access log (บันทึกการเข้าถึงข้อมูล): who exported what and looked at whom, the latest first.

Every entry that is kept, of all cycles. Children are told by the number of their row alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from peewee import JOIN

from admin_app.domain.thai import format_datetime
from admin_app.exports import words
from admin_app.exports.columns import Column, SheetSpec
from admin_app.exports.lists import ListReport
from admin_app.exports.reading import stream
from admin_app.exports.request import Request
from admin_app.exports.rows import Says
from admin_app.models import AccessLog, Cycle, Unit, User

WHEN, ROLE, WHAT, DETAILS = "เมื่อ", "บทบาท", "เรื่อง", "รายละเอียด"
SHEET = SheetSpec(
    "บันทึกการเข้าถึงข้อมูล",
    (
        Column(words.NUMBER, 8, "count", unique=True),
        Column(WHEN, 21.5, "centre"),
        Column("ผู้ใช้", 20),
        Column(ROLE, 16),
        Column(WHAT, 36),
        Column("รหัสหน่วย", 13.5),
        Column("ชื่อหน่วย", 28),
        Column("รอบ", 9, "centre"),
        Column("จำนวน\nรายการ", 10, "number"),
        Column("จากที่อยู่ IP", 18, "centre"),
        Column(DETAILS, 60),
    ),
)


def entries(request: Request) -> Iterable[tuple[Any, ...]]:
    """The log's rows, the latest first; streamed."""
    query: Any = (
        AccessLog.select(
            AccessLog.at,
            User.username,
            AccessLog.actor_role,
            AccessLog.tag,
            Unit.code,
            Unit.name,
            Cycle.code,
            AccessLog.rows,
            AccessLog.address,
            AccessLog.details,
        )
        .join(User, JOIN.LEFT_OUTER)
        .switch(AccessLog)
        .join(Unit, JOIN.LEFT_OUTER)
        .switch(AccessLog)
        .join(Cycle, JOIN.LEFT_OUTER)
        .order_by(AccessLog.id.desc())
    )
    return stream(query)


def _moment(raw: str | datetime) -> str:
    """A moment as a driver or peewee gives it: naive is UTC."""
    at = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    return format_datetime(at if at.tzinfo else at.replace(tzinfo=UTC))


def says(request: Request) -> Mapping[str, Says]:
    """The words of roles, deeds and details."""
    from admin_app.exports.table import BY_NAME  # the table holds this list, too

    values = {export.name: export.file_title for export in BY_NAME.values()} | words.EDITIONS

    def details(raw: str) -> str:
        told = json.loads(raw or "{}")
        return " · ".join(
            f"{words.DETAILS.get(key, key)}: {values.get(str(value), value)}"
            for key, value in told.items()
            if value not in (None, "")
        )

    return {
        WHEN: _moment,
        ROLE: lambda role: words.ROLES.get(role, role),
        WHAT: lambda tag: words.ACCESS_TAGS.get(tag, tag),
        DETAILS: details,
    }


REPORT = ListReport(
    "บันทึกการเข้าถึงข้อมูล", SHEET, entries, nothing="ยังไม่มีรายการ", says=says, remark="ทุกรอบ"
)
