"""What gunicorn calls (``--config=python:admin_app.server_hooks``); it reads every name in here."""

from __future__ import annotations

from typing import Any

from admin_app.processes import end_with_parent


def on_starting(server: Any) -> None:
    """In gunicorn's first process, which starts and ends the others."""
    end_with_parent()
