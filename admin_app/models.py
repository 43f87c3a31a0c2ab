"""Every table, no behaviour. Migrations make them (``migrations/``); a test holds both together.

Scope columns (``school``, ``lao``, ``province``) stand on every row that a list filters on, so that
each list's query is one index range at two million children a round.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from peewee import (
    SQL,
    AutoField,
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

database = DatabaseProxy()


class UtcDateTimeField(DateTimeField):
    """Aware UTC in Python, naive UTC in the database."""

    def db_value(self, value: datetime | None) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)

    def python_value(self, value: Any) -> datetime | None:
        value = super().python_value(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class Table(Model):
    """Base of every table."""

    if TYPE_CHECKING:
        id = AutoField()

        def __getattr__(self, name: str) -> Any: ...

    class Meta:
        database = database
        legacy_table_names = False


# --- places and organisations ---------------------------------------------------------------


class District(Table):
    """A district (อำเภอ) with its DOPA code; the first two digits are its province's code."""

    code = CharField(max_length=4, unique=True)
    name = CharField()
    name_en = CharField(default="")
    province_code = CharField(max_length=2, index=True)
    name_key = TextField(default="", constraints=[SQL("DEFAULT ''")])


class Subdistrict(Table):
    """A sub-district (ตำบล) with its DOPA code."""

    code = CharField(max_length=6, unique=True)
    name = CharField()
    name_en = CharField(default="")
    district = ForeignKeyField(District, backref="subdistricts", on_delete="RESTRICT")


class Unit(Table):
    """A unit of any level: department, province, LAO or school. ``code`` is unique over all.

    ``province`` and ``lao`` hold the unit's own id on a province or LAO itself, so that "in this
    province" is one equality. ``kind``: อบจ., ทน., … for LAOs; school, college, centre for schools.
    """

    level = CharField(max_length=16)
    code = CharField(max_length=16, unique=True)
    name = CharField()
    name_en = CharField(default="")
    name_key = TextField(default="")
    kind = CharField(max_length=16, default="")
    parent = ForeignKeyField("self", null=True, backref="children", on_delete="RESTRICT")
    province = ForeignKeyField("self", null=True, backref="+", on_delete="RESTRICT")
    lao = ForeignKeyField("self", null=True, backref="+", on_delete="RESTRICT")
    district = ForeignKeyField(District, null=True, backref="units", on_delete="RESTRICT")
    contact_name = CharField(default="")
    phone = CharField(default="")
    email = CharField(default="")
    address = TextField(default="")
    active = BooleanField(default=True)
    version = IntegerField(default=1)

    class Meta:
        constraints = [
            Check("level IN ('department', 'province', 'lao', 'school')"),
            Check("level = 'department' OR parent_id IS NOT NULL"),
            Check("level NOT IN ('lao', 'school') OR province_id IS NOT NULL"),
            Check("level <> 'school' OR lao_id IS NOT NULL"),
        ]
        indexes = (
            (("level", "name_key"), False),
            (("province", "level", "name_key"), False),
            (("lao", "level", "name_key"), False),
            (("parent", "active"), False),
        )


class Grade(Table):
    """A grade (N1–N3, K1–K3, P1–P6, …): data that DLA edits. ``kinds``: space-separated.

    ``next_code``: the grade that a child is promoted to; "" when the child leaves after this one.
    """

    code = CharField(max_length=8, unique=True)
    name = CharField()
    name_en = CharField()
    stage = CharField(max_length=32)
    position = IntegerField()
    min_age = IntegerField()
    max_age = IntegerField()
    kinds = CharField()
    active = BooleanField(default=True)
    next_code = CharField(max_length=8, default="", constraints=[SQL("DEFAULT ''")])


class SchoolGrade(Table):
    """A grade that a school offers."""

    school = ForeignKeyField(Unit, backref="grades", on_delete="CASCADE")
    grade = ForeignKeyField(Grade, backref="+", on_delete="RESTRICT")

    class Meta:
        indexes = ((("school", "grade"), True),)


