"""What is wrong in the files, kept aside: the portal never reads it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from pathlib import Path

#: What a row of truth speaks of: a payment of the ledger, a bill that closes on an estimate, a hit of an edit.
PAYMENT, ESTIMATE, HIT = "payment", "estimate", "hit"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is wrong with a bill."""

    company: str
    bill_no: str
    cause: str
    correct_total: Decimal
    billed_total: Decimal


@dataclass(frozen=True, slots=True)
class RowTruth:
    """What the portal should say of something else than a bill's total: ``code`` of the ``key`` (the number of the payment
    or bill, or the key of the edit's hit) in the filing of ``feed`` and ``period``, with what it costs in CNY where that is known."""

    company: str
    what: str
    feed: str
    period: str
    code: str
    key: str
    amount: Decimal | None


def write_truth(path: Path, kind: type, truths: Sequence[Truth | RowTruth]) -> Path:
    """The truths as a CSV file, one a row, under the names of their fields."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([one.name for one in fields(kind)])
        writer.writerows(["" if cell is None else cell for cell in astuple(truth)] for truth in truths)
    return path
