"""What a look at the proofs can find, as data; ``str()`` of it is a line of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from admin_app.domain.text import N_

# kind of difference: its text, with ``what`` it is about, what was ``expected`` and what ``found``
TEXTS: dict[str, str] = {
    # the history
    "entry_missing": N_("history entry %(what)s is missing"),
    "entry_changed": N_("history entry %(what)s is not what its digest says"),
    "entry_unlinked": N_("history entry %(what)s does not follow on the one before"),
    "entry_outside": N_("history row %(what)s stands outside the chain"),
    "end": N_("the history ends with entry %(found)s, by its head with entry %(expected)s"),
    "state": N_("the history says %(expected)s, the state says %(found)s"),
    # what was frozen
    "snapshot_missing": N_("the snapshot is missing"),
    "snapshot_changed": N_("the snapshot is not what its digest says"),
    "lines_changed": N_("the lines of children are not what the snapshot says"),
    "not_confirmed": N_("no history entry confirms the snapshot"),
    "confirmed_other": N_(
        "the history confirms the digest %(expected)s, the snapshot's is %(found)s"
    ),
    "entry_held": N_("holds history entry %(what)s, which is not there"),
    "snapshot_held": N_("holds the snapshot %(what)s, which is not there"),
    # the rows of now
    "boys": N_("%(what)s boys: %(expected)s confirmed, %(found)s now"),
    "girls": N_("%(what)s girls: %(expected)s confirmed, %(found)s now"),
    "nationality": N_("nationality %(what)s: %(expected)s confirmed, %(found)s now"),
    "id_kind": N_("identity kind %(what)s: %(expected)s confirmed, %(found)s now"),
    "roster": N_("digest of the roster: %(expected)s confirmed, %(found)s now"),
    "child_changed": N_("child %(what)s has changed"),
    "child_came": N_("child %(what)s has come"),
    "child_went": N_("child %(what)s has gone"),
    "children_more": N_("and %(found)s more children differ"),
    "other_none": N_("no other affiliations declared: %(expected)s confirmed, %(found)s now"),
    "other_came": N_("other affiliation %(what)s has come"),
    "other_went": N_("other affiliation %(what)s has gone"),
    "other_boys": N_("other affiliation %(what)s boys: %(expected)s confirmed, %(found)s now"),
    "other_girls": N_("other affiliation %(what)s girls: %(expected)s confirmed, %(found)s now"),
    "other_order": N_("the list of other affiliations is in another order"),
    "head": N_("%(what)s: revision %(expected)s confirmed, %(found)s now"),
    "below": N_("holds %(what)s, which differs"),
}


class Place(NamedTuple):
    """A unit whose proofs are looked at; ``id`` 0 stands for the entries of no unit."""

    id: int
    level: str = ""
    code: str = ""
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was confirmed. ``kind`` is a key of ``TEXTS``.

    ``cycle``: its code, "" for what belongs to none; ``revision``: 0 where it is about none.
    """

    kind: str
    cycle: str
    level: str
    code: str
    revision: int = 0
    what: str = ""
    expected: Any = ""
    found: Any = ""

    @property
    def params(self) -> dict[str, Any]:
        """The values of the text."""
        return {"what": self.what, "expected": self.expected, "found": self.found}

    def __str__(self) -> str:
        unit = f"{self.level} {self.code}".strip() or "history of no unit"
        revision = f"revision {self.revision}" if self.revision else ""
        where = " ".join(filter(None, (self.cycle, unit, revision)))
        return f"{where}: {TEXTS[self.kind] % self.params}"


def short(number: int, digest: str) -> str:
    """A number with the beginning of its digest, to tell two of the same number apart."""
    return f"{number} ({digest[:8]})" if number else "0"
