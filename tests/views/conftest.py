"""The panel in a small country, and people signed in to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database
from werkzeug.test import TestResponse

from admin_app import create_app
from admin_app.config import Settings
from admin_app.models import Cycle, Student, Unit, User, UserSession, database
from admin_app.services.accounts import token_hash
from tests.country import Country, ManualClock

NEAR_ROLES = ("province", "lao", "school")
SECRET = "a secret for tests, long enough to be taken"


class Client(FlaskClient):
    """A browser that reads the panel in English, so that tests can quote what it says."""

    def sign_in(self, user: User, clock: Callable[[], Any]) -> Client:
        """A session of this person, put in directly: a hash costs 50 ms."""
        token = secrets.token_urlsafe(16)
        UserSession.create(
            user=user.id, token_hash=token_hash(token), created_at=clock(), seen_at=clock()
        )
        with self.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
            session["language"] = "en"
        return self


def text(answer: TestResponse) -> str:
    """The page as text."""
    return answer.get_data(as_text=True)


@dataclass(frozen=True)
class Panel:
    """A school with its ancestors, a sister school, a school far away, and an open cycle."""

    app: Flask
    country: Country
    clock: ManualClock
    cycle: Cycle
    lao: Unit
    school: Unit
    sister: Unit
    far_lao: Unit
    far: Unit

    @property
    def province(self) -> Unit:
        """Krabi."""
        return self.country.province("81")

    def home(self, role: str) -> Unit:
        """The unit of the role's person in this chain."""
        near = {"province": self.province, "lao": self.lao, "school": self.school}
        return near.get(role, self.country.department)

    def client(self, role: str = "", unit: Unit | None = None) -> Client:
        """A browser in which the role's person is signed in; nobody without a role."""
        found = self.app.test_client()
        assert isinstance(found, Client)
        if not role:
            return found
        actor = self.country.actor(role, unit or self.home(role))
        return found.sign_in(User.get_by_id(actor.user_id), self.clock)


@pytest.fixture
def clock() -> ManualClock:
    """Noon in the middle of the cycle."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str, clock: ManualClock, tmp_path: Path) -> Settings:
    """Of a test's app; forms need no token where that is not the subject."""
    more = {
        "CLOCK": clock,
        "TESTING": True,
        "PROPAGATE_EXCEPTIONS": False,
        "WTF_CSRF_ENABLED": False,
        "KEEP_CONNECTION": True,
    }
    files = str(tmp_path / "files")
    return Settings(database_url=database_url, secret_key=SECRET, files_dir=files, more=more)


def make_app(settings: Settings, **over: Any) -> Flask:
    """The app, with some of Flask's configuration changed."""
    app = create_app(replace(settings, more=settings.more | over))
    app.test_client_class = Client
    if database.is_closed():
        database.connect()
    return app


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app on the test's database."""
    yield make_app(settings)
    opened: Database = database.obj
    if not opened.is_closed():
        opened.close()
    if hasattr(opened, "close_all"):
        opened.close_all()


@pytest.fixture
def panel(app: Flask, clock: ManualClock) -> Panel:
    """Krabi with one LAO of two schools, a school in another province; the cycle is open."""
    country = Country(database.obj, clock)
    lao, far_lao = country.lao("81"), country.lao("82")
    school, sister, far = country.school(lao), country.school(lao), country.school(far_lao)
    return Panel(app, country, clock, country.cycle(), lao, school, sister, far_lao, far)


def child_at(panel: Panel, school: Unit, **over: Any) -> Student:
    """A child whose name is found nowhere else in a page."""
    return panel.country.child(school, panel.cycle, first_name="ฟ้าใส", last_name="ฮวดเจริญ", **over)


def unchanged(row: Any) -> bool:
    """Whether the row stands as it was."""
    stood, stands = row.__data__, type(row).get_by_id(row.id).__data__
    return all(_plain(stood[key]) == _plain(stands[key]) for key in stood)


def _plain(value: Any) -> Any:
    return getattr(value, "id", value)
