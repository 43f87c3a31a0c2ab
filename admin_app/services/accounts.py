"""The one door for accounts: sign in and out, passwords, resets, and who may manage whom.

A wrong name and a wrong password take the same time and get the same answer.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from admin_app.database import Clock, for_update, transaction
from admin_app.domain.access import ROLE, Actor, UnitRef, may
from admin_app.domain.text import N_
from admin_app.domain.thai import to_local
from admin_app.models import PasswordReset, Unit, User, UserSession
from admin_app.services import history, throttle
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.passwords import SHORTEST_PASSWORD as SHORTEST_PASSWORD
from admin_app.services.passwords import check_new_password as check_new_password
from admin_app.services.passwords import hash_password as hash_password
from admin_app.services.passwords import matches
from admin_app.services.scope import ref
from admin_app.services.throttle import MOST_PER_ACCOUNT as MOST_PER_ACCOUNT
from admin_app.services.throttle import Throttled as Throttled
from admin_app.services.typed import no_address, row_id, taken, too_long

IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
RESET_LIVES = timedelta(hours=1)
LONGEST_ADDRESS = 45
"""An address of IPv6 that ends in one of IPv4."""

PLACE = (Unit.id, Unit.level, Unit.lao, Unit.province, Unit.active)
_TAKEN = N_("This user name is taken.")


def token_hash(token: str) -> str:
    """What stands for a session's token in the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def _by_name(username: str) -> User | None:
    """The account with this name; telephones begin it with a capital letter."""
    for name in dict.fromkeys((username, username.lower())):
        user = User.get_or_none(User.username == name)
        if user is not None:
            return user
    return None


def may_act(user: User, now: datetime) -> bool:
    """Whether the account may act now: not locked, in office, its unit not out of service."""
    unit = _unit_of(user)
    today = to_local(now).date()
    in_office = user.in_office_until is None or user.in_office_until >= today
    return bool(user.active and unit.active) and in_office


def _unit_of(user: User) -> Unit:
    """The account's unit, or the few columns of it that a session reads at each request."""
    unit: Unit = getattr(user, "place", None) or user.unit
    return unit


def sign_in(username: str, password: str, address: str, clock: Clock) -> tuple[User, str] | None:
    """The user and a new session token, or None for whatever is wrong. Raises Throttled."""
    now = clock()
    username = username.strip()
    throttle.attempt(username, address, now)
    user = _by_name(username)
    good = matches(user.password_hash if user else "", password)
    if user is None or not good or not may_act(user, now):
        return None
    token = secrets.token_urlsafe(32)
    with transaction():
        UserSession.create(user=user.id, token_hash=token_hash(token), created_at=now, seen_at=now)
        throttle.forget(username, address)
        User.update(signed_in_at=now).where(User.id == user.id).execute()
    return user, token


def session_user(token: str, clock: Clock) -> User | None:
    """The user of a live session; None when it ended, idled out, or the account may not act."""
    now = clock()
    session = (
        UserSession.select(
            UserSession.id, UserSession.created_at, UserSession.seen_at, User, *PLACE
        )
        .join(User)
        .join(Unit, on=(User.unit == Unit.id), attr="place")
        .where(UserSession.token_hash == token_hash(token), UserSession.ended_at.is_null())
        .get_or_none()
    )
    if session is None:
        return None
    if now - session.seen_at > IDLE or now - session.created_at > ABSOLUTE:
        return None
    if not may_act(session.user, now):
        return None
    if now - session.seen_at > SEEN_EVERY:
        with transaction():
            UserSession.update(seen_at=now).where(UserSession.id == session.id).execute()
    user: User = session.user
    return user


def sign_out(token: str, clock: Clock) -> None:
    """End the session, so that a copied cookie is dead too."""
    with transaction():
        UserSession.update(ended_at=clock()).where(
            UserSession.token_hash == token_hash(token), UserSession.ended_at.is_null()
        ).execute()


def end_sessions(user_id: int, now: datetime, except_token: str | None = None) -> None:
    """End every session of a user, but for the one with ``except_token``."""
    query = UserSession.update(ended_at=now).where(
        UserSession.user == user_id, UserSession.ended_at.is_null()
    )
    if except_token:
        query = query.where(UserSession.token_hash != token_hash(except_token))
    query.execute()


def actor_of(user: User, address: str = "") -> Actor:
    """The actor that the services know; ``address``: where the person sits."""
    unit: UnitRef = ref(_unit_of(user))
    return Actor(user.id, user.username, user.name, user.role, unit, address[:LONGEST_ADDRESS])


def _set_password(user: User, password: str, now: datetime, keep: str | None = None) -> None:
    User.update(
        password_hash=hash_password(password),
        must_change_password=False,
        version=User.version + 1,
    ).where(User.id == user.id).execute()
    end_sessions(user.id, now, keep)


def change_password(user: User, old: str, new: str, token: str, clock: Clock) -> None:
    """Set a new password by the old one; every other session of the user ends."""
    if not matches(user.password_hash, old):
        raise Invalid({"old_password": (N_("This is not your present password."), {})})
    if old == new:
        raise Invalid({"new_password": (N_("Choose one that differs from the present one."), {})})
    check_new_password(new, user.username)
    with transaction():
        _set_password(user, new, clock(), token)


