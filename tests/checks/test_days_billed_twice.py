"""Bills of one account for days, methods and kinds that meet or overlap: every day is due once, by one method.

Beijing: 100 m2 at 24.00 are 2,400.00 for 120 days, 20.00 a day (京发改〔2018〕1号); metered 12.00 a m2 and 0.16 a kWh.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import pytest
from bill_cases import CITY, SEASON_FIRST, bill, bills_table, tariff
from black_box import Row, home, judged, paper

from checks.recompute import recompute
from checks.recompute.worksheet import worksheet

NETWORK = "北京市/city-network"
ONE = {"account_no": "A1"}
SEASON = paper(area_charge="2400.00", **ONE)
METERED = paper(heat_used="6000", heat_unit="kWh", base_charge="1200", metered_charge="960", **ONE)


def told(folder: Path, first: Row, second: Row, *roster: Row) -> tuple[str, str, str]:
    """Of the second bill: what is due, what is too much, and why."""
    earlier, later = judged(folder, NETWORK, [first, second], list(roster) or None)
    assert earlier["outcome"] == "conforms", earlier
    return later["recomputed_total"], later["overcharge"], later["cause"]


@pytest.mark.parametrize(
    ("second", "overcharge", "cause"),
    [
        (SEASON | {"kind": "settlement", "issued_on": "2026-05-20"}, "2400.00", "duplicate_bill"),
        (SEASON | {"billing_method": "metered"}, "2400.00", "billed_by_other_method"),
        (METERED, "2160.00", "billed_by_other_method"),
    ],
    ids=["settlement by area", "season bill by meter", "settlement by meter"],
)
def test_a_home_that_the_roster_bills_by_area_owes_its_season_once(
    tmp_path: Path, second: Row, overcharge: str, cause: str
) -> None:
    assert told(tmp_path, SEASON, second, home()) == ("0.00", overcharge, cause)


@pytest.mark.parametrize("method", ["area", "metered"])
def test_the_prepayment_of_a_metered_home_and_its_settlement_go_together(tmp_path: Path, method: str) -> None:
    """Pay the area fee, settle after the season: whatever method the prepayment states."""
    prepayment = SEASON | {"billing_method": method}
    assert told(tmp_path, prepayment, METERED, home(billing_method="metered")) == ("2160.00", "0.00", "")
    assert told(tmp_path, prepayment, METERED) == ("2160.00", "0.00", "")


@pytest.mark.parametrize(
    ("first", "second", "due", "overcharge"),
    [
        (
            {"service_to": "2026-01-13", "area_charge": "1200.00"},
            {"service_from": "2026-01-12", "area_charge": "1240.00"},
            "1200.00",
            "40.00",
        ),
        (
            {"service_to": "2025-12-14", "area_charge": "600.00"},
            {"area_charge": "2400.00"},
            "1800.00",
            "600.00",
        ),
        (
            {"service_from": "2026-01-01", "service_to": "2026-01-31", "area_charge": "620.00"},
            {"area_charge": "2400.00"},
            "1780.00",
            "620.00",
        ),
        (
            {"service_to": "2026-01-13", "area_charge": "1200.00"},
            {"service_from": "2026-01-13", "area_charge": "1220.00"},
            "1200.00",
            "20.00",
        ),
    ],
    ids=["two days", "the first month", "a month in the middle", "one shared day"],
)
def test_the_later_bill_is_due_for_the_days_not_yet_billed(
    tmp_path: Path, first: Row, second: Row, due: str, overcharge: str
) -> None:
    earlier, later = paper(**ONE, **first), paper(issued_on="2025-11-20", **ONE, **second)
    assert told(tmp_path, earlier, later, home()) == (due, overcharge, "days_billed_twice")


def test_the_later_bill_conforms_where_it_charges_the_other_days_alone(tmp_path: Path) -> None:
    earlier = paper(service_to="2025-12-14", area_charge="600.00", **ONE)
    assert told(tmp_path, earlier, paper(area_charge="1800.00", issued_on="2025-11-20", **ONE), home()) == (
        "1800.00",
        "0.00",
        "",
    )


def metered(first: str, last: str, opening: str, closing: str, base: str, heat: str, day: str) -> Row:
    more = {"service_from": first, "service_to": last, "reading_from": opening, "reading_to": closing}
    charges = {"base_charge": base, "metered_charge": heat, "heat_unit": "kWh"}
    return paper(**ONE, **more, **charges) | {"issued_on": day}


def test_heat_between_readings_that_was_billed_already_is_not_due_again(tmp_path: Path) -> None:
    """2 days of base are 20.00; 3,000.125 to 3,100.125 kWh were read twice: 100 kWh are 16.00."""
    first = metered("2025-11-15", "2026-01-13", "0.125", "3100.125", "600", "496.00", "2026-05-01")
    second = metered("2026-01-12", "2026-03-14", "3000.125", "6000.125", "620", "480.00", "2026-05-02")
    of_meter = home(billing_method="metered")
    assert told(tmp_path, first, second, of_meter) == ("1064.00", "36.00", "days_billed_twice")


def test_without_readings_the_heat_of_the_days_left_is_not_known(tmp_path: Path) -> None:
    first = paper(heat_used="3000", heat_unit="kWh", base_charge="600", metered_charge="480", **ONE)
    first |= {"service_to": "2026-01-13", "issued_on": "2026-05-01"}
    second = paper(heat_used="3000", heat_unit="kWh", base_charge="620", metered_charge="480", **ONE)
    second |= {"service_from": "2026-01-12"}
    found = judged(tmp_path, NETWORK, [first, second], [home(billing_method="metered")])[1]
    assert (found["outcome"], found["missing"]) == ("inconclusive", "heat_of_days_unknown")


def test_the_worksheet_names_the_earlier_bill_and_the_days_left() -> None:
    earlier = bill(bill_no="B-1", service_to=dt.date(2025, 12, 14), area_charge="600.00")
    later = bill(bill_no="B-2", area_charge="2400.00")
    found = worksheet(later, None, [tariff()], city=CITY, others=[earlier])
    assert (found.cause, found.overcharge) == ("days_billed_twice", Decimal("600.00"))
    assert any("B-1" in note.en and "2025-12-15–2026-03-14" in note.en for note in found.notes)


@pytest.mark.parametrize("seed", range(20))
def test_however_the_days_are_billed_each_is_due_once(seed: int) -> None:
    """20.00 a day: the bills together are due for the days of the season that any of them charges."""
    dice = random.Random(seed)
    rows, charged = [], set()
    for number in range(1, dice.randint(2, 6) + 1):
        start, length = dice.randint(0, 119), dice.randint(1, 119)
        days = range(start, min(start + length, 120))
        charged |= set(days)
        rows.append(
            bill(
                bill_no=f"B-{number}",
                kind=dice.choice(["season", "settlement"]),
                service_from=SEASON_FIRST + dt.timedelta(days[0]),
                service_to=SEASON_FIRST + dt.timedelta(days[-1]),
                issued_on=dt.date(2025, 10, dice.randint(1, 5)),
                area_charge="0.01",
            )
        )
    found = recompute(bills_table(*rows), None, [tariff()], city=CITY).to_pylist()
    assert sum(one["recomputed_total"] for one in found) == 20 * len(charged)
