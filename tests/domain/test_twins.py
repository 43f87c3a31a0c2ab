"""Which level decides about rows of one child: the lowest that sees them all, and DLA always."""

from __future__ import annotations

import pytest

from admin_app.domain.access import ROLE, Actor, UnitRef
from admin_app.domain.twins import decides, deciding_level, sees

# province 2 holds LAO 21 with schools 211, 212 and LAO 22 with 221; province 3 LAO 31 with 311
DLA = UnitRef(1, "department")
PROVINCE, FAR_PROVINCE = (UnitRef(i, "province", None, i) for i in (2, 3))
LAO, COUSINS = (UnitRef(i, "lao", i, 2) for i in (21, 22))
SCHOOL, SISTER = (UnitRef(i, "school", 21, 2) for i in (211, 212))
COUSIN, FAR = UnitRef(221, "school", 22, 2), UnitRef(311, "school", 31, 3)
PLACES = {
    "lao": (SCHOOL, SISTER),
    "lao, three rows": (SCHOOL, SISTER, SISTER),
    "province": (SCHOOL, COUSIN),
    "province, three rows": (SCHOOL, SISTER, COUSIN),
    "department": (SCHOOL, FAR),
    "department, three rows": (SCHOOL, SISTER, FAR),
}


def actor(role: str, unit: UnitRef) -> Actor:
    return Actor(7, "someone", "Someone", role, unit)


@pytest.mark.parametrize("where", PLACES)
def test_the_lowest_level_that_sees_all_rows_decides(where: str) -> None:
    assert deciding_level(PLACES[where]) == where.split(",")[0]


@pytest.mark.parametrize(
    ("role", "unit", "seen", "decided"),
    [
        ("lao", LAO, {"lao"}, {"lao"}),
        ("lao", COUSINS, set(), set()),
        ("province", PROVINCE, {"lao", "province"}, {"province"}),
        ("province", FAR_PROVINCE, set(), set()),
        ("department", DLA, {"lao", "province", "department"}, {"lao", "province", "department"}),
        ("helpdesk", DLA, set(), set()),
        ("school", SCHOOL, set(), set()),
    ],
)
def test_who_sees_and_who_decides(
    role: str, unit: UnitRef, seen: set[str], decided: set[str]
) -> None:
    me = actor(role, unit)
    assert ROLE[role].level == unit.level
    for where, places in PLACES.items():
        level = where.split(",")[0]
        assert sees(me, places) is (level in seen), where
        assert decides(me, places) is (level in decided), where
