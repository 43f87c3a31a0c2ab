"""The demo's second cycle: open on the day of the start, in mixed states, with work left to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from admin_app.database import tuples
from admin_app.domain.access import Actor
from admin_app.domain.levels import PROVINCE
from admin_app.domain.thai import BUDDHIST_ERA, to_local
from admin_app.models import Cycle, Student
from admin_app.services import children, cycles
from seed import people
from seed.demo_children import Rosters, Row, attest, save
from seed.demo_letter import CODE as LETTER
from seed.demo_units import PROVINCES, School
from seed.demo_walk import Walk, at, days_after, stopped_at

CHONG_PHLI, AO_NANG = "6810116001", "6810116"
UNATTESTED = 40
OUTAGE = "ระบบอินเทอร์เน็ตของโรงเรียนขัดข้องตั้งแต่เมื่อวาน บันทึกข้อมูลไม่ทัน"
NEWCOMERS = "โรงเรียนแจ้งว่ามีนักเรียนย้ายเข้า 2 คน ยังไม่ได้บันทึก"
WRONG_CLASS = "จำนวนนักเรียนชั้นอนุบาล 2 ไม่ตรงกับบัญชีเรียกชื่อ ขอให้ตรวจสอบ"


@dataclass(frozen=True, slots=True)
class Plan:
    """How far a unit has come. ``day``: days before today of its confirmation (None: open).

    Of schools, ``attested`` and ``recorded`` are shares in percent.
    """

    day: int | None = None
    hour: int = 10
    attested: int = 100
    recorded: int = 100


# Due dates ended as yesterday began: what was confirmed on day 1 is late.
KRABI: dict[str, Plan] = {
    "2810101001": Plan(9),
    "2810101": Plan(8, 14),
    "4810101001": Plan(6, 9),
    "4810101002": Plan(attested=90),
    "4810101003": Plan(1, 11),
    "4810101004": Plan(attested=55),
    "4810101": Plan(),
    "5810103001": Plan(3, 15),
    "5810103": Plan(1, 9),
    "6810115001": Plan(8, 11),
    "6810115": Plan(7, 13),
    "6810116002": Plan(4, 16),
    "5810201001": Plan(5, 10),
    "5810201": Plan(),
    "6810202001": Plan(7, 9),
    "6810202": Plan(6, 11),
    "5810401001": Plan(4, 10),
    "5810401": Plan(3, 16),
    "5810601001": Plan(attested=0, recorded=65),
    CHONG_PHLI: Plan(),
}
STAYED_BACK = "5810103001"
SHARED = (("4810101004", "K2"), ("5810601001", "K2"))
STAYED_BACK_NOTE = "เด็กป่วยรักษาตัวนาน เข้าเรียนช้ากว่าเกณฑ์ ตรวจสอบกับสูติบัตรแล้ว"
NO_COUNTS_YET = {AO_NANG, "5810601"}


def _moment(today: date, days: int, hour: int, minute: int = 0) -> datetime:
    """So many days before ``today``."""
    return at(today - timedelta(days=days), hour, minute)


def code_of(now: datetime) -> tuple[int, int]:
    """(year, round) of the cycle that runs at ``now``: round 1 from May to October, else round 2.

    Never the letter's own cycle, which the demo holds as a closed one.
    """
    today = to_local(now)
    year = today.year + BUDDHIST_ERA - (today.month < 5)
    round_ = 1 if 5 <= today.month <= 10 else 2
    return (year, 2) if f"{year}-{round_}" == LETTER else (year, round_)


def create(dla: Actor, today: date) -> Cycle:
    """The cycle: opened 14 days ago, due as yesterday began, closing in 7 days at 17:00."""
    year, round_ = code_of(at(today, 12))
    closes_at = at(today + timedelta(days=7), 17)
    due_at = at(today - timedelta(days=1), 0)
    opens_at = at(today - timedelta(days=14), 0)
    values = {
        "name": f"ปีการศึกษา {year} ครั้งที่ {round_}",
        "late_policy": "accept",
        "opens_at": opens_at,
        "school_due_at": due_at,
        "lao_due_at": due_at,
        "province_due_at": closes_at,
        "closes_at": closes_at,
    }
    before = stopped_at(at(today - timedelta(days=17), 10))
    cycle = cycles.create(dla, year, round_, values, before)
    return cycles.start(dla, cycle.id, before)


def _neighbours(schools: list[School]) -> dict[str, Plan]:
    """Phang-nga has confirmed up to the province; of Phuket's LAOs a third each is done, at the
    LAO, at the schools."""
    plans: dict[str, Plan] = {}
    order = {code: i for i, code in enumerate(sorted({s.unit.lao.code for s in schools}))}
    for school in schools:
        code, lao = school.unit.code, school.unit.lao.code
        stage = 0 if code[1:3] == "82" else order[lao] % 3
        if stage == 0:
            late = order[lao] % 7 == 4
            plans[code] = Plan(4 + school.number % 6, 9 + school.number % 6)
            plans[lao] = Plan(1 if late else 2 + order[lao] % 2, 13)
        elif stage == 1:
            plans[code] = Plan(3 + school.number % 5, 14)
            plans[lao] = Plan()
        else:
            late = school.number % 2 == 0
            plans[code] = Plan(1, 15) if late else Plan(attested=school.number * 17 % 90)
            plans[lao] = Plan()
    return plans


def _first_numbered(roster: list[Row], grade: str) -> Row:
    return next(row for row in roster if row["grade"] == grade and row["id_kind"] == "pin")


def _break_number(row: Row) -> None:
    row["id_number"] = row["id_number"][:12] + str((int(row["id_number"][12]) + 1) % 10)


def _make_older(row: Row, years: int) -> None:
    row["birth_date"] = row["birth_date"].replace(year=row["birth_date"].year - years, day=1)


def _plant(code: str, roster: list[Row]) -> None:
    """The mistakes that a school still has to correct, and what it has to explain."""
    if code == CHONG_PHLI:
        _break_number(_first_numbered(roster, "P1"))
        _make_older(_first_numbered(roster, "P5"), 4)
    if code == STAYED_BACK:
        _make_older(_first_numbered(roster, "K3"), 4)
    if code == "4810101002":
        _break_number(_first_numbered(roster, "M1"))
        _first_numbered(roster, "M2")["grade"] = ""
        roster.append(dict(_first_numbered(roster, "M3")))


IN_BOTH = ("id_kind", "id_number", "prefix", "first_name", "last_name", "sort_key", "last_key")


def _plant_twin(rosters: dict[str, list[Row]]) -> None:
    """A child that two schools of two LAOs have, as after a move that one did not record."""
    keeps, also = (_first_numbered(rosters[code][::-1], grade) for code, grade in SHARED)
    also.update({key: keeps[key] for key in (*IN_BOTH, "sex", "birth_date")})


def _unattested(code: str, roster: list[Row], plan: Plan) -> list[Row]:
    if code == CHONG_PHLI:
        return [row for row in roster if row["grade"] == "P4"][:UNATTESTED]
    return roster[len(roster) * plan.attested // 100 :]


def _gone(path: Walk, rosters: Rosters, school: School) -> list[Row]:
    """Two children whom the school removes: one moved, one does not exist."""
    actor = path.worker(school.unit.code)
    entered = date(rosters.year, 5, 16)
    return [rosters.child(school, actor, "P2", 7, 9_000 + place, entered) for place in (1, 2)]


def walk(cycle: Cycle, schools: list[School], cast: dict[str, Actor], today: date) -> None:
    """Children carried over and promoted; each unit as far as its plan says."""
    path = Walk(cycle, cast)
    rosters = Rosters(cycle, _moment(today, 13, 9))
    plans = _neighbours([s for s in schools if s.unit.code not in KRABI]) | KRABI
    rows: list[Row] = []
    gone: list[Row] = []
    made = {
        school.unit.code: rosters.of(school, path.worker(school.unit.code)) for school in schools
    }
    _plant_twin(made)
    for school in schools:
        code = school.unit.code
        plan, actor = plans[code], path.worker(code)
        roster = made[code][: len(made[code]) * plan.recorded // 100]
        _plant(code, roster)
        left = {id(row) for row in _unattested(code, roster, plan)}
        attested_at = _moment(today, 11, 9 + school.number % 6, school.number)
        number = attest([r for r in roster if id(r) not in left], actor, attested_at)
        if number:
            path.attested(attested_at, code, number)
        if plan.day is not None:
            path.move(_moment(today, plan.day, plan.hour, school.number), code, "confirm")
        if code == CHONG_PHLI:
            gone = _gone(path, rosters, school)
        rows += roster
    save(rows + gone)
    children.recount(cycle.id)
    for row, reason in zip(gone, ("moved", "not_exist"), strict=True):
        path.removed(_moment(today, 10, 10), CHONG_PHLI, _ids(cycle, row), reason)
    path.explained(_moment(today, 4, 10), STAYED_BACK, STAYED_BACK_NOTE)
    _confirm_above(path, plans, today)
    path.move(_moment(today, 1, 14, 5), "6810115001", "unlock", by="helpdesk", reason=NEWCOMERS)
    path.move(_moment(today, 1, 15, 30), "5810201001", "return", by="5810201", reason=WRONG_CLASS)
    until = _moment(today, -5, 17)
    path.move(
        _moment(today, 1, 18, 30), "4810101004", "extend", by="helpdesk", reason=OUTAGE, until=until
    )
    path.run()


def _confirm_above(path: Walk, plans: dict[str, Plan], today: date) -> None:
    """LAOs count other affiliations and confirm by plan; provinces without LAOs mostly do."""
    number = 0
    for province in PROVINCES:
        for lao in path.laos(province):
            plan = plans.get(lao.code, Plan())
            if lao.code not in NO_COUNTS_YET:
                counted_on = today - timedelta(days=10 - number % 2)
                path.counts(at(counted_on, 13, number), lao.code, number)
            if plan.day is not None:
                path.move(_moment(today, plan.day, plan.hour, number), lao.code, "confirm")
            number += 1
    path.move(_moment(today, 1, 16, 40), "82", "confirm")
    for unit in path.units.values():
        if unit.level == PROVINCE and unit.active and unit.code not in PROVINCES:
            order = int(unit.code)
            if people.mixed(order) % 3:
                day = days_after(today - timedelta(days=9), order, 8)
                path.move(at(day, 9 + order % 7, order % 60), unit.code, "confirm")


def _ids(cycle: Cycle, row: Row) -> list[int]:
    found = Student.select(Student.id).where(
        Student.cycle == cycle.id,
        Student.school == row["school"],
        Student.sort_key == row["sort_key"],
        Student.birth_date == row["birth_date"],
    )
    return [student_id for (student_id,) in tuples(found)]
