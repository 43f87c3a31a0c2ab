"""The two sheets that can be imported, declared: what the import's screens need of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask import url_for

from admin_app.domain.levels import LAO, SCHOOL
from admin_app.domain.plan import NEW, Plan, Row
from admin_app.domain.text import N_
from admin_app.i18n import gettext as _
from admin_app.imports import children, count_heads, counts, counts_out, roster
from admin_app.imports.sheets import READERS
from admin_app.models import Cycle, Unit
from admin_app.services import uploads


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that comes in. ``slug`` stands in addresses, ``kind`` on the stored upload.

    ``read`` makes a plan (bytes, cycle, unit, limits, now, options, ids that changed since),
    ``template`` and ``marked`` write workbooks, ``accept`` writes the plan.
    """

    slug: str
    kind: str
    level: str
    title: str
    file_name: str
    thai_name: str
    read: Callable[..., Plan]
    template: Callable[[Any, Cycle, Unit, datetime], int]
    marked: Callable[..., int]
    accept: Callable[..., dict[str, int]]
    heading: Callable[[str], str]
    facts: Callable[[Unit], Callable[[Row], list[tuple[str, str]]]]
    done: Callable[[Unit], str]
    told: Callable[[dict[str, int]], str]

    @property
    def permission(self) -> str:
        """What every route of the sheet needs."""
        return uploads.KINDS[self.kind][0]


Facts = Callable[[Row], list[tuple[str, str]]]
"""What a new row says, column by column; what is looked up for it is read once for all rows."""
SHOWN = ("id_number", "no_id_reason", "sex", "birth_date", "nationality")


def _child_facts(school: Unit) -> Facts:
    lists = cache(lambda: roster.lists(school))

    def facts(row: Row) -> list[tuple[str, str]]:
        if row.state != NEW:
            return []
        cells = {name: lists().write(name, row.values.get(name)) for name in SHOWN}
        return [(children.heading(name), text) for name, text in cells.items() if text]

    return facts


def _school_facts(lao: Unit) -> Facts:
    """Its code, its affiliation and the children of each grade."""
    names = cache(lambda: {name[0]: name[1] for name in counts.affiliations()})

    def facts(row: Row) -> list[tuple[str, str]]:
        if row.state != NEW:
            return []
        said = [(count_heads.WORDS[0].heading, row.values["code"])]
        said.append((count_heads.WORDS[2].heading, names().get(row.values["affiliation"], "")))
        said += [(counts_out.heading(g), f"{b}+{w}") for g, (b, w) in row.values["counts"].items()]
        return [(name, text) for name, text in said if text]

    return facts


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        slug="children",
        kind=uploads.ROSTER,
        level=SCHOOL,
        title=N_("Import children from a workbook"),
        file_name="children",
        thai_name="แบบนำเข้านักเรียน",
        read=READERS[uploads.ROSTER].read,
        template=children.template,
        marked=children.marked,
        accept=READERS[uploads.ROSTER].accept,
        heading=children.heading,
        facts=_child_facts,
        done=lambda unit: url_for("children.index_view", unit=unit.code),
        told=lambda done: _(
            "Imported: %(new)d new, %(changed)d changed, %(removed)d removed.",
            new=done["new"],
            changed=done["changed"],
            removed=done["removed"],
        ),
    ),
    Sheet(
        slug="other-counts",
        kind=uploads.COUNTS,
        level=LAO,
        title=N_("Import counts of other affiliations"),
        file_name="other-counts",
        thai_name="แบบนำเข้าสังกัดอื่น",
        read=READERS[uploads.COUNTS].read,
        template=counts_out.template,
        marked=counts_out.marked,
        accept=READERS[uploads.COUNTS].accept,
        heading=counts_out.heading,
        facts=_school_facts,
        done=lambda unit: url_for("grid.show", code=unit.code),
        told=lambda done: _(
            "Imported: %(new)d new schools, %(changed)d changed.",
            new=done["new"],
            changed=done["changed"],
        ),
    ),
)
