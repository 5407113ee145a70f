"""Bills on paper: rows of a CSV as an analyst writes them, run through the command line, read back as text.

Expected amounts stand in the tests as figures that were worked out by hand from the published notices; nothing here or
there asks the product what a bill should come to.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from click.testing import CliRunner

from supervision.cli import main

Row = dict[str, str]
LINES = (
    "area_charge",
    "base_charge",
    "metered_charge",
    "height_surcharge",
    "suspension_charge",
    "late_fee",
    "other_charge",
    "cap_reduction",
    "refund",
    "subsidy",
)


def fen(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def paper(basis: str = "floor", season: str = "2025-26", **changes: str) -> Row:
    """A residential bill of 100 m2 by area; its total is the sum of its lines unless one is given."""
    year = int(season[:4])
    row = {
        "season": season,
        "kind": "season",
        "category": "residential",
        "billing_method": "area",
        "heating_state": "on",
        "service_from": f"{year}-11-15",
        "service_to": f"{year + 1}-03-14",
        "billed_area_m2": "100.00",
        "area_basis": basis,
        "issued_on": f"{year}-10-15",
        "due_on": f"{year}-12-31",
    }
    if "heat_used" in changes or "reading_to" in changes:
        row |= {"kind": "settlement", "billing_method": "metered", "issued_on": f"{year + 1}-05-20"}
    row |= changes
    if "total" not in row:
        row["total"] = fen(sum((Decimal(row[line]) for line in LINES if row.get(line)), Decimal(0)))
    return row


def home(**changes: str) -> Row:
    """A roster row of a residential customer with 100 m2 of floor area, heated."""
    return {
        "network_code": "N1",
        "community": "一里",
        "building": "1",
        "category": "residential",
        "billing_method": "area",
        "floor_area_m2": "100.00",
        "connected_on": "2005-10-01",
        "heating_state": "on",
    } | changes


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def judged(
    folder: Path,
    scope: str,
    bills: Sequence[Row],
    accounts: Sequence[Row] | None = None,
    *,
    tariffs: Path | None = None,
    service: Mapping[str, Sequence[Row]] | None = None,
) -> list[Row]:
    """What the command says of each bill, in their order; roster rows belong to the bills in the same place."""
    found, _ = judged_aloud(folder, scope, bills, accounts, tariffs=tariffs, service=service)
    return found


def judged_aloud(
    folder: Path,
    scope: str,
    bills: Sequence[Row],
    accounts: Sequence[Row] | None = None,
    *,
    tariffs: Path | None = None,
    service: Mapping[str, Sequence[Row]] | None = None,
) -> tuple[list[Row], str]:
    """As :func:`judged`, with what was said on standard error. ``service`` has rows of temperatures and requests."""
    numbered = [
        {"bill_no": f"B{place}", "account_no": f"A{place}"} | row for place, row in enumerate(bills, start=1)
    ]
    arguments = ["recompute", "--scope", scope, "--out", str(folder / "out.csv")]
    arguments += ["--bills", str(write(folder / "bills.csv", numbered))]
    if accounts is not None:
        roster = [{"account_no": f"A{place}"} | row for place, row in enumerate(accounts, start=1)]
        arguments += ["--accounts", str(write(folder / "accounts.csv", roster))]
    if tariffs is not None:
        arguments += ["--tariffs", str(tariffs)]
    for feed, rows in (service or {}).items():
        arguments += [f"--{feed}", str(write(folder / f"{feed}.csv", rows))]
    said = CliRunner().invoke(main, arguments, prog_name="supervision")
    assert said.exception is None or isinstance(said.exception, SystemExit), repr(said.exception)
    assert said.exit_code == 0, said.output
    with (folder / "out.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream)), said.stderr


def assert_right(
    folder: Path, scope: str, bills: Sequence[Row], accounts: Sequence[Row] | None = None
) -> None:
    """Every bill conforms; and a fen more on it is a breach of one fen, a fen less one of minus one fen."""
    found = judged(folder, scope, bills, accounts)
    assert [(row["outcome"], row["missing"]) for row in found] == [("conforms", "")] * len(bills), [
        (row["bill_no"], row["billed_total"], row["recomputed_total"], row["missing"])
        for row in found
        if row["outcome"] != "conforms"
    ]
    for change in (Decimal("0.01"), Decimal("-0.01")):
        moved = [row | {"total": str(Decimal(row["total"]) + change)} for row in bills]
        for row in judged(folder, scope, moved, accounts):
            assert (row["outcome"], Decimal(row["overcharge"])) == ("breach", change), row
