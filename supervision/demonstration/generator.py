"""The demonstration province on disk: the same files, byte for byte, for the same seed.

``generate`` writes what six companies and one company of published worked examples would file for two seasons, with
known errors among the bills, and the truth about them beside it. It knows no database and no web.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from supervision.demonstration.generator_accounts import SEASONS, Account, make_accounts
from supervision.demonstration.generator_bills import Bill, season_bills, settlements
from supervision.demonstration.generator_companies import COMPANIES, EXAMPLES, CompanyPlan, Network
from supervision.demonstration.generator_complaints import SHANGHAI, Complaint, make_complaints
from supervision.demonstration.generator_errors import Truth, plant
from supervision.demonstration.generator_examples import EXAMPLE_SEASON, example_bills
from supervision.demonstration.generator_files import Row, account_row, bill_row, write_feed

__all__ = ["Company", "Complaint", "FiledFile", "Manifest", "Network", "Truth", "generate"]

TRUTH_FILE = "truth.csv"
_TOTALS = {"accounts": ("floor_area_m2",), "bills": ("billed_area_m2", "total")}


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

    @property
    def planted(self) -> Mapping[tuple[str, str], int]:
        """How many bills of each company have each cause."""
        return dict(sorted(Counter((truth.company, truth.cause) for truth in self.truths).items()))

    @property
    def late_files(self) -> tuple[FiledFile, ...]:
        return tuple(file for file in self.files if file.is_late)


def generate(folder: Path, *, seed: int = 20251115, accounts: int = 20_000) -> Manifest:
    """Write the demonstration province into ``folder`` (made if missing): ``companies/<code>/`` holds the files of each
    company, ``truth.csv`` what is wrong in them. Files of the same name are replaced.

    ``accounts`` are spread over the six companies by their size; from about 2,000 on every kind of error of every
    company finds a place. Raises ``ValueError`` below 600, which is too few for six companies.
    """
    if accounts < 600:
        raise ValueError(
            f"户数须不少于600，现为{accounts}。 Six companies need at least 600 accounts, not {accounts}."
        )
    files: list[FiledFile] = []
    truths: list[Truth] = []
    complaints: list[Complaint] = []
    for plan in COMPANIES:
        chance = random.Random(f"{seed}/{plan.code}")  # noqa: S311  repeatable by design
        roster = make_accounts(plan, accounts * plan.share // 100, chance)
        bills: list[Bill] = []
        for season in SEASONS:
            due = season_bills(plan, roster, season, chance) + settlements(plan, roster, season)
            filed, wrong = plant(plan, due, chance)
            bills += filed
            truths += wrong
        files += _write_company(folder, plan, roster, SEASONS, bills)
        complaints += make_complaints(plan, bills, [t for t in truths if t.company == plan.code], chance)
    bills, wrong = example_bills()
    files += _write_company(folder, EXAMPLES, [bill.account for bill in bills], (EXAMPLE_SEASON,), bills)
    truths += wrong
    truth_path = _write_truth(folder, truths)
    return Manifest(
        seed=seed,
        companies=tuple(
            Company(p.code, p.zh, p.en, p.city, p.service_areas, p.networks) for p in (*COMPANIES, EXAMPLES)
        ),
        files=tuple(sorted(files, key=lambda file: (file.filed_at, file.company, file.feed, file.period))),
        complaints=tuple(sorted(complaints, key=lambda c: (c.received_at, c.company, c.account_no))),
        truth_path=truth_path,
        truths=tuple(truths),
    )


def _write_company(
    folder: Path, plan: CompanyPlan, roster: Sequence[Account], seasons: Sequence[str], bills: Sequence[Bill]
) -> list[FiledFile]:
    files = []
    for season in seasons:
        rows = [account_row(account, season) for account in roster if account.is_listed(season)]
        files.append(_write(folder, plan, "accounts", season, rows))
    for period in sorted({bill.period for bill in bills}):
        rows = [bill_row(bill) for bill in bills if bill.period == period]
        files.append(_write(folder, plan, "bills", period, rows))
    return files


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
    """Rosters are due by the end of October of the season, a month by the 10th of the next, a settlement by 15 June."""
    year = int(period[:4])
    if feed == "accounts":
        return dt.date(year, 10, 31)
    if int(period[5:]) > 12:
        return dt.date(year + 1, 6, 15)
    month = int(period[5:])
    return dt.date(year + month // 12, month % 12 + 1, 10)


def _write_truth(folder: Path, truths: Sequence[Truth]) -> Path:
    path = folder / TRUTH_FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("company", "bill_no", "cause", "correct_total", "billed_total"))
        for truth in truths:
            writer.writerow(
                (truth.company, truth.bill_no, truth.cause, truth.correct_total, truth.billed_total)
            )
    return path
