"""The table of permissions, written down a second time by hand, and how far each one reaches."""

from __future__ import annotations

import pytest

from admin_app.domain import access
from admin_app.domain.access import Actor, UnitRef

# who                           department, helpdesk, province, lao, school
# C the country · T own unit and below · B below the own unit · U the own unit · . nothing
EXPECTED = """
access_log:export        C . . . .
access_log:read          C . . . .
announcement:create      C . . . .
announcement:edit        C . . . .
announcement:read        C . . . .
case_note:read           C C . . .
case_note:write          C C . . .
certificate:export       C . T T T
checklist:print          . . . T T
child:attest             . . . T T
child:create             . . . T T
child:edit               . . . T T
child:import             . . . T T
child:read               C C T T T
child:remove             . . . T T
child:restore            . . . T T
child:reveal             C . T . .
code:edit                C . . . .
code:read                C . . . .
cycle:carry              C . . . .
cycle:create             C . . . .
cycle:edit               C . . . .
cycle:read               C C C C C
cycle:start              C . . . .
department:close         C . . . .
department:contact       C . . . .
department:edit          . . . . .
department:extend        C . . . .
department:read          C C . . .
department:unlock        C . . . .
district:edit            C . . . .
district:read            C C T . .
duplicate:decide         C . T T .
duplicate:read           C . T T .
finding:explain          . . . T T
finding:read             C C T T T
history:read             C C T T T
job:read                 C . . . .
lao:confirm              . . . U .
lao:contact              . . . U .
lao:create               C . . . .
lao:edit                 C . . . .
lao:extend               C C . . .
lao:read                 C C T T .
lao:return               . . B . .
lao:unlock               C C . . .
letter:read              C . . . .
national-budget:export   C . . . .
other_counts:edit        . . . U .
other_counts:read        C C T T .
outstanding:export       C C T T .
province-summary:export  C . U . .
province:confirm         . . U . .
province:contact         . . U . .
province:create          C . . . .
province:edit            C . . . .
province:extend          C C . . .
province:read            C C T . .
province:return          C . . . .
province:unlock          C C . . .
rate:edit                C . . . .
rate:read                C . C . .
reminder:send            C . B B .
reminder_text:edit       C . . . .
roster:export            C . T T T
rule:edit                C . . . .
rule:read                C C C C C
school:confirm           . . . B U
school:contact           . . . B U
school:create            C . . . .
school:edit              C . . . .
school:extend            C C . . .
school:read              C C T T T
school:return            . . . B .
school:unlock            C C . . .
snapshot:read            C C T T T
state:read               C C T T T
transfer:ask             . . . T T
transfer:decide          . . . T T
transfer:read            C C T T T
user:create              C . . B .
user:edit                C . . B .
user:read                C C . B .
user:reset               C C . B .
verify:run               C . . . .
"""
ROLES = ("department", "helpdesk", "province", "lao", "school")
CELLS = {
    line.split()[0]: dict(zip(ROLES, line.split()[1:], strict=True))
    for line in EXPECTED.strip().splitlines()
}
LETTER = {"country": "C", "tree": "T", "below": "B", "unit": "U", None: "."}

# province 2 holds LAO 21 with schools 211 and 212, and LAO 22 with school 221; province 3 likewise
DLA = UnitRef(1, "department")
PROVINCE, OTHER_PROVINCE = (UnitRef(i, "province", None, i) for i in (2, 3))
LAO, OTHER_LAO = (UnitRef(i, "lao", i, 2) for i in (21, 22))
SCHOOL, SISTER = (UnitRef(i, "school", 21, 2) for i in (211, 212))
COUSIN = UnitRef(221, "school", 22, 2)
FAR_LAO, FAR_SCHOOL = UnitRef(31, "lao", 31, 3), UnitRef(311, "school", 31, 3)
EVERYWHERE = {
    "department": DLA,
    "province": PROVINCE,
    "other province": OTHER_PROVINCE,
    "lao": LAO,
    "other lao": OTHER_LAO,
    "far lao": FAR_LAO,
    "school": SCHOOL,
    "sister": SISTER,
    "cousin": COUSIN,
    "far school": FAR_SCHOOL,
}
HOME = {
    "department": DLA,
    "helpdesk": DLA,
    "province": PROVINCE,
    "lao": LAO,
    "school": SCHOOL,
}
# reach and role → every place that is inside
INSIDE: dict[tuple[str, str], set[str]] = {
    ("U", "province"): {"province"},
    ("U", "lao"): {"lao"},
    ("U", "school"): {"school"},
    ("B", "province"): {"lao", "other lao", "school", "sister", "cousin"},
    ("B", "lao"): {"school", "sister"},
    ("T", "province"): {"province", "lao", "other lao", "school", "sister", "cousin"},
    ("T", "lao"): {"lao", "school", "sister"},
    ("T", "school"): {"school"},
}


def actor(role: str) -> Actor:
    return Actor(1, role, role, role, HOME[role])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("permission", sorted(CELLS.keys() | access.GRANTS.keys()))
def test_each_permission_reaches_as_far_as_the_contract_says(permission: str, role: str) -> None:
    reach = CELLS[permission][role]
    assert LETTER[access.reach(role, permission)] == reach
    inside = {"C": set(EVERYWHERE), ".": set()}.get(reach) or INSIDE.get((reach, role), set())
    found = {place for place, u in EVERYWHERE.items() if access.may(actor(role), permission, u)}
    assert found == inside
    assert access.may(actor(role), permission) is (reach != ".")


def test_the_table_stands_in_alphabetical_order() -> None:
    assert list(access.GRANTS) == sorted(access.GRANTS)


def test_a_permission_without_a_row_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        access.may(actor("department"), "child:erase")


def test_only_school_and_lao_see_children_unmasked() -> None:
    assert {role for role in ROLES if not actor(role).masked} == {"lao", "school"}


@pytest.mark.parametrize(
    ("role", "manages"),
    [
        ("department", {"department", "helpdesk", "province", "lao", "school"}),
        ("helpdesk", {"province", "lao", "school"}),
        ("province", set()),
        ("lao", {"school"}),
        ("school", set()),
    ],
)
def test_each_role_manages_the_accounts_below_it(role: str, manages: set[str]) -> None:
    assert set(access.ROLE[role].manages) == manages


@pytest.mark.parametrize(
    ("role", "target", "behalf"),
    [
        ("school", SCHOOL, False),
        ("lao", LAO, False),
        ("lao", SCHOOL, True),
        ("lao", COUSIN, False),
        ("lao", FAR_SCHOOL, False),
        ("province", LAO, True),
        ("province", FAR_SCHOOL, False),
        ("department", DLA, False),
    ],
)
def test_work_for_a_unit_below_is_on_its_behalf(role: str, target: UnitRef, behalf: bool) -> None:
    assert access.acts_for(actor(role), target) is behalf
