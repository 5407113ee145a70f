"""Validation from the command line: the portal's own judge, in the same bounded child process, nothing filed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ingest.judgement import Judgement
from ingest.telling import Written, as_object, lines_of, write_judged
from supervision.cli.declaring import declaration, declaring
from supervision.cli.ground import Ground
from supervision.cli.refusals import CANNOT_RUN, CANNOT_USE, stop, stop_for

if TYPE_CHECKING:
    from ingest.profiles import Profile
    from ingest.readers.manifest import Manifest
    from supervision.filings import FilingRefused

Compared = tuple["Path | None", dict[str, list[Path]], frozenset[str], "Profile | None"]


@click.command()
@click.argument("feed", metavar="FEED")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--period", required=True, help="Season 2025-26, month 2025-12 or day 2025-12-03, as the feed is filed."
)
@click.option(
    "--company",
    metavar="CODE",
    help="Compare with this company's roster in force, and read by its mapping profile in force, as the portal will; needs the register.",
)
@click.option(
    "--report", type=click.Path(path_type=Path), help="Write every hit to this file: .csv, .xlsx or .parquet."
)
@click.option(
    "--profile",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Read the company's own headers and codes by this mapping profile (JSON) instead of the one in force.",
)
@click.option(
    "--standard",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where nothing blocks, write the rows as a standard CSV file: the one to be filed after a profile was used.",
)
@click.option(
    "--coercions",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="List every value that was read otherwise than it stands in this CSV file.",
)
@click.option(
    "--correction", is_flag=True, help="FILE is a partial correction of the filing in force; needs --company."
)
@declaring
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def validate(
    ground: Ground,
    feed: str,
    file: Path,
    period: str,
    company: str | None,
    report: Path | None,
    profile: Path | None,
    standard: Path | None,
    coercions: Path | None,
    correction: bool,
    rows: int | None,
    totals: tuple[str, ...],
    as_json: bool,
) -> None:
    """Judge FILE as the portal would, without filing it. Needs no register.

    FEED is one of the nine feeds of the data standard: accounts, bills, readings, room_temperatures, payments,
    service_requests, outages, network_days, costs. Prints the verdict, the edits that hit with how often, and the first 20 hits with row,
    column and how to mend; --report writes all of them. The verdict is the portal's own: what differs without
    --company are the comparisons with the roster, which inform and never block, and rules that
    were withdrawn in the register. Rules in shadow are told with the day they will bind.

    \b
    Exit codes: 0 nothing blocks (accepted, or values to explain before signing)
                1 something blocks
                2 could not run (file missing, unknown feed, period of the wrong kind)

    \b
    Example: supervision validate bills december.csv --period 2025-12 --report edits.csv
    """
    if correction and company is None:
        stop("--correction 须与 --company 同用。", "--correction needs --company.")
    if correction and profile is not None:
        stop("--correction 不能与 --profile 同用。", "--correction does not go with --profile.")
    declared = declaration(feed, period, rows, totals)
    judgement = _judged(ground, feed, period, file, company, declared, correction, _profile(profile, feed))
    _write(judgement, file, Written(report, standard, coercions))
    if as_json:
        click.echo(json.dumps(as_object(judgement, file, report), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(lines_of(judgement)))
    raise SystemExit(CANNOT_USE if judgement.verdict == "rejected" else 0)


def stop_for_refused(error: FilingRefused, code: int = CANNOT_USE) -> NoReturn:
    """End with what was refused and how to mend it."""
    stop(f"{error.code} {error.zh}{error.mend_zh}", f"{error.code} {error.en} {error.mend_en}", code)


def must_be_file(file: Path) -> None:
    """Ends the command where FILE cannot be opened for reading."""
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        stop_for(file, error)


def _profile(file: Path | None, feed: str) -> Profile | None:
    """The profile of that file. Ends the command where it cannot be used for this feed."""
    from ingest.profiles import Profile, ProfileError

    if file is None:
        return None
    try:
        profile = Profile.parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        stop_for(file, error)
    except UnicodeDecodeError:
        stop(f"{file} 不是 UTF-8。", f"{file} is not UTF-8.", CANNOT_RUN)
    except ProfileError as error:
        stop(f"{file}：{error.zh}", f"{file}: {error.en}", CANNOT_RUN)
    if profile.feed != feed:
        stop(f"对应方案属于 {profile.feed}。", f"The profile is of {profile.feed}.", CANNOT_RUN)
    return profile


def _judged(
    ground: Ground,
    feed: str,
    period: str,
    file: Path,
    company: str | None,
    declared: Manifest | None,
    is_correction: bool,
    profile: Profile | None,
) -> Judgement:
    from ingest.child import judge_in_child
    from supervision.filings import FilingRefused
    from supervision.filings.names import shown_name
    from supervision.filings.reading import period_of, season_text

    try:
        season = season_text(period_of(feed, period))
    except FilingRefused as error:
        stop_for_refused(error, CANNOT_RUN)
    must_be_file(file)
    try:
        name = shown_name(file.name)
    except FilingRefused as error:
        stop_for_refused(error)
    nothing: Compared = (None, {}, frozenset(), None)
    roster, beside, withdrawn, in_force = (
        nothing if company is None else _compared_with(ground, company, feed, period, season)
    )
    base = _in_force(ground, str(company), feed, period) if is_correction else None
    with tempfile.TemporaryDirectory(prefix="whole-") as folder:
        return judge_in_child(
            file.resolve(), feed=feed, period=period, filename=name, roster=roster, beside=beside, declared=declared,
            base=base, whole=Path(folder) / "whole.csv" if base else None, profile=None if is_correction else profile or in_force,
            withdrawn=withdrawn,
        )  # fmt: skip


def _in_force(ground: Ground, company: str, feed: str, period: str) -> Path:
    """The rows of the filing in force that a correction changes. Ends the command where there is none."""
    from supervision.companies import CompanyService
    from supervision.filings.reading import FilingReading

    with ground.reading() as session:
        company_id = CompanyService(session, ground.clock).by_code(company).id
        filing = FilingReading(session, ground.evidence).current(company_id, feed, period)
        if filing is None or filing.table_digest is None:
            stop(
                f"{company} 没有 {period} 的现行报送。",
                f"{company} has no filing of {period} in force.",
                CANNOT_USE,
            )
        return ground.evidence.path(filing.table_digest)


def _compared_with(ground: Ground, company: str, feed: str, period: str, season: str) -> Compared:
    """The rows in force that the portal would compare with: the roster, None where none is, and other feeds; the edits
    that were withdrawn there, and the company's mapping profile in force."""
    from supervision.companies import CompanyService, NoSuchCompany
    from supervision.filings.profiles import profile_in_force
    from supervision.filings.reading import FilingReading, withdrawn_edits

    with ground.reading() as session:
        try:
            company_id = CompanyService(session, ground.clock).by_code(company).id
        except NoSuchCompany:
            stop(f"没有代码为 {company} 的企业。", f"No company has the code {company}.")
        reading, path = FilingReading(session, ground.evidence), ground.evidence.path
        roster = None if feed == "accounts" else reading.current(company_id, "accounts", season)
        digests = reading.beside(company_id, feed, period, season)
        beside = {code: [path(one) for one in tables] for code, tables in digests.items()}
        file = path(roster.table_digest) if roster and roster.table_digest else None
        found = profile_in_force(session, company_id, feed)
        return file, beside, withdrawn_edits(session), found.profile if found else None


def _write(judgement: Judgement, file: Path, written: Written) -> None:
    """What was asked for is written. Ends the command where one cannot be."""
    try:
        write_judged(judgement, file, written)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        stop(zh, en, CANNOT_RUN)
    except OSError as error:
        stop_for(Path(error.filename or file), error)
