"""Every table of the first release, as a frozen copy that later models do not touch.

The history and the access log are append-only: triggers refuse UPDATE and DELETE. On PostgreSQL the
key columns compare by code point, so that a prefix search is an index range as it is on SQLite.
"""

from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

APPEND_ONLY = ("event", "access_log")
CODE_POINT_ORDER = (
    ("unit", "name_key"),
    ("unit", "code"),
    ("student", "sort_key"),
    ("student", "last_key"),
    ("student", "id_number"),
)


def tables(db):
    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class District(Table):
        code = CharField(max_length=4, unique=True)
        name = CharField()
        name_en = CharField(default="")
        province_code = CharField(max_length=2, index=True)

    class Subdistrict(Table):
        code = CharField(max_length=6, unique=True)
        name = CharField()
        name_en = CharField(default="")
        district = ForeignKeyField(District, backref="subdistricts", on_delete="RESTRICT")

    class Unit(Table):
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
        code = CharField(max_length=8, unique=True)
        name = CharField()
        name_en = CharField()
        stage = CharField(max_length=32)
        position = IntegerField()
        min_age = IntegerField()
        max_age = IntegerField()
        kinds = CharField()
        meals = BooleanField(default=False)
        active = BooleanField(default=True)

    class SchoolGrade(Table):
        school = ForeignKeyField(Unit, backref="grades", on_delete="CASCADE")
        grade = ForeignKeyField(Grade, backref="+", on_delete="RESTRICT")

        class Meta:
            indexes = ((("school", "grade"), True),)

    class Code(Table):
        list = CharField(max_length=32)
        code = CharField(max_length=16)
        name = CharField()
        name_en = CharField(default="")
        position = IntegerField(default=0)
        active = BooleanField(default=True)

        class Meta:
            indexes = ((("list", "code"), True),)

    class User(Table):
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
        created_at = DateTimeField()
        signed_in_at = DateTimeField(null=True)
        version = IntegerField(default=1)

        class Meta:
            table_name = "account"
            constraints = [
                Check("role IN ('department', 'helpdesk', 'province', 'lao', 'school')"),
            ]
            indexes = ((("role", "username"), False),)

    class UserSession(Table):
        token_hash = CharField(max_length=64, unique=True)
        user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
        created_at = DateTimeField()
        seen_at = DateTimeField()
        ended_at = DateTimeField(null=True)

    class LoginAttempt(Table):
        key = CharField(max_length=96)
        at = DateTimeField()

        class Meta:
            indexes = ((("key", "at"), False),)

    class PasswordReset(Table):
        user = ForeignKeyField(User, backref="resets", on_delete="CASCADE")
        code_hash = CharField()
        created_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
        created_at = DateTimeField()
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)

    class Cycle(Table):
        code = CharField(max_length=8, unique=True)
        year = IntegerField()
        round = IntegerField()
        name = CharField()
        opens_at = DateTimeField()
        school_due_at = DateTimeField()
        lao_due_at = DateTimeField()
        province_due_at = DateTimeField()
        closes_at = DateTimeField()
        late_policy = CharField(max_length=8, default="accept")
        started_at = DateTimeField(null=True)
        version = IntegerField(default=1)

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
        id = BigAutoField()
        cycle = ForeignKeyField(Cycle, backref="states", on_delete="RESTRICT", index=False)
        unit = ForeignKeyField(Unit, backref="states", on_delete="RESTRICT")
        level = CharField(max_length=16)
        parent = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        lao = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        status = CharField(max_length=16, default="open")
        confirmed_at = DateTimeField(null=True)
        confirmed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
        late = BooleanField(default=False)
        reopened_reason = TextField(default="")
        extended_until = DateTimeField(null=True)
        revision = IntegerField(default=0)
        children = IntegerField(default=0)
        attested = IntegerField(default=0)

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
        id = BigAutoField()
        cycle = ForeignKeyField(Cycle, null=True, backref="+", on_delete="RESTRICT", index=False)
        unit = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        level = CharField(max_length=16, default="")
        province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        lao = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        tag = CharField(max_length=32)
        at = DateTimeField()
        user = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
        actor_name = CharField(default="")
        actor_role = CharField(max_length=16, default="")
        on_behalf = BooleanField(default=False)
        reason = TextField(default="")
        details = TextField(default="{}")
        student_id = IntegerField(null=True)

        class Meta:
            indexes = (
                (("cycle", "unit", "id"), False),
                (("cycle", "province", "id"), False),
                (("cycle", "lao", "id"), False),
                (("student_id", "id"), False),
            )

    class Snapshot(Table):
        id = BigAutoField()
        cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
        unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT")
        revision = IntegerField()
        taken_at = DateTimeField()
        content = TextField()
        digest = CharField(max_length=64, index=True)

        class Meta:
            indexes = ((("cycle", "unit", "revision"), True),)

    class Rate(Table):
        cycle = ForeignKeyField(Cycle, backref="rates", on_delete="RESTRICT")
        kind = CharField(max_length=16)
        school_kind = CharField(max_length=16, default="")
        low = IntegerField(default=1)
        high = IntegerField(default=1_000_000)
        satang = IntegerField()
        days = IntegerField()
        source = CharField(default="")

        class Meta:
            constraints = [
                Check("kind IN ('lunch', 'milk')"),
                Check("low >= 0 AND high >= low AND satang >= 0 AND days >= 0"),
            ]
            indexes = ((("cycle", "kind", "school_kind", "low"), True),)

    class Student(Table):
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
        attested_at = DateTimeField(null=True)
        attested_by = ForeignKeyField(
            User, null=True, backref="+", on_delete="RESTRICT", index=False
        )
        status = CharField(max_length=8, default="active")
        removal_reason = CharField(max_length=16, default="")
        version = IntegerField(default=1)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        updated_by = ForeignKeyField(
            User, null=True, backref="+", on_delete="RESTRICT", index=False
        )

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
            )

    class OtherSheet(Table):
        cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
        lao = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT")
        province = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
        declared_none = BooleanField(default=False)
        version = IntegerField(default=1)
        updated_at = DateTimeField()
        updated_by = ForeignKeyField(
            User, null=True, backref="+", on_delete="RESTRICT", index=False
        )

        class Meta:
            indexes = ((("cycle", "lao"), True), (("cycle", "province"), False))

    class OtherSchool(Table):
        sheet = ForeignKeyField(OtherSheet, backref="schools", on_delete="RESTRICT")
        cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
        lao = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
        province = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
        position = IntegerField(default=0)
        code = CharField(max_length=8, default="")
        name = CharField()
        affiliation = CharField(max_length=16)
        children = IntegerField(default=0)

        class Meta:
            indexes = (
                (("sheet", "name"), True),
                (("cycle", "province", "lao"), False),
                (("cycle", "lao"), False),
            )

    class OtherCount(Table):
        other_school = ForeignKeyField(OtherSchool, backref="counts", on_delete="CASCADE")
        grade = CharField(max_length=8)
        boys = IntegerField(default=0)
        girls = IntegerField(default=0)

        class Meta:
            constraints = [Check("boys >= 0 AND girls >= 0")]
            indexes = ((("other_school", "grade"), True),)

    class AccessLog(Table):
        id = BigAutoField()
        at = DateTimeField(index=True)
        user = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
        actor_role = CharField(max_length=16, default="")
        tag = CharField(max_length=32)
        cycle = ForeignKeyField(Cycle, null=True, backref="+", on_delete="RESTRICT", index=False)
        unit = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        details = TextField(default="{}")

    return (
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
        Snapshot,
        Rate,
        Student,
        OtherSheet,
        OtherSchool,
        OtherCount,
        AccessLog,
    )


def up(migrator, db):
    db.create_tables(tables(db), safe=False)
    if isinstance(db, SqliteDatabase):
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                db.execute_sql(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    for table, column in CODE_POINT_ORDER:
        db.execute_sql(
            f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DATA TYPE text COLLATE "C"'
        )
    db.execute_sql(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        db.execute_sql(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
    if not isinstance(db, SqliteDatabase):
        db.execute_sql("DROP FUNCTION refuse_change()")
