"""Explaining from the command line: the edit report of a filing fetched, and handed back filled in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from supervision.cli.ground import CANNOT_USE, Ground, stop
from supervision.cli.refusals import stop_for
from supervision.cli.validating import must_be_file, stop_for_refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ingest.edits.explanations import Problem
    from supervision.filings.models import Filing
    from supervision.security import Identity

SHOWN = 20  # problems printed


@click.command("explanations")
@click.argument("number", metavar="FILING")
@click.argument("report", metavar="[REPORT]", required=False, type=click.Path(path_type=Path))
@click.option("--by", "name", required=True, metavar="NAME", help="Sign-in name of the company's clerk.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the report to this file: .csv or .xlsx.")
@click.pass_obj
def explanations(ground: Ground, number: str, report: Path | None, name: str, out: Path | None) -> None:
    """Fetch the edit report of FILING, or hand REPORT back with its explanations filled in.

    FILING is the number that `supervision file` prints. With --out the report is written as it stands now, with what is
    explained, carried over or expired. REPORT is that file (CSV or XLSX) with the columns explanation_code and note
    filled in; all of it is taken, or nothing. Then prints how many points are still open.

    \b
    Exit codes: 0 written, or taken
                1 refused: nothing was taken, and every line that is wrong is named
                2 could not run

    \b
    Example: supervision explanations 7f3k9… --by hrb-bx-clerk --out edits.csv
             supervision explanations 7f3k9… edits.csv --by hrb-bx-clerk
    """
    if (report is None) == (out is None):
        stop(
            "请给出填写好的审核报告，或用 --out 写出报告。",
            "Name the filled-in report, or write one with --out.",
        )
    if out is not None:
        _write(ground, number, name, out)
    elif report is not None:
        _hand_back(ground, number, name, report)


def _write(ground: Ground, number: str, name: str, out: Path) -> None:
    from ingest.edits.report import write_report
    from supervision.filings import FilingExplanations

    with ground.reading() as session:
        filing = _filing(session, ground, number, _person(session, ground, name))
        found = FilingExplanations(session, ground.clock, ground.evidence).report(filing)
    if found is None:
        stop("该报送尚未审核。", "This filing is not judged yet.", CANNOT_USE)
    try:
        write_report(found, out)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        stop(zh, en)
    except OSError as error:
        stop_for(out, error)
    click.echo(f"{found.edits.num_rows} 处已写入 / hits written: {out}")


def _hand_back(ground: Ground, number: str, name: str, report: Path) -> None:
    from ingest.child import explanations_in_child
    from supervision.db.lifecycle import MovedMeanwhile, NotPossible
    from supervision.filings import FilingExplanations, FilingRefused
    from supervision.filings.explaining import ExplanationsRefused

    must_be_file(report)
    with ground.reading() as session:
        filing = _filing(session, ground, number, _person(session, ground, name))
        digest, version = filing.bytes_digest, filing.version
    read = explanations_in_child(report.resolve(), filename=report.name, file_digest=digest)
    try:
        with ground.writing() as session:
            by = _person(session, ground, name)
            filing = _filing(session, ground, number, by)
            service = FilingExplanations(session, ground.clock, ground.evidence)
            service.by_report(filing, read, report, by=by.actor, version=version)
            left = sum(how.get("missing", 0) + how.get("expired", 0) for how in filing.explained.values())
            state = f"{filing.text.name_zh} / {filing.state}"
    except ExplanationsRefused as refused:
        _stop_for_lines(refused.problems)
    except FilingRefused as error:
        stop_for_refused(error)
    except (NotPossible, MovedMeanwhile):
        stop(
            "该报送现在不能说明（不在“待说明”状态，或状态已变化）。",
            "This filing takes no explanation now: it does not wait for one, or it moved meanwhile.",
            CANNOT_USE,
        )
    click.echo(f"{read.given.num_rows} 行已收下 / lines taken; 尚未说明 / still open: {left}; {state}")


def _stop_for_lines(problems: tuple[Problem, ...]) -> NoReturn:
    for one in problems[:SHOWN]:
        click.echo(f"  行 / line {one.line}: {one.zh} / {one.en}", err=True)
    count = len(problems)
    stop(
        f"审核报告没有收下：{count} 行有问题。请改正后重新交回。",
        f"The report was not taken: {count} lines are wrong. Mend them and hand it back again.",
        CANNOT_USE,
    )


def _person(session: Session, ground: Ground, name: str) -> Identity:
    from supervision.security import Permission
    from supervision.users import NoSuchUser, UserService

    try:
        user = UserService(session, ground.clock, ground.settings, ground.passwords).by_name(name)
    except NoSuchUser:
        stop(f"没有登录名为 {name} 的人员。", f"Nobody has the sign-in name {name}.", CANNOT_USE)
    if not user.may_enter or Permission.FILING_UPLOAD not in user.identity.permissions:
        stop(
            f"{name} 不是企业的在册经办人。",
            f"{name} is not one of the active people of a company.",
            CANNOT_USE,
        )
    return user.identity


def _filing(session: Session, ground: Ground, number: str, by: Identity) -> Filing:
    from supervision.filings import NoSuchFiling
    from supervision.filings.reading import FilingReading

    try:
        return FilingReading(session, ground.evidence).find(number, by)
    except NoSuchFiling:
        stop(
            f"贵企业没有编号为 {number} 的报送。",
            f"The company has no filing with the number {number}.",
            CANNOT_USE,
        )
