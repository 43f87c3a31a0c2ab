"""What proves and pays: the chained history, children's lines in snapshots, editions of rates.

Frozen copies, as in 0001. Entries that are there already are chained in the order of their ids; the
rates of each cycle, and which grades count for meals, become its first edition. The access log lets
go of rows that are older than the 90 days of the Computer Crime Act, and of no others.
"""

import json
from datetime import UTC, datetime

from peewee import (
    SQL,
    BigAutoField,
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

from admin_app.domain.proof import canonical, digest, entry_digest


def text(length):
    return CharField(max_length=length, default="", constraints=[SQL("DEFAULT ''")])


COLUMNS = (
    ("event", "number", IntegerField(default=0, constraints=[SQL("DEFAULT 0")])),
    ("event", "previous", text(64)),
    ("event", "digest", text(64)),
    ("snapshot", "lines", TextField(default="", constraints=[SQL("DEFAULT ''")])),
    ("job", "file", text(120)),
    ("job", "expires_at", DateTimeField(null=True)),
    ("access_log", "rows", IntegerField(null=True)),
    ("access_log", "address", text(45)),
)
CHAIN = ("unit_id", "number")
MEALS = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])
KEPT = "90 days"
CHUNK = 1_000


def tables(db):
    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Cycle(Table):
        started_at = DateTimeField(null=True)

    class User(Table):
        class Meta:
            table_name = "account"

    class Grade(Table):
        code = CharField()
        position = IntegerField()
        meals = BooleanField(default=False)

    class Event(Table):
        id = BigAutoField()
        unit_id = IntegerField(null=True)
        cycle_id = IntegerField(null=True)
        user_id = IntegerField(null=True)
        tag = CharField()
        at = DateTimeField()
        actor_name = CharField()
        actor_role = CharField()
        on_behalf = BooleanField()
        reason = TextField()
        details = TextField()
        student_id = IntegerField(null=True)
        number = IntegerField()
        previous = CharField()
        digest = CharField()

    class HistoryHead(Table):
        chain = IntegerField(unique=True)
        number = IntegerField()
        digest = CharField(max_length=64)

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

    class RateEdition(Table):
        cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
        number = IntegerField()
        content = TextField()
        digest = CharField(max_length=64)
        made_at = DateTimeField()
        made_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT", index=False)
        reason = TextField(default="")

        class Meta:
            indexes = ((("cycle", "number"), True),)

    return Cycle, Grade, Event, HistoryHead, Rate, RateEdition


def chain(db):
    """Number and chain the entries that are there, and note each chain's head."""
    _cycle, _grade, event, head, *_ = tables(db)
    heads, changed = {}, []
    statement = "UPDATE event SET number = ?, previous = ?, digest = ? WHERE id = ?"
    statement = statement.replace("?", db.param)
    rows = list(event.select().order_by(event.id).dicts())
    for row in rows:
        number, before = heads.get(row["unit_id"] or 0, (0, ""))
        row |= {"number": number + 1, "previous": before}
        found = entry_digest(row)
        heads[row["unit_id"] or 0] = (number + 1, found)
        changed.append((number + 1, before, found, row["id"]))
    for start in range(0, len(changed), CHUNK):
        db.cursor().executemany(statement, changed[start : start + CHUNK])
    made = [{"chain": c, "number": n, "digest": d} for c, (n, d) in heads.items()]
    for start in range(0, len(made), CHUNK):
        head.insert_many(made[start : start + CHUNK]).execute()


def rates_to_editions(db):
    cycle, grade, _event, _head, rate, edition = tables(db)
    meals = grade.select(grade.code).where(grade.meals).order_by(grade.position)
    fed = [row.code for row in meals]
    for one in cycle.select():
        rows = rate.select().where(rate.cycle == one.id)
        rows = rows.order_by(rate.kind, rate.school_kind, rate.low).dicts()
        rates = [
            {key: value for key, value in row.items() if key not in ("id", "cycle")} | {"grade": ""}
            for row in rows
        ]
        if not rates:
            continue
        content = {"form": 1, "counted": {"lunch": fed, "milk": fed}, "rates": rates}
        edition.create(
            cycle=one.id,
            number=1,
            content=canonical(content),
            digest=digest(canonical(content)),
            made_at=one.started_at or datetime.now(UTC).replace(tzinfo=None),
        )


