"""A file on its whole way: read, accepted, sent once more."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from admin_app.domain.plan import Plan
from admin_app.models import Student
from admin_app.services import imports, uploads
from tests.imports.conftest import (
    HEADINGS,
    NEW,
    Chain,
    Filled,
    read,
    sheet_of,
    states,
    template,
)

NUMBERS = ("1234567890121", "G123456789012")


def accept(chain: Chain, data: bytes) -> Plan:
    """Read and accept a file; answers with its plan."""
    plan = read(chain, data)
    actor, clock = chain.actor("school"), chain.country.clock
    args = (actor, uploads.ROSTER, chain.cycle.id, chain.school.id, "a.xlsx", data)
    upload = uploads.start(*args, plan, clock)
    imports.accept_children(actor, upload.id, clock)
    return plan


def as_csv(rows: list[dict[str, Any]], encoding: str) -> bytes:
    """The rows as Excel saves them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([HEADINGS[key] for key in rows[0]])
    writer.writerows([list(row.values()) for row in rows])
    return out.getvalue().encode(encoding)


TYPED = [
    NEW,
    NEW | {"id_number": NUMBERS[1], "first_name": "ก้อง", "prefix": "ด.ช.", "sex": ""},
    NEW | {"id_number": "", "first_name": "ขวัญ", "no_id_reason": "กำลังขอ", "grade": "อ.1"},
]
TYPED = [dict.fromkeys((*NEW, "no_id_reason"), "") | row for row in TYPED]


@pytest.mark.parametrize(
    "data",
    [
        sheet_of(TYPED),
        as_csv(TYPED, "utf-8"),
        as_csv(TYPED, "utf-8-sig"),
        as_csv(TYPED, "tis-620"),
    ],
    ids=["xlsx", "csv in UTF-8", "csv with a mark", "csv in TIS-620"],
)
def test_the_same_file_twice_changes_nothing(chain: Chain, data: bytes) -> None:
    assert states(accept(chain, data)) == {"new": 3}
    before = [row.__data__ for row in Student.select().order_by(Student.id)]
    assert states(accept(chain, data)) == {"unchanged": 3}
    assert [row.__data__ for row in Student.select().order_by(Student.id)] == before
    assert len(chain.events("child.imported")) == 1 + 3  # the school's, and each child's


def test_a_filled_template_twice_changes_nothing(chain: Chain) -> None:
    one, gone, rest = chain.country.children(chain.school, chain.cycle, 3, attested=True)
    filled = Filled(template(chain))
    filled.edit(one, first_name="สมหญิง", grade="ป.2", birth_date="๑/๒/๒๕๖๑")
    filled.edit(gone, removal_reason="เสียชีวิต").add(**NEW)
    filled.add(**NEW | {"id_number": NUMBERS[1], "grade": "?"})
    data = filled.bytes()
    first = states(accept(chain, data))
    assert first == {"wrong": 1, "new": 1, "changed": 1, "removed": 1, "unchanged": 1}
    assert Student.get_by_id(rest.id).version == 1
    before = [row.__data__ for row in Student.select().order_by(Student.id)]
    assert accept(chain, data).writes == 0
    assert [row.__data__ for row in Student.select().order_by(Student.id)] == before
    assert {row.status for row in Student.select().where(Student.id == gone.id)} == {"removed"}


def test_wrong_rows_are_left_out_and_the_others_written(chain: Chain) -> None:
    one = chain.country.child(chain.school, chain.cycle, grade="P1")
    filled = Filled(template(chain)).edit(one, grade="P2", last_name=None).add(**NEW)
    plan = accept(chain, filled.bytes())
    assert states(plan) == {"wrong": 1, "new": 1}
    assert Student.get_by_id(one.id).grade == "P1"
    assert Student.select().count() == 2
