"""Recomputation without a register, for analysts and courts: one file in, one file out."""

from __future__ import annotations

import csv
import difflib
import heapq
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

from supervision.cli.refusals import CANNOT_USE, reason, stop, stop_for

if TYPE_CHECKING:
    import pyarrow as pa

    from checks.tariffs.record import Tariff

COLUMNS = (
    "bill_no", "outcome", "billed_total", "recomputed_total", "overcharge", "tariff_id", "cause", "missing",
)  # fmt: skip
OUTCOMES = ("conforms", "breach", "inconclusive")
SHOWN = 20
_BATCH = 65_536
_WITHOUT_A_PRICE = ("no_tariff_in_force", "tariffs_collide")
_KIND = ["category", "method", "day"]
# What orders bills against each other: a bill without it is compared with no other one.
_ORDERED_BY = frozenset({"bill_no", "issued_on"})


@dataclass(frozen=True, slots=True)
class Read:
    """A file as read. ``unreadable`` has the row and its columns that cannot be read; ``lost`` are rows that fell
    apart, so that not even their number is known."""

    table: pa.Table
    unreadable: dict[int, set[str]] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Roster:
    """The accounts that were wholly read. ``unreadable`` has each other account and its columns that cannot be read;
    ``has_strays`` where a row could not be read so far as to know its account."""

    table: pa.Table | None = None
    unreadable: dict[str, set[str]] = field(default_factory=dict)
    has_strays: bool = False


@click.command()
@click.option(
    "--scope",
    required=True,
    metavar="CITY[/AREA…]",
    help="City, such as 哈尔滨市; with tariff areas: 北京市/city-network/urban6.",
)
@click.option(
    "--bills",
    "bills_file",
    required=True,
    type=click.Path(path_type=Path),
    help="Bills in the columns of the data standard: CSV, TSV or XLSX, UTF-8 or GB18030, codes or Chinese headings.",
)
@click.option(
    "--accounts",
    "accounts_file",
    type=click.Path(path_type=Path),
    help="Roster of the season in the same standard; without it each bill's own statements are taken.",
)
@click.option(
    "--tariffs",
    "tariffs_file",
    type=click.Path(path_type=Path),
    help="YAML or JSON; the published ones that ship if none is named.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Where to write the outcomes, CSV."
)
def recompute(
    scope: str, bills_file: Path, accounts_file: Path | None, tariffs_file: Path | None, out: Path
) -> None:
    """Recompute every bill of a file against the tariff in force, exact to the fen. Needs no register.

    Writes one line for each data row of the bills, in their order: bill_no, outcome (conforms, breach, inconclusive),
    billed_total, recomputed_total, overcharge (billed less recomputed, CNY), tariff_id, cause (two joined by + where
    only both together give the billed total), missing. The file is plain UTF-8 without a byte-order mark, lines end in
    LF, so that programs read it as it is. It appears whole or not at all. Prints how many bills have each outcome; what
    cannot be read, and which tariff areas could be named, goes to standard error.

    A bill with a value that cannot be read is inconclusive and its `missing` says which (unreadable_billed_area_m2); a
    row that falls apart has no bill_no and says unreadable_row. A roster is used as far as it can be read: the bills of
    an account whose row has an unreadable value are inconclusive and say which (unreadable_roster_usable_area_m2); when
    a row's account cannot be read, those of accounts that are not on the rest say unreadable_roster_row besides.

    \b
    Exit codes: 0 done, also when breaches are found
                1 a file, city or area cannot be used
                2 could not run (such as an output folder that is not there)

    \b
    Example: supervision recompute --scope 哈尔滨市 --bills bills.csv --out outcomes.csv
    """
    _must_not_overwrite(out, (bills_file, accounts_file, tariffs_file))
    tariffs = _tariffs(tariffs_file)
    city, areas = _place(scope, tariffs)
    with _outcome_file(out) as file:
        bills = _read(bills_file, "bills")
        roster = Roster() if accounts_file is None else _roster(accounts_file)
        outcomes = _outcomes(bills, roster.table, tariffs, city, areas)
        _tell_what_has_no_price(outcomes, bills.table, tariffs, city, areas)
        counts = _write(outcomes, bills, roster, file)
    click.echo(
        f"{out}: bills {sum(counts.values())}; " + ", ".join(f"{name} {counts[name]}" for name in OUTCOMES)
    )


# -- what is asked ---------------------------------------------------------------------------------------------------


def _must_not_overwrite(out: Path, inputs: tuple[Path | None, ...]) -> None:
    for file in inputs:
        if file is not None and out.resolve() == file.resolve():
            stop(
                f"--out 不能是输入文件 {file}，请另选一个文件名。",
                f"--out must not be the input {file}; choose another name.",
            )


def _tariffs(file: Path | None) -> tuple[Tariff, ...]:
    from checks.tariffs.errors import TariffError
    from checks.tariffs.load import load_published, load_tariffs_file

    if file is None:
        return load_published()
    try:
        with file.open("rb"):
            pass
        return load_tariffs_file(file)
    except OSError as error:
        stop_for(file, error, CANNOT_USE)
    except TariffError as error:
        stop(f"{file}：{error.zh}", f"{file}: {error.en}", CANNOT_USE)