def editions_to_rates(db):
    _cycle, grade, _event, _head, rate, edition = tables(db)
    latest = {}
    for row in edition.select().order_by(edition.number):
        latest[row.cycle_id] = json.loads(row.content)
    fed = set()
    for cycle_id, content in latest.items():
        for row in content["rates"]:
            if row["kind"] in ("lunch", "milk"):
                values = {key: value for key, value in row.items() if key != "grade"}
                rate.create(cycle=cycle_id, **values)
        fed |= set(content["counted"].get("lunch", ()))
    grade.update(meals=True).where(grade.code << list(fed)).execute()


def keep_on_sqlite(db, table, condition=""):
    for verb, when in (("UPDATE", ""), ("DELETE", condition)):
        db.execute_sql(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def up(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    migrate(*(migrator.add_column(t, n, f, allow_not_null=True) for t, n, f in COLUMNS))
    _cycle, _grade, _event, head, rate, edition = tables(db)
    db.create_tables([head, edition], safe=False)
    if sqlite:
        db.execute_sql("DROP TRIGGER event_no_update")
    else:
        db.execute_sql("ALTER TABLE event DISABLE TRIGGER event_append_only")
    chain(db)
    if sqlite:
        db.execute_sql("DROP TRIGGER event_no_delete")
        keep_on_sqlite(db, "event")
        for verb in ("update", "delete"):
            db.execute_sql(f"DROP TRIGGER access_log_no_{verb}")
        keep_on_sqlite(db, "access_log", f"WHEN OLD.at > datetime('now', '-{KEPT}')")
        keep_on_sqlite(db, "rate_edition")
    else:
        db.execute_sql("ALTER TABLE event ENABLE TRIGGER event_append_only")
        db.execute_sql(
            "CREATE FUNCTION refuse_early() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF OLD.at > (now() AT TIME ZONE 'UTC') - interval '{KEPT}' THEN "
            "RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END IF; RETURN OLD; END $$"
        )
        db.execute_sql("DROP TRIGGER access_log_append_only ON access_log")
        db.execute_sql(
            "CREATE TRIGGER access_log_append_only BEFORE UPDATE ON access_log "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        db.execute_sql(
            "CREATE TRIGGER access_log_kept BEFORE DELETE ON access_log "
            "FOR EACH ROW EXECUTE FUNCTION refuse_early()"
        )
        db.execute_sql(
            "CREATE TRIGGER rate_edition_append_only BEFORE UPDATE OR DELETE ON rate_edition "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        db.execute_sql(
            "CREATE TRIGGER rate_edition_no_truncate BEFORE TRUNCATE ON rate_edition "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    migrate(
        migrator.add_index("event", CHAIN, unique=True),
        migrator.add_index("job", ("expires_at",)),
    )
    rates_to_editions(db)
    db.drop_tables([rate])
    migrate(migrator.drop_column("grade", "meals"))


def down(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    _cycle, _grade, _event, head, rate, edition = tables(db)
    migrate(migrator.add_column("grade", "meals", MEALS, allow_not_null=True))
    db.create_tables([rate], safe=False)
    editions_to_rates(db)
    db.drop_tables([edition, head])
    migrate(
        migrator.drop_index("event", f"event_{'_'.join(CHAIN)}"),
        migrator.drop_index("job", "job_expires_at"),
    )
    if sqlite:
        for table in ("event", "access_log"):
            for verb in ("update", "delete"):
                db.execute_sql(f"DROP TRIGGER {table}_no_{verb}")
    migrate(*(migrator.drop_column(table, name) for table, name, _ in reversed(COLUMNS)))
    if sqlite:
        keep_on_sqlite(db, "event")
        keep_on_sqlite(db, "access_log")
        return
    db.execute_sql("DROP TRIGGER access_log_kept ON access_log")
    db.execute_sql("DROP TRIGGER access_log_append_only ON access_log")
    db.execute_sql("DROP FUNCTION refuse_early()")
    db.execute_sql(
        "CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