class Code(Table):
    """A row of a code list (prefix, nationality, disability, …): data that DLA edits."""

    list = CharField(max_length=32)
    code = CharField(max_length=16)
    name = CharField()
    name_en = CharField(default="")
    position = IntegerField(default=0)
    active = BooleanField(default=True)

    class Meta:
        indexes = ((("list", "code"), True),)


# --- people ---------------------------------------------------------------------------------


class User(Table):
    """An account. ``unit`` is the unit of the role's level that the person works for.

    ``reminders``: wants to be reminded by e-mail.
    """

    username = CharField(max_length=64, unique=True)
    password_hash = CharField(default="")
    name = CharField()
    role = CharField(max_length=16)
    unit = ForeignKeyField(Unit, backref="users", on_delete="RESTRICT")
    province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT")
    lao = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT")
    phone = CharField(default="")
    email = CharField(default="")
    language = CharField(max_length=2, default="th")
    active = BooleanField(default=True)
    in_office_until = DateField(null=True)
    must_change_password = BooleanField(default=True)
    demo = BooleanField(default=False)
    created_at = UtcDateTimeField()
    signed_in_at = UtcDateTimeField(null=True)
    version = IntegerField(default=1)
    reminders = BooleanField(default=True, constraints=[SQL("DEFAULT TRUE")])

    class Meta:
        table_name = "account"
        constraints = [
            Check("role IN ('department', 'helpdesk', 'province', 'lao', 'school')"),
        ]
        indexes = ((("role", "username"), False),)


class UserSession(Table):
    """A signed-in session, by the SHA-256 of its token; ended ones stay until pruned."""

    token_hash = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    created_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)


class LoginAttempt(Table):
    """A failed attempt, keyed by account or address, so that throttling holds over processes."""

    key = CharField(max_length=96)
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("key", "at"), False),)


class PasswordReset(Table):
    """A one-time code, by its hash, that lets a person set a new password."""

    user = ForeignKeyField(User, backref="resets", on_delete="CASCADE")
    code_hash = CharField()
    created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)


# --- the cycle ------------------------------------------------------------------------------


class Cycle(Table):
    """A round (2567-1) with the letter's five moments. ``started_at``: when DLA opened it.

    ``rules_version`` grows with each change of its rules, so that findings made before are known to
    be old. ``carried_from``: id of the cycle whose children and schools it took over.
    """

    code = CharField(max_length=8, unique=True)
    year = IntegerField()
    round = IntegerField()
    name = CharField()
    opens_at = UtcDateTimeField()
    school_due_at = UtcDateTimeField()
    lao_due_at = UtcDateTimeField()
    province_due_at = UtcDateTimeField()
    closes_at = UtcDateTimeField()
    late_policy = CharField(max_length=8, default="accept")
    started_at = UtcDateTimeField(null=True)
    version = IntegerField(default=1)
    rules_version = IntegerField(default=1, constraints=[SQL("DEFAULT 1")])
    carried_from = IntegerField(null=True)

    class Meta:
        constraints = [
            Check("round IN (1, 2)"),
            Check("late_policy IN ('accept', 'block')"),
            Check(
                "opens_at < school_due_at AND school_due_at <= lao_due_at"
                " AND lao_due_at <= province_due_at AND province_due_at <= closes_at"
            ),
        ]
        indexes = ((("year", "round"), True),)


