"""The floors of the house: a room may use the floors below it, never one above."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Wiring (admin_app/__init__.py, run.py) is free; whatever else stands in admin_app has a floor.
FLOORS = {
    "admin_app.config": 1,
    "admin_app.domain": 1,
    "admin_app.processes": 1,
    "admin_app.server_hooks": 1,
    "admin_app.models": 2,
    "admin_app.backup": 2,
    "admin_app.mail": 2,
    "admin_app.database": 2,
    "admin_app.migrate": 2,
    "admin_app.services": 3,
    "admin_app.exports": 4,
    "admin_app.imports": 4,
    "admin_app.jobs": 4,
    "admin_app.i18n": 5,
    "admin_app.views": 5,
    "seed": 3,
}
FREE = {ROOT / "admin_app" / "__init__.py", ROOT / "admin_app" / "__main__.py"}
# library: the lowest floor that may know it
LIBRARIES = {
    "peewee": 2,
    "playhouse": 2,
    "argon2": 3,
    "babel": 4,
    "flask_babel": 4,
    "xlsxwriter": 4,
    "openpyxl": 4,
    "python_calamine": 4,
    "flask": 4,
    "huey": 4,
    "redis": 4,
    "flask_login": 4,
    "flask_admin": 5,
    "flask_wtf": 5,
    "wtforms": 5,
}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    return ".".join(module.split(".")[: 2 if module.startswith("admin_app") else 1])


def imported(path: Path) -> set[str]:
    """Every module that the file names in an import, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            whole = module == "admin_app"
            found |= {f"{module}.{alias.name}" for alias in node.names} if whole else {module}
    return found


FILES = sorted({*(ROOT / "admin_app").rglob("*.py"), *(ROOT / "seed").rglob("*.py")} - FREE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path))
def test_a_room_uses_only_the_floors_below_it(path: Path) -> None:
    own = room_of(module_of(path))
    assert own in FLOORS, f"{own} has no floor: give it one in {Path(__file__).name}"
    for module in imported(path):
        if module.split(".")[0] in ("admin_app", "seed"):
            used = room_of(module)
            assert used in FLOORS, f"{own} uses the wiring: {module}"
            assert FLOORS[used] <= FLOORS[own], f"{own} looks up to {module}"
        floor = LIBRARIES.get(module.split(".")[0], 0)
        assert floor <= FLOORS[own], f"{own} is too low for {module}"
