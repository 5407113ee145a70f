"""Filing from the command line: the same intake, the same judgement and the same signature as through the pages."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supervision.cli.carrying_out import PAUSE, carry_out
from supervision.cli.declaring import declaration, declaring
from supervision.cli.ground import CANNOT_USE, Ground, stop
from supervision.cli.refusals import stop_for
from supervision.cli.validating import must_be_file, stop_for_refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ingest.readers.manifest import Manifest
    from supervision.filings.models import Filing
    from supervision.security import Identity

JUDGING = ("judge_filing", "compare_filing")
SIGNED = ("check_filing", "render_receipt")  # what a signature asks for


@click.command("file")
@click.argument("feed", metavar="FEED")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--company", required=True, metavar="CODE", help="Company code.")
@click.option("--period", required=True, help="Season 2025-26 or month 2025-12, as the feed is filed.")
@click.option("--sign", "signer", metavar="NAME", help="Sign-in name of the signatory who signs it.")
@click.option(
    "--by", "clerk", metavar="NAME", help="Sign-in name of who hands it in; the signatory if none is given."
)
@click.option(
    "--test", "is_test", is_flag=True, help="A test filing: judged and reported on, never signed or counted."
)
@click.option(
    "--correction", is_flag=True, help="FILE holds rows to add, change and withdraw in the filing in force."
)
@declaring
@click.pass_obj
def file(
    ground: Ground,
    feed: str,
    paths: tuple[Path, ...],
    company: str,
    period: str,
    signer: str | None,
    clerk: str | None,
    is_test: bool,
    correction: bool,
    rows: int | None,
    totals: tuple[str, ...],
) -> None:
    """Hand in FILE for a company, have it judged, and sign it if asked and nothing blocks.

    FEED is one of the nine feeds. Several FILEs are the parts of one filing: they are packed into one ZIP with a manifest of
    their digests and judged together. With --rows and --total the file must hold what is declared. The operator acts for the
    people named: what they may do is what they may do on the pages. Prints the filing's number, state, SHA-256 and rows;
    signed, the difference to the filing it follows and the number of the receipt. The same bytes handed in again answer
    with the filing they have; a test (--test) is judged each time, and needs --by.

    \b
    Exit codes: 0 handed in (and signed, where asked)
                1 the file was rejected, or may not be signed as it is
                2 could not run

    \b
    Example: supervision file bills december.csv --company hrb-bx --period 2025-12 --sign hrb-bx-signer
    In parts: supervision file bills east.csv west.csv --company hrb-bx --period 2025-12 --rows 1200 --by hrb-bx-clerk
    """
    who = clerk or signer
    if who is None:
        stop("须用 --by 或 --sign 指明经办人。", "Name who hands it in with --by or --sign.")
    if is_test and signer is not None:
        stop(
            "试报不能签署：请去掉 --sign，改用 --by。",
            "A test filing is not signed: use --by instead of --sign.",
        )
    for path in paths:
        must_be_file(path)
    by = _company_person(ground, who, company)
    declared = declaration(feed, period, rows, totals)
    with _one_file(paths) as path:
        filing_id, job_id = _hand_in(ground, feed, period, path, by, declared, correction, is_test)
    carry_out(ground, [job_id], JUDGING)
    with ground.reading() as session:
        from supervision.filings.models import Filing

        filing = session.get_one(Filing, filing_id)
        click.echo(
            f"{filing.public_id}  {filing.text.name_zh} / {filing.state}  SHA-256 {filing.bytes_digest}",
            nl=False,
        )
        click.echo(f"  {filing.rows or 0} 行 / rows")
        is_rejected = filing.state == "rejected"
        if is_rejected:
            for entry in filing.report:
                click.echo(f"  {entry['edit_id']} × {entry['count']}", err=True)
    if is_rejected:
        stop(
            f"文件未通过。逐条原因见网页，或：supervision validate {feed} {paths[0]} --period {period}",
            f"The file was rejected. Every reason is on its page, or: supervision validate {feed} {paths[0]} --period {period}",
            CANNOT_USE,
        )
    if signer is not None:
        _sign(ground, filing_id, _company_person(ground, signer, company))


@contextmanager
def _one_file(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The file itself, or a ZIP of the parts with their manifest, gone afterwards."""
    if len(paths) == 1:
        yield paths[0]
        return
    from ingest.packing import pack

    with tempfile.TemporaryDirectory(prefix="parts-") as folder:
        target = Path(folder) / "parts.zip"
        try:
            pack(paths, target)
        except ValueError as error:
            zh, _, en = str(error).partition(" / ")
            stop(zh, en, CANNOT_USE)
        yield target


