"""Bills as Parquet in, outcomes as Parquet out: tariff lookup, comparison, causes and grouping included, beside bare pyarrow
that reads the same columns and writes the same outcomes.

python bench/recompute_files.py [--bills 5000000] [--runs 5] [--wrong 0.01]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from _bills import CITY, bills
from _timing import compare

from checks.causes import EXPLAINED_SCHEMA
from checks.recompute.filed import BILL_COLUMNS
from checks.runs import check_files
from checks.tariffs.load import load_published
from ingest.evidence import EvidenceStore

TARIFFS = load_published()


def by_account(table: pa.Table) -> pa.Table:
    """The same bills with account numbers that rise with their rows, as a company files them by account."""
    numbers = pa.array([f"{number:09d}" for number in range(len(table))])
    return table.set_column(table.column_names.index("account_no"), table.schema.field("account_no"), numbers)


def in_another_order(table: pa.Table) -> pa.Table:
    """The same bills filed in another order than that of their accounts."""
    rows = pa.array(np.random.default_rng(3).permutation(len(table)) + 1, pa.int32())
    return table.set_column(0, table.schema.field("source_row"), rows)


def run(bills_file: Path, folder: Path) -> Path:
    """Our way: the outcomes as evidence."""
    store = EvidenceStore(folder / "evidence")
    with (
        tempfile.TemporaryDirectory(dir=folder) as scratch,
        store.table_in_pieces(EXPLAINED_SCHEMA, sorted_by=["source_row"]) as outcomes,
    ):
        check_files([bills_file], None, TARIFFS, city=CITY, keep=outcomes.add, scratch=Path(scratch))
    return store.path(outcomes.stored.digest)


def bare(bills_file: Path, outcomes: pa.Table, folder: Path) -> None:
    """Reading and writing alone, with the encodings of evidence and all threads."""
    pq.read_table(bills_file, columns=list(BILL_COLUMNS))
    packed = [one.name for one in outcomes.schema if not pa.types.is_string(one.type)]
    pq.write_table(
        outcomes,
        folder / "bare.parquet",
        compression="zstd",
        row_group_size=16_384,
        use_dictionary=[name for name in outcomes.column_names if name not in packed],
        column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        store_decimal_as_integer=True,
        write_page_checksum=True,
    )


def peak_of_a_run(bills_file: Path, folder: Path) -> str:
    """Most memory of a process of its own that does nothing but the run."""
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, 'bench'); from recompute_files import run;"
        "run(Path(sys.argv[1]), Path(sys.argv[2]));"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    command = [sys.executable, "-c", program, str(bills_file), str(folder)]
    root = Path(__file__).resolve().parents[1]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout
    return f"{int(said) // 1024}"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--bills", type=int, default=500_000)
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--wrong", type=float, default=0.01)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = EvidenceStore(folder / "filed")
        table = by_account(bills(options.bills, wrong_share=options.wrong))
        kinds = {"filed by account": table, "filed in another order": in_another_order(table)}
        for kind, filed in kinds.items():
            path = store.path(store.put_table(filed, sort_by=["account_no", "bill_no"]).digest)
            outcomes = pq.read_table(run(path, folder))
            print(f"{options.bills:,} bills {kind}, {options.wrong:.1%} wrong (medians, interleaved):")
            started = time.process_time()
            run(path, folder)
            print(f"  processor time of one run: {time.process_time() - started:.2f} s")
            compare(
                {
                    "bare pyarrow read and write": lambda p=path, o=outcomes: bare(p, o, folder),
                    "check of the file": lambda p=path: run(p, folder),
                },
                runs=options.runs,
            )
            print(f"  most memory of a process that checks it: {peak_of_a_run(path, folder)} MiB")


if __name__ == "__main__":
    main()
