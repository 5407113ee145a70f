"""The rules over columns in memory, beside what people would write instead: pandas with floats, DuckDB with HUGEINT, polars
with Int128, a loop of Decimals; and beside touching the bytes once.

python bench/recompute_kernel.py [--bills 5000000] [--runs 5]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
import numpy as np
import pyarrow as pa
from _mixed import duckdb_query, mixed_facts, published_terms, with_decimals, with_pandas, with_polars
from _timing import compare, peak_mib

from checks.recompute.execution import execute
from checks.recompute.rules import Facts, Terms

LOOP = 20_000  # the Decimal loop is timed on so many bills and scaled


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--bills", type=int, default=1_000_000)
    asked.add_argument("--runs", type=int, default=5)
    options = asked.parse_args()
    count = options.bills
    terms = published_terms()
    facts, group = mixed_facts(count, terms)
    columns = Terms(*(np.array(column, dtype=np.int64) for column in zip(*terms, strict=True)))  # type: ignore[arg-type]
    start = time.perf_counter()
    execute(Facts(*(c[:10] for c in facts)), group[:10], terms, compiled=True)  # type: ignore[arg-type]
    print(f"first use, compilation or its cache included: {time.perf_counter() - start:.2f} s")
    print(
        f"{count:,} bills under the {len(terms)} published tariffs with an area price (medians, interleaved):"
    )
    found: dict[str, np.ndarray] = {}
    some = Facts(*(column[:LOOP] for column in facts))  # type: ignore[arg-type]

    def ours() -> None:
        found["ours"] = execute(facts, group, terms, compiled=True).total  # type: ignore[assignment]

    def pandas() -> None:
        found["pandas float64"] = with_pandas(facts, columns, group).to_numpy()

    def decimals() -> None:
        found["decimals"] = np.array([int(one) for one in with_decimals(some, terms, group[:LOOP])])

    base = duckdb.connect()
    base.register(
        "facts_arrow", pa.table([*facts, group, np.arange(count)], [*Facts._fields, "place", "row_no"])
    )
    base.register("terms_arrow", pa.table([*columns, np.arange(len(terms))], [*Terms._fields, "place"]))
    base.execute("CREATE TABLE facts AS SELECT * FROM facts_arrow")
    base.execute("CREATE TABLE terms AS SELECT * FROM terms_arrow")
    query = duckdb_query()

    def duck() -> None:
        result = base.sql(f"SELECT row_no, total::BIGINT AS total FROM ({query})").to_arrow_table()
        totals = np.empty(count, dtype=np.int64)
        totals[result["row_no"].to_numpy()] = result["total"].to_numpy()
        found["DuckDB HUGEINT"] = totals

    contenders = {
        "rules, compiled": ours,
        "touching the bytes once": lambda: sum(int(column.sum()) for column in (*facts, group)),
        "DuckDB HUGEINT": duck,
        "pandas float64": pandas,
        f"Decimal loop, {LOOP:,} bills": decimals,
    }
    try:
        import polars as pl
    except ImportError:
        print("  polars is not installed: see bench/peers.txt")
    else:
        frame = pl.DataFrame({**dict(zip(Facts._fields, facts, strict=True)), "group": group})
        of_terms = {f"t_{name}": column for name, column in zip(Terms._fields, columns, strict=True)}
        joined = pl.DataFrame({**of_terms, "group": np.arange(len(terms))})

        def polars() -> None:
            found["polars Int128"] = with_polars(frame, joined)["total"].cast(pl.Int64).to_numpy()

        contenders["polars Int128"] = polars
    medians = compare(contenders, runs=options.runs)
    ours_takes = medians["rules, compiled"]
    loop = medians[f"Decimal loop, {LOOP:,} bills"] * count / LOOP
    print(f"  Decimal loop scaled to {count:,} bills: {loop:.1f} s, × {loop / ours_takes:.0f}")
    exact = found.pop("ours")
    for name, totals in found.items():
        wrong = int(np.count_nonzero(totals != exact[: len(totals)]))
        largest = float(np.abs(totals - exact[: len(totals)]).max()) / 100
        print(
            f"  {name:<20} differs from the rules on {wrong:,} of {len(totals):,} bills, by at most {largest:,.2f} CNY"
        )
    print(f"most memory held: {peak_mib()} MiB")


if __name__ == "__main__":
    main()
