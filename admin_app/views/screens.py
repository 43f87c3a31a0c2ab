"""The generated screens in one list, for the app and for the tests' sweep."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_admin import AdminIndexView, expose

from admin_app.views import (
    announcements,
    children,
    codes,
    cycles,
    history,
    jobs,
    organisations,
    other,
    states,
    users,
)
from admin_app.views.common import SIGNED_IN, permission


class HiddenIndex(AdminIndexView):
    """Flask-Admin wants an index of its own; people have the home page."""

    @expose("/")
    @permission(SIGNED_IN)
    def index(self) -> Any:
        return redirect(url_for("home.index"))


def all_views() -> list[Any]:
    """A fresh view of each screen (a view belongs to one app)."""
    return [
        children.ChildView(),
        organisations.DepartmentView(),
        organisations.ProvinceView(),
        organisations.LaoView(),
        organisations.SchoolView(),
        organisations.DistrictView(),
        other.OtherSchoolView(),
        states.StateView(),
        cycles.CycleView(),
        users.UserView(),
        codes.CodeView(),
        codes.GradeView(),
        history.HistoryView(),
        history.AccessLogView(),
        jobs.JobView(),
        announcements.AnnouncementView(),
    ]
