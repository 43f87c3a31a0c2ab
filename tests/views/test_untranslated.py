"""No page of the panel, and no message of a form, holds a text of the other language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from admin_app.domain.access import ROLE
from admin_app.i18n import LANGUAGES
from admin_app.services import unsaved
from tests.views.conftest import Panel, text
from tests.views.lived import WRONG, live
from tests.views.test_sweep import addresses, is_closed, rules, view_of
from tests.views.untranslated import faults, links, typed_values

NOT_PAGES = re.compile(r"\.(xlsx|pdf)|/static/|/admin/|/state$|/file$|/ajax/|/export/|/healthz")
LEAST = {"department": 110, "helpdesk": 60, "province": 60, "lao": 60, "school": 45}


# --- the finder itself --------------------------------------------------------------------------


def found(body: str, language: str, *data: str) -> list[str]:
    """The faults of a page with this body."""
    return list(faults(f'<html lang="{language}"><body>{body}</body></html>', data))


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("th", "<p>บันทึก Save</p>"),
        ("th", '<input placeholder="Search">'),
        ("th", '<a aria-label="Close">×</a>'),
        ("th", '<td data-label="Grade">ป.1</td>'),
        ("th", '<button data-sure="Really?">ลบ</button>'),
        ("th", "<select><option>None</option></select>"),
        ("th", "<p>โรงเรียนบ้านนา School of Bangkok</p>"),
        ("th", '<p lang="en">ภาษาไทย</p>'),
        ("en", "<p>Save บันทึก</p>"),
        ("en", '<img alt="ภาพ">'),
        ("en", "<title>หน้าแรก</title>"),
        ("en", "<td> None </td>"),
        ("en", "<p>%(count)d children</p>"),
        ("en", "<p>{name}</p>"),
        ("en", "<p>&amp;lt;b&amp;gt;</p>"),
        ("en", "<p>บ้านนาทราย</p>"),
        ("", "<p>1</p>"),
    ],
)
def test_the_finder_finds(language: str, body: str) -> None:
    assert found(body, language, "บ้านนา", "school of S81", "อ")


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("th", "<p>LEC Admin ไฟล์ Excel 12</p>"),
        ("th", '<button lang="en">English</button>'),
        ("th", '<p>ผู้ใช้ <span translate="no">school-1</span></p>'),
        ("th", "<p>school of S81</p>"),
        ("th", "<script>let x = 1;</script><p>ก</p>"),
        ("en", '<p>Unit: <a title="บ้านนา">บ้านนา</a><br><img alt=""></p>'),
        ("en", '<button lang="th">ไทย</button> None yet.'),
        ("en", '<input value="ไทย">'),
    ],
)
def test_the_finder_lets_names_and_marked_languages_be(language: str, body: str) -> None:
    assert found(body, language, "บ้านนา", "school of S81") == []


# --- every page ----------------------------------------------------------------------------------


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One engine: what a page says does not depend on it."""
    path = tmp_path / "lec.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


def _kind(address: str) -> str:
    path = address.split("?")[0].split("#")[0]
    return re.sub(r"\d+", "0", path)


class Reading:
    """Somebody who reads pages in one language, and what he could not read."""

    def __init__(self, panel: Panel, role: str, language: str) -> None:
        self.client = panel.client(role)
        with self.client.session_transaction() as session:
            session["language"] = language
            token = session.get("_user_id", "")
        kept = unsaved.Form("/children/new/", (("first_name", "ฟ้า"),))
        assert unsaved.keep(token, kept, panel.clock()) or not role
        self.data = typed_values("เด็กหญิง", *WRONG.values())
        self.pages: dict[str, str] = {}
        self.faults: dict[str, str] = {}

    def look(self, what: str, answer: TestResponse) -> str:
        """Read the answer; "" where it is no page."""
        assert answer.status_code < 500, what
        if answer.mimetype != "text/html" or answer.status_code in (301, 302):
            return ""
        page = text(answer)
        for fault in faults(page, self.data):
            self.faults.setdefault(fault, what)
        return page if answer.status_code < 400 else ""

    def walk(self, start: list[str]) -> None:
        """Open each kind of page once: the given addresses, then what they lead to."""
        waiting, seen, kinds = list(start), set[str](), set[str]()
        while waiting:
            address = waiting.pop(0).split("#")[0]
            given = address in start
            if NOT_PAGES.search(address) or address in seen:
                continue
            if not given and _kind(address) in kinds:
                continue
            seen.add(address)
            with self.client.get(address) as answer:
                page = self.look(address, answer)
            if page:
                self.pages[address] = page
                kinds.add(_kind(address))
                waiting += links(page)

    def told(self) -> str:
        """What was found, one a line."""
        return "\n".join(f"{where}: {fault}" for fault, where in self.faults.items())


