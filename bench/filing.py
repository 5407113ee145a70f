"""A file of a million bills from bytes to verdict and Parquet, beside DuckDB reading the same file with given types."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from _bills import bills, write_csv
from _timing import compare, peak_mib

from ingest.evidence import EvidenceStore
from ingest.judge import judge

COUNT = 1_000_000
TYPES = {
    "decimal(18,2)": ("billed_area_m2", "area_charge", "base_charge", "metered_charge", "total"),
    "decimal(18,3)": ("heat_used",),
    "date": ("service_from", "service_to", "issued_on", "due_on"),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "bills.csv"
        write_csv(bills(COUNT), file)
        evidence = EvidenceStore(folder / "evidence")
        print(f"{COUNT:,} bills, {file.stat().st_size / 1e6:.0f} MB of CSV (medians of five, interleaved):")

        def ours() -> None:
            judgement = judge(file, feed="bills", period="2025-26", filename=file.name)
            if judgement.table is None:
                raise RuntimeError([group.edit_id for group in judgement.summary()])
            evidence.put_table(judgement.table)

        types = ", ".join(f"'{column}': '{kind}'" for kind, columns in TYPES.items() for column in columns)
        query = f"COPY (SELECT * FROM read_csv('{file}', types={{{types}}})) TO '{folder / 'duck.parquet'}' (COMPRESSION zstd)"

        def duck() -> None:
            duckdb.sql(query)

        compare({"duckdb read_csv with types → Parquet": duck, "judge every edit → Parquet evidence": ours})
        print(f"most memory held by this process: {peak_mib()} MiB")


if __name__ == "__main__":
    main()
