"""Import on the screen: send, look, accept; every bad file in words, nothing written."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from admin_app.config import ImportLimits
from admin_app.domain.identity import make_pin
from admin_app.imports import roster, sheets
from admin_app.jobs.worker import Worker
from admin_app.models import (
    AccessLog,
    Job,
    OtherSchool,
    Student,
    Unit,
    Upload,
    User,
    database,
)
from admin_app.services import children, imports, uploads
from tests.imports.conftest import NEW, Filled, sheet_of, workbook
from tests.imports.test_reader import BAD
from tests.views.conftest import Client, Panel, make_app, text

CHILDREN, COUNTS = "/imports/children", "/imports/other-counts"


def send(client: Client, data: bytes, address: str = CHILDREN, **form: Any) -> TestResponse:
    """Choose a file and send it."""
    return client.post(address, data={"file": (io.BytesIO(data), "รายชื่อ.xlsx"), **form})


def download(client: Client, address: str = f"{CHILDREN}.xlsx") -> Filled:
    """The workbook of the person's school."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return Filled(answer.data)


def shown(client: Client, answer: TestResponse) -> str:
    """The preview that a sent file leads to."""
    assert answer.status_code == 302, text(answer)
    return text(client.get(answer.location))


def test_a_workbook_goes_out_comes_back_is_looked_at_and_accepted(panel: Panel) -> None:
    one, gone = panel.country.children(panel.school, panel.cycle, 2, grade="P1")
    client = panel.client("school")
    filled = download(client).edit(one, grade="ป.2", last_name="ใจงาม").add(**NEW)
    filled.edit(gone, removal_reason="ลาออก").add(**NEW | {"id_number": "123"})
    answer = send(client, filled.bytes())
    page = shown(client, answer)
    for told in ("Wrong 1", "To be added 1", "To be changed 1", "To be removed 1", "All 4"):
        assert told in page
    assert "A Thai national ID has 13 digits." in page
    assert '<ins lang="th">ใจงาม</ins>' in page
    assert page.index("A Thai national ID has 13 digits.") < page.index(
        '<ins lang="th">ใจงาม</ins>'
    )
    assert Student.select().count() == 2
    accepted = client.post(f"{answer.location}/accept")
    assert accepted.location == f"/children/?unit={panel.school.code}"
    assert "Imported: 1 new, 1 changed, 1 removed." in text(client.get(accepted.location))
    assert Student.get_by_id(one.id).last_name == "ใจงาม"
    assert Student.select().where(Student.status == "active").count() == 2
    assert Upload.get().plan == "{}"


def test_pressing_accept_twice_is_told_and_does_nothing(panel: Panel) -> None:
    client = panel.client("school")
    location = send(client, sheet_of([NEW])).location
    for _ in range(2):
        assert client.post(f"{location}/accept").status_code == 302
    assert "accepted already" in text(client.get("/children/"))
    assert Student.select().count() == 1


