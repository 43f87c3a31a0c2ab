"""LEC Admin: the panel with which DLA runs its student-data cycle."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from admin_app import config, database, i18n
from admin_app.config import Settings
from admin_app.jobs import queue
from admin_app.mail import post
from admin_app.services.files import shelf


def create_app(settings: Settings | None = None) -> Flask:
    """The application for ``settings`` (the environment's by default). Raises BadSetting."""
    settings = settings or config.from_environment()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        DEMO=settings.demo,
        CLOCK=database.now,
        SESSION_COOKIE_NAME="lec",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
        IMPORT_LIMITS=settings.imports,
        MAX_CONTENT_LENGTH=max(10 * config.MB, settings.imports.file_bytes + config.MB),
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=20_000,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session
        WTF_CSRF_SSL_STRICT=settings.https,
    )
    app.config.update(settings.more)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    bound = database.bind(settings.database_url)
    app.extensions["lec_database"] = bound
    queue.bell.bind(settings.queue)
    shelf.bind(settings.files, timedelta(hours=settings.export_kept_hours))
    post.bind(settings)
    i18n.init(app)
    CSRFProtect(app)

    from admin_app import views

    views.init(app, https=settings.https)
    return app
