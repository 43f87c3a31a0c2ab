"""The page of a job, and DLA's list of jobs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from admin_app.models import Job
from admin_app.services import jobs
from admin_app.services.hand import Hand
from tests.views.conftest import Panel, text


def asked(panel: Panel, number: int = 1) -> Job:
    """A job of DLA's."""
    dla = panel.country.actor("department")
    key = f"carry_over:{number}"
    return jobs.ask(dla, "carry_over", "cycle:carry", key, panel.clock, cycle_id=panel.cycle.id)


def begun(panel: Panel, job: Job) -> Hand:
    """The job in a worker's hand, a quarter done."""
    found = jobs.start(job.id, "worker", panel.clock)
    assert found is not None
    hand = Hand(found, panel.clock)
    hand.plan(0, 40)
    panel.clock.tick(seconds=60)
    with hand.batch(10, doing="กระบี่"):
        pass
    return hand


def test_a_running_job_shows_how_far_it_is_and_how_long_it_takes_still(panel: Panel) -> None:
    job = asked(panel)
    begun(panel, job)
    page = text(panel.client("department").get(f"/jobs/{job.id}"))
    assert 'value="25"' in page
    assert "10/40" in page
    assert "กระบี่" in page
    assert "about 3 minutes left" in page
    assert "Cancel the job" in page


def test_the_page_loads_itself_again_without_scripts_while_the_job_lives(panel: Panel) -> None:
    job = asked(panel)
    client = panel.client("department")
    assert 'http-equiv="refresh"' in text(client.get(f"/jobs/{job.id}"))
    begun(panel, job).end({"children": 12_345})
    page = text(client.get(f"/jobs/{job.id}"))
    assert 'http-equiv="refresh"' not in page
    assert "12,345" in page
    assert "Finished" in page
    assert f"/cycles/details/?id={panel.cycle.id}" in page


def test_scripts_follow_the_job_by_a_small_answer(panel: Panel) -> None:
    job = asked(panel)
    begun(panel, job)
    answer = panel.client("department").get(f"/jobs/{job.id}/state")
    assert answer.json is not None
    assert answer.json["live"] is True
    assert (answer.json["status"], answer.json["percent"]) == ("running", 25)
    assert "10/40" in answer.json["words"]


def test_when_no_worker_answers_the_page_says_so_and_what_to_do(panel: Panel) -> None:
    job = asked(panel)
    client = panel.client("department")
    assert "No worker answers" not in text(client.get(f"/jobs/{job.id}"))
    panel.clock.now += jobs.UNANSWERED_AFTER + timedelta(seconds=1)
    page = text(client.get(f"/jobs/{job.id}"))
    assert "No worker answers" in page
    assert "run.py worker" in page


def test_one_that_waits_says_how_many_come_first(panel: Panel) -> None:
    asked(panel, 1)
    page = text(panel.client("department").get(f"/jobs/{asked(panel, 2).id}"))
    assert "1 job comes first." in page


def test_a_failed_job_says_why_and_what_to_do(panel: Panel) -> None:
    job = asked(panel)
    Job.update(
        status="failed",
        ended_at=panel.clock(),
        error=json.dumps({"code": "source_open", "params": {"code": "2566-2"}}),
    ).execute()
    page = text(panel.client("department").get(f"/jobs/{job.id}"))
    assert "Cycle 2566-2, which is carried over from, has been reopened." in page
    assert "Close it again" in page


def test_cancelling_asks_a_running_job_to_end_and_ends_a_waiting_one(panel: Panel) -> None:
    running, waiting = asked(panel, 1), asked(panel, 2)
    begun(panel, running)
    client = panel.client("department")
    for job in (running, waiting):
        assert client.post(f"/jobs/{job.id}/cancel").status_code == 302
    assert Job.get_by_id(running.id).cancel_asked
    assert "It ends after the part in hand." in text(client.get(f"/jobs/{running.id}"))
    assert Job.get_by_id(waiting.id).status == "cancelled"


@pytest.mark.parametrize("role", ["helpdesk", "province", "lao", "school"])
def test_a_strangers_job_is_not_found(panel: Panel, role: str) -> None:
    job = asked(panel)
    client = panel.client(role)
    for address in (f"/jobs/{job.id}", f"/jobs/{job.id}/state", "/jobs/", "/jobs/999", "/jobs/x"):
        assert client.get(address).status_code == 404, address
    assert client.post(f"/jobs/{job.id}/cancel").status_code == 404
    assert Job.get_by_id(job.id).status == "queued"


def test_an_owner_who_is_not_dla_sees_the_own_job(panel: Panel) -> None:
    lao = panel.country.own(panel.lao)
    job = jobs.ask(lao, "other_kind", "child:import", "other:1", panel.clock)
    client = panel.client("lao")
    page = text(client.get(f"/jobs/{job.id}"))
    assert "other_kind" in page
    assert 'href="/jobs/"' not in page
    assert client.post(f"/jobs/{job.id}/cancel").status_code == 302
    assert Job.get_by_id(job.id).status == "cancelled"


def test_dla_lists_all_jobs_newest_first_and_filters_them(panel: Panel) -> None:
    first, second = asked(panel, 1), asked(panel, 2)
    begun(panel, first)
    client = panel.client("department")
    page = text(client.get("/jobs/"))
    assert page.index(f'href="/jobs/{second.id}"') < page.index(f'href="/jobs/{first.id}"')
    assert "10/40" in page
    only = text(client.get("/jobs/?status=running"))
    assert f'href="/jobs/{first.id}"' in only
    assert f'href="/jobs/{second.id}"' not in only
