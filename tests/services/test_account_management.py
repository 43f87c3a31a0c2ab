"""Who manages whose account, and the one-time codes that set a new password."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from admin_app.models import PasswordReset, User
from admin_app.services import accounts
from admin_app.services.accounts import RESET_LIVES
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.throttle import MOST_PER_ACCOUNT, Throttled
from tests.country import PASSWORD
from tests.services.conftest import Chain

NEW = "a better password"
AT = "192.0.2.1"


def use(chain: Chain, user: User, code: str, new: str = NEW) -> User | None:
    """What using the code answers."""
    return accounts.use_reset(user.username, code, new, AT, chain.country.clock)


# manager: whose accounts it reads, edits and resets
READS = {
    "department": {"department", "helpdesk", "province", "lao", "school", "sister", "far"},
    "helpdesk": {"province", "lao", "school", "sister", "far"},
    "province": set(),
    "lao": {"school", "sister"},
    "school": set(),
}
EDITS = READS | {"helpdesk": set()}


@pytest.mark.parametrize("role", READS)
def test_each_role_manages_these_accounts_and_no_other_exists(chain: Chain, role: str) -> None:
    me, clock = chain.actor(role), chain.country.clock
    users = {
        "department": chain.country.user("department"),
        "helpdesk": chain.country.user("helpdesk"),
        "province": chain.country.user("province", chain.province),
        "lao": chain.country.user("lao", chain.lao),
        "school": chain.country.user("school", chain.school),
        "sister": chain.country.user("school", chain.sister),
        "far": chain.country.user("school", chain.far),
    }

    def reached(door: Any) -> set[str]:
        found = set()
        for name, user in users.items():
            try:
                door(user)
            except NotFound:
                continue
            found.add(name)
        return found

    assert reached(lambda user: accounts.get(me, user.id)) == READS[role]
    assert reached(lambda user: accounts.give_reset(me, user.id, clock)) == READS[role]
    editing = reached(lambda user: accounts.edit(me, user.id, 1, {"phone": "1"}, clock))
    assert editing == EDITS[role]


def test_each_role_creates_these_accounts(chain: Chain) -> None:
    units = {
        "department": chain.country.department,
        "helpdesk": chain.country.department,
        "province": chain.province,
        "lao": chain.lao,
        "school": chain.school,
    }
    creates: dict[str, set[str]] = {
        "department": set(units),
        "helpdesk": set(),
        "province": set(),
        "lao": {"school"},
        "school": set(),
    }
    for role in units:
        made = set()
        for wanted, unit in units.items():
            name = f"{role}-{wanted}"
            try:
                args = (chain.actor(role), name, " สมชาย ", wanted, unit, chain.country.clock)
                user = accounts.create(*args)
            except (NotFound, Invalid):
                continue
            made.add(wanted)
            assert (user.unit_id, user.lao_id) == (unit.id, unit.lao_id)
            assert (user.province_id, user.name) == (unit.province_id, "สมชาย")
            assert (user.password_hash, user.must_change_password) == ("", True)
        assert made == creates[role]


def test_an_lao_makes_no_account_for_another_laos_school(chain: Chain) -> None:
    with pytest.raises(NotFound):
        accounts.create(chain.actor("lao"), "spy", "", "school", chain.far, chain.country.clock)


def test_an_account_that_cannot_be_is_not_created(chain: Chain) -> None:
    dla, clock = chain.actor("department"), chain.country.clock
    chain.country.user("school", chain.school, username="somchai")
    wrong: list[tuple[str, str, str, Any, dict[str, Any]]] = [
        ("username", "Somchai ", "school", chain.school, {}),
        ("username", "", "school", chain.school, {}),
        ("username", "som chai", "school", chain.school, {}),
        ("username", "s" * 65, "school", chain.school, {}),
        ("phone", "new", "school", chain.school, {"phone": "1" * 256}),
        ("unit", "new", "school", chain.lao, {}),
        ("unit", "new", "school", None, {}),
        ("role", "new", "king", chain.school, {}),
    ]
    before = User.select().count()
    for field, username, role, unit, more in wrong:
        with pytest.raises(Invalid) as info:
            accounts.create(dla, username, "ชื่อ", role, unit, clock, **more)
        assert set(info.value.errors) == {field}
    assert User.select().count() == before


def test_an_edit_takes_contacts_and_never_role_or_unit(chain: Chain) -> None:
    user = chain.country.user("school", chain.school)
    values = {"phone": "075", "role": "department", "unit": chain.far, "password_hash": "x"}
    changed = accounts.edit(chain.actor("lao"), user.id, 1, values, chain.country.clock)
    assert (changed.phone, changed.role, changed.version) == ("075", "school", 2)
    assert (changed.unit_id, changed.password_hash) == (chain.school.id, user.password_hash)
    with pytest.raises(Conflict):
        accounts.edit(chain.actor("lao"), user.id, 1, {"phone": "076"}, chain.country.clock)
    same = accounts.edit(chain.actor("lao"), user.id, 2, {"phone": "075"}, chain.country.clock)
    assert same.version == 2
    assert len(chain.events("account.edited")) == 1


def test_a_reset_kills_the_old_password_and_every_session_at_once(chain: Chain) -> None:
    user, clock = chain.country.user("school", chain.school), chain.country.clock
    signed = accounts.sign_in(user.username, PASSWORD, AT, clock)
    assert signed is not None
    _, code = accounts.give_reset(chain.actor("lao"), user.id, clock)
    assert re.fullmatch(r"\d{4}-\d{4}", code)
    assert accounts.session_user(signed[1], clock) is None
    assert accounts.sign_in(user.username, PASSWORD, AT, clock) is None
    assert code not in PasswordReset.get(PasswordReset.user == user.id).code_hash
    assert code not in chain.events("account.reset")[0].details


def test_a_code_works_once(chain: Chain) -> None:
    user, clock = chain.country.user("school", chain.school), chain.country.clock
    _, code = accounts.give_reset(chain.actor("helpdesk"), user.id, clock)
    assert use(chain, user, "0000-0000x") is None
    assert use(chain, user, f" {code} ") == user
    assert accounts.sign_in(user.username, NEW, AT, clock) is not None
    assert use(chain, user, code, "yet another one") is None
    assert not User.get_by_id(user.id).must_change_password


def test_a_newer_code_takes_the_place_of_the_older(chain: Chain) -> None:
    user, clock = chain.country.user("school", chain.school), chain.country.clock
    codes = [accounts.give_reset(chain.actor("helpdesk"), user.id, clock)[1] for _ in range(2)]
    assert use(chain, user, codes[0]) is None
    assert use(chain, user, codes[1]) == user


@pytest.mark.parametrize(
    ("wait", "works"), [(RESET_LIVES - timedelta(seconds=1), True), (RESET_LIVES, False)]
)
def test_a_code_lives_an_hour(chain: Chain, wait: timedelta, works: bool) -> None:
    user, clock = chain.country.user("school", chain.school), chain.country.clock
    _, code = accounts.give_reset(chain.actor("helpdesk"), user.id, clock)
    clock.tick(seconds=wait.total_seconds())
    assert (use(chain, user, code) is not None) is works


def test_a_code_of_another_or_a_locked_account_does_not_work(chain: Chain) -> None:
    clock, helpdesk = chain.country.clock, chain.actor("helpdesk")
    user, other = (chain.country.user("school", chain.school) for _ in range(2))
    _, code = accounts.give_reset(helpdesk, user.id, clock)
    assert use(chain, other, code) is None
    User.update(active=False).where(User.id == user.id).execute()
    assert use(chain, user, code) is None
    assert accounts.use_reset("nobody", code, NEW, AT, clock) is None


def test_a_weak_password_does_not_use_up_the_code(chain: Chain) -> None:
    user, clock = chain.country.user("school", chain.school), chain.country.clock
    _, code = accounts.give_reset(chain.actor("helpdesk"), user.id, clock)
    with pytest.raises(Invalid):
        use(chain, user, code, "short")
    assert use(chain, user, code) == user


def test_codes_cannot_be_guessed_by_trying(chain: Chain) -> None:
    user, clock = chain.country.user("school", chain.school), chain.country.clock
    _, code = accounts.give_reset(chain.actor("helpdesk"), user.id, clock)
    for _ in range(MOST_PER_ACCOUNT):
        assert use(chain, user, "1") is None
    with pytest.raises(Throttled):
        use(chain, user, code)


def test_a_code_helps_who_has_locked_himself_out_by_trying(chain: Chain) -> None:
    user, clock = chain.country.user("school", chain.school), chain.country.clock
    for _ in range(MOST_PER_ACCOUNT):
        accounts.sign_in(user.username, "wrong", AT, clock)
    _, code = accounts.give_reset(chain.actor("helpdesk"), user.id, clock)
    assert use(chain, user, code) == user


@pytest.mark.parametrize("silly", [None, "", "x", "²", -1, 10**30])
def test_an_id_that_is_none_finds_nobody(chain: Chain, silly: Any) -> None:
    with pytest.raises(NotFound):
        accounts.get(chain.actor("department"), silly)
