"""An .xlsx looked at before anything unpacks it: is it one, is it whole, how large does it get.

A zip's own directory may lie about sizes, so every part is unpacked once, in pieces that are
counted and thrown away. Then the sheets' XML is streamed once: how far the cells reach (a reader
makes room for the whole box around them), where formulas stand, how much text the cells repeat.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from xlsxwriter.utility import xl_col_to_name

from admin_app.config import MB, ImportLimits
from admin_app.imports.bad import BadFile

MOST_PARTS, MOST_COLUMNS, MOST_CELLS = 1_000, 160, 600_000
MOST_TEXT = 64 * MB
"""Characters that the cells of a sheet may hold, shared strings counted as often as they stand."""
PIECE = 64 * 1024
FORMULAS_TOLD = 3
WORKBOOK, STRINGS, SHEETS = "xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/"
RELATIONS = "xl/_rels/workbook.xml.rels"
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


@dataclass(slots=True)
class Extent:
    """What a sheet's XML says: the last row and column from 1, its cells, its first formulas."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    formulas: list[str] = field(default_factory=list)


def _unpacked(data: bytes, part: ZipInfo) -> Iterator[bytes]:
    """The part in pieces, as its bytes say and not as the directory does."""
    head = data[part.header_offset : part.header_offset + _LOCAL_HEADER.size]
    try:
        fields = _LOCAL_HEADER.unpack(head)
    except struct.error:
        raise BadFile("damaged") from None
    start = part.header_offset + _LOCAL_HEADER.size + fields[9] + fields[10]
    packed = memoryview(data)[start : start + part.compress_size]
    if fields[0] != b"PK\x03\x04" or len(packed) != part.compress_size:
        raise BadFile("damaged")
    if part.compress_type == ZIP_STORED:
        yield bytes(packed)
        return
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        piece = unpack.decompress(packed, PIECE)
        while piece or unpack.unconsumed_tail:
            yield piece
            piece = unpack.decompress(unpack.unconsumed_tail, PIECE)
        yield unpack.flush()
    except zlib.error:
        raise BadFile("damaged") from None
    if not unpack.eof:
        raise BadFile("damaged")


