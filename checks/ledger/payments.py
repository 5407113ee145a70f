"""Money without a bill behind it: what customers paid beyond all that the bills in force claim of them.

An overcharge needs no bill (AER v AGL [2024] FCA 969: money kept taken from accounts that were closed). So the whole
ledger of an account is held against the whole of its claims:

* **claims** are the totals of its bills in force: of the seasons of which money was filed, and earlier ones that a payment
  names (what was settled before the ledger begins must not hide what was taken since). A metered account pays the area fee first and is settled after the
  season: from its settlement on, that and not the fee is the claim of the season (the fee is ``prepaid`` on it).
* **money** is what was paid or credited, less what was given back (refunds and reversals).
* what is more than the claims lies with the payments that say so themselves (paid twice, of a bill that was never filed, after
  closing), and beyond them with the latest; each gets a reason of ``EXCESS_REASONS``, the first that fits. So money taken twice
  a year ago stays where it was taken, however properly later bills are paid.

Payments of a season (by their day, 1 July to 30 June) of which no bills are in force are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute.columns import MONEY, Flags, Ints, as_date, days, money_column, present, unscaled, whole
from checks.recompute.text import Text

#: Why a payment is more than was claimed, in the order in which they are asked.
EXCESS_REASONS: Mapping[str, Text] = {
    "after_closing": Text("销户后仍收款", "taken after the account was closed"),
    "unknown_bill": Text("所指账单不在已报送账单之中", "for a bill that was never filed"),
    "other_account": Text("所指账单属于另一用户", "for another account's bill"),
    "paid_twice": Text("同一账单重复收款", "the same bill paid twice"),
    "no_bill": Text("整季没有账单", "no bill in the season"),
    "more_than_billed": Text("超过该户全部账单", "more than all bills of the account"),
}

#: One row a payment: what of it is ``excess`` and since when; ``filing`` is its filing, ``billed`` and ``paid`` are the
#: account's claims and what it has paid in all, less what was given back.
EXCESS_SCHEMA: pa.Schema = pa.schema(
    [
        ("filing", pa.string()),
        ("source_row", pa.int32()),
        ("payment_no", pa.string()),
        ("account_no", pa.string()),
        ("bill_no", pa.string()),
        ("season", pa.string()),
        ("paid_on", pa.date32()),
        ("amount", MONEY),
        ("excess", MONEY),
        ("billed", MONEY),
        ("paid", MONEY),
        ("reason", pa.string()),
        ("since", pa.date32()),
    ]
)

_NO_OTHER_REASON = "more_than_billed"
_LARGEST_SUM = 9 * 10**18  # beyond, sums are taken in Python's integers
_Numbers = npt.NDArray[Any]  # of 64 bits, or of Python's integers


class Judged(NamedTuple):
    """The payments that are more than was claimed, the largest first, and how many rows of the ledger were looked at and
    how many were not because no bills of their season are in force."""

    rows: pa.Table
    looked_at: int
    not_judged: int


def money_without_bill(bills: pa.Table, payments: pa.Table, accounts: pa.Table | None) -> Judged:
    """``bills`` and ``payments`` are all rows in force of the company (feeds of the data standard; ``payments`` with a column
    ``filing``), ``accounts`` the rows of its rosters, the latest last; without one no account counts as closed."""
    paid_on, dated = days(payments, "paid_on")
    season = _seasons(paid_on)
    known = pc.is_in(
        pa.array(season, pa.string()), value_set=whole(bills, "season", pa.string()).drop_null().unique()
    )
    judged = np.asarray(known) & dated & present(whole(payments, "account_no", pa.string()))
    looked_at = int(judged.sum())
    ledger = _Ledger(bills, payments.filter(pa.array(judged)), accounts)
    return Judged(ledger.rows(), looked_at, payments.num_rows - looked_at)


def _seasons(day: Ints) -> list[str]:
    """The season (1 July to 30 June) of each day."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)  # since January 1970
    first = 1970 + (months - 6) // 12
    names = {year: f"{year:04d}-{(year + 1) % 100:02d}" for year in np.unique(first).tolist()}
    return [names[year] for year in first.tolist()]


