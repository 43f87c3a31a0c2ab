"""The page of a job follows it while it lies open."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from admin_app.database import now
from admin_app.models import Cycle, Job, User
from tests.browser import prepared, server
from tests.browser.visitor import Visitor
from tests.country import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def running_job(path: Path, signed: prepared.Signed) -> int:
    """An export of the person that a worker has begun, a quarter of it done."""
    with server.filling(path):
        at = now()
        params = {"name": "roster", "unit": signed.code, "edition": "draft"}
        job = Job.create(
            kind="export",
            key="followed",
            cycle=Cycle.select().order_by(Cycle.opens_at.desc()).get(),
            owner=User.get(User.username == signed.username),
            params=json.dumps(params),
            status="running",
            total=100,
            done=25,
            created_at=at,
            started_at=at,
            beat_at=at,
        )
        return int(job.id)


def write(path: Path, **values: object) -> None:
    """Change the job, as a worker would."""
    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        columns = ", ".join(f"{column} = ?" for column in values)
        connection.execute(f"UPDATE job SET {columns}", tuple(values.values()))


def test_the_page_of_a_job_moves_on_by_itself_and_shows_its_end(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "panel.db"
    signed = prepared.carried_over(path)
    job_id = running_job(path, signed)
    with server.serving(path, demo=False) as url:
        visitor = Visitor(browser, url).sign_in(signed.username, PASSWORD)
        visitor.go(f"/jobs/{job_id}")
        before = visitor.text(".lead")
        write(path, done=75)
        visitor.page.wait_for_selector("progress[value='75']")
        assert visitor.text(".lead") != before
        write(path, status="failed", ended_at=str(datetime.now(UTC).replace(tzinfo=None)))
        visitor.page.wait_for_selector("[data-job]", state="detached")
        visitor.leave()
