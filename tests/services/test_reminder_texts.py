"""The wording of reminders as data: changed by DLA, and back to the standard."""

from __future__ import annotations

import json

import pytest

from admin_app.domain.reminders import STANDARD, Wording
from admin_app.services import reminder_texts
from admin_app.services.errors import Conflict, Invalid, NotFound
from tests.services.conftest import Chain
from tests.services.test_races import race, surprises

OWN = Wording("ยืนยันด้วย {unit}", "กรุณายืนยัน\n{link}")
BACK = reminder_texts.STANDARD_AGAIN


def change(
    chain: Chain, wanted: Wording = OWN, version: int | None = None, role: str = "department"
) -> bool:
    """Change the Thai letter to LAOs, as it stands now unless told otherwise."""
    seen = reminder_texts.version_of("lao", "th") if version is None else version
    args = ("lao", "th", seen, wanted, chain.country.clock)
    return reminder_texts.change(chain.actor(role), *args)


def test_what_dla_writes_takes_the_place_of_the_standard_for_its_level_and_language(
    chain: Chain,
) -> None:
    assert change(chain)
    found = reminder_texts.all_wordings()
    assert found["lao", "th"] == (OWN, True)
    assert {key for key, (_wording, own) in found.items() if own} == {("lao", "th")}
    assert reminder_texts.wording("lao", "th") == OWN
    assert reminder_texts.wording("lao", "en") == STANDARD["lao", "en"]


@pytest.mark.parametrize("back", [BACK, STANDARD["lao", "th"]])
def test_the_standard_can_be_taken_again(chain: Chain, back: Wording) -> None:
    assert not change(chain, back)
    change(chain)
    assert change(chain, back)
    assert reminder_texts.all_wordings()["lao", "th"] == (STANDARD["lao", "th"], False)
    assert change(chain)
    assert reminder_texts.wording("lao", "th") == OWN


def test_every_change_stands_in_the_history_with_before_and_after(chain: Chain) -> None:
    change(chain)
    change(chain)
    change(chain, BACK)
    events = reminder_texts.changes("lao", "th")
    told = [json.loads(event.details) for event in events]
    standard = STANDARD["lao", "th"]
    assert [one["subject"] for one in told] == [
        [OWN.subject, standard.subject],
        [standard.subject, OWN.subject],
    ]
    assert [one["standard"] for one in told] == [True, False]
    assert reminder_texts.changes("lao", "en") == []


def test_the_second_of_two_editors_gets_what_the_first_one_wrote(chain: Chain) -> None:
    seen = reminder_texts.version_of("lao", "th")
    change(chain)
    with pytest.raises(Conflict) as conflict:
        change(chain, Wording("x", "{link}"), seen)
    assert conflict.value.current == OWN
    change(chain, BACK)
    with pytest.raises(Conflict):
        change(chain, Wording("x", "{link}"), 1)


def test_of_two_who_write_at_once_one_is_told(chain: Chain) -> None:
    chain.actor("department")
    texts = (Wording("one", "{link}"), Wording("two", "{link}"))
    results = race(*(lambda text=text: change(chain, text, 0) for text in texts))
    assert surprises(results) == []
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert len(reminder_texts.changes("lao", "th")) == 1


def test_what_cannot_be_sent_is_not_kept(chain: Chain) -> None:
    with pytest.raises(Invalid) as invalid:
        change(chain, Wording("", "without a link {nonsense}"))
    assert set(invalid.value.errors) == {"subject", "text"}
    assert reminder_texts.wording("lao", "th") == STANDARD["lao", "th"]


@pytest.mark.parametrize("role", ["helpdesk", "province", "lao", "school"])
def test_only_dla_writes_letters(chain: Chain, role: str) -> None:
    with pytest.raises(NotFound):
        change(chain, role=role)


@pytest.mark.parametrize("key", [("department", "th"), ("lao", "my"), ("", "")])
def test_there_is_no_letter_to_other_levels_or_in_other_languages(
    chain: Chain, key: tuple[str, str]
) -> None:
    with pytest.raises(NotFound):
        reminder_texts.change(chain.actor("department"), *key, 0, OWN, chain.country.clock)
