"""The outcomes that `supervision recompute` writes: a line for each data row, as CSV or Parquet, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from supervision.cli.bills_read import Bills, Roster
from supervision.cli.refusals import reason, stop
from supervision.cli.service_read import ServiceRead

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    "bill_no", "outcome", "billed_total", "recomputed_total", "overcharge", "tariff_id", "cause", "missing", "label",
)  # fmt: skip
# What stays of the outcome of a bill that was not wholly read.
_KEPT = frozenset(
    {"source_row", "bill_no", "account_no", "season", "category", "billing_method", "tariff_id"}
)


@contextmanager
def outcome_file(out: Path) -> Iterator[IO[bytes]]:
    """A file that gets the name ``out`` when the block ends well, and is gone when it does not. A device or pipe is
    written as it is."""
    if out.exists() and not out.is_file() and not out.is_dir():
        with out.open("wb") as stream:
            yield stream
        return
    try:
        if out.is_dir():
            raise IsADirectoryError(21, "is a directory")
        handle, name = tempfile.mkstemp(prefix=f".{out.name[:40]}.", dir=out.parent)
    except OSError as error:
        _cannot_write(out, error)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(out)
    except OSError as error:
        _cannot_write(out, error)
    finally:
        Path(name).unlink(missing_ok=True)


def _cannot_write(out: Path, error: OSError) -> NoReturn:
    zh, en = reason(error)
    stop(f"无法写入 {out}：{zh}。", f"{out} cannot be written: {en}.")


class Written:
    """One line for each data row of the file as it was, in its order. ``counts`` and ``labels`` say how many have each,
    ``without_price`` the rows whose ``missing`` is one of those asked for. ``also`` is given what is written."""

    def __init__(
        self,
        file: IO[bytes],
        bills: Bills,
        roster: Roster,
        service: ServiceRead,
        *,
        as_parquet: bool,
        also: Callable[[pa.Table], None] | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.labels: Counter[str] = Counter()
        self.without_price: list[pa.Array] = []
        self._bills = bills
        self._roster = roster
        self._service = service
        self._left_open = [*roster.unreadable, *service.unreadable]
        self._lost = list(reversed(bills.read.lost))
        self._sink = _Parquet(file) if as_parquet else _Csv(file)
        self._also = also

    def add(self, outcomes: pa.Table) -> None:
        """These outcomes come next."""
        import pyarrow as pa
        import pyarrow.compute as pc

        hit = pc.is_in(outcomes["missing"], value_set=pa.array(["no_tariff_in_force", "tariffs_collide"]))
        self.without_price.append(outcomes["source_row"].filter(hit).combine_chunks())
        table = self._as_read(outcomes)
        if self._lost and len(table):
            last = table["source_row"][-1].as_py()
            before = []
            while self._lost and self._lost[-1] < last:
                before.append(self._lost.pop())
            if before:
                table = pa.concat_tables([table, _lost_rows(before, table.schema)]).sort_by("source_row")
        self._write(table)

    def close(self) -> None:
        """Everything is written, also the rows that fell apart at the end of the file."""
        from checks.causes import EXPLAINED_SCHEMA

        if self._lost:
            self._write(_lost_rows(list(reversed(self._lost)), EXPLAINED_SCHEMA))
        self._sink.close()

    def _write(self, table: pa.Table) -> None:
        for outcome in table["outcome"].value_counts().to_pylist():
            self.counts[outcome["values"]] += outcome["counts"]
        for label in table["label"].value_counts().to_pylist():
            self.labels[label["values"]] += label["counts"]
        self._sink.write(table)
        if self._also is not None:
            self._also(table)

    def _as_read(self, outcomes: pa.Table) -> pa.Table:
        """The outcomes; inconclusive for what could not be read of the bill or of its account."""
        import pyarrow as pa
        import pyarrow.compute as pc

        roster = self._roster
        hit = pc.or_(
            pc.is_in(
                outcomes["source_row"], value_set=pa.array(list(self._bills.read.unreadable), pa.int32())
            ),
            pc.is_in(outcomes["account_no"], value_set=pa.array(self._left_open, pa.string())),
        )
        if roster.has_strays:
            not_there = pc.match_substring(outcomes["missing"], "account_not_on_roster")
            hit = pc.or_(hit, pc.fill_null(not_there, fill_value=False))
        if not pc.any(hit).as_py():
            return outcomes
        changed = [self._row(row) for row in outcomes.filter(hit).to_pylist()]
        rows = pa.Table.from_pylist(changed, schema=outcomes.schema)
        return pa.concat_tables([outcomes.filter(pc.invert(hit)), rows]).sort_by("source_row")

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        unreadable = self._unreadable(row)
        if not unreadable:
            return row
        totals = self._bills.totals
        billed = totals.get(row["source_row"], row["billed_total"])
        kept = {name: row[name] for name in _KEPT} | {"issued_on": row["issued_on"], "billed_total": billed}
        return kept | {
            "outcome": "inconclusive",
            "missing": ";".join(unreadable),
            "label": "not_computable",
        }

    def _unreadable(self, row: dict[str, Any]) -> list[str]:
        """What of the bill, of its account or of the service to it could not be read, as codes."""
        own = sorted(self._bills.read.unreadable.get(row["source_row"], ()))
        account = row["account_no"] or ""
        of_account = sorted(self._roster.unreadable.get(account, ()))
        codes = [
            *(f"unreadable_{column}" for column in own),
            *(f"unreadable_roster_{column}" for column in of_account),
            *(f"unreadable_{column}" for column in sorted(self._service.unreadable.get(account, ()))),
        ]
        missing = (row["missing"] or "").split(";")
        if not codes and self._roster.has_strays and "account_not_on_roster" in missing:
            return [*missing, "unreadable_roster_row"]
        return codes


def _lost_rows(numbers: list[int], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    rows = [
        {
            "source_row": number,
            "outcome": "inconclusive",
            "missing": "unreadable_row",
            "label": "not_computable",
        }
        for number in numbers
    ]
    return pa.Table.from_pylist(rows, schema=schema)


class _Csv:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.write((",".join(COLUMNS) + "\n").encode())

    def write(self, table: pa.Table) -> None:
        import pyarrow as pa
        import pyarrow.csv

        table = table.select(list(COLUMNS))
        plain = pa.BufferOutputStream()
        try:
            how = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
            pyarrow.csv.write_csv(table, plain, how)
            self._file.write(plain.getvalue())
        except pa.ArrowInvalid:  # a bill number holds a comma or a quote
            lines = io.StringIO()
            rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
            csv.writer(lines, lineterminator="\n").writerows(rows)
            self._file.write(lines.getvalue().encode())

    def close(self) -> None:
        self._file.flush()


class _Parquet:
    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow.parquet as pq

        from checks.causes import EXPLAINED_SCHEMA

        self._writer = pq.ParquetWriter(
            file, EXPLAINED_SCHEMA, compression="zstd", store_decimal_as_integer=True
        )

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table)

    def close(self) -> None:
        self._writer.close()
