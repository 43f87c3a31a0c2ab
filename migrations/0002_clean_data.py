"""What clean data needs: findings, rule settings, transfers, pieces of names, jobs, uploads.

Frozen copies, as in 0001. Columns that tables of 0001 get have a default in the database, so that
adding them rewrites no row. On PostgreSQL the history refuses TRUNCATE too. The keys of names are
made by the code that searches with them (``admin_app.domain``), which knows no tables.
"""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)
from playhouse.migrate import migrate

from admin_app.domain.search import pieces
from admin_app.domain.thai import sort_key

APPEND_ONLY = ("event", "access_log")
NEXT_GRADES = {
    **{"N1": "N2", "N2": "N3", "K1": "K2", "K2": "K3", "K3": "P1"},
    **{"P1": "P2", "P2": "P3", "P3": "P4", "P4": "P5", "P5": "P6", "P6": "M1"},
    **{"M1": "M2", "M2": "M3", "M3": "M4", "M4": "M5", "M5": "M6"},
    **{"V1": "V2", "V2": "V3", "D1": "D2"},
}


COUNTS = ("cycle_id", "school_id", "status", "grade", "sex")
COLUMNS = (
    ("grade", "next_code", CharField(max_length=8, default="", constraints=[SQL("DEFAULT ''")])),
    ("cycle", "rules_version", IntegerField(default=1, constraints=[SQL("DEFAULT 1")])),
    ("cycle", "carried_from", IntegerField(null=True)),
    ("unit_state", "active", BooleanField(default=True, constraints=[SQL("DEFAULT TRUE")])),
    ("unit_state", "checked", IntegerField(default=0, constraints=[SQL("DEFAULT 0")])),
    ("unit_state", "carried", IntegerField(null=True)),
    ("student", "leaver", BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])),
    ("student", "carried_from", BigIntegerField(null=True)),
    ("other_sheet", "recorded", BooleanField(default=True, constraints=[SQL("DEFAULT TRUE")])),
    ("district", "name_key", TextField(default="", constraints=[SQL("DEFAULT ''")])),
    ("other_school", "name_key", TextField(default="", constraints=[SQL("DEFAULT ''")])),
)
CODE_POINT_ORDER = (
    ("district", "name_key"),
    ("other_school", "name_key"),
    ("unit_piece", "key"),
    ("account", "username"),
)
CHUNK = 500


def tables(db):
    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Grade(Table):
        code = CharField()
        next_code = CharField()

    class Unit(Table):
        pass

    class User(Table):
        class Meta:
            table_name = "account"

    class Cycle(Table):
        pass

    class Finding(Table):
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
        found_at = DateTimeField()
        note = TextField(default="")
        noted_at = DateTimeField(null=True)
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
        cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
        rule = CharField(max_length=32)
        active = BooleanField(default=True)
        thresholds = TextField(default="{}")
        version = IntegerField(default=1)
        updated_at = DateTimeField()
        updated_by = ForeignKeyField(
            User, null=True, backref="+", on_delete="RESTRICT", index=False
        )

        class Meta:
            indexes = ((("cycle", "rule"), True),)

    class Transfer(Table):
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
        asked_at = DateTimeField()
        asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
        decided_at = DateTimeField(null=True)
        decided_by = ForeignKeyField(
            User, null=True, backref="+", on_delete="RESTRICT", index=False
        )
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
        id = BigAutoField()
        unit = ForeignKeyField(Unit, backref="+", on_delete="CASCADE")
        key = CharField(max_length=48)

        class Meta:
            indexes = ((("key", "unit"), False),)

    class Job(Table):
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
        created_at = DateTimeField()
        started_at = DateTimeField(null=True)
        beat_at = DateTimeField(null=True)
        ended_at = DateTimeField(null=True)
        worker = CharField(max_length=64, default="")

        class Meta:
            constraints = [
                Check("status IN ('queued', 'running', 'done', 'failed', 'cancelled')"),
                Check("(status IN ('queued', 'running')) = (ended_at IS NULL)"),
            ]
            indexes = ((("key", "status"), False), (("status", "created_at"), False))

    Job.add_index(Job.key, unique=True, where=SQL("ended_at IS NULL"), name="job_alive")

    class Upload(Table):
        id = BigAutoField()
        kind = CharField(max_length=16)
        cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
        unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
        owner = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
        file_name = CharField(max_length=200, default="")
        file = BlobField(null=True)
        plan = TextField(default="{}")
        status = CharField(max_length=16, default="preview")
        created_at = DateTimeField(index=True)
        decided_at = DateTimeField(null=True)

        class Meta:
            constraints = [
                Check("kind IN ('roster', 'other_counts')"),
                Check("status IN ('preview', 'accepted', 'discarded', 'expired')"),
                Check("(status = 'preview') = (decided_at IS NULL)"),
            ]

    return Grade, Finding, RuleSetting, Transfer, UnitPiece, Job, Upload


def fill_keys(db):
    """The keys that order districts and other schools, and those that find units."""
    mark = db.param
    for table in ("district", "other_school"):
        rows = db.execute_sql(f"SELECT id, name FROM {table}").fetchall()  # noqa: S608 (own names)
        statement = f"UPDATE {table} SET name_key = {mark} WHERE id = {mark}"  # noqa: S608
        for row_id, name in rows:
            db.execute_sql(statement, (sort_key(name), row_id))
    units = db.execute_sql("SELECT id, name, name_en, code, phone FROM unit").fetchall()
    keys = [{"unit": unit_id, "key": key} for unit_id, *texts in units for key in pieces(*texts)]
    unit_piece = tables(db)[4]
    for start in range(0, len(keys), CHUNK):
        unit_piece.insert_many(keys[start : start + CHUNK]).execute()


def up(migrator, db):
    migrate(
        *(
            migrator.add_column(table, name, field, allow_not_null=True)
            for table, name, field in COLUMNS
        )
    )
    migrate(migrator.add_index("student", COUNTS))
    grade = tables(db)[0]
    for code, following in NEXT_GRADES.items():
        grade.update(next_code=following).where(grade.code == code).execute()
    db.execute_sql(
        "UPDATE unit_state SET active = FALSE WHERE unit_id IN"
        " (SELECT id FROM unit WHERE NOT active)"
    )
    db.create_tables(tables(db)[1:], safe=False)
    if not isinstance(db, SqliteDatabase):
        for table, column in CODE_POINT_ORDER:
            db.execute_sql(
                f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DATA TYPE text COLLATE "C"'
            )
    fill_keys(db)
    migrate(migrator.add_index("other_school", ("cycle_id", "name_key", "id")))
    if isinstance(db, SqliteDatabase):
        return
    for table in APPEND_ONLY:
        db.execute_sql(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def down(migrator, db):
    if not isinstance(db, SqliteDatabase):
        for table in APPEND_ONLY:
            db.execute_sql(f"DROP TRIGGER {table}_no_truncate ON {table}")
        db.execute_sql(
            'ALTER TABLE "account" ALTER COLUMN "username"'
            ' SET DATA TYPE varchar(64) COLLATE "default"'
        )
    migrate(migrator.drop_index("other_school", "other_school_cycle_id_name_key_id"))
    db.drop_tables(list(reversed(tables(db)[1:])))
    migrate(migrator.drop_index("student", f"student_{'_'.join(COUNTS)}"))
    migrate(*(migrator.drop_column(table, name) for table, name, _ in reversed(COLUMNS)))
