"""What accepting an uploaded sheet would write, row by row; kept as JSON while somebody looks.

Knows no sheet and no table: ``imports`` makes plans, ``services`` writes them, views show them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from admin_app.domain.text import N_

NEW, CHANGED, UNCHANGED, REMOVED, WRONG, ABSENT = (
    "new",
    "changed",
    "unchanged",
    "removed",
    "wrong",
    "absent",
)
# in the order in which a preview shows them
STATES: dict[str, str] = {
    WRONG: N_("Wrong"),
    NEW: N_("To be added"),
    CHANGED: N_("To be changed"),
    REMOVED: N_("To be removed"),
    UNCHANGED: N_("Unchanged"),
    ABSENT: N_("Not in the file"),
}
WRITTEN = (NEW, CHANGED, REMOVED)
DAYS = frozenset({"birth_date", "entered_on"})
Text = tuple[str, dict[str, Any]]
"""A message id and its values."""


@dataclass(slots=True)
class Row:
    """A row of the sheet and what becomes of it.

    ``number``: its row in the sheet, 0 for what is not in the file. ``id``, ``version``: the row
    that stands, as it was compared. ``values``: what would be written. ``changes``: column → (old,
    new) as text. ``wrong``: column → message. ``touched``: somebody else changed it since the last
    preview.
    """

    number: int
    state: str
    title: str = ""
    about: str = ""
    id: int = 0
    version: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    wrong: dict[str, Text] = field(default_factory=dict)
    remarks: list[Text] = field(default_factory=list)
    touched: bool = False


@dataclass(slots=True)
class Plan:
    """All rows of a sheet. ``notes`` are about the sheet as a whole. ``version``: of what stands,
    where the sheet is saved whole. ``options``: what was chosen beside the file. ``compared``: how
    many numbers that are new here were looked up in other schools (not kept)."""

    rows: list[Row]
    notes: list[Text] = field(default_factory=list)
    version: int = 0
    options: dict[str, str] = field(default_factory=dict)
    compared: int = field(default=0, compare=False)

    def counts(self) -> dict[str, int]:
        """How many rows of each state, in their order."""
        found = Counter(row.state for row in self.rows)
        return {state: found[state] for state in STATES}

    def of(self, *states: str) -> list[Row]:
        """The rows of these states, in the sheet's order."""
        return [row for row in self.rows if row.state in states]

    @property
    def writes(self) -> int:
        """How many rows accepting would write."""
        return len(self.of(*WRITTEN))

    def dump(self) -> str:
        """As JSON; ``load`` reads it back."""
        return json.dumps(
            {
                "rows": [_short(row) for row in self.rows],
                "notes": self.notes,
                "version": self.version,
                "options": self.options,
            },
            ensure_ascii=False,
            default=_plain,
        )


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


_LEFT_OUT: tuple[Any, ...] = ("", 0, False, {}, [])


def _short(row: Row) -> dict[str, Any]:
    return {
        name: getattr(row, name) for name in Row.__slots__ if getattr(row, name) not in _LEFT_OUT
    }


def _day(key: str, value: Any) -> Any:
    return date.fromisoformat(value) if key in DAYS and isinstance(value, str) else value


_READ: dict[str, Callable[[Any], Any]] = {
    "values": lambda found: {key: _day(key, value) for key, value in found.items()},
    "changes": lambda found: {key: (pair[0], pair[1]) for key, pair in found.items()},
    "wrong": lambda found: {key: (pair[0], pair[1]) for key, pair in found.items()},
    "remarks": lambda found: [(pair[0], pair[1]) for pair in found],
}


def load(text: str) -> Plan:
    """The plan that ``Plan.dump`` wrote; an empty one of an emptied upload."""
    found = json.loads(text)
    rows = [
        Row(
            **{"number": 0, "state": ""}
            | {key: _READ[key](value) if key in _READ else value for key, value in row.items()}
        )
        for row in found.get("rows", ())
    ]
    notes = [(note[0], note[1]) for note in found.get("notes", ())]
    return Plan(rows, notes, found.get("version", 0), found.get("options", {}))
