"""How the outcomes of bills moved from one run to the next, bill number by bill number."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.evidence import EvidenceStore

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = ["bill_no", "outcome"]
#: Bills that are compared together; more are sorted into so many by their numbers first.
BILLS_AT_ONCE = 1_000_000


def movement(
    evidence: EvidenceStore, before: str, after: str, *, at_once: int = BILLS_AT_ONCE
) -> dict[str, int]:
    """How the outcome of each bill number moved between two tables of outcomes: ``conforms→breach`` and the like,
    ``added``, ``removed``; what stayed is not listed. Memory holds about ``at_once`` bills of each."""
    moved: Counter[str] = Counter()
    rows = max(evidence.open_table(digest).metadata.num_rows for digest in (before, after))
    if rows <= at_once:
        moved.update(_moved(evidence.read_table(before, _COLUMNS), evidence.read_table(after, _COLUMNS)))
        return dict(moved)
    cuts = _cuts(evidence, after, rows // at_once)
    with tempfile.TemporaryDirectory(prefix="movement-") as folder:
        was = _sorted_out(evidence, before, cuts, Path(folder) / "before")
        became = _sorted_out(evidence, after, cuts, Path(folder) / "after")
        for one, other in zip(was, became, strict=True):
            moved.update(_moved(_read(one), _read(other)))
    return dict(moved)


def _moved(before: pa.Table, after: pa.Table) -> dict[str, int]:
    import pyarrow.compute as pc

    before = before.rename_columns(["bill_no", "before"])
    joined = before.join(after, "bill_no", join_type="full outer")
    moved = pc.binary_join_element_wise(
        pc.fill_null(joined["before"], "added"), pc.fill_null(joined["outcome"], "removed"), "→"
    )
    found: Counter[str] = Counter()
    for row in pc.value_counts(moved).to_pylist():
        was, became = row["values"].split("→")
        if was != became:
            name = became if became == "removed" else was if was == "added" else f"{was}→{became}"
            found[name] += row["counts"]
    return found


def _batches(evidence: EvidenceStore, digest: str) -> Iterator[pa.Table]:
    import pyarrow as pa

    for batch in evidence.open_table(digest).iter_batches(131_072, columns=_COLUMNS):
        yield pa.Table.from_batches([batch]).select(_COLUMNS)


def _cuts(evidence: EvidenceStore, digest: str, count: int) -> pa.Array:
    """Bill numbers that cut the bills into about equal stretches."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sample = pa.concat_arrays(
        [
            batch["bill_no"].combine_chunks().slice(0, len(batch))[::1021]
            for batch in _batches(evidence, digest)
        ]
    )
    sample = sample.drop_null()
    sample = sample.take(pc.sort_indices(sample))
    return pc.unique(
        sample.take(pa.array([len(sample) * part // (count + 1) for part in range(1, count + 1)]))
    )


def _sorted_out(evidence: EvidenceStore, digest: str, cuts: pa.Array, folder: Path) -> list[Path]:
    """One file a stretch with the bills whose numbers lie in it."""
    import pyarrow as pa

    from checks.runs.plan import part_of

    folder.mkdir()
    paths = [folder / str(place) for place in range(len(cuts) + 1)]
    schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
    writers = [pa.ipc.new_stream(str(path), schema) for path in paths]
    for table in _batches(evidence, digest):
        place = part_of(table["bill_no"], cuts)
        for number in sorted(set(place.tolist())):
            writers[number].write_table(table.filter(pa.array(place == number)))
    for writer in writers:
        writer.close()
    return paths


def _read(path: Path) -> pa.Table:
    import pyarrow as pa

    with pa.OSFile(str(path)) as source:
        return pa.ipc.open_stream(source).read_all()
