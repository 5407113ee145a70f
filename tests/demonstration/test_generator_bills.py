"""Two hands reckon the same bills: the generator's plain decimals and the rules of recomputation must agree to the fen."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from checks.causes import CAUSES, find_causes
from checks.causes.readings import readings_of_accounts, readings_that_bill
from checks.recompute import recompute
from checks.tariffs.load import load_published
from checks.tariffs.record import HeightRule, LateFeeShape, Proration
from ingest.judge import judge
from supervision.demonstration.generator import Manifest, generate
from supervision.demonstration.generator_rates import OLD_AREA_PRICE, RATES, fen, share_of
from supervision.filings.reading import period_of, season_text

ROOT = Path(__file__).parents[2]
TARIFFS = {tariff.id: tariff for tariff in load_published()}

Outcomes = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return generate(tmp_path_factory.mktemp("province"))


@pytest.fixture(scope="module")
def outcomes(province: Manifest) -> Outcomes:
    """Every bill of the full province as the portal sees it: files read, judged, recomputed, explained."""
    found: Outcomes = {}
    for company in province.companies:
        tables: dict[tuple[str, str], list[pa.Table]] = {}
        for file in province.files:
            if file.company == company.code:
                judged = judge(file.path, feed=file.feed, period=file.period, filename=file.path.name)
                assert judged.table is not None
                season = season_text(period_of(file.feed, file.period))
                if file.feed == "bills":
                    season = judged.table["season"][0].as_py()
                tables.setdefault((file.feed, season), []).append(judged.table)
        for (feed, season), parts in tables.items():
            if feed == "bills":
                bills, accounts = pa.concat_tables(parts), tables["accounts", season][0]
                bills = bills.set_column(0, "source_row", pa.array(range(1, len(bills) + 1), pa.int32()))
                where: dict[str, Any] = {"city": company.city, "service_areas": company.service_areas}
                filed = [readings_that_bill(one) for one in tables.get(("readings", season), ())]
                readings = readings_of_accounts(pa.concat_tables(filed), accounts) if filed else None
                out = recompute(bills, accounts, tuple(TARIFFS.values()), **where)
                told = find_causes(bills, accounts, out, tuple(TARIFFS.values()), readings=readings, **where)
                for row in told.to_pylist():
                    found[company.code, row["bill_no"]] = row
    return found


def test_every_clean_bill_conforms_to_the_fen(province: Manifest, outcomes: Outcomes) -> None:
    wrong = {(truth.company, truth.bill_no) for truth in province.truths}
    clean = Counter(row["outcome"] for key, row in outcomes.items() if key not in wrong)
    assert set(clean) == {"conforms"}
    assert clean["conforms"] > 40_000


def test_every_planted_error_is_found_with_its_amount_and_its_cause(
    province: Manifest, outcomes: Outcomes
) -> None:
    for truth in province.truths:
        row = outcomes[truth.company, truth.bill_no]
        assert row["outcome"] == "breach", truth
        assert row["billed_total"] == truth.billed_total
        assert row["recomputed_total"] == truth.correct_total
        ties = (row["cause_ties"] or "").split(";")
        assert truth.cause in (row["cause"], *ties), (truth, row["cause"])


def test_at_least_ten_kinds_are_planted_some_to_the_companys_loss_and_all_are_known_causes(
    province: Manifest,
) -> None:
    kinds = {truth.cause for truth in province.truths}
    assert len(kinds) >= 15
    assert kinds <= set(CAUSES)
    assert all(truth.billed_total != truth.correct_total for truth in province.truths)
    assert {t.cause for t in province.truths if t.billed_total < t.correct_total} >= {
        "line_left_out",
        "heat_unit_slip",
    }


def test_the_companies_differ_visibly_and_one_is_exemplary(province: Manifest, outcomes: Outcomes) -> None:
    bills = Counter(company for company, _ in outcomes)
    wrong = Counter(truth.company for truth in province.truths)
    share = {code: Decimal(wrong[code]) / bills[code] for code in bills if code != "hrb-examples"}
    assert sorted(share, key=lambda code: share[code]) == [
        "lz-jc",
        "qd-hl",
        "bj-jn",
        "cc-hy",
        "jn-qc",
        "hrb-bx",
    ]
    assert share["lz-jc"] < Decimal("0.001")
    assert Decimal("0.015") < share["hrb-bx"] < Decimal("0.025")


def test_the_published_examples_come_out_as_they_were_printed(outcomes: Outcomes) -> None:
    told = {
        bill: (row["outcome"], str(row["billed_total"]), str(row["recomputed_total"]), row["tariff_id"])
        for (company, bill), row in outcomes.items()
        if company == "hrb-examples"
    }
    assert told == {
        "E13-201310": ("conforms", "2824.50", "2824.50", "hrb-res-2008"),
        "E14-201310": ("breach", "4010.10", "4004.10", "hrb-non-2008"),
        "E15-201310": ("breach", "8918.00", "8898.00", "hrb-non-2008"),
    }


def test_the_counts_in_the_documentation_are_those_of_the_default_seed(province: Manifest) -> None:
    text = (
        (ROOT / "docs" / "demonstration.md")
        .read_text("utf-8")
        .split("## Planted errors")[1]
        .split("\n## ")[0]
    )
    header, *lines = [line for line in text.splitlines() if line.startswith(("| cause", "| `"))]
    codes = re.findall(r"`([a-z-]+)`", header)
    documented = {
        (code, line.split("`")[1]): int(count)
        for line in lines
        for code, count in zip(codes, (cell.strip() for cell in line.split("|")[2:]), strict=False)
        if count.isdigit()
    }
    assert documented == province.planted


@pytest.mark.parametrize("key", sorted(RATES))
def test_the_generators_prices_are_those_of_the_register(key: tuple[str, str]) -> None:
    rates = RATES[key]
    tariff = TARIFFS[rates.tariff_id]
    assert (tariff.city, tariff.category) == key
    assert tariff.area_basis == rates.basis
    assert tariff.area_price is not None
    assert tariff.area_price.season_value == rates.area
    assert (tariff.base_price.season_value if tariff.base_price else None) == rates.base
    assert (tariff.metered_price.value if tariff.metered_price else None) == rates.heat
    assert tariff.cap_share == rates.cap
    assert tariff.suspension_share == rates.suspension
    assert (tariff.proration is Proration.MONTH) == (rates.season.months is not None)
    if rates.height is not None:
        assert isinstance(tariff.height, HeightRule)
        assert (tariff.height.trigger_m, tariff.height.step_m, tariff.height.rate) == (
            rates.height.over_m,
            rates.height.step_m,
            rates.height.rate,
        )
        assert tariff.height.on_base_price == rates.height.on_base
    if tariff.late_fee is not None:
        once = tariff.late_fee.shape is LateFeeShape.ONCE
        assert tariff.late_fee.rate == (rates.late_once if once else rates.late_per_day)


def test_the_old_prices_are_superseded_records_of_the_register() -> None:
    for (city, category), (tariff_id, price) in OLD_AREA_PRICE.items():
        tariff = TARIFFS[tariff_id]
        assert (tariff.city, tariff.category, tariff.standing.value) == (city, category, "superseded")
        assert tariff.area_price is not None
        assert tariff.area_price.value == price


def test_a_part_of_a_season_is_counted_as_a_person_would() -> None:
    harbin, beijing = RATES["哈尔滨市", "residential"].season, RATES["北京市", "residential"].season
    assert harbin.part("2024-25", dt.date(2024, 10, 20)) == (6, 6)
    assert harbin.part("2024-25", dt.date(2024, 11, 20)) == (5, 6)
    assert harbin.part("2024-25", dt.date(2024, 11, 19)) == (6, 6)  # the first month is started
    assert beijing.part("2024-25", dt.date(2010, 1, 1)) == (120, 120)
    assert beijing.part("2023-24", dt.date(2010, 1, 1)) == (121, 121)  # 29 February
    assert beijing.part("2024-25", dt.date(2024, 11, 20)) == (115, 120)


def test_half_a_fen_goes_up_and_a_third_is_not_rounded_twice() -> None:
    assert fen(Decimal("0.005")) == Decimal("0.01")
    assert fen(share_of(Decimal("0.0149999999999999999999999"), 1, 1)) == Decimal("0.01")
    assert fen(share_of(Decimal("100.00"), 1, 3)) == Decimal("33.33")
