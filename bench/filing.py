"""Files as companies file them, from bytes to verdict, report and evidence, beside what reads the same bytes with less to say.

python bench/filing.py [--bills 1000000] [--readings 20000000] [--sheet-rows 200000] [--peer-rows 100000] [--runs 5] [--only NAME ...]

Each part is measured in a process of its own; the peers pandera and frictionless run where
bench/peers.txt is installed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.append(str(Path(__file__).parent.parent / "build" / "peers"))

from _filed import NUMBERS, TYPES, file_bills, file_readings, file_sheet

#: What each peer is held against, and the most that ours may take of it; None where nothing was promised.
PARTS: dict[str, tuple[str, str, float | None]] = {
    "bills": ("duckdb", "CSV of bills, judged, to Parquet evidence / duckdb read_csv to Parquet (zstd)", 3.0),
    "bills_gb18030": ("duckdb", "the same in GB18030 / duckdb on the UTF-8 file", 4.0),
    "bills_wrong": ("bills", "an error in every row, complete report / its clean twin", 2.0),
    "readings": ("parse", "readings streamed through every grammar / bare pyarrow parse", None),
    "sheet": ("calamine", "XLSX of bills judged / python-calamine reading it", 2.0),
    "small": ("pandera", "CSV of bills, judged / pandera (lazy, pandas)", None),
    "small_again": ("frictionless", "CSV of bills, judged / frictionless validate", None),
}


def judged(file: Path, folder: Path) -> None:
    """What the portal makes of a file of bills: verdict, table, edits and report as evidence."""
    from ingest.edits.report import Report, write_csv
    from ingest.evidence import EvidenceStore
    from ingest.judge import judge
    from supervision.filings.edit_report import arranged

    evidence = EvidenceStore(folder / "evidence")
    judgement = judge(file, feed="bills", period="2025-26", filename=file.name)
    edits, _ = arranged(judgement.edits)
    evidence.put_table(edits)
    write_csv(Report(edits, "0" * 64, None, judgement.row_offset), folder / "report.csv")
    if judgement.table is not None:
        evidence.put_table(judgement.table, sort_by=["account_no", "bill_no"])
    print(json.dumps({"verdict": judgement.verdict, "rows": judgement.rows, "edits": edits.num_rows}))


def streamed(file: Path, folder: Path) -> None:
    """Readings of any number by the same grammars, as they go to who does not hold them all."""
    from ingest.judge import read

    rows = [0]

    def keep(batch: object) -> None:
        rows[0] += len(batch)  # type: ignore[arg-type]

    found = read(file, feed="readings", filename=file.name, keep=keep)
    print(json.dumps({"rows": rows[0], "edits": found.edits.num_rows}))


def duckdb(file: Path, folder: Path) -> None:
    import duckdb as engine

    types = ", ".join(f"'{column}': '{kind}'" for kind, columns in TYPES.items() for column in columns)
    target = folder / "duck.parquet"
    engine.sql(f"COPY (SELECT * FROM read_csv('{file}', types={{{types}}})) TO '{target}' (COMPRESSION zstd)")


def parse(file: Path, folder: Path) -> None:
    import pyarrow.csv

    with pyarrow.csv.open_csv(file) as batches:
        for _ in batches:
            pass


def calamine(file: Path, folder: Path) -> None:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(file))
    book.get_sheet_by_index(0).to_python()


def pandera(file: Path, folder: Path) -> None:
    import pandas as pd
    import pandera.pandas as pa

    text = [pa.Column(str, nullable=False, unique=True, name="bill_no")]
    amounts = [pa.Column(float, pa.Check.in_range(-1e9, 1e9), nullable=True, name=name) for name in NUMBERS]
    codes = [
        pa.Column(str, pa.Check.isin(["season", "settlement", "correction"]), name="kind"),
        pa.Column(str, pa.Check.isin(["area", "metered"]), name="billing_method"),
    ]
    schema = pa.DataFrameSchema({column.name: column for column in (*text, *amounts, *codes)})
    schema.validate(pd.read_csv(file, dtype={"bill_no": str}), lazy=True)


def frictionless(file: Path, folder: Path) -> None:
    from frictionless import Resource, Schema, fields, system

    made = [fields.StringField(name="bill_no", constraints={"required": True, "unique": True})]
    header = file.open(encoding="utf-8").readline().strip().replace('"', "").split(",")
    kinds = {**dict.fromkeys(NUMBERS, fields.NumberField), **dict.fromkeys(TYPES["date"], fields.DateField)}
    made += [kinds.get(name, fields.StringField)(name=name) for name in header[1:]]
    with system.use_context(trusted=True):
        report = Resource(path=str(file), schema=Schema(fields=made)).validate(limit_errors=1000)
    if not report.valid:
        raise RuntimeError(report.flatten(["type", "note"])[:3])


RUNS: dict[str, Callable[[Path, Path], None]] = {
    "bills": judged,
    "bills_gb18030": judged,
    "bills_wrong": judged,
    "readings": streamed,
    "sheet": judged,
    "small": judged,
    "small_again": judged,
    "duckdb": duckdb,
    "parse": parse,
    "calamine": calamine,
    "pandera": pandera,
    "frictionless": frictionless,
}


OURS = ("ingest.judge", "ingest.evidence", "ingest.edits.report", "supervision.filings.edit_report")
IMPORTS = {
    "duckdb": ("duckdb",),
    "parse": ("pyarrow.csv",),
    "calamine": ("python_calamine",),
    "pandera": ("pandas", "pandera.pandas"),
    "frictionless": ("frictionless",),
}


def taken(name: str, file: Path) -> tuple[float, int, dict[str, object]]:
    """Seconds of processor time after the imports, the most memory (MiB) of a process that does nothing else, and what it
    said."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        command = [sys.executable, __file__, "--part", name, str(file), folder]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()
    used = json.loads(said[-1])
    return used["processor"], used["peak_mib"], json.loads(said[0]) if len(said) > 1 else {}


