"""Refunds that fell due after a bill was issued, and what became of them.

A home that pays by area is billed in October for the whole season; when its rooms turn out too cold, or its network was
without heat, the bill was right as issued and the refund is owed once the heat is over. What is due comes from the rules of
:mod:`checks.recompute`; here it is held against what was given back since:

* what later bills and corrections of the account credit on their line ``refund``, beyond what is due on those bills
  themselves, or what the ledger of payments says was paid out (kind ``refund``), whichever is more: a credit and its
  payment are the same money;
* each amount once, to the earliest bill first.

A prepayment of a metered account gives nothing back: its settlement does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.fees import FeeRegister
from checks.recompute.columns import MONEY, Flags, Ints, as_date, days, money_column, unscaled, whole
from checks.recompute.filed import KINDS
from checks.recompute.missing import missing_column
from checks.recompute.outcomes import Recomputed, recompute_columns
from checks.recompute.pricing import METHODS
from checks.recompute.text import Text
from checks.tariffs.record import Tariff

#: What became of a refund.
REFUND_STANDINGS: Mapping[str, Text] = {
    "not_paid": Text("未退", "not given back"),
    "partly_paid": Text("部分未退", "given back in part"),
    "unknown": Text("应退金额无法核算", "cannot be computed"),
    "paid": Text("已退", "given back"),
}

#: One row a bill on which something fell due after its issue. ``due`` is the refund for its heat beyond what the bill gives back
#: itself, ``given`` what was given back since, ``owed`` the rest (CNY; null where ``missing`` says what is not known);
#: ``since`` is the last day of heat that it charges for.
REFUNDS_SCHEMA: pa.Schema = pa.schema(
    [
        ("filing", pa.string()),
        ("source_row", pa.int32()),
        ("bill_no", pa.string()),
        ("account_no", pa.string()),
        ("season", pa.string()),
        ("category", pa.string()),
        ("tariff_id", pa.string()),
        ("issued_on", pa.date32()),
        ("since", pa.date32()),
        ("due", MONEY),
        ("given", MONEY),
        ("owed", MONEY),
        ("standing", pa.string()),
        ("missing", pa.string()),
    ]
)


def refunds_owed(
    bills: pa.Table,
    accounts: pa.Table | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    measured: pa.Table | None,
    payments: pa.Table | None = None,
) -> pa.Table:
    """Every bill on which a refund fell due after its issue, the most owed first. ``bills`` (with a column ``filing``) are those
    in force of one season, ``accounts`` its roster, ``measured`` what was filed of the service
    (``checks.recompute.service``), ``payments`` the company's ledger."""
    if measured is None or len(measured) == 0 or len(bills) == 0:
        return REFUNDS_SCHEMA.empty_table()
    done = recompute_columns(
        bills,
        accounts,
        tariffs,
        city=city,
        service_areas=service_areas,
        fees=fees,
        measured=measured,
        later=True,
    )
    filed = done.prepared.filed
    is_prepayment = _is_metered(done) & (filed.kind == KINDS.index("season"))
    rows = np.array(
        [
            row
            for row, falling in sorted(done.prepared.falling_due.items())
            if not (is_prepayment[row] or done.is_duplicate[row] or done.missing[row])
            and (falling.lacks or falling.change(int(filed.lines["refund"][row])))
        ],
        dtype=np.int64,
    )
    return (
        _told(bills, done, rows, _given(bills, done, payments)) if len(rows) else REFUNDS_SCHEMA.empty_table()
    )


def _is_metered(done: Recomputed) -> Flags:
    roster = done.prepared.roster
    method = done.prepared.filed.method if roster is None else roster.method
    return np.asarray(method == METHODS.index("metered"), dtype=np.bool_)


def _given(
    bills: pa.Table, done: Recomputed, payments: pa.Table | None
) -> dict[str, list[tuple[int, int, int]]]:
    """By account what was given back, by day: (day, fen credited on a bill, fen paid out)."""
    filed, found = done.prepared.filed, dict[str, list[tuple[int, int, int]]]()
    accounts = whole(bills, "account_no", pa.string()).to_pylist()
    for row in np.flatnonzero(filed.lines["refund"] < 0).tolist():
        own = done.prepared.refunds.get(row)
        credited = -int(filed.lines["refund"][row]) - (0 if own is None else own.amount())
        if credited > 0 and accounts[row] is not None:
            found.setdefault(accounts[row], []).append((int(filed.issued_on[row]), credited, 0))
    if payments is not None and len(payments):
        back = payments.filter(pc.equal(payments["kind"], "refund"))
        paid_on, _ = days(back, "paid_on")
        amount, _ = unscaled(back, "amount", MONEY)
        for account, day, fen in zip(
            back["account_no"].to_pylist(), paid_on.tolist(), amount.tolist(), strict=True
        ):
            if account is not None and fen < 0:
                found.setdefault(account, []).append((day, 0, -fen))
    return found


def _told(
    bills: pa.Table, done: Recomputed, rows: Ints, given: Mapping[str, list[tuple[int, int, int]]]
) -> pa.Table:
    filed, pricing = done.prepared.filed, done.prepared.pricing
    accounts = whole(bills, "account_no", pa.string()).to_pylist()
    falling = [done.prepared.falling_due[row] for row in rows.tolist()]
    due = np.array(
        [
            -one.change(int(filed.lines["refund"][row]))
            for row, one in zip(rows.tolist(), falling, strict=True)
        ],
        dtype=np.int64,
    )
    lacks = np.array([one.lacks for one in falling], dtype=np.int64)
    taken: dict[str, int] = {}
    back = np.zeros(len(rows), dtype=np.int64)
    for place in sorted(range(len(rows)), key=lambda place: (int(filed.issued_on[rows[place]]), place)):
        account, since = accounts[rows[place]] or "", int(filed.issued_on[rows[place]])
        events = [one for one in given.get(account, ()) if one[0] > since]
        in_all = max(sum(one[1] for one in events), sum(one[2] for one in events))
        back[place] = min(max(in_all - taken.get(account, 0), 0), due[place])
        taken[account] = taken.get(account, 0) + int(back[place])
    owed = due - back
    known = lacks == 0
    standing = np.select(
        [~known, owed == 0, back > 0], ["unknown", "paid", "partly_paid"], default="not_paid"
    )
    some = bills.take(pa.array(rows))
    columns: dict[str, Any] = {
        name: some[name] for name in ("filing", "source_row", "bill_no", "account_no", "season", "issued_on")
    }
    roster = done.prepared.roster
    columns |= {
        "category": some["category"]
        if roster is None
        else pa.array([roster.categories[int(roster.category[row])] for row in rows.tolist()], pa.string()),
        "tariff_id": pa.array(
            [pricing.tariffs[int(pricing.tariff[row])].id for row in rows.tolist()], pa.string()
        ),
        "since": pa.array([as_date(one.last) for one in falling], pa.date32()),
        "due": money_column(np.where(known, due, 0), known),
        "given": money_column(np.where(known, back, 0), known),
        "owed": money_column(np.where(known, owed, 0), known),
        "standing": pa.array(standing.tolist(), pa.string()),
        "missing": missing_column(lacks),
    }
    table = pa.table({name: columns[name] for name in REFUNDS_SCHEMA.names}).cast(REFUNDS_SCHEMA)
    order = [("owed", "descending"), ("bill_no", "ascending"), ("source_row", "ascending")]
    return table.take(pc.sort_indices(table, sort_keys=order))
