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
    name: str
    description: str


DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        "dla", "dla-demo-2567", "department", "DLA", "ทีมงาน สถ.", N_("DLA team: the whole country")
    ),
    DemoAccount(
        "helpdesk",
        "helpdesk-demo-2567",
        "helpdesk",
        "DLA",
        "เจ้าหน้าที่ช่วยเหลือ",
        N_("Helpdesk: finds, extends and unlocks"),
    ),
    DemoAccount(
        "krabi", "krabi-demo-2567", "province", "81", "ท้องถิ่นจังหวัดกระบี่", N_("Province: Krabi")
    ),
    DemoAccount(
        "aonang",
        "aonang-demo-2567",
        "lao",
        "6810116",
        "กองการศึกษา อบต.อ่าวนาง",
        N_("LAO: Ao Nang"),
    ),
    DemoAccount(
        "chongphli",
        "chongphli-demo-2567",
        "school",
        "6810116001",
        "โรงเรียนบ้านช่องพลี",
        N_("School: Ban Chong Phli"),
    ),
)


def accounts() -> tuple[DemoAccount, ...]:
    """The accounts that the login page shows in demo mode."""
    return DEMO_ACCOUNTS