class Package:
    """A workbook that may be handed to a reader: ``__init__`` raises BadFile for any other."""

    def __init__(self, data: bytes, limits: ImportLimits) -> None:
        self.data = data
        self.limits = limits
        try:
            parts = ZipFile(io.BytesIO(data)).infolist()
        except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
            raise BadFile("damaged") from None
        self.parts = {part.filename: part for part in parts}
        if len(parts) > MOST_PARTS or len(self.parts) != len(parts):
            raise BadFile("damaged")
        if any(part.flag_bits & 1 for part in parts):
            raise BadFile("encrypted")
        if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
            raise BadFile("damaged")
        self._weigh(parts)
        self._judge_kind()

    def _weigh(self, parts: list[ZipInfo]) -> None:
        most, weight = self.limits.unpacked_bytes, 0
        too_much = BadFile("bomb", most=most // MB)
        if sum(part.file_size for part in parts) > most:
            raise too_much
        for part in parts:
            own, sum_of_bytes = 0, 0
            for piece in _unpacked(self.data, part):
                own += len(piece)
                sum_of_bytes = zlib.crc32(piece, sum_of_bytes)
                if weight + own > most:
                    raise too_much
            if own != part.file_size or sum_of_bytes != part.CRC:
                raise BadFile("damaged")
            weight += own

    def _judge_kind(self) -> None:
        if any(name.lower().endswith("vbaproject.bin") for name in self.parts):
            raise BadFile("macros")
        if WORKBOOK not in self.parts or "[Content_Types].xml" not in self.parts:
            raise BadFile("not_a_workbook")
        if b"macroenabled" in self.whole("[Content_Types].xml").lower():
            raise BadFile("macros")

    def whole(self, name: str) -> bytes:
        """A part of the package, unpacked; BadFile when it is not there."""
        if name not in self.parts:
            raise BadFile("damaged")
        return b"".join(_unpacked(self.data, self.parts[name]))

    def _tree(self, name: str) -> Any:
        text = self.whole(name)
        if b"<!" in text.replace(b"<!--", b""):
            raise BadFile("damaged")
        try:
            return ElementTree.fromstring(text)  # noqa: S314 (no DOCTYPE, so no entities)
        except ElementTree.ParseError:
            raise BadFile("damaged") from None

    def sheets(self) -> dict[str, str]:
        """Name of each sheet → the part that holds it."""
        targets = {}
        for relation in self._tree(RELATIONS):
            target = relation.get("Target", "")
            absolute = target.startswith("/")
            targets[relation.get("Id")] = target.lstrip("/") if absolute else f"xl/{target}"
        found = {}
        for element in self._tree(WORKBOOK).iter():
            if element.tag.rpartition("}")[2] == "sheet":
                ids = [v for k, v in element.attrib.items() if k.rpartition("}")[2] == "id"]
                found[element.get("name", "")] = targets.get(ids[0] if ids else "", "")
        return found

    def _stream(self, name: str, parser: Any) -> None:
        def refuse(*_args: Any) -> None:
            raise BadFile("damaged")  # a workbook has no DOCTYPE: whoever sends one wants harm

        parser.StartDoctypeDeclHandler = refuse
        parser.buffer_text = True
        try:
            for piece in _unpacked(self.data, self.parts[name]):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise BadFile("damaged") from None

    def extent(self, name: str) -> Extent:
        """How far the sheet in this part reaches. BadFile beyond the limits."""
        if name not in self.parts:
            raise BadFile("damaged")
        found, most_rows = Extent(), self.limits.rows
        row = column = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row, column
            kind = tag.rpartition(":")[2]
            if kind == "c":
                ref = attributes.get("r")
                if ref is None:
                    column += 1
                else:
                    column, row = _place(ref)
                found.cells += 1
                if column > found.columns:
                    found.columns = column
                    if column > MOST_COLUMNS:
                        raise BadFile("too_wide", column=xl_col_to_name(MOST_COLUMNS - 1))
                if row > found.rows:
                    found.rows = row
            elif kind == "row":
                number = attributes.get("r", "")
                row = int(number) if number.isdigit() else row + 1
                column = 0
            elif kind == "f" and len(found.formulas) < FORMULAS_TOLD:
                found.formulas.append(f"{xl_col_to_name(max(column, 1) - 1)}{row}")
            # the rows of a fresh sheet: heading and title lines are not counted against the limit
            if row > most_rows + 100:
                raise BadFile("too_many_rows", most=most_rows)

        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        self._stream(name, parser)
        judge_box(found.rows, found.columns)
        self._judge_text(name, found)
        return found

    def _judge_text(self, name: str, found: Extent) -> None:
        """Refuse a sheet whose cells repeat long shared strings until memory is full."""
        lengths = self._string_lengths()
        if found.cells * max(lengths, default=0) <= MOST_TEXT:
            return
        total, shared, value = 0, False, None

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal shared, value
            kind = tag.rpartition(":")[2]
            if kind == "c":
                shared = attributes.get("t") == "s"
            value = "" if kind == "v" and shared else None

        def text(piece: str) -> None:
            nonlocal value
            if value is not None:
                value += piece

        def end(tag: str) -> None:
            nonlocal total, value
            if value is not None and value.strip().isdigit() and int(value) < len(lengths):
                total += lengths[int(value)]
                if total > MOST_TEXT:
                    raise BadFile("bomb", most=self.limits.unpacked_bytes // MB)
            value = None

        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = text
        self._stream(name, parser)

    def _string_lengths(self) -> list[int]:
        """How long each shared string is."""
        lengths: list[int] = []
        if STRINGS not in self.parts:
            return lengths

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.rpartition(":")[2] == "si":
                lengths.append(0)

        def text(piece: str) -> None:
            if lengths:
                lengths[-1] += len(piece)

        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.CharacterDataHandler = start, text
        self._stream(STRINGS, parser)
        return lengths


def judge_box(rows: int, columns: int) -> None:
    """Refuse a table so large that a reader's room for it would be."""
    if rows * columns > MOST_CELLS:
        raise BadFile("too_many_cells", most=MOST_CELLS)


def _place(ref: str) -> tuple[int, int]:
    """(column, row) of a cell's name, from 1; BadFile for what is no cell of a sheet."""
    column = 0
    for at, char in enumerate(ref):
        if "A" <= char <= "Z":
            column = column * 26 + ord(char) - 64
        elif column and char.isdigit() and ref[at:].isascii() and ref[at:].isdigit() and at <= 3:
            return column, int(ref[at:])
        else:
            break
    raise BadFile("damaged")
