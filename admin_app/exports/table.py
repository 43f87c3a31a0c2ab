"""Every export as a row: who may have it, of which units, when, its sheets, what builds it.

Source: the product's contract, "Exports, gated by role and deadline". An export's permission is a
row of ``domain/access.py``; its gates are functions of ``gates.py``, by edition, the best first.
The screens, the gates, the writer, ``docs/exports.md`` and the sweeps of the tests read this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.text import N_
from admin_app.exports import access_log, outstanding, roster, size
from admin_app.exports.certificate import paper as certificate
from admin_app.exports.columns import SheetSpec
from admin_app.exports.country import book as national_budget
from admin_app.exports.gates import (
    ANY,
    DRAFT,
    OFFICIAL,
    Gate,
    any_time,
    once_closed,
    once_confirmed,
    while_open,
)
from admin_app.exports.province import book as province_summary
from admin_app.exports.request import Built, Request
from admin_app.models import Cycle, Unit

LONG_ROWS = 50_000
"""Rows of a plain list that are written in about a second; more are a matter for a job."""
LONG_SCHOOLS = 2_000
"""Schools of a workbook of figures that are written in about a second."""

Estimate = Callable[[Cycle, Unit], int]


@dataclass(frozen=True, slots=True)
class Export:
    """One export. ``levels``: of the units it may be asked for, highest first.

    ``sheets``: as the workbook has them, in order; none for what is no workbook. ``estimate``:
    about how many rows it will have; from ``long_rows`` on it takes too long to wait for.
    ``format``: how its file ends, a key of ``build.FORMATS``. ``takes_rates``: an edition of the
    cycle's rates may be asked for.
    """

    name: str
    title: str
    permission: str
    levels: tuple[str, ...]
    editions: Mapping[str, Gate]
    file_title: str
    build: Callable[[Request, Any], Built]
    sheets: tuple[SheetSpec, ...] = ()
    estimate: Estimate = size.schools
    long_rows: int = LONG_ROWS
    format: str = "xlsx"
    takes_rates: bool = False


EXPORTS: tuple[Export, ...] = (
    Export(
        "roster",
        N_("Roster"),
        "roster:export",
        (PROVINCE, LAO, SCHOOL),
        {ANY: any_time},
        "รายชื่อนักเรียน",
        roster.REPORT.build,
        (roster.SHEET,),
        size.children,
    ),
    Export(
        "province-summary",
        N_("Province summary"),
        "province-summary:export",
        (PROVINCE,),
        {OFFICIAL: once_confirmed, DRAFT: while_open},
        "สรุปข้อมูลจังหวัด",
        province_summary.build,
        province_summary.SHEETS,
        size.schools,
        LONG_SCHOOLS,
    ),
    Export(
        "outstanding",
        N_("Outstanding units"),
        "outstanding:export",
        (DEPARTMENT, PROVINCE, LAO),
        {ANY: any_time},
        "หน่วยที่ยังไม่ยืนยัน",
        outstanding.REPORT.build,
        (outstanding.SHEET,),
        size.open_units,
    ),
    Export(
        "national-budget",
        N_("National summary and budget"),
        "national-budget:export",
        (DEPARTMENT,),
        {OFFICIAL: once_closed},
        "สรุปและงบประมาณทั้งประเทศ",
        national_budget.build,
        national_budget.SHEETS,
        size.schools,
        LONG_SCHOOLS,
        takes_rates=True,
    ),
    Export(
        "access-log",
        N_("Access log"),
        "access_log:export",
        (DEPARTMENT,),
        {ANY: any_time},
        "บันทึกการเข้าถึงข้อมูล",
        access_log.REPORT.build,
        (access_log.SHEET,),
        size.entries,
    ),
    Export(
        "certificate",
        N_("Certificate for signature"),
        "certificate:export",
        (PROVINCE, LAO, SCHOOL),
        {ANY: once_confirmed},
        "แบบยืนยันข้อมูล",
        certificate.build,
        estimate=size.one_page,
        format="pdf",
    ),
)
BY_NAME: dict[str, Export] = {export.name: export for export in EXPORTS}
