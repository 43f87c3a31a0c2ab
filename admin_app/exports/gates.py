"""When an export may be had: pure functions of where its unit stands, each with its reason.

Source: the product's contract, "Exports, gated by role and deadline".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin_app.domain.moves import Status
from admin_app.domain.text import N_

DRAFT, OFFICIAL, ANY = "draft", "official", ""
"""Editions; ``ANY`` is the one of an export that has no editions."""

EDITIONS: dict[str, str] = {DRAFT: N_("Draft"), OFFICIAL: N_("Official")}

REASONS: dict[str, str] = {
    "not_started": N_("The cycle has not been opened yet: it opens on %(opens_at)s."),
    "draft_over": N_(
        "The unit is confirmed, so there is no draft any more: use the official edition."
        " A draft opens again if the unit is reopened."
    ),
    "not_confirmed": N_("The official edition opens when the unit has confirmed; due %(due_at)s."),
    "not_closed": N_("It opens when the department has closed the cycle, after %(closes_at)s."),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a gate looks at: the asked unit's state and the cycle's moments, aware UTC.

    ``due_at``: by when units of this level must have confirmed.
    """

    started: bool
    status: Status
    opens_at: datetime
    due_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a gate is shut: a code of ``REASONS`` and the values that its text names.

    ``moment``: when it opens at the latest or at the earliest, None where no time will open it.
    """

    code: str
    params: Mapping[str, Any]
    moment: datetime | None

    @property
    def message(self) -> str:
        """The text, to be translated and then filled with ``params``."""
        return REASONS[self.code]


class Shut(Exception):
    """The export cannot be had now; ``reason`` says why and when it opens."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.code)


class NoSuchEdition(ValueError):
    """The export has no edition of this name."""


class NoSuchRates(ValueError):
    """The export takes no edition of the rates, or the cycle has none of this number."""


Gate = Callable[[Ground], Reason | None]


def any_time(ground: Ground) -> Reason | None:
    """Open as soon as the cycle has been opened."""
    if ground.started:
        return None
    return Reason("not_started", {"opens_at": ground.opens_at}, ground.opens_at)


def while_open(ground: Ground) -> Reason | None:
    """Open while the unit is open."""
    if ground.started and ground.status is Status.CONFIRMED:
        return Reason("draft_over", {}, None)
    return any_time(ground)


def once_confirmed(ground: Ground) -> Reason | None:
    """Open once the unit is confirmed."""
    if ground.started and ground.status is not Status.CONFIRMED:
        return Reason("not_confirmed", {"due_at": ground.due_at}, ground.due_at)
    return any_time(ground)


def once_closed(ground: Ground) -> Reason | None:
    """Open once the department has closed the cycle (the unit is the department)."""
    if ground.started and ground.status is not Status.CONFIRMED:
        return Reason("not_closed", {"closes_at": ground.closes_at}, ground.closes_at)
    return any_time(ground)


def choose(editions: Mapping[str, Gate], asked: str | None, ground: Ground) -> str:
    """The edition to hand out: the asked one, or the first of ``editions`` that is open.

    ``editions`` stand best first. Raises NoSuchEdition, and Shut with the reason (of the best
    edition, where none was asked for).
    """
    if asked is not None and asked not in editions:
        raise NoSuchEdition(asked)
    reasons = []
    for edition in editions if asked is None else (asked,):
        reason = editions[edition](ground)
        if reason is None:
            return edition
        reasons.append(reason)
    raise Shut(reasons[0])
