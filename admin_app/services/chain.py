"""The chains of the history: of each unit one, and one (0) of the entries of no unit.

Entries are numbered from 1 and each holds the digest of the one before (``domain/proof.py``). A
chain's head is locked while entries are added, heads in the order of their chains and only at the
very end of a transaction (``before_commit``): nobody waits for long, and nobody in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from admin_app.database import for_update, settle, tuples, write_many
from admin_app.domain.proof import entry_digest
from admin_app.models import Event, HistoryHead

OF_NO_UNIT = 0
CHUNK = 1_000
Head = tuple[int, str]
"""The number and the digest of a chain's last entry; (0, "") while it has none."""
NONE: Head = (0, "")

_FIELDS = {field.column_name: field for field in Event._meta.sorted_fields if field.name != "id"}
_INSERT = "INSERT INTO event ({}) VALUES ({})".format(  # noqa: S608
    ", ".join(f'"{column}"' for column in _FIELDS), ", ".join("?" * len(_FIELDS))
)
_MOVE_ON = "UPDATE history_head SET number = ?, digest = ? WHERE chain = ?"


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The items, ``size`` at a time."""
    left = iter(items)
    while few := list(islice(left, size)):
        yield few


def append(entries: list[dict[str, Any]]) -> None:
    """Chain and write entries (columns of ``event``) in their order; for ``before_commit``."""
    heads = _locked(sorted({entry["unit_id"] or OF_NO_UNIT for entry in entries}))
    rows = []
    for entry in entries:
        chain = entry["unit_id"] or OF_NO_UNIT
        number, previous = heads[chain]
        whole = entry | {"number": number + 1, "previous": previous}
        whole["digest"] = entry_digest(whole)
        heads[chain] = (number + 1, whole["digest"])
        rows.append(tuple(field.db_value(whole[column]) for column, field in _FIELDS.items()))
    write_many(_INSERT, rows)
    write_many(_MOVE_ON, [(*head, chain) for chain, head in heads.items()])


def heads(unit_ids: Iterable[int]) -> dict[int, Head]:
    """Unit id → where its chain ends, with what this transaction has recorded already."""
    settle()
    found: dict[int, Head] = {}
    for few in chunks(unit_ids):
        found |= dict.fromkeys(few, NONE) | _read(HistoryHead.chain << few)
    return found


def _read(which: Any) -> dict[int, Head]:
    columns = (HistoryHead.chain, HistoryHead.number, HistoryHead.digest)
    return {chain: (n, d) for chain, n, d in tuples(HistoryHead.select(*columns).where(which))}


def _locked(chains: list[int]) -> dict[int, Head]:
    """The heads of chains (in ascending order), made where there are none, and locked.

    Made first and locked after: whoever waits for one that is being made holds no other lock than
    of lower ones that it made itself, so that no circle of waiting can come about.
    """
    for few in chunks(chains):
        there = _read(HistoryHead.chain << few)
        if missing := [chain for chain in few if chain not in there]:
            made = [{"chain": chain, "number": 0, "digest": ""} for chain in missing]
            HistoryHead.insert_many(made).on_conflict_ignore().execute()
    found: dict[int, Head] = {}
    for few in chunks(chains):
        query = HistoryHead.select().where(HistoryHead.chain << few).order_by(HistoryHead.chain)
        found |= {head.chain: (head.number, head.digest) for head in for_update(query)}
    return found