def manageable(actor: Actor, user: User, verb: str) -> bool:
    """Whether the actor may ``verb`` this account: in scope, and of a role it manages."""
    where = UnitRef(user.unit_id, ROLE[user.role].level, user.lao_id, user.province_id)
    return user.role in ROLE[actor.role].manages and may(actor, f"user:{verb}", where)


def get(actor: Actor, user_id: Any, verb: str = "read") -> User:
    """The account, if the actor may ``verb`` it; NotFound otherwise."""
    user = User.get_or_none(User.id == row_id(user_id))
    if user is None or not manageable(actor, user, verb):
        raise NotFound("user")
    return user


def _unit_for(actor: Actor, role: str, unit: Unit | None) -> Unit:
    if role not in ROLE[actor.role].manages:
        raise Invalid({"role": (N_("Choose one of the list."), {})})
    if unit is None or unit.level != ROLE[role].level:
        raise Invalid({"unit": (N_("Choose a unit of the role's level."), {})})
    return unit


def create(
    actor: Actor, username: str, name: str, role: str, unit: Unit | None, clock: Clock, **more: Any
) -> User:
    """A new account without a password: hand out a reset code with ``give_reset``."""
    unit = _unit_for(actor, role, unit)
    if not may(actor, "user:create", ref(unit)):
        raise NotFound("unit")
    username = username.strip().lower()
    if not username or not username.replace(".", "").replace("-", "").isalnum():
        raise Invalid({"username": (N_("Letters, digits, dot and dash only."), {})})
    name = name.strip() or username
    errors = too_long(User, more | {"username": username, "name": name}) | no_address(more)
    if errors:
        raise Invalid(errors)
    with taken("username", _TAKEN), transaction():
        if User.select().where(User.username == username).exists():
            raise Invalid({"username": (_TAKEN, {})})
        now = clock()
        user = User.create(
            username=username,
            name=name,
            role=role,
            unit=unit.id,
            province=unit.province_id,
            lao=unit.lao_id,
            created_at=now,
            **more,
        )
        history.record("account.created", actor, now, unit=unit, details={"username": username})
        return user


def edit(actor: Actor, user_id: int, version: int, values: dict[str, Any], clock: Clock) -> User:
    """Change name, contacts, lock or term of an account; a lock ends its sessions."""
    allowed = ("name", "phone", "email", "active", "in_office_until")
    with transaction():
        user = for_update(User.select().where(User.id == get(actor, user_id, "edit").id)).get()
        if user.version != version:
            raise Conflict(user)
        changed = {k: v for k, v in values.items() if k in allowed and user.__data__.get(k) != v}
        errors = too_long(User, changed) | no_address(changed)
        if errors:
            raise Invalid(errors)
        if not changed:
            return user
        now = clock()
        write(actor, user, changed, now)
        fresh = User.get_by_id(user.id)
        if not may_act(fresh, now):
            end_sessions(user.id, now)
        return fresh


def write(actor: Actor, user: User, changed: dict[str, Any], now: datetime) -> None:
    """Inside a transaction that holds the account: write what is judged already, and into the
    history which fields, never what they say.
    """
    User.update({**changed, "version": User.version + 1}).where(User.id == user.id).execute()
    details = {"username": user.username, "fields": sorted(changed)}
    history.record("account.edited", actor, now, unit=user.unit, details=details)


def give_reset(actor: Actor, user_id: int, clock: Clock) -> tuple[User, str]:
    """A one-time code that a person can take down by telephone; the old password dies at once."""
    with transaction():
        user = get(actor, user_id, "reset")
        now = clock()
        code = f"{secrets.randbelow(10**4):04d}-{secrets.randbelow(10**4):04d}"
        PasswordReset.update(used_at=now).where(
            PasswordReset.user == user.id, PasswordReset.used_at.is_null()
        ).execute()
        PasswordReset.create(
            user=user.id,
            code_hash=hash_password(code),
            created_by=actor.user_id,
            created_at=now,
            expires_at=now + RESET_LIVES,
        )
        User.update(password_hash="", must_change_password=True).where(User.id == user.id).execute()
        throttle.forget(user.username)
        end_sessions(user.id, now)
        history.record(
            "account.reset", actor, now, unit=user.unit, details={"username": user.username}
        )
        return user, code


def use_reset(username: str, code: str, new: str, address: str, clock: Clock) -> User | None:
    """Set a new password by a reset code; None for whatever is wrong. Raises Throttled, Invalid."""
    now = clock()
    username = username.strip()
    check_new_password(new, username)
    throttle.attempt(username, address, now)
    user = _by_name(username)
    reset = user and (
        PasswordReset.select()
        .where(
            PasswordReset.user == user.id,
            PasswordReset.used_at.is_null(),
            PasswordReset.expires_at > now,
        )
        .order_by(PasswordReset.id.desc())
        .first()
    )
    good = matches(reset.code_hash if reset else "", code.strip())
    if user is None or not reset or not good or not may_act(user, now):
        return None
    with transaction():
        used = (
            PasswordReset.update(used_at=now)
            .where(PasswordReset.id == reset.id, PasswordReset.used_at.is_null())
            .execute()
        )
        if not used:
            return None
        throttle.forget(username, address)
        _set_password(user, new, now)
    return user
