"""Calculates the few kinds of formulas that the workbooks use, to check the values in place."""

from __future__ import annotations

import re
from typing import Any

from openpyxl import Workbook

_SPAN = re.compile(r"=(SUM|SUBTOTAL)\((9,)?([A-Z]+[0-9]+):([A-Z]+[0-9]+)\)")
_OTHER_SHEET = re.compile(r"='([^']+)'!([A-Z]+[0-9]+)")
_PLUS = re.compile(r"=([A-Z]+[0-9]+)\+([A-Z]+[0-9]+)")
_ROUNDED_SUM = re.compile(r"=ROUND\(([A-Z]+[0-9]+(?:\+[A-Z]+[0-9]+)+),2\)")
_MINUS = re.compile(r"=(?:ROUND\()?([A-Z]+[0-9]+)-([A-Z]+[0-9]+)(?:,2\))?")
_PRODUCT = re.compile(r"=ROUND\(([A-Z]+[0-9]+)\*([A-Z]+[0-9]+)\*([A-Z]+[0-9]+),2\)")


def calculate(book: Workbook, sheet: str, name: str) -> Any:
    """The value of a cell, from formulas alone; SUBTOTAL leaves out other SUBTOTALs."""
    value = book[sheet][name].value
    if not (isinstance(value, str) and value.startswith("=")):
        return value or 0
    if found := _SPAN.fullmatch(value):
        cells = [c for row in book[sheet][f"{found[3]}:{found[4]}"] for c in row]
        if found[1] == "SUBTOTAL":
            cells = [c for c in cells if not str(c.value).startswith("=SUBTOTAL")]
        numbers = [calculate(book, sheet, c.coordinate) for c in cells]
        return sum(number for number in numbers if not isinstance(number, str))
    if found := _OTHER_SHEET.fullmatch(value):
        return calculate(book, found[1], found[2])
    if found := _PLUS.fullmatch(value):
        return sum(calculate(book, sheet, cell) for cell in found.groups())
    if found := _ROUNDED_SUM.fullmatch(value):
        return round(sum(calculate(book, sheet, cell) for cell in found[1].split("+")), 2)
    if found := _MINUS.fullmatch(value):
        a, b = (calculate(book, sheet, cell) for cell in found.groups())
        return round(a - b, 2)
    if found := _PRODUCT.fullmatch(value):
        a, b, c = (calculate(book, sheet, cell) for cell in found.groups())
        return round(a * b * c, 2)
    raise AssertionError(f"{sheet}!{name}: a formula of another kind: {value}")


def formulas_of(book: Workbook) -> list[tuple[str, str]]:
    """(sheet, cell) of every formula."""
    return [
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
