"""A long export on the screen: its job, its file, whom it is handed to and until when."""

from __future__ import annotations

import io
import json
import threading
from datetime import timedelta

import openpyxl
import pytest

from admin_app.jobs.worker import Worker
from admin_app.models import AccessLog, Job, User, database
from admin_app.services import housekeeping, jobs
from admin_app.services.files import shelf
from admin_app.views import exports
from tests.views.conftest import Client, Panel, text

ROSTER = "/exports/roster.xlsx"
CHILDREN = 7


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster of more than two children is made by a job."""
    monkeypatch.setattr(
        exports, "is_long", lambda export, cycle, unit: export.estimate(cycle, unit) > 2
    )


def ask(client: Client, address: str = ROSTER) -> str:
    """The page of the job that the export leads to."""
    answer = client.get(address)
    assert answer.status_code == 302, text(answer)
    return str(answer.location)


def work(panel: Panel) -> None:
    """A worker does what waits."""
    database.close()
    Worker(panel.clock, threading.Event()).look()
    database.connect(reuse_if_open=True)


@pytest.fixture
def school(panel: Panel) -> Client:
    """The school's person, whose roster is long."""
    panel.country.children(panel.school, panel.cycle, CHILDREN)
    return panel.client("school")


def test_a_long_export_leads_to_its_job_and_the_file_is_fetched_from_there(
    panel: Panel, school: Client
) -> None:
    page = ask(school)
    assert "Roster" in text(school.get(page))
    assert school.get(f"{page}/file").status_code == 404
    work(panel)
    shown = text(school.get(page))
    assert f"{page}/file" in shown
    assert "Kept until" in shown
    assert "21 May 2567 BE, 12:00" in shown
    answer = school.get(f"{page}/file")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    name = f'filename="roster-2567-1-{panel.school.code}.xlsx"'
    assert name in answer.headers["Content-Disposition"]
    assert answer.content_length == len(answer.data)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert sum(isinstance(row[0], int) for row in sheet.iter_rows(values_only=True)) == CHILDREN
    logged = list(AccessLog.select().order_by(AccessLog.id))
    assert [(row.tag, row.rows, row.address) for row in logged] == [
        ("export", CHILDREN, "127.0.0.1"),
        ("download", CHILDREN, "127.0.0.1"),
    ]
    assert json.loads(logged[1].details)["job"] == Job.get().id


def test_a_short_one_is_answered_at_once(panel: Panel) -> None:
    panel.country.children(panel.school, panel.cycle, 2)
    assert panel.client("school").get(ROSTER).status_code == 200
    assert not Job.select().exists()


def test_what_is_wrong_is_said_before_a_job_is_made(panel: Panel, school: Client) -> None:
    for address, status in (
        (f"{ROSTER}?edition=draft", 400),
        (f"{ROSTER}?cycle=x", 400),
        (f"{ROSTER}?unit={panel.far.code}", 404),
        ("/exports/province-summary.xlsx", 404),
        (f"{ROSTER}?cycle=2599-1", 404),
    ):
        assert school.get(address).status_code == status, address
    dla = panel.client("department")
    assert dla.get("/exports/national-budget.xlsx").status_code == 403
    assert not Job.select().exists()


def test_two_clicks_are_one_job(panel: Panel, school: Client) -> None:
    assert ask(school) == ask(school)
    assert ask(panel.client("lao"), f"{ROSTER}?unit={panel.school.code}") != ask(school)


def test_nobody_fills_the_queue(panel: Panel) -> None:
    schools = [panel.country.school(panel.lao) for _ in range(jobs.MOST_OF_ONE + 1)]
    client = panel.client("lao")
    for unit in schools:
        panel.country.children(unit, panel.cycle, 3)
    for unit in schools[:-1]:
        ask(client, f"{ROSTER}?unit={unit.code}")
    answer = client.get(f"{ROSTER}?unit={schools[-1].code}")
    assert answer.status_code == 429
    assert "of your jobs are waiting or running" in text(answer)


@pytest.mark.parametrize("role", ["department", "helpdesk", "province", "lao"])
def test_nobody_else_gets_the_file_though_dla_sees_the_job(
    panel: Panel, school: Client, role: str
) -> None:
    page = ask(school)
    work(panel)
    client = panel.client(role)
    assert client.get(f"{page}/file").status_code == 404
    seen = client.get(page)
    assert seen.status_code == (200 if role == "department" else 404)
    assert f"{page}/file" not in text(seen)
    assert not AccessLog.select().where(AccessLog.tag == "download").exists()


