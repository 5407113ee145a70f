"""The ledgers of the demonstration: payments follow the bills, readings follow the meters, and what the ledger finds is exactly
what was planted."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from checks.ledger import ESTIMATE_STANDINGS, EXCESS_REASONS, estimate_chains, money_without_bill
from ingest.judge import judge
from supervision.demonstration.generator import Manifest, RowTruth, generate

Tables = dict[tuple[str, str], pa.Table]


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return generate(tmp_path_factory.mktemp("province"), accounts=3000)


@pytest.fixture(scope="module")
def tables(province: Manifest) -> Tables:
    """All that each company filed of each feed, in order of period."""
    found: dict[tuple[str, str], list[pa.Table]] = defaultdict(list)
    for file in sorted(province.files, key=lambda file: file.period):
        judged = judge(file.path, feed=file.feed, period=file.period, filename=file.path.name)
        assert judged.table is not None
        filing = pa.repeat(pa.scalar(file.period), judged.table.num_rows)
        found[file.company, file.feed].append(judged.table.append_column("filing", filing))
    return {key: pa.concat_tables(parts) for key, parts in found.items()}


def planted(province: Manifest, what: str) -> Counter[tuple[str, str, str, str]]:
    def told(truth: RowTruth) -> tuple[str, str, str, str]:
        return truth.company, truth.code, truth.key, "" if truth.amount is None else str(truth.amount)

    return Counter(told(truth) for truth in province.row_truths if truth.what == what)


def test_money_without_a_bill_is_found_to_the_fen_and_nothing_else(
    province: Manifest, tables: Tables
) -> None:
    found: Counter[tuple[str, str, str, str]] = Counter()
    for (company, feed), payments in tables.items():
        if feed == "payments":
            judged = money_without_bill(tables[company, "bills"], payments, tables[company, "accounts"])
            assert judged.not_judged == 0
            for row in judged.rows.to_pylist():
                found[company, row["reason"], row["payment_no"], str(row["excess"])] += 1
    assert found == planted(province, "payment")
    assert {reason for _, reason, _, _ in found} == set(EXCESS_REASONS)


def test_every_bill_that_closes_on_an_estimate_is_found_with_what_became_of_it(
    province: Manifest, tables: Tables
) -> None:
    found: Counter[tuple[str, str, str, str]] = Counter()
    for (company, feed), readings in tables.items():
        if feed == "readings":
            chains = estimate_chains(tables[company, "bills"], readings, tables[company, "accounts"])
            for row in chains.to_pylist():
                amount = "" if row["amount"] is None else str(row["amount"].quantize(Decimal("0.01")))
                found[company, row["standing"], row["bill_no"], amount] += 1
    assert found == planted(province, "estimate")
    assert {standing for _, standing, _, _ in found} == set(ESTIMATE_STANDINGS)


def test_a_settlement_closes_on_a_reading_of_its_meter_and_opens_on_one_or_on_an_estimate_before_it(
    tables: Tables,
) -> None:
    settled = 0
    for (company, feed), bills in tables.items():
        if feed != "bills" or (company, "readings") not in tables:
            continue
        shown: dict[str, set[Decimal]] = defaultdict(set)
        for reading in tables[company, "readings"].to_pylist():
            shown[reading["meter_no"]].add(reading["energy"])
        for bill in _settlements(bills):
            settled += 1
            if bill["heat_unit"] in ("GJ", "kWh"):  # others are planted slips of the unit
                assert {bill["reading_from"], bill["reading_to"]} <= shown[bill["meter_no"]]
    assert settled > 500


def _settlements(bills: pa.Table) -> list[dict[str, Any]]:
    return [row for row in bills.to_pylist() if row["kind"] == "settlement"]


def test_what_a_bill_says_was_paid_is_in_the_payments_of_that_day(tables: Tables) -> None:
    compared = 0
    for (company, feed), bills in tables.items():
        if feed != "bills" or (company, "payments") not in tables:
            continue
        paid = {
            (row["bill_no"], row["paid_on"], row["amount"]) for row in tables[company, "payments"].to_pylist()
        }
        for bill in bills.to_pylist():
            if bill["season"] == "2025-26" and bill["paid_on"] is not None and bill["total"] > 0:
                compared += 1
                assert (bill["bill_no"], bill["paid_on"], bill["total"]) in paid
    assert compared > 1000
