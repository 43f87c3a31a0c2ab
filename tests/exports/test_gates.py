"""The gates as a table, and the table of exports held to the contract."""

from __future__ import annotations

from datetime import timedelta

import pytest

from admin_app.domain.access import GRANTS
from admin_app.domain.levels import BY_KEY, DEPARTMENT, LAO, PROVINCE, SCHOOL
from admin_app.domain.moves import Status
from admin_app.exports.gates import EDITIONS, REASONS, Ground, NoSuchEdition, Shut, choose
from admin_app.exports.table import BY_NAME, EXPORTS
from tests.country import LETTER

OPEN, CONFIRMED = Status.OPEN, Status.CONFIRMED
DUE, CLOSES = LETTER["province_due_at"] - timedelta(hours=1), LETTER["closes_at"]


def ground(status: Status, *, started: bool = True) -> Ground:
    return Ground(started, status, LETTER["opens_at"], DUE, CLOSES)


# export, edition asked for, state of the unit, what comes: an edition or (reason, moment)
CASES = [
    ("roster", None, OPEN, ""),
    ("roster", None, CONFIRMED, ""),
    ("outstanding", None, OPEN, ""),
    ("outstanding", None, CONFIRMED, ""),
    ("province-summary", None, OPEN, "draft"),
    ("province-summary", None, CONFIRMED, "official"),
    ("province-summary", "draft", OPEN, "draft"),
    ("province-summary", "official", CONFIRMED, "official"),
    ("province-summary", "draft", CONFIRMED, ("draft_over", None)),
    ("province-summary", "official", OPEN, ("not_confirmed", DUE)),
    ("national-budget", None, OPEN, ("not_closed", CLOSES)),
    ("national-budget", "official", OPEN, ("not_closed", CLOSES)),
    ("national-budget", None, CONFIRMED, "official"),
    ("access-log", None, OPEN, ""),
    ("access-log", None, CONFIRMED, ""),
    ("certificate", None, OPEN, ("not_confirmed", DUE)),
    ("certificate", None, CONFIRMED, ""),
]


@pytest.mark.parametrize(("name", "asked", "status", "comes"), CASES)
def test_a_gate_opens_the_best_edition_or_says_why_not(
    name: str, asked: str | None, status: Status, comes: object
) -> None:
    editions = BY_NAME[name].editions
    if isinstance(comes, str):
        assert choose(editions, asked, ground(status)) == comes
        return
    with pytest.raises(Shut) as info:
        choose(editions, asked, ground(status))
    reason = info.value.reason
    assert (reason.code, reason.moment) == comes
    assert reason.message % dict.fromkeys(reason.params, "x")


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_nothing_is_exported_of_a_cycle_that_is_not_opened(export: object) -> None:
    for edition in (None, *export.editions):  # type: ignore[attr-defined]
        with pytest.raises(Shut) as info:
            choose(export.editions, edition, ground(OPEN, started=False))  # type: ignore[attr-defined]
        assert info.value.reason.code == "not_started"
        assert info.value.reason.moment == LETTER["opens_at"]


@pytest.mark.parametrize(
    ("name", "asked"), [("roster", "draft"), ("national-budget", "draft"), ("certificate", "draft")]
)
def test_an_edition_that_an_export_has_not_is_told_apart(name: str, asked: str) -> None:
    with pytest.raises(NoSuchEdition):
        choose(BY_NAME[name].editions, asked, ground(CONFIRMED))


def test_the_table_is_the_contracts() -> None:
    levels = {export.name: set(export.levels) for export in EXPORTS}
    assert levels == {
        "roster": {SCHOOL, LAO, PROVINCE},
        "province-summary": {PROVINCE},
        "outstanding": {LAO, PROVINCE, DEPARTMENT},
        "national-budget": {DEPARTMENT},
        "access-log": {DEPARTMENT},
        "certificate": {SCHOOL, LAO, PROVINCE},
    }
    for export in EXPORTS:
        subject, verb = export.permission.split(":")
        assert subject.replace("_", "-") == export.name
        assert verb == "export"
        assert export.permission in GRANTS
        assert set(export.levels) <= set(BY_KEY)
        assert set(export.editions) <= {"", *EDITIONS}


def test_every_reason_is_used() -> None:
    used = {comes[0] for *_, comes in CASES if isinstance(comes, tuple)} | {"not_started"}
    assert used == set(REASONS)