class _Ledger:
    """The columns of one company's ledger: payments by account and day, claims by account."""

    def __init__(self, bills: pa.Table, payments: pa.Table, accounts: pa.Table | None) -> None:
        order = [("account_no", "ascending"), ("paid_on", "ascending"), ("payment_no", "ascending")]
        self.payments = payments.take(pc.sort_indices(payments, sort_keys=order)).combine_chunks()
        self.bills = bills.filter(pc.is_valid(bills["account_no"])).combine_chunks()
        names = whole(self.bills, "account_no", pa.string())
        own = whole(self.payments, "account_no", pa.string())
        self.names = pc.unique(pa.concat_arrays([names, own]))
        self.of_bill = _places(names, self.names)
        self.of_row = _places(own, self.names)
        self.claims, self.last_issue = self._claims()
        self.bill = _places(
            whole(self.payments, "bill_no", pa.string()), whole(self.bills, "bill_no", pa.string())
        )
        self.closed_on = self._closed(accounts)

    def _claims(self) -> tuple[_Numbers, Ints]:
        """What the bills of each account claim, in fen, and the day of its last bill."""
        total, _ = unscaled(self.bills, "total", MONEY)
        season = whole(self.bills, "season", pa.string())
        method = np.asarray(pc.fill_null(pc.equal(self.bills["billing_method"], "metered"), False))
        kind = whole(self.bills, "kind", pa.string())
        key = pc.binary_join_element_wise(whole(self.bills, "account_no", pa.string()), season, "\n")
        is_settlement = np.asarray(pc.fill_null(pc.equal(kind, "settlement"), False))
        settled = np.asarray(
            pc.is_in(key, value_set=key.filter(pa.array(is_settlement & method)).drop_null())
        )
        replaced = settled & method & np.asarray(pc.fill_null(pc.equal(kind, "season"), False))
        replaced |= ~(np.asarray(pc.is_in(season, value_set=self._seasons_of_payments())) | self._named())
        issued, _ = days(self.bills, "issued_on")
        last = np.zeros(len(self.names), np.int64)
        np.maximum.at(last, self.of_bill, issued)
        claims = _sums(np.where(replaced, 0, total), self.of_bill, len(self.names))
        return np.maximum(claims, 0), last

    def _seasons_of_payments(self) -> pa.Array:
        """The seasons of which money was filed; an earlier bill that nobody names was settled before the ledger begins."""
        return pa.array(sorted(set(_seasons(days(self.payments, "paid_on")[0]))), pa.string())

    def _named(self) -> Flags:
        """The bills that a payment names."""
        named = whole(self.payments, "bill_no", pa.string()).drop_null()
        return np.asarray(pc.is_in(whole(self.bills, "bill_no", pa.string()), value_set=named))

    def _closed(self, accounts: pa.Table | None) -> Ints:
        """The day each account was closed, by its latest row on a roster; a day beyond all others where it was not."""
        never = np.full(len(self.names), np.iinfo(np.int64).max)
        if accounts is None:
            return never
        place = _places(whole(accounts, "account_no", pa.string()), self.names)
        closed, has = days(accounts, "closed_on")
        told = place >= 0
        never[place[told]] = np.where(has, closed, np.iinfo(np.int64).max)[told]  # the last row stands
        return never

    def rows(self) -> pa.Table:
        amount, _ = unscaled(self.payments, "amount", MONEY)
        kind = whole(self.payments, "kind", pa.string())
        taken = np.asarray(pc.is_in(kind, value_set=pa.array(["payment", "credit"]))) & (amount > 0)
        inflow = np.where(taken, amount, 0)
        accounts = len(self.names)
        back = _sums(np.where(amount < 0, -amount, 0), self.of_row, accounts)
        limit = self.claims + back
        reasons = self._reasons(inflow)
        # Claims are met by the payments without a reason of their own first, then by the others, each in order of day.
        order = np.lexsort((np.arange(len(inflow)), reasons != _NO_OTHER_REASON, self.of_row))
        running = _running(inflow[order], self.of_row[order])
        excess = np.zeros(len(inflow), np.int64)
        excess[order] = np.clip(running - limit[self.of_row[order]], 0, inflow[order]).astype(np.int64)
        paid = _sums(inflow, self.of_row, accounts) - back
        place = np.flatnonzero(excess > 0)
        place = place[np.argsort(-excess[place], kind="stable")]
        return self._told(place, amount, excess, paid, reasons)

    def _reasons(self, inflow: Ints) -> npt.NDArray[np.str_]:
        """The reason of every row, were it more than was claimed."""
        paid_on, _ = days(self.payments, "paid_on")
        named = present(whole(self.payments, "bill_no", pa.string()))
        found = self.bill >= 0
        owner = np.append(self.of_bill, -1)[self.bill]
        total = np.append(unscaled(self.bills, "total", MONEY)[0], 0)[self.bill]
        order = np.argsort(self.bill, kind="stable")  # rows are by account and day
        before = np.zeros(len(order), np.int64)
        before[order] = np.asarray(_running(inflow[order], self.bill[order]) - inflow[order]).astype(np.int64)
        season = pa.array(_seasons(paid_on), pa.string())
        own = pc.binary_join_element_wise(whole(self.payments, "account_no", pa.string()), season, "\n")
        billed = pc.binary_join_element_wise(self.bills["account_no"], self.bills["season"], "\n")
        has_bill = np.asarray(pc.is_in(own, value_set=billed.combine_chunks().drop_null()))
        asked: list[tuple[str, Flags]] = [
            ("after_closing", paid_on > self.closed_on[self.of_row]),
            ("unknown_bill", named & ~found),
            ("other_account", found & (owner != self.of_row)),
            ("paid_twice", found & (before > 0) & (before + inflow > total)),
            ("no_bill", ~named & ~has_bill),
        ]
        codes = np.select([where for _, where in asked], [code for code, _ in asked], _NO_OTHER_REASON)
        return codes.astype(np.str_)

    def _told(
        self, place: Ints, amount: Ints, excess: Ints, paid: _Numbers, reasons: npt.NDArray[np.str_]
    ) -> pa.Table:
        rows = self.payments.take(pa.array(place))
        paid_on, _ = days(rows, "paid_on")
        of_row, reason = self.of_row[place], reasons[place]
        # What is more only since a bill came out lower is owed since that bill.
        late = np.isin(reason, [_NO_OTHER_REASON, "paid_twice"])
        since = np.where(late, np.maximum(paid_on, self.last_issue[of_row]), paid_on)
        given = np.ones(len(place), np.bool_)
        columns = {
            "filing": rows["filing"],
            "source_row": rows["source_row"],
            "payment_no": rows["payment_no"],
            "account_no": rows["account_no"],
            "bill_no": rows["bill_no"],
            "season": pa.array(_seasons(paid_on), pa.string()),
            "paid_on": rows["paid_on"],
            "amount": money_column(amount[place], given),
            "excess": money_column(excess[place], given),
            "billed": _money(self.claims[of_row]),
            "paid": _money(paid[of_row]),
            "reason": pa.array(reason.tolist(), pa.string()),
            "since": pa.array([as_date(day) for day in since.tolist()], pa.date32()),
        }
        return pa.table(columns, schema=EXCESS_SCHEMA)


