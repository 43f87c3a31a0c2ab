"""The one search box: units, accounts, and children by their whole number alone."""

from __future__ import annotations

import pytest

from admin_app.domain.search import is_identity_number
from admin_app.models import AccessLog
from tests.views.conftest import Panel, text


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("1810100123454", True),
        ("1-8101-00123-45-4", True),
        ("๑๘๑๐๑๐๐๑๒๓๔๕๔", True),
        ("G123456789012", True),
        ("181010012345", False),
        ("075-612345", False),
        ("1810100123454 สมชาย", False),
        ("อ่าวนาง", False),
        ("", False),
    ],
)
def test_what_is_a_whole_identity_number(typed: str, is_one: bool) -> None:
    assert is_identity_number(typed) is is_one


def test_a_childs_number_goes_into_no_address_and_the_look_is_logged(panel: Panel) -> None:
    child = panel.country.child(panel.school, panel.cycle)
    client = panel.client("helpdesk")
    answer = client.post("/find/", data={"q": child.id_number})
    assert answer.status_code == 302
    assert child.id_number not in answer.location
    page = text(client.get(answer.location))
    assert f"/children/details/?id={child.id}" in page
    assert child.last_name not in page
    assert AccessLog.select().where(AccessLog.tag == "child.searched").exists()


def test_one_unit_opens_at_once_and_several_are_offered(panel: Panel) -> None:
    client = panel.client("helpdesk")
    for typed in ("เลข 1810100123454", "1810100123454 สมชาย"):
        assert client.post("/find/", data={"q": typed}).status_code == 200
    answer = client.post("/find/", data={"q": panel.school.code}, follow_redirects=True)
    assert answer.request.path == f"/units/{panel.school.code}"
    page = text(client.post("/find/", data={"q": "บ้านที่"}, follow_redirects=True))
    assert panel.school.name in page
    assert panel.far.name in page


def test_an_account_is_found_by_its_name_by_who_looks_after_it(panel: Panel) -> None:
    user = panel.country.user("school", panel.school, username="somsri81")
    panel.country.user("school", panel.far, username="somsri82")
    found = text(panel.client("helpdesk").get("/find/?q=somsri"))
    assert "somsri81" in found
    assert "somsri82" in found
    answer = panel.client("lao").get("/find/?q=Somsri")
    assert answer.status_code == 302
    assert answer.location == f"/accounts/details/?id={user.id}"
    assert "somsri81" not in text(panel.client("province").get("/find/?q=somsri"))
