"""The demo: real places and DLA's published figures for Krabi, invented people, two cycles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from admin_app.database import transaction
from admin_app.domain.thai import to_local
from admin_app.models import Cycle, Student, Unit, User
from admin_app.services import findings
from seed import code_lists, demo_letter, demo_open
from seed.demo_units import build, cast, demo_users, give_contacts, staff
from seed.demo_walk import stopped_at


class NotADemoDatabase(RuntimeError):
    """The database holds real accounts or organisations: the demo does not mix with them."""


def loaded() -> bool:
    """Whether the demo is there already."""
    demo = User.select().where(User.username == "dla", User.demo)
    letter = Cycle.select().where(Cycle.code == demo_letter.CODE)
    return demo.exists() and letter.exists()


def load(now: datetime, *, report: Callable[[str], object] = print) -> None:
    """Fill an empty database with the demo, in one transaction; a second call changes nothing.

    ``now``: aware; the open cycle lies around it. Raises NotADemoDatabase over real data, and
    ValueError for a day before the letter's cycle has closed.
    """
    if now <= demo_letter.CLOSED_AT:
        raise ValueError("the demo begins after 11 June 2024, when its first cycle has closed")
    code_lists.load()
    with transaction():
        if loaded():
            report("The demo data is there already.")
            return
        if User.select().exists() or Unit.select().where(Unit.level == "lao").exists():
            raise NotADemoDatabase("the database holds real accounts or LAOs: use an empty one")
        clock = stopped_at(demo_letter.CREATED_AT)
        demo_users(clock())
        schools = build(cast()["dla"], clock)
        give_contacts()
        demo_users(clock())
        staff(clock())
        actors = cast()
        letter = demo_letter.create(actors["dla"])
        demo_letter.walk(letter, schools, actors)
        today = to_local(now).date()
        running = demo_open.create(actors["dla"], today)
        demo_open.walk(running, schools, actors, today)
        for school in schools:
            findings.ensure(running.id, school.unit, now)
        report(
            f"Demo data: {len(schools)} schools, {Student.select().count()} children in "
            f"{letter.code} (closed) and {running.code} (open)."
        )
