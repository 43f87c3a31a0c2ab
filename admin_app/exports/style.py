"""How the workbooks look: the font of Thai official papers, parts of cell formats, widths.

Source of font and sizes: the Prime Minister's Office's practice for official papers (TH Sarabun
New, 16 points); wide tables are set in 14.
"""

from __future__ import annotations

import unicodedata
from math import ceil
from typing import Any

FONT = "TH Sarabun New"
THAI, SWISS = 222, 2
TYPE = {"font_name": FONT, "font_charset": THAI, "font_family": SWISS}
"""Without the font on a machine, a program takes another one of this family with Thai letters."""
SIZE, SMALL = 16, 14
ROW_HEIGHT = {SIZE: 25.5, SMALL: 22.5}
"""Points of a row of one line: Thai vowels and tone marks stand above and below it."""
MOST_LINES = 16
"""Of a row; Excel's bound is 409 points."""

# "_)" keeps figures off the line of the cell.
NOTHING_AS_DASH = '#,##0_);-#,##0_);"-"_)'
MONEY = '#,##0.00_);-#,##0.00_);"-"_)'
DRAFT_COLOUR = "#C00000"

# a format is the sum of its parts, later ones win
PARTS: dict[str, dict[str, Any]] = {
    "small": {"font_size": SMALL},
    "cell": {"border": 1, "border_color": "#A6A6A6", "valign": "vcenter"},
    # Text stays text when somebody edits the cell too.
    "text": {"num_format": "@", "text_wrap": True, "align": "left", "indent": 1},
    "centre": {"num_format": "@", "align": "center", "text_wrap": True},
    "count": {"num_format": "0", "align": "center"},
    "number": {"num_format": NOTHING_AS_DASH, "align": "right"},
    "money": {"num_format": MONEY, "align": "right"},
    "bold": {"bold": True},
    "head": {
        "bold": True,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
        "bg_color": "#D9E2F3",
        "border": 1,
        "border_color": "#7F7F7F",
    },
    "title": {"bold": True, "font_size": 20, "valign": "vcenter"},
    "subtitle": {"font_size": SIZE, "valign": "vcenter"},
    "draft": {"bold": True, "font_size": 22, "font_color": DRAFT_COLOUR, "valign": "vcenter"},
    "huge": {"bold": True, "font_size": 30, "valign": "vcenter"},
    "total": {"bold": True, "bg_color": "#FFF2CC", "top": 2},
    "province": {"bold": True, "bg_color": "#B4C6E7"},
    "district": {"bold": True, "bg_color": "#D9E2F3"},
    "lao": {"bold": True, "bg_color": "#F2F2F2"},
    "indent1": {"indent": 2},
    "indent2": {"indent": 3},
    "missing": {"font_color": DRAFT_COLOUR},
    "note": {"italic": True, "font_color": "#595959", "valign": "vcenter"},
    "left": {"align": "left", "indent": 1},
    "mono": {"font_name": "Courier New", "font_size": 10},
}


NARROW = frozenset(" .,:;'|!ilj()/-")


def places(line: str) -> float:
    """How wide a line is, in letters: signs above and below take nothing, dots and spaces half."""
    return sum(
        0.5 if char in NARROW else 1.0
        for char in line
        if not unicodedata.category(char).startswith("M")
    )


LOST = 3.0
"""Letters' room that a line loses at its end, where the next word does not fit any more."""


def letters(width: float, size: int) -> float:
    """How many letters fit into a line of a column of ``width`` (Excel's unit), rather too few."""
    return max(1.0, (width - 2) / (1.12 if size <= SMALL else 1.28))


def lines(text: str, width: float, size: int) -> int:
    """How many lines the text needs in a column of ``width`` (Excel's unit), on the safe side."""
    fits = letters(width, size)
    if len(text) <= fits and "\n" not in text:
        return 1
    whole = (places(line) for line in text.split("\n"))
    return sum(1 if line <= fits else ceil(line / max(1.0, fits - LOST)) for line in whole)
