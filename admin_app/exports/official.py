"""The official edition: from snapshots alone, down the chain of digests, never from live rows.

A province's snapshot names the digests of its LAOs', theirs those of their schools. Following them
gives the same figures for ever, whatever is edited, renamed or reopened later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from admin_app.domain.proof import digest
from admin_app.exports.data import District, GradeRow, Lao, OtherSchool, School, Summary
from admin_app.exports.gates import OFFICIAL
from admin_app.models import Cycle, RateEdition, Snapshot
from admin_app.services import rates
from admin_app.services.errors import NotFound
from admin_app.services.rates import frozen as rates_in

BATCH = 500


class Damaged(RuntimeError):
    """A snapshot is missing or is not what its digest says: nothing official can be given out."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot that was checked: what it holds, and when it was taken."""

    content: dict[str, Any]
    digest: str
    taken_at: datetime


def _checked(row: Snapshot) -> Frozen:
    if digest(row.content) != row.digest:
        raise Damaged(f"snapshot {row.id}: the content differs from the digest {row.digest}")
    return Frozen(json.loads(row.content), row.digest, row.taken_at)


def top(cycle: Cycle, unit_id: int, revision: int) -> Frozen:
    """The snapshot of one revision of a unit. NotFound, Damaged."""
    row = Snapshot.get_or_none(
        Snapshot.cycle == cycle.id, Snapshot.unit == unit_id, Snapshot.revision == revision
    )
    if row is None:
        raise NotFound("snapshot")
    return _checked(row)


def named(cycle: Cycle, heads: Iterable[Iterable[Any]]) -> Iterator[Frozen]:
    """The snapshots that ``heads`` ([code, revision, digest], …) name, in that order. Damaged."""
    left = iter([str(digest_) for _, _, digest_ in heads])
    while batch := list(islice(left, BATCH)):
        rows = Snapshot.select().where(Snapshot.cycle == cycle.id, Snapshot.digest << batch)
        found = {row.digest: row for row in rows}
        for wanted in batch:
            if wanted not in found:
                raise Damaged(f"no snapshot with the digest {wanted}")
            yield _checked(found[wanted])


def _counts(cells: Iterable[Iterable[Any]]) -> dict[str, tuple[int, int]]:
    return {grade: (boys, girls) for grade, boys, girls in cells}


def _district(content: dict[str, Any]) -> District:
    place = content.get("district")
    return District(place["code"], place["name"]) if place else District()


def _school(frozen: Frozen, lao: dict[str, Any]) -> School:
    content = frozen.content
    return School(
        code=content["code"],
        name=content["name"],
        kind=content["kind"],
        district=_district(content) if content.get("district") else _district(lao),
        counts=_counts(content["counts"]),
        confirmed=True,
    )


def _lao(frozen: Frozen, schools: Iterable[Frozen]) -> Lao:
    content = frozen.content
    return Lao(
        code=content["code"],
        name=content["name"],
        kind=content["kind"],
        district=_district(content),
        schools=tuple(
            sorted((_school(school, content) for school in schools), key=lambda s: s.order)
        ),
        others=tuple(
            sorted(
                (
                    OtherSchool(
                        other["code"], other["name"], other["affiliation"], _counts(other["counts"])
                    )
                    for other in content["other"]["schools"]
                ),
                key=lambda other: other.order,
            )
        ),
        declared_none=content["other"]["declared_none"],
        confirmed=True,
        confirmed_at=frozen.taken_at,
    )


def edition_of_rates(cycle: Cycle, number: int) -> RateEdition:
    """An edition of the cycle's rates that is what its digest says. Damaged."""
    row = rates.edition(cycle.id, number)
    if row is None:
        raise Damaged(f"no rates {number} of {cycle.code}")
    if digest(row.content) != row.digest:
        raise Damaged(f"rates {row.number} of {cycle.code}: the content differs from its digest")
    return row


def province(cycle: Cycle, frozen: Frozen) -> Summary:
    """The summary that a province's snapshot stands for. Damaged."""
    content = frozen.content
    laos = list(named(cycle, content["laos"]))
    heads = [lao.content["schools"] for lao in laos]
    schools = named(cycle, [head for below in heads for head in below])
    return Summary(
        code=content["code"],
        name=content["name"],
        edition=OFFICIAL,
        grades=tuple(GradeRow(row["code"], row["name"], row["stage"]) for row in content["grades"]),
        rates=rates_in(content),
        rate_edition=rates.frozen_edition(content),
        affiliations={
            code: name for lao in laos for code, name, _ in lao.content.get("affiliations", ())
        },
        laos=tuple(
            sorted(
                (
                    _lao(lao, list(islice(schools, len(below))))
                    for lao, below in zip(laos, heads, strict=True)
                ),
                key=lambda lao: lao.order,
            )
        ),
        revision=content["revision"],
        digest=frozen.digest,
        confirmed_at=frozen.taken_at,
    )
