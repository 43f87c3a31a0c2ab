"""What people type stays text in every workbook, and breaks none."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from admin_app.models import OtherSchool, Student, Unit, User
from tests.exports.conftest import Made, World
from tests.exports.formulas import formulas_of

NASTY = [
    '=HYPERLINK("http://example.org","x")',
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "{=1+1}",
    "https://example.org/",
    "mailto:a@example.org",
    "0812345678",
    "1e5",
    "<b>&amp;</b>",
    "ข้อความ_x0041_\x07",
    "x" * 255,
]


def found(text: str, made: Made) -> bool:
    """Whether the text stands in a cell; openpyxl leaves some of Excel's escapes as they are."""
    escaped = text.replace("\x07", "_x0007_")
    return escaped in {read.replace("_x005F", "") for read in made.texts()} | {
        read.replace("x005F_", "") for read in made.texts()
    }


def nasty(world: World, text: str) -> None:
    """Put the text wherever somebody may type one."""
    school = world["บ้านช่องพลี"]
    Unit.update(name=text, contact_name=text, phone=text, email=text).where(
        Unit.id << [school.id, world["อบต.อ่าวนาง"].id]
    ).execute()
    OtherSchool.update(name=text).execute()
    Student.update(first_name=text, last_name=text, prefix=text[:32], no_id_reason=text).execute()
    User.update(name=text).execute()


def linked(made: Made) -> bool:
    """Whether the file holds a link to anywhere."""
    with zipfile.ZipFile(BytesIO(made.data)) as file:
        return any(b"<hyperlink" in file.read(name) for name in file.namelist())


@pytest.mark.parametrize("name", ["province-summary", "roster", "outstanding"])
def test_text_stays_text(world: World, name: str) -> None:
    before = formulas_of(world.made(name).formulas)
    for text in NASTY:
        nasty(world, text)
        made = world.made(name)
        assert found(text, made), text
        assert len(formulas_of(made.formulas)) == len(before), text
        assert not linked(made), text


@pytest.mark.parametrize("text", [NASTY[0], "@SUM(A1)", NASTY[-2]])
def test_text_of_snapshots_stays_text(world: World, text: str) -> None:
    nasty(world, text)
    # whom the rules let have such a name
    Student.update(no_id_reason="", nationality="MM", prefix="").execute()
    world.confirm_all()
    official = world.made("province-summary")
    assert official.result.edition == "official"
    assert found(text, official)
    assert not linked(official)


def test_a_persons_name_cannot_write_the_footer(world: World) -> None:
    actor = world.country.actor("province", world.province)
    sly = type(actor)(
        actor.user_id, actor.username, "A&B&Cจังหวัด&P" + "x" * 200, actor.role, actor.unit
    )
    sheet = world.made("province-summary", actor=sly).formulas["ปก"]
    with zipfile.ZipFile(BytesIO(world.made("province-summary", actor=sly).data)) as file:
        xml = file.read("xl/worksheets/sheet1.xml").decode()
    footer = xml[xml.index("<oddFooter>") : xml.index("</oddFooter>")]
    assert "A&amp;&amp;B&amp;&amp;Cจังหวัด&amp;&amp;P" in footer
    assert len(footer) < 300
    assert sheet.oddFooter.left.text


def test_a_footer_with_digits_after_its_size_keeps_its_size(world: World) -> None:
    with zipfile.ZipFile(BytesIO(world.made("province-summary").data)) as file:
        xml = file.read("xl/worksheets/sheet1.xml").decode()
    assert "&amp;12 20 พ.ค. 2567" in xml
