"""The data rules: every rule with cases that break it and cases that do not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from admin_app.domain import evaluation
from admin_app.domain.checks import Child, Figures, GradeAges, Ground, age_on
from admin_app.domain.evaluation import Setting, run
from admin_app.domain.identity import make_pin
from admin_app.domain.rules import RULE, RULES, THRESHOLDS, Severity
from admin_app.domain.thai import sort_key

GROUND = Ground(
    kind="school",
    offered=frozenset({"K1", "P1", "P6"}),
    grades={
        "N1": GradeAges("เด็กเล็ก", 2, 3, ("centre",)),
        "K1": GradeAges("อนุบาล 1", 3, 4, ("school",)),
        "P1": GradeAges("ป.1", 6, 7, ("school",)),
        "P6": GradeAges("ป.6", 11, 12, ("school",)),
        "M1": GradeAges("ม.1", 12, 13, ("school",)),
    },
    today=date(2024, 5, 20),
    begins=date(2024, 5, 16),
)
GOOD: dict[str, Any] = {
    "id": 1,
    "id_kind": "pin",
    "id_number": "1234567890121",
    "no_id_reason": "",
    "prefix": "เด็กหญิง",
    "first_name": "สมหญิง",
    "last_name": "ใจดี",
    "sex": "F",
    "birth_date": date(2017, 3, 15),
    "grade": "P1",
    "nationality": "TH",
}


def child(**over: Any) -> Child:
    """A child without a fault but for ``over``."""
    values = GOOD | over
    return Child(**values, sort_key=sort_key(values["first_name"], values["last_name"]))


OTHER = child(id=2, id_number="3100600445635", first_name="สมชาย", prefix="เด็กชาย", sex="M")
Cases = list[tuple[dict[str, Any], bool]]

# rule about one child, or two of a school: (what the child differs in, whether the rule is broken)
CASES: dict[str, Cases] = {
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
    "name_not_thai": [
        ({}, False),
        ({"first_name": "สมหญิง 2"}, True),
        ({"last_name": "ใจดี๒"}, True),
        ({"first_name": "Somying"}, True),
        ({"first_name": "Somying", "nationality": "MM"}, False),
        ({"last_name": "ณ อยุธยา"}, False),
        ({"first_name": "ฮ.นูรฮายาตี"}, False),
    ],
    "prefix_against_sex": [
        ({}, False),
        ({"prefix": "เด็กชาย"}, True),
        ({"prefix": "นาย"}, True),
        ({"sex": "M"}, True),
        ({"prefix": "สามเณร", "sex": "M"}, False),
        ({"prefix": "สามเณร"}, True),
        ({"prefix": "ม.ล."}, False),
        ({"prefix": ""}, False),
        ({"prefix": "นางสาว"}, False),
    ],
    "grade_missing": [
        ({}, False),
        ({"grade": ""}, True),
        ({"grade": None}, True),
        ({"grade": "X9"}, True),
    ],
    "grade_not_of_kind": [
        ({}, False),
        ({"grade": "N1"}, True),
        ({"grade": "M1"}, False),  # told by grade_not_offered
        ({"grade": ""}, False),
    ],
    "grade_not_offered": [
        ({}, False),
        ({"grade": "M1"}, True),
        ({"grade": "N1"}, False),  # told by grade_not_of_kind
        ({"grade": ""}, False),  # told by grade_missing
    ],
    "born_in_future": [
        ({}, False),
        ({"birth_date": date(2024, 5, 20)}, False),
        ({"birth_date": date(2024, 5, 21)}, True),
        ({"birth_date": None}, False),
    ],
    "birth_date_missing": [({}, False), ({"birth_date": None}, True)],
    "age_unusual": [
        ({}, False),
        ({"birth_date": date(2019, 5, 16)}, False),  # five on that day: a year younger than usual
        ({"birth_date": date(2019, 5, 17)}, True),
        ({"birth_date": date(2014, 5, 17)}, False),  # nine: two years older than usual
        ({"birth_date": date(2014, 5, 16)}, True),
        ({"birth_date": date(2014, 5, 16), "grade": "P6"}, False),
        ({"birth_date": None}, False),
        ({"birth_date": date(2025, 1, 1)}, False),  # told by born_in_future
        ({"grade": ""}, False),
    ],
    "twice_in_school": [
        ({}, False),
        ({"id_number": OTHER.id_number}, True),
        ({"id_number": None}, False),
    ],
    "twin_in_school": [
        ({}, False),
        ({"first_name": "สมชาย"}, True),
        ({"first_name": "สมชาย", "birth_date": date(2017, 3, 16)}, False),
        ({"first_name": "สมชาย", "birth_date": None}, False),
        ({"first_name": "สมชาย", "id_number": OTHER.id_number}, False),  # told by the number
    ],
}
FLAT = [(code, over, broken) for code, cases in CASES.items() for over, broken in cases]


@pytest.mark.parametrize(("code", "over", "broken"), FLAT)
def test_each_rule_finds_what_breaks_it_and_nothing_else(
    code: str, over: dict[str, Any], broken: bool
) -> None:
    found = run([child(**over), OTHER], GROUND)
    assert any(f.rule == code and f.child_id == 1 for f in found) is broken


# rule about counts: (now, in the last round, whether the rule is broken)
Counts = Mapping[str, int]
FIGURES: dict[str, list[tuple[Counts, Counts | None, bool]]] = {
    "no_children": [({}, None, True), ({"P1": 0}, {}, True), ({"P1": 1}, None, False)],
    "total_changed": [
        ({"P1": 100}, None, False),
        ({"P1": 100}, {"P1": 100}, False),
        ({"P1": 120}, {"P1": 100}, False),  # 20 percent are not more than 20 percent
        ({"P1": 121}, {"P1": 100}, True),
        ({"P1": 79}, {"P1": 100}, True),
        ({"P1": 80}, {"P1": 100}, False),
        ({"P1": 30}, {"P1": 20}, False),  # half as many again, but ten children
        ({"P1": 31}, {"P1": 20}, True),
        ({"P1": 50, "P2": 50}, {"P1": 100}, False),
        ({"P1": 11}, {}, True),
        ({}, {"P1": 100}, False),  # told by no_children
    ],
    "grade_changed": [
        ({"P1": 100}, None, False),
        ({"P1": 60, "P2": 40}, {"P1": 60, "P2": 40}, False),
        ({"P1": 52, "P2": 48}, {"P1": 60, "P2": 40}, False),
        ({"P1": 45, "P2": 55}, {"P1": 60, "P2": 40}, True),
        ({"P1": 60}, {"P1": 60, "P2": 11}, True),
        ({"P1": 60}, {"P1": 60, "P2": 10}, False),
        ({}, {"P1": 60}, False),
    ],
    "other_changed": [
        ({"P1": 100}, None, False),
        ({"P1": 120}, {"P1": 100}, False),
        ({"P1": 121}, {"P1": 100}, True),
        ({"P1": 5}, {"P1": 4}, True),
        ({}, {"P1": 100}, False),  # told by other_none
    ],
    "other_none": [
        ({}, None, False),
        ({}, {}, False),
        ({}, {"P1": 1}, True),
        ({"P1": 1}, {"P1": 1}, False),
    ],
}


@pytest.mark.parametrize(
    ("code", "now", "before", "broken"),
    [(code, *case) for code, cases in FIGURES.items() for case in cases],
)
def test_each_rule_about_counts_finds_what_breaks_it(
    code: str, now: Counts, before: Counts | None, broken: bool
) -> None:
    found = evaluation.of_unit(RULE[code].level, Figures(now, before))
    assert any(f.rule == code and f.child_id == 0 for f in found) is broken


ELSEWHERE = {"number_elsewhere", "twin_elsewhere"}  # their cases: tests/services/test_findings.py


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_cases_a_source_and_one_check(rule: Any) -> None:
    answers = {case[-1] for case in [*CASES.get(rule.code, []), *FIGURES.get(rule.code, [])]}
    assert answers == {True, False} or rule.code in ELSEWHERE
    assert rule.message
    assert rule.source
    assert [rule.child, rule.twins, rule.unit].count(None) == 2
    assert rule.thresholds.keys() <= THRESHOLDS.keys()


def test_a_child_without_a_fault_is_left_alone() -> None:
    assert run([child(), OTHER], GROUND) == []


def test_the_same_number_twice_names_both_children() -> None:
    found = run([child(), OTHER, child(id=3)], GROUND)
    assert [(f.rule, f.child_id, f.params) for f in found] == [
        ("twice_in_school", 1, {"others": (3,)}),
        ("twice_in_school", 3, {"others": (1,)}),
    ]


def test_of_a_class_under_one_name_a_few_are_named_and_all_are_found() -> None:
    alike = [child(id=n, id_number=make_pin(f"18100{n:07}")) for n in range(1, 500)]
    found = [f for f in run(alike, GROUND) if f.rule == "twin_in_school"]
    assert len(found) == 499
    assert {len(f.params["others"]) for f in found} == {evaluation.MOST_TOLD}
    assert all(f.child_id not in f.params["others"] for f in found)


def test_two_children_without_a_number_are_not_the_same_child() -> None:
    nobody = {"id_kind": "none", "id_number": None, "no_id_reason": "stateless"}
    found = run([child(**nobody), child(**nobody, id=2, first_name="สมใจ")], GROUND)
    assert found == []


def test_findings_come_in_the_tables_order_and_all_at_once() -> None:
    over = {"id_number": "1234567890122", "first_name": "", "grade": "M1", "birth_date": None}
    found = [f.rule for f in run([child(**over)], GROUND)]
    assert found == ["identity_wrong", "name_missing", "grade_not_offered", "birth_date_missing"]


def test_a_rule_that_is_switched_off_finds_nothing() -> None:
    wrong = child(id_number="1234567890122")
    off = {"identity_wrong": Setting(False, {})}
    assert [f.rule for f in run([wrong], GROUND)] == ["identity_wrong"]
    assert run([wrong], GROUND, off) == []
    assert evaluation.of_unit("school", Figures(), {"no_children": Setting(False, {})}) == []


def test_a_threshold_that_is_moved_is_the_one_that_holds() -> None:
    old = child(birth_date=date(2014, 5, 16))
    assert [f.rule for f in run([old], GROUND)] == ["age_unusual"]
    wider = {"age_unusual": Setting(True, {"younger": 1, "older": 3})}
    assert run([old], GROUND, wider) == []


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2017, 5, 16), 7),
        (date(2017, 5, 17), 6),
        (date(2020, 2, 29), 4),
        (date(2024, 5, 16), 0),
        (date(2024, 5, 17), -1),
    ],
)
def test_an_age_is_in_whole_years(born: date, age: int) -> None:
    assert age_on(date(2024, 5, 16), born) == age


def test_a_note_on_a_change_of_counts_stands_while_the_change_stays_about_the_same() -> None:
    def found(now: int) -> evaluation.Finding:
        every = evaluation.of_unit("school", Figures({"P1": now}, {"P1": 100}))
        return next(f for f in every if f.rule == "total_changed")

    def basis(now: int) -> str:
        return found(now).basis

    for noted, now, stands in (
        (131, 132, True),
        (130, 131, True),
        (131, 141, True),
        (131, 142, False),
        (131, 69, False),
        (70, 69, True),
    ):
        assert evaluation.stands(basis(noted), found(now)) is stands, (noted, now)
    assert not evaluation.stands('{"age": 9}', found(131))


def test_queries_are_what_the_contract_calls_unusual_but_possible() -> None:
    queries = {code for code, rule in RULE.items() if rule.severity is Severity.QUERY}
    assert queries == {
        "birth_date_missing",
        "age_unusual",
        "twin_in_school",
        "twin_elsewhere",
        "total_changed",
        "grade_changed",
        "other_changed",
        "other_none",
    }
