"""The demonstration province on disk: the same files, byte for byte, for the same seed.

``generate`` writes what six companies and one company of published worked examples would file for two seasons, with
known errors among the bills, readings and payments, and the truth about them beside it. It knows no database and no web.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from supervision.demonstration.generator_accounts import SEASONS, Account, make_accounts
from supervision.demonstration.generator_bills import Bill, season_bills, settlements
from supervision.demonstration.generator_companies import COMPANIES, EXAMPLES, CompanyPlan, Network
from supervision.demonstration.generator_complaints import SHANGHAI, Complaint, make_complaints
from supervision.demonstration.generator_errors import plant
from supervision.demonstration.generator_examples import EXAMPLE_SEASON, example_bills
from supervision.demonstration.generator_files import (
    Row,
    account_row,
    bill_row,
    payment_row,
    reading_row,
    write_feed,
)
from supervision.demonstration.generator_payments import Payment, make_payments
from supervision.demonstration.generator_readings import Reading, make_readings, truth_of_readings
from supervision.demonstration.generator_truth import HIT, RowTruth, Truth, write_truth

__all__ = ["Company", "Complaint", "FiledFile", "Manifest", "Network", "RowTruth", "Truth", "generate"]

TRUTH_FILE, ROW_TRUTH_FILE = "truth.csv", "truth-rows.csv"
_TOTALS = {
    "accounts": ("floor_area_m2",),
    "bills": ("billed_area_m2", "total"),
    "readings": (),
    "payments": ("amount",),
}
_HITS_OF_BILLS = {"wrong_category": "CRO02", "area_differs_from_roster": "CRO04", "duplicate_bill": "BIX01"}
_DUE_DAY = {"readings": 5, "bills": 10, "payments": 20}  # of the next month


@dataclass(frozen=True, slots=True)
class Company:
    """A company to be registered before its files are handed in."""

    code: str
    zh: str
    en: str
    city: str
    service_areas: tuple[str, ...]
    networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class FiledFile:
    """One filing in one file. ``declared_rows`` and ``declared_totals`` are what the company declares with it (and they
    are right); ``filed_at`` is when it hands it in, after ``due_on`` when it is late."""

    path: Path
    company: str
    feed: str
    period: str
    declared_rows: int
    declared_totals: Mapping[str, Decimal]
    due_on: dt.date
    filed_at: dt.datetime

    @property
    def is_late(self) -> bool:
        return self.filed_at.astimezone(SHANGHAI).date() > self.due_on


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that was made. ``files`` stand in the order in which they are handed in."""

    seed: int
    companies: tuple[Company, ...]
    files: tuple[FiledFile, ...]
    complaints: tuple[Complaint, ...]
    truth_path: Path
    truths: tuple[Truth, ...]
    row_truths: tuple[RowTruth, ...]

    @property
    def planted(self) -> Mapping[tuple[str, str], int]:
        """How many bills of each company have each cause."""
        return dict(sorted(Counter((truth.company, truth.cause) for truth in self.truths).items()))

    @property
    def late_files(self) -> tuple[FiledFile, ...]:
        return tuple(file for file in self.files if file.is_late)


