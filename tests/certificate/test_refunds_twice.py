"""Refunds for rooms too cold come out the same by the rules and by the checker, for rules and rooms of every shape."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from certified_bills import CITY, any_account, any_bill, any_tariff, billed_as_due

from checks.certificate import SecondOpinionDiffers, certificate_of, check_sample
from checks.certificate.verify_certificate import disagreements
from checks.recompute import recompute
from checks.recompute.outcomes import recompute_columns
from checks.recompute.service import MEASURED_SCHEMA
from checks.tariffs.record import OutageDays, OutageRule, RefundBand, RefundBasis, Tariff
from ingest.standard import arrow_schema


def any_bands(dice: random.Random) -> tuple[RefundBand, ...]:
    """Two to four bands that meet, the coldest without a lower end; each end counted above or below."""
    ends = sorted(dice.sample([12, 14, 16, 18], dice.choice([1, 2, 3])))
    edges = [None, *(Decimal(end) for end in ends), Decimal(20)]
    shares = sorted(dice.sample([20, 30, 40, 50, 60, 100], len(edges) - 1), reverse=True)
    counts_below = [False, *(dice.random() < 0.5 for _ in ends), False]
    return tuple(
        RefundBand(
            Decimal(share).scaleb(-2),
            low,
            low is not None and not counts_below[place],
            high,
            counts_below[place + 1],
        )
        for place, (share, low, high) in enumerate(zip(shares, edges[:-1], edges[1:], strict=True))
    )


def any_rooms(dice: random.Random, bills: list[dict[str, Any]]) -> pa.Table:
    """Days measured of most accounts, some long after the request, some at the ends of bands."""
    found = set()
    for bill in bills:
        asked = bill["service_from"] + dt.timedelta(dice.randint(-10, 120))
        for _ in range(dice.choice([0, 1, 3, 6])):
            day = asked + dt.timedelta(dice.randint(0, 40))
            found.add((bill["account_no"], day))
    rows = [
        {
            "account_no": account,
            "requested_on": day - dt.timedelta(dice.randint(0, 9)),
            "day": day,
            "room_temp_c": Decimal(
                dice.choice([1200, 1400, 1600, 1800, 2000, dice.randint(900, 2300)])
            ).scaleb(-2),
        }
        for account, day in sorted(found)
    ]
    return pa.Table.from_pylist(rows, schema=MEASURED_SCHEMA)


def any_outages(dice: random.Random) -> pa.Table:
    """Outages of two networks and some accounts: long and short ones, some that meet, some at midnight."""
    rows: list[dict[str, Any]] = []
    for number in range(dice.choice([0, 4, 12])):
        start = dt.datetime(dice.choice([2023, 2024]), 11, 1, tzinfo=dt.UTC)
        start += dt.timedelta(days=dice.randint(0, 150), hours=dice.choice([16, dice.randint(0, 23)]))
        length = dt.timedelta(
            hours=dice.choice([6, 12, 24, 48, 49, 60, 200]), minutes=dice.choice([0, 0, 1, 30])
        )
        whose = (
            {"network_code": dice.choice(["N1", "N2"]), "is_whole": dice.random() < 0.5}
            if number % 3
            else {"account_no": f"A{dice.randint(1, 300)}", "is_whole": True}
        )
        rows.append({**whose, "stopped_at": start, "resumed_at": start + length})
        if dice.random() < 0.3:
            after = start + length
            rows.append({**whose, "stopped_at": after, "resumed_at": after + dt.timedelta(hours=30)})
    return pa.Table.from_pylist(rows, schema=MEASURED_SCHEMA)


def any_outage_rule(dice: random.Random) -> OutageRule | None:
    if dice.random() < 0.3:
        return None
    return OutageRule(
        after_hours=dice.choice([0, 12, 24, 48]),
        after_included=dice.random() < 0.5,
        counts=dice.choice([*OutageDays]),
        share=Decimal(dice.choice(["1", "2", "0.5"])),
        total_over_days=dice.choice([None, None, 7]),
    )


def with_refunds(dice: random.Random, record: Tariff) -> Tariff:
    """With rules of every shape; of some the record is silent, and the law of the province says them or nobody does."""
    if dice.random() < 0.25:
        province = dice.choice(["黑龙江", "山东", record.province])
        return dataclasses.replace(record, province=province, refund_standard_c=None, refund_bands=())
    return dataclasses.replace(
        record,
        refund_standard_c=Decimal(dice.choice([18, 20])),
        refund_bands=any_bands(dice),
        refund_basis=dice.choice([*RefundBasis, RefundBasis.DAY]),
        refund_after_hours=dice.choice([None, None, 24, 48, 200]),
        outage=any_outage_rule(dice),
    )


def as_table(feed: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(feed))


def any_case(seed: int) -> tuple[list[dict[str, Any]], pa.Table | None, pa.Table, list[Tariff]]:
    dice = random.Random(seed)
    tariffs = [with_refunds(dice, any_tariff(dice, category)) for category in ("residential", "office")]
    bills = [any_bill(dice, row, ["residential", "office"], 7) for row in range(1, 301)]
    for bill in bills:
        bill["issued_on"] = bill["service_to"] + dt.timedelta(dice.choice([-3, 0, 1, 60]))
        if (
            bill["kind"] == "correction" and dice.random() < 0.7
        ):  # gives something back, mostly after the heat
            bill["issued_on"] += dt.timedelta(dice.choice([0, 100, 300]))
            bill["refund"] = -Decimal(dice.randint(0, 50_000)).scaleb(-2)
    roster = None
    if seed % 2:
        on_it = {
            bill["account_no"]: any_account(dice, bill) | {"network_code": dice.choice(["N1", "N2", "N3"])}
            for bill in bills
        }
        roster = as_table("accounts", list(on_it.values()))
    rooms = pa.concat_tables([any_rooms(dice, bills), any_outages(dice)])
    outcomes = recompute(as_table("bills", bills), roster, tariffs, city=CITY, measured=rooms)
    billed_as_due(bills, outcomes.to_pylist(), dice)
    return bills, roster, rooms, tariffs


@pytest.mark.parametrize("seed", range(40))
def test_refunds_come_out_the_same_by_both_computations(seed: int) -> None:
    bills, roster, rooms, tariffs = any_case(seed)
    table = as_table("bills", bills)
    outcomes = recompute(table, roster, tariffs, city=CITY, measured=rooms)

    def recorded(rows: list[int]) -> pa.Table:
        return outcomes.take(pa.array([row - 1 for row in rows]))

    assert check_sample(table, roster, recorded, tariffs, city=CITY, measured=rooms, seed="1").bills == 300


def test_many_of_those_bills_have_a_refund_and_without_the_rooms_the_computations_differ() -> None:
    refunds = falling_due = 0
    for seed in range(40):
        bills, roster, rooms, tariffs = any_case(seed)
        done = recompute_columns(as_table("bills", bills), roster, tariffs, city=CITY, measured=rooms)
        refunds += sum(not done.missing[row] for row in done.prepared.refunds)
        falling_due += len(
            done.prepared.falling_due
        )  # after the issue of a bill that a correction gives back on
    assert (refunds > 200, falling_due > 20) == (True, True)
    bills, roster, rooms, tariffs = any_case(1)
    table = as_table("bills", bills)
    outcomes = recompute(table, roster, tariffs, city=CITY, measured=rooms)
    with pytest.raises(SecondOpinionDiffers):
        check_sample(
            table,
            roster,
            lambda rows: outcomes.take(pa.array([row - 1 for row in rows])),
            tariffs,
            city=CITY,
            seed="1",
        )


def test_a_certificate_carries_the_rooms_and_is_refuted_by_others() -> None:
    certified = 0
    for seed in range(0, 40, 2):
        bills, _, rooms, tariffs = any_case(seed)
        outcomes = recompute(as_table("bills", bills), None, tariffs, city=CITY, measured=rooms).to_pylist()
        for bill, outcome in zip(bills, outcomes, strict=True):
            if not outcome["refund_due"]:
                continue
            others = [one for one in bills if one is not bill and one["account_no"] == bill["account_no"]]
            made = certificate_of(bill, None, tariffs, city=CITY, others=others, measured=rooms)
            read = json.loads(json.dumps(made))
            assert disagreements(read) == []
            del read["case"]["measured"]
            assert "stated: refund" in {what for what, _, _ in disagreements(read)}
            certified += 1
    assert certified > 50
