"""Somebody at a browser: signs in, opens pages, presses buttons, and notices what is broken."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from admin_app.config import ROOT
from seed.demo_accounts import DEMO_ACCOUNTS

PICTURES = ROOT / "docs" / "pictures"
PASSWORDS = {account.username: account.password for account in DEMO_ACCOUNTS}
DESK, PHONE = (1280, 900), (360, 740)
PATIENCE_MS = 15_000
# the elements that stick out to the right, other than those inside what scrolls by itself
STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter((element) =>
  element.getBoundingClientRect().right > window.innerWidth + 1 && !element.closest(".scroll")
).slice(-3).map((element) => element.outerHTML.slice(0, 80))"""


class Visitor:
    """A person with a browser context of their own.

    Every page that is opened is looked at: its status, that nothing was asked of another host, that
    the console stays quiet, and that it needs no scrolling sideways on a phone.
    """

    def __init__(self, browser: Browser, url: str, *, scripts: bool = True) -> None:
        self.url = url
        self.scripts = scripts
        self.problems: list[str] = []
        self.refused: set[str] = set()
        self.context = browser.new_context(
            base_url=url,
            java_script_enabled=scripts,
            viewport={"width": DESK[0], "height": DESK[1]},
            locale="th-TH",
            timezone_id="Asia/Bangkok",
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        self.context.on("request", self._asked)
        self.page: Page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())

    # --- what is noticed on the way ---------------------------------------------------------

    def _heard(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        # a page that answers 403, 409 or 422 on purpose is an "error" to the console
        if message.type == "error" and where not in self.refused:
            self.problems.append(f"console: {message.text} {where}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != urlsplit(self.url).netloc:
            self.problems.append(f"another host: {request.url}")

    def _look(self, response: Response | None, status: int) -> None:
        assert response is not None
        assert response.status == status, f"{response.url}: {response.status}, not {status}"
        if not self.scripts:
            return
        self.resize(PHONE)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > PHONE[0]:
            causes = self.page.evaluate(STICKS_OUT)
            self.problems.append(f"{self.path} is {wide} px wide on a phone: {causes}")
        self.resize(DESK)

    @property
    def path(self) -> str:
        """Path and query of the page shown."""
        return self.page.url.removeprefix(self.url)

    # --- what a person does -----------------------------------------------------------------

    def resize(self, size: tuple[int, int]) -> None:
        """Another window size."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def go(self, path: str, status: int = 200) -> None:
        """Open an address."""
        if status >= 400:
            self.refused.add(self.url + path)
        self._look(self.page.goto(path), status)

    def press(self, selector: str, status: int = 200) -> None:
        """Press what leads to another page."""
        with self.page.expect_navigation() as navigation:
            self.page.locator(selector).first.click()
        self._look(navigation.value, status)

    def sign_in(self, username: str) -> Visitor:
        """As the account of the demo, by typing."""
        self.go("/login")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORDS[username])
        self.press("form:has(#username) button")
        assert self.path == "/"
        return self

    def download(self, selector: str) -> bytes:
        """Press a link to a file; answers with the file."""
        with self.page.expect_download() as waiting:
            self.page.locator(selector).first.click()
        return Path(waiting.value.path()).read_bytes()

    def has(self, selector: str) -> bool:
        """Whether the page shows it."""
        return self.page.locator(selector).count() > 0

    def text(self, selector: str = "main") -> str:
        """What stands there."""
        return self.page.locator(selector).first.inner_text()

    def picture(self, name: str, size: tuple[int, int] = DESK) -> None:
        """Write a picture for the docs, when ``PICTURES=1`` asks for them."""
        if os.environ.get("PICTURES") != "1":
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.resize(size)
        self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
        self.resize(DESK)

    def leave(self) -> None:
        """Close the browser; whatever was noticed fails the test."""
        self.context.close()
        assert not self.problems, "\n".join(dict.fromkeys(self.problems))
