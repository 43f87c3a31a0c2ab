"""A workbook that is one long list: a declared sheet and a query, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from admin_app.exports import words
from admin_app.exports.columns import SheetSpec
from admin_app.exports.request import Built, Request
from admin_app.exports.rows import Says
from admin_app.exports.workbook import Book

TOLD_EVERY = 500
MOST_ROWS = 1_000_000
"""Of one sheet; Excel ends at 1,048,576."""


def no_words(request: Request) -> Mapping[str, Says]:
    """The values of the query are what the cells say."""
    return {}


@dataclass(frozen=True, slots=True)
class ListReport:
    """A list as a workbook; its rows are numbered from 1 in the first column.

    ``rows``: the query, with a value for each column after the first. ``says``: heading → what a
    cell says of the query's value. ``constant``: level of the unit → headings of columns that say
    the same in every row; they are hidden. ``remark`` stands below the title, ``nothing`` instead
    of rows.
    """

    title: str
    sheet: SheetSpec
    rows: Callable[[Request], Iterable[Sequence[Any]]]
    nothing: str
    says: Callable[[Request], Mapping[str, Says]] = no_words
    remark: str = ""
    constant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def build(self, request: Request, out: Any) -> Built:
        """Write the workbook to ``out``, streamed row by row."""
        unit = request.unit
        with Book(out, request.stamp(self.title), streaming=True) as book:
            sheet = book.declared(self.sheet, hidden=self.constant.get(unit.level, ()))
            below = (words.cycle(request.cycle), f"ณ {request.moment}", self.remark)
            sheet.title(
                f"{self.title} {words.unit(unit)}", " · ".join(part for part in below if part)
            )
            sheet.head()
            written = sheet.rows(self._numbered(request), self.says(request))
            if not written:
                sheet.note(self.nothing)
            elif written == MOST_ROWS:
                sheet.note(words.MORE_ROWS)
            request.progress(written, doing="finishing")
            book.close()
        return Built(rows=written)

    def _numbered(self, request: Request) -> Iterator[tuple[Any, ...]]:
        for number, row in enumerate(self.rows(request), start=1):
            if number > MOST_ROWS:
                return
            if number % TOLD_EVERY == 0:
                request.progress(number, doing="writing")
            yield number, *row
