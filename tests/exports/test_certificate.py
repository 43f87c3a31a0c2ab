"""The certificate: what it says, from snapshots alone, on one page whatever the unit's size."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from admin_app.domain.levels import LAO, PROVINCE, SCHOOL
from admin_app.exports.build import FORMATS, ExportResult, build
from admin_app.exports.certificate import figures, paper, words
from admin_app.exports.certificate.figures import Ladder, Line, Sums
from admin_app.exports.gates import Shut
from admin_app.exports.official import Damaged
from admin_app.exports.request import Request
from admin_app.exports.table import EXPORTS
from admin_app.models import AccessLog, Code, Event, Grade, Snapshot, Student, Unit, UnitState
from admin_app.services import confirmation
from admin_app.services.errors import NotFound
from tests.country import LETTER
from tests.exports.conftest import World

TWICE = re.compile(r"([ก-ฮ][ัิ-ื][่-๋])\1")
"""typst names a letter with two raised signs twice: once for the letter, once for the mark."""
PAGE = "https://lec.example/proof/"
UNITS = {SCHOOL: "บ้านช่องพลี", LAO: "อบต.อ่าวนาง"}


def unit_of(world: World, level: str) -> Unit:
    return world[UNITS[level]] if level in UNITS else world.province


def certificate(
    world: World, unit: Unit, role: str = "province", at: Unit | None = None
) -> tuple[ExportResult, bytes]:
    out = io.BytesIO()
    who = world.actor(role, at)
    now = world.country.clock()
    return build(
        "certificate", who, world.cycle, unit, None, now, out, proof_page=PAGE
    ), out.getvalue()


def data_of(world: World, unit: Unit) -> dict[str, Any]:
    """What the template gets."""
    state = world.country.state(unit, world.cycle)
    actor = world.actor("province")
    own = Unit.get_by_id(actor.unit.id)
    request = Request(
        *(actor, own, world.cycle, unit, state, "", world.country.clock()), proof_page=PAGE
    )
    return paper.data_of(request)[0]


def rows(data: dict[str, Any], table: str = "rows") -> dict[str, list[str]]:
    return {row["cells"][0]: row["cells"][1:] for row in data[table]}


def pages(pdf: bytes, folder: Path) -> tuple[int, str]:
    """(how many pages, the text in them)."""
    path = folder / "certificate.pdf"
    path.write_bytes(pdf)
    info = subprocess.run(["pdfinfo", path], check=True, capture_output=True).stdout.decode()
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True).stdout
    return int(info.split("Pages:")[1].split()[0]), TWICE.sub(r"\1", text.decode())


@pytest.mark.parametrize("level", [SCHOOL, LAO, PROVINCE])
def test_a_certificate_is_one_page_that_can_be_read_by_machine(
    confirmed: World, level: str, tmp_path: Path
) -> None:
    unit = unit_of(confirmed, level)
    result, pdf = certificate(confirmed, unit)
    number, text = pages(pdf, tmp_path)
    assert number == 1
    assert unit.name in text
    assert words.LEVELS[level] in text
    assert words.SIGNS.get(unit.kind, words.SIGNS[level]) in text
    assert result.digest in "".join(text.split())
    assert result.file_name == f"certificate-2567-1-{unit.code}.pdf"
    assert result.thai_file_name == f"แบบยืนยันข้อมูล {unit.name} 2567-1.pdf"


def test_the_same_revision_gives_the_same_bytes(confirmed: World) -> None:
    first = certificate(confirmed, confirmed.province)[1]
    confirmed.country.clock.tick(days=1)
    assert certificate(confirmed, confirmed.province)[1] == first


def test_each_certificate_is_in_the_access_log_with_its_digest(confirmed: World) -> None:
    result, _pdf = certificate(confirmed, confirmed["บ้านช่องพลี"])
    entry = AccessLog.get()
    assert entry.tag == "export"
    assert entry.unit_id == confirmed["บ้านช่องพลี"].id
    assert result.digest in entry.details


def test_a_schools_counts_stand_by_grade_with_the_sums_of_stages(confirmed: World) -> None:
    data = data_of(confirmed, confirmed["บ้านช่องพลี"])
    assert rows(data) == {
        "อนุบาล 1": ["2", "1", "3"],
        "รวมอนุบาล": ["2", "1", "3"],
        "ประถมศึกษาปีที่ 1": ["1", "3", "4"],
        "รวมประถมศึกษา": ["1", "3", "4"],
        "รวมทั้งสิ้น": ["3", "4", "7"],
    }
    assert data["units"] == []
    assert data["others"] == []


def test_an_laos_sums_come_with_schools_and_other_affiliations(confirmed: World) -> None:
    data = data_of(confirmed, confirmed["อบต.อ่าวนาง"])
    assert rows(data)["รวมอนุบาล"] == ["2", "3", "2", "5"]
    assert rows(data)["รวมทั้งสิ้น"] == ["2", "4", "5", "9"]
    assert data["units"] == [("โรงเรียน", "1 แห่ง"), ("ศูนย์พัฒนาเด็กเล็ก", "1 แห่ง")]
    assert list(rows(data, "others").values())[-1] == ["1", "14", "5", "19"]
    none = data_of(confirmed, confirmed["อบต.เขาดิน"])
    assert none["notes"] == [words.DECLARED_NONE]


def test_a_provinces_sums_are_those_of_its_laos(confirmed: World) -> None:
    data = data_of(confirmed, confirmed.province)
    assert rows(data)["รวมทั้งสิ้น"] == ["4", "7", "8", "15"]
    assert data["units"][:2] == [
        ("องค์การบริหารส่วนจังหวัด", "1 แห่ง"),
        ("องค์การบริหารส่วนตำบล", "2 แห่ง"),
    ]
    assert data["notes"] == [words.DECLARED_BY.format(2)]


def test_a_certificate_says_what_was_confirmed_and_not_what_stands_now(confirmed: World) -> None:
    school = confirmed["บ้านช่องพลี"]
    before = [data_of(confirmed, unit) for unit in (school, school.parent, confirmed.province)]
    Student.update(grade="K1", sex="F").where(Student.school == school.id).execute()
    after = [data_of(confirmed, unit) for unit in (school, school.parent, confirmed.province)]
    assert before == after


def test_a_snapshot_that_was_altered_gives_no_certificate(confirmed: World) -> None:
    Snapshot.update(content=Snapshot.content.concat(" ")).where(
        Snapshot.unit == confirmed["ศพด.อ่าวนาง"].id
    ).execute()
    for name in ("ศพด.อ่าวนาง", "อบต.อ่าวนาง"):
        with pytest.raises(Damaged):
            certificate(confirmed, confirmed[name])
    with pytest.raises(Damaged):
        certificate(confirmed, confirmed.province)


@pytest.mark.parametrize(
    ("moment", "late"), [("school_due_at", words.LATE), ("opens_at", words.IN_TIME)]
)
def test_who_confirmed_when_and_whether_in_time_come_from_the_history(
    world: World, moment: str, late: str
) -> None:
    school, country = world["บ้านช่องพลี"], world.country
    country.clock.set(LETTER[moment])
    lao = country.own(school.parent)
    confirmation.move(lao, world.cycle.id, school.id, "confirm", country.clock)
    said = dict(data_of(world, school)["confirmed"])
    assert said[words.BY] == f"{lao.name} {words.ON_BEHALF}"
    assert said[words.ROLE] == "เจ้าหน้าที่ อปท."
    assert "พ.ศ. 2567 เวลา 00.00" in said[words.AT]
    assert said[words.TIME] == late
    assert said[words.REVISION] == "1"


def test_confirmed_again_it_is_the_next_revision(confirmed: World) -> None:
    school, country = confirmed["บ้านช่องพลี"], confirmed.country
    dla = confirmed.actor("department")
    confirmation.move(dla, confirmed.cycle.id, school.id, "unlock", country.clock, reason="แก้")
    with pytest.raises(Shut):
        certificate(confirmed, school)
    country.confirm(school, confirmed.cycle)
    assert dict(data_of(confirmed, school)["confirmed"])[words.REVISION] == "2"


def test_what_was_confirmed_between_two_seconds_has_its_certificate(confirmed: World) -> None:
    school, country = confirmed["บ้านช่องพลี"], confirmed.country
    dla = confirmed.actor("department")
    confirmation.move(dla, confirmed.cycle.id, school.id, "unlock", country.clock, reason="แก้")
    country.clock.tick(microseconds=123_456)
    country.confirm(school, confirmed.cycle)
    assert certificate(confirmed, school)[1].startswith(b"%PDF")


def test_a_state_without_a_history_says_so_and_does_not_break(confirmed: World) -> None:
    school = confirmed["บ้านช่องพลี"]
    UnitState.update(confirmed_by=None).where(UnitState.unit == school.id).execute()
    Snapshot.update(revision=9).where(Snapshot.unit == school.id).execute()
    UnitState.update(revision=9).where(UnitState.unit == school.id).execute()
    assert not Event.select().where(Event.details.contains('"revision": 9')).count()
    assert dict(data_of(confirmed, school)["confirmed"])[words.BY] == words.NOT_KNOWN


def test_the_qr_code_holds_the_address_that_checks_the_digest(confirmed: World) -> None:
    data = data_of(confirmed, confirmed["บ้านช่องพลี"])
    digest = "".join(data["digest"])
    assert [len(group) for group in data["digest"]] == [8] * 8
    assert data["qr"] == paper.qr(f"{PAGE}?digest={digest}")
    assert paper.link("", digest) == digest


# role, of which unit, may have the school's certificate
REACH = [
    ("department", None, True),
    ("helpdesk", None, False),
    ("province", "81", True),
    ("province", "82", False),
    ("lao", "อบต.อ่าวนาง", True),
    ("lao", "อบจ.กระบี่", False),
    ("school", "บ้านช่องพลี", True),
    ("school", "ศพด.อ่าวนาง", False),
]


@pytest.mark.parametrize(("role", "where", "may"), REACH)
def test_only_who_reaches_the_unit_has_its_certificate(
    confirmed: World, role: str, where: str | None, may: bool
) -> None:
    at = None
    if where:
        at = confirmed.units.get(where) or confirmed.country.province(where)
    if may:
        assert certificate(confirmed, confirmed["บ้านช่องพลี"], role, at)[1].startswith(b"%PDF")
        return
    with pytest.raises(NotFound):
        certificate(confirmed, confirmed["บ้านช่องพลี"], role, at)


def sample(grades: int, others: int, name: str) -> dict[str, Any]:
    """Data of a certificate with so many rows; every number is as long as a country's."""

    def row(title: str, number: int) -> dict[str, Any]:
        return {"cells": [title, *["1,234,567"] * number], "strong": False}

    texts = {key: getattr(words, key.upper()) for key in ("confirmed", "units", "others")}
    texts |= {key: getattr(words, key.upper()) for key in ("statement", "digest", "how")}
    return {
        "title": words.TITLE,
        "name": name,
        "cycle": "ปีการศึกษา 2567 ครั้งที่ 1",
        "level": words.LEVELS[LAO],
        "about": [[(words.UNIT, name)], [(words.DISTRICT, name)]],
        "heads": ["ก", "ข", "ค", "ง", "จ"],
        "rows": [row("มัธยมศึกษาปีที่ 1", 4)] * grades,
        "confirmed": [(words.BY, name)],
        "units": [(kind, "1,234 แห่ง") for kind in words.KINDS.values()],
        "other_heads": ["ก", "ข", "ค", "ง", "จ"],
        "others": [row("สำนักงานเขตพื้นที่การศึกษาประถมศึกษา", 4)] * others,
        "notes": [words.DECLARED_NONE],
        "signatures": [(words.MAKES, ""), (words.CERTIFIES, words.SIGNS["อบต."])],
        "digest": paper.groups("0123456789abcdef" * 4),
        "qr": paper.qr(PAGE),
        "words": texts,
    }


