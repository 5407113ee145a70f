"""What a command declares of a filing: rows and control totals; and the digests of rows for corrections."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from supervision.cli.ground import Ground, stop
from supervision.cli.refusals import CANNOT_RUN, CANNOT_USE, stop_for

if TYPE_CHECKING:
    from ingest.readers.manifest import Manifest

Command = TypeVar("Command", bound=Callable[..., Any])


def declaring(command: Command) -> Command:
    """Adds the options --rows and --total."""
    command = click.option("--rows", type=click.IntRange(min=0), help="Data rows that the filing must hold.")(
        command
    )
    return click.option(
        "--total",
        "totals",
        metavar="COLUMN=SUM",
        multiple=True,
        help="A control total that the filing must come to, as total=123.45 or 'heat_used GJ=1.500'; may be repeated.",
    )(command)


def declaration(feed: str, period: str, rows: int | None, totals: tuple[str, ...]) -> Manifest | None:
    """What the options declare. Ends the command where they cannot be used."""
    from supervision.cli.validating import stop_for_refused
    from supervision.filings import FilingRefused
    from supervision.filings.intake import declaration_of
    from supervision.filings.reading import period_of

    if rows is None and not totals:
        return None
    try:
        period_of(feed, period)
        return declaration_of(feed, "" if rows is None else str(rows), ";".join(totals))
    except FilingRefused as error:
        stop_for_refused(error, CANNOT_RUN)


@click.command("row-digests")
@click.argument("feed", metavar="FEED")
@click.option("--company", required=True, metavar="CODE", help="Company code.")
@click.option(
    "--period", required=True, help="Season 2025-26, month 2025-12 or day 2025-12-03, as the feed is filed."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write to this file instead of the standard output."
)
@click.pass_obj
def row_digests(ground: Ground, feed: str, company: str, period: str, out: Path | None) -> None:
    """Write key and digest of every row of the filing in force, as a partial correction needs them.

    One line a row: the columns of the key and expected_digest. A correction copies the digest of the row that it changes
    or withdraws; if the row has changed meanwhile, the correction is rejected.

    \b
    Exit codes: 0 written
                1 nothing of that feed and period is in force
                2 could not run

    \b
    Example: supervision row-digests bills --company hrb-bx --period 2025-12 --out digests.csv
    """
    from supervision.cli.validating import stop_for_refused
    from supervision.companies import CompanyService, NoSuchCompany
    from supervision.filings import FilingRefused
    from supervision.filings.controls import digest_lines
    from supervision.filings.reading import FilingReading, period_of

    try:
        period_of(feed, period)
    except FilingRefused as error:
        stop_for_refused(error, CANNOT_RUN)
    with ground.reading() as session:
        try:
            company_id = CompanyService(session, ground.clock).by_code(company).id
        except NoSuchCompany:
            stop(f"没有代码为 {company} 的企业。", f"No company has the code {company}.", CANNOT_USE)
        filing = FilingReading(session, ground.evidence).current(company_id, feed, period)
        if filing is None:
            stop(
                f"{company} 没有 {period} 的现行报送。",
                f"{company} has no filing of {period} in force.",
                CANNOT_USE,
            )
        lines = digest_lines(ground.evidence, filing)
        if out is None:
            for part in lines:
                sys.stdout.buffer.write(part)
            return
        try:
            with out.open("wb") as file:
                file.writelines(lines)
        except OSError as error:
            stop_for(out, error)
