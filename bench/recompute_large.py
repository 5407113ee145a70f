"""The check of a filing as the worker runs it, from the evidence to what goes on record, at two sizes: the most memory of a
process that does nothing else, and whether twice the bills take twice the time.

python bench/recompute_large.py [--bills 50000000] [--other-order] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import pyarrow as pa
from _bills import CITY, bills

from ingest.evidence import EvidenceStore
from ingest.standard import arrow_schema

AT_ONCE = 1_000_000


def file_bills(count: int, evidence: EvidenceStore, *, in_other_order: bool, wrong: float = 0.01) -> str:
    """The digest of a filing of so many bills, as evidence keeps them: sorted by account. ``in_other_order`` they were
    filed in another order than that of their accounts."""
    rows = np.arange(1, count + 1, dtype=np.int32)
    if in_other_order:
        np.random.default_rng(3).shuffle(rows)
    schema = arrow_schema("bills")
    with evidence.table_in_pieces(schema, sorted_by=["account_no", "bill_no"]) as pieces:
        for start in range(0, count, AT_ONCE):
            stop = min(start + AT_ONCE, count)
            table = bills(stop - start, wrong_share=wrong, seed=start)
            numbers = pa.array([f"{number:010d}" for number in range(start, stop)])
            for name, values in (
                ("account_no", numbers),
                ("bill_no", pa.compute.binary_join_element_wise("B", numbers, "")),
                ("source_row", pa.array(rows[start:stop])),
            ):
                place = schema.get_field_index(name)
                table = table.set_column(place, schema.field(place), values)
            pieces.add(table)
    return pieces.stored.digest


def check(folder: Path, digest: str) -> None:
    """The check of the filing; prints as JSON what it took and what it found."""
    import datetime as dt

    from checks.fees import shipped_register
    from checks.tariffs.load import load_published
    from supervision.db import make_engine
    from supervision.db.schema import create
    from supervision.findings.computing import compute
    from supervision.findings.inputs import Inputs
    from supervision.settings import FixedClock, Settings

    engine = make_engine(f"sqlite:///{folder / 'register.sqlite'}")
    create(engine)

    class Context:
        """Where a check without a job says how far it is."""

        settings = Settings.from_mapping({"supervision.environment": "test", "supervision.data": str(folder)})
        clock = FixedClock(dt.datetime(2026, 5, 1, tzinfo=dt.UTC))

        def __init__(self) -> None:
            self.engine = engine

        def progress(self, _stage: str, _done: int, _total: int | None = None) -> None:
            pass

    inputs = Inputs(
        filing_id=1,
        company_id=1,
        period="2025-26",
        season="2025-26",
        city=CITY,
        service_areas=(),
        bills_digest=digest,
        accounts_filing_id=None,
        accounts_digest=None,
        siblings=(),
        temperatures=(),
        requests=(),
        outages=(),
        readings=(),
        tariffs=load_published(),
        fees=shipped_register(),
    )
    own = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            said = Path("/proc/self/status").read_text()
            own[0] = max(own[0], int(said.split("RssAnon:")[1].split()[0]))

    threading.Thread(target=watch, daemon=True).start()
    start, used = time.perf_counter(), time.process_time()
    computed = compute(Context(), EvidenceStore(folder / "evidence"), inputs, None, again=True)  # type: ignore[arg-type]
    took = {"clock": time.perf_counter() - start, "processor": time.process_time() - used}
    done.set()
    assert computed is not None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {name: computed.figures[name] for name in ("bills", "breaches", "inconclusive")}
    print(
        json.dumps(
            {**took, "peak_mib": peak // 1024, "own_mib": own[0] // 1024, "twice": computed.second.bills}
            | found
        )
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--bills", type=int, default=2_000_000)
    asked.add_argument(
        "--other-order", action="store_true", help="filed in another order than that of the accounts"
    )
    asked.add_argument(
        "--folder", type=Path, help="where the files lie; beside the system's temporary ones if not given"
    )
    asked.add_argument("--check", nargs=2, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.check:
        check(Path(options.check[0]), options.check[1])
        return
    seconds = []
    order = "another order than" if options.other_order else "the order of"
    for count in (options.bills // 2, options.bills):
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            digest = file_bills(
                count, EvidenceStore(Path(name) / "evidence"), in_other_order=options.other_order
            )
            command = [sys.executable, __file__, "--check", name, digest]
            said = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        seconds.append(said["processor"] / count)
        print(
            f"{count:,} bills in {order} their accounts, {said['breaches']:,} wrong, {said['twice']:,} computed twice: "
            f"processor {said['processor']:.1f} s ({said['processor'] / count * 1e6:.2f} µs a bill), clock {said['clock']:.1f} s, "
            f"most memory {said['peak_mib']:,} MiB, of its own {said['own_mib']:,} MiB",
            flush=True,
        )
    print(f"a bill of the larger file takes {seconds[1] / seconds[0]:.2f} times one of the smaller")


if __name__ == "__main__":
    main()
