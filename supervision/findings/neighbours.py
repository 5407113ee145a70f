"""Bills of a season's other filings that can change an outcome, found group by group: memory holds a few groups of rows,
however many bills there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from ingest.evidence import EvidenceStore
from supervision.findings.inputs import Inputs

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_KEYS = ["account_no", "bill_no"]
_HELD = 8  # groups of accounts kept at hand: neighbours in one file lie near each other in the other


def neighbours_of(evidence: EvidenceStore, inputs: Inputs) -> str | None:
    """The digest of a table in the evidence with the rows of the season's other filings that can change an outcome of
    the bills: bills of the same accounts (a service billed before is a duplicate) and bills that these correct. None when
    there are none. Their ``source_row`` is negative: they are read, not judged."""
    import numpy as np
    import pyarrow as pa

    bills = evidence.open_table(inputs.bills_digest)
    accounts = _Accounts(bills)
    corrected = _corrected(bills)
    found = chain.from_iterable(
        _related(evidence.open_table(digest), accounts, corrected) for digest in inputs.siblings
    )
    first = next(found, None)
    if first is None:
        return None
    source_row = bills.schema_arrow.field("source_row")
    rows = 0
    with evidence.table_in_pieces(first.schema.set(0, source_row)) as pieces:
        for table in chain([first], found):
            numbers = np.arange(-rows - 1, -rows - 1 - len(table), -1, dtype=np.int32)
            pieces.add(table.set_column(0, source_row, pa.array(numbers)))
            rows += len(table)
    return pieces.stored.digest


def _corrected(bills: pq.ParquetFile) -> pa.Array:
    """The bill numbers that the bills correct."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = [
        batch.column(0).drop_null()
        for batch in bills.iter_batches(columns=["corrects_bill_no"])
        if batch.column(0).null_count < len(batch)
    ]
    return pc.unique(pa.chunked_array(found, pa.string()))


def _related(sibling: pq.ParquetFile, accounts: _Accounts, corrected: pa.Array) -> Iterator[pa.Table]:
    """The rows of a sibling with an account or a number that is looked for. Only groups that have one are read whole."""
    import pyarrow.compute as pc

    for place in range(sibling.num_row_groups):
        keys = sibling.read_row_group(place, columns=_KEYS)
        is_related = pc.is_in(keys["account_no"], value_set=accounts.near(keys["account_no"]))
        if len(corrected):
            is_related = pc.or_(is_related, pc.is_in(keys["bill_no"], value_set=corrected))
        if pc.any(is_related).as_py():
            yield sibling.read_row_group(place).filter(is_related)


class _Accounts:
    """The accounts of the bills, read by stretches of their order. Of bills in no order every group is read each time."""

    def __init__(self, bills: pq.ParquetFile) -> None:
        self._bills = bills
        self._held: dict[int, pa.Array] = {}
        column = bills.schema_arrow.get_field_index("account_no")
        self._ends: list[tuple[str, str] | None] = []
        for place in range(bills.num_row_groups):
            said = bills.metadata.row_group(place).column(column).statistics
            self._ends.append((said.min, said.max) if said is not None and said.has_min_max else None)

    def near(self, accounts: pa.ChunkedArray) -> pa.Array:
        """The accounts of the bills that can be among these, perhaps more."""
        import pyarrow as pa
        import pyarrow.compute as pc

        ends = pc.min_max(accounts).as_py()
        if ends["min"] is None:
            return pa.array([], pa.string())
        found = [
            self._group(place)
            for place, of_group in enumerate(self._ends)
            if of_group is None or (of_group[0] <= ends["max"] and ends["min"] <= of_group[1])
        ]
        return pa.concat_arrays(found) if found else pa.array([], pa.string())

    def _group(self, place: int) -> pa.Array:
        import pyarrow.compute as pc

        if place not in self._held:
            while len(self._held) >= _HELD:
                del self._held[next(iter(self._held))]
            table = self._bills.read_row_group(place, columns=["account_no"])
            self._held[place] = pc.unique(table["account_no"]).drop_null()
        return self._held[place]
