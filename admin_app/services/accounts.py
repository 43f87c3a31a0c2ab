"""The one door for accounts: sign in and out, passwords, resets, and who may manage whom.

Passwords are hashed with argon2id (argon2-cffi's defaults, RFC 9106). A wrong name and a wrong
password take the same time and get the same answer.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from admin_app.database import Clock, transaction
from admin_app.domain.access import ROLE, Actor, UnitRef, may
from admin_app.domain.text import N_
from admin_app.domain.thai import to_local
from admin_app.models import LoginAttempt, PasswordReset, Unit, User, UserSession
from admin_app.services import history
from admin_app.services.errors import Conflict, Invalid, NotFound
from admin_app.services.scope import ref

IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
RESET_LIVES = timedelta(hours=1)
THROTTLE_WINDOW = timedelta(minutes=15)
MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 100
SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class Throttled(Exception):
    """Too many failed attempts; try again after ``THROTTLE_WINDOW``."""


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _keys(username: str, address: str) -> dict[str, int]:
    return {
        f"account:{username.lower()[:64]}": MOST_PER_ACCOUNT,
        f"address:{address[:64]}": MOST_PER_ADDRESS,
    }


def _throttle(username: str, address: str, now: datetime) -> None:
    for key, most in _keys(username, address).items():
        failed = (
            LoginAttempt.select()
            .where(LoginAttempt.key == key, LoginAttempt.at > now - THROTTLE_WINDOW)
            .count()
        )
        if failed >= most:
            raise Throttled(key)


def _failed(username: str, address: str, now: datetime) -> None:
    with transaction():
        LoginAttempt.delete().where(LoginAttempt.at < now - THROTTLE_WINDOW).execute()
        LoginAttempt.insert_many(
            [{"key": key, "at": now} for key in _keys(username, address)]
        ).execute()


def may_act(user: User, now: datetime) -> bool:
    """Whether the account may act now: not locked, in office, its unit not out of service."""
    today = to_local(now).date()
    in_office = user.in_office_until is None or user.in_office_until >= today
    return bool(user.active and user.unit.active) and in_office


def sign_in(username: str, password: str, address: str, clock: Clock) -> tuple[User, str] | None:
    """The user and a new session token, or None for whatever is wrong. Raises Throttled."""
    now = clock()
    username = username.strip()
    _throttle(username, address, now)
    user = User.get_or_none(User.username == username)
    good = _matches(user.password_hash if user else _NOBODY, password)
    if user is None or not good or not may_act(user, now):
        _failed(username, address, now)
        return None
    token = secrets.token_urlsafe(32)
    with transaction():
        UserSession.create(user=user.id, token_hash=_token_hash(token), created_at=now, seen_at=now)
        LoginAttempt.delete().where(
            LoginAttempt.key == f"account:{username.lower()[:64]}"
        ).execute()
        User.update(signed_in_at=now).where(User.id == user.id).execute()
    return user, token


def session_user(token: str, clock: Clock) -> User | None:
    """The user of a live session; None when it ended, idled out, or the account may not act."""
    now = clock()
    session = (
        UserSession.select(UserSession, User, Unit)
        .join(User)
        .join(Unit, on=(User.unit == Unit.id))
        .where(UserSession.token_hash == _token_hash(token), UserSession.ended_at.is_null())
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
            UserSession.token_hash == _token_hash(token), UserSession.ended_at.is_null()
        ).execute()


def end_sessions(user_id: int, now: datetime, except_token: str | None = None) -> None:
    """End every session of a user, but for the one with ``except_token``."""
    query = UserSession.update(ended_at=now).where(
        UserSession.user == user_id, UserSession.ended_at.is_null()
    )
    if except_token:
        query = query.where(UserSession.token_hash != _token_hash(except_token))
    query.execute()


def actor_of(user: User) -> Actor:
    """The actor that the services know."""
    unit: UnitRef = ref(user.unit)
    return Actor(user.id, user.username, user.name, user.role, unit)


def check_new_password(password: str, username: str) -> None:
    """Invalid unless the password is long enough and not the user name (NIST SP 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            {
                "new_password": (
                    N_("A password has at least %(least)d characters."),
                    {"least": SHORTEST_PASSWORD},
                )
            }
        )
    if password.lower() == username.lower():
        raise Invalid({"new_password": (N_("Choose something other than the user name."), {})})


def _set_password(user: User, password: str, now: datetime, keep: str | None = None) -> None:
    User.update(
        password_hash=hash_password(password),
        must_change_password=False,
        version=User.version + 1,
    ).where(User.id == user.id).execute()
    end_sessions(user.id, now, keep)


def change_password(user: User, old: str, new: str, token: str, clock: Clock) -> None:
    """Set a new password by the old one; every other session of the user ends."""
    if not _matches(user.password_hash, old):
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
    user = User.get_or_none(User.id == user_id) if str(user_id).isdigit() else None
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
    with transaction():
        if User.select().where(User.username == username).exists():
            raise Invalid({"username": (N_("This user name is taken."), {})})
        now = clock()
        user = User.create(
            username=username,
            name=name.strip() or username,
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
    """Change name, contacts, language, lock or term of an account; a lock ends its sessions."""
    allowed = ("name", "phone", "email", "active", "in_office_until")
    with transaction():
        user = get(actor, user_id, "edit")
        if user.version != version:
            raise Conflict(user)
        changed = {k: v for k, v in values.items() if k in allowed and user.__data__.get(k) != v}
        if not changed:
            return user
        now = clock()
        User.update({**changed, "version": User.version + 1}).where(User.id == user.id).execute()
        fresh = User.get_by_id(user.id)
        if not may_act(fresh, now):
            end_sessions(user.id, now)
        history.record(
            "account.edited",
            actor,
            now,
            unit=user.unit,
            details={"username": user.username, "fields": sorted(changed)},
        )
        return fresh


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
        end_sessions(user.id, now)
        history.record(
            "account.reset", actor, now, unit=user.unit, details={"username": user.username}
        )
        return user, code


def use_reset(username: str, code: str, new: str, address: str, clock: Clock) -> User | None:
    """Set a new password by a reset code; None for whatever is wrong. Raises Throttled, Invalid."""
    now = clock()
    username = username.strip()
    _throttle(username, address, now)
    check_new_password(new, username)
    user = User.get_or_none(User.username == username)
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
    good = _matches(reset.code_hash if reset else _NOBODY, code.strip())
    if user is None or not reset or not good or not may_act(user, now):
        _failed(username, address, now)
        return None
    with transaction():
        used = (
            PasswordReset.update(used_at=now)
            .where(PasswordReset.id == reset.id, PasswordReset.used_at.is_null())
            .execute()
        )
        if not used:
            return None
        _set_password(user, new, now)
    return user
