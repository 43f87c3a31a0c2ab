"""Somebody at a browser: signs in, opens pages, presses buttons, and notices what is broken."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Request, Response

from admin_app.config import ROOT
from seed.demo_accounts import DEMO_ACCOUNTS

PICTURES = ROOT / "docs" / "pictures"
PASSWORDS = {account.username: account.password for account in DEMO_ACCOUNTS}
DESK, PHONE = (1280, 900), (360, 740)
QUALITY = 60  # of WebP, in percent: letters stay sharp at a third of the bytes
PATIENCE_MS = 15_000
# the elements that stick out to the right, other than those inside what scrolls by itself
STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter((element) =>
  element.getBoundingClientRect().right > window.innerWidth + 1 && !element.closest(".scroll")
).slice(-3).map((element) => element.outerHTML.slice(0, 80))"""


class Visitor:
    """A person with a browser context of their own.

    Every page that is opened is looked at: its status, that nothing was asked of another host, that
    the console stays quiet, and that it needs no scrolling sideways on a phone.

    ``steps`` counts what the person has done so far: each press, each field typed into, each choice
    and each answered question is one. Opening an address is none.
    """

    def __init__(self, browser: Browser, url: str, *, scripts: bool = True) -> None:
        self.url = url
        self.scripts = scripts
        self.steps = 0
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
        self.page.on("dialog", self._agree)

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

    def go(self, path: str, status: int = 200) -> None:
        """Open an address."""
        if status >= 400:
            self.refused.add(self.url + path)
        self._look(self.page.goto(path), status)

    def _at(self, selector: str) -> Locator:
        """The first that the selector finds; to act on it is a step."""
        self.steps += 1
        return self.page.locator(selector).first

    def _agree(self, dialog: Dialog) -> None:
        self.steps += 1
        dialog.accept()

    def press(self, selector: str, status: int = 200) -> None:
        """Press what leads to another page."""
        target = self._at(selector)
        with self.page.expect_navigation() as navigation:
            target.click()
        self._look(navigation.value, status)

    def enter(self, selector: str, status: int = 200) -> None:
        """Press Enter in a field, which sends its form."""
        field = self._at(selector)
        with self.page.expect_navigation() as navigation:
            field.press("Enter")
        self._look(navigation.value, status)

    def unfold(self, selector: str) -> None:
        """Press what opens or adds something on the same page."""
        self._at(selector).click()

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._at(selector).fill(text)

    def choose(self, selector: str, value: str = "", *, place: int = 0) -> None:
        """Choose from a list: by value, or the option at a place (0 is often the empty one)."""
        target = self._at(selector)
        if value:
            target.select_option(value)
        else:
            target.select_option(index=place)

    def tick(self, selector: str) -> None:
        """Tick a box, or one of several choices."""
        self._at(selector).check()

    def attach(self, selector: str, name: str, content: bytes) -> None:
        """Choose a workbook from the disk."""
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        self._at(selector).set_input_files({"name": name, "mimeType": kind, "buffer": content})

    def sign_in(self, username: str, password: str = "") -> Visitor:
        """By typing; without a password as the account of the demo."""
        self.go("/login")
        self.type("#username", username)
        self.type("#password", password or PASSWORDS[username])
        self.press("form:has(#username) button")
        assert self.path == "/"
        return self

    def download(self, selector: str) -> bytes:
        """Press a link to a file; answers with the file."""
        target = self._at(selector)
        with self.page.expect_download() as waiting:
            target.click()
        return Path(waiting.value.path()).read_bytes()

    # --- what a person sees -----------------------------------------------------------------

    def resize(self, size: tuple[int, int]) -> None:
        """Another window size."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def has(self, selector: str) -> bool:
        """Whether the page shows it."""
        return self.page.locator(selector).count() > 0

    def text(self, selector: str = "main") -> str:
        """What stands there."""
        return self.page.locator(selector).first.inner_text()

    def picture(self, name: str, size: tuple[int, int] = DESK, of: str = "") -> None:
        """Write a picture for the docs, when ``PICTURES=1`` asks for them.

        ``of``: only this part of the page, as wide as the window of ``size`` makes it.
        """
        if os.environ.get("PICTURES") != "1":
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.resize(size)
        self.page.evaluate("window.scrollTo(0, 0)")
        box = self.page.locator(of).first.bounding_box() if of else None
        clip = box or {"x": 0, "y": 0, "width": size[0], "height": size[1]}
        asked = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True}
        devtools = self.context.new_cdp_session(self.page)
        answer = devtools.send("Page.captureScreenshot", asked | {"clip": {**clip, "scale": 1}})
        (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(answer["data"]))
        self.resize(DESK)

    def leave(self) -> None:
        """Close the browser; whatever was noticed fails the test."""
        self.context.close()
        assert not self.problems, "\n".join(dict.fromkeys(self.problems))
