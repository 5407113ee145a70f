"""Random bills computed by the rules and by the checker, which shares no code with them; every difference is printed.

Half of the bills have tariffs of any shape the record can say, the other half the tariffs that ship; with and without a
roster, with duplicates, corrections and corrections of corrections. The same seed gives the same bills. Ends with 1
where one bill differs.

    .venv/bin/python bench/exactness.py --bills 1000000 --processes 2
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

import pyarrow as pa

from checks.certificate.second_opinion import differing
from checks.recompute import recompute
from checks.tariffs.load import load_published
from ingest.standard import arrow_schema
from tests.certificate.certified_bills import (
    CITY,
    any_account,
    any_bill,
    any_tariff,
    billed_as_due,
    published_cities,
)

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


def table(feed: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(feed))


def batch(task: tuple[int, int, int]) -> Batch:
    """The batch of that number under the seed, by both computations."""
    seed, number, count = task
    dice = random.Random(f"{seed}-{number}")
    categories, where = CATEGORIES, {"city": CITY, "service_areas": ()}
    if number % 2:
        city, areas, categories = dice.choice(published_cities())
        tariffs, where = load_published(), {"city": city, "service_areas": areas}
    else:
        tariffs = [any_tariff(dice, category) for category in CATEGORIES if category != "low_income"]
    size = dice.choice([5, 7, 9, 13])
    bills = [any_bill(dice, row, categories, size) for row in range(1, count + 1)]
    roster = None
    if dice.random() < 0.5:
        on_it = {one["account_no"]: any_account(dice, one) for one in bills if dice.random() < 0.97}
        roster = table("accounts", list(on_it.values()))
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