@pytest.mark.parametrize("address", [CHILDREN, COUNTS])
def test_a_second_press_while_the_first_one_writes_is_told_too(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    counted = address == COUNTS
    heads = ["ชื่อโรงเรียน", "ป.1 ชาย", "ป.1 หญิง"]
    data = workbook([heads, ["ก", 1, 2]]) if counted else sheet_of([NEW])
    client = panel.client("lao" if counted else "school")
    location = send(client, data, address, **{"affiliation": "PESAO"} if counted else {}).location
    me = panel.country.own(panel.lao if counted else panel.school)
    owner = Upload.get().owner_id
    accept = imports.accept_counts if counted else imports.accept_children
    get, presses = uploads.get, []

    def get_and_be_slower(*args: Any, **options: Any) -> Upload:
        found = get(*args, **options)
        if not presses:
            presses.append(1)
            accept(replace(me, user_id=owner), found.id, panel.clock)
        return found

    monkeypatch.setattr(uploads, "get", get_and_be_slower)
    answer = client.post(f"{location}/accept")
    assert answer.status_code == 302
    assert "accepted already" in text(client.get(answer.location))
    assert (Student.select().count(), OtherSchool.select().count()) == (not counted, counted)


def test_discarding_writes_nothing_and_empties_the_upload(panel: Panel) -> None:
    client = panel.client("school")
    location = send(client, sheet_of([NEW])).location
    assert client.post(f"{location}/discard").status_code == 302
    assert client.get(location).status_code == 404
    assert (Student.select().count(), Upload.get().file) == (0, None)


@pytest.mark.parametrize("name", [name for name in BAD if not name.startswith(("a csv of a mil",))])
def test_a_bad_file_is_told_in_words_and_nothing_changes(panel: Panel, name: str) -> None:
    reason, make = BAD[name]
    client = panel.client("school")
    answer = send(client, make())
    assert answer.status_code == 422, reason
    assert "The file was not taken; nothing was written." in text(answer)
    assert not Upload.select().exists()


def test_no_file_is_told(panel: Panel) -> None:
    client = panel.client("school")
    for answer in (client.post(CHILDREN, data={}), send(client, b"")):
        assert answer.status_code == 422
    assert "No file was sent." in text(client.post(CHILDREN, data={"file": "text"}))


def test_a_file_that_is_too_large_is_told_in_the_persons_language(panel: Panel) -> None:
    client = panel.client("school")
    limit = ImportLimits().file_bytes
    answer = send(client, bytes(limit + 1))
    assert (answer.status_code, "larger than 5 MB" in text(answer)) == (422, True)
    answer = send(client, bytes(2 * limit + 2**21))  # more than any request may be
    assert (answer.status_code, "larger than 5 MB" in text(answer)) == (413, True)
    assert panel.school.name not in text(answer)


def test_a_file_that_is_cut_off_on_its_way_is_told(panel: Panel) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + sheet_of([NEW])[:500]
    )
    for length in (len(body), 2 * len(body)):
        answer = panel.client("school").post(
            CHILDREN,
            input_stream=io.BytesIO(body),
            headers={"Content-Length": str(length)},
            content_type="multipart/form-data; boundary=x",
        )
        assert answer.status_code in (400, 422)
        assert b"<h1>" in answer.data
    assert not Upload.select().exists()


def test_limits_come_from_the_settings(settings: Any, panel: Panel) -> None:
    small = replace(settings, imports=ImportLimits(file_bytes=10 * 2**20, rows=2))
    app = make_app(small)
    assert app.config["MAX_CONTENT_LENGTH"] == 11 * 2**20
    actor = panel.country.actor("school", panel.school)
    client = app.test_client()
    client.sign_in(User.get_by_id(actor.user_id), panel.clock)
    three = [NEW | {"id_number": make_pin(f"11000000000{n}")} for n in range(3)]
    assert "A sheet has more than 2 rows." in text(send(client, sheet_of(three)))


# --- somebody else, and the clock ----------------------------------------------------------------


def test_a_row_changed_since_the_preview_is_shown_and_not_overwritten(panel: Panel) -> None:
    one = panel.country.child(panel.school, panel.cycle, grade="P1")
    client = panel.client("school")
    typed = NEW | {"id_number": one.id_number}
    location = send(client, sheet_of([typed])).location
    lao = panel.country.actor("lao", panel.lao)
    children.edit(lao, one.id, 1, {"last_name": "ใจกว้าง"}, panel.clock)
    assert client.post(f"{location}/accept").location == location
    page = text(client.get(location))
    assert "somebody changed 1 row meanwhile" in page
    assert "Changed meanwhile" in page
    assert '<del lang="th">ใจกว้าง</del>' in page
    assert Student.get_by_id(one.id).last_name == "ใจกว้าง"
    client.post(f"{location}/accept")  # seen and accepted
    assert Student.get_by_id(one.id).last_name == "ใจดี"