class UnitState(Table):
    """Where a unit stands in a cycle: one row per (cycle, unit), with its scope columns.

    ``active``: takes part, as ``Unit.active`` was while the cycle ran. ``checked``: the version of
    the cycle's rules by which the unit's findings were made (0: never). ``carried``: how many
    children (an LAO: schools of other affiliations) it took over from the cycle before; None: that
    was not done, or not yet.
    """

    id = BigAutoField()
    cycle = ForeignKeyField(Cycle, backref="states", on_delete="RESTRICT", index=False)
    unit = ForeignKeyField(Unit, backref="states", on_delete="RESTRICT")
    level = CharField(max_length=16)
    parent = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    lao = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    status = CharField(max_length=16, default="open")
    confirmed_at = UtcDateTimeField(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    late = BooleanField(default=False)
    reopened_reason = TextField(default="")
    extended_until = UtcDateTimeField(null=True)
    revision = IntegerField(default=0)
    children = IntegerField(default=0)
    attested = IntegerField(default=0)
    active = BooleanField(default=True, constraints=[SQL("DEFAULT TRUE")])
    checked = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    carried = IntegerField(null=True)

    class Meta:
        constraints = [
            Check("status IN ('open', 'confirmed')"),
            Check("(status = 'open') = (confirmed_at IS NULL)"),
        ]
        indexes = (
            (("cycle", "unit"), True),
            (("cycle", "level", "status"), False),
            (("cycle", "parent", "status"), False),
            (("cycle", "province", "level"), False),
            (("cycle", "lao", "level"), False),
        )


class Event(Table):
    """The append-only history: a row is never changed or deleted (a trigger refuses it).

    The entries of a unit (of no unit: together) are a chain: ``number`` counts them from 1,
    ``previous`` is the digest of the one before, ``digest`` covers this one (``domain/proof.py``).
    """

    id = BigAutoField()
    cycle = ForeignKeyField(Cycle, null=True, backref="+", on_delete="RESTRICT", index=False)
    unit = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    level = CharField(max_length=16, default="")
    province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    lao = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    tag = CharField(max_length=32)
    at = UtcDateTimeField()
    user = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    actor_name = CharField(default="")
    actor_role = CharField(max_length=16, default="")
    on_behalf = BooleanField(default=False)
    reason = TextField(default="")
    details = TextField(default="{}")
    student_id = IntegerField(null=True)
    number = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    previous = CharField(max_length=64, default="", constraints=[SQL("DEFAULT ''")])
    digest = CharField(max_length=64, default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        indexes = (
            (("cycle", "unit", "id"), False),
            (("cycle", "province", "id"), False),
            (("cycle", "lao", "id"), False),
            (("student_id", "id"), False),
            (("unit", "number"), True),
        )


class HistoryHead(Table):
    """The last entry of each chain of the history, locked while one is added.

    ``chain``: the unit's id, 0 for the entries of no unit.
    """

    chain = IntegerField(unique=True)
    number = IntegerField()
    digest = CharField(max_length=64)


class Snapshot(Table):
    """What was confirmed: canonical JSON ``content`` and its SHA-256, one row per revision.

    ``lines``: of a school, a line per child, its id and the beginning of its digest, so that two
    revisions, or a revision and the rows, can be told apart child by child.
    """

    id = BigAutoField()
    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT")
    revision = IntegerField()
    taken_at = UtcDateTimeField()
    content = TextField()
    digest = CharField(max_length=64, index=True)
    lines = TextField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        indexes = ((("cycle", "unit", "revision"), True),)


class RateEdition(Table):
    """The rates of a cycle as DLA has set them at a moment; an edition is never changed.

    ``content`` is canonical JSON (``domain/money.py``), ``digest`` its SHA-256; ``made_by`` is None
    for what a seed or a new cycle brought along.
    """

    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    number = IntegerField()
    content = TextField()
    digest = CharField(max_length=64)
    made_at = UtcDateTimeField()
    made_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    reason = TextField(default="")

    class Meta:
        indexes = ((("cycle", "number"), True),)


# --- children -------------------------------------------------------------------------------


class Student(Table):
    """A child in a school in a cycle. ``sort_key`` and ``last_key`` order and find Thai names.

    ``carried_from``: id of the child's row in the cycle before. ``leaver``: carried over out of the
    school's last grade, and the school has not said yet whether the child has left.
    """

    id = BigAutoField()
    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    school = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    lao = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    province = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    id_kind = CharField(max_length=8)
    id_number = CharField(max_length=16, null=True)
    no_id_reason = CharField(default="")
    prefix = CharField(max_length=32, default="")
    first_name = CharField()
    last_name = CharField()
    sort_key = TextField()
    last_key = TextField()
    sex = CharField(max_length=1)
    birth_date = DateField(null=True)
    grade = CharField(max_length=8, default="")
    nationality = CharField(max_length=16, default="TH")
    disability = CharField(max_length=16, default="")
    disadvantage = CharField(max_length=16, default="")
    home_subdistrict = ForeignKeyField(
        Subdistrict, null=True, backref="+", on_delete="RESTRICT", index=False
    )
    entered_on = DateField(null=True)
    attested_at = UtcDateTimeField(null=True)
    attested_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    status = CharField(max_length=8, default="active")
    removal_reason = CharField(max_length=16, default="")
    version = IntegerField(default=1)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    updated_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    leaver = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])
    carried_from = BigIntegerField(null=True)

    class Meta:
        constraints = [
            Check("id_kind IN ('pin', 'gcode', 'none')"),
            Check("sex IN ('M', 'F')"),
            Check("status IN ('active', 'removed')"),
            Check("(status = 'removed') = (removal_reason <> '')"),
            Check("(attested_at IS NULL) = (attested_by_id IS NULL)"),
        ]
        indexes = (
            (("cycle", "school", "status", "sort_key", "id"), False),
            (("cycle", "lao", "status", "sort_key", "id"), False),
            (("cycle", "province", "status", "sort_key", "id"), False),
            (("cycle", "status", "sort_key", "id"), False),
            (("cycle", "province", "last_key"), False),
            (("cycle", "last_key"), False),
            (("cycle", "id_number"), False),
            (("grade", "cycle", "status", "sort_key", "id"), False),
            (("cycle", "school", "status", "grade", "sex"), False),
        )


