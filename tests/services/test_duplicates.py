"""Duplicates: which groups each level sees, and what is read to find them."""

from __future__ import annotations

from typing import Any

import pytest
from peewee import Database

from admin_app.database import is_sqlite
from admin_app.domain.identity import make_pin
from admin_app.models import Cycle, Finding, Student, Unit
from admin_app.services import duplicates
from admin_app.services.errors import NotFound
from admin_app.services.twins import NUMBER_ELSEWHERE, TWIN_ELSEWHERE
from tests.country import Country
from tests.services.conftest import Chain
from tests.twins import BORN, mark, same_name, same_number

RULES = (NUMBER_ELSEWHERE, TWIN_ELSEWHERE)
SILLY_IDS = [None, "", "x", "²", 0, -1, 2**63, 10**30]


def make(rule: str, n: int, country: Country, cycle: Cycle, *schools: Unit) -> list[Student]:
    """The n-th group by this rule."""
    if rule == NUMBER_ELSEWHERE:
        return same_number(country, cycle, *schools, number=make_pin(f"1810000001{n:02}"))
    return same_name(country, cycle, *schools, first="กขคงจ"[n] + "านที")


def ids(found: duplicates.Group) -> list[int]:
    return [row.student.id for row in found.rows]


@pytest.fixture
def cousin(chain: Chain) -> Unit:
    """A school of another LAO in the chain's province."""
    return chain.country.school(chain.country.lao("81"))


@pytest.fixture(params=RULES)
def rule(request: pytest.FixtureRequest) -> str:
    """Found by number, found by name and birth date."""
    return str(request.param)


def test_a_level_lists_the_groups_that_lie_wholly_in_its_area(
    chain: Chain, cousin: Unit, rule: str
) -> None:
    country, cycle = chain.country, chain.cycle
    where = {
        "near": (chain.school, chain.sister),
        "cousins": (chain.sister, cousin),
        "apart": (chain.school, chain.far),
        "far": (chain.far, country.school(chain.far.lao)),
    }
    groups = {
        name: [row.id for row in make(rule, n, country, cycle, *schools)]
        for n, (name, schools) in enumerate(where.items())
    }

    def seen(actor: Any, **over: Any) -> set[str]:
        page = duplicates.page(actor, cycle.id, rule, 50, **over)
        assert duplicates.count(actor, cycle.id, rule, 50, **over) == len(page.groups)
        shown = [ids(group) for group in page.groups]
        names = {name for name, rows in groups.items() if rows in shown}
        assert len(names) == len(shown)
        for name, rows in groups.items():
            for row in rows:
                if over.get("own", True) is False and name in names:
                    assert ids(duplicates.group(actor, rule, row)) == rows
                elif name not in names and not over.get("own", True):
                    with pytest.raises(NotFound):
                        duplicates.group(actor, rule, row)
        return names

    lao, far_lao = chain.actor("lao"), country.own(chain.far.lao)
    province, far_province = chain.actor("province"), country.own(country.province("82"))
    dla = chain.actor("department")
    assert (seen(lao), seen(lao, own=False)) == ({"near"}, {"near"})
    assert (seen(far_lao), seen(far_lao, own=False)) == ({"far"}, {"far"})
    assert (seen(province), seen(province, own=False)) == ({"cousins"}, {"near", "cousins"})
    assert (seen(far_province), seen(far_province, own=False)) == (set(), {"far"})
    assert (seen(dla), seen(dla, own=False)) == ({"apart"}, set(groups))
    for stranger in (chain.actor("school"), chain.actor("helpdesk")):
        assert seen(stranger, own=False) == set()


def test_a_group_is_told_once_with_all_its_rows_and_the_unit_that_decides(
    chain: Chain, cousin: Unit, rule: str
) -> None:
    schools = (chain.school, chain.school, chain.sister, cousin)
    rows = make(rule, 0, chain.country, chain.cycle, *schools)
    [found] = duplicates.page(chain.actor("province"), chain.cycle.id, rule, 50).groups
    assert ids(found) == [row.id for row in rows]
    assert (found.unit, found.explained) == (chain.province, False)
    assert duplicates.count(chain.actor("lao"), chain.cycle.id, rule, 50) == 0


@pytest.mark.parametrize("marked", [(0,), (1,), (2,), (0, 2)])
def test_old_findings_only_say_where_to_look(
    chain: Chain, rule: str, marked: tuple[int, ...]
) -> None:
    third = chain.country.school(chain.lao)
    rows = make(rule, 0, chain.country, chain.cycle, chain.school, chain.sister, third)
    Finding.delete().execute()
    mark(rule, *(rows[n] for n in marked))
    lao = chain.actor("lao")
    [found] = duplicates.page(lao, chain.cycle.id, rule, 50).groups
    assert ids(found) == [row.id for row in rows]
    for row in rows[1:]:
        Student.update(status="removed", removal_reason="left").where(
            Student.id == row.id
        ).execute()
    assert duplicates.page(lao, chain.cycle.id, rule, 50).groups == []
    assert duplicates.count(lao, chain.cycle.id, rule, 50) == 0
    with pytest.raises(NotFound):
        duplicates.group(lao, rule, rows[0].id)


