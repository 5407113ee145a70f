"""How well the portal finds what was planted beside the bills: money in the ledger, estimates, hits of edits."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from supervision.cli.ground import Ground

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ROW_TRUTH = "truth-rows.csv"
_FEN = Decimal("0.01")

#: company, what it is, code, key, amount in CNY as text.
_Row = tuple[str, str, str, str, str]


def measure_rows(ground: Ground, path: Path) -> dict[str, dict[str, int]]:
    """What is said of payments, estimates and rows in all filings in force, held against what was planted: for each kind how
    many were planted, how many of them were found with their very amount, and how many there are that nobody planted."""
    with path.open(encoding="utf-8", newline="") as file:
        planted = Counter(
            (row["company"], row["what"], row["code"], row["key"], row["amount"])
            for row in csv.DictReader(file)
        )
    with ground.reading() as session:
        said = Counter(_said(ground, session))
    kinds: dict[str, dict[str, int]] = defaultdict(lambda: {"planted": 0, "found": 0, "false": 0})
    for name, rows in (("planted", planted), ("found", planted & said), ("false", said - planted)):
        for (_, what, code, _, _), count in rows.items():
            kinds[f"{what} {code}"][name] += count
    return {kind: kinds[kind] for kind in sorted(kinds)}


def _said(ground: Ground, session: Session) -> Iterator[_Row]:
    from sqlalchemy import select

    from supervision.companies import Company
    from supervision.filings.models import Filing
    from supervision.ledgers.models import LedgerCheck

    checks = select(LedgerCheck, Company.code).join(Company).where(LedgerCheck.is_current)
    for check, company in session.execute(checks):
        for row in ground.evidence.read_table(check.excess_digest).to_pylist():
            yield (company, "payment", row["reason"], row["payment_no"], _text(row["excess"]))
        for row in ground.evidence.read_table(check.estimates_digest).to_pylist():
            yield (company, "estimate", row["standing"], row["bill_no"], _text(row["amount"]))
    filings = select(Filing.edits_digest, Company.code).join(Company).where(Filing.is_current)
    for digest, company in session.execute(filings):
        if digest is not None:
            for row in ground.evidence.read_table(digest, ["edit_id", "key"]).to_pylist():
                yield (company, "hit", row["edit_id"], row["key"] or "", "")


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount.quantize(_FEN))


def print_rows(kinds: dict[str, dict[str, int]]) -> None:
    """A line a kind, then how many rows nobody planted."""
    click.echo(
        f"\n{'其他 / beside the bills':<34}{'植入 planted':>10}{'查出 found':>12}{'召回 recall':>10}{'精确 precision':>12}"
    )
    for kind, one in kinds.items():
        told = one["found"] + one["false"]
        click.echo(
            f"{kind:<34}{one['planted']:>12}{one['found']:>13}{_share(one['found'], one['planted']):>12}"
            f"{_share(one['found'], told):>12}"
        )
    click.echo(f"误报 / false rows {false_rows(kinds.values())}")


def false_rows(kinds: Iterable[dict[str, Any]]) -> int:
    """Rows that were said and nobody planted."""
    return sum(one["false"] for one in kinds)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "—"
