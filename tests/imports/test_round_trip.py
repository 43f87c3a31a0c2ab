"""Whatever roster a school has: its workbook, sent back as it is, changes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin_app.domain import thai
from admin_app.domain.identity import make_pin
from admin_app.imports import children
from admin_app.models import Subdistrict
from tests.imports.conftest import LIMITS, Chain, read, states, template

# what a person may have typed: any letters and signs, as the service stores them
ODD = ["=1+1", "+66", "-", "@ก", "'ก", "_x0041_", "1E5", "2560-01-01", "ก/ข", '"ก"', "TRUE", "0012"]
NAMES = st.one_of(st.sampled_from(ODD), st.text(max_size=30)).map(thai.clean)
PINS = st.integers(0, 899_999_999_999).map(lambda n: ("pin", make_pin(f"{n:012}"), ""))
IDENTITIES = st.one_of(
    PINS,
    st.integers(0, 10**12 - 1).map(lambda n: ("gcode", f"G{n:012}", "")),
    NAMES.map(lambda reason: ("none", None, reason)),
    st.sampled_from(["12", "1234567890122", ""]).map(lambda n: ("pin", n or None, "")),
)
DAYS = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2150, 1, 1)))
CHILDREN = st.fixed_dictionaries(
    {
        "identity": IDENTITIES,
        "prefix": st.sampled_from(["", "เด็กชาย", "นางสาว", "ม.ล.", "ดร.", "ด.ช."]),
        "first_name": NAMES,
        "last_name": NAMES,
        "sex": st.sampled_from("MF"),
        "birth_date": DAYS,
        "entered_on": DAYS,
        "grade": st.sampled_from(["K1", "P1", "M6", "N2", "", "X9"]),
        "nationality": st.sampled_from(["TH", "MM", "XX", "", "QQ"]),
        "disability": st.sampled_from(["", "4", "9", "77"]),
        "disadvantage": st.sampled_from(["", "12", "99"]),
        "place": st.sampled_from([None, "810101", "100101", "960101"]),
    }
)


@contextmanager
def school_of(chain: Chain, roster: list[dict[str, Any]]) -> Iterator[None]:
    """The chain's school with these children, put back at the end."""
    with chain.country.db.atomic() as whole:
        for values in roster:
            kind, number, reason = values["identity"]
            rest = {k: v for k, v in values.items() if k not in ("identity", "place")}
            place = Subdistrict.get_or_none(Subdistrict.code == values["place"])
            chain.country.child(
                chain.school,
                chain.cycle,
                id_kind=kind,
                id_number=number,
                no_id_reason=reason,
                home_subdistrict=place,
                **rest,
            )
        yield
        whole.rollback()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(roster=st.lists(CHILDREN, min_size=1, max_size=6))
def test_a_workbook_that_comes_back_as_it_is_changes_nothing(
    chain: Chain, roster: list[dict[str, Any]]
) -> None:
    with school_of(chain, roster):
        data = template(chain)
        plan = read(chain, data)
        assert states(plan) == {"unchanged": len(roster)}
        marked = io.BytesIO()
        args = (plan, chain.cycle, chain.school, LIMITS, chain.country.clock())
        children.marked(marked, data, *args, lambda text, params: text % params)
        assert states(read(chain, marked.getvalue())) == {"unchanged": len(roster)}
