"""Reminders by e-mail: who wants none, DLA's wording, and who was written to on which day."""

from peewee import (
    SQL,
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.migrate import migrate

WANTED = BooleanField(default=True, constraints=[SQL("DEFAULT TRUE")])


def tables(db):
    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Unit(Table):
        pass

    class Cycle(Table):
        pass

    class Job(Table):
        id = BigAutoField()

    class User(Table):
        class Meta:
            table_name = "account"

    class ReminderText(Table):
        level = CharField(max_length=16)
        language = CharField(max_length=2)
        subject = CharField(max_length=200, default="")
        text = TextField(default="")
        version = IntegerField(default=1)
        updated_at = DateTimeField()
        updated_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)

        class Meta:
            constraints = [
                Check("level IN ('school', 'lao', 'province')"),
                Check("(subject = '') = (text = '')"),
            ]
            indexes = ((("level", "language"), True),)

    class Reminder(Table):
        id = BigAutoField()
        user = ForeignKeyField(User, backref="+", on_delete="CASCADE", index=False)
        unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT")
        cycle = ForeignKeyField(Cycle, backref="+", on_delete="RESTRICT", index=False)
        job = ForeignKeyField(Job, null=True, backref="+", on_delete="SET NULL")
        day = DateField(index=True)
        status = CharField(max_length=8, default="sending")
        at = DateTimeField()

        class Meta:
            constraints = [Check("status IN ('sending', 'sent', 'failed')")]
            indexes = ((("user", "day"), True),)

    return ReminderText, Reminder


def up(migrator, db):
    migrate(migrator.add_column("account", "reminders", WANTED, allow_not_null=True))
    db.create_tables(tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
    migrate(migrator.drop_column("account", "reminders"))