# --- schools of other affiliations -------------------------------------------------------------


class OtherSheet(Table):
    """The other-affiliation counts of an LAO in a cycle as one sheet: saved whole or not at all.

    ``recorded``: somebody saved it in this cycle; False while it holds what was carried over, which
    is schools without counts.
    """

    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    lao = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT")
    province = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    declared_none = BooleanField(default=False)
    version = IntegerField(default=1)
    updated_at = UtcDateTimeField()
    updated_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    recorded = BooleanField(default=True, constraints=[SQL("DEFAULT TRUE")])

    class Meta:
        indexes = ((("cycle", "lao"), True), (("cycle", "province"), False))


class OtherSchool(Table):
    """A school of another affiliation in an LAO's area, as a row of its sheet."""

    sheet = ForeignKeyField(OtherSheet, backref="schools", on_delete="RESTRICT")
    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    lao = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    province = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    position = IntegerField(default=0)
    code = CharField(max_length=8, default="")
    name = CharField()
    affiliation = CharField(max_length=16)
    children = IntegerField(default=0)
    name_key = TextField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        indexes = (
            (("sheet", "name"), True),
            (("cycle", "province", "lao"), False),
            (("cycle", "lao"), False),
            (("cycle", "name_key", "id"), False),
        )


class OtherCount(Table):
    """Boys and girls of one grade in a school of another affiliation."""

    other_school = ForeignKeyField(OtherSchool, backref="counts", on_delete="CASCADE")
    grade = CharField(max_length=8)
    boys = IntegerField(default=0)
    girls = IntegerField(default=0)

    class Meta:
        constraints = [Check("boys >= 0 AND girls >= 0")]
        indexes = ((("other_school", "grade"), True),)


# --- what the rules found -----------------------------------------------------------------------


class Finding(Table):
    """A rule that a unit or a child breaks, as last found, with the note that explains it.

    ``unit`` is the school, or the LAO of a rule over its counts; ``student_id`` is 0 for a finding
    about the unit. ``basis`` is what was found, as text: a note stands while it stays the same.
    """

    id = BigAutoField()
    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT")
    level = CharField(max_length=16)
    lao = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    student_id = BigIntegerField(default=0)
    rule = CharField(max_length=32)
    severity = CharField(max_length=8)
    basis = TextField(default="")
    params = TextField(default="{}")
    found_at = UtcDateTimeField()
    note = TextField(default="")
    noted_at = UtcDateTimeField(null=True)
    noted_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)

    class Meta:
        constraints = [
            Check("severity IN ('error', 'query')"),
            Check("(note = '') = (noted_at IS NULL)"),
        ]
        indexes = (
            (("cycle", "unit", "student_id", "rule"), True),
            (("cycle", "rule", "unit"), False),
            (("cycle", "province", "rule"), False),
            (("cycle", "lao", "rule"), False),
            (("student_id",), False),
        )


