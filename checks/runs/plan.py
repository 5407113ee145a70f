"""Where to cut: parts that hold every bill of an account, and every correction together with what it corrects.

A bill's outcome depends on its own account alone (its roster entry, bills of the same service, heat of other bills), and
a correction's on the bill it corrects. Accounts go into parts by their order, cut at accounts that a sample chose, so that
the parts are of about one size; files sorted by account, as evidence is, are read in stretches, others are sorted into
parts first. Accounts of different parts that corrections tie together are taken out into one part more: there are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute.columns import Flags, Ints, whole
from checks.runs.files import read_batches

_TEXTS = ["account_no", "kind", "corrects_bill_no"]


@dataclass(slots=True)
class Stretches:
    """A file sorted by account: part ``n`` is the rows from ``starts[n]`` to ``starts[n + 1]``."""

    path: Path
    starts: list[int]


@dataclass(slots=True)
class Plan:
    """The parts of a run. ``bills`` and ``accounts`` say for each file where its parts lie, or None where it has to be
    sorted into parts first. ``tied`` are the accounts of the part more; empty when there is none."""

    cuts: pa.Array
    bills: list[Stretches | None]
    accounts: Stretches | None
    tied: pa.Array
    first_row: int  # of source_row, over all bills
    last_row: int
    rows: int
    judged: int  # rows with a source_row from 1 on
    is_in_order: bool  # the parts one after the other are in the order of source_row

    @property
    def parts(self) -> int:
        """How many parts the cuts make, without the one of tied accounts."""
        return len(self.cuts) + 1


def part_of(account: pa.Array | pa.ChunkedArray, cuts: pa.Array) -> Ints:
    """The part of each account; no account stands with the last ones, where sorting puts it."""
    if pa.types.is_dictionary(account.type):
        account = account.cast(pa.string())
    places = pc.search_sorted(cuts, account, side="right") if len(cuts) else None
    if places is None:
        return np.zeros(len(account), dtype=np.int64)
    return np.asarray(pc.fill_null(places, len(cuts)).to_numpy()).astype(np.int64)


def plan_parts(bills: Sequence[Path], accounts: Path | None, rows_a_part: int) -> Plan:
    """The parts of ``bills`` (one run over all these files) and their roster, each of about ``rows_a_part`` bills."""
    scans = [_Scan(path, rows_a_part) for path in bills]
    rows = sum(scan.rows for scan in scans)
    cuts = _cuts(scans, rows, rows_a_part)
    roster = None if accounts is None else _stretches(accounts, "accounts", cuts)
    known = [_stretches(scan.path, "bills", cuts) if scan.is_sorted else None for scan in scans]
    tied = _tied(bills, scans, cuts)
    rows_seen = [scan for scan in scans if scan.rows]
    return Plan(
        cuts=cuts,
        bills=known,
        accounts=roster,
        tied=tied,
        first_row=min((scan.first_row for scan in rows_seen), default=0),
        last_row=max((scan.last_row for scan in rows_seen), default=0),
        rows=rows,
        judged=sum(scan.judged for scan in scans),
        is_in_order=len(scans) == 1 and scans[0].is_sorted and scans[0].rises and len(tied) == 0,
    )


@dataclass(slots=True)
class _Scan:
    """One reading of the keys of a file of bills: a sample of its accounts, its order, its corrections."""

    path: Path
    rows_a_part: int
    rows: int = 0
    judged: int = 0
    is_sorted: bool = True
    rises: bool = True
    first_row: int = 0
    last_row: int = 0
    sample: list[pa.Array] = field(default_factory=list)
    corrections: list[pa.Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        every = max(self.rows_a_part // 64, 1)
        account: pa.Scalar | None = None
        for batch in read_batches(self.path, "bills", ["source_row", *_TEXTS]):
            accounts = _text(batch, "account_no")
            source_rows = whole(batch, "source_row", pa.int32())
            ends = pc.min_max(source_rows).as_py()
            self.rises &= bool(source_rows[0].as_py() > self.last_row or self.rows == 0) and _rises(
                source_rows
            )
            self.first_row = ends["min"] if self.rows == 0 else min(self.first_row, ends["min"])
            self.last_row = ends["max"] if self.rows == 0 else max(self.last_row, ends["max"])
            self.is_sorted = self.is_sorted and _is_sorted(accounts, account)
            account = accounts[-1]
            offset = -self.rows % every
            if offset < len(accounts):
                self.sample.append(accounts.take(pa.array(np.arange(offset, len(accounts), every))))
            self.rows += len(batch)
            self.judged += pc.sum(pc.greater(source_rows, 0)).as_py()
            is_correction = pc.equal(_text(batch, "kind"), "correction").fill_null(False)
            if pc.any(is_correction).as_py():
                found = pa.table([_text(batch, name) for name in _TEXTS], _TEXTS).filter(is_correction)
                self.corrections.append(found)


def _text(table: pa.Table, name: str) -> pa.Array:
    return whole(table, name, pa.string()).cast(pa.string())


def _rises(rows: pa.Array) -> bool:
    return bool(pc.all(pc.less(rows.slice(0, len(rows) - 1), rows.slice(1))).as_py() is not False)


def _is_sorted(accounts: pa.Array, before: pa.Scalar | None) -> bool:
    """Whether the texts do not fall, byte by byte, and blanks come last; ``before`` stands before the first."""
    blanks = accounts.null_count
    if blanks:
        if accounts.slice(0, len(accounts) - blanks).null_count:
            return False
        accounts = accounts.slice(0, len(accounts) - blanks)
    if len(accounts) == 0:
        return True
    if before is not None and (not before.is_valid or before.as_py().encode() > accounts[0].as_py().encode()):
        return False
    one, other = accounts.slice(0, len(accounts) - 1), accounts.slice(1)
    return bool(pc.all(pc.less_equal(one, other)).as_py() is not False)


def _cuts(scans: Sequence[_Scan], rows: int, rows_a_part: int) -> pa.Array:
    """The first account of each part but the first."""
    parts = -(-rows // rows_a_part)
    pieces = [piece for scan in scans for piece in scan.sample]
    if parts < 2 or not pieces:
        return pa.array([], pa.string())
    sample = pa.concat_arrays(pieces).drop_null()
    sample = sample.take(pc.sort_indices(sample))
    at = [len(sample) * part // parts for part in range(1, parts)]
    return pc.unique(sample.take(pa.array(at))) if len(sample) else pa.array([], pa.string())


def _stretches(path: Path, feed: str, cuts: pa.Array) -> Stretches | None:
    """Where the parts of a sorted file start; None where it is not sorted."""
    counts = np.zeros(len(cuts) + 1, dtype=np.int64)
    before: pa.Scalar | None = None
    for batch in read_batches(path, feed, ["account_no"]):
        accounts = _text(batch, "account_no")
        if not _is_sorted(accounts, before):
            return None
        before = accounts[-1]
        ends = part_of(pa.array([accounts[0], accounts[-1]], pa.string()), cuts)
        if ends[0] == ends[1]:
            counts[ends[0]] += len(accounts)
        else:
            counts += np.bincount(part_of(accounts, cuts), minlength=len(counts))
    return Stretches(path, [0, *np.cumsum(counts).tolist()])


# -- corrections ----------------------------------------------------------------------------------------------------


def _tied(bills: Sequence[Path], scans: Sequence[_Scan], cuts: pa.Array) -> pa.Array:
    """The accounts that corrections tie to an account of another part, with all that hang on them."""
    pieces = [piece for scan in scans for piece in scan.corrections]
    nothing = pa.array([], pa.string())
    if not pieces or len(cuts) == 0:
        return nothing
    corrections = pa.concat_tables(pieces)
    wanted = pc.unique(corrections["corrects_bill_no"].cast(pa.string()).drop_null())
    account_of = dict(_accounts_of(bills, wanted))
    groups = _Groups()
    for one, number in zip(
        corrections["account_no"].to_pylist(), corrections["corrects_bill_no"].to_pylist(), strict=True
    ):
        if number in account_of:
            groups.tie(one, account_of[number])
    accounts = pa.array(list(groups.above), pa.string())
    part = part_of(accounts, cuts).tolist()
    parts_of: dict[str | None, set[int]] = {}
    for account, place in zip(groups.above, part, strict=True):
        parts_of.setdefault(groups.root(account), set()).add(place)
    apart = [account for account in groups.above if len(parts_of[groups.root(account)]) > 1]
    return pa.array(apart, pa.string()) if apart else nothing


def _accounts_of(bills: Sequence[Path], numbers: pa.Array) -> Iterator[tuple[str, str | None]]:
    """The bill numbers that are there and their accounts; of a number that stands twice, the last comes last."""
    for path in bills:
        for batch in read_batches(path, "bills", ["bill_no", "account_no"]):
            found: Flags = pc.is_in(_text(batch, "bill_no"), value_set=numbers)
            hits = batch.filter(found)
            yield from zip(hits["bill_no"].to_pylist(), hits["account_no"].to_pylist(), strict=True)


class _Groups:
    """Accounts that belong together."""

    def __init__(self) -> None:
        self.above: dict[str | None, str | None] = {}

    def root(self, account: str | None) -> str | None:
        """The account that stands for all that belong together with this one."""
        self.above.setdefault(account, account)
        while self.above[account] != account:
            self.above[account] = self.above[self.above[account]]
            account = self.above[account]
        return account

    def tie(self, one: str | None, other: str | None) -> None:
        """These two belong together from now on."""
        self.above[self.root(one)] = self.root(other)
