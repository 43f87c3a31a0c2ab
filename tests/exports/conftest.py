"""A province worth exporting: two districts, three LAOs, five schools, other affiliations, rates.

เมืองกระบี่   อบจ.กระบี่     มัธยมเมือง        M1 2+1
             อบต.อ่าวนาง    บ้านช่องพลี        K1 2+1, P1 1+3
                           ศพด.อ่าวนาง       N1 1+1
เขาพนม       อบจ.กระบี่     มัธยมเขาพนม       M1 1+0, M4 0+2
             อบต.เขาดิน     (no school; declared that there are no others)
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import pytest
from peewee import Database

from admin_app.domain.access import Actor
from admin_app.exports.build import ExportResult, build
from admin_app.models import Cycle, District, Unit
from admin_app.services import other_counts
from admin_app.services.other_counts import SchoolRow
from seed.rates import load_rates
from tests.country import Country, ManualClock

CHILDREN: dict[str, dict[str, tuple[int, int]]] = {
    "มัธยมเมือง": {"M1": (2, 1)},
    "มัธยมเขาพนม": {"M1": (1, 0), "M4": (0, 2)},
    "บ้านช่องพลี": {"K1": (2, 1), "P1": (1, 3)},
    "ศพด.อ่าวนาง": {"N1": (1, 1)},
}
OTHERS = {"วัดกระบี่": {"K2": (4, 5), "P1": (10, 0)}}


@dataclass
class Made:
    """A workbook that was built: its result, formulas and the values in place."""

    result: ExportResult
    data: bytes
    formulas: Any = field(init=False)
    values: Any = field(init=False)

    def __post_init__(self) -> None:
        self.formulas = openpyxl.load_workbook(io.BytesIO(self.data))
        self.values = openpyxl.load_workbook(io.BytesIO(self.data), data_only=True)

    def rows(self, sheet: str) -> list[list[Any]]:
        """The values of a sheet, row by row."""
        return [list(row) for row in self.values[sheet].iter_rows(values_only=True)]

    def row(self, sheet: str, text: str, column: int = 1) -> list[Any]:
        """The one row that has ``text`` in a column."""
        found = [row for row in self.rows(sheet) if row[column] == text]
        assert len(found) == 1, f"{text!r} is in {len(found)} rows of {sheet}"
        return found[0]

    def texts(self) -> set[str]:
        """Every text of the workbook."""
        return {
            cell.value
            for sheet in self.values
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, str)
        }


@dataclass
class World:
    """The province with its people; ``made`` builds an export as somebody."""

    country: Country
    cycle: Cycle
    units: dict[str, Unit]

    def __getitem__(self, name: str) -> Unit:
        return self.units[name]

    @property
    def province(self) -> Unit:
        """Krabi."""
        return self.country.province("81")

    def actor(self, role: str, unit: Unit | None = None) -> Actor:
        """The person of a role: by default Krabi's, or the department's."""
        return self.country.actor(role, unit or (self.province if role == "province" else None))

    def made(
        self,
        name: str,
        unit: Unit | None = None,
        edition: str | None = None,
        actor: Actor | None = None,
        rates: int | None = None,
    ) -> Made:
        """Build an export, by default Krabi's own of itself."""
        out = io.BytesIO()
        who = actor or self.actor("province")
        where = unit or self.province
        now = self.country.clock()
        result = build(name, who, self.cycle, where, edition, now, out, rates=rates)
        return Made(result, out.getvalue())

    def confirm_all(self) -> None:
        """Confirm every school, LAO and the province, with the data that is there."""
        for level in ("school", "lao", "province"):
            for unit in Unit.select().where(Unit.province == self.province.id, Unit.level == level):
                self.country.confirm(unit, self.cycle)


def make_world(country: Country) -> World:
    """Krabi as the head of this file shows it, every child attested."""
    town, hill = District.get(District.code == "8101"), District.get(District.code == "8102")
    laos = {
        "อบจ.กระบี่": country.lao("81", name="อบจ.กระบี่", kind="อบจ.", district=town.id),
        "อบต.อ่าวนาง": country.lao("81", name="อบต.อ่าวนาง", kind="อบต.", district=town.id),
        "อบต.เขาดิน": country.lao("81", name="อบต.เขาดิน", kind="อบต.", district=hill.id),
    }
    pao, tao = laos["อบจ.กระบี่"], laos["อบต.อ่าวนาง"]
    schools = {
        "มัธยมเมือง": country.school(pao, ["M1"], name="มัธยมเมือง", district=town.id),
        "มัธยมเขาพนม": country.school(pao, ["M1", "M4"], name="มัธยมเขาพนม", district=hill.id),
        "บ้านช่องพลี": country.school(tao, ["K1", "P1"], name="บ้านช่องพลี", district=town.id),
        "ศพด.อ่าวนาง": country.school(tao, ["N1"], name="ศพด.อ่าวนาง", kind="centre"),
    }
    cycle = country.cycle()
    load_rates(cycle)
    for name, counts in CHILDREN.items():
        for grade, (boys, girls) in counts.items():
            country.children(schools[name], cycle, boys, grade=grade, sex="M", attested=True)
            country.children(schools[name], cycle, girls, grade=grade, sex="F", attested=True)
    for lao in laos.values():
        rows = [SchoolRow(n, "PESAO", "81000001", dict(c)) for n, c in OTHERS.items()]
        mine = rows if lao == tao else []
        other_counts.save(
            country.own(lao), cycle.id, lao.id, 0, mine, country.clock, declared_none=not mine
        )
    return World(country, cycle, laos | schools)


@pytest.fixture
def clock() -> ManualClock:
    """Noon in the middle of the cycle."""
    return ManualClock()


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Krabi, open."""
    return make_world(Country(db, clock))


@pytest.fixture
def confirmed(world: World) -> World:
    """Krabi, confirmed at every level."""
    world.confirm_all()
    return world