def _place(scope: str, tariffs: tuple[Tariff, ...]) -> tuple[str, tuple[str, ...]]:
    """City and tariff areas of ``scope``, all known to the tariffs."""
    city, *given = (part.strip() for part in scope.split("/"))
    areas = tuple(area for area in given if area)
    cities = sorted({one.city for one in tariffs})
    if city not in cities:
        stems = [one for one in cities if one[:-1] in city or (city and city in one)]
        close = list(dict.fromkeys([*stems, *difflib.get_close_matches(city, cities, n=1, cutoff=0.6)]))
        hint = (f"是否指 {'、'.join(close)}？", f"Do you mean {', '.join(close)}? ") if close else ("", "")
        stop(
            f"没有“{city}”的热价。{hint[0]}有热价的城市：{'、'.join(cities) or '无'}",
            f"No tariff is known for “{city}”. {hint[1]}Known: {', '.join(cities) or 'none'}",
            CANNOT_USE,
        )
    known = _areas(city, tariffs)
    by_name = {name: code for code, names in known.items() for name in (code, *names)}
    wrong = [area for area in areas if area not in by_name]
    if wrong:
        there_are = [f"{code} ({zh})" for code, (zh, _) in known.items()]
        stop(
            f"{city} 没有供热区域 {'、'.join(wrong)}。可用：{'、'.join(there_are) or '无，只写城市即可'}",
            f"{city} has no tariff area {', '.join(wrong)}. "
            f"There are: {', '.join(known) or 'none; name the city alone'}",
            CANNOT_USE,
        )
    return city, tuple(dict.fromkeys(by_name[area] for area in areas))


def _areas(city: str, tariffs: tuple[Tariff, ...]) -> dict[str, tuple[str, str]]:
    """The tariff areas of a city: code -> name in Chinese and in English."""
    named = (one for one in tariffs if one.city == city and one.service_area)
    return {one.service_area: (one.service_area_zh, one.service_area_en) for one in named}


def _tell_what_has_no_price(
    outcomes: pa.Table, bills: pa.Table, tariffs: tuple[Tariff, ...], city: str, areas: tuple[str, ...]
) -> None:
    """On standard error, for each kind of bill without exactly one tariff: why, and which areas could be named."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from checks.tariffs.in_force import Why, explain_choice
    from checks.tariffs.record import Scope

    hit = pc.is_in(outcomes["missing"], value_set=pa.array(_WITHOUT_A_PRICE))
    kinds = (
        pa.table([*outcomes.select(["category", "billing_method"]).columns, bills["service_from"]], _KIND)
        .filter(hit)
        .group_by(_KIND[:2])
        .aggregate([("day", "min"), ("day", "count")])
        .to_pylist()
    )
    of_city = [one for one in tariffs if one.city == city]
    for kind in sorted(kinds, key=lambda kind: -kind["day_count"])[:SHOWN]:
        category, method, day, count = (kind[name] for name in (*_KIND[:2], "day_min", "day_count"))
        if category is None or method is None or day is None:
            continue
        choice = explain_choice(of_city, Scope(city, category, method, areas), day)
        if choice.error is None:
            continue
        click.echo(f"{count} 张账单：{choice.error.zh} / bills: {count}. {choice.error.en}", err=True)
        asked = {one.tariff_id for one in choice.verdicts if one.why in (Why.AREA_NOT_SERVED, Why.COLLIDES)}
        known = _areas(city, tuple(one for one in of_city if one.id in asked))
        if known:
            named = "、".join(f"{code} ({zh})" for code, (zh, _) in known.items())
            click.echo(
                f"该热价按供热区域或热源分列：{named}。请写明账单所属的一个，如 --scope {city}/{next(iter(known))}"
                f" / This tariff goes by service area or heat source: {', '.join(known)}. "
                f"Name the one the bills belong to: --scope {city}/{next(iter(known))}",
                err=True,
            )


# -- reading ---------------------------------------------------------------------------------------------------------


def _read(file: Path, feed: str) -> Read:
    """The table and what of it could not be read, told on standard error with file, row and column."""
    from ingest.judge import read

    try:
        reading = read(file, feed=feed, filename=file.name)
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
    if reading.table is None or reading.table.num_rows == 0:
        stop(
            f"{file}：文件无法使用，原因见上。", f"{file} cannot be used, for the reasons above.", CANNOT_USE
        )
    there = set(reading.table["source_row"].to_pylist()) if unreadable else set()
    return Read(reading.table, unreadable, sorted(row for row in unreadable if row not in there))


def _told(file: Path, hit: Mapping[str, Any]) -> str:
    place = f"{file}:{hit['row']} {hit['field'] or ''}".strip() if hit["row"] else f"{file}"
    return f"{place} {hit['edit_id']} {hit['message_zh']} / {hit['message_en']}"


def _roster(file: Path) -> Roster:
    """The roster without the accounts that cannot be read, which are named on standard error: their bills must not look
    as if the account were not there."""
    import pyarrow as pa
    import pyarrow.compute as pc

    read = _read(file, "accounts")
    if not read.unreadable:
        return Roster(read.table)
    rows = zip(read.table["source_row"].to_pylist(), read.table["account_no"].to_pylist(), strict=True)
    account_of = {row: account for row, account in rows if row in read.unreadable}
    unreadable: dict[str, set[str]] = {}
    for row, account in account_of.items():
        if account is not None:
            unreadable.setdefault(account, set()).update(read.unreadable[row])
    left_out = pc.or_(
        pc.is_in(read.table["source_row"], value_set=pa.array(list(account_of), pa.int32())),
        pc.is_in(read.table["account_no"], value_set=pa.array(list(unreadable), pa.string())),
    )
    click.echo(
        f"{file}：用户台账有 {len(read.unreadable)} 行未能读取，所涉用户的账单判为“无法判定”。"
        f" / Roster rows that cannot be read: {len(read.unreadable)}; the bills of their accounts are inconclusive.",
        err=True,
    )
    has_strays = bool(read.lost) or None in account_of.values()
    return Roster(read.table.filter(pc.invert(left_out)), unreadable, has_strays)


# -- computing -------------------------------------------------------------------------------------------------------


def _outcomes(
    bills: Read, accounts: pa.Table | None, tariffs: tuple[Tariff, ...], city: str, areas: tuple[str, ...]
) -> pa.Table:
    from checks.causes import find_causes
    from checks.recompute import recompute as recompute_bills

    table = _without_unreadable(bills)
    outcomes = recompute_bills(table, accounts, tariffs, city=city, service_areas=areas)
    outcomes = find_causes(table, accounts, outcomes, tariffs, city=city, service_areas=areas)
    place = outcomes.schema.get_field_index("billed_total")
    # What the file says was billed, also of the bills whose total was kept from the recomputation.
    return outcomes.set_column(
        place, outcomes.schema.field(place), bills.table["total"].cast(outcomes["billed_total"].type)
    )


def _without_unreadable(bills: Read) -> pa.Table:
    """The bills as the recomputation may see them: one that was not wholly read has no total, so that nothing is said
    of it nor of a correction that rests on it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = bills.table
    if not bills.unreadable:
        return table
    unordered = [row for row, columns in bills.unreadable.items() if columns & _ORDERED_BY]
    for column, rows in (("total", list(bills.unreadable)), ("service_from", unordered)):
        hit = pc.is_in(table["source_row"], value_set=pa.array(rows, pa.int32()))
        place = table.schema.get_field_index(column)
        kept = pc.if_else(hit, pa.scalar(None, table.schema.field(place).type), table[column])
        table = table.set_column(place, table.schema.field(place), kept)
    return table


