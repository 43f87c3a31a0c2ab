"""Workbooks as downloads: their names, and that nobody may keep them."""

from __future__ import annotations

from io import SEEK_END
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import send_file

from admin_app.exports.build import XLSX


def workbook_answer(
    file: BinaryIO,
    file_name: str,
    thai_file_name: str,
    edition: str | None = None,
    mimetype: str = XLSX,
) -> Any:
    """The file as a download, its name in ASCII and in Thai (RFC 6266); nobody may keep it."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    answer = send_file(file, mimetype=mimetype)
    answer.content_length = size
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{file_name}\"; filename*=UTF-8''{quote(thai_file_name, safe='')}"
    )
    answer.headers["Cache-Control"] = "no-store"  # send_file would let anybody keep it for a day
    if edition is not None:
        answer.headers["X-Edition"] = edition
    return answer
