"""Help: the role's own guide in the panel, opened where it tells of the page one comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request, send_from_directory, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from admin_app.config import ROOT
from admin_app.views.common import SIGNED_IN, actor, permission

DOCS = ROOT / "docs"
PICTURE_AGE_S = 86_400
blueprint = Blueprint("help", __name__, url_prefix="/help")
GUIDES: dict[str, str] = {
    "department": "guide-dla",
    "helpdesk": "guide-helpdesk",
    "province": "guide-province",
    "lao": "guide-lao",
    "school": "guide-school",
}
# a page's room → words of the heading under which a guide tells of it; the first that is there
PLACES: dict[str, tuple[str, ...]] = {
    "announcements": ("ระหว่างรอบ",),
    "case_notes": ("มีผู้โทรมา",),
    "children": ("บันทึกและแก้ไข", "ข้อมูลนักเรียน", "ระหว่างรอบ", "ติดตาม"),
    "cycles": ("ก่อนเปิดรอบ",),
    "duplicates": ("ซ้ำ",),
    "existence": ("มีตัวตน", "ระหว่างรอบ"),
    "exports": ("เป็นไฟล์", "วันสุดท้าย"),
    "find": ("มีผู้โทรมา", "ติดตาม", "ระหว่างรอบ"),
    "findings": ("ข้อผิดพลาด", "เงื่อนไข"),
    "grid": ("สังกัดอื่น",),
    "home": ("หน้าแรก", "มีผู้โทรมา", "ติดตาม", "ระหว่างรอบ"),
    "imports": ("Excel", "สังกัดอื่น"),
    "leavers": ("ขึ้นรอบใหม่",),
    "moves": ("ยืนยัน และวันสุดท้าย", "ปลดล็อก", "วันสุดท้าย"),
    "others": ("สังกัดอื่น",),
    "proof": ("แบบยืนยัน",),
    "rates": ("อัตรา",),
    "reminder_texts": ("ระหว่างรอบ",),
    "reminders": ("ติดตาม", "ระหว่างรอบ"),
    "rules": ("เงื่อนไข",),
    "snapshots": ("แบบยืนยัน",),
    "states": ("ติดตาม", "ขยายเวลา", "ระหว่างรอบ"),
    "transfers": ("ย้ายนักเรียน", "ซ้ำ"),
    "units": ("ตรวจและส่งกลับ", "มีผู้โทรมา", "ระหว่างรอบ", "หน้าแรก"),
    "users": ("บัญชี", "รหัสผ่าน"),
}


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide as HTML, and its headings: (id, words)."""

    title: str
    html: Markup
    headings: tuple[tuple[str, str], ...]


def _lead(token: Token) -> None:
    """Let the links between guides lead to each other here; other pages are not in the panel.

    Pictures are loaded when they come near, so that a guide opens at once on a telephone.
    """
    for child in token.children or ():
        if child.type == "link_open":
            stem = str(child.attrGet("href")).removesuffix(".md")
            child.attrSet("href", stem if stem in GUIDES.values() else "#content")
        elif child.type == "image":
            width, height = _size(DOCS / str(child.attrGet("src")))
            child.attrs |= {"loading": "lazy", "width": width, "height": height}


def _size(picture: Path) -> tuple[int, int]:
    """Width and height of a WebP picture in pixels, from its VP8X header (RFC 9649, 2.7)."""
    with picture.open("rb") as file:
        head = file.read(30)
    return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")


@cache
def guide(name: str) -> Guide:
    """A guide; each heading has an id, so that it can be opened there."""
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    title = ""
    headings: list[tuple[str, str]] = []
    for token in tokens:
        _lead(token)
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        if opening.tag == "h1":
            title = inline.content
        else:
            opening.attrSet("id", f"s{len(headings) + 1}")
            headings.append((f"s{len(headings) + 1}", inline.content))
    html = reader.renderer.render(tokens, reader.options, {})
    return Guide(title, Markup(html), tuple(headings))  # noqa: S704 (our own docs, HTML is off)


def link() -> str:
    """Where the guide tells of the page shown."""
    room = (request.endpoint or "").split(".")[0]
    found = guide(GUIDES[actor().role]).headings
    for words in PLACES.get(room, ()):
        for anchor, heading in found:
            if words in heading:
                return url_for("help.show", _anchor=anchor)
    return url_for("help.show")


@blueprint.get("/")
@blueprint.get("/<name>")
@permission(SIGNED_IN)
def show(name: str = "") -> Any:
    """The guide of the person's role, or the one with this name; 404 where there is none."""
    wanted = name or GUIDES[actor().role]
    if wanted not in GUIDES.values():
        abort(404)
    return render_template("help.html", guide=guide(wanted))


@blueprint.get("/pictures/<name>.webp")
@permission(SIGNED_IN)
def picture(name: str) -> Any:
    """A picture of the guides; 404 where there is none."""
    answer = send_from_directory(DOCS / "pictures", f"{name}.webp", max_age=PICTURE_AGE_S)
    answer.cache_control.private = True
    return answer
