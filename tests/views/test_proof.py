"""The page that takes a digest, the page of revisions and the comparison."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from admin_app.models import Snapshot, Student, Unit, User
from admin_app.services import confirmation
from tests.country import PASSWORD
from tests.views.conftest import Panel, text

UNKNOWN = "Unknown digest."
PRESENT = "This is the unit&#39;s present revision."
REPLACED = "This is an older revision: it has been replaced."
REOPENED = "The unit was reopened after this revision and has not confirmed again."


@pytest.fixture
def confirmed(panel: Panel) -> Panel:
    """Krabi confirmed at every level; the school has three children of two grades."""
    country = panel.country
    country.children(panel.school, panel.cycle, 1, attested=True, grade="P1")
    country.confirm_tree(panel.province, panel.cycle)
    return panel


def digest(unit: Unit, revision: int = 1) -> str:
    return str(Snapshot.get(Snapshot.unit == unit.id, Snapshot.revision == revision).digest)


def unlock(panel: Panel, unit: Unit) -> None:
    actor = panel.country.actor("helpdesk")
    confirmation.move(actor, panel.cycle.id, unit.id, "unlock", panel.clock, reason="นับเด็กผิด")


def again(panel: Panel) -> Student:
    """The school is unlocked, gets a child more and is confirmed once more."""
    unlock(panel, panel.school)
    panel.clock.tick(hours=1)
    child = panel.country.child(
        panel.school, panel.cycle, attested=True, first_name="ฟ้าใส", last_name="ฮวดเจริญ"
    )
    panel.country.confirm(panel.school, panel.cycle)
    for revision in (1, 2):
        rows = Student.select().where(Student.school == panel.school.id).order_by(Student.id)
        lines = [f"{row.id} {'0' * 16}\n" for row in rows if revision == 2 or row.id != child.id]
        Snapshot.update(lines="".join(lines)).where(
            Snapshot.unit == panel.school.id, Snapshot.revision == revision
        ).execute()
    return child


def proof(panel: Panel, typed: str, role: str = "department", unit: Unit | None = None) -> str:
    answer = panel.client(role, unit).get("/proof/", query_string={"digest": typed})
    assert answer.status_code == 200
    return text(answer)


# --- the page that takes a digest -----------------------------------------------------------------


def test_a_digest_tells_the_unit_the_revision_and_who_confirmed(confirmed: Panel) -> None:
    said = proof(confirmed, digest(confirmed.school))
    for part in (PRESENT, confirmed.school.name, "2567-1", "school of", "In time"):
        assert part in said, part
    assert UNKNOWN not in said


def test_an_older_digest_says_when_it_was_replaced_and_a_reopened_one_why(
    confirmed: Panel,
) -> None:
    unlock(confirmed, confirmed.school)
    said = proof(confirmed, digest(confirmed.school))
    assert REOPENED in said
    assert "นับเด็กผิด" in said
    confirmed.country.confirm(confirmed.school, confirmed.cycle)
    said = proof(confirmed, digest(confirmed.school))
    assert REPLACED in said
    assert "by revision 2." in said
    assert PRESENT in proof(confirmed, digest(confirmed.school, 2))


def test_an_altered_snapshot_is_told_to_whoever_asks(confirmed: Panel) -> None:
    Snapshot.update(content=Snapshot.content.concat(" ")).execute()
    assert "it was altered" in proof(confirmed, digest(confirmed.school))


# how it is typed, what the page says
TYPED = [
    ("{d}", PRESENT),
    (" {D} ", PRESENT),
    ("{groups}", PRESENT),
    ("{thai}", PRESENT),
    ("http://localhost/proof/?digest={d}", PRESENT),
    ("", "Scan its QR code"),
    ("{short}", "this has 63 characters"),
    ("<script>", "this has 8 characters"),
    ("0" * 64, UNKNOWN),
]


@pytest.mark.parametrize(("typed", "says"), TYPED)
def test_what_is_typed_is_understood_or_told_apart(confirmed: Panel, typed: str, says: str) -> None:
    known = digest(confirmed.school)
    forms = {
        "d": known,
        "D": known.upper(),
        "short": known[:-1],
        "groups": " ".join(known[start : start + 8] for start in range(0, 64, 8)),
        "thai": known.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
    }
    said = proof(confirmed, typed.format(**forms))
    assert says in said
    assert "<script>" not in said.partition("<main")[2].partition("</main>")[0]


def _stripped(page: str, *typed: str) -> str:
    body = page.partition("<main")[2].partition("</main>")[0]
    for one in typed:
        body = body.replace(one, "")
    return body


@pytest.mark.parametrize(
    ("role", "of"),
    [
        ("school", "sister"),
        ("school", "lao"),
        ("lao", "province"),
        ("lao", "far"),
        ("school", "far"),
    ],
)
def test_out_of_scope_is_answered_as_what_never_was(confirmed: Panel, role: str, of: str) -> None:
    country = confirmed.country
    country.ready(confirmed.far, confirmed.cycle)
    country.confirm(confirmed.far, confirmed.cycle)
    hidden = digest(getattr(confirmed, of))
    said, never = proof(confirmed, hidden, role), proof(confirmed, "0" * 64, role)
    assert UNKNOWN in said
    assert _stripped(said, hidden) == _stripped(never, "0" * 64)


def test_the_link_of_a_paper_works_after_signing_in(confirmed: Panel) -> None:
    link = f"/proof/?digest={digest(confirmed.school)}"
    client = confirmed.client()
    to_login = client.get(link)
    assert to_login.status_code == 302
    user = User.get(User.unit == confirmed.school.id)
    answer = client.post(to_login.location, data={"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer.location == link
    assert client.get(answer.location).status_code == 200


# --- revisions and their comparison ---------------------------------------------------------------


def test_the_page_of_revisions_says_how_each_ended(confirmed: Panel) -> None:
    again(confirmed)
    said = text(confirmed.client("school").get(f"/snapshots/{confirmed.school.code}"))
    for part in ("Unlocked", "นับเด็กผิด", "Stands", digest(confirmed.school)[:8], "Compare"):
        assert part in said, part


def test_a_comparison_shows_what_moved_and_who_came(confirmed: Panel) -> None:
    child = again(confirmed)
    address = f"/snapshots/{confirmed.school.code}/compare"
    said = text(confirmed.client("school").get(f"{address}?from=1&to=2"))
    for part in ("นับเด็กผิด", "Came: <strong>1", "ฟ้าใส ฮวดเจริญ", f"id={child.id}", "+1"):
        assert part in said, part
    for other in (address, f"{address}?from=2&to=1"):
        assert _stripped(text(confirmed.client("school").get(other))) == _stripped(said)


@pytest.mark.parametrize("role", ["department", "helpdesk", "province"])
def test_who_sees_children_masked_sees_them_masked_here(confirmed: Panel, role: str) -> None:
    again(confirmed)
    said = text(confirmed.client(role).get(f"/snapshots/{confirmed.school.code}/compare"))
    assert "Came: <strong>1" in said
    assert "ฮวดเจริญ" not in said


def test_at_most_fifty_children_are_listed(confirmed: Panel) -> None:
    again(confirmed)
    confirmed.country.children(confirmed.school, confirmed.cycle, 60)
    rows = list(Student.select().where(Student.school == confirmed.school.id).order_by(Student.id))
    Snapshot.update(lines="".join(f"{row.id} {'0' * 16}\n" for row in rows)).where(
        Snapshot.unit == confirmed.school.id, Snapshot.revision == 2
    ).execute()
    said = text(confirmed.client("school").get(f"/snapshots/{confirmed.school.code}/compare"))
    assert said.count("/children/details/?id=") == 50
    assert "Came: <strong>61" in said


def test_the_levels_above_lead_to_the_comparison_of_the_unit_that_moved(confirmed: Panel) -> None:
    again(confirmed)
    for unit in (confirmed.lao, confirmed.province):
        confirmed.country.confirm(unit, confirmed.cycle)
    of_province = text(confirmed.client("province").get("/snapshots/81/compare"))
    assert f"/snapshots/{confirmed.lao.code}/compare?" in of_province
    of_lao = text(confirmed.client("lao").get(f"/snapshots/{confirmed.lao.code}/compare"))
    assert f"/snapshots/{confirmed.school.code}/compare?" in of_lao
    assert "ฮวดเจริญ" not in of_lao


# role, what is asked, status
REACH: list[tuple[str, str, int]] = [
    ("school", "/snapshots/{school}", 200),
    ("school", "/snapshots/{sister}", 404),
    ("school", "/snapshots/{lao}", 404),
    ("school", "/snapshots/{far}", 404),
    ("lao", "/snapshots/{school}", 200),
    ("lao", "/snapshots/{far}", 404),
    ("lao", "/snapshots/81", 404),
    ("province", "/snapshots/81", 200),
    ("province", "/snapshots/82", 404),
    ("helpdesk", "/snapshots/{far}", 200),
    ("department", "/snapshots/nothing", 404),
    ("department", "/snapshots/{school}?cycle=2599-1", 404),
    ("school", "/snapshots/{school}/compare?from=1&to=2", 200),
    ("school", "/snapshots/{sister}/compare?from=1&to=2", 404),
    ("school", "/snapshots/{school}/compare?from=1&to=3", 404),
    ("school", "/snapshots/{school}/compare?from=x&to=2", 404),
    ("school", "/snapshots/{school}/compare?from=-1&to=2", 404),
    ("school", "/snapshots/{school}/compare?from=2&to=2", 302),
    ("lao", "/snapshots/{sister}/compare", 404),
]


@pytest.mark.parametrize(("role", "address", "status"), REACH)
def test_each_sees_the_revisions_of_the_own_scope(
    confirmed: Panel, role: str, address: str, status: int
) -> None:
    again(confirmed)
    names = ("school", "sister", "lao", "far")
    codes = {name: getattr(confirmed, name).code for name in names}
    assert confirmed.client(role).get(address.format(**codes)).status_code == status


# --- links, and the paper itself ------------------------------------------------------------------


def test_a_units_page_leads_to_its_paper_and_its_revisions(confirmed: Panel) -> None:
    page = f"/units/{confirmed.school.code}"
    paper = "/exports/certificate.pdf?"
    said = text(confirmed.client("school").get(page))
    assert paper in said
    assert f"/snapshots/{confirmed.school.code}" in said
    assert paper not in text(confirmed.client("helpdesk").get(page))
    unlock(confirmed, confirmed.school)
    said = text(confirmed.client("school").get(page))
    assert paper not in said
    assert f"/snapshots/{confirmed.school.code}" in said


def test_a_unit_that_never_confirmed_has_neither(panel: Panel) -> None:
    said = text(panel.client("school").get(f"/units/{panel.school.code}"))
    assert "/exports/certificate.pdf?" not in said
    assert "/snapshots/" not in said


# role, unit, status while all is confirmed
PAPERS: list[tuple[str, str, int]] = [
    ("school", "school", 200),
    ("school", "sister", 404),
    ("lao", "lao", 200),
    ("lao", "far", 404),
    ("province", "province", 200),
    ("department", "school", 200),
    ("helpdesk", "school", 404),
    ("department", "far", 403),
]


@pytest.mark.parametrize(("role", "unit", "status"), PAPERS)
def test_the_certificate_comes_as_pdf_to_whom_it_concerns(
    confirmed: Panel, role: str, unit: str, status: int
) -> None:
    code = getattr(confirmed, unit).code
    answer = confirmed.client(role).get(f"/exports/certificate.pdf?cycle=2567-1&unit={code}")
    assert answer.status_code == status
    if status == 200:
        assert answer.mimetype == "application/pdf"
        assert answer.data.startswith(b"%PDF-")
        named = answer.headers["Content-Disposition"]
        assert f'filename="certificate-2567-1-{code}.pdf"' in named
        assert quote(".pdf") in named
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/exports/certificate.xlsx", "/exports/roster.pdf"])
def test_an_export_has_its_own_format_only(confirmed: Panel, address: str) -> None:
    answer: Any = confirmed.client("school").get(f"{address}?unit={confirmed.school.code}")
    assert answer.status_code == 404


def test_the_page_of_exports_leads_to_the_paper(confirmed: Panel) -> None:
    said = text(confirmed.client("school").get("/exports/"))
    assert "/exports/certificate.pdf?" in said
    assert "/exports/roster.xlsx?" in said
