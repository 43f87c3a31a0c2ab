"""Lists that open as the person left them: search, filters, order and page size.

What the list's own form and links ask for carries ``keep`` and is remembered; a link from another
page, such as "7 errors", shows what it says once and changes no memory. Where a search may hold
personal data (``private_search``) it is posted and remembered, and no address ever has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import g, redirect, request

from admin_app.services import list_memory
from admin_app.views.common import actor, clock

KEEP, FOUND, SEARCH = "keep", "found", "search"
PASSING = frozenset({"cycle", "after", "before", KEEP})
"""Parameters of one look, which are not remembered."""
MOST_LETTERS = 100


class Remembering:
    """What a ``ScopedView`` needs to open as it was left. ``endpoint`` names the list."""

    endpoint: str
    private_search = False

    def _memory(self) -> dict[str, str]:
        kept = g.setdefault("list_memory", {})
        if self.endpoint not in kept:
            kept[self.endpoint] = list_memory.recall(actor(), self.endpoint)
        found: dict[str, str] = kept[self.endpoint]
        return found

    def _without_search(self, said: Mapping[str, str]) -> dict[str, str]:
        """What of it may be remembered and come back as an address: never a private search."""
        hidden = PASSING | {SEARCH} if self.private_search else PASSING
        return {k: v for k, v in said.items() if v and k not in hidden}

    def search_text(self) -> str:
        """What is searched for: as the address says, or as what it names was posted."""
        if self.private_search and FOUND in request.args:
            if "searched" not in g:
                g.searched = list_memory.searched(actor(), self.endpoint, request.args[FOUND])
            return str(g.searched)
        return request.args.get(SEARCH, "").strip()[:MOST_LETTERS]

    def as_left(self) -> Any:
        """Remember how the list is asked for; a redirect to how it was left for a bare visit."""
        asked = self._without_search(request.args)
        if KEEP in request.args:
            if asked != self._memory():
                list_memory.remember(actor(), self.endpoint, asked, clock())
            return None
        if asked or "after" in request.args or "before" in request.args:
            return None
        left = self._without_search(self._memory())
        cycle = {"cycle": request.args["cycle"]} if "cycle" in request.args else {}
        return redirect(_address(left | cycle)) if left else None

    def post_search(self) -> Any:
        """Take a posted search with its filters, and show what it finds under an address without
        it."""
        asked = {k: v for k, v in request.form.items() if v and k not in PASSING | {"csrf_token"}}
        asked.pop(FOUND, None)
        if text := asked.pop(SEARCH, "").strip()[:MOST_LETTERS]:
            asked[FOUND] = list_memory.keep_search(actor(), self.endpoint, text, clock())
        list_memory.remember(actor(), self.endpoint, asked, clock())
        if "cycle" in request.form:
            asked["cycle"] = request.form["cycle"]
        return redirect(_address(asked, request.path.rsplit("/", 1)[0] + "/"))


def _address(args: dict[str, str], path: str = "") -> str:
    query = urlencode({**args, KEEP: "1"})
    return f"{request.script_root}{path or request.path}?{query}"
