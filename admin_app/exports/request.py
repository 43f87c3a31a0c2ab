"""What is asked of a builder, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from admin_app.domain.access import Actor
from admin_app.domain.thai import format_datetime
from admin_app.exports import words
from admin_app.exports.gates import DRAFT
from admin_app.models import Cycle, Unit, UnitState


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands on every sheet: title, cycle, edition, when and by whom it was made."""

    title: str
    cycle: str
    edition: str
    draft: bool
    made_at: datetime
    made_by: str

    @property
    def moment(self) -> str:
        """When it was made, in the Buddhist Era."""
        return format_datetime(self.made_at)


class Progress(Protocol):
    """Told by a builder now and then: how much of ``total`` is done, and what it is at.

    Whoever listens may raise, and so end the work.
    """

    def __call__(self, done: int, total: int | None = None, doing: str = "") -> None: ...


def quiet(done: int, total: int | None = None, doing: str = "") -> None:
    """Progress that nobody follows."""


@dataclass(frozen=True, slots=True)
class Request:
    """An export that may be had: checked by ``build``, handed to its builder.

    ``rates``: the edition of the cycle's rates that was asked for; None for what is usual.
    ``proof_page``: the address of the page that takes a digest, for paper that leads back to it.
    """

    actor: Actor
    actor_unit: Unit
    cycle: Cycle
    unit: Unit
    state: UnitState
    edition: str
    now: datetime
    progress: Progress = quiet
    rates: int | None = None
    proof_page: str = ""

    @property
    def moment(self) -> str:
        """When it is made, in the Buddhist Era."""
        return format_datetime(self.now)

    @property
    def made_by(self) -> str:
        """The person, with role and unit."""
        role = words.ROLES.get(self.actor.role, self.actor.role)
        return f"{self.actor.name} ({role} {self.actor_unit.name})"

    def stamp(self, title: str) -> Stamp:
        """The stamp of a workbook with this title."""
        return Stamp(
            title=title,
            cycle=self.cycle.code,
            edition=words.EDITIONS[self.edition],
            draft=self.edition == DRAFT,
            made_at=self.now,
            made_by=self.actor.name,
        )


@dataclass(frozen=True, slots=True)
class Built:
    """What a builder wrote: rows of its main sheet; the digest of what is official."""

    rows: int
    digest: str = ""
