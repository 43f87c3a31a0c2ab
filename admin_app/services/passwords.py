"""Passwords and one-time codes: hashed with argon2id (argon2-cffi's defaults, RFC 9106)."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from admin_app.domain.text import N_
from admin_app.services.errors import Invalid

SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def matches(hashed: str, password: str) -> bool:
    """Whether the password belongs to the hash; "" (nobody's) takes as long and never does."""
    try:
        return _hasher.verify(hashed or _nobody, password)
    except (VerificationError, InvalidHashError):
        return False


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
