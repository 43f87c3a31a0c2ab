"""Every route has a permission, and every role can open exactly what the table grants."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from admin_app.domain.access import GRANTS, ROLE, Reach, reach
from admin_app.domain.levels import BY_KEY
from admin_app.exports.table import EXPORTS, Export
from admin_app.views.base import CLOSED, ScopedView
from admin_app.views.common import PUBLIC, SIGNED_IN
from tests.views.conftest import Panel

OF_THE_DEMO = {"letters.index"}
OPEN_TO_ALL = {"static", "admin.static"}


def rules(app: Flask) -> list[Rule]:
    """Every rule but for static files."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in OPEN_TO_ALL]


def view_of(app: Flask, rule: Rule) -> tuple[ScopedView | None, str, Any]:
    """The screen behind a rule (None: a plain route), the name of its method, the function."""
    function = app.view_functions[rule.endpoint]
    blueprint, _, name = rule.endpoint.partition(".")
    for view in app.extensions["admin"][0]._views:
        if view.endpoint == blueprint and isinstance(view, ScopedView):
            return view, name, function
    return None, name, function


def is_closed(view: ScopedView, name: str) -> bool:
    """Whether the screen answers 404 on this route to everybody."""
    return name in CLOSED | view.closed


def _permission(app: Flask, rule: Rule) -> str:
    """What a route needs; "closed" for one that nobody may use."""
    view, name, function = view_of(app, rule)
    if view is None:
        plain = getattr(function, "permission", None)
        if plain is None:  # Flask-Admin wraps the method of a view
            owner = next(v for v in app.extensions["admin"][0]._views if v.endpoint == "admin")
            plain = getattr(owner, name).permission
        return str(plain)
    if is_closed(view, name):
        return "closed"
    with app.test_request_context():
        return view.verb(name)


def test_every_route_names_a_permission_of_the_table(app: Flask) -> None:
    for rule in rules(app):
        found = _permission(app, rule)
        assert found in {PUBLIC, SIGNED_IN, "closed"} | GRANTS.keys(), rule


def test_public_are_only_the_ways_in_the_language_the_health_check_and_a_letters_link(
    app: Flask,
) -> None:
    public = {rule.endpoint for rule in rules(app) if _permission(app, rule) == PUBLIC}
    ways_in = {"session.login", "session.reset", "session.language"}
    assert public == ways_in | {"health.healthz", "reminders.off"}


def test_every_screen_has_a_read_permission_in_the_table(app: Flask) -> None:
    for view in app.extensions["admin"][0]._views:
        if isinstance(view, ScopedView):
            assert f"{view.subject}:read" in GRANTS, view


def test_every_bulk_action_needs_a_permission_of_the_table(app: Flask) -> None:
    for view in app.extensions["admin"][0]._views:
        if isinstance(view, ScopedView) and view.endpoint != "states":
            for name in view._actions_data:
                if name != "delete":
                    assert f"{view.subject}:{view.actions_need[name]}" in GRANTS


def granted(role: str, needs: str) -> bool:
    """Whether the role has the permission on anything; who edits all edits contacts, too."""
    subject, verb = needs.split(":")
    whole = verb == "contact" and reach(role, f"{subject}:edit") is not None
    return whole or reach(role, needs) is not None


def addresses(app: Flask, method: str) -> list[tuple[Rule, str]]:
    """(rule, address) of every route that answers the method and needs nothing in its path."""
    return [
        (rule, rule.rule)
        for rule in rules(app)
        if method in (rule.methods or ()) and not rule.arguments
    ]


@pytest.mark.parametrize("role", ROLE)
def test_each_role_opens_what_the_table_grants_and_nothing_else(panel: Panel, role: str) -> None:
    panel.country.children(panel.school, panel.cycle, 2)
    client = panel.client(role)
    for rule, address in addresses(panel.app, "GET"):
        status = client.get(address).status_code
        needs = _permission(panel.app, rule)
        assert status < 500 or status == 503, address
        if needs == "closed":
            assert status == 404, address
        elif needs not in (PUBLIC, SIGNED_IN):
            view, name, _function = view_of(panel.app, rule)
            if not granted(role, needs) or rule.endpoint in OF_THE_DEMO:
                assert status == 404, (address, needs)
            elif name == "index_view" or view is None:
                assert status in (200, 302), (address, needs)


@pytest.mark.parametrize("role", ROLE)
def test_a_post_with_nothing_in_it_never_breaks_the_panel(panel: Panel, role: str) -> None:
    client = panel.client(role)
    for rule, address in addresses(panel.app, "POST"):
        if rule.endpoint == "session.logout":
            continue
        status = client.post(address, data={}).status_code
        needs = _permission(panel.app, rule)
        assert status < 500, address
        if needs == "closed" or (needs not in (PUBLIC, SIGNED_IN) and not granted(role, needs)):
            assert status == 404, (address, needs)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_each_role_gets_the_exports_of_the_table_and_of_its_own_units_alone(
    panel: Panel, export: Export
) -> None:
    near = {panel.province, panel.lao, panel.school}
    far = {panel.country.province("82"), panel.far_lao, panel.far, panel.country.department}
    for role in ROLE:
        client = panel.client(role)
        rank = BY_KEY[panel.home(role).level].rank
        how_far = reach(role, export.permission)
        for unit in near | far:
            address = f"/exports/{export.name}.{export.format}?cycle=2567-1&unit={unit.code}"
            with client.get(address) as answer:
                status = answer.status_code
            everywhere = panel.home(role).level == "department"
            within = everywhere or (unit in near and BY_KEY[unit.level].rank <= rank)
            own = how_far is not Reach.UNIT or unit == panel.home(role)
            if how_far and unit.level in export.levels and within and own:
                assert status in (200, 302, 403), (role, unit.code)
            else:
                assert status == 404, (role, unit.code)


def test_without_a_sign_in_everything_but_the_ways_in_leads_to_the_login(panel: Panel) -> None:
    client = panel.client()
    for method in ("GET", "POST"):
        for rule in rules(panel.app):
            if method not in (rule.methods or ()) or _permission(panel.app, rule) == PUBLIC:
                continue
            address = rule.rule
            for argument in rule.arguments:
                address = address.replace(f"<{argument}>", panel.school.code)
            answer = client.open(address, method=method)
            assert answer.status_code == 302, (method, address)
            assert answer.location.startswith("/login"), (method, address)


@pytest.mark.parametrize("address", ["/accounts/", "/children/?search=x", "/units/81"])
def test_the_login_brings_the_person_back_to_the_page_that_was_asked_for(
    panel: Panel, address: str
) -> None:
    assert "next=" in panel.client().get(address).location


JUNK = ("id", "after", "before", "page_size", "cycle", "order", "search", "unit", "grade", "lao")


@pytest.mark.parametrize("value", ["'", "-1", "99999999999999999999999", "๙", "²", "x\x00y", "%"])
@pytest.mark.parametrize("role", ["department", "school"])
def test_nonsense_in_a_lists_address_never_breaks_it(panel: Panel, role: str, value: str) -> None:
    client = panel.client(role)
    for address in ("/children/", "/schools/", "/confirmations/", "/accounts/", "/history/"):
        for key in (*JUNK, "province", "status", "problem", "active"):
            answer = client.get(address, query_string={key: value})
            assert answer.status_code in (200, 400, 404), (address, key)
    for address in ("/children/details/", "/children/edit/", "/find/", "/find/units"):
        for key in ("id", "q"):
            answer = client.get(address, query_string={key: value})
            assert answer.status_code in (200, 302, 400, 404), (address, key)