def test_what_stands_in_one_school_alone_or_in_another_cycle_is_no_group(
    chain: Chain, rule: str
) -> None:
    country, lao = chain.country, chain.actor("lao")
    twice = make(rule, 0, country, chain.cycle, chain.school, chain.school)
    later = country.cycle("2567-2")
    once, other = (make(rule, 1, country, c, chain.school)[0] for c in (chain.cycle, later))
    assert duplicates.page(lao, chain.cycle.id, rule, 50).groups == []
    for row in (*twice, once, other):
        with pytest.raises(NotFound):
            duplicates.group(lao, rule, row.id)


def test_children_without_number_or_birth_date_are_no_duplicates(chain: Chain) -> None:
    who = {"id_kind": "none", "id_number": None, "no_id_reason": "กำลังขอ", "birth_date": None}
    rows = [
        chain.country.child(school, chain.cycle, first_name="ฟ้าใส", last_name="ใจดี", **who)
        for school in (chain.school, chain.sister)
    ]
    lao = chain.actor("lao")
    for rule in RULES:
        mark(rule, *rows)
        assert duplicates.page(lao, chain.cycle.id, rule, 50).groups == []
        with pytest.raises(NotFound):
            duplicates.group(lao, rule, rows[0].id)


def test_of_the_same_name_another_birth_date_is_another_child(chain: Chain) -> None:
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    other = chain.country.child(
        chain.sister,
        chain.cycle,
        first_name="ฟ้าใส",
        last_name="ฮวดเจริญ",
        birth_date=BORN.replace(year=2016),
    )
    mark(TWIN_ELSEWHERE, other)
    [found] = duplicates.page(chain.actor("lao"), chain.cycle.id, TWIN_ELSEWHERE, 50).groups
    assert ids(found) == [row.id for row in rows]


@pytest.mark.parametrize("notes", [("", ""), ("a", ""), ("", "b"), ("a", "b")])
def test_a_group_is_explained_when_every_row_is(chain: Chain, notes: tuple[str, str]) -> None:
    rows = same_name(chain.country, chain.cycle, chain.school, chain.sister)
    Finding.delete().execute()
    lao = chain.actor("lao")
    for row, note in zip(rows, notes, strict=True):
        mark(TWIN_ELSEWHERE, row, note=note, noted_by=lao.user_id)
    found = {
        explained: [
            ids(group)
            for group in duplicates.page(
                lao, chain.cycle.id, TWIN_ELSEWHERE, 50, explained=explained
            ).groups
        ]
        for explained in (True, False)
    }
    everywhere = [[row.id for row in rows]]
    assert found == {all(notes): everywhere, not all(notes): []}


def test_pages_of_groups_go_on_where_the_last_one_ended(chain: Chain) -> None:
    made = [
        make(NUMBER_ELSEWHERE, n, chain.country, chain.cycle, *pair)[0].id
        for n, pair in enumerate([(chain.school, chain.sister), (chain.sister, chain.school)] * 4)
    ]
    lao, cycle = chain.actor("lao"), chain.cycle.id
    seen: list[int] = []
    after = None
    while True:
        page = duplicates.page(lao, cycle, NUMBER_ELSEWHERE, 3, after=after)
        seen += [ids(group)[0] for group in page.groups]
        if page.next is None:
            break
        after = page.next
    assert sorted(seen) == sorted(made)
    back = duplicates.page(lao, cycle, NUMBER_ELSEWHERE, 3, before=page.previous)
    assert [ids(group)[0] for group in back.groups] == seen[3:6]


@pytest.mark.parametrize("silly", SILLY_IDS)
def test_a_silly_id_or_rule_is_no_group(chain: Chain, silly: Any) -> None:
    with pytest.raises(NotFound):
        duplicates.group(chain.actor("department"), NUMBER_ELSEWHERE, silly)
    [row, _] = same_number(chain.country, chain.cycle, chain.school, chain.sister)
    with pytest.raises(NotFound):
        duplicates.group(chain.actor("department"), "twice_in_school", row.id)


def test_groups_are_found_by_the_index_of_what_they_share(
    db: Database, chain: Chain, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise each finding would cost a walk over the cycle's two million children."""
    if not is_sqlite():
        return  # PostgreSQL plans by statistics, which a small table has none of
    make(rule, 0, chain.country, chain.cycle, chain.school, chain.sister)
    run = db.execute_sql
    plans: dict[str, list[str]] = {}

    def noting(sql: str, params: Any = None) -> Any:
        if '"student"' in sql:
            plan = run(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
            plans[sql] = [step for *_, step in plan if "SCAN" in step or "student_" in step]
        return run(sql, params)

    monkeypatch.setattr(db, "execute_sql", noting)
    for role in ("lao", "province", "department"):
        for own in (True, False):
            duplicates.page(chain.actor(role), chain.cycle.id, rule, 50, own=own)
    needed = "id_number=?" if rule == NUMBER_ELSEWHERE else "sort_key=?"
    assert len(plans) >= 6
    for sql, steps in plans.items():
        assert any(needed in step for step in steps), f"{sql}: {steps}"
        for step in steps:
            good = needed in step or "rowid=?" in step or "finding" in step or "LIST" in step
            assert good, f"{sql}: {step}"
