"""What a person may change of the own account: e-mail and telephone, and whether to be reminded."""

from __future__ import annotations

from typing import Any

from admin_app.database import Clock, for_update, transaction
from admin_app.domain import thai
from admin_app.models import User
from admin_app.services import accounts
from admin_app.services.errors import Invalid, NotFound
from admin_app.services.typed import no_address, too_long


def set_contacts(user_id: int, values: dict[str, str], clock: Clock) -> None:
    """The person's own ``email`` and ``phone``; empty is none.

    Raises Invalid, NotFound for no account.
    """
    wanted = {key: thai.clean(values.get(key) or "") for key in ("email", "phone")}
    if errors := too_long(User, wanted) | no_address(wanted):
        raise Invalid(errors)
    _set(user_id, wanted, clock)


def set_reminders(user_id: int, wanted: bool, clock: Clock) -> None:
    """The person turns reminders by e-mail on or off. NotFound for no account."""
    _set(user_id, {"reminders": wanted}, clock)


def _set(user_id: int, wanted: dict[str, Any], clock: Clock) -> None:
    """Write what differs."""
    with transaction():
        user = for_update(User.select().where(User.id == user_id)).get_or_none()
        if user is None:
            raise NotFound("user")
        changed = {key: value for key, value in wanted.items() if user.__data__[key] != value}
        if changed:
            accounts.write(accounts.actor_of(user), user, changed, clock())