LONG = "โรงเรียนองค์การบริหารส่วนจังหวัดกระบี่เฉลิมพระเกียรติ" * 5


@pytest.mark.parametrize(
    ("grades", "others", "name"),
    [(0, 0, "ก"), (26, 9, "บ้านช่องพลี"), (26, 9, LONG), (60, 9, LONG), (20, 9, "x" * 255)],
)
def test_a_certificate_stays_on_one_page(
    grades: int, others: int, name: str, tmp_path: Path
) -> None:
    made = paper.pdf(sample(grades, others, name), LETTER["opens_at"])
    number, text = pages(made, tmp_path)
    assert number == 1
    assert "89abcdef" in text
    assert words.CERTIFIES in text


@pytest.mark.parametrize("name", ["#strong[x]", "*x* _y_ $z$ @a <b>", '")#panic("', "\\ // `x`"])
def test_a_name_stays_text_whatever_is_in_it(name: str, tmp_path: Path) -> None:
    _number, text = pages(paper.pdf(sample(1, 1, name), LETTER["opens_at"]), tmp_path)
    assert "".join(name.split()) in "".join(text.split())


def test_tone_marks_and_vowels_come_out_as_they_went_in(tmp_path: Path) -> None:
    name = "ที่ นี้ ก้ำ ป้ำ กี่ น้ำ ญู ฐู ครั้ง ปิ่น ฝั่ง ตุ้ย ผู้"
    _number, text = pages(paper.pdf(sample(1, 1, name), LETTER["opens_at"]), tmp_path)
    assert "".join(name.split()) in "".join(text.split())


