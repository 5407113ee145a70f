"""The second opinion of a run: drawn over all its bills, given part by part beside the first.

A part holds every bill that can decide an amount of its own bills, so the checker sees what it would see of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from checks.certificate.second_opinion import differing, drawn
from checks.recompute.columns import Ints
from checks.runs.files import read_batches
from checks.tariffs.record import Tariff


@dataclass(frozen=True, slots=True)
class Drawn:
    """A file with the rows to compute twice, ascending, and how many there are."""

    path: Path
    bills: int


def draw(bills: Sequence[Path], judged: int, seed: str, path: Path) -> Drawn:
    """The rows drawn by ``seed`` among the ``judged`` bills of the files lie in ``path``: by their places in the order
    stored, rows below 1 (which are read, not judged) not counted."""
    places = np.array(drawn(judged, seed), dtype=np.int64)
    found = [np.zeros(0, dtype=np.int64)]
    for start, rows in _judged(bills):
        first, last = np.searchsorted(places, [start, start + len(rows)])
        found.append(rows[places[first:last] - start])
    rows = np.sort(np.concatenate(found))
    np.save(path, rows)
    return Drawn(path, len(rows))


def _judged(bills: Sequence[Path]) -> Iterator[tuple[int, Ints]]:
    """The rows that are judged, as stored, some ten thousand at a time, and how many came before."""
    start = 0
    for path in bills:
        for batch in read_batches(path, "bills", ["source_row"]):
            rows = np.asarray(batch["source_row"].to_numpy()).astype(np.int64)
            rows = rows[rows > 0]
            yield start, rows
            start += len(rows)


def compute_twice(
    bills: pa.Table,
    accounts: pa.Table | None,
    outcomes: pa.Table,
    tariffs: Sequence[Tariff],
    path: Path,
    **where: Any,
) -> None:
    """The bills drawn in the file ``path`` that are among these come to the same outcome by the checker. ``outcomes`` are
    those of the bills, in their order. Raises SecondOpinionDiffers for the first that does not."""
    rows = np.asarray(bills["source_row"].to_numpy())
    wanted = np.load(path)
    if not len(wanted):
        return
    places = np.flatnonzero(wanted[np.searchsorted(wanted[:-1], rows)] == rows).tolist()
    if not places:
        return
    recorded = outcomes.take(pa.array(places, pa.int64()))
    for differs in differing(bills, accounts, lambda _rows: recorded, tariffs, places, **where):
        raise differs
