"""What a service answers when it cannot do what was asked. Views turn these into pages."""

from __future__ import annotations

from typing import Any

from admin_app.domain.moves import Refusal


class NotFound(LookupError):
    """There is no such row in the actor's scope (told alike whether it exists or not)."""


class Refused(Exception):
    """The move or write is not possible now; ``refusals`` say why and what to do next."""

    def __init__(self, refusals: tuple[Refusal, ...] | list[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))


class Conflict(Exception):
    """Somebody else changed the row in between; ``current`` is what stands now."""

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__("changed by somebody else")


class Invalid(ValueError):
    """Fields that cannot be taken: field name → (message to translate, its values)."""

    def __init__(self, errors: dict[str, tuple[str, dict[str, Any]]]) -> None:
        self.errors = errors
        super().__init__(", ".join(errors))
