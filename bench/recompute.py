"""Recomputation of a million bills, beside what people would write instead: pandas with floats, and a Decimal loop."""

from __future__ import annotations

import sys
import time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pandas as pd
import pyarrow as pa
from _bills import CITY, bills
from _timing import compare, peak_mib

from checks.causes import find_causes
from checks.recompute import recompute
from checks.tariffs.load import load_published

COUNT = 1_000_000
LOOP = 100_000  # the Decimal loop is timed on fewer and scaled


def with_pandas(frame: pd.DataFrame) -> pd.Series:
    """The same rule in float64: fast to write, and wrong by a fen now and then."""
    metered = frame["billing_method"] == "metered"
    area = (frame["billed_area_m2"] * 38.32).round(2)
    two_part = (frame["billed_area_m2"] * 15.33).round(2) + (frame["heat_used"] * 42.55).round(2)
    return (frame["total"] - np.where(metered, two_part, area)).round(2)


def with_decimals(rows: list[tuple[Decimal, Decimal, bool, Decimal]]) -> list[Decimal]:
    fen = Decimal("0.01")

    def up(value: Decimal) -> Decimal:
        return value.quantize(fen, ROUND_HALF_UP)

    return [
        total
        - (
            up(area * Decimal("15.33")) + up(heat * Decimal("42.55"))
            if metered
            else up(area * Decimal("38.32"))
        )
        for area, heat, metered, total in rows
    ]


def main() -> None:
    tariffs = load_published()
    table = bills(COUNT)
    frame = table.select(["billing_method", "billed_area_m2", "heat_used", "total"]).to_pandas()
    for column in ("billed_area_m2", "heat_used", "total"):
        frame[column] = frame[column].astype("float64")
    some = table.slice(0, LOOP).select(["billed_area_m2", "heat_used", "billing_method", "total"]).to_pydict()
    rows = [
        (area, heat, method == "metered", total)
        for area, heat, method, total in zip(*some.values(), strict=True)
    ]
    start = time.perf_counter()
    recompute(table.slice(0, 5000), None, tariffs, city=CITY, compiled=True)
    print(f"first use, compilation or its cache included: {time.perf_counter() - start:.2f} s")
    print(f"{COUNT:,} bills, tariff lookup and comparison included (medians of five, interleaved):")
    compare(
        {
            "recompute, exact": lambda: recompute(table, None, tariffs, city=CITY),
            "pandas float64, one rule only": lambda: with_pandas(frame),
            f"Decimal loop, {LOOP:,} bills": lambda: with_decimals(rows),
        }
    )
    outcomes = recompute(table, None, tariffs, city=CITY)
    exact = np.array([float(value) for value in outcomes["overcharge"].to_pylist()])
    print(
        f"bills that pandas float64 gets wrong: {int((np.abs(with_pandas(frame) - exact) > 0.004).sum()):,}"
    )
    start = time.perf_counter()
    find_causes(table, None, outcomes, tariffs, city=CITY)
    breaches = pa.compute.sum(pa.compute.equal(outcomes["outcome"], "breach")).as_py()
    print(f"causes of {breaches:,} wrong bills: {time.perf_counter() - start:.2f} s")
    print(f"most memory held: {peak_mib()} MiB")


if __name__ == "__main__":
    main()