def _start(panel: Panel, lived: list[str]) -> list[str]:
    return ["/", *lived, *(address for _rule, address in addresses(panel.app, "GET"))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLE)
def test_every_page_of_a_role_is_in_the_readers_language(
    panel: Panel, role: str, language: str
) -> None:
    start = _start(panel, live(panel))
    reading = Reading(panel, role, language)
    reading.walk(start)
    assert len(reading.pages) >= LEAST[role], sorted(reading.pages)
    assert not reading.faults, reading.told()


def test_the_walks_come_by_every_route_that_shows_a_page(panel: Panel) -> None:
    start, seen = _start(panel, live(panel)), set[str]()
    for role in ROLE:
        reading = Reading(panel, role, "th")
        reading.walk(start)
        adapter = panel.app.url_map.bind("localhost")
        for address in reading.pages:
            seen.add(adapter.match(address.split("?")[0], method="GET")[0])
    missing = set()
    for rule in rules(panel.app):
        view, name, _function = view_of(panel.app, rule)
        shut = view is not None and is_closed(view, name)
        if "GET" in (rule.methods or ()) and not shut and not NOT_PAGES.search(rule.rule):
            missing |= {rule.endpoint} - seen
    assert sorted(missing - NEVER_A_PAGE) == []


# they lead somewhere else or are pictures; the sign-in is read with its form, by who is not signed
# in; the letters are the demo's alone
NEVER_A_PAGE = {
    "help.picture",
    "letters.index",
    "reminders.index",
    "duplicates.back",
    "find.lookup",
    "findings.back",
    "laos.details_view",
    "provinces.details_view",
    "schools.details_view",
    "session.login",
    "transfers.back",
}


# --- every form, sent empty and with nonsense -----------------------------------------------------


class _Forms(HTMLParser):
    """The forms of a page: (action, method, fields by name with their first value)."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), given.get("method", "get"), {}))
        name = given.get("name", "")
        if self.forms and name and tag in ("input", "select", "textarea", "button"):
            kind = given.get("type", tag)
            self.forms[-1][2].setdefault(name, (kind, given.get("value", "")))


KEPT = ("hidden", "submit", "button", "checkbox")
LEFT_ALONE = ("/logout", "/language/")


def _sent(page: str, address: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address, what is sent) of each form: with empty fields, then with what nobody means."""
    parser = _Forms()
    parser.feed(page)
    for action, method, fields in parser.forms:
        target = action or address
        if method != "post" or target.startswith(LEFT_ALONE):
            continue
        for typed in ("", "??"):
            yield target, {n: v if k in KEPT else typed for n, (k, v) in fields.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ["", *ROLE])
def test_what_a_form_answers_is_in_the_readers_language(
    panel: Panel, role: str, language: str
) -> None:
    lived = live(panel)
    reading = Reading(panel, role, language)
    reading.walk(["/login", "/reset"] if not role else _start(panel, lived))
    reading.faults.clear()
    sent = set[str]()
    for address, page in reading.pages.items():
        for target, fields in _sent(page, address):
            key = f"{_kind(target)} {sorted(fields.items())}"
            if key in sent:
                continue
            sent.add(key)
            with reading.client.post(target, data=fields, follow_redirects=True) as answer:
                reading.look(f"POST {target}", answer)
    assert len(sent) >= (4 if not role else 20)
    assert not reading.faults, reading.told()
