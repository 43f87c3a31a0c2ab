"""Headers: a nonce-based content policy, and what no request may hold."""

from __future__ import annotations

import secrets

from flask import Flask, Response, abort, g, request


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


def init(app: Flask, *, https: bool) -> None:
    """Headers on every answer."""
    app.before_request(_refuse_nul)
    app.after_request(lambda response: _headers(response, https))
    app.jinja_env.globals["csp_nonce"] = nonce
