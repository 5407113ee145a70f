"""The files that `supervision recompute` is given, as typed Parquet of any size, and what of them cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from supervision.cli.refusals import CANNOT_USE, stop, stop_for

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 20
# What orders bills against each other: a bill without it is compared with no other one.
_ORDERED_BY = frozenset({"bill_no", "issued_on"})
_PARQUET = b"PAR1"
_ANY_SIZE = 1 << 60


@dataclass(frozen=True, slots=True)
class Read:
    """A file as read: Parquet in the standard's types with ``source_row``. ``unreadable`` has the row and its columns
    that cannot be read; ``lost`` are rows that fell apart, so that not even their number is known."""

    path: Path
    unreadable: dict[int, set[str]] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bills:
    """The bills as read and, in ``judged``, as the recomputation may see them: one that was not wholly read has no
    total there, so that nothing is said of it nor of a correction that rests on it. ``totals`` are those totals."""

    read: Read
    judged: Path
    totals: dict[int, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Roster:
    """The accounts that were wholly read. ``unreadable`` has each other account and its columns that cannot be read;
    ``has_strays`` where a row could not be read so far as to know its account; ``as_read`` has every row as far as read."""

    path: Path | None = None
    as_read: Path | None = None
    unreadable: dict[str, set[str]] = field(default_factory=dict)
    has_strays: bool = False


def read_bills(file: Path, scratch: Path) -> Bills:
    """The bills; ends the command where the file cannot be used."""
    read = read_file(file, "bills", scratch)
    if not read.unreadable:
        return Bills(read, read.path)
    judged = scratch / "bills-judged.parquet"
    totals: dict[int, Decimal | None] = {}
    _rewrite(read.path, judged, lambda table: _without_unreadable(table, read.unreadable, totals))
    lost = sorted(row for row in read.unreadable if row not in totals)
    return Bills(Read(read.path, read.unreadable, lost), judged, totals)


def _without_unreadable(
    table: pa.Table, unreadable: Mapping[int, set[str]], totals: dict[int, Decimal | None]
) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = table["source_row"]
    hit = pc.is_in(rows, value_set=pa.array(list(unreadable), pa.int32()))
    if not pc.any(hit).as_py():
        return table
    totals.update(zip(rows.filter(hit).to_pylist(), table["total"].filter(hit).to_pylist(), strict=True))
    unordered = [row for row, columns in unreadable.items() if columns & _ORDERED_BY]
    for column, which in (("total", list(unreadable)), ("service_from", unordered)):
        place = table.schema.get_field_index(column)
        kind = table.schema.field(place)
        hit = pc.is_in(rows, value_set=pa.array(which, pa.int32()))
        table = table.set_column(place, kind, pc.if_else(hit, pa.scalar(None, kind.type), table[column]))
    return table


def read_roster(file: Path | None, scratch: Path) -> Roster:
    """The roster without the accounts that cannot be read, which are named on standard error: their bills must not look
    as if the account were not there. Ends the command where the file cannot be used."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if file is None:
        return Roster()
    read = read_file(file, "accounts", scratch)
    if not read.unreadable:
        return Roster(read.path, read.path)
    account_of: dict[int, str | None] = {}
    wanted = pa.array(list(read.unreadable), pa.int32())
    for table in tables(read.path, ["source_row", "account_no"]):
        hits = table.filter(pc.is_in(table["source_row"], value_set=wanted))
        account_of |= zip(hits["source_row"].to_pylist(), hits["account_no"].to_pylist(), strict=True)
    unreadable: dict[str, set[str]] = {}
    for row, account in account_of.items():
        if account is not None:
            unreadable.setdefault(account, set()).update(read.unreadable[row])
    named = pa.array(list(unreadable), pa.string())

    def read_wholly(table: pa.Table) -> pa.Table:
        left_out = pc.or_(
            pc.is_in(table["source_row"], value_set=wanted), pc.is_in(table["account_no"], value_set=named)
        )
        return table.filter(pc.invert(left_out))

    judged = scratch / "accounts-judged.parquet"
    _rewrite(read.path, judged, read_wholly)
    click.echo(
        f"{file}：用户台账有 {len(read.unreadable)} 行未能读取，所涉用户的账单判为“无法判定”。"
        f" / Roster rows that cannot be read: {len(read.unreadable)}; the bills of their accounts are inconclusive.",
        err=True,
    )
    has_strays = len(account_of) < len(read.unreadable) or None in account_of.values()
    return Roster(judged, read.path, unreadable, has_strays)


