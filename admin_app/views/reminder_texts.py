"""The wording of reminders, level by level and language by language: DLA's to change."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from admin_app.domain.levels import BY_KEY
from admin_app.domain.reminders import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    PLACEHOLDERS,
    STANDARD,
    Facts,
    Wording,
    letter,
    wrong,
)
from admin_app.i18n import LANGUAGES, say
from admin_app.i18n import gettext as _
from admin_app.mail import post
from admin_app.services import cycles, letters, reminder_texts
from admin_app.services.errors import Conflict, Invalid
from admin_app.views.common import actor, clock, permission
from admin_app.views.letters import folder

blueprint = Blueprint("reminder_texts", __name__, url_prefix="/reminder-texts")
# of a unit that is nobody's: level → its name in Thai and in English
EXAMPLES = {
    "school": ("โรงเรียนบ้านตัวอย่าง", "Ban Tua Yang School"),
    "lao": ("อบต.ตัวอย่าง", "Tua Yang SAO"),
    "province": ("ตัวอย่าง", "Tua Yang"),
}


@blueprint.get("/")
@permission("reminder_text:edit")
def index() -> Any:
    """Every wording, and whether it is the standard one."""
    return render_template(
        "reminders/texts.html",
        wordings=reminder_texts.all_wordings(),
        levels=BY_KEY,
        languages=LANGUAGES,
        letters=folder() is not None,
    )


def _example(level: str, language: str, wording: Wording) -> Wording:
    """The letter as it would be, filled with an example."""
    department = cycles.department()
    name, name_en = EXAMPLES[level]
    now = clock()
    facts = Facts(
        unit=name,
        unit_en=name_en,
        cycle="ปีการศึกษา 2567 ครั้งที่ 1",
        cycle_en="cycle 2567-1",
        due=now + timedelta(days=3),
        closes=now + timedelta(days=4),
        left=7,
        link=post.address("/units/…"),
        sender=department.name,
        sender_en=department.name_en,
        sender_level=department.level,
        off=letters.off_address(None),
        helper=department.name,
        helper_en=department.name_en,
        phone=department.phone,
    )
    return letter(wording, facts, language)


def _form(
    level: str,
    language: str,
    shown: Wording,
    version: int,
    status: int = 200,
    errors: dict[str, str] | None = None,
    current: Wording | None = None,
) -> Any:
    """The form; ``version``: of the wording that the person began with, or has seen since."""
    return (
        render_template(
            "reminders/text.html",
            level=BY_KEY[level],
            language=language,
            language_name=LANGUAGES[language],
            shown=shown,
            standard=STANDARD[level, language],
            changed=reminder_texts.all_wordings()[level, language][1],
            errors=errors or {},
            current=current,
            version=version,
            placeholders=[one for one in PLACEHOLDERS if level in one.levels],
            example=None if errors else _example(level, language, shown),
            events=[
                (event, json.loads(event.details))
                for event in reminder_texts.changes(level, language)
            ],
            most=(LONGEST_SUBJECT, LONGEST_TEXT),
        ),
        status,
    )


@blueprint.route("/<level>/<language>", methods=["GET", "POST"])
@permission("reminder_text:edit")
def edit(level: str, language: str) -> Any:
    """Change a wording, look at it filled in, or go back to the standard one."""
    if (level, language) not in STANDARD:
        abort(404)
    if request.method == "GET":
        latest = reminder_texts.version_of(level, language)
        return _form(level, language, reminder_texts.wording(level, language), latest)
    typed = Wording(
        request.form.get("subject", "").strip(),
        request.form.get("text", "").replace("\r\n", "\n").strip(),
    )
    version = request.form.get("version", -1, type=int)
    if "look" in request.form:
        errors = {key: say(*told) for key, told in wrong(level, typed).items()}
        return _form(level, language, typed, version, 422 if errors else 200, errors)
    back = "standard" in request.form
    wanted = reminder_texts.STANDARD_AGAIN if back else typed
    try:
        changed = reminder_texts.change(actor(), level, language, version, wanted, clock)
    except Invalid as invalid:
        errors = {key: say(*told) for key, told in invalid.errors.items()}
        return _form(level, language, typed, version, 422, errors)
    except Conflict as conflict:
        flash(_("Somebody else changed this in the meantime. Compare both versions."), "error")
        latest = reminder_texts.version_of(level, language)
        return _form(level, language, typed, latest, 409, current=conflict.current)
    if changed:
        flash(_("The wording is saved. The next letters say it so."), "success")
    return redirect(url_for("reminder_texts.index"))
