"""What the list is measured against: Flask-Admin's peewee view as it comes out of the box."""

from __future__ import annotations

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.peewee import ModelView
from flask_admin.contrib.peewee.filters import FilterEqual
from flask_admin.theme import Bootstrap4Theme
from flask_babel import Babel

from admin_app.models import Student, database


class PlainView(ModelView):
    """The default list of children: numbered pages, a count, LIKE searches."""

    can_create = can_edit = can_delete = False
    page_size = 50
    column_list = (
        "prefix",
        "first_name",
        "last_name",
        "id_number",
        "grade",
        "birth_date",
        "school",
    )
    column_searchable_list = ("first_name", "last_name", "id_number")
    column_filters = ("grade",)


class SortedView(PlainView):
    """The same, in the order of names, as ours is."""

    column_default_sort = "first_name"


def create_app() -> Flask:
    """An app with those views alone, on the bound database."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "only-for-the-benchmark"

    @app.before_request
    def open_connection() -> None:
        database.connect(reuse_if_open=True)

    @app.teardown_request
    def close_connection(error: object) -> None:
        database.close()

    Babel(app)
    admin = Admin(app, theme=Bootstrap4Theme())
    admin.add_view(PlainView(Student, endpoint="plain", url="/plain"))
    admin.add_view(SortedView(Student, endpoint="sorted", url="/sorted"))
    return app


def equals_grade() -> str:
    """The name of the parameter that filters by a grade, as Flask-Admin numbers it."""
    view = PlainView(Student, endpoint="numbers")
    number = next(n for n, one in enumerate(view._filters) if isinstance(one, FilterEqual))
    return f"flt0_{number}"
