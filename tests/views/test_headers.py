"""What every answer carries, and what none does."""

from __future__ import annotations

import gzip
import logging
import re

import pytest

from admin_app.views import packing
from tests.views.conftest import Panel, child_at, text

PAGES = ("/", "/children/", "/children/new/", "/confirmations/", "/exports/", "/history/")


def test_the_policy_names_a_fresh_nonce_and_nothing_inline(panel: Panel) -> None:
    client = panel.client("school")
    seen = [client.get("/").headers["Content-Security-Policy"] for _ in range(2)]
    assert seen[0] != seen[1]
    assert "unsafe" not in seen[0]
    assert "'nonce-" in seen[0]
    assert "default-src 'none'" in seen[0]


@pytest.mark.parametrize("role", ["department", "helpdesk", "province", "lao", "school"])
def test_no_page_has_inline_code_or_another_host(panel: Panel, role: str) -> None:
    child = child_at(panel, panel.school)
    client = panel.client(role)
    more = (f"/children/details/?id={child.id}", f"/units/{panel.home(role).code}", "/nowhere")
    for address in (*PAGES, *more):
        page = text(client.get(address))
        assert not re.search(r"<[^>]*\son[a-z]+\s*=", page), address
        assert not re.search(r"<[^>]*\sstyle\s*=|<style|javascript:", page), address
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), address
        assert not re.search(r"""(src|href|action)=["'](https?:)?//""", page), address


def test_no_log_record_names_a_child(panel: Panel, caplog: pytest.LogCaptureFixture) -> None:
    child = child_at(panel, panel.school)
    caplog.set_level(logging.INFO)
    for role in ("school", "helpdesk", "province"):
        client = panel.client(role)
        client.get("/children/", query_string={"search": child.id_number})
        client.get(f"/children/details/?id={child.id}")
        client.post("/children/reveal", data={"id": child.id})
    for secret in (child.id_number, child.first_name, child.last_name):
        assert secret not in caplog.text


def test_pages_are_compressed_for_who_takes_it(panel: Panel) -> None:
    client = panel.client("school")
    plain = client.get("/children/")
    assert "Content-Encoding" not in plain.headers
    takes = {"Accept-Encoding": "gzip, deflate"}
    packed = client.get("/children/", headers=takes)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert b"</html>" in gzip.decompress(packed.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    refused = client.get("/children/", headers={"Accept-Encoding": "gzip;q=0"})
    asked = client.head("/children/", headers=takes)
    assert not {"Content-Encoding"} & {*refused.headers.keys(), *asked.headers.keys()}
    assert "Content-Encoding" not in client.get("/healthz", headers=takes).headers


def test_the_length_of_what_was_compressed_says_little_about_it() -> None:
    text = b"the same page, once more. " * 100
    answers = [packing.pack(text) for _ in range(30)]
    assert len({len(answer) for answer in answers}) > 5
    assert {gzip.decompress(answer) for answer in answers} == {text}
