"""Recomputation without a register, for analysts and courts: one file in, one file out."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from supervision.cli.bills_read import SHOWN, Bills, Roster, read_bills, read_roster
from supervision.cli.certificates_written import Wanted, certificate_folder, write_certificates
from supervision.cli.charges_read import read_charges
from supervision.cli.outcomes_written import Written, outcome_file
from supervision.cli.refusals import CANNOT_RUN, CANNOT_USE, stop, stop_for
from supervision.cli.service_read import read_service

if TYPE_CHECKING:
    import pyarrow as pa

    from checks.fees import FeeRegister
    from checks.runs import Engine
    from checks.tariffs.record import Tariff

LABELS = ("exact", "bounded", "not_computable")
OUTCOMES = ("conforms", "breach", "inconclusive")
_KIND = ["category", "billing_method", "service_from"]


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
    help="Bills in the columns of the data standard: CSV, TSV or XLSX, UTF-8 or GB18030, codes or Chinese headings; "
    "or Parquet in its codes and types.",
)
@click.option(
    "--accounts",
    "accounts_file",
    type=click.Path(path_type=Path),
    help="Roster of the season in the same standard; without it each bill's own statements are taken.",
)
@click.option(
    "--temperatures",
    "temperatures_file",
    type=click.Path(path_type=Path),
    help="Room temperatures of the season in the same standard: refunds for rooms too cold are then recomputed.",
)
@click.option(
    "--requests",
    "requests_file",
    type=click.Path(path_type=Path),
    help="Service requests of the season, with --temperatures: the days from a request on count.",
)
@click.option(
    "--outages",
    "outages_file",
    type=click.Path(path_type=Path),
    help="Outages of the season, with --accounts: what is due back for time without heat.",
)
@click.option(
    "--tariffs",
    "tariffs_file",
    type=click.Path(path_type=Path),
    help="YAML or JSON; the published ones that ship if none is named.",
)
@click.option(
    "--fees",
    "fees_file",
    type=click.Path(path_type=Path),
    help="Register of charges beside the price (/fees.json of a portal, or YAML); the one that ships if none is named.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write the outcomes: Parquet if the name ends in .parquet, else CSV.",
)
@click.option(
    "--engine",
    "address",
    metavar="ADDRESS",
    default="local",
    help="Where to compute: local (default), or the Dask scheduler at tcp://host:port.",
)
@click.option(
    "--scratch",
    "scratch_folder",
    type=click.Path(path_type=Path),
    help="Folder for what lies between, about as large as the bills; beside --out if none is named. With a cluster "
    "every worker must see it, and files given as Parquet, under the same path.",
)
@click.option(
    "--certificates",
    "certificates",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write the certificates of the bills in breach to this new or empty folder, with the checker that verifies "
    "them and an index (see docs/certificates.md).",
)
@click.option(
    "--certificates-for",
    type=click.Choice(["breaches", "all"]),
    default="breaches",
    show_default=True,
    help="Which bills get a certificate.",
)
def recompute(
    scope: str,
    bills_file: Path,
    accounts_file: Path | None,
    temperatures_file: Path | None,
    requests_file: Path | None,
    outages_file: Path | None,
    tariffs_file: Path | None,
    fees_file: Path | None,
    out: Path,
    address: str,
    scratch_folder: Path | None,
    certificates: Path | None,
    certificates_for: str,
) -> None:
    """Recompute every bill of a file against the tariff in force, exact to the fen. Needs no register.

    Writes one line for each data row of the bills, in their order: bill_no, outcome (conforms, breach, inconclusive),
    billed_total, recomputed_total, overcharge (billed less recomputed, CNY), tariff_id, cause (two joined by + where
    only both together give the billed total), missing, label (exact, bounded: known to a range, not_computable). The file is plain UTF-8 without a byte-order mark, lines end in
    LF, so that programs read it as it is; as Parquet it has each line of the bill too. It appears whole or not at all. Prints how many bills have each outcome; what
    cannot be read, and which tariff areas could be named, goes to standard error.

    A bill with a value that cannot be read is inconclusive and its `missing` says which (unreadable_billed_area_m2); a
    row that falls apart has no bill_no and says unreadable_row. A roster is used as far as it can be read: the bills of
    an account whose row has an unreadable value are inconclusive and say which (unreadable_roster_usable_area_m2); when
    a row's account cannot be read, those of accounts that are not on the rest say unreadable_roster_row besides. So do
    those of an account with a row of temperatures or requests that cannot be read, and those of a network with such an
    outage (unreadable_temperatures_room_temp_c, unreadable_outages_ended_at); a row that belongs to no known account is
    left out and counted, on standard error and in what is printed.

    Files may be larger than memory: the bills are judged some hundred thousand at a time.

    With --certificates every bill in breach (or every bill) gets a file {row}_{bill}.json that holds all its result
    rests on. Beside them lie verify_certificate.py, which needs Python alone (python3 verify_certificate.py *.json),
    and index.csv, which names the file of each bill, or why it has none. The folder appears whole or not at all.

    \b
    Exit codes: 0 done, also when breaches are found
                1 a file, city or area cannot be used
                2 could not run (such as an output folder or a cluster that is not there)

    \b
    Example: supervision recompute --scope 哈尔滨市 --bills bills.csv --out outcomes.csv
    """
    if requests_file is not None and temperatures_file is None and outages_file is None:
        stop(
            "--requests 须与 --temperatures 或 --outages 一起给出。",
            "--requests is given together with --temperatures or --outages.",
        )
    if outages_file is not None and accounts_file is None:
        stop(
            "--outages 须与 --accounts 一起给出：停热按热网报送，用户属于哪个热网见台账。",
            "--outages is given together with --accounts: outages are filed by network, and the roster says whose.",
        )
    service_files = (temperatures_file, requests_file, outages_file)
    _must_not_overwrite(out, (bills_file, accounts_file, *service_files, tariffs_file, fees_file))
    tariffs, fees = _tariffs(tariffs_file), read_charges(fees_file)
    city, areas = _place(scope, tariffs)
    engine = _engine(address)
    with (
        outcome_file(out) as file,
        certificate_folder(certificates) as certified,
        _scratch(scratch_folder, out) as scratch,
    ):
        bills = read_bills(bills_file.absolute(), scratch)
        roster = read_roster(accounts_file and accounts_file.absolute(), scratch)
        service = read_service(*service_files, roster.as_read, scratch)
        measured = service.measured
        wanted = Wanted(all_bills=certificates_for == "all")
        also = wanted.add if certified else None
        written = Written(file, bills, roster, service, as_parquet=out.suffix == ".parquet", also=also)
        _judge(bills, roster, measured, written, tariffs, fees, city, areas, engine, scratch)
        _tell_what_has_no_price(written, bills, tariffs, city, areas)
        if certified is not None:
            where: dict[str, Any] = {"city": city, "service_areas": areas, "fees": fees, "given": bills_file}
            how_many = write_certificates(certified, wanted, bills, roster, measured, tariffs, **where)
    counts = written.counts
    click.echo(
        f"{out}: bills {sum(counts.values())}; " + ", ".join(f"{name} {counts[name]}" for name in OUTCOMES)
    )
    bills_read = max(sum(written.labels.values()), 1)
    click.echo(
        "; ".join(
            f"{name} {written.labels[name]} ({Decimal(100 * written.labels[name]) / bills_read:.1f} %)"
            for name in LABELS
        )
    )
    for said in service.strays_told():
        click.echo(said)
    if certificates is not None:
        click.echo(f"{certificates}: 证书 certificates {how_many}")


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
    written: Written, bills: Bills, tariffs: tuple[Tariff, ...], city: str, areas: tuple[str, ...]
) -> None:
    """On standard error, for each kind of bill without exactly one tariff: why, and which areas could be named."""
    from checks.tariffs.in_force import Why, explain_choice
    from checks.tariffs.record import Scope

    of_city = [one for one in tariffs if one.city == city]
    for kind in sorted(_kinds_without_price(written, bills), key=lambda kind: -kind["count"])[:SHOWN]:
        category, method, day, count = (kind[name] for name in (*_KIND[:2], "first_day", "count"))
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


def _kinds_without_price(written: Written, bills: Bills) -> list[dict[str, Any]]:
    """Category and method of the bills without a price, with their first day of service and their number."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = pa.concat_arrays([pa.array([], pa.int32()), *written.without_price])
    if len(wanted) == 0:
        return []
    found = []
    with pq.ParquetFile(bills.read.path) as file:
        for batch in file.iter_batches(columns=["source_row", *_KIND]):
            hits = batch.filter(pc.is_in(batch["source_row"], value_set=wanted))
            found.append(pa.Table.from_batches([hits]).group_by(_KIND).aggregate([([], "count_all")]))
    counted = pa.concat_tables(found).group_by(_KIND[:2])
    kinds = counted.aggregate([("service_from", "min"), ("count_all", "sum")])
    named: list[dict[str, Any]] = kinds.rename_columns([*_KIND[:2], "first_day", "count"]).to_pylist()
    return named