class RuleSetting(Table):
    """A data rule as DLA has set it for a cycle: switched off, or with other thresholds (JSON)."""

    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    rule = CharField(max_length=32)
    active = BooleanField(default=True)
    thresholds = TextField(default="{}")
    version = IntegerField(default=1)
    updated_at = UtcDateTimeField()
    updated_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)

    class Meta:
        indexes = ((("cycle", "rule"), True),)


class Transfer(Table):
    """A child asked for by one school and held by another, found by its identity number.

    ``student_id`` is the row that the holding school has; ``moved_id`` the receiving school's, once
    it was released.
    """

    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    id_kind = CharField(max_length=8)
    id_number = CharField(max_length=16)
    from_school = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    to_school = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    student_id = BigIntegerField()
    moved_id = BigIntegerField(null=True)
    grade = CharField(max_length=8, default="")
    reason = TextField()
    status = CharField(max_length=16, default="asked")
    asked_at = UtcDateTimeField()
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    decided_at = UtcDateTimeField(null=True)
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
    decision_reason = TextField(default="")
    version = IntegerField(default=1)

    class Meta:
        constraints = [
            Check("status IN ('asked', 'released', 'refused', 'withdrawn')"),
            Check("(status = 'asked') = (decided_at IS NULL)"),
        ]
        indexes = (
            (("cycle", "from_school", "status"), False),
            (("cycle", "to_school", "status"), False),
            (("cycle", "student_id", "status"), False),
        )


class UnitPiece(Table):
    """How a unit is found: the sort key of its name from each place where a word may begin.

    So are its English name, its code and its telephone numbers (``domain/search.py``).
    """

    id = BigAutoField()
    unit = ForeignKeyField(Unit, backref="+", on_delete="CASCADE")
    key = CharField(max_length=48)

    class Meta:
        indexes = ((("key", "unit"), False),)


# --- work in the background, and what was uploaded -----------------------------------------------


class Job(Table):
    """Work that a worker does. ``key`` is the same for the same work; one of a key lives at a time.

    ``params``, ``result`` and ``error`` (a refusal) are JSON. ``worker``: who has it in hand, a new
    name each time it is taken up; ``beat_at``: that worker was alive then. ``file``: the name of
    what it made, kept for the owner until ``expires_at``.
    """

    id = BigAutoField()
    kind = CharField(max_length=32)
    key = CharField(max_length=128)
    cycle = ForeignKeyField(Cycle, null=True, backref="+", on_delete="RESTRICT", index=False)
    owner = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    params = TextField(default="{}")
    status = CharField(max_length=16, default="queued")
    done = IntegerField(default=0)
    total = IntegerField(default=0)
    doing = CharField(max_length=64, default="")
    attempts = IntegerField(default=0)
    cancel_asked = BooleanField(default=False)
    result = TextField(default="{}")
    error = TextField(default="")
    created_at = UtcDateTimeField()
    started_at = UtcDateTimeField(null=True)
    beat_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)
    worker = CharField(max_length=64, default="")
    file = CharField(max_length=120, default="", constraints=[SQL("DEFAULT ''")])
    expires_at = UtcDateTimeField(null=True, index=True)

    class Meta:
        constraints = [
            Check("status IN ('queued', 'running', 'done', 'failed', 'cancelled')"),
            Check("(status IN ('queued', 'running')) = (ended_at IS NULL)"),
        ]
        indexes = ((("key", "status"), False), (("status", "created_at"), False))


# two clicks, two people, two machines: one job
Job.add_index(Job.key, unique=True, where=SQL("ended_at IS NULL"), name="job_alive")


class Upload(Table):
    """An uploaded sheet while somebody looks at its preview; emptied once decided or too old.

    ``file`` holds the bytes as they came, ``plan`` (JSON) what accepting would write, row by row.
    """

    id = BigAutoField()
    kind = CharField(max_length=16)
    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    owner = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    file_name = CharField(max_length=200, default="")
    file = BlobField(null=True)
    plan = TextField(default="{}")
    status = CharField(max_length=16, default="preview")
    created_at = UtcDateTimeField(index=True)
    decided_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [
            Check("kind IN ('roster', 'other_counts')"),
            Check("status IN ('preview', 'accepted', 'discarded', 'expired')"),
            Check("(status = 'preview') = (decided_at IS NULL)"),
        ]


