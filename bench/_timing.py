"""Five interleaved runs of each contender, the median of each, and the ratio to the first."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping

RUNS = 5


def compare(contenders: Mapping[str, Callable[[], object]], *, runs: int = RUNS) -> dict[str, float]:
    """Median seconds by name after one warm-up each; printed with the ratio to the first."""
    for run in contenders.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    first = next(iter(medians.values()))
    for name, value in medians.items():
        spread = f"{min(seconds[name]):.3f}–{max(seconds[name]):.3f}"
        print(f"  {name:<44} {value:8.3f} s  ({spread})  × {value / first:.2f}")
    return medians


def peak_mib() -> int:
    """Most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
