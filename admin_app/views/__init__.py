"""The screens: one file each, all wired here."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from admin_app.models import database
from admin_app.views import (
    account,
    case_notes,
    duplicates,
    errors,
    existence,
    exports,
    finding,
    findings,
    grid,
    health,
    help,
    home,
    imports,
    jobs,
    leavers,
    letters,
    moves,
    navigation,
    packing,
    proof,
    rates,
    reminder_texts,
    reminders,
    rules,
    screens,
    security,
    session,
    snapshots,
    transfers,
    units,
    unsaved,
)


def _connections(app: Flask) -> None:
    """One connection per request, given back at its end."""

    @app.before_request
    def open_connection() -> None:
        if request.endpoint not in ("static", "health.healthz") and database.is_closed():
            database.connect()

    @app.teardown_request
    def close_connection(error: Any) -> None:
        if not database.is_closed() and not app.config.get("KEEP_CONNECTION"):
            database.close()


def init(app: Flask, *, https: bool) -> None:
    """Wire every screen into the app."""
    _connections(app)
    packing.init(app)
    security.init(app, https=https)
    errors.init(app)
    session.login_manager.init_app(app)
    session.login_manager.unauthorized_handler(unsaved.unauthorized)
    app.after_request(unsaved.forget_what_was_taken)
    navigation.init(app)
    for room in (
        session,
        account,
        health,
        help,
        home,
        finding,
        unsaved,
        units,
        case_notes,
        moves,
        existence,
        leavers,
        grid,
        findings,
        rules,
        reminders,
        reminder_texts,
        letters,
        rates,
        duplicates,
        transfers,
        exports,
        proof,
        snapshots,
        imports,
        jobs,
    ):
        app.register_blueprint(room.blueprint)
    app.jinja_env.filters["reminded"] = reminders.reminded
    # a mail program that turns reminders off for its owner carries no token
    app.extensions["csrf"].exempt(reminders.off)
    admin = Admin(
        app,
        name="LEC Admin",
        theme=Bootstrap4Theme(base_template="layout.html"),
        index_view=screens.HiddenIndex(url="/admin", endpoint="admin"),
        csp_nonce_generator=security.nonce,
    )
    for view in screens.all_views():
        admin.add_view(view)
