"""Recomputation without a register, for analysts and courts: one file in, one file out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from supervision.cli.ground import CANNOT_RUN, CANNOT_USE, stop

if TYPE_CHECKING:
    import pyarrow as pa

    from checks.tariffs.record import Tariff

COLUMNS = (
    "bill_no", "outcome", "billed_total", "recomputed_total", "overcharge", "tariff_id", "cause", "missing",
)  # fmt: skip
SHOWN = 20


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
    help="Bills, in the columns of the data standard.",
)
@click.option(
    "--accounts",
    "accounts_file",
    type=click.Path(path_type=Path),
    help="Roster of the season, in the same standard.",
)
@click.option(
    "--tariffs",
    "tariffs_file",
    type=click.Path(path_type=Path),
    help="YAML or JSON; the published ones that ship if none is named.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Outcomes, a CSV file.")
def recompute(
    scope: str, bills_file: Path, accounts_file: Path | None, tariffs_file: Path | None, out: Path
) -> None:
    """Recompute every bill of a file against the tariff in force, exact to the fen.

    Needs no register. Ends with 0 also when breaches are found, 1 when a file cannot be used, 2 when it could not run.
    A bill with a value that cannot be read is inconclusive, and its `missing` says which.
    """
    city, *areas = scope.split("/")
    tariffs = _tariffs(tariffs_file)
    _must_be_known(city, areas, tariffs)
    bills, unreadable = _read(bills_file, "bills")
    accounts, unread_accounts = _read(accounts_file, "accounts") if accounts_file else (None, {})
    if unread_accounts:
        stop(
            f"{accounts_file}：台账有 {len(unread_accounts)} 行无法读取，请改正后重试。",
            f"{accounts_file}: {len(unread_accounts)} rows of the roster cannot be read; mend them and try again.",
            CANNOT_USE,
        )
    outcomes = _outcomes(bills, accounts, tariffs, city, tuple(areas))
    counts = _write(outcomes, unreadable, out)
    click.echo(
        f"{out}: {sum(counts.values())} bills; "
        + ", ".join(f"{name} {counts.get(name, 0)}" for name in ("conforms", "breach", "inconclusive"))
    )


def _tariffs(file: Path | None) -> tuple[Tariff, ...]:
    from checks.tariffs.errors import TariffError
    from checks.tariffs.load import load_published, load_tariffs_file

    if file is None:
        return load_published()
    try:
        return load_tariffs_file(file)
    except TariffError as error:
        stop(f"{file}：{error.zh}", f"{file}: {error.en}", CANNOT_USE)


def _must_be_known(city: str, areas: list[str], tariffs: tuple[Tariff, ...]) -> None:
    of_city = [one for one in tariffs if one.city == city]
    if not of_city:
        cities = "、".join(sorted({one.city for one in tariffs}))
        stop(
            f"没有 {city} 的热价。有热价的城市：{cities}",
            f"No tariff is known for {city}. Known: {cities}",
            CANNOT_USE,
        )
    known = sorted({one.service_area for one in of_city if one.service_area})
    wrong = [area for area in areas if area not in known]
    if wrong:
        stop(
            f"{city} 没有供热区域 {'、'.join(wrong)}。可用：{'、'.join(known) or '无'}",
            f"{city} has no tariff area {', '.join(wrong)}. There are: {', '.join(known) or 'none'}",
            CANNOT_USE,
        )


def _read(file: Path, feed: str) -> tuple[pa.Table, dict[int, set[str]]]:
    """The table, and for each row with values that cannot be read the names of their columns."""
    from ingest.judge import read

    try:
        reading = read(file, feed=feed, filename=file.name)
    except OSError as error:
        stop(f"无法读取 {file}：{error.strerror}", f"{file} cannot be read: {error.strerror}", CANNOT_USE)
    unreadable: dict[int, set[str]] = {}
    hits = reading.edits.to_pylist()
    for number, hit in enumerate(hits):
        if hit["row"]:
            unreadable.setdefault(hit["row"], set()).add(hit["field"] or "row")
        if number < SHOWN:
            place = f"{file}:{hit['row']} {hit['field'] or ''}".strip()
            click.echo(f"{place} {hit['edit_id']} {hit['message_zh']} / {hit['message_en']}", err=True)
    if len(hits) > SHOWN:
        click.echo(f"{file}: … {len(hits) - SHOWN} more", err=True)
    if reading.table is None or reading.table.num_rows == 0:
        stop(
            f"{file}：文件无法使用，原因见上。", f"{file} cannot be used, for the reasons above.", CANNOT_USE
        )
    return reading.table, unreadable


def _outcomes(bills: Any, accounts: Any, tariffs: Any, city: str, areas: tuple[str, ...]) -> Any:
    from checks.causes import find_causes
    from checks.recompute import recompute as recompute_bills

    try:
        outcomes = recompute_bills(bills, accounts, tariffs, city=city, service_areas=areas)
        return find_causes(bills, accounts, outcomes, tariffs, city=city, service_areas=areas)
    except MemoryError:
        stop("内存不足，请把文件分成几份。", "Out of memory; split the file.", CANNOT_RUN)


def _write(outcomes: pa.Table, unreadable: dict[int, set[str]], out: Path) -> dict[str, int]:
    from reports.spreadsheet import Column, write_csv

    counts: dict[str, int] = {}
    rows = outcomes.select(["source_row", *COLUMNS]).to_pylist()
    for row in rows:
        broken = unreadable.get(row["source_row"])
        if broken:
            row.update(
                outcome="inconclusive",
                recomputed_total=None,
                overcharge=None,
                cause=None,
                missing=";".join(f"unreadable_{field}" for field in sorted(broken)),
            )
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + 1
    try:
        write_csv(rows, [Column(code, code) for code in COLUMNS], out)
    except OSError as error:
        click.echo(f"无法写入 {out}：{error.strerror}\n{out} cannot be written: {error.strerror}", err=True)
        sys.exit(CANNOT_RUN)
    return counts
