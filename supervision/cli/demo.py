"""The demonstration province, and how well the portal finds what was planted in it."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import click

from supervision.cli.carrying_out import only_problems_are_logged
from supervision.cli.ground import CANNOT_RUN, CANNOT_USE, Ground, stop
from supervision.cli.rows_measured import ROW_TRUTH, false_rows, measure_rows, print_rows
from supervision.settings import Environment

SEED = 20251115
ACCOUNTS = 20_000
TRUTH = "truth.csv"


@click.command()
@click.option(
    "--seed", default=SEED, show_default=True, help="The same seed makes the same files, byte for byte."
)
@click.option(
    "--accounts",
    type=click.IntRange(600, 2_000_000),
    default=ACCOUNTS,
    show_default=True,
    help="Supply points in the whole province.",
)
@click.pass_obj
def demo(ground: Ground, seed: int, accounts: int) -> None:
    """Make the demonstration province and load it through the real pipeline into an empty register.

    Six companies of six cities with rosters, bills, readings, payments, complaints and people, errors planted and known (bench truth). The
    files lie in the folder demonstration of the data folder. Creates the register where there is none. Takes about a
    minute for 20,000 accounts on two processors, and prints which file it is at.

    \b
    Exit codes: 0 loaded
                1 the register has companies already
                2 could not run; never in production: the passwords are known

    \b
    Example: supervision --data /tmp/trial demo --accounts 600
    """
    from supervision.cli.register import migrate

    migrate(ground)
    if is_loaded(ground):
        stop(
            "登记库中已有企业，演示数据只能载入空的登记库。",
            "The register has companies; the demonstration needs an empty one.",
            CANNOT_USE,
        )
    load_with_progress(ground, accounts, seed)


def is_loaded(ground: Ground) -> bool:
    """Whether the register has companies. Ends the command where it has only part of the demonstration."""
    from supervision.demonstration import loading

    _refuse_half_loaded(ground)
    with ground.reading() as session:
        return loading.is_loaded(session)


def load_with_progress(ground: Ground, accounts: int | None, seed: int = SEED) -> None:
    """The province is loaded with a bar that tells which file it is at. Refused outside development."""
    from supervision.demonstration import loading

    if ground.settings.environment is Environment.PRODUCTION:
        stop(
            "生产环境不得载入演示数据。", "The demonstration is not for production: its passwords are known."
        )
    only_problems_are_logged()
    _refuse_half_loaded(ground)
    click.echo("正在载入演示省份（报送、核算与投诉）/ loading the demonstration province")
    mark = _mark_of_loading(ground)
    mark.touch()
    with click.progressbar(
        length=1, label="  ", show_pos=False, item_show_func=lambda item: item or ""
    ) as bar:

        def tell(what: str, done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos, what)
            if not sys.stdout.isatty():  # a bar needs a terminal; a log gets lines
                click.echo(f"  {done}/{total} {what}")

        try:
            loading.load(
                ground.engine, ground.settings, seed=seed, accounts=accounts or ACCOUNTS, on_progress=tell
            )
        except KeyboardInterrupt:
            click.echo("\n已中断，演示数据不完整 / interrupted: the demonstration is incomplete", err=True)
            os._exit(CANNOT_RUN)  # without waiting for the workers: what they hold is thrown away
    mark.unlink(missing_ok=True)


def _mark_of_loading(ground: Ground) -> Path:
    """A file that stands while the demonstration is being loaded."""
    return ground.settings.data / "demonstration.loading"


def _refuse_half_loaded(ground: Ground) -> None:
    """Ends the command where an earlier loading did not come to its end."""
    if _mark_of_loading(ground).exists():
        stop(
            f"上次载入演示数据时被中断，数据不完整。请删除数据文件夹 {ground.settings.data} 后重新启动。",
            "The demonstration was interrupted while it was being loaded and is incomplete. "
            f"Delete the data folder {ground.settings.data} and start again.",
        )


def sign_ins(ground: Ground) -> list[tuple[str, str, str]]:
    """Who can sign in to the demonstration; nobody where none is loaded."""
    from supervision.companies import CompanyService
    from supervision.demonstration import loading

    if ground.settings.environment is Environment.PRODUCTION:
        return []
    with ground.reading() as session:
        companies = CompanyService(session, ground.clock).all()
        return list(loading.sign_ins(companies)) if companies else []


@click.group()
def bench() -> None:
    """Measure the portal against known truth."""


@bench.command("truth")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def truth(ground: Ground, as_json: bool) -> None:
    """Recall and precision by kind of planted error, worksheets right to the fen, and false findings on clean bills.

    Prints a line a kind of error (planted, found, recall, cause named rightly, precision), then the clean bills, then the
    same for money without a bill, estimates and hits of edits, each found with its very amount.

    \b
    Exit codes: 0 measured, and nothing clean is called wrong
                1 a clean bill is called a breach, a row that is right is found, or there is no demonstration here
                2 could not run

    \b
    Example: supervision bench truth --json
    """
    path = ground.settings.data / "demonstration" / TRUTH
    if not path.exists():
        stop(
            "没有演示数据；请先运行：supervision demo",
            "No demonstration here; run first: supervision demo",
            CANNOT_USE,
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        planted = {(row["company"], row["bill_no"]): row for row in csv.DictReader(file)}
    figures = _compare(ground, planted)
    rows = measure_rows(ground, path.with_name(ROW_TRUTH))
    if as_json:
        click.echo(json.dumps({**figures, "rows": rows}, ensure_ascii=False, indent=1))
    else:
        _print(figures)
        print_rows(rows)
    if figures["false_findings"] or false_rows(rows.values()):
        raise SystemExit(CANNOT_USE)


def _compare(ground: Ground, planted: dict[tuple[str, str], dict[str, str]]) -> dict[str, object]:
    """What the current runs say of every bill, held against what was planted."""
    from sqlalchemy import select

    from supervision.companies import Company
    from supervision.findings.models import CheckRun

    kinds: dict[str, dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(("planted", "found", "named", "told"), 0)
    )
    sums = dict.fromkeys(("bills", "clean", "conforms", "inconclusive", "false_findings", "to_the_fen"), 0)
    with ground.reading() as session:
        runs = session.execute(
            select(Company.code, CheckRun.outcomes_digest).join(CheckRun).where(CheckRun.is_current)
        ).all()
        for code, digest in runs:
            columns = ["bill_no", "outcome", "cause", "recomputed_total"]
            for row in ground.evidence.read_table(digest, columns=columns).to_pylist():
                _count(planted.get((code, row["bill_no"])), row, kinds, sums)
    return {**sums, "planted": len(planted), "kinds": {kind: kinds[kind] for kind in sorted(kinds)}}


def _count(
    truth: dict[str, str] | None,
    row: dict[str, object],
    kinds: dict[str, dict[str, int]],
    sums: dict[str, int],
) -> None:
    sums["bills"] += 1
    is_breach = row["outcome"] == "breach"
    sums["inconclusive"] += row["outcome"] == "inconclusive"
    if is_breach and row["cause"]:
        kinds[str(row["cause"])]["told"] += 1
    if truth is None:
        sums["clean"] += 1
        sums["conforms"] += row["outcome"] == "conforms"
        sums["false_findings"] += is_breach
        return
    kind = kinds[truth["cause"]]
    kind["planted"] += 1
    kind["found"] += is_breach
    kind["named"] += is_breach and row["cause"] == truth["cause"]
    sums["to_the_fen"] += is_breach and row["recomputed_total"] == Decimal(truth["correct_total"])


def _print(figures: dict[str, object]) -> None:
    click.echo(
        f"{'原因 / cause':<34}{'植入 planted':>10}{'查出 found':>12}{'召回 recall':>10}{'定因 named':>12}{'精确 precision':>12}"
    )
    kinds: dict[str, dict[str, int]] = figures["kinds"]  # type: ignore[assignment]
    for cause, kind in kinds.items():
        recall = f"{kind['found'] / kind['planted']:.3f}" if kind["planted"] else "—"
        precision = f"{kind['named'] / kind['told']:.3f}" if kind["told"] else "—"
        click.echo(
            f"{cause:<34}{kind['planted']:>12}{kind['found']:>13}{recall:>12}{kind['named']:>14}{precision:>14}"
        )
    click.echo(
        f"\n账单 / bills {figures['bills']}；清白账单 / clean {figures['clean']}，其中一致 / conform {figures['conforms']}，"
        f"无法判定 / inconclusive {figures['inconclusive']}，误报 / false findings {figures['false_findings']}\n"
        f"植入 / planted {figures['planted']}，核算到分一致 / worksheets right to the fen {figures['to_the_fen']}"
    )
