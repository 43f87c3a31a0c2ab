"""Throttling of sign-ins and codes, in the database, so that it holds over processes.

Per account and per address: MOST failures in a window. Source: OWASP Authentication Cheat Sheet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from admin_app.database import transaction
from admin_app.models import LoginAttempt

WINDOW = timedelta(minutes=15)
MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 100


class Throttled(Exception):
    """Too many failed attempts; try again after ``WINDOW``."""


def _keys(username: str, address: str) -> dict[str, int]:
    return {
        f"account:{username.lower()[:64]}": MOST_PER_ACCOUNT,
        f"address:{address[:64]}": MOST_PER_ADDRESS,
    }


def attempt(username: str, address: str, now: datetime) -> None:
    """Count an attempt before it is judged, so that many at once cannot slip through together.

    Raises Throttled, and then does not count it: hammering on does not prolong the wait.
    """
    keys = _keys(username, address)
    with transaction():
        LoginAttempt.delete().where(LoginAttempt.at < now - WINDOW).execute()
        own = [LoginAttempt.create(key=key, at=now).id for key in keys]
    for key, most in keys.items():
        recent = LoginAttempt.select().where(
            LoginAttempt.key == key, LoginAttempt.at > now - WINDOW
        )
        if recent.count() > most:
            LoginAttempt.delete().where(LoginAttempt.id << own).execute()
            raise Throttled(key)


def refused_until(username: str, now: datetime) -> datetime | None:
    """Until when sign-ins of the account are refused, also with the right password; None: not."""
    key = next(iter(_keys(username, "")))
    recent = LoginAttempt.select().where(LoginAttempt.key == key, LoginAttempt.at > now - WINDOW)
    last = list(recent.order_by(LoginAttempt.at.desc()).limit(MOST_PER_ACCOUNT))
    return last[-1].at + WINDOW if len(last) == MOST_PER_ACCOUNT else None


def forget(username: str, address: str = "") -> None:
    """Forget an account's attempts, and the one just made from an address that proved right."""
    account, from_address = _keys(username, address)
    LoginAttempt.delete().where(LoginAttempt.key == account).execute()
    if address:
        last = LoginAttempt.select(LoginAttempt.id).where(LoginAttempt.key == from_address)
        found = last.order_by(LoginAttempt.id.desc()).first()
        if found is not None:
            LoginAttempt.delete().where(LoginAttempt.id == found.id).execute()
