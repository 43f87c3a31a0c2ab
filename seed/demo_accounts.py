"""The demo's accounts, in demo mode only: the login page shows them, with their passwords."""

from __future__ import annotations

from typing import NamedTuple

from admin_app.domain.text import N_


class DemoAccount(NamedTuple):
    """An account of the demo. ``description``: to be translated."""

    username: str
    password: str
    role: str
    unit_code: str
    description: str


DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("dla", "dla-demo-2567", "department", "DLA", N_("DLA team: the whole country")),
    DemoAccount(
        "helpdesk", "helpdesk-demo-2567", "helpdesk", "DLA", N_("Helpdesk: finds and unlocks")
    ),
    DemoAccount("krabi", "krabi-demo-2567", "province", "81", N_("Province: Krabi")),
    DemoAccount("aonang", "aonang-demo-2567", "lao", "6810116", N_("LAO: Ao Nang")),
    DemoAccount(
        "chongphli", "chongphli-demo-2567", "school", "6810116001", N_("School: Ban Chong Phli")
    ),
)


def accounts() -> tuple[DemoAccount, ...]:
    """The accounts that the login page shows in demo mode."""
    return DEMO_ACCOUNTS
