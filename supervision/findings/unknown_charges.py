"""Names of charges on bills that the register of charges did not know: counted with each run, listed for officers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.companies.models import Company
from supervision.fees import FeeService
from supervision.findings.inputs import Inputs
from supervision.findings.models import CheckRun

#: Names that a run keeps, those on most bills first: a filing of free text must not fill the register.
MOST_NAMES = 500


@dataclass(frozen=True, slots=True)
class UnknownCharge:
    """A name as billed by one company that the register of now does not know; ``amount`` is CNY billed under it."""

    name: str
    company: Company
    bills: int
    amount: Decimal
    first_on: dt.date
    last_on: dt.date
    run: CheckRun  # the last of those that found it


def unknown_fees(evidence: EvidenceStore, inputs: Inputs) -> list[dict[str, Any]]:
    """What a run keeps: name, bills, amount (CNY as text), first and last day of issue; the name on most bills first."""
    import pyarrow.compute as pc

    columns = ["other_charge_name", "other_charge", "issued_on"]
    charged = pc.field("other_charge") != Decimal("0.00")
    bills = evidence.read_table(inputs.bills_digest, columns, filters=charged)
    found = bills.group_by("other_charge_name").aggregate(
        [("other_charge", "sum"), ("other_charge", "count"), ("issued_on", "min"), ("issued_on", "max")]
    )
    rows = [
        {
            "name": row["other_charge_name"] or "",
            "bills": row["other_charge_count"],
            "amount": str(row["other_charge_sum"]),
            "first": str(row["issued_on_min"]),
            "last": str(row["issued_on_max"]),
        }
        for row in found.to_pylist()
        if inputs.fees.named(row["other_charge_name"]) is None
    ]
    return sorted(rows, key=lambda row: (-row["bills"], row["name"]))[:MOST_NAMES]


def unknown_charges(session: Session) -> list[UnknownCharge]:
    """Every name that the runs in force found and the register of now does not know, by company; most money first."""
    register = FeeService(session).register()
    runs = select(CheckRun).where(CheckRun.is_current).order_by(CheckRun.id)
    told: dict[tuple[int, str], list[tuple[CheckRun, dict[str, Any]]]] = {}
    for run in session.scalars(runs):
        for one in run.unknown_fees or ():
            if register.named(one["name"]) is None:
                told.setdefault((run.company_id, one["name"]), []).append((run, one))
    found = [_together(name, pairs) for (_, name), pairs in told.items()]
    return sorted(found, key=lambda one: (-one.amount, one.name, one.company.code))


def _together(name: str, told: Iterable[tuple[CheckRun, dict[str, Any]]]) -> UnknownCharge:
    pairs = list(told)
    return UnknownCharge(
        name=name,
        company=pairs[-1][0].company,
        bills=sum(one["bills"] for _, one in pairs),
        amount=sum((Decimal(one["amount"]) for _, one in pairs), Decimal("0.00")),
        first_on=min(dt.date.fromisoformat(one["first"]) for _, one in pairs),
        last_on=max(dt.date.fromisoformat(one["last"]) for _, one in pairs),
        run=pairs[-1][0],
    )
