"""What people come back to: announcements, case notes, how they left a list."""

from peewee import (
    BigAutoField,
    CharField,
    Check,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def tables(db):
    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Unit(Table):
        pass

    class User(Table):
        class Meta:
            table_name = "account"

    class Announcement(Table):
        title = CharField(max_length=200)
        text = TextField(default="")
        level = CharField(max_length=16, default="")
        province = ForeignKeyField(Unit, null=True, backref="+", on_delete="RESTRICT", index=False)
        starts_at = DateTimeField()
        ends_at = DateTimeField(index=True)
        made_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
        made_at = DateTimeField()
        version = IntegerField(default=1)

        class Meta:
            constraints = [Check("starts_at < ends_at")]

    class CaseNote(Table):
        id = BigAutoField()
        unit = ForeignKeyField(Unit, backref="+", on_delete="RESTRICT", index=False)
        text = TextField()
        made_at = DateTimeField()
        made_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)

        class Meta:
            indexes = ((("unit", "id"), False),)

    class ListMemory(Table):
        id = BigAutoField()
        user = ForeignKeyField(User, backref="+", on_delete="CASCADE", index=False)
        endpoint = CharField(max_length=64)
        args = TextField(default="{}")
        seen_at = DateTimeField()

        class Meta:
            indexes = ((("user", "endpoint"), True),)

    return Announcement, CaseNote, ListMemory


def up(migrator, db):
    db.create_tables(tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
