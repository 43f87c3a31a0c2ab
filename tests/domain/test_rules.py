"""The data rules: every rule with cases that break it and cases that do not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from admin_app.domain.rules import RULE, RULES, Child, Ground, Severity, run

GROUND = Ground(
    offered=frozenset({"K1", "P1"}), grades=frozenset({"K1", "P1", "M1"}), today=date(2024, 5, 20)
)
GOOD: dict[str, Any] = {
    "id": 1,
    "id_kind": "pin",
    "id_number": "1234567890121",
    "no_id_reason": "",
    "first_name": "สมหญิง",
    "last_name": "ใจดี",
    "birth_date": date(2017, 3, 15),
    "grade": "P1",
}
OTHER = Child(**GOOD | {"id": 2, "id_number": "3100600445635"})

# rule: (what the child differs in, whether the rule is broken)
CASES: dict[str, list[tuple[dict[str, Any], bool]]] = {
    "identity_missing": [
        ({}, False),
        ({"id_number": None}, True),
        ({"id_number": ""}, True),
        ({"id_kind": "gcode", "id_number": None}, True),
        ({"id_kind": "none", "id_number": None, "no_id_reason": "being applied for"}, False),
        ({"id_kind": "none", "id_number": None}, True),
        ({"id_kind": "none", "id_number": None, "no_id_reason": None}, True),
    ],
    "identity_wrong": [
        ({}, False),
        ({"id_number": "1234567890122"}, True),
        ({"id_number": "123456789012"}, True),
        ({"id_number": "0000000000001"}, False),  # people without registration status
        ({"id_kind": "gcode", "id_number": "G123456789012"}, False),
        ({"id_kind": "gcode", "id_number": "1234567890121"}, True),
        ({"id_number": None}, False),  # told by identity_missing
        ({"id_kind": "none", "id_number": None}, False),
    ],
    "name_missing": [({}, False), ({"first_name": ""}, True), ({"last_name": ""}, True)],
    "grade_missing": [({}, False), ({"grade": ""}, True), ({"grade": None}, True)],
    "grade_not_offered": [
        ({}, False),
        ({"grade": "M1"}, True),
        ({"grade": ""}, False),  # told by grade_missing
    ],
    "born_in_future": [
        ({}, False),
        ({"birth_date": date(2024, 5, 20)}, False),
        ({"birth_date": date(2024, 5, 21)}, True),
        ({"birth_date": None}, False),
    ],
    "twice_in_school": [
        ({}, False),
        ({"id_number": OTHER.id_number}, True),
        ({"id_number": None}, False),
    ],
}
FLAT = [(code, over, broken) for code, cases in CASES.items() for over, broken in cases]


@pytest.mark.parametrize(("code", "over", "broken"), FLAT)
def test_each_rule_finds_what_breaks_it_and_nothing_else(
    code: str, over: dict[str, Any], broken: bool
) -> None:
    found = run([Child(**GOOD | over), OTHER], GROUND)
    assert any(f.rule == code and f.child_id == 1 for f in found) is broken


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_cases_a_source_and_one_check(rule: Any) -> None:
    assert {broken for _, broken in CASES[rule.code]} == {True, False}
    assert rule.message
    assert rule.source
    assert (rule.child is None) != (rule.school is None)


def test_a_child_without_a_fault_is_left_alone() -> None:
    assert run([Child(**GOOD), OTHER], GROUND) == []


def test_the_same_number_twice_names_both_children() -> None:
    twin = Child(**GOOD | {"id": 3})
    found = [f.child_id for f in run([Child(**GOOD), OTHER, twin], GROUND)]
    assert found == [1, 3]


def test_two_children_without_a_number_are_not_the_same_child() -> None:
    nobody = {"id_kind": "none", "id_number": None, "no_id_reason": "stateless"}
    assert run([Child(**GOOD | nobody), Child(**GOOD | nobody | {"id": 2})], GROUND) == []


def test_findings_come_in_the_tables_order_and_all_at_once() -> None:
    over = {"id_number": "1234567890122", "first_name": "", "grade": "M1"}
    found = [f.rule for f in run([Child(**GOOD | over)], GROUND)]
    assert found == ["identity_wrong", "name_missing", "grade_not_offered"]


def test_what_blocks_a_confirmation_now_is_an_error() -> None:
    assert {code for code in RULE if RULE[code].severity is Severity.ERROR} == set(CASES)
