"""Letters: how they are made, how they leave, and which ones certainly did not."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app import mail
from admin_app.config import BadSetting, Settings, from_environment
from admin_app.domain.reminders import is_address
from admin_app.mail import Post, Undelivered, Unknown, Unreachable
from tests.country import NOW
from tests.post_office import Office, open_office

SECRET = "only for the tests of letters, long enough"
OFF = "https://lec.example.org/reminders/off/token"


@pytest.fixture
def office() -> Iterator[Office]:
    """A mail server."""
    with open_office() as found:
        yield found


def post_of(url: str = "", *, demo: bool = False, files: str = "") -> Post:
    """Letters by these settings."""
    post = Post()
    more: dict[str, Any] = {"mail_from": "lec@example.org", "panel_url": "https://lec.example.org/"}
    post.bind(Settings("sqlite:///x.db", SECRET, demo=demo, files_dir=files, mail_url=url, **more))
    return post


def a_letter(post: Post, to: str = "a@example.org", subject: str = "ยืนยัน") -> EmailMessage:
    """A letter in Thai."""
    return post.letter(to, subject, "ข้อความ\n.\nบรรทัดสุดท้าย\n", OFF, NOW)


def test_a_letter_arrives_as_it_was_written(office: Office) -> None:
    post = post_of(office.url)
    with post.open() as way:
        way.send(a_letter(post))
        way.send(a_letter(post, "b@example.org"))
    assert office.addressees == ["a@example.org", "b@example.org"]
    assert office.connections == 1
    got = office.letters[0]
    body = got.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["ข้อความ", ".", "บรรทัดสุดท้าย"]
    assert got.get_content_type() == "text/plain"
    assert got["Subject"] == "ยืนยัน"
    assert got["From"] == "LEC <lec@example.org>"
    assert got["Date"].datetime == NOW
    assert got["Message-ID"].endswith("@example.org>")
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Unsubscribe"].strip() == f"<{OFF}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


# what the server says → what it means for the letter, and whether the next one leaves all the same
ANSWERS: dict[str, tuple[dict[str, str], type[Exception], bool]] = {
    "no such person": ({"RCPT TO:<a@": "550 no such person"}, Undelivered, True),
    "try later": ({"RCPT TO:<a@": "451 grey"}, Undelivered, True),
    "not this sender": ({"MAIL": "553 not you"}, Unreachable, False),
    "not now": ({"connect": "554 go away"}, Unreachable, False),
    "closing": ({"RCPT TO:<a@": "421 closing"}, Unreachable, True),
    "hangs up before": ({"DATA": "hang up"}, Unreachable, False),
    "not such a letter": ({"DATA": "554 no"}, Undelivered, False),
    "refused at its end": ({"letter": "552 too large"}, Undelivered, False),
    "hangs up at its end": ({"letter": "hang up"}, Unknown, False),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_the_server_answers_says_whether_the_letter_left(office: Office, case: str) -> None:
    office.says, expected, others = ANSWERS[case]
    post = post_of(office.url)
    with post.open() as way:
        with pytest.raises(expected):
            way.send(a_letter(post))
        if others:
            way.send(a_letter(post, "b@example.org"))
    assert office.addressees == ["b@example.org"] * others


def test_a_server_that_is_not_there_takes_no_letter() -> None:
    with open_office() as office:
        url = office.url
    post = post_of(url)
    with pytest.raises(Unreachable), post.open() as way:
        way.send(a_letter(post))


@pytest.mark.parametrize("wrong", ["smtp://mail..example.org", "smtp://lec:ลับ@{}"])
def test_a_setting_that_no_connection_can_be_made_with_is_as_no_server(
    office: Office, wrong: str
) -> None:
    office.says = {"EHLO": "250-ready\r\n250 AUTH PLAIN"}
    post = post_of(wrong.format(office.url.removeprefix("smtp://")))
    with pytest.raises(Unreachable), post.open() as way:
        way.send(a_letter(post))
    assert office.letters == []


def test_a_server_that_hung_up_between_two_letters_is_called_again(office: Office) -> None:
    post = post_of(office.url)
    with post.open() as way:
        way.send(a_letter(post))
        way._open.sock.close()  # type: ignore[attr-defined]
        way.send(a_letter(post, "b@example.org"))
    assert len(office.letters) == 2


def test_without_tls_no_letter_and_no_password_leaves_this_machine(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "LOCAL", set())
    post = post_of(office.url.replace("//", "//user:password@"))
    with pytest.raises(Unreachable), post.open() as way:
        way.send(a_letter(post))
    assert office.letters == []


@pytest.mark.parametrize("to", ["", "a", "a@b.org\r\nBcc: c@d.org", "a@b.org,c@d.org"])
def test_what_is_no_address_gets_no_letter(to: str) -> None:
    with pytest.raises(Undelivered):
        a_letter(post_of("smtp://127.0.0.1"), to)


names = st.text(st.sampled_from("ab.-_+'`\"\\ ก"), min_size=1, max_size=8)


@given(names, names)
def test_whatever_counts_as_an_address_is_written_to_as_it_is(name: str, host: str) -> None:
    address = f"{name}@{host}.org"
    if is_address(address):
        made = a_letter(post_of("smtp://127.0.0.1"), address)
        assert f"To: {address}\r\n".encode() in made.as_bytes()


def test_a_long_link_stays_whole_in_the_head_of_a_letter() -> None:
    off = f"https://{'lec.' * 40}example.org/reminders/off/token"
    made = post_of("smtp://127.0.0.1").letter("a@example.org", "ยืนยัน" * 30, "Text", off, NOW)
    head = made.as_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: <{off}>".encode() in head
    subject = [line for line in head if b"=?utf-8?" in line]
    assert len(subject) > 1
    assert max(map(len, subject)) <= 78


@given(st.text(st.sampled_from("\r\n\v\f\x85\u2028 :Bcc@") | st.characters(codec="utf-8")))
def test_no_subject_adds_a_header(subject: str) -> None:
    made = a_letter(post_of("smtp://127.0.0.1"), subject=subject)
    names = [line.split(b":")[0] for line in made.as_bytes().split(b"\r\n\r\n")[0].split(b"\r\n")]
    headers = [name for name in names if name[:1] not in (b" ", b"\t")]
    assert headers == [name.encode() for name in made]


def test_the_demo_writes_letters_into_a_folder_of_its_own(tmp_path: Path) -> None:
    post = post_of(demo=True, files=str(tmp_path / "lec-files"))
    assert post.folder == tmp_path / "lec-letters"
    with post.open() as way:
        way.send(a_letter(post))
    (path,) = post.folder.iterdir()
    assert stat.S_IMODE(post.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (kept,) = mail.kept(post.folder, 5)
    assert (kept.to, kept.subject, kept.at) == ("a@example.org", "ยืนยัน", NOW)
    assert "ข้อความ" in kept.text


def test_who_looks_at_the_demos_letters_sees_whole_ones(tmp_path: Path) -> None:
    post = post_of(demo=True, files=str(tmp_path / "lec-files"))
    letter, folder = a_letter(post), post.folder
    assert folder is not None
    seen: list[mail.Kept] = []

    class Watched(EmailMessage):
        def as_bytes(self, *_args: Any, **_more: Any) -> bytes:
            seen.extend(mail.kept(folder, 5))
            return letter.as_bytes()

    watched = Watched()
    watched["Date"] = str(letter["Date"])
    with post.open() as way:
        way.send(watched)
    assert seen == []
    assert len(mail.kept(folder, 5)) == 1


@pytest.mark.parametrize(
    ("url", "demo", "ready"),
    [("", False, False), ("", True, True), ("smtp://h", False, True), ("smtp://h", True, True)],
)
def test_letters_can_be_sent_through_a_server_or_in_the_demo(
    url: str, demo: bool, ready: bool
) -> None:
    post = post_of(url, demo=demo)
    assert post.ready is ready
    assert (post.folder is not None) is (demo and not url)


def test_a_token_stands_for_its_account_alone_and_under_its_secret_alone() -> None:
    post, other = post_of(), Post()
    other.bind(Settings("sqlite:///x.db", SECRET[::-1]))
    token = post.token(7)
    assert post.holder(token) == 7
    assert other.holder(token) is None
    for wrong in ("", "7", token[:-1], token + "x", token.replace(".", ""), "ก.ข"):
        assert post.holder(wrong) is None


BASE = {"SECRET_KEY": SECRET, "MAIL_FROM": "lec@example.org", "PANEL_URL": "https://x.org"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"MAIL_URL": "mail.example.org"},
        {"MAIL_URL": "http://mail.example.org"},
        {"MAIL_URL": "smtp://"},
        {"MAIL_URL": "smtp://host:port"},
        {"MAIL_FROM": "LEC <lec@example.org>"},
        {"MAIL_FROM": "lec.@example.org"},
        {"MAIL_FROM": "", "MAIL_URL": "smtp://host"},
        {"PANEL_URL": "", "MAIL_URL": "smtp://host"},
        {"PANEL_URL": "lec.example.org"},
    ],
    ids=str,
)
def test_a_wrong_setting_of_mail_ends_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=r"MAIL|PANEL"):
        from_environment(BASE | wrong)


def test_links_lead_to_the_address_that_was_set_or_to_the_demo_on_this_machine() -> None:
    set_ = from_environment(BASE | {"PANEL_URL": "https://lec.example.org/"})
    demo = from_environment({"SECRET_KEY": SECRET, "DEMO": "1", "PORT": "8123"})
    assert (set_.panel, demo.panel) == ("https://lec.example.org", "http://127.0.0.1:8123")
