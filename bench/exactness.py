"""Random bills computed by the rules and by the checker, which shares no code with them; every difference is printed.

Half of the bills have tariffs of any shape the record can say, the other half the tariffs that ship, a third of either with
random rules for rooms too cold; with and without a roster and rooms measured, with duplicates and corrections. Nine of ten
batches say all that an amount rests on, the tenth leaves out and contradicts at random. The same seed gives the same bills. Ends with 1
where one bill differs.

    .venv/bin/python bench/exactness.py --bills 1000000 --processes 2
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import random
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "certificate"))

import pyarrow as pa

from checks.certificate.second_opinion import differing
from checks.recompute import recompute
from checks.tariffs.load import load_published
from checks.tariffs.record import Standing, Tariff
from ingest.standard import arrow_schema
from tests.certificate.certified_bills import (
    CITY,
    any_account,
    any_bill,
    any_tariff,
    billed_as_due,
    published_cities,
)
from tests.certificate.test_refunds_twice import any_rooms, with_refunds

BATCH = 1000
CATEGORIES = [
    "residential", "non_residential", "office", "commercial", "hotel", "institution", "garage", "low_income",
]  # fmt: skip


class Batch(NamedTuple):
    """What became of one batch. Seconds are of the processor, of this batch alone."""

    bills: int
    outcomes: Counter[str]
    tariffs: set[str]
    differences: list[str]
    rules_s: float
    checker_s: float


def settled_tariff(dice: random.Random, category: str) -> Tariff:
    """A tariff of any shape that says all that a bill needs."""
    while True:
        found = any_tariff(dice, category)
        said = (found.area_price, found.base_price, found.metered_price, found.suspension_share, found.season)
        is_whole = None not in said and None not in (found.area_basis, found.late_fee)
        if is_whole and found.cap_known and found.height_known and len(found.methods) == 2:
            return found


def settled_bill(dice: random.Random, row: int, size: int, tariff: Tariff) -> dict[str, Any]:
    """A bill that states what its amount under the tariff rests on: service within every season, heat that its readings
    show, heights and days; one in fifty corrects the bill before it."""
    bill = any_bill(dice, row, [tariff.category], size)
    year = (
        max(bill["service_from"].year, (tariff.valid_from or dt.date.min).year)
        if tariff.city == CITY
        else 2025
    )
    height = bill["storey_height_m"] or Decimal("2.80")
    is_bounded = tariff.height is not None and (tariff.height.negotiated_over_m or height) >= height
    first, last = dt.date(year, 11, 16), dt.date(year + 1, 3, 14)
    start = first + dt.timedelta(dice.choice([0, 0, 0, dice.randint(0, 60)]))
    end = last - dt.timedelta(dice.choice([0, 0, 0, dice.randint(0, 50)]))
    is_correction = row > 1 and dice.random() < 0.02
    bill |= {
        "account_no": f"A{row}" if dice.random() < 0.95 else bill["account_no"],
        "season": f"{year}-{(year + 1) % 100:02d}",
        "kind": "correction" if is_correction else dice.choice(["season", "settlement"]),
        "corrects_bill_no": f"B{row - 1}" if is_correction else None,
        "service_from": start,
        "service_to": end,
        "heating_state": "suspended" if tariff.suspension_share is not None and dice.random() < 0.1 else "on",
        "billing_method": dice.choice(tariff.methods or ("area", "metered")),
        "area_basis": bill["area_basis"] if tariff.area_basis is None else tariff.area_basis.value,
        "storey_height_m": height if is_bounded else Decimal("2.20"),
        "height_surcharge": bill["height_surcharge"] if is_bounded else None,
        "late_fee": bill["late_fee"] if tariff.late_fee is not None else None,
        "heat_unit": bill["heat_unit"] or "kWh",
        "due_on": bill["due_on"] or bill["issued_on"],
        "total": bill["total"] or Decimal("1.00"),
    }
    if bill.get("reading_from") is not None and bill["reading_to"] >= bill["reading_from"]:
        bill["heat_used"] = bill["reading_to"] - bill["reading_from"]
    else:
        bill |= {
            "reading_from": None,
            "reading_to": None,
            "heat_used": bill.get("heat_used") or Decimal("1.000"),
        }
    return bill


def table(feed: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(feed))


def batch(task: tuple[int, int, int]) -> Batch:
    """The batch of that number under the seed, by both computations."""
    seed, number, count = task
    dice = random.Random(f"{seed}-{number}")
    categories, where = CATEGORIES, {"city": CITY, "service_areas": ()}
    is_settled = number % 10 > 0
    if number % 2:
        city, areas, categories = dice.choice(published_cities())
        tariffs, where = list(load_published()), {"city": city, "service_areas": areas}
    else:
        of_shape = settled_tariff if is_settled else any_tariff
        tariffs = [of_shape(dice, category) for category in CATEGORIES if category != "low_income"]
    tariffs = [with_refunds(dice, one) if dice.random() < 0.3 else one for one in tariffs]
    size = dice.choice([5, 7, 9, 13])
    if is_settled:
        known = [one for one in tariffs if one.city == where["city"] and one.standing is Standing.IN_FORCE]
        bills = [settled_bill(dice, row, size, dice.choice(known or tariffs)) for row in range(1, count + 1)]
    else:
        bills = [any_bill(dice, row, categories, size) for row in range(1, count + 1)]
    roster = None
    if dice.random() < 0.5:
        on_it = {one["account_no"]: any_account(dice, one) for one in bills if dice.random() < 0.97}
        roster = table("accounts", list(on_it.values()))
    if dice.random() < 0.5:
        where["measured"] = any_rooms(dice, bills)
    billed_as_due(bills, recompute(table("bills", bills), roster, tariffs, **where).to_pylist(), dice)
    filed = table("bills", bills)
    start = time.process_time()
    outcomes = recompute(filed, roster, tariffs, **where)
    between = time.process_time()
    found = differing(filed, roster, lambda _rows: outcomes, tariffs, range(count), **where)
    differences = [f"seed {seed} batch {number}: {one.en}" for one in found]
    end = time.process_time()
    used = {one for one in outcomes["tariff_id"].unique().to_pylist() if one and number % 2}
    counts = Counter(outcomes["outcome"].to_pylist())
    return Batch(count, counts, used, differences, between - start, end - between)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--bills", type=int, default=200_000)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--seed", type=int, default=20251115)
    given = asked.parse_args()
    full, rest = divmod(given.bills, BATCH)
    sizes = [BATCH] * full + [rest] * bool(rest)
    tasks = [(given.seed, number, count) for number, count in enumerate(sizes)]
    done, rules_s, checker_s = 0, 0.0, 0.0
    outcomes: Counter[str] = Counter()
    tariffs: set[str] = set()
    differences: list[str] = []
    start, told = time.perf_counter(), 0.0
    with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
        for one in pool.imap_unordered(batch, tasks):
            done += one.bills
            outcomes += one.outcomes
            tariffs |= one.tariffs
            rules_s, checker_s = rules_s + one.rules_s, checker_s + one.checker_s
            differences += one.differences
            for text in one.differences:
                print(f"  {text}", flush=True)
            took = time.perf_counter() - start
            if took > told + 10 or done == given.bills:
                told = took
                print(
                    f"  {done:>10,} of {given.bills:,} bills, {len(differences)} differences, "
                    f"{done / took:,.0f} bills/s",
                    flush=True,
                )
    print(", ".join(f"{name} {count:,}" for name, count in sorted(outcomes.items())))
    print(f"published tariffs that priced a bill: {len(tariffs)} of {len(load_published())}")
    print(
        f"rules {rules_s:,.0f} s, checker {checker_s:,.0f} s of processor time ({given.processes} processes)"
    )
    print(f"differences: {len(differences)} in {done:,} bills")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
