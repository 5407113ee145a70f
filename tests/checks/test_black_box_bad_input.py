"""What a hostile file can hold: never a guess, never a crash, and always what is missing."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from black_box import Row, home, judged, paper, write
from click.testing import CliRunner

from checks.tariffs.load import load_published, tariff_to_dict
from supervision.cli import main

NET = "北京市/city-network"
SETTLED = {"base_charge": "1200.00", "metered_charge": "10.00"}


@pytest.mark.parametrize(
    ("scope", "bill", "missing"),
    [
        (
            NET,
            paper(reading_from="5000", reading_to="100", heat_unit="kWh", **SETTLED),
            "reading_runs_backwards",
        ),
        (NET, paper(heat_used="-5", heat_unit="kWh", **SETTLED), "unreadable_heat_used"),
        (NET, paper(heat_used="5", heat_unit="Gcal", **SETTLED), "unreadable_heat_unit"),
        (NET, paper(heat_used="5", **SETTLED), "heat_unit_missing"),
        (NET, paper(billed_area_m2="", area_charge="2400"), "unreadable_billed_area_m2"),
        (NET, paper(billed_area_m2="0", area_charge="2400"), "unreadable_billed_area_m2"),
        (
            NET,
            paper(service_from="2024-11-15", service_to="2025-03-14", area_charge="2400"),
            "service_outside_season",
        ),
        (
            NET,
            paper(service_from="2026-03-14", service_to="2025-11-15", area_charge="2400"),
            "service_dates_reversed",
        ),
        (NET, paper(service_from="2025-02-30", area_charge="2400"), "unreadable_service_from"),
        (NET, paper(late_fee="10", area_charge="2400"), "late_fee_rule_unknown"),
        (NET, paper(height_surcharge="100", area_charge="2400"), "storey_height_missing"),
        (NET, paper(heating_state="suspended", suspension_charge="720"), "suspension_share_unknown"),
        ("哈尔滨市", paper("usable", category="garage", area_charge="2400"), "no_tariff_in_force"),
        ("哈尔滨市", paper("floor", area_charge="3832"), "area_of_basis_missing"),
        ("烟台市", paper(service_from="2026-01-01", area_charge="1200"), "season_dates_missing"),
        ("济南市", paper("inner", category="low_income", area_charge="1950"), "low_income_price_unknown"),
        ("郑州市", paper("inner", heat_used="9000", heat_unit="kWh", base_charge="684"), "cap_unknown"),
    ],
)
def test_a_bill_that_cannot_be_judged_says_what_is_missing_on_the_command_line(
    scope: str, bill: Row, missing: str, tmp_path: Path
) -> None:
    found = judged(tmp_path, scope, [bill])[0]
    assert (found["outcome"], found["missing"], found["recomputed_total"]) == ("inconclusive", missing, "")


def test_totals_up_to_a_million_million_are_exact_to_the_fen(tmp_path: Path) -> None:
    bills = [
        paper(area_charge="1000000000000.00"),
        paper(billed_area_m2="9999999.99", area_charge="239999999.77"),
        paper(billed_area_m2="9999999.99", area_charge="239999999.76"),
    ]
    found = judged(tmp_path, NET, bills)
    assert [Decimal(row["overcharge"]) for row in found] == [
        Decimal("999999997600.00"),
        Decimal("0.01"),
        Decimal("0.00"),
    ]


def refused(folder: Path, **changes: object) -> str:
    record = tariff_to_dict(next(one for one in load_published() if one.id == "sjz-res")) | changes
    return told(folder, [record])


def told(folder: Path, records: list[object]) -> str:
    tariffs = folder / "tariffs.json"
    tariffs.write_text(json.dumps(records, ensure_ascii=False), "utf-8")
    bills = write(
        folder / "bills.csv", [{"bill_no": "B1", "account_no": "A1"} | paper(area_charge="1980.00")]
    )
    arguments = ["recompute", "--scope", "石家庄市", "--bills", str(bills), "--out", str(folder / "o.csv")]
    said = CliRunner().invoke(main, [*arguments, "--tariffs", str(tariffs)], prog_name="supervision")
    assert said.exit_code == 1
    assert isinstance(said.exception, SystemExit)
    assert not (folder / "o.csv").exists()
    return said.stderr


def test_a_tariff_with_a_factor_of_zero_or_a_price_of_zero_is_refused_by_name(tmp_path: Path) -> None:
    assert "area_factor" in refused(tmp_path, area_factor="0")
    assert "area_fallbacks[1].factor" in refused(
        tmp_path, area_fallbacks=[{"basis": "usable", "factor": "0"}]
    )
    assert "area_price.value" in refused(tmp_path, area_price={"value": "0", "per": "season", "periods": 1})


def test_two_tariffs_in_force_at_once_are_never_chosen_between(tmp_path: Path) -> None:
    record = tariff_to_dict(next(one for one in load_published() if one.id == "sjz-res"))
    tariffs = tmp_path / "tariffs.json"
    tariffs.write_text(json.dumps([record, record | {"id": "second"}], ensure_ascii=False), "utf-8")
    found = judged(tmp_path, "石家庄市", [paper(area_charge="1980.00")], tariffs=tariffs)
    assert (found[0]["outcome"], found[0]["missing"]) == ("inconclusive", "tariffs_collide")


def test_a_roster_without_the_area_the_price_needs_leaves_the_bill_open(tmp_path: Path) -> None:
    bill = paper("usable", service_from="2025-10-20", service_to="2026-04-20", area_charge="3832.00")
    found = judged(tmp_path, "哈尔滨市", [bill], [home()])
    assert (found[0]["outcome"], found[0]["missing"]) == ("inconclusive", "area_of_basis_missing")
