"""DLA's screen of cycles."""

from __future__ import annotations

from admin_app.models import Cycle
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
