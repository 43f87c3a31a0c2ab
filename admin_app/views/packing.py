"""Pages travel compressed: a telephone in a village pays for every byte, and waits for it."""

from __future__ import annotations

import gzip
import io
import secrets

from flask import Flask, Response, request

PACKED = frozenset({"text/html", "application/json"})
SHORTEST = 1_000
LEVEL = 4
MOST_PADDING = 64


def pack(text: bytes) -> bytes:
    """Compressed, with a name of random length in its head.

    A page holds the session's token for forms beside words that an address may bring; so its length
    must not tell how much the two have in common (BREACH).
    """
    packed = io.BytesIO()
    name = "x" * (1 + secrets.randbelow(MOST_PADDING))
    with gzip.GzipFile(name, "wb", LEVEL, packed, mtime=0) as file:
        file.write(text)
    return packed.getvalue()


def _after(response: Response) -> Response:
    if response.mimetype not in PACKED or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    known = "Content-Encoding" in response.headers or not request.accept_encodings["gzip"]
    if known or request.method == "HEAD" or len(response.get_data()) < SHORTEST:
        return response
    response.set_data(pack(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    return response


def init(app: Flask) -> None:
    """Compress whatever page a browser takes compressed."""
    app.after_request(_after)