def _places(values: pa.Array, among: pa.Array) -> Ints:
    """Where each value stands among those; -1 where nowhere, and for null."""
    found = pc.index_in(values, value_set=among.drop_null() if among.null_count == 0 else among)
    place = np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False)).astype(np.int64)
    return np.where(present(values), place, -1)


def _exactly(fen: Ints) -> _Numbers:
    """The numbers as 64 bits where their sums fit, else as Python's."""
    fits = len(fen) == 0 or int(np.abs(fen).max()) * len(fen) < _LARGEST_SUM
    return fen if fits else fen.astype(object)


def _sums(fen: Ints, group: Ints, groups: int) -> _Numbers:
    """The sum of each group."""
    exact = _exactly(fen)
    sums: _Numbers = np.zeros(groups, exact.dtype)
    np.add.at(sums, group, exact)
    return sums


def _running(fen: Ints, group: Ints) -> _Numbers:
    """For each row the sum of its group up to it; groups stand together."""
    if len(fen) == 0:
        return fen
    total: _Numbers = np.cumsum(_exactly(fen))
    first = np.flatnonzero(np.append([True], group[1:] != group[:-1]))
    before: _Numbers = (total - fen)[first]
    running: _Numbers = total - np.repeat(before, np.diff(np.append(first, len(fen))))
    return running


def _money(fen: _Numbers) -> pa.Array:
    """As money; sums beyond what the type holds stand as its largest amount."""
    bounded = np.clip(fen, -(10**18 - 1), 10**18 - 1).astype(np.int64)
    return money_column(bounded, np.ones(len(bounded), np.bool_))
