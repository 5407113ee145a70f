"""A million bills in memory: recomputed, the causes of the wrong ones found, and the worksheet of one.

python bench/recompute_causes.py [--bills 1000000]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pyarrow.compute as pc
from _bills import CITY, bills
from _timing import compare, peak_mib

from checks.causes import find_causes
from checks.recompute import recompute, worksheet
from checks.tariffs.load import load_published

SHEETS = 40


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--bills", type=int, default=1_000_000)
    count = asked.parse_args().bills
    tariffs = load_published()
    table = bills(count)
    start = time.perf_counter()
    outcomes = recompute(table.slice(0, 5000), None, tariffs, city=CITY, compiled=True)
    print(f"first use, compilation or its cache included: {time.perf_counter() - start:.2f} s")
    outcomes = recompute(table, None, tariffs, city=CITY)
    wrong = pc.sum(pc.equal(outcomes["outcome"], "breach")).as_py()
    bad = bills(SHEETS, wrong_share=1.0).to_pylist()
    good = bills(SHEETS, wrong_share=0.0).to_pylist()

    def sheets(rows: list[dict[str, object]]) -> None:
        for row in rows:
            worksheet(row, None, tariffs, city=CITY)

    print(f"{count:,} bills in memory (medians of five, interleaved):")
    compare(
        {
            "recompute, outcome table included": lambda: recompute(table, None, tariffs, city=CITY),
            f"causes of {wrong:,} wrong bills": lambda: find_causes(
                table, None, outcomes, tariffs, city=CITY
            ),
            f"{SHEETS} worksheets, bills that conform": lambda: sheets(good),
            f"{SHEETS} worksheets, a yuan too high, no cause": lambda: sheets(bad),
        }
    )
    print(f"most memory held: {peak_mib()} MiB")


if __name__ == "__main__":
    main()