# -- writing ---------------------------------------------------------------------------------------------------------


@contextmanager
def _outcome_file(out: Path) -> Iterator[IO[str]]:
    """A file that gets the name ``out`` when the block ends well, and is gone when it does not. A device or pipe is
    written as it is."""
    if out.exists() and not out.is_file() and not out.is_dir():
        with out.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    try:
        if out.is_dir():
            raise IsADirectoryError(21, "is a directory")
        handle, name = tempfile.mkstemp(prefix=f".{out.name[:40]}.", dir=out.parent)
    except OSError as error:
        _cannot_write(out, error)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
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


def _write(outcomes: pa.Table, bills: Read, roster: Roster, file: IO[str]) -> Counter[str]:
    """One line for each data row of the file as it was, in its order; how many have each outcome."""
    counts: Counter[str] = Counter()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    batches = outcomes.select(["source_row", "account_no", *COLUMNS]).to_batches(max_chunksize=_BATCH)
    computed = (row for batch in batches for row in batch.to_pylist())
    lost = ({"source_row": number} for number in bills.lost)
    for row in heapq.merge(computed, lost, key=lambda row: row["source_row"]):
        unreadable = _unreadable(row, bills, roster)
        writer.writerow(_line(row, unreadable, counts))
    return counts


def _unreadable(row: Mapping[str, Any], bills: Read, roster: Roster) -> list[str]:
    """What of the bill or of its account could not be read, as codes."""
    own = sorted(bills.unreadable.get(row["source_row"], ()))
    of_account = sorted(roster.unreadable.get(row.get("account_no") or "", ()))
    codes = [
        *(f"unreadable_{column}" for column in own),
        *(f"unreadable_roster_{column}" for column in of_account),
    ]
    missing = (row.get("missing") or "").split(";")
    if not codes and roster.has_strays and "account_not_on_roster" in missing:
        return [*missing, "unreadable_roster_row"]
    return codes


def _line(row: Mapping[str, Any], unreadable: Sequence[str], counts: Counter[str]) -> list[str]:
    if unreadable:
        row = {
            "bill_no": row.get("bill_no"),
            "billed_total": row.get("billed_total"),
            "tariff_id": row.get("tariff_id"),
            "outcome": "inconclusive",
            "missing": ";".join(unreadable),
        }
    counts[row["outcome"]] += 1
    return ["" if row.get(code) is None else str(row[code]) for code in COLUMNS]