def test_after_the_close_the_screen_says_so_and_nothing_is_written(panel: Panel) -> None:
    panel.clock.set(panel.cycle.closes_at - timedelta(minutes=1))
    client = panel.client("school")
    location = send(client, sheet_of([NEW])).location
    panel.clock.set(panel.cycle.closes_at)
    answer = client.post(f"{location}/accept")
    assert answer.location == location
    assert "The time for this unit ended" in text(client.get(location))
    assert send(client, sheet_of([NEW])).status_code == 409
    assert "The time for this unit ended" in text(client.get(CHILDREN))
    assert not Student.select().exists()


# --- scope ---------------------------------------------------------------------------------------


def test_an_lao_chooses_one_of_its_schools_and_the_history_says_on_behalf(panel: Panel) -> None:
    client = panel.client("lao")
    page = text(client.get(CHILDREN))
    assert f"unit={panel.school.code}" in page
    assert f"unit={panel.sister.code}" in page
    assert panel.far.code not in page
    location = send(client, sheet_of([NEW]), unit=panel.sister.code).location
    client.post(f"{location}/accept")
    assert Student.get().school_id == panel.sister.id
    assert "on behalf of the school" in text(client.get(f"/units/{panel.sister.code}"))


def test_schools_outside_the_scope_are_not_there(panel: Panel) -> None:
    for role, code in (("school", panel.sister.code), ("lao", panel.far.code), ("lao", "x")):
        client = panel.client(role)
        assert client.get(f"{CHILDREN}?unit={code}").status_code == 404
        assert client.get(f"{CHILDREN}.xlsx?unit={code}").status_code == 404
        assert send(client, sheet_of([NEW]), unit=code).status_code == 404
    assert panel.client("lao").get(f"{CHILDREN}?unit={panel.lao.code}").status_code == 404
    assert panel.client("lao").get(f"{COUNTS}?unit={panel.far_lao.code}").status_code == 404
    assert not Upload.select().exists()
    assert not AccessLog.select().exists()


def test_the_upload_of_another_person_is_not_there(panel: Panel) -> None:
    location = send(panel.client("school"), sheet_of([NEW])).location
    for client in (panel.client("lao"), panel.client("school", panel.sister)):
        for address in (location, f"{location}/marked.xlsx"):
            assert client.get(address).status_code == 404
        for address in (f"{location}/accept", f"{location}/discard"):
            assert client.post(address).status_code == 404
    own = panel.client("school")
    assert own.get(location.replace("children", "other-counts")).status_code == 404
    assert own.get(f"{CHILDREN}/99999999999999999999").status_code == 404
    assert own.get(location).status_code == 200


def test_the_template_of_another_school_is_refused_by_name(panel: Panel) -> None:
    panel.country.child(panel.sister, panel.cycle)
    client = panel.client("lao")
    data = download(client, f"{CHILDREN}.xlsx?unit={panel.sister.code}").bytes()
    answer = send(client, data, unit=panel.school.code)
    assert f"made for another school ({panel.sister.code})" in text(answer)


# --- what goes out -------------------------------------------------------------------------------


def test_every_download_stands_in_the_access_log_and_nobody_may_keep_it(panel: Panel) -> None:
    panel.country.children(panel.school, panel.cycle, 3)
    client = panel.client("school")
    location = send(client, download(client).add(**NEW | {"grade": "?"}).bytes()).location
    for address in (f"{location}/marked.xlsx", f"{location}/marked.xlsx?only=wrong"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].isascii()
        assert Filled(answer.data).book.worksheets[0].title == "นักเรียน"
    assert client.get(location).headers["Cache-Control"] == "no-store"
    logged = list(AccessLog.select().order_by(AccessLog.id))
    assert [(row.tag, row.unit_id) for row in logged] == [("export", panel.school.id)] * 3
    assert [(json.loads(row.details)["name"], row.rows) for row in logged] == [
        ("children-template", 3),
        ("children-marked", 4),
        ("children-marked", 1),
    ]


def test_the_access_log_shows_it_to_dla(panel: Panel) -> None:
    download(panel.client("school"))
    assert "children-template" in text(panel.client("department").get("/access-log/"))


