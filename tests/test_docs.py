"""The pages say what the code does: settings, commands, tables, words of the screens, links."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import run
from admin_app import config
from admin_app.config import SETTINGS, from_environment
from admin_app.domain.access import GRANTS, ROLE, ROLES
from admin_app.domain.levels import BY_KEY
from admin_app.domain.moves import MOVES, roles_for
from admin_app.domain.rules import RULES
from admin_app.exports.columns import EVERY_FIGURE, Column
from admin_app.exports.table import EXPORTS, Export
from admin_app.models import TABLES
from seed.demo_accounts import DEMO_ACCOUNTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.glob("*.md")])
GUIDES = sorted(DOCS.glob("guide-*.md"))
MOST_LINES_OF_A_RECIPE = 15


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def section(path: Path, heading: str) -> str:
    """What stands under a heading, up to the next one of the same or a higher level."""
    lines = text(path).splitlines()
    start = next(i for i, line in enumerate(lines) if line.lstrip("#").strip() == heading)
    level = len(lines[start]) - len(lines[start].lstrip("#"))
    inside = []
    for line in lines[start + 1 :]:
        if re.match(f"#{{1,{level}}} ", line):
            break
        inside.append(line)
    return "\n".join(inside)


def table(path: Path, heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its own heading; cells without back-ticks."""
    rows = [
        [cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in section(path, heading).splitlines()
        if line.startswith("|")
    ]
    return rows[2:]


def names(keys: Iterable[str]) -> str:
    return ", ".join(keys) or "–"


# --- operations --------------------------------------------------------------------------------
OPERATIONS = DOCS / "operations.md"


def test_every_setting_is_on_the_page_of_operations_with_its_meaning() -> None:
    assert {row[0]: row[3] for row in table(OPERATIONS, "Settings")} == SETTINGS


NEEDED_BY_OTHERS = ("SECRET_KEY", "MAIL_FROM", "PANEL_URL")


def test_the_examples_of_settings_are_taken() -> None:
    rows = table(OPERATIONS, "Settings")
    with_others = {name: example for name, _, example, _ in rows if name in NEEDED_BY_OTHERS}
    for name, _default, example, _meaning in rows:
        from_environment(with_others | {name: example})


def test_the_defaults_of_settings_are_the_codes() -> None:
    defaults = {row[0]: row[1] for row in table(OPERATIONS, "Settings")}
    found = from_environment({"SECRET_KEY": "x" * config.SHORTEST_SECRET})
    path = Path(found.database_url.removeprefix("sqlite:///")).relative_to(ROOT).as_posix()
    assert path in defaults["DATABASE_URL"]
    assert defaults["PORT"] == str(found.port)
    assert defaults["PROXIES"] == str(found.proxies)
    assert (defaults["DEMO"], defaults["HTTPS"]) == ("0", "0")
    assert (found.demo, found.https) == (False, False)


def commands() -> dict[str, argparse.ArgumentParser]:
    actions = run.parser()._actions
    found = next(a for a in actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


def test_every_command_is_on_the_page_of_operations_with_its_help_and_options() -> None:
    rows = {row[0].split()[0]: row for row in table(OPERATIONS, "Commands")}
    assert list(rows) == list(commands())
    for name, command in commands().items():
        told = " ".join(rows[name])
        assert (command.description or "") in told, name
        for action in command._actions:
            if not isinstance(action, argparse._HelpAction):
                assert (action.option_strings or [action.dest])[-1] in told, (name, action.dest)


# --- the tables of the rules' page ----------------------------------------------------------------
RULES_PAGE = DOCS / "rules.md"


def test_every_role_is_on_the_rules_page() -> None:
    assert table(RULES_PAGE, "Roles") == [
        [
            role.key,
            role.name,
            role.level,
            "masked" if role.masked else "in full",
            names(role.manages),
        ]
        for role in ROLES
    ]


def test_every_move_is_on_the_rules_page_with_the_roles_that_make_it() -> None:
    assert table(RULES_PAGE, "Moves") == [
        [
            move.key,
            level,
            f"{move.from_status} → {move.to_status}" if move.to_status else "–",
            names(roles_for(move.key, level)),
            "yes" if move.needs_reason else "no",
        ]
        for move in MOVES.values()
        for level in move.levels
    ]


def test_every_data_rule_is_on_the_rules_page() -> None:
    assert table(RULES_PAGE, "Data rules") == [
        [rule.code, str(rule.severity), rule.message, rule.source] for rule in RULES
    ]


def test_every_export_is_on_the_rules_page() -> None:
    assert table(RULES_PAGE, "Exports") == [
        [
            export.name,
            names(export.levels),
            names(GRANTS[export.permission]),
            names(filter(None, export.editions)),
        ]
        for export in EXPORTS
    ]


# --- the page of exports --------------------------------------------------------------------------
EXPORTS_PAGE = DOCS / "exports.md"


def on_a_line(heading: str) -> str:
    return heading.replace("\n", " ").replace("|", "\\|")


def when(export: Export) -> str:
    """Each edition with the docstring of its gate, which says when it is open."""
    return " ".join(
        f"{edition}: {gate.__doc__}" if edition else str(gate.__doc__)
        for edition, gate in export.editions.items()
    )


def columns_told(columns: Iterable[Column]) -> str:
    """The headings, those of a group in brackets behind it."""
    told = []
    for group, members in groupby(columns, key=lambda column: column.group):
        headings = ", ".join(on_a_line(c.heading) for c in members if c.heading)
        told.append(f"{group} ({headings})" if group else headings)
    return ", ".join(filter(None, told)) or "–"


def test_every_export_is_on_its_page_with_who_when_and_its_file() -> None:
    assert table(EXPORTS_PAGE, "Exports") == [
        [
            export.name,
            export.title,
            export.file_title,
            names(GRANTS[export.permission]),
            names(export.levels),
            when(export),
            export.format,
            f"{export.long_rows:,}",
        ]
        for export in EXPORTS
    ]


def test_every_sheet_is_on_the_page_of_exports_with_its_columns_and_sums() -> None:
    rows = []
    for export in EXPORTS:
        for spec in export.sheets:
            columns = spec.columns_of()
            sums = [on_a_line(columns[at].heading) for at in spec.totalled(columns)]
            summed = "all figures" if spec.totals == EVERY_FIGURE else names(sums)
            told = columns_told((*columns, *spec.more))
            rows.append([export.name, spec.name, told, summed])
    assert table(EXPORTS_PAGE, "Sheets") == rows


# --- the words of the screens ---------------------------------------------------------------------


def words_of_screens() -> set[str]:
    found: set[str] = set()
    for catalogue in (ROOT / "admin_app/translations/th/LC_MESSAGES").glob("*.po"):
        with catalogue.open("rb") as file:
            for message in read_po(file, locale="th"):
                string = message.string
                found |= set(string) if isinstance(string, (tuple, list)) else {str(string)}
    return found


def test_there_is_a_guide_for_every_role() -> None:
    wanted = {"dla" if key == "department" else key for key in ROLE}
    assert {path.stem.removeprefix("guide-") for path in GUIDES} == wanted


@pytest.mark.parametrize("path", GUIDES, ids=page_id)
def test_a_guide_prints_in_bold_what_the_screens_really_show(path: Path) -> None:
    bold = set(re.findall(r"\*\*(.+?)\*\*", text(path)))
    assert len(bold) >= 10
    assert not bold - words_of_screens()


# --- the readme and the cookbook ------------------------------------------------------------------


def test_the_readme_shows_the_demo_accounts() -> None:
    rows = table(ROOT / "README.md", "The demo, in five minutes")
    assert {(row[0], row[1]) for row in rows} == {(a.username, a.password) for a in DEMO_ACCOUNTS}


def test_the_readme_names_every_target_of_make() -> None:
    targets = set(re.findall(r"^([a-z]+):[^#\n]*## ", text(ROOT / "Makefile"), re.MULTILINE))
    named = text(ROOT / "README.md")
    hidden = {"help", "system"}
    assert {
        t for t in targets - hidden if f"`{t}`" not in named and f"make {t}" not in named
    } == set()


def test_a_recipe_of_the_cookbook_is_short() -> None:
    page = DOCS / "cookbook.md"
    for heading in re.findall(r"^## (.+)$", text(page), re.MULTILINE):
        lines = [line for line in section(page, heading).splitlines() if line.strip()]
        assert len(lines) < MOST_LINES_OF_A_RECIPE, heading


def test_the_architecture_names_every_table() -> None:
    named = text(DOCS / "architecture.md")
    assert [model.__name__ for model in TABLES if f"`{model.__name__}`" not in named] == []


# --- links and names ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_relative_links_and_pictures_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", text(path))
    inside = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inside if not (path.parent / link).is_file()] == []


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_files_and_permissions_in_back_ticks_exist(path: Path) -> None:
    missing = []
    for name in re.findall(r"`([^`\n]+)`", text(path)):
        rooted = re.match(r"(admin_app|seed|tests|docs|migrations|tools)/[\w./-]*$", name)
        if rooted and not (ROOT / name).exists():
            missing.append(name)
        subject, colon, _verb = name.partition(":")
        whole = re.fullmatch(r"[a-z_-]+:[a-z]+", name)
        if colon and whole and subject in {key.split(":")[0] for key in GRANTS}:
            missing += [] if name in GRANTS else [name]
    assert missing == []


def test_every_level_is_in_the_architecture() -> None:
    assert [key for key in BY_KEY if f"`{key}`" not in text(DOCS / "architecture.md")] == []
