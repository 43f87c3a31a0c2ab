"""Who may do what, on which rows: the one table of permissions.

A permission is ``subject:verb``. Each row gives, per role, how far it reaches. Screens, services,
exports and the tests' sweep all read this table; what has no row here is not allowed to anybody.
Source: the product's contract, "Levels and roles".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.text import N_

HELPDESK = "helpdesk"


class Reach(StrEnum):
    """How far a permission reaches from the actor's own unit."""

    COUNTRY = "country"
    TREE = "tree"  # the own unit and everything below it
    BELOW = "below"  # everything below the own unit
    UNIT = "unit"  # the own unit alone


@dataclass(frozen=True, slots=True)
class Role:
    """A role and the level of the unit that its people belong to.

    ``masked``: sees children's identity and names masked (Personal Data Protection Act B.E. 2562:
    least exposure). ``manages``: roles whose accounts it may create, lock and reset.
    ``answers_calls``: its home starts with the search box, and it finds a child by the whole number
    alone.
    """

    key: str
    name: str
    level: str
    masked: bool
    manages: tuple[str, ...] = ()
    answers_calls: bool = False


ROLES: tuple[Role, ...] = (
    Role(
        DEPARTMENT,
        N_("DLA team"),
        DEPARTMENT,
        masked=True,
        manages=(DEPARTMENT, HELPDESK, PROVINCE, LAO, SCHOOL),
    ),
    Role(
        HELPDESK,
        N_("Helpdesk"),
        DEPARTMENT,
        masked=True,
        manages=(PROVINCE, LAO, SCHOOL),
        answers_calls=True,
    ),
    Role(PROVINCE, N_("Province staff"), PROVINCE, masked=True),
    Role(LAO, N_("LAO staff"), LAO, masked=False, manages=(SCHOOL,)),
    Role(SCHOOL, N_("School staff"), SCHOOL, masked=False),
)
ROLE: dict[str, Role] = {role.key: role for role in ROLES}

_C, _T, _B, _U = Reach.COUNTRY, Reach.TREE, Reach.BELOW, Reach.UNIT


def _row(
    department: Reach | None = None,
    helpdesk: Reach | None = None,
    province: Reach | None = None,
    lao: Reach | None = None,
    school: Reach | None = None,
) -> dict[str, Reach]:
    cells = {
        DEPARTMENT: department,
        HELPDESK: helpdesk,
        PROVINCE: province,
        LAO: lao,
        SCHOOL: school,
    }
    return {role: reach for role, reach in cells.items() if reach is not None}


