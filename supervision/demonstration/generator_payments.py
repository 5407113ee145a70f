"""What was paid for the bills, and money that was taken without one.

Payments are filed of the last season. They follow the bills as they were sent, right or wrong: a season's bill is paid in full in
autumn or not at all; what a settlement leaves over or short is given back or paid in June.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from supervision.demonstration.generator_accounts import SEASONS, Account
from supervision.demonstration.generator_bills import ZERO, Bill, abbreviation
from supervision.demonstration.generator_companies import CompanyPlan
from supervision.demonstration.generator_rates import RATES, fen
from supervision.demonstration.generator_truth import HIT, PAYMENT, RowTruth

SEASON = SEASONS[-1]
_ARREARS_PERCENT = 6
_CHANNELS = ("online", "online", "online", "bank", "direct_debit", "counter", "terminal")
_UNFILED = (Decimal("88.00"), Decimal("120.00"), Decimal("260.00"), Decimal("300.00"))
_KEPT_READY = Decimal("0.3")  # of the area fee, taken of homes that are off and have no bill
_AGAIN_AFTER = (3, 9)  # days between the two payments of one bill


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment or refund as filed; ``amount`` in CNY, negative when it is given back. ``why`` is the code of what is wrong."""

    account_no: str
    bill_no: str
    paid_on: dt.date
    kind: str
    amount: Decimal
    channel: str
    payment_no: str = ""
    why: str = ""

    @property
    def period(self) -> str:
        return f"{self.paid_on:%Y-%m}"


@dataclass(slots=True)
class _Book:
    """The payments of one company as they come to stand, and what each account was billed and has paid."""

    plan: CompanyPlan
    accounts: Sequence[Account]
    bills: Sequence[Bill]
    all_bills: Sequence[Bill]
    chance: random.Random
    payments: list[Payment] = field(default_factory=list)
    in_arrears: set[str] = field(default_factory=set)  # accounts with a bill that nobody paid
    taken: set[str] = field(default_factory=set)  # accounts of which something is planted
    truths: list[RowTruth] = field(default_factory=list)

    def pay(self, account: str, bill: str, day: dt.date, amount: Decimal, why: str = "") -> None:
        kind = "payment" if amount > 0 else "refund"
        channel = self.chance.choice(_CHANNELS)
        self.payments.append(Payment(account, bill, day, kind, amount, channel, why=why))