def part(name: str, file: Path, folder: Path) -> None:
    """One run in this process; what it imports is there before its time begins."""
    for module in IMPORTS.get(name, OURS):
        importlib.import_module(module)
    if name not in IMPORTS:
        importlib.import_module("ingest.memory").return_what_is_freed()
    start = time.process_time()
    RUNS[name](file, folder)
    used = time.process_time() - start
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
    print(json.dumps({"processor": used, "peak_mib": peak // 1024}))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--bills", type=int, default=1_000_000)
    asked.add_argument("--readings", type=int, default=2_000_000)
    asked.add_argument("--sheet-rows", type=int, default=200_000)
    asked.add_argument("--peer-rows", type=int, default=100_000)
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    asked.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.part:
        part(options.part[0], Path(options.part[1]), Path(options.part[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in options.only:
            measure(one, folder, options)


def measure(name: str, folder: Path, options: argparse.Namespace) -> None:
    """One part and what it is held against, in turn; the medians and their ratio."""
    peer, title, most = PARTS[name]
    if peer in ("pandera", "frictionless") and importlib.util.find_spec(peer) is None:
        print(f"{peer} is not installed: see bench/peers.txt")
        return
    rows, own, other = _files(name, folder, options)
    ours, theirs = [], []
    for _ in range(options.runs):
        ours.append(taken(name, own))
        theirs.append(taken(peer, other))
    one, two = (statistics.median(run[0] for run in runs) for runs in (ours, theirs))
    aim = "" if most is None else f" (aim: {most:g})"
    print(
        f"{title}: {rows:,} rows, {own.stat().st_size / 1e6:.0f} MB: processor {one:.2f} s / {two:.2f} s = "
        f"{one / two:.2f}{aim}; {rows / one:,.0f} rows a second; most memory {max(run[1] for run in ours):,} MiB / "
        f"{max(run[1] for run in theirs):,} MiB; {ours[0][2]}",
        flush=True,
    )


def _files(name: str, folder: Path, options: argparse.Namespace) -> tuple[int, Path, Path]:
    """How many rows, the file that is judged and the one that the peer reads."""
    if name == "readings":
        file = file_readings(folder / "readings.csv", options.readings)
        return options.readings, file, file
    if name == "sheet":
        file = file_sheet(folder / "bills.xlsx", options.sheet_rows)
        return options.sheet_rows, file, file
    if name.startswith("small"):
        file = file_bills(folder / "small.csv", options.peer_rows)
        return options.peer_rows, file, file
    clean = file_bills(folder / "bills.csv", options.bills)
    if name == "bills":
        return options.bills, clean, clean
    other = {"bills_gb18030": {"encoding": "gb18030"}, "bills_wrong": {"is_wrong": True}}[name]
    return options.bills, file_bills(folder / f"{name}.csv", options.bills, **other), clean


if __name__ == "__main__":
    main()
