"""Every export as a row: who may have it, of which units, when, and what builds it.

Source: the product's contract, "Exports, gated by role and deadline". An export's permission is a
row of ``domain/access.py``; its gates are functions of ``gates.py``, by edition, the best first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.text import N_
from admin_app.exports import outstanding, roster
from admin_app.exports.certificate import paper as certificate
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


@dataclass(frozen=True, slots=True)
class Export:
    """One export. ``levels``: of the units it may be asked for, highest first.

    ``format``: how its file ends, a key of ``build.FORMATS``.
    """

    name: str
    title: str
    permission: str
    levels: tuple[str, ...]
    editions: Mapping[str, Gate]
    file_title: str
    build: Callable[[Request, Any], Built]
    format: str = "xlsx"


EXPORTS: tuple[Export, ...] = (
    Export(
        "roster",
        N_("Roster"),
        "roster:export",
        (PROVINCE, LAO, SCHOOL),
        {ANY: any_time},
        "รายชื่อนักเรียน",
        roster.build,
    ),
    Export(
        "province-summary",
        N_("Province summary"),
        "province-summary:export",
        (PROVINCE,),
        {OFFICIAL: once_confirmed, DRAFT: while_open},
        "สรุปข้อมูลจังหวัด",
        province_summary.build,
    ),
    Export(
        "outstanding",
        N_("Outstanding units"),
        "outstanding:export",
        (DEPARTMENT, PROVINCE, LAO),
        {ANY: any_time},
        "หน่วยที่ยังไม่ยืนยัน",
        outstanding.build,
    ),
    Export(
        "national-budget",
        N_("National summary and budget"),
        "national-budget:export",
        (DEPARTMENT,),
        {OFFICIAL: once_closed},
        "สรุปและงบประมาณทั้งประเทศ",
        national_budget.build,
    ),
    Export(
        "certificate",
        N_("Certificate for signature"),
        "certificate:export",
        (PROVINCE, LAO, SCHOOL),
        {ANY: once_confirmed},
        "แบบยืนยันข้อมูล",
        certificate.build,
        "pdf",
    ),
)
BY_NAME: dict[str, Export] = {export.name: export for export in EXPORTS}
