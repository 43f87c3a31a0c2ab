"""The demo's organisations: three provinces' LAOs and schools, their people and accounts.

Krabi's are those of DLA's published report (``data/krabi_report02.csv``); the two neighbours' bear
names of real places and invented figures in the same columns. All people are invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from admin_app.database import Clock, tuples
from admin_app.domain.access import Actor
from admin_app.domain.levels import DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.models import District, Grade, Subdistrict, Unit, User
from admin_app.services import unit_search, units
from admin_app.services.accounts import actor_of, hash_password
from seed import people
from seed.code_lists import rows_of
from seed.demo_accounts import DEMO_ACCOUNTS

PROVINCES = {"81": "krabi_report02.csv", "82": "phangnga.csv", "83": "phuket.csv"}
KIND_DIGIT = {"อบจ.": "2", "ทน.": "3", "ทม.": "4", "ทต.": "5", "อบต.": "6", "เมืองพัทยา": "7"}
CENTRE_NAME = "ศูนย์พัฒนาเด็กเล็ก"
NAMES = {
    "dla": "ทีมงานกรม สถ.",
    "helpdesk": "เจ้าหน้าที่ช่วยเหลือ",
    "krabi": "สำนักงานท้องถิ่นจังหวัดกระบี่",
    "aonang": "กองการศึกษา อบต.อ่าวนาง",
    "chongphli": "โรงเรียนบ้านช่องพลี",
}


@dataclass(frozen=True, slots=True)
class School:
    """A school of the demo. ``number``: its running number; ``figures``: children per stage."""

    number: int
    unit: Unit
    figures: dict[str, int]


def stages(kind: str) -> dict[str, list[tuple[str, int]]]:
    """Stage → its (grade, youngest age) that this kind of school offers, in their order."""
    found: dict[str, list[tuple[str, int]]] = {}
    for grade in Grade.select().order_by(Grade.position):
        if kind in grade.kinds.split():
            found.setdefault(grade.stage, []).append((grade.code, grade.min_age))
    return found


def _contacts(code: str, place: str) -> dict[str, str]:
    number = int(code)
    return {
        "contact_name": people.adult(number),
        "phone": people.phone(people.mixed(number)),
        "email": f"unit{code}@example.org",
        "address": place,
    }


def _lao(dla: Actor, province: Unit, district: District, name: str, clock: Clock) -> Unit:
    kind, _, place = name.partition(".")
    kind += "."
    own = Subdistrict.get_or_none(Subdistrict.district == district.id, Subdistrict.name == place)
    first = Subdistrict.select().where(Subdistrict.district == district.id)
    area = own or first.order_by(Subdistrict.code).get()
    code = KIND_DIGIT[kind] + area.code
    address = f"ต.{area.name} อ.{district.name} จ.{province.name}"
    values = {"code": code, "name": name, "kind": kind, "district": district.id}
    return units.create(dla, LAO, province, values | _contacts(code, address), clock)


def build(dla: Actor, clock: Clock) -> list[School]:
    """Make the LAOs and schools through their service; answers with the schools in file order."""
    offered = {kind: stages(kind) for kind in ("school", "centre")}
    schools: list[School] = []
    for province_code, file in PROVINCES.items():
        province = Unit.get(Unit.code == province_code)
        laos: dict[str, Unit] = {}
        below: dict[str, int] = {}
        for row in rows_of(file):
            district = District.get(
                District.province_code == province_code, District.name == row["district"]
            )
            if row["lao"] not in laos:
                laos[row["lao"]] = _lao(dla, province, district, row["lao"], clock)
            lao = laos[row["lao"]]
            below[lao.code] = below.get(lao.code, 0) + 1
            kind = "centre" if row["school"].startswith(CENTRE_NAME) else "school"
            figures = {stage: int(row[stage]) for stage in offered[kind] if int(row[stage])}
            code = f"{lao.code}{below[lao.code]:03d}"
            unit = units.create(
                dla,
                SCHOOL,
                lao,
                {"code": code, "name": row["school"], "kind": kind, "district": district.id}
                | _contacts(code, lao.address),
                clock,
                grades=[grade for stage in figures for grade, _ in offered[kind][stage]],
            )
            schools.append(School(len(schools) + 1, unit, figures))
    return schools


def give_contacts() -> None:
    """Invented contacts for the department and every province."""
    for unit in Unit.select().where(Unit.level << (DEPARTMENT, PROVINCE)):
        number = unit.code if unit.code.isdigit() else "0"
        Unit.update(_contacts(number, unit.name)).where(Unit.id == unit.id).execute()
    unit_search.write(Unit.level << (DEPARTMENT, PROVINCE))


def demo_users(now: datetime) -> None:
    """The accounts of the login page, as far as their units are there and they are not yet."""
    known = {name for (name,) in tuples(User.select(User.username))}
    for account in DEMO_ACCOUNTS:
        unit = Unit.get_or_none(Unit.code == account.unit_code)
        if unit is not None and account.username not in known:
            User.create(
                username=account.username,
                password_hash=hash_password(account.password),
                name=NAMES[account.username],
                role=account.role,
                unit=unit.id,
                province=unit.province_id,
                lao=unit.lao_id,
                email=f"{account.username}@example.org",
                must_change_password=False,
                demo=True,
                created_at=now,
            )


def staff(now: datetime) -> None:
    """An account without a password for each unit that has none: somebody has to have confirmed."""
    staffed = User.select(User.unit)
    missing: Iterable[Unit] = (
        Unit.select().where(Unit.active, Unit.id.not_in(staffed)).order_by(Unit.id)
    )
    User.insert_many(
        [
            {
                "username": f"{unit.level}-{unit.code}",
                "name": people.adult(int(unit.code)),
                "role": unit.level,
                "unit": unit.id,
                "province": unit.province_id,
                "lao": unit.lao_id,
                # a few without one, as in life: those have to be called
                "email": f"{unit.level}-{unit.code}@example.org" if int(unit.code) % 7 else "",
                "demo": True,
                "created_at": now,
            }
            for unit in missing
        ]
    ).execute()


def cast() -> dict[str, Actor]:
    """Username → actor, and unit code → the actor who works there."""
    users = list(User.select(User, Unit).join(Unit, on=(User.unit == Unit.id)))
    by_unit = {user.unit.code: actor_of(user) for user in users if user.role == user.unit.level}
    return by_unit | {user.username: actor_of(user) for user in users}
