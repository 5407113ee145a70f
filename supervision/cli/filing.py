"""Filing from the command line: the same judgement and the same filing as through the pages."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click

from ingest.judge import Judgement
from supervision.cli.ground import CANNOT_RUN, CANNOT_USE, Ground, stop

SHOWN = 20  # hits printed; the report file has all of them


def period_option(required: bool = True):  # type: ignore[no-untyped-def]
    return click.option(
        "--period",
        required=required,
        help="Season 2025-26, month 2025-12 or day 2025-12-03, as the feed says.",
    )


@click.command()
@click.argument("feed")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@period_option()
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write every hit to this CSV file."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def validate(feed: str, file: Path, period: str, report: Path | None, as_json: bool) -> None:
    """Judge FILE as the portal would, without filing it.

    Ends with 0 when nothing blocks, 1 when something does, 2 when it could not run.
    """
    from ingest.edits.report import write_csv
    from ingest.judge import judge

    try:
        judgement = judge(file, feed=feed, period=period, filename=file.name)
    except KeyError:
        from ingest.standard import FEEDS

        stop(f"没有名为 {feed} 的数据集。", f"No feed is called {feed}; there are: {', '.join(FEEDS)}.")
    except ValueError as error:
        stop("申报期有误：", str(error))
    if report is not None:
        write_csv(judgement.edits, report)
    if as_json:
        click.echo(json.dumps(_as_object(judgement, report), ensure_ascii=False, indent=1))
    else:
        print_verdict(judgement)
    raise SystemExit(CANNOT_USE if judgement.verdict == "rejected" else 0)


def _as_object(judgement: Judgement, report: Path | None) -> dict[str, object]:
    return {
        "verdict": judgement.verdict,
        "rows": judgement.rows,
        "pack_digest": judgement.pack_digest,
        "totals": judgement.totals,
        "edits": [
            {"id": group.edit_id, "class": group.edit_class, "count": group.count}
            for group in judgement.summary()
        ],
        "not_evaluated": [one.edit_id for one in judgement.not_evaluated],
        "report": str(report) if report else None,
    }


VERDICTS = {
    "accepted": "通过 / accepted: nothing blocks",
    "needs_explanation": "须说明 / needs explanation: unlikely values to explain before signing",
    "rejected": "不通过 / rejected: mend what is listed and file again; the earlier filing stays in force",
}


def print_verdict(judgement: Judgement) -> None:
    click.echo(f"{VERDICTS[judgement.verdict]}  ({judgement.rows} rows)")
    for group in judgement.summary():
        click.echo(f"  {group.edit_id} {group.name} [{group.edit_class}] × {group.count}")
    for hit in judgement.edits.slice(0, SHOWN).to_pylist():
        place = f"行 {hit['row']}" if hit["row"] else "文件"
        field = f" {hit['field']}" if hit["field"] else ""
        click.echo(f"    {hit['edit_id']} {place}{field}: {hit['message_zh']}\n      {hit['message_en']}")
    if judgement.edits.num_rows > SHOWN:
        click.echo(f"    … {judgement.edits.num_rows - SHOWN} more; write all of them with --report FILE")


@click.command()
@click.argument("feed")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--company", required=True, help="Company code.")
@period_option()
@click.option("--sign", "signer", metavar="NAME", help="Sign-in name of the signatory who signs it.")
@click.option("--by", "clerk", help="Sign-in name of who hands it in; the signatory if none is given.")
@click.pass_obj
def file(
    ground: Ground, feed: str, file: Path, company: str, period: str, signer: str | None, clerk: str | None
) -> None:
    """Hand in FILE for a company, have it judged, and sign it if asked and nothing blocks."""
    from supervision.companies import CompanyService, NoSuchCompany
    from supervision.filings import FilingRefused, FilingService
    from supervision.filings.lifecycle import State
    from supervision.filings.models import Filing

    who = clerk or signer
    if who is None:
        stop("须用 --by 或 --sign 指明经办人。", "Name who hands it in with --by or --sign.", CANNOT_USE)
    identity = _company_person(ground, who, company)
    with ground.writing() as session:
        try:
            company_id = CompanyService(session, ground.clock).by_code(company).id
            received = FilingService(session, ground.clock, ground.evidence, ground.settings).receive(
                company_id=company_id,
                feed=feed,
                period=period,
                path=file,
                filename=file.name,
                by=identity.actor,
            )
        except NoSuchCompany:
            stop(f"没有代码为 {company} 的企业。", f"No company has the code {company}.", CANNOT_USE)
        except FilingRefused as error:
            stop(f"{error.code} {error.zh}", f"{error.code} {error.en}", CANNOT_USE)
        filing_id = received.filing.id
    _carry_out(ground)
    with ground.reading() as session:
        filing = session.get_one(Filing, filing_id)
        click.echo(f"{filing.public_id}  {filing.state}  SHA-256 {filing.bytes_digest}  {filing.rows} rows")
        state = filing.state
    if state is State.REJECTED:
        raise SystemExit(CANNOT_USE)
    if signer is not None and state is not State.SIGNED:
        _sign(ground, filing_id, signer, company)


def _sign(ground: Ground, filing_id: int, signer: str, company: str) -> None:
    from supervision.filings import FilingRefused, FilingService
    from supervision.filings.lifecycle import State
    from supervision.filings.models import Filing
    from supervision.security import Permission

    identity = _company_person(ground, signer, company)
    if Permission.FILING_SIGN not in identity.permissions:
        stop(f"{signer} 不是签署人。", f"{signer} is no signatory.", CANNOT_USE)
    with ground.writing() as session:
        filing = session.get_one(Filing, filing_id)
        if filing.state is not State.READY:
            stop(
                "须先在网页上对存疑项作出说明，再签署。",
                "Explain the unlikely values on the filing's page first, then sign.",
                CANNOT_USE,
            )
        service = FilingService(session, ground.clock, ground.evidence, ground.settings)
        earlier = service.current(filing.company_id, filing.feed, filing.period)
        try:
            service.sign(
                filing,
                by=identity.actor,
                signer=identity.display_name,
                version=filing.version,
                difference_seen=earlier.public_id if earlier else None,
            )
        except FilingRefused as error:
            stop(f"{error.code} {error.zh}", f"{error.code} {error.en}", CANNOT_USE)
        click.echo(f"已签署 / signed: {filing.receipt_no}")
    _carry_out(ground)


def _company_person(ground: Ground, name: str, company: str):  # type: ignore[no-untyped-def]
    from supervision.companies import CompanyService, NoSuchCompany
    from supervision.users import NoSuchUser, UserService

    with ground.reading() as session:
        try:
            user = UserService(session, ground.clock, ground.settings, ground.passwords).by_name(name)
            company_id = CompanyService(session, ground.clock).by_code(company).id
        except (NoSuchUser, NoSuchCompany):
            user = None
        if user is None or not user.is_active or user.company_id != company_id:
            stop(f"{name} 不是 {company} 的人员。", f"{name} is not one of {company}.", CANNOT_USE)
        return user.identity


def _carry_out(ground: Ground) -> None:
    """Do what waits; when a worker of the running portal is faster, wait for nothing twice: leases see to that."""
    from supervision.jobs.worker import work

    work(ground.engine, ground.settings, threading.Event(), until_idle=True)


__all__ = ["CANNOT_RUN", "file", "validate"]