# columns:                     department, helpdesk, province, lao, school
GRANTS: dict[str, dict[str, Reach]] = {
    "access_log:export": _row(_C),
    "access_log:read": _row(_C),
    "announcement:create": _row(_C),
    "announcement:edit": _row(_C),
    "announcement:read": _row(_C),
    "case_note:read": _row(_C, _C),
    "case_note:write": _row(_C, _C),
    "certificate:export": _row(_C, None, _T, _T, _T),
    "checklist:print": _row(None, None, None, _T, _T),
    "child:attest": _row(None, None, None, _T, _T),
    "child:create": _row(None, None, None, _T, _T),
    "child:edit": _row(None, None, None, _T, _T),
    "child:import": _row(None, None, None, _T, _T),
    "child:read": _row(_C, _C, _T, _T, _T),
    "child:remove": _row(None, None, None, _T, _T),
    "child:restore": _row(None, None, None, _T, _T),
    "child:reveal": _row(_C, None, _T),
    "code:edit": _row(_C),
    "code:read": _row(_C),
    "cycle:carry": _row(_C),
    "cycle:create": _row(_C),
    "cycle:edit": _row(_C),
    "cycle:read": _row(_C, _C, _C, _C, _C),
    "cycle:start": _row(_C),
    "department:close": _row(_C),
    "department:contact": _row(_C),
    "department:edit": _row(),
    "department:extend": _row(_C),
    "department:read": _row(_C, _C),
    "department:unlock": _row(_C),
    "district:edit": _row(_C),
    "district:read": _row(_C, _C, _T),
    "duplicate:decide": _row(_C, None, _T, _T),
    "duplicate:read": _row(_C, None, _T, _T),
    "finding:explain": _row(None, None, None, _T, _T),
    "finding:read": _row(_C, _C, _T, _T, _T),
    "history:read": _row(_C, _C, _T, _T, _T),
    "job:read": _row(_C),
    "lao:confirm": _row(None, None, None, _U),
    "lao:contact": _row(None, None, None, _U),
    "lao:create": _row(_C),
    "lao:edit": _row(_C),
    "lao:extend": _row(_C, _C),
    "lao:read": _row(_C, _C, _T, _T),
    "lao:return": _row(None, None, _B),
    "lao:unlock": _row(_C, _C),
    "letter:read": _row(_C),
    "national-budget:export": _row(_C),
    "other_counts:edit": _row(None, None, None, _U),
    "other_counts:read": _row(_C, _C, _T, _T),
    "outstanding:export": _row(_C, _C, _T, _T),
    "province-summary:export": _row(_C, None, _U),
    "province:confirm": _row(None, None, _U),
    "province:contact": _row(None, None, _U),
    "province:create": _row(_C),
    "province:edit": _row(_C),
    "province:extend": _row(_C, _C),
    "province:read": _row(_C, _C, _T),
    "province:return": _row(_C),
    "province:unlock": _row(_C, _C),
    "rate:edit": _row(_C),
    "rate:read": _row(_C, None, _C),
    "reminder:send": _row(_C, None, _B, _B),
    "reminder_text:edit": _row(_C),
    "roster:export": _row(_C, None, _T, _T, _T),
    "rule:edit": _row(_C),
    "rule:read": _row(_C, _C, _C, _C, _C),
    "school:confirm": _row(None, None, None, _B, _U),
    "school:contact": _row(None, None, None, _B, _U),
    "school:create": _row(_C),
    "school:edit": _row(_C),
    "school:extend": _row(_C, _C),
    "school:read": _row(_C, _C, _T, _T, _T),
    "school:return": _row(None, None, None, _B),
    "school:unlock": _row(_C, _C),
    "snapshot:read": _row(_C, _C, _T, _T, _T),
    "state:read": _row(_C, _C, _T, _T, _T),
    "transfer:ask": _row(None, None, None, _T, _T),
    "transfer:decide": _row(None, None, None, _T, _T),
    "transfer:read": _row(_C, _C, _T, _T, _T),
    "user:create": _row(_C, None, None, _B),
    "user:edit": _row(_C, None, None, _B),
    "user:read": _row(_C, _C, None, _B),
    "user:reset": _row(_C, _C, None, _B),
    "verify:run": _row(_C),
}


@dataclass(frozen=True, slots=True)
class UnitRef:
    """Where a row stands: the ids of its unit and of the units above it (None: not below one)."""

    id: int
    level: str
    lao_id: int | None = None
    province_id: int | None = None

    def id_at(self, level: str) -> int | None:
        """The id of the unit of ``level`` that this one is or lies in."""
        if level == self.level:
            return self.id
        return {LAO: self.lao_id, PROVINCE: self.province_id}.get(level)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts: taken from the session once per request and handed down.

    ``address``: where the person sits, for the access log; two of one person are the same actor.
    """

    user_id: int
    username: str
    name: str
    role: str
    unit: UnitRef
    address: str = field(default="", compare=False)

    @property
    def masked(self) -> bool:
        """Whether children's personal data is masked for this actor."""
        return ROLE[self.role].masked

    @property
    def answers_calls(self) -> bool:
        """Whether the actor works at the helpdesk, as it were: see ``Role``."""
        return ROLE[self.role].answers_calls


def reach(role: str, permission: str) -> Reach | None:
    """How far ``permission`` reaches for ``role``; None when it has none of it.

    KeyError when the permission has no row: that is a mistake in the code, not a refusal.
    """
    return GRANTS[permission].get(role)


def may(actor: Actor, permission: str, target: UnitRef | None = None) -> bool:
    """Whether ``actor`` has ``permission``, on ``target`` when one is given."""
    how_far = reach(actor.role, permission)
    if how_far is None:
        return False
    if target is None or how_far is Reach.COUNTRY:
        return True
    own = actor.unit
    inside = own.level == DEPARTMENT or target.id_at(own.level) == own.id
    if how_far is Reach.TREE:
        return inside
    if how_far is Reach.UNIT:
        return target.id == own.id
    return inside and BY_KEY[target.level].rank < BY_KEY[own.level].rank


def acts_for(actor: Actor, target: UnitRef) -> bool:
    """Whether the actor works on behalf of a unit below the own one (marked in the history)."""
    own = actor.unit
    inside = own.level == DEPARTMENT or target.id_at(own.level) == own.id
    return inside and BY_KEY[target.level].rank < BY_KEY[own.level].rank