def _hand_in(
    ground: Ground,
    feed: str,
    period: str,
    path: Path,
    by: Identity,
    declared: Manifest | None,
    is_correction: bool,
    is_test: bool,
) -> tuple[int, str]:
    """The filing and the job that judges it."""
    from supervision.filings import FilingRefused, FilingService
    from supervision.filings.intake import Declared, arriving
    from supervision.filings.names import shown_name
    from supervision.filings.reading import period_of

    assert by.company_id is not None  # a company's person
    try:
        period_of(feed, period)
        shown_name(path.name)
        with (
            path.open("rb") as source,
            arriving(
                source, ground.settings.incoming_root, Declared(), ground.settings.max_upload_bytes
            ) as arrived,
            ground.writing() as session,
        ):
            received = FilingService(session, ground.clock, ground.evidence, ground.settings).receive(
                company_id=by.company_id,
                feed=feed,
                period=period,
                path=arrived.path,
                filename=path.name,
                by=by.actor,
                declared=declared,
                is_correction=is_correction,
                is_test=is_test,
            )
            if received.is_repeat:
                click.echo("同样的内容已经报送过 / these bytes were handed in before", err=True)
            assert received.filing.job_id is not None  # given in the same transaction
            return received.filing.id, received.filing.job_id
    except FilingRefused as error:
        stop_for_refused(error)
    except OSError as error:
        stop_for(path, error)


def _sign(ground: Ground, filing_id: int, signer: Identity) -> None:
    from supervision.db.lifecycle import MovedMeanwhile, NotPossible
    from supervision.filings import FilingRefused, FilingService
    from supervision.filings.lifecycle import State
    from supervision.filings.models import Filing
    from supervision.jobs import find
    from supervision.security import Permission

    if Permission.FILING_SIGN not in signer.permissions:
        stop(f"{signer.name} 不是签署人。", f"{signer.name} is no signatory.", CANNOT_USE)
    _until_compared(ground, filing_id)
    try:
        with ground.writing() as session:
            filing = session.get_one(Filing, filing_id)
            if filing.state in (State.SIGNED, State.SUPERSEDED):
                click.echo(f"已于此前签署 / signed before: {filing.receipt_no}")
                return
            if filing.state is State.NEEDS_EXPLANATION:
                stop(
                    f"有存疑项：请先在网页上说明，或运行 supervision explanations {filing.public_id}，再签署。",
                    f"There are unlikely values: explain them on the filing's page or with `supervision explanations {filing.public_id}`, then sign.",
                    CANNOT_USE,
                )
            service = FilingService(session, ground.clock, ground.evidence, ground.settings)
            earlier = service.current(filing.company_id, filing.feed, filing.period)
            if earlier is not None and filing.difference is not None:
                click.echo(_difference(filing, earlier))
            service.sign(
                filing,
                by=signer.actor,
                signer=signer.display_name,
                version=filing.version,
                difference_seen=earlier.public_id if earlier else None,
            )
            receipt_no = filing.receipt_no
            asked = [find(session, f"{name} {filing_id}") for name in ("check_filing", "render_receipt")]
    except FilingRefused as error:
        stop_for_refused(error)
    except (NotPossible, MovedMeanwhile):
        stop(
            "该报送已不能签署（已撤回或状态已变化），请在网页上查看。",
            "This filing can no longer be signed (withdrawn, or moved meanwhile); look at its page.",
            CANNOT_USE,
        )
    click.echo(f"已签署 / signed: {receipt_no}")
    carry_out(ground, [job.id for job in asked if job is not None], SIGNED)


def _difference(filing: Filing, earlier: Filing) -> str:
    found = filing.difference or {}
    return (
        f"与现行报送 {earlier.public_id} 相比：新增 {found.get('added', 0)}，删除 {found.get('removed', 0)}，"
        f"变更 {found.get('changed', 0)} / against the filing in force: added {found.get('added', 0)}, "
        f"removed {found.get('removed', 0)}, changed {found.get('changed', 0)}"
    )


def _until_compared(ground: Ground, filing_id: int) -> None:
    """The filing carries its difference to the one in force, where there is one."""
    while True:
        carry_out(ground, [], JUDGING)
        with ground.reading() as session:
            if not _is_comparison_waiting(session, filing_id):
                return
        time.sleep(PAUSE)


def _is_comparison_waiting(session: Session, filing_id: int) -> bool:
    from sqlalchemy import select

    from supervision.jobs.models import Job, JobState

    waiting = select(Job.arguments).where(
        Job.name == "compare_filing", Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    )
    return any(arguments["filing_id"] == filing_id for arguments in session.scalars(waiting))


def _company_person(ground: Ground, name: str, company: str) -> Identity:
    from supervision.companies import CompanyService, NoSuchCompany
    from supervision.users import NoSuchUser, UserService

    with ground.reading() as session:
        try:
            company_id = CompanyService(session, ground.clock).by_code(company).id
        except NoSuchCompany:
            stop(f"没有代码为 {company} 的企业。", f"No company has the code {company}.", CANNOT_USE)
        try:
            user = UserService(session, ground.clock, ground.settings, ground.passwords).by_name(name)
        except NoSuchUser:
            stop(f"没有登录名为 {name} 的人员。", f"Nobody has the sign-in name {name}.", CANNOT_USE)
        if not user.may_enter or user.company_id != company_id:
            stop(
                f"{name} 不是 {company} 的在册人员。",
                f"{name} is not one of the active people of {company}.",
                CANNOT_USE,
            )
        return user.identity