def make_payments(
    plan: CompanyPlan,
    accounts: Sequence[Account],
    bills: Sequence[Bill],
    wrong: Collection[str],
    duplicates: Collection[str],
    chance: random.Random,
) -> tuple[list[Payment], list[RowTruth]]:
    """All payments of a company in order of day, and the truth about those that no bill claims. ``wrong`` are the numbers of
    bills in which something was planted, ``duplicates`` those of second bills of one service: those nobody pays."""
    book = _Book(plan, accounts, [bill for bill in bills if bill.season == SEASON], bills, chance)
    _choose_kept_refunds(book, wrong)
    for bill in book.bills:
        (_settle if bill.kind == "settlement" else _pay)(book, bill, duplicates)
    for kind, per_myriad in plan.money_kinds:
        if kind != "more_than_billed":
            _plant(book, kind, max(1, len(accounts) * per_myriad // 10_000), wrong)
    return _numbered(book)


def _pay(book: _Book, bill: Bill, duplicates: Collection[str]) -> None:
    if bill.total <= 0:
        return
    day = bill.paid_on
    if day is None:
        is_metered = bill.account.method == "metered"  # the settlement says that the fee was prepaid
        if bill.bill_no in duplicates or (not is_metered and book.chance.randrange(100) < _ARREARS_PERCENT):
            book.in_arrears.add(bill.account.account_no)
            return
        longest = max((bill.due_on - bill.issued_on).days, 4)
        day = bill.issued_on + dt.timedelta(days=book.chance.randint(3, longest))
    book.pay(bill.account.account_no, bill.bill_no, day, bill.total)


def _settle(book: _Book, bill: Bill, _: Collection[str]) -> None:
    left = bill.total - (bill.prepaid or ZERO)
    is_kept = bill.account.account_no in book.taken
    if left == 0 or (left < 0 and is_kept):
        return
    day = dt.date(bill.issued_on.year, 6, 1) + dt.timedelta(days=book.chance.randrange(28))
    book.pay(bill.account.account_no, bill.bill_no, day, left)


def _choose_kept_refunds(book: _Book, wrong: Collection[str]) -> None:
    """Settlements of the last season below the fee that was prepaid, whose difference is not given back."""
    share = dict(book.plan.money_kinds).get("more_than_billed")
    if share is None:
        return
    below = [
        bill
        for bill in book.bills
        if bill.kind == "settlement" and bill.bill_no not in wrong
        and bill.total < (bill.prepaid or ZERO) and not bill.account.closings
    ]  # fmt: skip
    for bill in book.chance.sample(below, min(len(below), max(1, len(book.accounts) * share // 10_000))):
        book.taken.add(bill.account.account_no)


def _plant(book: _Book, kind: str, count: int, wrong: Collection[str]) -> None:
    """``count`` payments of the kind, of accounts that have paid everything else and of which nothing else is planted."""
    places = _of_bills(book, wrong) if kind == "paid_twice" else _of_accounts(book, kind)
    book.chance.shuffle(places)
    while count and places:
        account, take = places.pop()
        is_free = account.account_no not in book.in_arrears and account.account_no not in book.taken
        if is_free and account.method == "area" and take():
            book.taken.add(account.account_no)
            count -= 1


_Place = tuple[Account, Callable[[], bool]]


def _of_bills(book: _Book, wrong: Collection[str]) -> list[_Place]:
    paid = {one.bill_no: one for one in book.payments}
    return [
        (bill.account, partial(_paid_twice, book, paid[bill.bill_no]))
        for bill in book.bills
        if bill.kind == "season" and bill.bill_no in paid and bill.bill_no not in wrong
    ]


def _of_accounts(book: _Book, kind: str) -> list[_Place]:
    return [(account, partial(_OF_AN_ACCOUNT[kind], book, account)) for account in book.accounts]


def _paid_twice(book: _Book, paid: Payment) -> bool:
    again = paid.paid_on + dt.timedelta(days=book.chance.randint(*_AGAIN_AFTER))
    if again.month != paid.paid_on.month:
        return False
    book.payments.append(replace(paid, paid_on=again, why="paid_twice"))
    return True


def _unknown_bill(book: _Book, account: Account) -> bool:
    if account.is_closed(SEASON):
        return False
    day = dt.date(2025, 11, 3) + dt.timedelta(days=book.chance.randrange(40))
    number = f"{abbreviation(book.plan)}FW{day:%Y%m}{book.chance.randrange(10_000):04d}"
    book.pay(account.account_no, number, day, book.chance.choice(_UNFILED), "unknown_bill")
    return True


def _after_closing(book: _Book, account: Account) -> bool:
    if account.closed_on is None:
        return False
    last = next(bill for bill in book.all_bills if bill.account is account)
    day = dt.date(2025, 10, 20) + dt.timedelta(days=book.chance.randrange(30))
    book.pay(account.account_no, "", day, last.total, "after_closing")
    return True


def _other_account(book: _Book, account: Account) -> bool:
    """It pays a neighbour's bill that the neighbour left unpaid."""
    paid = {one.bill_no for one in book.payments}
    unpaid = (
        bill
        for bill in book.bills
        if bill.account.account_no in book.in_arrears - book.taken
        and bill.bill_no not in paid and bill.total > 0 and bill.late_fee is None and bill.paid_on is None
    )  # fmt: skip
    bill = next(unpaid, None)
    if bill is None or account.is_closed(SEASON) or bill.account is account:
        return False
    day = bill.issued_on + dt.timedelta(days=book.chance.randint(4, 10))
    book.taken.add(bill.account.account_no)
    book.pay(account.account_no, bill.bill_no, day, bill.total, "other_account")
    return True


def _no_bill(book: _Book, account: Account) -> bool:
    """A home that is off for the season and has no bill of it."""
    if SEASON not in account.suspended or any(bill.account is account for bill in book.bills):
        return False
    rates = RATES[book.plan.city, account.category]
    day = dt.date(2025, 11, 5) + dt.timedelta(days=book.chance.randrange(20))
    amount = fen(_KEPT_READY * rates.area * account.area(rates.basis))
    book.pay(account.account_no, "", day, amount, "no_bill")
    return True


_OF_AN_ACCOUNT: dict[str, Callable[[_Book, Account], bool]] = {
    "unknown_bill": _unknown_bill,
    "after_closing": _after_closing,
    "other_account": _other_account,
    "no_bill": _no_bill,
}
_EDITS = {"paid_twice": ("PAX04", "PAX06"), "unknown_bill": ("PAX01",), "other_account": ("PAX02",)}


def _numbered(book: _Book) -> tuple[list[Payment], list[RowTruth]]:
    """The payments in order of day with their numbers, and the truths, which name them."""
    counts: Counter[str] = Counter()
    numbered: list[Payment] = []
    for payment in sorted(book.payments, key=lambda one: (one.paid_on, one.account_no, one.amount)):
        counts[payment.period] += 1
        number = f"{abbreviation(book.plan)}P{payment.paid_on:%Y%m}{counts[payment.period]:06d}"
        numbered.append(replace(payment, payment_no=number))
    return numbered, [*_planted(book, numbered), *_refunds_kept(book, numbered)]


def _planted(book: _Book, payments: Sequence[Payment]) -> Iterator[RowTruth]:
    for one in payments:
        if one.why:
            yield _row(book, PAYMENT, one, one.why, one.amount)
            for edit in _EDITS.get(one.why, ()):
                yield _row(book, HIT, one, edit, None)


def _refunds_kept(book: _Book, payments: Sequence[Payment]) -> Iterator[RowTruth]:
    """What a settlement came to less than was prepaid lies with the payment in advance."""
    of_account: dict[str, list[Payment]] = defaultdict(list)
    for one in payments:
        of_account[one.account_no].append(one)
    refunded = {one.bill_no for one in payments if one.kind == "refund"}
    for bill in book.bills:
        left = (bill.prepaid or ZERO) - bill.total
        if bill.kind == "settlement" and left > 0 and bill.bill_no not in refunded:
            last = of_account[bill.account.account_no][-1]
            yield _row(book, PAYMENT, last, "more_than_billed", left)


def _row(book: _Book, what: str, one: Payment, code: str, amount: Decimal | None) -> RowTruth:
    return RowTruth(book.plan.code, what, "payments", one.period, code, one.payment_no, amount)
