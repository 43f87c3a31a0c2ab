"""Every error as a page of the panel's own look, or as JSON where that was asked for.

While the database is away, and where the frame itself fails, the page does without menu and person.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from itertools import chain
from typing import Any

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from admin_app.config import MB
from admin_app.i18n import gettext as _
from admin_app.services.errors import Conflict, NotFound, Refused
from admin_app.views.common import told

log = logging.getLogger("lec")
SIGNING_IN = ("session.login", "session.reset", "session.language")
"""Forms of who is not signed in."""
AGAIN_S = {429: 900, 503: 60}
"""After how many seconds it is worth trying again (``Retry-After``)."""


def _words(code: int) -> tuple[str, str]:
    """Title and what to do next for a status."""
    words = {
        400: (_("The request is not understood"), _("Go back and check what was typed.")),
        401: (_("Please sign in"), _("Sign in and try again.")),
        403: (_("Not open now"), _("Go back to the home page to see what is possible now.")),
        404: (
            _("Not found"),
            _("The page does not exist, or it is outside your area. Check the address or go home."),
        ),
        405: (_("Not possible this way"), _("Go back and use the buttons of the page.")),
        409: (_("Changed in the meantime"), _("Load the page again and repeat the change.")),
        413: (
            _("Too large"),
            _("Nothing was saved. Send less at once: at most %(most)d MB.", most=_most_mb()),
        ),
        429: (_("Too many attempts"), _("Wait 15 minutes and try again.")),
        500: (
            _("Something went wrong here"),
            _("Nothing was saved. Try again; if it stays, tell the helpdesk the number below."),
        ),
        503: (
            _("The system is busy or being looked after"),
            _("Nothing was saved. Wait a minute and try again."),
        ),
    }
    return words.get(code, words[500 if code >= 500 else 400])


def _most_mb() -> int:
    return int(current_app.config["MAX_CONTENT_LENGTH"] // MB)


def _wants_json() -> bool:
    """Whether a script asks, which can read nothing else."""
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def _alone() -> None:
    """From here on the page is made without looking anything up, not even who is signed in."""
    g.bare = True
    g.setdefault("_login_user", AnonymousUserMixin())  # where Flask-Login looks first


def page(code: int, message: str = "", *, number: str = "", words: int = 0) -> Any:
    """The answer with this status, in the reader's language.

    ``message``: what happened. ``number``: under which the log tells more. ``words``: the status
    whose title and advice fit better than its own.
    """
    title, advice = _words(words or code)
    said = {"code": code, "title": title, "message": message, "advice": advice, "number": number}
    sign_in = (words or code) == 401
    if _wants_json():
        answer = make_response(jsonify(error=said), code)
    else:
        try:
            shown = render_template("error.html", **said, sign_in=sign_in)
        except Exception:  # the frame looks things up; without it nothing can fail
            _alone()
            shown = render_template("error.html", **said, sign_in=sign_in)
        answer = make_response(shown, code)
    if code in AGAIN_S:
        answer.headers["Retry-After"] = str(AGAIN_S[code])
    return answer


def _log(info: Any) -> None:
    """Where it broke, under a number that the page shows; no values, for they may be a child's."""
    error = info[1]
    kinds = [type(error).__name__]
    while (error := error.__cause__ or error.__context__) is not None:
        kinds.append(type(error).__name__)
    g.error_number = secrets.token_hex(4)
    log.error(
        "error %s: %s at %s %s\n%s",
        g.error_number,
        " from ".join(kinds),
        request.method,
        request.endpoint,
        "".join(chain.from_iterable(traceback.format_tb(info[2]))),
    )


def init(app: Flask) -> None:
    """A page for every error."""
    app.log_exception = _log  # type: ignore[method-assign, assignment]

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> Any:
        return page(404)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        return page(403, told(error.refusals))

    @app.errorhandler(Conflict)
    def conflict(error: Conflict) -> Any:
        return page(409)

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> Any:
        if not current_user.is_authenticated and request.endpoint not in SIGNING_IN:
            said = _("You were signed out meanwhile. What you sent was not saved.")
            return page(400, said, words=401)
        return page(400, _("The form has run out. Go back, load the page again and send it again."))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def database_down(error: Exception) -> Any:
        log.error("database: %s", type(error).__name__)
        _alone()
        return page(503)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        return page(error.code or 500)

    @app.errorhandler(500)
    def broken(error: Exception) -> Any:
        return page(500, number=g.get("error_number", ""))
