"""Five interleaved runs of each contender, the medians of each, and the ratio to the first."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping

RUNS = 5


def compare(contenders: Mapping[str, Callable[[], object]], *, runs: int = RUNS) -> dict[str, float]:
    """Median seconds of processor time (of all threads) by name after one warm-up each; printed with the ratio to the
    first and, because other work on the machine stretches it, the median by the clock besides."""
    for run in contenders.values():
        run()
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, run in contenders.items():
            start, used = time.perf_counter(), time.process_time()
            run()
            took[name].append((time.process_time() - used, time.perf_counter() - start))
    medians = {name: statistics.median(used for used, _ in values) for name, values in took.items()}
    first = next(iter(medians.values()))
    for name, value in medians.items():
        used = sorted(one for one, _ in took[name])
        clock = statistics.median(one for _, one in took[name])
        spread = f"({used[0]:.3f}–{used[-1]:.3f})"
        print(
            f"  {name:<44} processor {value:8.3f} s {spread:<15} × {value / first:6.2f}   clock {clock:8.3f} s"
        )
    return medians


def peak_mib() -> int:
    """Most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
