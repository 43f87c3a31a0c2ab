"""The Thai catalogues are complete, keep their placeholders and use the glossary's words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_from_file
from babel.messages.pofile import read_po
from flask import Flask, session
from flask_admin import babel as admin_babel
from flask_babel import Babel, gettext, ngettext

from admin_app import i18n

ROOT = Path(__file__).parents[1]
FOLDER = i18n.TRANSLATIONS / "th" / "LC_MESSAGES"
KEYWORDS = DEFAULT_KEYWORDS | {"lazy": None, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|%%")
WORD = re.compile(r"[A-Za-z]+")
# what a Thai screen may say in Latin letters: names, formats, the parameters of an address
LATIN = {
    *("LEC", "DLA", "G", "A", "Excel", "PDF", "cycle", "unit", "edition", "xlsx", "xls", "csv"),
    "rates",  # the parameter that chooses an edition of them
    *("run", "py", "worker"),  # the command that the people who run the system are told
}
LATIN_OF_LIBRARIES = {"ISO", "JSON", "IP", "MAC", "UUID", "USD", "EUR", "CNY", "red", "f", "ff"}


def _marked() -> Iterator[tuple[str, ...]]:
    """Every marked text of the code and the templates: (text,) or (singular, plural)."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    methods = [(row["pattern"], row["method"]) for row in settings["tool"]["babel"]["mappings"]]
    for _file, _line, text, _comments, _context in extract_from_dir(
        ROOT / "admin_app", method_map=methods, keywords=KEYWORDS
    ):
        yield (text,) if isinstance(text, str) else tuple(text)
    accounts = ROOT / "seed" / "demo_accounts.py"
    for _line, text, _comments, _context in extract_from_file("python", accounts, KEYWORDS):
        yield (text,) if isinstance(text, str) else tuple(text)


def _catalogue(name: str) -> Catalog:
    with (FOLDER / f"{name}.po").open("rb") as source:
        return read_po(source, locale="th", abort_invalid=True)