# --- telling people, and what they come back to ---------------------------------------------------


class Announcement(Table):
    """What DLA tells people on their home pages from one moment to another.

    ``level``: whose people ("" everybody's); ``province``: in one province alone.
    """

    title = CharField(max_length=200)
    text = TextField(default="")
    level = CharField(max_length=16, default="")
    province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField(index=True)
    made_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    made_at = UtcDateTimeField()
    version = IntegerField(default=1)

    class Meta:
        constraints = [Check("starts_at < ends_at")]


class CaseNote(Table):
    """What the helpdesk has noted about a unit, for the next who takes its call."""

    id = BigAutoField()
    unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
    text = TextField()
    made_at = UtcDateTimeField()
    made_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)

    class Meta:
        indexes = ((("unit", "id"), False),)


class ListMemory(Table):
    """How a person left a list: search, filters, order and page size, as JSON of parameters.

    What was searched for stands here and not in an address, which others may log.
    """

    id = BigAutoField()
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE", index=False)
    endpoint = CharField(max_length=64)
    args = TextField(default="{}")
    seen_at = UtcDateTimeField()

    class Meta:
        indexes = ((("user", "endpoint"), True),)


class ReminderText(Table):
    """The wording of reminders to a level in a language as DLA wrote it; both "": the standard."""

    level = CharField(max_length=16)
    language = CharField(max_length=2)
    subject = CharField(max_length=200, default="")
    text = TextField(default="")
    version = IntegerField(default=1)
    updated_at = UtcDateTimeField()
    updated_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)

    class Meta:
        constraints = [
            Check("level IN ('school', 'lao', 'province')"),
            Check("(subject = '') = (text = '')"),
        ]
        indexes = ((("level", "language"), True),)


class Reminder(Table):
    """A letter that reminds a person of a unit; the row is there before the letter leaves.

    ``day`` is Bangkok's: one a person and day, whoever sends. ``status``: sending (begun, and not
    known to have left), sent, failed (the mail server refused it).
    """

    id = BigAutoField()
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE", index=False)
    unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT")
    cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
    job = ForeignKeyField(Job, null=True, backref="+", on_delete="SET NULL")
    day = DateField(index=True)
    status = CharField(max_length=8, default="sending")
    at = UtcDateTimeField()

    class Meta:
        constraints = [Check("status IN ('sending', 'sent', 'failed')")]
        indexes = ((("user", "day"), True),)


# --- the log of who looked ------------------------------------------------------------------


class AccessLog(Table):
    """Every export and every full look at a child's data: who, what, how many rows, from where.

    Never changed, as ``Event``; a trigger lets rows go only when they are older than the 90 days
    that the Computer Crime Act asks for.
    """

    id = BigAutoField()
    at = UtcDateTimeField(index=True)
    user = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    actor_role = CharField(max_length=16, default="")
    tag = CharField(max_length=32)
    cycle = ForeignKeyField(Cycle, null=True, backref="+", on_delete="RESTRICT", index=False)
    unit = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
    details = TextField(default="{}")
    rows = IntegerField(null=True)
    address = CharField(max_length=45, default="", constraints=[SQL("DEFAULT ''")])


TABLES: tuple[type[Table], ...] = (
    District,
    Subdistrict,
    Unit,
    Grade,
    SchoolGrade,
    Code,
    User,
    UserSession,
    LoginAttempt,
    PasswordReset,
    Cycle,
    UnitState,
    Event,
    HistoryHead,
    Snapshot,
    RateEdition,
    Student,
    OtherSheet,
    OtherSchool,
    OtherCount,
    AccessLog,
    Finding,
    RuleSetting,
    Transfer,
    UnitPiece,
    Job,
    Upload,
    Announcement,
    CaseNote,
    ListMemory,
    ReminderText,
    Reminder,
)