# -- computing -------------------------------------------------------------------------------------------------------


def _engine(address: str) -> Engine:
    from checks.runs import engine_at

    try:
        return engine_at(address)
    except ValueError as error:
        zh, en = str(error).split(" / ")
        stop(zh, en, CANNOT_RUN)


@contextmanager
def _scratch(folder: Path | None, out: Path) -> Iterator[Path]:
    """A folder that is gone afterwards; where none is named, beside the outcomes, for a pipe in the system's place."""
    beside = out.parent if out.is_file() or not out.exists() else None
    try:
        made = tempfile.TemporaryDirectory(prefix=".recompute-", dir=folder or beside)
    except OSError as error:
        stop_for(folder or out, error, CANNOT_RUN)
    with made as name:
        yield Path(name).absolute()


def _judge(
    bills: Bills,
    roster: Roster,
    measured: pa.Table | None,
    written: Written,
    tariffs: tuple[Tariff, ...],
    fees: FeeRegister,
    city: str,
    areas: tuple[str, ...],
    engine: Engine,
    scratch: Path,
) -> None:
    """Every bill is judged and written. Ends the command where the cluster or a file cannot be used."""
    import pyarrow as pa

    from checks.runs import ClusterUnreachable, RulesDiffer, check_files

    try:
        check_files(
            [bills.judged],
            roster.path,
            tariffs,
            city=city,
            service_areas=areas,
            fees=fees,
            measured=measured,
            keep=written.add,
            scratch=scratch,
            engine=engine,
        )
    except (ClusterUnreachable, RulesDiffer) as error:
        stop(error.zh, error.en, CANNOT_RUN)
    except pa.ArrowInvalid as error:
        stop(
            f"账单或台账不符合数据标准：{error}",
            f"The bills or the roster are not as the data standard says: {error}",
            CANNOT_USE,
        )
    written.close()
