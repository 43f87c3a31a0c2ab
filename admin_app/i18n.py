"""Languages: which one a request is in, and catalogues compiled when they are out of date."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request, session
from flask_admin import babel as admin_babel
from flask_admin import translations as admin_translations
from flask_babel import Babel, LazyString, force_locale, get_domain, get_locale
from flask_login import current_user
from wtforms.i18n import messages_path

from admin_app.domain import money, thai
from admin_app.models import Grade

LANGUAGES = {"th": "ไทย", "en": "English"}
DEFAULT = "th"
TRANSLATIONS = Path(__file__).parent / "translations"


def compile_catalogues() -> None:
    """Compile every .po that is newer than its .mo (a fresh clone has no .mo)."""
    for po in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name)
        part = mo.with_suffix(f".{os.getpid()}.part")  # each process its own
        with part.open("wb") as out:
            write_mo(out, catalogue)
        part.replace(mo)


def teach_libraries() -> None:
    """Give Flask-Admin and WTForms our Thai beside their own catalogues, which have none.

    Ours comes last, because the last catalogue's plural rule holds; and it is there for every
    page, because they keep the first translations that they load (``Admin``'s
    ``translations_path`` counts on its own screens only).
    """
    for domain, theirs in (
        (admin_babel.domain, admin_translations.__path__[0]),
        (admin_babel.wtforms_domain, messages_path()),
    ):
        domain._translation_directories = [theirs, str(TRANSLATIONS)]
        domain.cache.clear()


def choose() -> str:
    """The request's language: the session's choice, the account's, Thai."""
    if not has_request_context():
        return DEFAULT
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if getattr(current_user, "is_authenticated", False):
        return str(current_user.user.language)
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else DEFAULT


def language() -> str:
    """The language in use, as two letters."""
    locale = get_locale()
    return str(locale.language) if locale else DEFAULT


def catalogue() -> Any:
    """The language's texts. Flask-Babel looks them up anew for each text: a list has hundreds."""
    if not has_request_context():
        return get_domain().get_translations()
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_domain().get_translations()
    return found


def gettext(text: str, **values: Any) -> str:
    """A text in the language in use, its values filled in."""
    found: str = catalogue().ugettext(text) if text else ""  # "" is the catalogue's own head
    return found % values if values else found


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """A text that depends on a number, which it names as ``%(num)d``."""
    found: str = catalogue().ungettext(one, many, num)
    return found % {"num": num, **values}


def lazy(text: str) -> LazyString:
    """A text that is looked up when it is shown, for what is declared at import."""
    return LazyString(gettext, text)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """One language inside the block, whatever the request's: for paper."""
    before = g.pop("catalogue", None)
    try:
        with force_locale(code):
            yield
    finally:
        g.catalogue = before


def init(app: Flask) -> None:
    """Flask-Babel, and the words and filters that templates use."""
    compile_catalogues()
    teach_libraries()
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Bangkok")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    Babel(app, locale_selector=choose)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext,
        lambda one, many, count: catalogue().ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.filters |= {
        "moment": lambda value: thai.format_datetime(value, language()) if value else "–",
        "bound": lambda value: thai.format_bound(value, language()) if value else "–",
        "day": lambda value: thai.format_date(value, language()) if value else "–",
        "short_day": lambda value: thai.format_day(value, language()),
        "number": number,
        "baht": money.baht,
        "say": say,
    }


def number(value: Any) -> str:
    """A count with thousands separators; a dash for nothing."""
    return "–" if value is None else f"{value:,}"


def shown(value: Any, name: str = "") -> Any:
    """A value as it stands in a sentence: dates in the Buddhist Era; ends of time may be 24:00."""
    if isinstance(value, datetime) and name == "opens_at":
        return thai.format_datetime(value, language())
    if isinstance(value, datetime):
        return thai.format_bound(value, language())
    if isinstance(value, date):
        return thai.format_date(value, language())
    return value


def _grade(name: Any, _key: str) -> str:
    """A grade that a finding names in Thai, in the language in use."""
    if language() == DEFAULT:
        return str(name)
    if "grade_names" not in g:
        g.grade_names = {row.name: row.name_en for row in Grade.select()}
    return str(g.grade_names.get(name) or name)


# what a value of a text is → how it is said in the language in use
NAMED: dict[str, Callable[[Any, str], Any]] = {
    "rule": lambda message, _key: gettext(message),
    "grade": _grade,
}


def say(msgid: str, params: dict[str, Any] | None = None) -> str:
    """A text of a declared table in the request's language, its values filled in."""
    text: str = gettext(str(msgid)) if msgid else ""
    if not params:
        return text
    return text % {key: NAMED.get(key, shown)(value, key) for key, value in params.items()}