def generate(folder: Path, *, seed: int = 20251115, accounts: int = 20_000) -> Manifest:
    """Write the demonstration province into ``folder`` (made if missing): ``companies/<code>/`` holds the files of each
    company, ``truth.csv`` the wrong bills and ``truth-rows.csv`` what else is wrong in them. Files of the same name are replaced.

    ``accounts`` are spread over the six companies by their size; from about 2,000 on every kind of error of every
    company finds a place. Raises ``ValueError`` below 600, which is too few for six companies.
    """
    if accounts < 600:
        raise ValueError(
            f"户数须不少于600，现为{accounts}。 Six companies need at least 600 accounts, not {accounts}."
        )
    files: list[FiledFile] = []
    truths: list[Truth] = []
    row_truths: list[RowTruth] = []
    complaints: list[Complaint] = []
    for plan in COMPANIES:
        chance = random.Random(f"{seed}/{plan.code}")  # noqa: S311  repeatable by design
        made = _make(plan, accounts * plan.share // 100, chance)
        files += _write_company(folder, plan, made, SEASONS)
        truths += made.truths
        row_truths += made.row_truths
        complaints += make_complaints(plan, made.bills, made.truths, chance)
    bills, wrong = example_bills()
    examples = _Made([bill.account for bill in bills], bills, [], [], wrong, [])
    files += _write_company(folder, EXAMPLES, examples, (EXAMPLE_SEASON,))
    truths += wrong
    truth_path = write_truth(folder / TRUTH_FILE, Truth, truths)
    write_truth(folder / ROW_TRUTH_FILE, RowTruth, row_truths)
    return Manifest(
        seed=seed,
        companies=tuple(
            Company(p.code, p.zh, p.en, p.city, p.service_areas, p.networks) for p in (*COMPANIES, EXAMPLES)
        ),
        files=tuple(sorted(files, key=lambda file: (file.filed_at, file.company, file.feed, file.period))),
        complaints=tuple(sorted(complaints, key=lambda c: (c.received_at, c.company, c.account_no))),
        truth_path=truth_path,
        truths=tuple(truths),
        row_truths=tuple(row_truths),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """What one company files, before it is written down, and the truth about it."""

    roster: Sequence[Account]
    bills: list[Bill]
    readings: Sequence[Reading]
    payments: Sequence[Payment]
    truths: list[Truth]
    row_truths: list[RowTruth]


def _make(plan: CompanyPlan, accounts: int, chance: random.Random) -> _Made:
    roster = make_accounts(plan, accounts, chance)
    bills: list[Bill] = []
    truths: list[Truth] = []
    for season in SEASONS:
        due = season_bills(plan, roster, season, chance) + settlements(plan, roster, season)
        filed, wrong = plant(plan, due, chance)
        bills += filed
        truths += wrong
    bills_by_number = {bill.bill_no: bill for bill in bills}
    duplicates = {truth.bill_no for truth in truths if truth.cause == "duplicate_bill"}
    payments, of_payments = make_payments(
        plan, roster, bills, {truth.bill_no for truth in truths}, duplicates, chance
    )
    readings = make_readings(plan, roster, SEASONS, chance)
    hits = [_hit(truth, bills_by_number) for truth in truths if truth.cause in _HITS_OF_BILLS]
    row_truths = [*hits, *truth_of_readings(plan, roster, bills), *of_payments]
    return _Made(roster, bills, readings, payments, truths, row_truths)


def _hit(truth: Truth, bills: Mapping[str, Bill]) -> RowTruth:
    """The edit that sees the wrong bill beside the roster or its twin."""
    period = bills[truth.bill_no].period
    return RowTruth(truth.company, HIT, "bills", period, _HITS_OF_BILLS[truth.cause], truth.bill_no, None)


def _write_company(
    folder: Path, plan: CompanyPlan, made: _Made, seasons: Sequence[str]
) -> Iterator[FiledFile]:
    for season in seasons:
        rows = [account_row(account, season) for account in made.roster if account.is_listed(season)]
        yield _write(folder, plan, "accounts", season, rows)
    for feed, of_period in (
        ("bills", _by_period(bill_row, made.bills)),
        ("readings", _by_period(reading_row, made.readings)),
        ("payments", _by_period(payment_row, made.payments)),
    ):
        for period, rows in of_period.items():
            yield _write(folder, plan, feed, period, rows)


def _by_period(row: Callable[[Any], Row], things: Sequence[Bill | Reading | Payment]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for one in things:
        found.setdefault(one.period, []).append(row(one))
    return dict(sorted(found.items()))


def _write(folder: Path, plan: CompanyPlan, feed: str, period: str, rows: list[Row]) -> FiledFile:
    place = folder / "companies" / plan.code
    place.mkdir(parents=True, exist_ok=True)
    due_on = _due_on(feed, period)
    chance = random.Random(f"{plan.code}/{feed}/{period}")  # noqa: S311  repeatable by design
    days = chance.randint(2, 9) if (feed, period) in plan.late_filings else -chance.randint(0, 1)
    day = due_on + dt.timedelta(days=days)
    return FiledFile(
        path=write_feed(place, f"{feed}-{period}", feed, plan.habit, rows),
        company=plan.code,
        feed=feed,
        period=period,
        declared_rows=len(rows),
        declared_totals={code: _sum(rows, code) for code in _TOTALS[feed]},
        due_on=due_on,
        filed_at=dt.datetime(
            day.year, day.month, day.day, chance.randint(8, 17), chance.randrange(60), tzinfo=SHANGHAI
        ),
    )


def _sum(rows: Sequence[Row], code: str) -> Decimal:
    return sum((value for row in rows if isinstance(value := row[code], Decimal)), Decimal("0.00"))


def _due_on(feed: str, period: str) -> dt.date:
    """Rosters are due by the end of October of the season, a settlement by 15 June; of a month the readings by the 5th of
    the next, the bills by the 10th and the payments by the 20th."""
    year = int(period[:4])
    if feed == "accounts":
        return dt.date(year, 10, 31)
    if int(period[5:]) > 12:
        return dt.date(year + 1, 6, 15)
    month = int(period[5:])
    return dt.date(year + month // 12, month % 12 + 1, _DUE_DAY[feed])
