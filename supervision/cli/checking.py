"""Checking from the command line: run checks again, explain a bill, prove register and evidence against each other."""

from __future__ import annotations

import threading

import click

from supervision.cli.ground import CANNOT_USE, Ground, stop


@click.command()
@click.option("--company", help="Company code; all companies if none is given.")
@click.pass_obj
def check(ground: Ground, company: str | None) -> None:
    """Recompute the bills in force, where tariffs, rules or rosters have changed since, and print what stands."""
    from sqlalchemy import select

    from supervision.companies import CompanyService
    from supervision.filings.models import Filing
    from supervision.findings.models import CheckRun
    from supervision.jobs import enqueue
    from supervision.jobs.worker import work

    with ground.writing() as session:
        companies = {
            one.id: one
            for one in CompanyService(session, ground.clock).all()
            if company is None or one.code == company
        }
        if not companies:
            stop(f"没有代码为 {company} 的企业。", f"No company has the code {company}.", CANNOT_USE)
        current = select(Filing.id).where(
            Filing.is_current, Filing.feed == "bills", Filing.company_id.in_(companies)
        )
        for filing_id in session.scalars(current):
            enqueue(session, "check_filing", filing_id=filing_id, ripples=False)
    work(ground.engine, ground.settings, threading.Event(), until_idle=True)
    with ground.reading() as session:
        runs = session.scalars(
            select(CheckRun)
            .where(CheckRun.is_current, CheckRun.company_id.in_(companies))
            .order_by(CheckRun.company_id, CheckRun.period)
        ).all()
        for run in runs:
            click.echo(
                f"{companies[run.company_id].code:<14} {run.period:<8} 账单/bills {run.bills:>7}  "
                f"一致/conform {run.conforms:>7}  不一致/breach {run.breaches:>6}  无法判定/inconclusive "
                f"{run.inconclusive:>6}  多收/over {run.amount_over:>14,.2f}  少收/under {run.amount_under:>12,.2f}"
            )


@click.command()
@click.argument("bill_no")
@click.option("--company", help="Company code, where two companies use the number.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.pass_obj
def explain(ground: Ground, bill_no: str, company: str | None, language: str) -> None:
    """Print the worksheet of bill BILL_NO: every line with its formula, tariff and difference."""
    from supervision.companies import CompanyService
    from supervision.findings import BillView, CheckedBills, NoSuchBill

    found: list[tuple[str, BillView]] = []
    with ground.reading() as session:
        bills = CheckedBills(session, ground.clock, ground.evidence)
        for one in CompanyService(session, ground.clock).all():
            if company is not None and one.code != company:
                continue
            try:
                found.append((one.code, bills.bill(one.id, bill_no)))
            except NoSuchBill:
                continue
        if not found:
            stop(f"没有编号为 {bill_no} 的账单。", f"No checked bill has the number {bill_no}.", CANNOT_USE)
        if len(found) > 1:
            codes = ", ".join(code for code, _ in found)
            stop(
                f"多家企业有此编号，请用 --company 指明：{codes}",
                f"Several companies use it; name one: {codes}",
                CANNOT_USE,
            )
        click.echo(found[0][1].worksheet.as_text(language))


@click.command()
@click.pass_obj
def fsck(ground: Ground) -> None:
    """Prove that register, evidence and journal agree; name what does not. Ends with 1 when something is wrong."""
    from supervision.findings.proof import flaws

    count = 0
    with ground.reading() as session:
        for flaw in flaws(session, ground.evidence, ground.clock):
            count += 1
            click.echo(f"{flaw.zh}\n{flaw.en}", err=True)
    if count:
        stop(f"发现 {count} 处问题。", f"{count} things are wrong.", CANNOT_USE)
    click.echo("登记库、证据与日志一致 / register, evidence and journal agree")