# -- any file ------------------------------------------------------------------------------------------------------


def read_file(file: Path, feed: str, scratch: Path) -> Read:
    """The rows as Parquet and what of them could not be read, told on standard error with file, row and column."""
    from ingest.judge import read
    from ingest.readers.block import Limits
    from ingest.standard import arrow_schema

    path = scratch / f"{feed}.parquet"
    try:
        if _is_parquet(file):
            return Read(_typed(file, feed, path))
        with _writer(path, arrow_schema(feed)) as writer:
            limits = Limits(max_file_bytes=_ANY_SIZE)
            reading = read(file, feed=feed, filename=file.name, limits=limits, keep=writer.write_batch)
    except OSError as error:
        stop_for(file, error, CANNOT_USE)
    unreadable: dict[int, set[str]] = {}
    number = 0
    for batch in reading.edits.to_batches():
        for hit in batch.to_pylist():
            number += 1
            if hit["row"]:
                unreadable.setdefault(hit["row"], set()).add(hit["field"] or "row")
            if number <= SHOWN:
                click.echo(_told(file, hit), err=True)
    if number > SHOWN:
        click.echo(f"{file}: … 还有 {number - SHOWN} 处 / {number - SHOWN} more", err=True)
    if reading.table is None or _rows(path) == 0:
        stop(
            f"{file}：文件无法使用，原因见上。", f"{file} cannot be used, for the reasons above.", CANNOT_USE
        )
    return Read(path, unreadable)


def _told(file: Path, hit: Mapping[str, Any]) -> str:
    place = f"{file}:{hit['row']} {hit['field'] or ''}".strip() if hit["row"] else f"{file}"
    return f"{place} {hit['edit_id']} {hit['message_zh']} / {hit['message_en']}"


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as start:
        return start.read(4) == _PARQUET


def _typed(file: Path, feed: str, path: Path) -> Path:
    """A Parquet file in the standard's types: itself where it is, else a copy with its rows numbered and its values
    cast. Ends the command where a column is missing or a value does not fit."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ingest.standard import arrow_schema
    from ingest.standard import feed as feed_of

    schema = arrow_schema(feed)
    try:
        there = pq.read_schema(file)
        missing = [one.code for one in feed_of(feed).columns if one.required and one.code not in there.names]
        if missing:
            stop(
                f"{file}：缺少列 {'、'.join(missing)}，列名应为数据标准的代码。",
                f"{file} has no column {', '.join(missing)}; columns are named by the codes of the data standard.",
                CANNOT_USE,
            )
        if _rows(file) == 0:
            stop(f"{file}：没有数据行。", f"{file} has no rows.", CANNOT_USE)
        named = [one for one in schema if one.name in there.names]
        if all(there.field(one.name).type == one.type for one in schema if one.name in there.names) and (
            "source_row" in there.names
        ):
            return file
        numbers = iter(range(1, 1 << 62, 1))

        def typed(table: pa.Table) -> pa.Table:
            table = table.select([one.name for one in named]).cast(pa.schema(named))
            if "source_row" in table.column_names:
                return table
            rows = pa.array(
                [number for number, _ in zip(numbers, range(len(table)), strict=False)], pa.int32()
            )
            return table.add_column(0, schema.field("source_row"), rows)

        _rewrite(file, path, typed)
    except pa.ArrowException as error:
        stop(
            f"{file}：不是符合数据标准的 Parquet 文件（{error}）。",
            f"{file} is no Parquet file as the data standard says ({error}).",
            CANNOT_USE,
        )
    return path


def tables(path: Path, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """The rows of a Parquet file, some at once."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=columns):
            yield pa.Table.from_batches([batch])


def _rewrite(source: Path, target: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    writer = None
    for table in map(change, tables(source)):
        writer = writer or _writer(target, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _writer(path: Path, schema: pa.Schema) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(path, schema, compression="lz4")


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
