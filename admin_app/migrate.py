"""Migrations: numbered scripts in ``migrations/``, run by ``run.py migrate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

from admin_app.models import database

DIRECTORY = Path(__file__).resolve().parent.parent / "migrations"


def runner() -> Any:
    """The runner over the bound database."""
    return Runner(database.obj, str(DIRECTORY))


def up() -> list[str]:
    """Apply what is pending; answers with the names."""
    names: list[str] = runner().up()
    return names


def pending() -> list[str]:
    """Names of migrations that are not applied yet."""
    return [row.name for row in runner().status() if not row.applied]
