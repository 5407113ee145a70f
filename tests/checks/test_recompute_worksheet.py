"""The worksheet of one bill: the same figures as the table, as formulas a customer can follow."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import time
from decimal import Decimal
from typing import Any

import pytest
from bill_cases import CITY, account, accounts_table, bill, bills_table, price, tariff

from checks.recompute import RULES_DIGEST, Worksheet, recompute, worksheet
from checks.recompute.worksheet import LineSource
from checks.tariffs.load import load_published
from checks.tariffs.record import (
    AreaBasis,
    HeatUnit,
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    MeteredPrice,
    Per,
    Proration,
    Season,
    Standing,
    Tariff,
)

M = Decimal
STEPS = HeightRule(HeightShape.STEP, M("3.5"), step_m=M("0.3"), rate=M("0.1"))


def sheet(row: dict[str, Any], *tariffs: Tariff, **more: Any) -> Worksheet:
    return worksheet(row, more.pop("roster", None), tariffs or [tariff()], city=CITY, **more)


def formula(found: Worksheet, code: str, language: str = "zh") -> str:
    return next(line.formula.in_language(language) for line in found.lines if line.code == code)


def settled(**changes: Any) -> dict[str, Any]:
    return bill(
        **{
            "kind": "settlement",
            "billing_method": "metered",
            "heat_unit": "kWh",
            "heat_used": "10000.000",
            "base_charge": "1200.00",
            "metered_charge": "1600.00",
            "cap_reduction": "-400.00",
        }
        | changes
    )


def test_an_area_bill_reads_area_times_price() -> None:
    found = sheet(bill(area_charge="3832.00"), tariff(area_price=price("38.32")))
    assert formula(found, "area_charge") == "100.00 m² × 38.32 元/m² = 3,832.00 元"
    assert formula(found, "area_charge", "en") == "100.00 m² × 38.32 CNY/m² = 3,832.00 CNY"
    assert (found.outcome, found.overcharge, found.cause) == ("conforms", M("0.00"), None)


def test_a_metered_bill_shows_base_heat_and_cap() -> None:
    found = sheet(settled())
    assert formula(found, "base_charge") == "100.00 m² × 12 元/m² = 1,200.00 元"
    assert formula(found, "metered_charge") == "10,000.000 kWh × 0.16 元/kWh = 1,600.00 元"
    assert formula(found, "cap_reduction") == (
        "封顶 2,400.00 × 100 % = 2,400.00 元，基本与计量热费 2,800.00 元；min(0, 2,400.00 − 2,800.00) = −400.00 元"
    )
    assert found.recomputed_total == M("2400.00")


@pytest.mark.parametrize(
    ("filed", "unit", "priced", "reads"),
    [
        ("10.000", "GJ", "kWh", "10.000 GJ × 277.778 kWh/GJ × 0.16 元/kWh = 444.44 元"),
        ("10.000", "MWh", "GJ", "10.000 MWh × 1000 kWh/MWh ÷ 277.778 kWh/GJ × 0.16 元/GJ = 5.76 元"),
        ("10.000", "MJ", "GJ", "10.000 MJ ÷ 1000 MJ/GJ × 0.16 元/GJ = 0.00 元"),
        ("10.000", "MJ", "kWh", "10.000 MJ × 0.277778 kWh/MJ × 0.16 元/kWh = 0.44 元"),
    ],
)
def test_a_conversion_of_heat_is_declared(filed: str, unit: str, priced: str, reads: str) -> None:
    record = tariff(metered_price=MeteredPrice(M("0.16"), HeatUnit(priced)))
    found = sheet(settled(heat_used=filed, heat_unit=unit), record)
    assert formula(found, "metered_charge") == reads


def test_a_price_per_day_shows_the_days() -> None:
    record = tariff(area_price=price("0.19", Per.DAY, 120))
    found = sheet(bill(area_charge="1140.00", service_from=dt.date(2026, 1, 14)), record)
    assert formula(found, "area_charge") == "100.00 m² × 0.19 元/(m²·天) × 60 天 = 1,140.00 元"


def test_a_price_per_month_charged_by_the_day_shows_whole_months_and_the_days_of_another() -> None:
    record = tariff(area_price=price("6", Per.MONTH, 4))
    found = sheet(bill(area_charge="1200.00", service_from=dt.date(2026, 1, 14)), record)
    assert formula(found, "area_charge", "en") == (
        "100.00 m² × 6 CNY/(m²·month) × 2 1/31 months = 1,219.35 CNY"
    )
    assert any("heated 2 1/31, suspended 0" in note.en for note in found.notes)


def test_started_months_show_as_months() -> None:
    record = tariff(area_price=price("6", Per.MONTH, 4), proration=Proration.MONTH)
    found = sheet(bill(area_charge="1800.00", service_from=dt.date(2026, 1, 14)), record)
    assert formula(found, "area_charge") == "100.00 m² × 6 元/(m²·月) × 3 月 = 1,800.00 元"


def test_factor_height_suspension_and_late_fee_stand_in_the_formulas() -> None:
    rule = LateFeeRule(LateFeeShape.DAILY_ON_TOTAL, M("0.001"), (12, 31), max_share=M("0.3"))
    record = tariff(area_factor=M("0.9"), height=STEPS, late_fee=rule)
    row = bill(
        area_charge="2160.00", height_surcharge="432.00", late_fee="40.00", paid_on=dt.date(2026, 1, 10)
    )
    found = sheet(row, record, roster=account(storey_height_m="4.00"))
    assert formula(found, "area_charge") == "100.00 m² × 0.9 × 24 元/m² = 2,160.00 元"
    assert formula(found, "height_surcharge") == "100.00 m² × 0.9 × 24 元/m² × 20 % = 432.00 元"
    assert formula(found, "late_fee") == (
        "最高 min(2,592.00 × 0.1 % × 10 天, 2,592.00 × 30 %) = 25.92 元；账单 40.00 元，取较小者 = 25.92 元"
    )
    suspended = sheet(bill(heating_state="suspended", suspension_charge="480.00"))
    assert formula(suspended, "suspension_charge") == "100.00 m² × 24 元/m² × 20 % = 480.00 元"


def test_each_number_names_where_it_stands() -> None:
    found = sheet(bill(area_charge="2400.00", source_row=12), roster=account(source_row=7))
    sources = found.lines[0].sources
    assert LineSource("bills", 12, "area_charge") in sources
    assert LineSource("accounts", 7, "floor_area_m2") in sources
    assert LineSource("tariff", None, "area_price") in sources


def test_a_breach_names_its_cause() -> None:
    old = tariff(
        id="old", area_price=price("22"), valid_to=dt.date(2025, 9, 30), standing=Standing.SUPERSEDED
    )
    found = sheet(bill(area_charge="2200.00"), old, tariff(id="new", valid_from=dt.date(2025, 10, 1)))
    assert (found.outcome, found.cause, found.overcharge) == ("breach", "old_price", M("-200.00"))
    assert found.cause_text is not None
    assert found.tariff is not None
    assert found.tariff.id == "new"


def test_an_inconclusive_bill_shows_what_was_billed_and_what_is_missing() -> None:
    found = sheet(bill(area_charge="2400.00", area_basis="inner"))
    assert (found.outcome, found.missing) == ("inconclusive", ("area_of_basis_missing",))
    assert found.lines[0].due is None
    assert found.lines[0].billed == M("2400.00")
    assert "没有热价所用口径的面积" in found.as_text("zh")


def test_without_a_tariff_the_worksheet_says_so() -> None:
    found = sheet(bill(category="hotel", area_charge="2400.00"))
    assert (found.tariff, found.missing) == (None, ("no_tariff_in_force",))


def test_a_duplicate_is_seen_with_the_other_bill_and_says_so() -> None:
    row = bill(area_charge="2400.00", bill_no="B-2")
    found = sheet(row, others=[bill(area_charge="2400.00", bill_no="B-1")])
    assert (found.outcome, found.cause, found.recomputed_total) == ("breach", "duplicate_bill", M("0.00"))
    assert "更早的账单" in formula(found, "area_charge")


def test_a_correction_shows_what_it_starts_from() -> None:
    row = bill(bill_no="C-1", kind="correction", corrects_bill_no="B-1", area_charge="-200.00")
    found = sheet(row, others=[bill(area_charge="2600.00")])
    assert found.outcome == "conforms"
    assert "原账单应收 2,400.00 元 − 此前已开 2,600.00 元" in formula(found, "area_charge")


def test_a_charge_outside_the_tariff_and_a_refund_say_what_they_are() -> None:
    row = bill(area_charge="2400.00", other_charge="50.00", other_charge_name="并网配套费", refund="-80.00")
    found = sheet(row)
    assert "并网配套费" in formula(found, "other_charge")
    lines = {line.code: line for line in found.lines}
    assert (lines["other_charge"].due, lines["refund"].due) == (M("0.00"), M("-80.00"))
    assert sum((line.difference or M(0)) for line in found.lines) == found.overcharge == M("50.00")


def test_what_is_taken_as_filed_is_said_with_what_would_be_due_without_it() -> None:
    found = sheet(bill(area_charge="2400.00", refund="-80.00", subsidy="-20.00"))
    assert (found.outcome, found.label) == ("conforms", "bounded")
    assert any("100.00 CNY are taken as filed" in note.en and "2,400.00" in note.en for note in found.notes)


def test_a_positive_refund_is_due_back_and_says_why() -> None:
    found = sheet(bill(area_charge="2400.00", refund="50.00"))
    line = next(line for line in found.lines if line.code == "refund")
    assert (line.due, line.difference, found.cause) == (M("0.00"), M("50.00"), "reduction_positive")
    assert "只能抵减" in line.formula.zh


def test_the_worksheet_and_the_table_agree_on_every_published_tariff() -> None:
    compared = 0
    for record in load_published():
        if record.season is None or record.area_basis is None or not record.methods:
            continue
        start = max(record.valid_from or dt.date(2000, 1, 1), dt.date(2004, 11, 16))
        if record.valid_to is not None and start > record.valid_to:
            continue
        season = f"{start.year if start.month > 6 else start.year - 1}"
        season += f"-{(int(season) + 1) % 100:02d}"
        row = bill(
            season=season,
            category=record.category,
            billing_method=record.methods[0],
            area_basis=record.area_basis.value,
            service_from=start,
            service_to=dt.date(int(season[:4]) + 1, 4, 25),
            area_charge="1234.56",
        )
        areas = (record.service_area,) if record.service_area else ()
        single = worksheet(row, None, load_published(), city=record.city, service_areas=areas)
        table = recompute(bills_table(row), None, load_published(), city=record.city, service_areas=areas)
        found = table.to_pylist()[0]
        assert (single.outcome, single.recomputed_total) == (found["outcome"], found["recomputed_total"])
        for line in single.lines:
            if line.due is not None and f"{line.code}_due" in found:
                assert line.due == found[f"{line.code}_due"]
                assert re.search(rf"{line.due:,.2f} 元$", line.formula.zh)
        compared += single.outcome != "inconclusive"
    assert compared >= 30


def test_the_text_for_a_terminal_reads_in_both_languages() -> None:
    found = sheet(settled(metered_charge="1700.00"), roster=account(billing_method="metered"))
    chinese, english = found.as_text("zh"), found.as_text("en")
    assert chinese.startswith("账单 B-1: 不符")
    assert "开单 1,700.00  应收 1,600.00  差额 100.00" in chinese
    assert english.startswith("Bill B-1: breach")
    assert not re.search("[一-鿿]", english.replace("试验价〔2020〕1号", ""))


def test_a_worksheet_takes_five_milliseconds_and_needs_no_compiler() -> None:
    row, record = bill(area_charge="2400.00"), tariff()
    sheet(row, record)
    took = []
    for _ in range(40):
        start = time.perf_counter()
        sheet(row, record)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.005
    code = "import sys, checks.recompute, checks.causes, checks.engine; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_digest_names_the_rules() -> None:
    assert re.fullmatch("[0-9a-f]{64}", RULES_DIGEST)


def test_the_season_of_the_worksheet_is_said_in_words() -> None:
    found = sheet(bill(area_charge="2400.00"), tariff(season=Season((11, 15), (3, 15), False)))
    assert any("2025-11-15 至 2026-03-14" in note.zh for note in found.notes)


def test_a_metered_prepayment_is_explained() -> None:
    found = sheet(bill(billing_method="metered", area_charge="2400.00"))
    assert any("预收" in note.zh for note in found.notes)


def test_usable_area_is_named_as_the_source_where_it_is_priced() -> None:
    roster = account(usable_area_m2="75.00")
    found = sheet(bill(area_charge="1800.00"), tariff(area_basis=AreaBasis.USABLE), roster=roster)
    assert LineSource("accounts", 7, "usable_area_m2") in found.lines[0].sources
    assert accounts_table(roster).num_rows == 1