def _texts(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(ids, translations) of a message, each as a tuple."""
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    thai = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return ids, thai


def _messages(name: str) -> list[Message]:
    return [message for message in _catalogue(name) if message.id]


def test_every_marked_text_is_in_the_catalogue_and_nothing_else() -> None:
    marked = set(_marked())
    known = {_texts(message)[0] for message in _messages("messages")}
    assert marked - known == set(), "run `make translations` and translate what is new"
    assert known - marked == set(), "run `make translations`: these are no longer used"


def test_no_text_is_marked_both_alone_and_as_a_plural() -> None:
    marked = set(_marked())
    plural = {text for texts in marked if len(texts) > 1 for text in texts}
    assert {texts for texts in marked if len(texts) == 1 and texts[0] in plural} == set()


def _faults(message: Message, allowed: set[str]) -> Iterator[str]:
    """What is wrong with one message, in words."""
    ids, thai = _texts(message)
    if message.fuzzy:
        yield "fuzzy"
    if len(thai) != 1:
        yield "Thai has one plural form"
    if not thai[0] or thai[0].strip() != thai[0]:
        yield "empty, or spaces around it"
    if sorted(PLACEHOLDER.findall(thai[0])) != sorted(PLACEHOLDER.findall(ids[-1])):
        yield "other placeholders"
    if foreign := set(WORD.findall(PLACEHOLDER.sub("", thai[0]))) - allowed:
        yield f"Latin letters: {sorted(foreign)}"


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("messages", LATIN),
        ("admin", LATIN | LATIN_OF_LIBRARIES),
        ("wtforms", LATIN | LATIN_OF_LIBRARIES),
    ],
)
def test_every_message_is_translated_and_keeps_its_placeholders(
    name: str, allowed: set[str]
) -> None:
    found = {message.id: list(_faults(message, allowed)) for message in _messages(name)}
    assert len(found) > 30
    assert {text: faults for text, faults in found.items() if faults} == {}


TAG = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.S)
SHOWN = re.compile(r">([^<>]*)<|\b(?:aria-label|title|placeholder|alt|data-sure)=\"([^\"]*)\"")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "admin_app" / "templates").rglob("*.html")), ids=lambda path: path.stem
)
def test_a_template_shows_no_text_that_is_not_marked(path: Path) -> None:
    bare = TAG.sub("", path.read_text(encoding="utf-8"))
    words = {word for pair in SHOWN.findall(bare) for word in WORD.findall(" ".join(pair))}
    assert words - {"LEC", "Admin"} == set()


def _glossary() -> Iterator[tuple[str, str]]:
    """(English, Thai) of each row of the glossary."""
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] not in ("English", "---"):
            yield cells[0], cells[1]


def test_the_glossary_says_what_the_screens_say() -> None:
    catalogue = {ids[0]: thai[0] for ids, thai in map(_texts, _messages("messages"))}
    rows = dict(_glossary())
    assert len(rows) > 30
    assert {english: catalogue.get(english) for english in rows} == rows


@pytest.mark.parametrize(
    ("thai", "instead"),
    [
        ("เด็ก", "นักเรียน"),
        ("โรงเรียน", "สถานศึกษา"),
        ("ปลดล็อค", "ปลดล็อก"),
        ("องค์กรปกครองส่วนท้องถิ่น", "อปท."),
        ("เรคคอร์ด", "รายการ"),
        ("ผู้เรียน", "นักเรียน"),
    ],
)
def test_one_word_for_one_thing(thai: str, instead: str) -> None:
    names = {"Child development centre", "Basic education school", "School: Ban Chong Phli"}
    used = [
        ids[0]
        for name in ("messages", "admin", "wtforms")
        for ids, texts in map(_texts, _messages(name))
        if thai in texts[0] and ids[0] not in names
    ]
    assert used == [], f"say {instead}"


@pytest.fixture
def app() -> Flask:
    """An app with nothing but languages."""
    app = Flask(__name__)
    app.secret_key = "languages"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(i18n.TRANSLATIONS)
    i18n.compile_catalogues()
    i18n.teach_libraries()
    Babel(app, locale_selector=lambda: session.get("language", "th"))
    return app


def test_thai_counts_without_a_plural(app: Flask) -> None:
    with app.test_request_context():
        words = [ngettext("%(num)d child", "%(num)d children", n) for n in (1, 2)]
    assert words == ["นักเรียน 1 คน", "นักเรียน 2 คน"]


def test_english_is_the_text_of_the_code(app: Flask) -> None:
    with app.test_request_context():
        session["language"] = "en"
        words = [ngettext("%(num)d child", "%(num)d children", n) for n in (1, 2)]
        assert [*words, gettext("Confirm")] == ["1 child", "2 children", "Confirm"]


def test_flask_admin_speaks_thai_outside_its_own_screens(app: Flask) -> None:
    with app.test_request_context():
        assert admin_babel.gettext("Save") == "บันทึก"
        told = admin_babel.ngettext("Record was successfully deleted.", "", 2, count=2)
    assert told == "ลบแล้ว 2 รายการ"


def test_wtforms_speaks_thai_and_english(app: Flask) -> None:
    with app.test_request_context():
        assert admin_babel.Translations().gettext("This field is required.") == "กรุณากรอกช่องนี้"
    with app.test_request_context():
        session["language"] = "en"
        told = admin_babel.Translations().gettext("This field is required.")
    assert told == "This field is required."


@pytest.mark.parametrize("name", ["admin", "wtforms"])
def test_a_library_has_no_text_that_we_do_not_know(name: str) -> None:
    theirs = Path(
        next(iter(admin_babel.domain._translation_directories))
        if name == "admin"
        else next(iter(admin_babel.wtforms_domain._translation_directories))
    )
    with (theirs / "ja" / "LC_MESSAGES" / f"{name}.po").open("rb") as source:
        wanted = {_texts(message)[0] for message in read_po(source, locale="ja") if message.id}
    assert wanted - {_texts(message)[0] for message in _messages(name)} == set()
