"""The bills behind the parts of a finding, in one order over all of them: the largest difference first.

The rows of a part are a piece of evidence in that order, so the parts need only be merged; memory stays small however
many bills there are.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.evidence import EvidenceStore
from supervision.findings.models import FindingPart

if TYPE_CHECKING:
    import pyarrow as pa

IN_A_BATCH = 4096


class FoundBill(NamedTuple):
    """The outcome of one bill, and the part (with it the run) that found it."""

    part: FindingPart
    row: dict[str, Any]


def streamed(evidence: EvidenceStore, digest: str) -> Iterator[dict[str, Any]]:
    """Every row of that piece of evidence, read in groups."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(evidence.path(digest)) as file:
        for batch in file.iter_batches(batch_size=IN_A_BATCH):
            yield from batch.to_pylist()


def by_harm(evidence: EvidenceStore, parts: Sequence[FindingPart]) -> Iterator[FoundBill]:
    """Every bill of the parts, the largest difference first, an overcharge before an undercharge of its size."""
    return heapq.merge(*(_found(evidence, part) for part in parts), key=_harm)


def _found(evidence: EvidenceStore, part: FindingPart) -> Iterator[FoundBill]:
    return (FoundBill(part, row) for row in streamed(evidence, part.rows_digest))


def _harm(bill: FoundBill) -> tuple[Any, Any]:
    difference = bill.row["overcharge"]
    return (-abs(difference), -difference)


def page_by_harm(
    evidence: EvidenceStore, parts: Sequence[FindingPart], start: int, count: int
) -> list[FoundBill]:
    """The bills ``start`` to ``start + count`` of :func:`by_harm`; of what lies before them only the differences are
    read."""
    import numpy as np

    if not parts:
        return []
    if len(parts) == 1:
        return [FoundBill(parts[0], row) for row in _slice(evidence, parts[0], start, count)]
    differences = [_differences(evidence, part, start + count) for part in parts]
    values = np.concatenate(differences)
    owners = np.repeat(np.arange(len(parts)), [len(each) for each in differences])
    order = owners[np.lexsort((owners, -values, -np.abs(values)))]  # a stable sort: each part keeps its order
    before, wanted = order[:start], order[start : start + count]
    skipped = np.bincount(before, minlength=len(parts))
    taken = np.bincount(wanted, minlength=len(parts))
    rows = [
        iter(_slice(evidence, part, int(skip), int(take)))
        for part, skip, take in zip(parts, skipped, taken, strict=True)
    ]
    return [FoundBill(parts[owner], next(rows[owner])) for owner in wanted.tolist()]


def _differences(evidence: EvidenceStore, part: FindingPart, count: int) -> Any:
    """The first ``count`` differences of the part, in fen."""
    import numpy as np
    import pyarrow.parquet as pq

    from checks.recompute.columns import MONEY, unscaled

    found = []
    with pq.ParquetFile(evidence.path(part.rows_digest)) as file:
        left = count
        for group in range(file.num_row_groups):
            if left <= 0:
                break
            table: pa.Table = file.read_row_group(group, columns=["overcharge"]).slice(0, left)
            found.append(unscaled(table, "overcharge", MONEY)[0])
            left -= table.num_rows
    return np.concatenate(found)


def _slice(evidence: EvidenceStore, part: FindingPart, start: int, count: int) -> list[dict[str, Any]]:
    return rows_between(evidence, part.rows_digest, start, count)


def counted(evidence: EvidenceStore, digest: str) -> int:
    """How many rows that piece of evidence has."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(evidence.path(digest)).num_rows)


def rows_between(evidence: EvidenceStore, digest: str, start: int, count: int) -> list[dict[str, Any]]:
    """Rows ``start`` to ``start + count`` of the evidence, reading only the row groups that hold them."""
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = []
    first = 0
    with pq.ParquetFile(evidence.path(digest)) as file:
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            low, high = max(start - first, 0), min(start + count - first, size)
            if low < high:
                table: pa.Table = file.read_row_group(group)
                rows += table.slice(low, high - low).to_pylist()
            first += size
    return rows
