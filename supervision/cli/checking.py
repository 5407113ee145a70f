"""Checking from the command line: run checks again, explain a bill, prove register and evidence against each other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supervision.cli.carrying_out import carry_out
from supervision.cli.ground import CANNOT_USE, Ground, stop

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from supervision.companies.models import Company
    from supervision.findings import BillView


@click.command()
@click.option("--company", metavar="CODE", help="Company code; all companies if none is given.")
@click.option(
    "--law-as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Check on the tariffs whose notice was published by that day, beside the run in force.",
)
@click.option(
    "--data-as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Check on the filings that were in force at the end of that day, beside the run in force.",
)
@click.pass_obj
def check(
    ground: Ground, company: str | None, law_as_of: dt.datetime | None, data_as_of: dt.datetime | None
) -> None:
    """Recompute the bills in force where tariffs, rules or rosters have changed since, and print what stands.

    Bills whose inputs are the same as in their last run are not run again. Prints one line for each company and
    period: bills, how many conform, are in breach, are inconclusive, and the sums billed too much and too little (CNY).

    With --law-as-of or --data-as-of nothing in force changes: each period is checked on what was known then, and under its
    line stands whose each difference to the run in force is (company error, late tariff, late data, our error).

    \b
    Exit codes: 0 done, also when breaches stand
                1 no such company, or a day that cannot be
                2 could not run, or a check was given up

    \b
    Example: supervision check --company hrb-bx
             supervision check --company hrb-bx --law-as-of 2025-10-01
    """
    from sqlalchemy import select

    from supervision.filings.models import Filing
    from supervision.findings.models import CheckRun
    from supervision.jobs import enqueue

    if law_as_of is not None or data_as_of is not None:
        _check_as_of(ground, company, law_as_of, data_as_of)
        return
    with ground.writing() as session:
        companies = {one.id: one for one in _companies(session, ground, company)}
        current = select(Filing.id).where(
            Filing.is_current, Filing.feed == "bills", Filing.company_id.in_(companies)
        )
        asked = [
            enqueue(session, "check_filing", filing_id=filing_id, ripples=False)
            for filing_id in session.scalars(current)
        ]
    carry_out(ground, asked, only=("check_filing",))
    with ground.reading() as session:
        runs = session.scalars(
            select(CheckRun)
            .where(CheckRun.is_current, CheckRun.company_id.in_(companies))
            .order_by(CheckRun.company_id, CheckRun.period)
        ).all()
        for run in runs:
            click.echo(_line(companies[run.company_id].code, run))
    if not runs:
        click.echo("没有已签署的账单 / no bills are signed yet")


def _check_as_of(
    ground: Ground, company: str | None, law: dt.datetime | None, data: dt.datetime | None
) -> None:
    """Each period in force is checked on what was known then, and printed with whose the differences are."""
    from sqlalchemy import select

    from supervision.findings.as_of import AsOfRefused, ask, end_of_day
    from supervision.findings.inputs import AsOf
    from supervision.findings.models import CheckRun
    from supervision.findings.reading import FindingReading
    from supervision.findings.wording import moved_by
    from supervision.journal import SYSTEM

    as_of = AsOf(law.date() if law else None, end_of_day(data.date()) if data else None)
    asked, runs = [], []
    with ground.writing() as session:
        companies = {one.id: one for one in _companies(session, ground, company)}
        current = select(CheckRun).where(CheckRun.is_current, CheckRun.company_id.in_(companies))
        for run in session.scalars(current.order_by(CheckRun.company_id, CheckRun.period)):
            try:
                asked.append(ask(session, ground.clock, ground.evidence, run, as_of, by=SYSTEM))
                runs.append(run.id)
            except AsOfRefused as refusal:
                if as_of.data is None or as_of.data > ground.clock.now():
                    stop(refusal.zh, refusal.en, CANNOT_USE)
                click.echo(f"{companies[run.company_id].code:<14} {run.period:<8} {refusal}", err=True)
    carry_out(ground, asked, only=("check_as_of",))
    with ground.reading() as session:
        for run_id in runs:
            run = session.get_one(CheckRun, run_id)
            asked_for = FindingReading(session, ground.evidence).as_of(run)
            then = next(
                one for one in asked_for if (one.law_as_of, one.data_as_of) == (as_of.law, as_of.data)
            )
            click.echo(_line(companies[run.company_id].code, then))
            for text, bills, change in moved_by(then):
                click.echo(f"{'':<24}{text.zh} / {text.en}: {bills}  {change:+,.2f}")
    if not runs:
        click.echo("没有可核查的账单 / no bills to check")


def _line(code: str, run: object) -> str:
    from supervision.findings.models import CheckRun

    assert isinstance(run, CheckRun)
    return (
        f"{code:<14} {run.period:<8} 账单/bills {run.bills:>7}  一致/conform {run.conforms:>7}  "
        f"不一致/breach {run.breaches:>6}  无法判定/inconclusive {run.inconclusive:>6}  "
        f"多收/over {run.amount_over:>14,.2f}  少收/under {run.amount_under:>12,.2f}"
    )


def _companies(session: Session, ground: Ground, code: str | None) -> list[Company]:
    """The company with that code, or all. Ends the command where there is none."""
    from supervision.companies import CompanyService, NoSuchCompany

    service = CompanyService(session, ground.clock)
    if code is None:
        return list(service.all())
    try:
        return [service.by_code(code)]
    except NoSuchCompany:
        stop(f"没有代码为 {code} 的企业。", f"No company has the code {code}.", CANNOT_USE)


@click.command()
@click.argument("bill_no", metavar="BILL_NO")
@click.option("--company", metavar="CODE", help="Company code, where two companies use the number.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option(
    "--certificate",
    "certificate_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the certificate of the bill there too (JSON, see docs/certificates.md).",
)
@click.pass_obj
def explain(
    ground: Ground, bill_no: str, company: str | None, language: str, certificate_file: Path | None
) -> None:
    """Print the worksheet of a bill: every line with its formula, tariff and difference.

    It is worked out anew from the evidence of the run in force, and says so where today's result is another one than
    the run recorded. With --certificate everything the result rests on is written to a file that anybody can compute
    again: python3 verify_certificate.py FILE. There is none where today's result is another one.

    \b
    Exit codes: 0 printed
                1 no such bill or company, several companies use the number, or there is no certificate
                2 could not run

    \b
    Example: supervision explain E14-201310 --language en
    """
    from supervision.findings import CheckedBills, NoSuchBill

    found: list[tuple[str, BillView]] = []
    with ground.reading() as session:
        bills = CheckedBills(session, ground.clock, ground.evidence)
        for one in _companies(session, ground, company):
            try:
                found.append((one.code, bills.bill(one.id, bill_no)))
            except NoSuchBill:
                continue
        if not found:
            stop(
                f"没有编号为 {bill_no} 的已核查账单。",
                f"No checked bill has the number {bill_no}.",
                CANNOT_USE,
            )
        if len(found) > 1:
            codes = ", ".join(code for code, _ in found)
            stop(
                f"多家企业有此编号，请用 --company 指明：{codes}",
                f"Several companies use it; name one with --company: {codes}",
                CANNOT_USE,
            )
        view = found[0][1]
        click.echo(view.worksheet.as_text(language))
        if not view.is_reproduced:
            click.echo(
                "规则已变化，以上结果与核查记录不同 / the rules have changed: the run recorded another result",
                err=True,
            )
        if certificate_file is not None:
            _write_certificate(view, certificate_file)


def _write_certificate(view: BillView, file: Path) -> None:
    """The file holds the certificate, whole or not at all. Ends the command where there is none."""
    from checks.certificate import CertificateRefused, as_bytes
    from supervision.cli.outcomes_written import outcome_file
    from supervision.findings import certificate_of_bill

    try:
        content = as_bytes(certificate_of_bill(view))
    except CertificateRefused as refusal:
        stop(refusal.zh, refusal.en, CANNOT_USE)
    with outcome_file(file) as written:
        written.write(content)


@click.command()
@click.option("--quiet", is_flag=True, help="Print only what is wrong.")
@click.pass_obj
def fsck(ground: Ground, quiet: bool) -> None:
    """Prove that register, evidence and journal agree; name what does not. Changes nothing.

    Reads the journal's whole chain, every piece of evidence that the register names (filings, runs, findings, cases,
    documents, ratings), what the journal says of their digests, and every signed filing against its entry. Prints what
    is wrong to standard error, and as notes what is not: evidence that nothing names (an upload that was never entered),
    unfinished files of writers that died, jobs that were given up.

    \b
    Exit codes: 0 everything agrees
                1 something is wrong
                2 could not run

    \b
    Example: supervision --config production.ini fsck
    """
    from supervision.findings.proof import flaws, notes

    count = 0
    with ground.reading() as session:
        for flaw in flaws(session, ground.evidence, ground.clock):
            count += 1
            click.echo(f"{flaw.zh}\n{flaw.en}", err=True)
        if not quiet:
            for note in notes(session, ground.evidence, ground.settings.incoming_root, ground.clock):
                click.echo(f"注意 / note: {note.zh}\n{note.en}")
    if count:
        stop(f"发现 {count} 处问题。", f"Things that are wrong: {count}.", CANNOT_USE)
    if not quiet:
        click.echo("登记库、证据与日志一致 / register, evidence and journal agree")
