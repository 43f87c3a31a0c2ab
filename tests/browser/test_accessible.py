"""Every page that a role can open: clean by axe (WCAG 2.2 AA), narrow enough, a quiet console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask

from admin_app import create_app
from admin_app.config import Settings
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Enter = Callable[[str], Visitor]

STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# a role's account → the codes of the units whose pages it is sent through
UNITS = {
    "dla": ("DLA", "81"),
    "helpdesk": ("81", "6810116001"),
    "krabi": ("81", "6810116"),
    "aonang": ("6810116", "6810116001"),
    "chongphli": ("6810116001",),
}
NOT_PAGES = (".xlsx", ".pdf", ".json", ".csv", "/state", "/file", "/template")
MOST_LINKS = 60


def rules(app: Flask) -> list[str]:
    """The addresses of the url map that need nothing filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and "static" not in rule.endpoint:
            found.append(rule.rule)
    return sorted(found)


@pytest.fixture(scope="module")
def addresses(demo_file: object) -> list[str]:
    """Every address without a variable part."""
    app = create_app(Settings(f"sqlite:///{demo_file}", "only-to-read-the-url-map-of-the-panel"))
    skipped = ("/login", "/reset", "/healthz", "/admin/", "/find/units")
    return [p for p in rules(app) if p not in skipped and not p.endswith(NOT_PAGES)]


def links(visitor: Visitor) -> list[str]:
    """The pages that the shown page leads to, one for each kind of address."""
    kinds: dict[str, str] = {}
    for href in visitor.page.eval_on_selector_all(
        "main a[href], nav a[href]", "all => all.map((a) => a.getAttribute('href'))"
    ):
        if href.startswith("/") and not any(part in href for part in NOT_PAGES):
            path = href.split("?")[0].split("#")[0]
            kinds.setdefault("".join("0" if c.isdigit() else c for c in path), href)
    return list(kinds.values())


def look(visitor: Visitor, path: str, told: list[str]) -> bool:
    """Open the page and have axe read it; False where the role has no such page."""
    answer = visitor.page.goto(path)
    if answer is None or "text/html" not in (answer.headers.get("content-type") or ""):
        return False
    if answer.status in (404, 405):
        visitor.refused.add(answer.url)
        return False
    assert answer.status < 500, f"{path}: {answer.status}"
    if answer.status >= 400:
        visitor.refused.add(answer.url)
    found = Axe().run(visitor.page, options=STANDARD).response["violations"]
    told += [
        f"{path} {one['id']}: {one['help']} {node['html'][:120]}"
        for one in found
        for node in one["nodes"][:2]
    ]
    visitor.resize((360, 740))
    wide = visitor.page.evaluate("document.documentElement.scrollWidth")
    visitor.resize((1280, 900))
    if wide > 360:
        told.append(f"{path} is {wide} px wide on a phone")
    return True


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("username", UNITS)
def test_every_page_of_a_role_is_clean(enter: Enter, addresses: list[str], username: str) -> None:
    visitor, told = enter(username), list[str]()
    waiting = ["/", *addresses]
    for code in UNITS[username]:
        waiting += [f"/units/{code}", f"/findings/{code}", f"/children/?unit={code}"]
    kinds, seen = set[str](), 0
    while waiting and seen < 3 * MOST_LINKS:
        path = waiting.pop(0)
        kind = "".join("0" if c.isdigit() else c for c in path.split("?")[0].split("#")[0])
        if kind in kinds:
            continue
        kinds.add(kind)
        if look(visitor, path, told):
            seen += 1
            waiting += links(visitor)
    print(f"{username}: {seen} pages")
    visitor.problems = [one for one in visitor.problems if "404" not in one]
    assert seen > 15
    assert not told, "\n".join(told)
