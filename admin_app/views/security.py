"""Headers and errors: a nonce-based content policy, and every error in the panel's look."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, Response, abort, g, render_template, request
from flask_wtf.csrf import CSRFError
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from admin_app.i18n import gettext as _
from admin_app.services.errors import NotFound, Refused
from admin_app.views.common import told

log = logging.getLogger("lec")


def nonce() -> str:
    """The request's nonce for scripts and styles."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def _headers(response: Response, https: bool) -> Response:
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self' 'nonce-{nonce()}'; "
        f"style-src 'self' 'nonce-{nonce()}'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refuse_nul() -> None:
    """400 for a NUL in what was sent: PostgreSQL stores none, and nobody types one."""
    sent = (*request.args.values(), *request.form.values(), request.path)
    if any("\x00" in value for value in sent):
        g.bare = True  # the frame would look things up by what was sent
        abort(400)


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
        413: (_("Too large"), _("Send a smaller file.")),
        429: (_("Too many attempts"), _("Wait a while and try again.")),
        500: (
            _("Something went wrong here"),
            _("Nothing was saved. Try again; if it stays, tell the helpdesk the time."),
        ),
        503: (
            _("The system is busy or being looked after"),
            _("Nothing was saved. Wait a minute and try again."),
        ),
    }
    return words.get(code, words[500 if code >= 500 else 400])


def page(code: int, message: str = "") -> tuple[str, int]:
    """An error page in the panel's own look. ``message``: what happened, in the user's language."""
    title, advice = _words(code)
    return render_template(
        "error.html", code=code, title=title, message=message, advice=advice
    ), code


def init(app: Flask, *, https: bool) -> None:
    """Headers on every answer, and a page for every error."""
    app.before_request(_refuse_nul)
    app.after_request(lambda response: _headers(response, https))
    app.jinja_env.globals["csp_nonce"] = nonce

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> Any:
        return page(404)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        return page(403, told(error.refusals))

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> Any:
        return page(400, _("The form has run out. Go back, load the page again and send it again."))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def database_down(error: Exception) -> Any:
        log.error("database: %s", type(error).__name__)
        return page(503)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        return page(error.code or 500)

    @app.errorhandler(500)
    def broken(error: Exception) -> Any:
        return page(500)
