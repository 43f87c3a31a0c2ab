"""One browser, one filled demo; a server over a copy of it per story."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import server
from tests.browser.visitor import Visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's chromium."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(f"no browser found ({', '.join(NAMES)}): run `make system`", pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's database, to be copied."""
    return server.fill(tmp_path_factory.mktemp("demo") / "demo.db")


@pytest.fixture(scope="module")
def own_file(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo for the chapters of one story; a story may prepare it further."""
    return server.copy(demo_file, tmp_path_factory.mktemp("panel") / "panel.db")


@pytest.fixture(scope="module")
def panel(own_file: Path) -> Iterator[str]:
    """The address of a server over the story's own demo."""
    with server.serving(own_file) as url:
        yield url


@pytest.fixture
def enter(browser: Browser, panel: str) -> Iterator[Callable[[str], Visitor]]:
    """Signs somebody in; at the end everybody leaves, and what they noticed is told."""
    inside: list[Visitor] = []

    def sign_in(username: str) -> Visitor:
        inside.append(Visitor(browser, panel))
        return inside[-1].sign_in(username)

    yield sign_in
    for visitor in inside:
        visitor.leave()
