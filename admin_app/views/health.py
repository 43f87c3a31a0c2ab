"""``/healthz``: whether the database answers, for proxies and ``make run``."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, jsonify
from peewee import PeeweeException

from admin_app.database import answers
from admin_app.models import database
from admin_app.views.common import PUBLIC, permission

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@permission(PUBLIC)
def healthz() -> Any:
    """200 and JSON while the database answers, else 503."""
    try:
        if database.is_closed():
            database.connect()
        answers()
    except (PeeweeException, OSError) as error:
        logging.getLogger("lec").error("healthz: %s", type(error).__name__)
        return jsonify(status="down"), 503
    return jsonify(status="ok")