def test_a_long_preview_has_pages_and_its_states_are_filters(panel: Panel) -> None:
    rows = [NEW | {"id_number": make_pin(f"1100000{n:05}"), "grade": "ป.1"} for n in range(120)]
    rows[7]["grade"] = "?"
    client = panel.client("school")
    location = send(client, sheet_of(rows)).location
    first = text(client.get(location))
    assert first.count("<tr>") == 51
    assert "Page 1 of 3" in first
    assert first.index(">Wrong<") < first.index(">To be added<")
    assert text(client.get(f"{location}?page=3")).count("<tr>") == 21
    assert text(client.get(f"{location}?state=wrong")).count("<tr>") == 2
    for silly in ("?page=x", "?page=-1", "?page=999", "?state=x", "?state='"):
        assert client.get(f"{location}{silly}").status_code == 200


def test_a_file_whose_rows_are_all_wrong_says_so(panel: Panel) -> None:
    one = panel.country.child(panel.school, panel.cycle)
    client = panel.client("school")
    page = shown(client, send(client, download(client).edit(one, grade="?").bytes()))
    assert "No row can be written yet: correct the wrong ones." in page
    assert "recorded already" not in page
    page = shown(client, send(client, download(client).bytes()))
    assert "The file says what is recorded already: there is nothing to write." in page