def test_who_was_moved_to_another_school_gets_it_no_more(panel: Panel, school: Client) -> None:
    page = ask(school)
    work(panel)
    owner = Job.get().owner_id
    User.update(unit=panel.sister.id).where(User.id == owner).execute()
    assert school.get(f"{page}/file").status_code == 404


def test_when_its_time_is_over_it_is_gone_with_words_and_a_way_to_ask_again(
    panel: Panel, school: Client
) -> None:
    page = ask(school)
    work(panel)
    job = Job.get()
    panel.clock.set(job.expires_at - timedelta(seconds=1))
    client = panel.client("school")
    assert client.get(f"{page}/file", buffered=True).status_code == 200
    panel.clock.set(job.expires_at)
    for _ in range(2):  # before and after the file is really deleted
        answer = client.get(f"{page}/file")
        assert answer.status_code == 410
        assert "kept for a limited time" in text(answer)
        assert f"/exports/roster.xlsx?cycle=2567-1&amp;unit={panel.school.code}" in text(answer)
        assert f"{page}/file" not in text(client.get(page))
        housekeeping.expire_files(panel.clock())
    assert "Ask for it again" in text(client.get(page))
    assert ask(client) != page


def test_a_file_that_somebody_took_away_is_gone_with_words(panel: Panel, school: Client) -> None:
    page = ask(school)
    work(panel)
    shelf.delete(Job.get().file)
    assert school.get(f"{page}/file").status_code == 410


def test_who_left_the_page_finds_the_job_on_the_page_of_exports(
    panel: Panel, school: Client
) -> None:
    page = ask(school)
    shown = text(school.get("/exports/"))
    assert "My jobs" in shown
    assert f'href="{page}"' in shown
    assert "My jobs" not in text(panel.client("lao").get("/exports/"))
    assert f"Roster · {panel.school.name}" in text(panel.client("department").get("/jobs/"))


def test_a_cancelled_one_says_that_nothing_was_kept(panel: Panel, school: Client) -> None:
    page = ask(school)
    school.post(f"{page}/cancel")
    assert "Nothing of it was kept." in text(school.get(page))
    assert school.get(f"{page}/file").status_code == 404


def test_the_access_log_shows_rows_and_from_where(panel: Panel, school: Client) -> None:
    page = ask(school)
    work(panel)
    school.get(f"{page}/file", buffered=True)
    shown = text(panel.client("department").get("/access-log/"))
    for told in ("Finished export fetched", "127.0.0.1", f"Job: {Job.get().id}", "From where"):
        assert told in shown, told


def test_there_is_no_file_of_a_job_that_is_no_export(panel: Panel) -> None:
    dla = panel.client("department")
    answer = dla.post("/jobs/verify", data={"verified": panel.cycle.code})
    work(panel)
    assert dla.get(f"{answer.location}/file").status_code == 404


# --- verify -----------------------------------------------------------------------------------


def test_dla_verifies_a_cycle_and_sees_what_differs_by_rows_alone(panel: Panel) -> None:
    panel.country.confirm_tree(panel.province, panel.cycle)
    dla = panel.client("department")
    assert "Verify the cycle" in text(dla.get(f"/cycles/details/?id={panel.cycle.id}"))
    page = str(dla.post("/jobs/verify", data={"verified": panel.cycle.code}).location)
    work(panel)
    assert "Everything is as it was confirmed." in text(dla.get(page))
    child = panel.country.child(panel.school, panel.cycle, first_name="ฟ้าใส", last_name="ฮวดเจริญ")
    page = str(dla.post("/jobs/verify", data={"verified": panel.cycle.code}).location)
    work(panel)
    shown = text(dla.get(page))
    assert panel.school.code in shown
    assert "Everything is as it was confirmed." not in shown
    result = Job.get(Job.id == page.rsplit("/", 1)[1]).result
    for secret in (child.first_name, child.last_name, child.id_number):
        assert secret not in shown
        assert secret not in result


@pytest.mark.parametrize("role", ["helpdesk", "province", "lao", "school"])
def test_nobody_else_verifies(panel: Panel, role: str) -> None:
    client = panel.client(role)
    assert client.post("/jobs/verify", data={"verified": panel.cycle.code}).status_code == 404
    assert "Verify the cycle" not in text(client.get(f"/cycles/details/?id={panel.cycle.id}"))
    assert panel.client("department").post("/jobs/verify").status_code == 404
    assert not Job.select().exists()
