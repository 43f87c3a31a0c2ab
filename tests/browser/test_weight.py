"""What pages weigh on the wire, as the browser counts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import prepared, server
from tests.browser.prepared import Signed
from tests.browser.visitor import Visitor
from tests.country import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

KB = 1_000
MOST_FIRST, MOST_LATER = 600 * KB, 150 * KB
# role → its main pages; {school}, {lao} and {province} stand for the codes of those of the roles
PAGES: dict[str, tuple[str, ...]] = {
    "department": (
        "/units/DLA",
        "/units/{province}",
        "/confirmations/?page_size=100",
        "/children/?page_size=100",
        "/exports/",
        "/exports/?unit={province}",
        "/laos/?page_size=100",
        "/history/",
    ),
    "helpdesk": ("/units/{school}", "/units/{province}", "/confirmations/", "/accounts/"),
    "province": (
        "/units/{province}",
        "/children/",
        "/confirmations/?page_size=100",
        "/findings/{province}",
        "/exports/",
    ),
    "lao": ("/units/{lao}", "/other-counts/{lao}", "/children/", "/findings/{lao}", "/exports/"),
    "school": (
        "/units/{school}",
        "/children/",
        "/children/?page_size=100",
        "/children/new/",
        "/existence/{school}",
        "/existence/{school}/checklist",
        "/findings/{school}",
        "/exports/",
    ),
}


class Scales:
    """Adds up the bytes that came over the wire, headers included; what the cache gave is none."""

    def __init__(self, visitor: Visitor) -> None:
        self.bytes = 0
        session = visitor.context.new_cdp_session(visitor.page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, float]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def take(self) -> int:
        """The bytes since the last time."""
        taken, self.bytes = self.bytes, 0
        return taken


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Signed]]]:
    """A server of a country with a very wide province, and who may sign in there."""
    path = tmp_path_factory.mktemp("wide") / "wide.db"
    people = prepared.wide(path)
    with server.serving(path, demo=False) as url:
        yield url, people


@pytest.mark.parametrize("role", PAGES)
def test_pages_are_light(browser: Browser, wide: tuple[str, dict[str, Signed]], role: str) -> None:
    url, people = wide
    codes = {key: one.code for key, one in people.items()}
    visitor = Visitor(browser, url)
    scales = Scales(visitor)
    weights = {}
    visitor.go("/login")
    weights["first visit"] = scales.take()
    visitor.sign_in(people[role].username, PASSWORD)
    weights["signed in, home"] = scales.take()
    for page in (*PAGES[role], "/help/"):
        visitor.go(page.format(**codes))
        visitor.page.wait_for_load_state("networkidle")
        weights[page] = scales.take()
    for page, weight in weights.items():
        print(f"{role:<12} {page:<34} {weight / KB:7.1f} kB")
    visitor.leave()
    first = weights.pop("first visit")
    assert 0 < first <= MOST_FIRST
    assert min(weights.values()) > 0
    too_heavy = {page: weight for page, weight in weights.items() if weight > MOST_LATER}
    assert not too_heavy