def test_a_grade_that_is_of_no_stage_is_counted_apart(world: World) -> None:
    Grade.update(stage="").where(Grade.code == "K1").execute()
    world.confirm_all()
    found = rows(data_of(world, world["บ้านช่องพลี"]))
    assert found["รวมไม่ระบุชั้น"] == ["2", "1", "3"]
    assert found["รวมทั้งสิ้น"] == ["3", "4", "7"]


def test_names_are_those_of_the_moment_when_it_was_confirmed(confirmed: World) -> None:
    units = [confirmed["บ้านช่องพลี"], confirmed["อบต.อ่าวนาง"], confirmed.province]
    before = [data_of(confirmed, unit) for unit in units]
    Unit.update(name="ชื่อใหม่").execute()
    Grade.update(name="ชั้นใหม่", stage="", position=Grade.position + 7).execute()
    Code.update(name="สังกัดใหม่").execute()
    assert [data_of(confirmed, unit) for unit in units] == before


def test_the_smallest_affiliations_become_one_line(db: object) -> None:
    sums = Sums(others={f"A{n}": Line(f"A{n}", n, 0, 1) for n in range(1, 13)})
    lines = figures.by_affiliation(sums, words.REST, words.ALL)
    assert [line.name for line in lines][-2:] == [words.REST, words.ALL]
    assert len(lines) == figures.MOST_AFFILIATIONS + 1
    assert (lines[-1].total, lines[-1].schools) == (78, 12)
    assert lines[-2].schools == 5


def test_unknown_grades_come_last(db: object) -> None:
    ladder = Ladder()
    assert ladder.of_stage("primary", ["P2", "P1", "K1"]) == ["P1", "P2"]
    assert ladder.of_stage("", ["X9", "X1"]) == ["X1", "X9"]


def test_every_format_of_the_table_has_a_type() -> None:
    assert {export.format for export in EXPORTS} == set(FORMATS)
