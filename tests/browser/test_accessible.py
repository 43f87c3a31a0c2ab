"""Every page that a role can open, in both languages: clean by axe (WCAG 2.2 AA), narrow enough,
with a quiet console, and to be used by the keyboard alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin_app import create_app
from admin_app.config import Settings
from tests.browser.visitor import DESK, PHONE, Visitor
from tests.imports.conftest import NEW, sheet_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Enter = Callable[[str], Visitor]

STANDARD = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
AXE = Axe().axe_script
VIOLATIONS = """(options) => axe.run(document, options).then(({ violations }) =>
  violations.flatMap((one) => one.nodes.slice(0, 2).map((node) =>
    `${one.id}: ${one.help} ${node.html.slice(0, 120)}`)))"""
# a role's account → the codes of the units whose pages it is sent through
UNITS = {
    "dla": ("DLA", "81", "6810116", "6810116001"),
    "helpdesk": ("DLA", "81", "6810116", "6810116001"),
    "krabi": ("81", "6810116", "6810116001"),
    "aonang": ("6810116", "6810116001"),
    "chongphli": ("6810116001",),
}
LEAST = {"dla": 55, "helpdesk": 30, "krabi": 30, "aonang": 30, "chongphli": 20}
NOT_PAGES = (".xlsx", ".pdf", ".json", ".csv", "/state", "/file", "/template")
LISTS = (
    "/children/?grade=P1&sex=F&attested=1&keep=1",
    "/children/?status=removed",
    "/children/?problem=birth_date_missing&grade=K1",
    "/confirmations/?status=confirmed&page_size=20",
    "/nowhere",
)
CHECKED: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def totals(request: pytest.FixtureRequest) -> Iterator[None]:
    """At the end tell how much was looked at."""
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{', '.join(f'{count} {what}' for what, count in sorted(CHECKED.items()))}")


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
    """The pages that the shown page leads to."""
    hrefs = visitor.page.eval_on_selector_all(
        "main a[href], nav a[href], .who a[href]",
        "all => all.map((a) => a.getAttribute('href'))",
    )
    return [
        href.split("#")[0]
        for href in hrefs
        if href.startswith("/") and not any(part in href for part in NOT_PAGES)
    ]


def kind_of(path: str) -> str:
    """What pages of one template share: the address without numbers; one rule is as the other."""
    bare = "".join("0" if c.isdigit() else c for c in path.split("?")[0].split("#")[0])
    return "/rules/one" if bare.startswith("/rules/") and bare != "/rules/" else bare


def axe(visitor: Visitor, what: str, told: list[str]) -> None:
    """Have axe read the page as it stands, and see that it needs no scrolling sideways."""
    width = visitor.page.viewport_size["width"] if visitor.page.viewport_size else 0
    CHECKED[f"readings by axe at {width} px"] += 1
    if not visitor.page.evaluate("'axe' in window"):
        visitor.page.evaluate(AXE)
    found = visitor.page.evaluate(VIOLATIONS, STANDARD)
    told += [f"{what} at {width} px: {words}" for words in found]
    wide = visitor.page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        told.append(f"{what} is {wide} px wide on a screen of {width} px")


def opened(visitor: Visitor, path: str) -> bool:
    """Open the page; False where the role has no such page."""
    answer = visitor.page.goto(path)
    if answer is None or "text/html" not in (answer.headers.get("content-type") or ""):
        return False
    assert answer.status < 500, f"{path}: {answer.status}"
    if answer.status >= 400:
        visitor.refused.add(answer.url)
    return answer.status not in (404, 405) or path == "/nowhere"


def both_sizes(visitor: Visitor, what: str, told: list[str]) -> None:
    """Read by axe as on a desk and as on a phone."""
    for size in (DESK, PHONE):
        visitor.resize(size)
        axe(visitor, what, told)
    visitor.resize(DESK)


def walk(visitor: Visitor, start: list[str], told: list[str]) -> list[str]:
    """Look at each kind of page once, and at every given one; answers with their addresses."""
    waiting, tried, kinds, seen = list(start), set[str](), set[str](), list[str]()
    while waiting:
        path = waiting.pop(0)
        if path in tried or (path not in start and kind_of(path) in kinds):
            continue
        tried.add(path)
        if opened(visitor, path):
            kinds.add(kind_of(path))
            seen.append(path)
            both_sizes(visitor, path, told)
            waiting += links(visitor)
    return seen


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("username", UNITS)
def test_every_page_of_a_role_is_clean_in_both_languages(
    enter: Enter, addresses: list[str], username: str
) -> None:
    visitor, told = enter(username), list[str]()
    units = UNITS[username]
    start = ["/", *addresses, *LISTS]
    start += [f"/{room}/{code}" for code in units for room in ("units", "findings")]
    start += [f"/children/?unit={units[-1]}", f"/exports/?unit={units[0]}"]
    pages = walk(visitor, start, told)
    visitor.go("/")
    visitor.press('.who button[lang="en"]')
    assert visitor.page.evaluate("document.documentElement.lang") == "en"
    visitor.resize(PHONE)  # texts of other lengths: the narrow screen is the harder one
    for path in pages:
        opened(visitor, path)
        axe(visitor, f"{path} in English", told)
    CHECKED[f"pages of {username}"] += len(pages)
    visitor.problems = [one for one in visitor.problems if "404" not in one]
    assert len(pages) >= LEAST[username], pages
    assert not told, "\n".join(told)


# --- forms that were filled in wrongly ------------------------------------------------------------

# account, page, the form; each is sent as it stands, with what it needs left empty
FORMS = [
    ("chongphli", "/children/new/", "form.form"),
    ("chongphli", "/transfers/ask", "form.form"),
    ("chongphli", "/password", "main form"),
    ("chongphli", "/findings/6810116001", "form.explain"),
    ("dla", "/accounts/new/", "form.form"),
    ("dla", "/schools/new/", "form.form"),
    ("dla", "/cycles/new/", "form.form"),
    ("dla", "/announcements/new/", "form.form"),
    ("dla", "/codes/new/", "form.form"),
    ("dla", "/rates/edit", "main form"),
    ("dla", "/proof/?digest=1", "main form"),
    ("helpdesk", "/units/6810116/extend", "main form"),
    ("helpdesk", "/units/6810116001", "#notes form"),
]
# each field that is wrong: whether its words are tied to it
UNTIED = """() => [...document.querySelectorAll("main [aria-invalid=true]")].filter((field) =>
  !(field.getAttribute("aria-describedby") || "").split(" ").some((id) => {
    const words = id && document.getElementById(id);
    return words && words.classList.contains("error") && words.textContent.trim();
  })).map((field) => field.outerHTML.slice(0, 90))"""


def send_empty(page: Page, form: str) -> None:
    """Send the form although the browser would ask for more."""
    page.locator(form).first.evaluate("(form) => { form.noValidate = true; }")
    with page.expect_navigation():
        page.locator(f"{form} button:not([type=button])").first.click()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("username", sorted({form[0] for form in FORMS}))
def test_a_form_that_was_refused_says_so_beside_its_fields(enter: Enter, username: str) -> None:
    visitor, told = enter(username), list[str]()
    page = visitor.page
    for language in ("th", "en"):
        if language == "en":
            visitor.go("/")
            visitor.press('.who button[lang="en"]')
        for who, path, form in FORMS:
            if who != username:
                continue
            page.goto(path)
            visitor.refused.add(page.url)
            send_empty(page, form)
            visitor.refused.add(page.url)
            what = f"{path} refused ({language})"
            both_sizes(visitor, what, told)
            CHECKED["refused forms"] += 1
            if not page.locator(".error, .flash").count():
                told.append(f"{what}: no word of what is wrong")
            told += [f"{what}: no words tied to {field}" for field in page.evaluate(UNTIED)]
            for link in page.locator(".flash.error a[href^='#']").all():
                if not page.locator(f'[id="{(link.get_attribute("href") or "")[1:]}"]').count():
                    told.append(f"{what}: a link to no field")
    visitor.problems = [one for one in visitor.problems if "4" not in one.split("status of ")[-1]]
    assert not told, "\n".join(told)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_follows_a_press_is_clean_too(enter: Enter) -> None:
    told: list[str] = []
    school, dla = enter("chongphli"), enter("dla")
    school.go("/imports/children?unit=6810116001")
    wrong = NEW | {"id_number": "123"}
    file = {"name": "x.xlsx", "mimeType": "application/zip", "buffer": sheet_of([NEW, wrong])}
    school.page.set_input_files("#file", [file])  # type: ignore[list-item]
    school.press("form:has(#file) button")
    both_sizes(school, "the preview of an import", told)
    school.go("/children/new/")
    school.page.locator("#birth_date ~ .picker summary").click()
    school.page.fill("#id_number", "1234567890123")
    both_sizes(school, "a form with a date being picked and a wrong number", told)
    dla.go("/confirmations/?status=confirmed&level=school")
    for box in dla.page.locator("input[name=rowid]").all()[:3]:
        box.check()
    both_sizes(dla, "a list with chosen rows", told)
    dla.press("button[value=unlock]")
    both_sizes(dla, "the result of a bulk action", told)
    dla.refused.add(dla.url + "/exports/national-summary.xlsx")
    dla.page.goto("/exports/national-summary.xlsx?unit=DLA")
    both_sizes(dla, "an error page", told)
    CHECKED["pages after a press"] += 5
    for visitor in (school, dla):
        visitor.problems = [one for one in visitor.problems if "40" not in one]
    assert not told, "\n".join(told)


@pytest.mark.slow
def test_the_ways_in_are_clean(browser: Browser, panel: str) -> None:
    told: list[str] = []
    visitor = Visitor(browser, panel)
    for language in ("th", "en"):
        for path, form in (("/login", "form:has(#username)"), ("/reset", "form:has(#code)")):
            visitor.go(path)
            if visitor.page.evaluate("document.documentElement.lang") != language:
                visitor.press(f'.who button[lang="{language}"]')
            both_sizes(visitor, f"{path} ({language})", told)
            send_empty(visitor.page, form)
            visitor.refused.add(visitor.page.url)
            both_sizes(visitor, f"{path} refused ({language})", told)
            CHECKED["pages of who is not signed in"] += 2
    visitor.problems = [one for one in visitor.problems if "status of 4" not in one]
    visitor.leave()
    assert not told, "\n".join(told)


# --- the keyboard alone ---------------------------------------------------------------------------

# what has the focus: its words, whether it can be seen, whether it is marked
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
    && box.top < innerHeight && box.left < innerWidth;
  window.passed = window.passed || new Set();
  const again = window.passed.has(one);
  window.passed.add(one);
  return { words: one.outerHTML.slice(0, 90), seen, marked, again, skip: one.className === "skip" };
}"""
# also where a page begins with the focus in its search
FROM_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
}"""
# what a keyboard must come by: everything that is shown and can be pressed or filled in
MEANT = """() => [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
)].filter((one) => !one.disabled && one.getClientRects().length && one.type !== "radio"
  && one.checkVisibility()).length"""
FORM_OF = {
    "dla": "/schools/new/",
    "helpdesk": "/units/6810116/extend",
    "krabi": "/exports/",
    "aonang": "/children/new/",
    "chongphli": "/children/new/",
}


def tab_through(page: Page, what: str, told: list[str]) -> int:
    """Press Tab from the beginning until the focus leaves the page; answers with the stops."""
    page.evaluate(FROM_THE_TOP)
    stops = 0
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None or at["again"]:
            return stops
        if stops == 0 and not at["skip"]:
            told.append(f"{what}: the first Tab leads to {at['words']}")
        if not at["seen"]:
            told.append(f"{what}: out of sight with the focus: {at['words']}")
        if not at["marked"]:
            told.append(f"{what}: not marked with the focus: {at['words']}")
        stops += 1
    told.append(f"{what}: Tab never leaves the page")
    return stops


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("username", FORM_OF)
def test_the_keyboard_comes_by_everything_and_out_again(enter: Enter, username: str) -> None:
    visitor, told = enter(username), list[str]()
    page = visitor.page
    for size in (DESK, PHONE):
        visitor.resize(size)
        for path in ("/", FORM_OF[username]):
            page.goto(path)
            what = f"{path} at {size[0]} px"
            wanted, stops = page.evaluate(MEANT), tab_through(page, what, told)
            CHECKED["stops of the Tab key"] += stops
            if stops < wanted:
                told.append(f"{what}: {stops} stops, but {wanted} things to press or to fill in")
    assert not told, "\n".join(told)


def test_the_skip_link_leads_past_the_menu(enter: Enter) -> None:
    page = enter("chongphli").page
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_menu_opens_and_closes_by_the_keyboard(enter: Enter) -> None:
    page = enter("dla").page
    page.goto("/")
    summary = page.locator("details.more summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".more .drop").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.drop') !== null")
    page.keyboard.press("Escape")
    assert not page.locator(".more .drop").is_visible()
    assert summary.evaluate("(one) => one === document.activeElement")


def test_a_date_is_picked_by_the_keyboard_in_the_buddhist_era(enter: Enter) -> None:
    page = enter("chongphli").page
    page.goto("/children/new/")
    page.locator("#birth_date").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#birth_date-picker select").first).to_be_focused()
    page.keyboard.type("15", delay=20)
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("2560", delay=20)
    assert page.input_value("#birth_date") == "15/3/2560"
    page.locator("#birth_date-picker select").first.focus()
    page.keyboard.press("Escape")
    assert not page.locator("#birth_date-picker select").first.is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize(
    ("typed", "picked"),
    [
        ("๑๕/๓/๒๕๖๐", "15/2/2560"),
        ("31/1/2559", "29/2/2559"),
        ("15-3-2017", "15/2/2560"),
        ("11/6/2567 16:30", "11/2/2567 16:30"),
    ],
)
def test_picking_goes_on_from_what_was_typed(enter: Enter, typed: str, picked: str) -> None:
    page = enter("chongphli").page
    page.goto("/children/new/")
    page.fill("#birth_date", typed)
    page.locator("#birth_date ~ .picker summary").click()
    expect(page.locator("#birth_date-picker select").first).to_be_focused()
    page.locator("#birth_date-picker select").nth(1).select_option("2")
    assert page.input_value("#birth_date") == picked


def test_an_end_that_is_picked_begins_with_the_end_of_its_day(enter: Enter) -> None:
    page = enter("dla").page
    page.goto("/announcements/new/")
    for name, clock in (("starts_at", "00:00"), ("ends_at", "24:00")):
        page.locator(f"#{name} ~ .picker summary").click()
        selects = page.locator(f"#{name}-picker select")
        expect(selects.first).to_be_focused()
        year = selects.nth(2).locator("option").nth(1).get_attribute("value") or ""
        for at, value in enumerate(("5", "6", year)):
            selects.nth(at).select_option(value)
        assert page.input_value(f"#{name}") == f"5/6/{year} {clock}"
    page.fill("#ends_at", "11 มิ.ย. 2567 16:30")
    selects.nth(0).select_option("7")
    assert page.input_value("#ends_at") == f"7/6/{year} 16:30"


@pytest.mark.parametrize(
    ("kind", "typed", "wrong", "says"),
    [
        ("pin", "1-2345-67890-12-1", False, True),
        ("pin", "๑๒๓๔๕๖๗๘๙๐๑๒๑", False, True),
        ("pin", "1234567890123", True, True),
        ("pin", "12345", False, False),
        ("pin", "9234567890121", True, True),
        ("pin", "12345G", True, True),
        ("pin", "12345678901211", True, True),
        ("gcode", "g-123456789012", False, True),
        ("gcode", "1234567890121", True, True),
        ("gcode", "G1234", False, False),
        ("none", "1234567890123", False, False),
    ],
)
def test_a_number_is_judged_aloud_while_it_is_typed(
    enter: Enter, kind: str, typed: str, wrong: bool, says: bool
) -> None:
    page = enter("chongphli").page
    page.goto("/children/new/")
    page.select_option("#id_kind", kind)
    page.fill("#id_number", typed)
    live = page.locator("#id_number-live")
    assert live.get_attribute("role") == "status"
    assert page.locator("#id_number").get_attribute("aria-invalid") == (
        "true" if wrong else "false"
    )
    assert bool(live.inner_text().strip()) is says