def test_the_lists_are_read_once_for_all_rows_of_a_preview(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = panel.client("school")
    rows = [NEW | {"id_number": make_pin(f"1100000{n:05}")} for n in range(30)]
    location = send(client, sheet_of(rows)).location
    lists, read = roster.lists, []

    def counted(school: Unit) -> roster.Lists:
        read.append(lists(school))
        return read[-1]

    monkeypatch.setattr(roster, "lists", counted)
    page = text(client.get(location))
    assert page.count("เพศ: หญิง") == 30
    assert (len(read), read[0]._places) == (1, None)
    assert client.get(f"{location}?state=wrong").status_code == 200
    assert len(read) == 1


# --- counts of other affiliations ----------------------------------------------------------------


def test_an_lao_imports_the_table_of_the_education_area(panel: Panel) -> None:
    client = panel.client("lao")
    heads = ["รหัสโรงเรียน", "ชื่อโรงเรียน", "ป.1 ชาย", "ป.1 หญิง", "ป.1 รวม"]
    data = workbook([heads, [32020001, "บ้านกระเบื้องใหญ่", 11, 12, 24], ["", "วัดใหม่", "x", 1, 1]])
    answer = send(client, data, COUNTS, affiliation="PESAO")
    page = shown(client, answer)
    assert "ป.1: the file says 24, boys and girls make 23." in page
    assert "is not a number of children" in page
    assert client.get(f"{answer.location}/marked.xlsx").status_code == 200
    accepted = client.post(f"{answer.location}/accept")
    assert accepted.location == f"/other-counts/{panel.lao.code}"
    assert "Imported: 1 new schools, 0 changed." in text(client.get(accepted.location))
    assert (OtherSchool.get().name, OtherSchool.get().children) == ("บ้านกระเบื้องใหญ่", 23)


def test_a_grid_that_somebody_saved_meanwhile_is_shown_again(panel: Panel) -> None:
    client = panel.client("lao")
    heads = ["ชื่อโรงเรียน", "ป.1 ชาย", "ป.1 หญิง"]
    location = send(client, workbook([heads, ["ก", 1, 2]]), COUNTS, affiliation="PESAO").location
    client.post(f"/other-counts/{panel.lao.code}", data={"declare_none": "1", "version": "0"})
    assert client.post(f"{location}/accept").location == location
    assert "somebody saved the sheet meanwhile" in text(client.get(location))
    client.post(f"{location}/accept")
    assert OtherSchool.get().name == "ก"


@pytest.mark.parametrize("role", ["school", "province", "department", "helpdesk"])
def test_who_may_not_enter_counts_finds_no_import_of_them(panel: Panel, role: str) -> None:
    assert panel.client(role).get(COUNTS).status_code == 404


def test_the_ways_in_stand_where_people_look_for_them(panel: Panel) -> None:
    panel.country.child(panel.school, panel.cycle)
    school, lao = panel.client("school"), panel.client("lao")
    assert 'href="/imports/children"' in text(school.get("/children/"))
    assert f'href="/imports/children?unit={panel.school.code}"' in text(
        lao.get(f"/units/{panel.school.code}")
    )
    assert f'href="/imports/other-counts?unit={panel.lao.code}"' in text(
        lao.get(f"/other-counts/{panel.lao.code}")
    )
    assert "/imports/" not in text(panel.client("province").get("/children/"))


def test_numbers_of_other_schools_are_told_and_how_many_were_compared_is_logged(
    panel: Panel,
) -> None:
    held = panel.country.child(panel.far, panel.cycle)
    client = panel.client("school")
    page = shown(client, send(client, sheet_of([NEW | {"id_number": held.id_number}])))
    assert "held by another school" in page
    assert held.last_name not in page
    asked = AccessLog.select().where(AccessLog.tag == "child.asked")
    assert [json.loads(row.details) for row in asked] == [{"numbers": 1}]
    untouched = download(client)
    send(client, untouched.bytes())
    assert asked.clone().count() == 1


# --- a large one is accepted by a job ------------------------------------------------------------


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet that writes more than one row is large."""
    monkeypatch.setattr(sheets, "LONG_ROWS", 1)


def work(panel: Panel) -> None:
    """A worker does what waits."""
    database.close()
    Worker(panel.clock, threading.Event()).look()
    database.connect(reuse_if_open=True)


TWO = [NEW, NEW | {"id_number": "", "first_name": "ขวัญ", "no_id_reason": "กำลังขอ"}]


@pytest.mark.usefixtures("large")
def test_a_large_one_is_accepted_by_a_job_and_its_page_says_so(panel: Panel) -> None:
    client = panel.client("school")
    location = send(client, sheet_of(TWO)).location
    page = client.post(f"{location}/accept").location
    assert page.startswith("/jobs/")
    assert client.post(f"{location}/accept").location == page
    shown = text(client.get(location))
    assert "The import is under way" in shown
    assert f"{location}/accept" not in shown
    assert client.post(f"{location}/discard").location == page
    assert Student.select().count() == 0
    work(panel)
    assert Student.select().count() == 2
    shown = text(client.get(page))
    assert f"/children/?unit={panel.school.code}" in shown
    assert "Finished" in shown
    again = client.post(f"{location}/accept")
    assert again.location == f"/children/?unit={panel.school.code}"
    work(panel)
    assert (Student.select().count(), Job.select().count()) == (2, 1)


@pytest.mark.usefixtures("large")
def test_a_cancelled_one_can_be_accepted_again(panel: Panel) -> None:
    client = panel.client("school")
    location = send(client, sheet_of(TWO)).location
    page = client.post(f"{location}/accept").location
    client.post(f"{page}/cancel")
    assert f'href="{location}"' in text(client.get(page))
    assert "The import is under way" not in text(client.get(location))
    assert client.post(f"{location}/accept").location != page
    work(panel)
    assert Student.select().count() == 2


@pytest.mark.usefixtures("large")
def test_a_row_changed_meanwhile_fails_the_job_and_is_shown_in_the_preview(panel: Panel) -> None:
    one = panel.country.child(panel.school, panel.cycle, grade="P1")
    client = panel.client("school")
    data = download(client).edit(one, grade="ป.2", last_name="ใจงาม").add(**NEW).bytes()
    location = send(client, data).location
    page = client.post(f"{location}/accept").location
    actor = panel.country.own(panel.school)
    values = {"first_name": "ฟ้า"}
    children.edit(actor, one.id, one.version, values, panel.clock)
    work(panel)
    assert "somebody else recorded here meanwhile" in text(client.get(page))
    assert "Rows that somebody changed meanwhile come first." in text(client.get(location))
    assert Student.select().count() == 1
