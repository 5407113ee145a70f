"""One part of a run: its bills read, judged and explained, the outcomes laid where they belong in the order of the file.

Everything here can be sent to another process: paths, numbers, tariffs, and a result that is a file or a small table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.causes import EXPLAINED_SCHEMA, find_causes
from checks.causes.conventions import flips
from checks.fees import FeeRegister
from checks.recompute import RULES_DIGEST, recompute
from checks.runs.files import empty_table, read_rows
from checks.runs.tally import Tally
from checks.runs.twice import compute_twice
from checks.tariffs.record import Tariff


class RulesDiffer(Exception):
    """A worker computes by other rules than the one who asks: it runs another version."""

    def __init__(self) -> None:
        self.zh = "计算节点的核算规则版本与本机不同：请在所有节点安装同一版本后重试。"
        self.en = (
            "A worker has other rules than this machine: install the same version everywhere and try again."
        )
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(frozen=True, slots=True)
class Basis:
    """What every part is judged by. With ``prorated`` it says which verdicts hang on the convention of proration. ``drawn`` is a file of the rows to be computed twice (:mod:`checks.runs.twice`)."""

    tariffs: tuple[Tariff, ...]
    city: str
    service_areas: tuple[str, ...]
    fees: FeeRegister
    measured: pa.Table | None = None
    drawn: Path | None = None
    readings: pa.Table | None = None
    prorated: bool = False
    rules_digest: str = RULES_DIGEST


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows ``start`` to ``stop`` (excluded) of a Parquet file; all of a sorted-out file where ``stop`` is None."""

    path: Path
    start: int = 0
    stop: int | None = None

    def read(self, feed: str) -> pa.Table:
        """The rows in the standard's types."""
        if self.stop is not None:
            return read_rows(self.path, feed, self.start, self.stop)
        with pa.memory_map(str(self.path)) as source:
            table: pa.Table = pa.ipc.open_stream(source).read_all()
        return table


@dataclass(frozen=True, slots=True)
class Part:
    """Bills that are judged together. ``left_out`` are accounts that another part holds. The outcomes are laid into
    ``slots`` by ``source_row``, each ``width`` rows wide from ``first_row`` on, in the file ``result``; as one table
    where that is None."""

    number: int
    bills: tuple[Piece, ...]
    accounts: tuple[Piece, ...] | None
    left_out: pa.Array
    first_row: int
    width: int
    slots: int
    result: Path | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A part that is done: its outcomes by ``source_row`` (a table, or in the part's file), and the count of them."""

    number: int
    tally: Tally
    outcomes: pa.Table | None
    flips: pa.Table | None = None


def judge_part(part: Part, basis: Basis) -> Judged:
    """The outcomes of the part. Rows with a ``source_row`` below 1 are read and not judged. Raises RulesDiffer,
    SecondOpinionDiffers, and ``pa.ArrowInvalid`` for a file that is not as the data standard says."""
    if basis.rules_digest != RULES_DIGEST:
        raise RulesDiffer
    bills = _without(_read(part.bills, "bills"), part.left_out)
    accounts = None if part.accounts is None else _read(part.accounts, "accounts")
    scope: dict[str, Any] = {"city": basis.city, "service_areas": basis.service_areas, "fees": basis.fees}
    scope["measured"] = basis.measured
    outcomes = recompute(bills, accounts, basis.tariffs, **scope)
    if basis.drawn is not None:
        compute_twice(bills, accounts, outcomes, basis.tariffs, basis.drawn, **scope)
    outcomes = find_causes(bills, accounts, outcomes, basis.tariffs, readings=basis.readings, **scope)
    flipped = _flips(bills, accounts, outcomes, basis) if basis.prorated else None
    outcomes = _in_order(outcomes)
    tally = Tally()
    tally.add(outcomes)
    if part.result is None:
        return Judged(part.number, tally, outcomes, flipped)
    _lay(outcomes, part, part.result)
    return Judged(part.number, tally, None, flipped)


def _flips(bills: pa.Table, accounts: pa.Table | None, outcomes: pa.Table, basis: Basis) -> pa.Table:
    where: dict[str, Any] = {"city": basis.city, "service_areas": basis.service_areas, "fees": basis.fees}
    found = flips(bills, accounts, outcomes, basis.tariffs, **where)
    return found.filter(pc.greater(found["source_row"], 0))


def _read(pieces: Sequence[Piece], feed: str) -> pa.Table:
    tables = [piece.read(feed) for piece in pieces] or [empty_table(feed)]
    return pa.concat_tables(tables, promote_options="default")


def _without(bills: pa.Table, accounts: pa.Array) -> pa.Table:
    if len(accounts) == 0 or len(bills) == 0:
        return bills
    return bills.filter(pc.invert(pc.is_in(bills["account_no"], value_set=accounts)))


def _in_order(outcomes: pa.Table) -> pa.Table:
    rows = np.asarray(outcomes["source_row"].to_numpy())
    if len(rows) and rows.min() < 1:
        outcomes = outcomes.filter(pc.greater(outcomes["source_row"], 0))
        rows = np.asarray(outcomes["source_row"].to_numpy())
    if (rows[1:] >= rows[:-1]).all():
        return outcomes
    return outcomes.take(pa.array(np.argsort(rows, kind="stable")))


def _lay(outcomes: pa.Table, part: Part, path: Path) -> None:
    """One batch a slot. The file gets its name when it is whole: two workers that judge the same part do not meet."""
    rows = np.asarray(outcomes["source_row"].to_numpy()).astype(np.int64)
    ends = np.searchsorted(rows, part.first_row + part.width * np.arange(1, part.slots))
    bounds = [0, *ends.tolist(), len(rows)]
    outcomes = outcomes.combine_chunks()
    unfinished = path.with_name(f"{path.name}.{np.random.default_rng().integers(1 << 62):x}.part")
    with pa.OSFile(str(unfinished), "wb") as sink, pa.ipc.new_file(sink, EXPLAINED_SCHEMA) as writer:
        for start, stop in pairwise(bounds):
            batches = outcomes.slice(start, stop - start).to_batches()
            writer.write_batch(batches[0] if batches else _NO_OUTCOMES)
    unfinished.replace(path)


_NO_OUTCOMES = pa.RecordBatch.from_arrays(
    [pa.array([], one.type) for one in EXPLAINED_SCHEMA], schema=EXPLAINED_SCHEMA
)


def slots_of(paths: Sequence[Path], slots: int) -> Iterator[pa.Table]:
    """The outcomes of one slot after the other out of the files of all parts, in the order of ``source_row``. A file is
    opened once and read, not mapped, so that memory holds no more than a slot."""
    with ExitStack() as opened:
        files = [pa.ipc.open_file(opened.enter_context(pa.OSFile(str(path)))) for path in paths]
        for slot in range(slots):
            batches = [file.get_batch(slot) for file in files]
            yield _in_order(pa.Table.from_batches(batches, schema=EXPLAINED_SCHEMA))
