"""DLA's screen of cycles."""

from __future__ import annotations

import threading

from admin_app.jobs.worker import Worker
from admin_app.models import Cycle, Job, UnitState, database
from tests.views.conftest import Panel, text

TYPED = {
    "year": "2567",
    "round": "2",
    "opens_at": "1/11/2567 00:00",
    "school_due_at": "10/11/2567 24:00",
    "lao_due_at": "11/11/2567 12:00",
    "province_due_at": "11/11/2567 17:00",
    "closes_at": "11/11/2567 17:00",
    "late_policy": "accept",
}


def test_dla_creates_a_cycle_and_opens_it(panel: Panel) -> None:
    client = panel.client("department")
    assert client.post("/cycles/new/", data=TYPED).status_code == 302
    made = Cycle.get(Cycle.code == "2567-2")
    assert made.started_at is None
    assert client.post("/cycles/start", data={"id": made.id}).status_code == 302
    assert Cycle.get_by_id(made.id).started_at == panel.clock()


def test_moments_out_of_order_are_told_and_kept(panel: Panel) -> None:
    wrong = TYPED | {"closes_at": "1/10/2567 17:00"}
    page = text(panel.client("department").post("/cycles/new/", data=wrong))
    assert "must follow each other" in page
    assert 'value="1/10/2567 17:00"' in page
    assert not Cycle.select().where(Cycle.code == "2567-2").exists()


def test_nobody_else_makes_or_opens_a_cycle(panel: Panel) -> None:
    for role in ("helpdesk", "province", "lao", "school"):
        client = panel.client(role)
        assert client.post("/cycles/new/", data=TYPED).status_code == 404
        assert client.post("/cycles/start", data={"id": panel.cycle.id}).status_code == 404


def new_cycle(panel: Panel) -> Cycle:
    """A cycle that is not opened yet."""
    panel.client("department").post("/cycles/new/", data=TYPED)
    return Cycle.get(Cycle.code == "2567-2")


def close_first(panel: Panel) -> None:
    """The department has closed the panel's cycle."""
    UnitState.update(status="confirmed", confirmed_at=panel.clock()).where(
        UnitState.cycle == panel.cycle.id, UnitState.level == "department"
    ).execute()


def details(panel: Panel, cycle: Cycle) -> str:
    """The cycle's page."""
    return text(panel.client("department").get(f"/cycles/details/?id={cycle.id}"))


def test_without_a_closed_cycle_there_is_nothing_to_carry_over(panel: Panel) -> None:
    made = new_cycle(panel)
    page = details(panel, made)
    assert "no earlier cycle has been closed" in page
    assert "Carry over, then open" not in page
    client = panel.client("department")
    answer = client.post("/cycles/carry", data={"id": made.id}, follow_redirects=True)
    assert "No earlier cycle has been closed by the department." in text(answer)
    assert not Job.select().exists()


def test_the_page_says_what_a_carry_over_will_do(panel: Panel) -> None:
    close_first(panel)
    page = details(panel, new_cycle(panel))
    assert "from cycle 2567-1" in page
    assert "every child stays in its grade" in page
    Cycle.update(year=2568, round=1).where(Cycle.code == "2567-2").execute()
    page = details(panel, Cycle.get(Cycle.code == "2567-2"))
    assert "Every child goes up one grade" in page


def test_two_clicks_ask_for_one_carry_over_and_lead_to_its_page(panel: Panel) -> None:
    close_first(panel)
    made = new_cycle(panel)
    client = panel.client("department")
    answers = [client.post("/cycles/carry", data={"id": made.id}) for _ in range(2)]
    (job,) = Job.select()
    assert [answer.location for answer in answers] == [f"/jobs/{job.id}"] * 2
    assert (job.kind, job.cycle_id, job.status) == ("carry_over", made.id, "queued")
    page = details(panel, made)
    assert f"/jobs/{job.id}" in page
    assert "/cycles/start" not in page
    assert Cycle.get_by_id(made.id).started_at is None


def test_while_it_is_carried_over_the_cycle_is_not_opened_by_hand(panel: Panel) -> None:
    close_first(panel)
    made = new_cycle(panel)
    client = panel.client("department")
    client.post("/cycles/carry", data={"id": made.id})
    answer = client.post("/cycles/start", data={"id": made.id}, follow_redirects=True)
    assert "opens the cycle at its end" in text(answer)
    assert Cycle.get_by_id(made.id).started_at is None


def test_dla_may_open_without_carrying_over(panel: Panel) -> None:
    close_first(panel)
    panel.country.children(panel.school, panel.cycle, 2)
    made = new_cycle(panel)
    panel.client("department").post("/cycles/start", data={"id": made.id})
    assert Cycle.get_by_id(made.id).started_at is not None
    assert panel.country.state(panel.school, made).children == 0


def test_the_worker_carries_over_and_the_page_says_so(panel: Panel) -> None:
    panel.country.children(panel.school, panel.cycle, 2)
    close_first(panel)
    made = new_cycle(panel)
    panel.client("department").post("/cycles/carry", data={"id": made.id})
    job = Job.get()
    database.close()
    Worker(panel.clock, threading.Event()).perform(job.id)
    database.connect()
    assert Cycle.get_by_id(made.id).started_at == panel.clock()
    page = details(panel, made)
    assert "Carried over from" in page
    assert "2567-1: 2 children" in page


def test_nobody_else_carries_over(panel: Panel) -> None:
    close_first(panel)
    made = new_cycle(panel)
    for role in ("helpdesk", "province", "lao", "school"):
        assert panel.client(role).post("/cycles/carry", data={"id": made.id}).status_code == 404
    assert not Job.select().exists()
