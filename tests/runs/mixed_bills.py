"""A season's bills of a made-up city with everything that ties bills together: the same service billed twice, corrections
of one's own bills and of another account's, heat of a neighbour's bill, and mistakes alone and in pairs."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.evidence import EvidenceStore
from tests.checks.bill_cases import account, accounts_table, bill, bills_table, price, tariff

OLD = tariff(id="old", area_price=price("22"), valid_to=dt.date(2025, 9, 30))
NEW = tariff(id="new", valid_from=dt.date(2025, 10, 1))
SHOPS = tariff(id="shops", category="non_residential", area_price=price("31.5"), cap_known=False)
TARIFFS = (OLD, NEW, SHOPS)

_HALF = Decimal("0.01")


def mixed_bills(accounts: int, seed: int) -> list[dict[str, Any]]:
    """Some 1.6 bills an account, in the order of their issue."""
    dice = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for number in range(accounts):
        own = f"A{dice.randrange(10**9)}-{number}"
        rows += _of_account(dice, own, f"B{number}", rows)
    rows.sort(key=lambda row: (row["issued_on"], row["bill_no"]))
    return rows


def _of_account(
    dice: random.Random, own: str, number: str, before: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    area = Decimal(dice.randrange(3000, 20000)).scaleb(-2)
    issued = dt.date(2025, 10, 20) + dt.timedelta(days=dice.randrange(30))
    common: dict[str, Any] = {"account_no": own, "billed_area_m2": area, "issued_on": issued}
    if dice.random() < 0.3:
        heat = Decimal(dice.randrange(2_000_000, 9_000_000)).scaleb(-3)
        common |= {
            "kind": "settlement",
            "billing_method": "metered",
            "heat_used": heat,
            "heat_unit": "kWh",
            "base_charge": (area * 12).quantize(_HALF),
            "metered_charge": (heat * Decimal("0.16")).quantize(_HALF),
            "cap_reduction": Decimal("0.00"),
        }
        over = common["base_charge"] + common["metered_charge"] - (area * 24).quantize(_HALF)
        if over > 0:
            common["cap_reduction"] = -over
    else:
        common["area_charge"] = (area * dice.choice([24, 24, 24, 24, 22])).quantize(_HALF)
    if dice.random() < 0.05:
        common |= {"other_charge": "70.00", "other_charge_name": "入网费"}
    if dice.random() < 0.05:
        common["category"] = "non_residential"
    found = [bill(bill_no=number, **common)]
    if dice.random() < 0.04:
        found[0]["total"] += Decimal(dice.randrange(1, 9999)).scaleb(-2)
    kind = dice.random()
    if kind < 0.2:
        again = {**common, "issued_on": issued + dt.timedelta(days=dice.randrange(5))}
        found.append(bill(bill_no=f"{number}b", **again))
    elif kind < 0.3 and before:
        other = dice.choice([found[0], dice.choice(before)])
        found.append(
            bill(
                bill_no=f"{number}c",
                account_no=dice.choice([own, other["account_no"]]),
                kind="correction",
                corrects_bill_no=other["bill_no"],
                area_charge=f"-{dice.randrange(200)}.00",
                issued_on=dt.date(2025, 12, 1) + dt.timedelta(days=dice.randrange(9)),
            )
        )
    return found


def bills_of(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """As filed: ``source_row`` counts from 1."""
    return bills_table(*rows)


def roster_of(rows: Sequence[dict[str, Any]], seed: int) -> pa.Table:
    """Most of the accounts, some with another area than billed, some twice."""
    dice = random.Random(seed)
    areas = {row["account_no"]: row["billed_area_m2"] for row in rows}
    entries = [
        account(account_no=number, floor_area_m2=area + dice.choice([0, 0, 0, 0, 5]))
        for number, area in areas.items()
        if dice.random() < 0.97
    ]
    entries += [account(account_no=number) for number in list(areas)[:5]]
    dice.shuffle(entries)
    return accounts_table(*entries)


def as_evidence(store: EvidenceStore, table: pa.Table, *sort_by: str) -> Path:
    """The table as the portal keeps it: sorted by account."""
    return store.path(store.put_table(table, sort_by=sort_by).digest)


def as_filed(path: Path, table: pa.Table) -> Path:
    """The table in the order of the file."""
    pq.write_table(table, path, row_group_size=500)
    return path
