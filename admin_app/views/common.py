"""What every screen shares: who acts, at what time, in which cycle, and by which permission."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from flask import abort, current_app, flash, g, redirect, request, session, url_for
from flask_login import current_user

from admin_app.domain.access import GRANTS, Actor, may
from admin_app.domain.moves import Refusal
from admin_app.i18n import gettext as _
from admin_app.i18n import say
from admin_app.models import Cycle, Unit
from admin_app.services import cycles, scope
from admin_app.services.errors import NotFound
from admin_app.services.typed import row_id

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC, SIGNED_IN = "public", "signed-in"
# no second slash, and nothing that a browser leaves out or reads as one
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


def clock() -> datetime:
    """The app's one clock (tests inject theirs)."""
    value: datetime = current_app.config["CLOCK"]()
    return value


def actor() -> Actor:
    """Who is signed in."""
    loaded = g.get("_login_user")  # where Flask-Login keeps it; its proxy costs a list's every cell
    value: Actor = (loaded or current_user).actor
    return value


def allowed(permission: str) -> bool:
    """Whether the person has ``permission`` at all; False for one that has no row."""
    return (
        bool(current_user.is_authenticated)
        and permission in GRANTS
        and may(current_user.actor, permission)
    )


def permission(name: str) -> Callable[[View], View]:
    """Declare what a route needs: ``public``, ``signed-in`` or a row of the access table."""
    if name not in (PUBLIC, SIGNED_IN) and name not in GRANTS:
        raise KeyError(f"{name} has no row in the access table")

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if name != PUBLIC:
                if not current_user.is_authenticated:
                    return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
                if name != SIGNED_IN and not allowed(name):
                    abort(404)
            return view(*args, **kwargs)

        guarded.permission = name  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return declare


def every_cycle() -> list[Cycle]:
    """All cycles, the latest first, read once a request."""
    if "cycles" not in g:
        g.cycles = cycles.every()
    found: list[Cycle] = g.cycles
    return found


def _cycle(code: str | None) -> Cycle | None:
    return next((cycle for cycle in every_cycle() if cycle.code == code), None)


def chosen_cycle() -> Cycle:
    """The cycle of the form or of ``?cycle=``, else the one chosen last, else the current one.

    A form carries its cycle, so that a switch in another tab never moves what is sent.

    NotFound for a code that no cycle has, or when there is no cycle at all.
    """
    if "cycle" not in g:
        asked = request.form.get("cycle") or request.args.get("cycle")
        found: Cycle | None
        if asked:
            found = _cycle(asked)
            if found is None:
                raise NotFound("cycle")
            if request.method == "GET" and not request.path.startswith("/exports/"):
                session["cycle"] = found.code
        else:
            remembered = session.get("cycle")
            found = _cycle(remembered) or cycles.current(clock(), every_cycle())
        if found is None:
            raise NotFound("cycle")
        g.cycle = found
    cycle: Cycle = g.cycle
    return cycle


def unit_or_404(code: str, verb: str = "read") -> Unit:
    """The unit with this code in the actor's scope."""
    return scope.unit(actor(), code, verb)


def told(refusals: tuple[Refusal, ...] | list[Refusal]) -> str:
    """Each reason with what to do next, in the person's language."""
    return " ".join(f"{say(r.message, r.params)} {say(r.advice, r.params)}" for r in refusals)


def tell(refusals: tuple[Refusal, ...] | list[Refusal], category: str = "error") -> None:
    """Flash each reason with what to do next."""
    for refusal in refusals:
        flash(told([refusal]), category)


def back(default: str, **values: Any) -> Any:
    """Redirect to the form's own ``next`` when it stays on this site, else to ``default``."""
    target = request.form.get("next") or request.args.get("next") or ""
    if is_local(target):
        return redirect(target)
    return redirect(url_for(default, **values))


def seen_versions() -> dict[int, int]:
    """Row id → version as the form's page showed it (``id:version``); nonsense is left out."""
    found = {}
    for pair in " ".join(request.form.getlist("seen")).split():
        number, _colon, version = pair.partition(":")
        with suppress(NotFound):
            found[row_id(number)] = row_id(version)
    return found


def shown_at() -> datetime | None:
    """When the form's page was made; None when it does not say."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(request.form.get("shown", ""))
        return moment if moment.tzinfo else None
    return None


def is_local(target: str) -> bool:
    """Whether a redirect target is a path of this site."""
    return bool(_LOCAL.fullmatch(target))


def changed_by_other() -> None:
    """Flash that somebody else was faster."""
    flash(
        _("Somebody else changed this in the meantime. Compare both versions and save again."),
        "error",
    )
