"""Why a file cannot be taken: one row a reason, each a clear text that says what to do next."""

from __future__ import annotations

from typing import Any

from admin_app.domain.text import N_

REASONS: dict[str, str] = {
    "missing": N_("No file was sent. Choose the workbook and send it again."),
    "empty": N_("The file is empty. Save the workbook again and send that file."),
    "too_big": N_("The file is larger than %(most)d MB. Take pictures and other sheets out of it."),
    "not_a_workbook": N_(
        "This is not an Excel workbook (.xlsx) or a .csv. Open it in Excel and choose"
        " Save as, Excel workbook (.xlsx)."
    ),
    "old_excel": N_(
        "This is a workbook of old Excel (.xls). Open it in Excel and choose Save as,"
        " Excel workbook (.xlsx)."
    ),
    "encrypted": N_(
        "The workbook is locked with a password. Open it, take the password off"
        " (File, Info, Protect workbook) and save it again."
    ),
    "macros": N_(
        "The workbook has macros, which are not taken. Choose Save as, Excel workbook (.xlsx),"
        " which leaves them out."
    ),
    "damaged": N_(
        "The file is damaged or was cut off on its way. Open it in Excel, save it again and"
        " send that file."
    ),
    "bomb": N_(
        "Unpacked, the workbook is larger than %(most)d MB. Copy the rows into a fresh template"
        " and send that."
    ),
    "too_many_rows": N_(
        "A sheet has more than %(most)d rows. Delete the empty rows at its end, or send the rows"
        " in several files."
    ),
    "too_wide": N_(
        "A sheet has cells beyond column %(column)s. Delete the columns that the template does not"
        " have."
    ),
    "too_many_cells": N_(
        "A sheet has more than %(most)d cells. Delete the columns that the template does not have,"
        " and the empty rows at its end."
    ),
    "formulas": N_(
        "There are formulas in the sheet (%(cells)s). Copy the cells, choose Paste special, Values,"
        " and save again."
    ),
    "no_headings": N_(
        "The headings are missing: %(headings)s. Download the template and copy the rows into it."
    ),
    "heading_twice": N_("The heading “%(heading)s” stands there twice. Delete one of the columns."),
    "no_rows": N_("The sheet has headings but no rows. Fill in at least one row."),
    "too_many_schools": N_(
        "With this file the sheet would have %(count)d schools; it holds at most %(most)d. Take"
        " out schools that are no more, and those that stand there under two names."
    ),
    "other_school": N_(
        "This workbook was made for another school (%(code)s). Choose that school, or download the"
        " workbook of this one."
    ),
    "other_cycle": N_(
        "This workbook was made for another cycle (%(code)s). Download the workbook of this cycle."
    ),
    "other_kind": N_(
        "This is the template of another sheet. Download the template on this page and fill that."
    ),
    "other_lao": N_(
        "This workbook was made for another LAO (%(code)s). Download the workbook of yours."
    ),
}


class BadFile(Exception):
    """A file that cannot be taken; nothing was written. ``code`` is one of REASONS."""

    def __init__(self, code: str, /, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)

    @property
    def message(self) -> str:
        """What is wrong and what to do next, to be translated and filled with ``params``."""
        return REASONS[self.code]
