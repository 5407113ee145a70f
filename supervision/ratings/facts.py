"""The facts of a season, counted company by company, each with what it was counted from (SR1).

Sources are given by digest or public identifier, so that every number can be counted again. Nothing here judges.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from checks.ratings import Fact, Scheme
from ingest.evidence import EvidenceStore
from ingest.standard import Period
from supervision.cases import RefundService
from supervision.cases.lifecycle import RefundState
from supervision.cases.models import RefundOrder
from supervision.companies import Company
from supervision.complaints.lifecycle import ComplaintState
from supervision.complaints.models import Complaint
from supervision.complaints.service import is_overdue
from supervision.filings import Filing
from supervision.filings.answering import Answer
from supervision.filings.calendar import FilingCalendar
from supervision.filings.obligations import ACCOUNTS, BILLS, Timeliness
from supervision.filings.reading import FilingReading
from supervision.findings import CheckRun, Finding, FindingPart, FindingState
from supervision.ratings.problems import RatingRefused
from supervision.settings import Clock
from supervision.settings.clock import SHANGHAI, local_date

if TYPE_CHECKING:
    import pyarrow as pa

# A finding dismissed for one of these says that its bills are not proven wrong: they leave the rating altogether,
# counted neither as wrong nor as right, and how many left is published. Every other reason leaves them as they are.
NOT_PROVEN = frozenset({"explained", "tariff_unclear", "rule_wrong"})
UPHELD = frozenset({"monetary", "non_monetary"})


@dataclass
class CompanyFacts:
    """``facts`` by code of the scheme, ``sources`` by the name that ``origin`` gives for each fact."""

    company: Company
    facts: dict[str, Fact] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(
        self, code: str, source: str, numerator: Decimal | int, denominator: Decimal | int, n: int
    ) -> None:
        self.facts[code] = Fact(numerator, denominator, n)
        self.origin[code] = source


@dataclass(frozen=True, slots=True)
class _Bills:
    """Bills of one or more tables of outcomes. Amounts are CNY."""

    bills: int = 0
    inconclusive: int = 0
    breaches: int = 0
    overcharged: int = 0
    billed: Decimal = Decimal(0)  # on bills with a conclusion
    over: Decimal = Decimal(0)

    def __add__(self, other: _Bills) -> _Bills:
        return _Bills(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def __sub__(self, other: _Bills) -> _Bills:
        return _Bills(*(getattr(self, name) - getattr(other, name) for name in self.__slots__))


class Counting:
    """Counts the facts of one season as they stand now, as the scheme asks for them."""

    def __init__(
        self, session: Session, evidence: EvidenceStore, season: Period, clock: Clock, scheme: Scheme
    ) -> None:
        self._session, self._evidence, self._season, self._clock = session, evidence, season, clock
        self._filing_feeds = scheme.filing_feeds
        self._now = clock.now()
        self._filings = FilingReading(session, evidence)

    def company(self, company: Company) -> CompanyFacts | None:
        """The facts of a company; None when it is not rated, having neither filed for this season or the one before
        nor been complained about in it. Raises RatingRefused while bills in force are not checked."""
        filings = self._session.scalars(
            select(Filing)
            .where(
                Filing.company_id == company.id,
                Filing.season == self._season.text,
                Filing.is_test.is_(False),
            )
            .order_by(Filing.id)
        ).all()
        complaints = self._complaints(company)
        if not filings and not complaints and not self._filed_before(company):
            return None
        found = CompanyFacts(company)
        roster = self._filings.current(company.id, ACCOUNTS, self._season.text)
        self._count_bills(found, filings)
        self._count_filings(found)
        self._count_complaints(found, complaints, roster)
        self._count_refunds(found)
        return found

    def _filed_before(self, company: Company) -> bool:
        year = self._season.first_day.year - 1
        before = f"{year}-{(year + 1) % 100:02d}"
        query = (
            select(Filing.id)
            .where(Filing.company_id == company.id, Filing.season == before, Filing.is_test.is_(False))
            .limit(1)
        )
        return self._session.scalar(query) is not None

    # -- bills -----------------------------------------------------------------------------------------------------

    def _count_bills(self, found: CompanyFacts, filings: Sequence[Filing]) -> None:
        in_force = [one for one in filings if one.feed == BILLS and one.is_current]
        runs = self._runs(found.company, in_force)
        if not runs:
            return
        total = _Bills()
        for run in runs:
            total += self._outcomes(run.outcomes_digest)
        left, dismissed = _Bills(), self._not_proven(runs)
        for part in dismissed:
            left += self._outcomes(part.rows_digest)
        counted = total - left
        concluded = counted.bills - counted.inconclusive
        found.sources["bills"] = {
            "runs": [
                {
                    "run": run.public_id,
                    "period": run.period,
                    "bills": run.bills,
                    "outcomes": run.outcomes_digest,
                    "inputs": run.inputs_digest,
                }
                for run in runs
            ],
            "bills": total.bills,
            "concluded": total.bills - total.inconclusive,
            "inconclusive": total.inconclusive,
            "missing": _summed(run.missing for run in runs),
            "left_out": left.bills,
            "dismissed": [
                {
                    "finding": one.finding.public_id,
                    "cause": one.finding.cause,
                    "period": one.period,
                    "bills": one.bills,
                    "reason": one.finding.reason,
                    "rows": one.rows_digest,
                }
                for one in dismissed
            ],
        }
        found.add("bills_in_breach", "bills", counted.breaches, concluded, concluded)
        found.add("overcharge_per_million", "bills", counted.over, counted.billed, concluded)
        found.add("bills_not_computable", "bills", counted.inconclusive, counted.bills, counted.bills)
        found.add("bills_overcharged", "bills", counted.overcharged, concluded, concluded)

    def _runs(self, company: Company, in_force: Sequence[Filing]) -> list[CheckRun]:
        current = self._session.scalars(
            select(CheckRun)
            .where(
                CheckRun.company_id == company.id,
                CheckRun.season == self._season.text,
                CheckRun.is_current,
            )
            .order_by(CheckRun.period)
        ).all()
        checked = {run.filing_id for run in current}
        waiting = [one.period for one in in_force if one.id not in checked]
        if waiting:
            listed = "、".join(waiting)
            raise RatingRefused(
                f"{company.name_zh}的账单（{listed}）已签署但尚未核查完毕，请待后台核查完成后再计算。",
                f"Bills of {company.name_en} ({', '.join(waiting)}) are signed but not checked yet; "
                "compute again when the worker is done.",
            )
        wanted = {one.id for one in in_force}
        return [run for run in current if run.filing_id in wanted]

    def _outcomes(self, digest: str) -> _Bills:
        columns = ["outcome", "billed_total", "overcharge"]
        return _tallied(self._evidence.read_table(digest, columns))

    def _not_proven(self, runs: Sequence[CheckRun]) -> Sequence[FindingPart]:
        return self._session.scalars(
            select(FindingPart)
            .join(Finding)
            .where(
                FindingPart.run_id.in_([run.id for run in runs]),
                FindingPart.is_counted,
                Finding.state == FindingState.DISMISSED,
                Finding.reason.in_(NOT_PROVEN),
            )
            .order_by(FindingPart.id)
        ).all()

    # -- filings ---------------------------------------------------------------------------------------------------

    def _count_filings(self, found: CompanyFacts) -> None:
        calendar = FilingCalendar(self._session, self._clock, self._evidence)
        owed = [
            one
            for one in calendar.of_company(found.company, self._season)
            if one.rule.feed in self._filing_feeds
        ]
        due = [one for one in owed if one.is_due]
        found.sources["filings"] = {
            "owed": [
                {
                    "feed": one.rule.feed,
                    "period": one.period,
                    "rule": one.rule.code,
                    "due_on": one.due_on.isoformat(),
                    "timeliness": str(one.timeliness),
                    "is_due": one.is_due,
                    "filing": one.filing,
                    "received_on": None if one.received_on is None else one.received_on.isoformat(),
                    **_signing(one.answer),
                }
                for one in owed
            ]
        }
        on_time = sum(one.timeliness is Timeliness.ON_TIME for one in due)
        missing = sum(one.timeliness is Timeliness.MISSING for one in due)
        found.add("filings_on_time", "filings", on_time, len(due), len(due))
        found.add("filings_missing", "filings", missing, len(due), len(due))

    # -- complaints ------------------------------------------------------------------------------------------------

    def _window(self) -> tuple[dt.datetime, dt.datetime]:
        """The season's year, local midnight to local midnight."""
        since = dt.datetime.combine(self._season.first_day, dt.time(), SHANGHAI)
        until = dt.datetime.combine(self._season.last_day + dt.timedelta(days=1), dt.time(), SHANGHAI)
        return since, until

    def _complaints(self, company: Company) -> Sequence[Complaint]:
        since, until = self._window()
        return self._session.scalars(
            select(Complaint)
            .where(
                Complaint.company_id == company.id,
                Complaint.received_at >= since,
                Complaint.received_at < until,
            )
            .order_by(Complaint.number)
        ).all()

    def _count_complaints(
        self, found: CompanyFacts, complaints: Sequence[Complaint], roster: Filing | None
    ) -> None:
        since, until = self._window()
        closed = [one for one in complaints if one.state is ComplaintState.CLOSED]
        in_time = [one for one in closed if one.closed_at is not None and one.closed_at <= one.close_by]
        overdue = [one for one in complaints if is_overdue(one, self._now)]
        once_closed = [one for one in complaints if one.first_closed_at is not None]
        upheld = [
            one
            for one in once_closed
            if one.reopened or (one.state is ComplaintState.CLOSED and one.answer_kind in UPHELD)
        ]
        numbers = json.dumps([one.number for one in complaints], separators=(",", ":")).encode()
        found.sources["complaints"] = {
            "since": since.isoformat(),
            "until": until.isoformat(),
            "received": len(complaints),
            "closed": len(closed),
            "closed_in_time": len(in_time),
            "overdue": len(overdue),
            "once_closed": len(once_closed),
            "upheld_or_reopened": len(upheld),
            "numbers": self._evidence.put_bytes(numbers).digest,
        }
        found.add(
            "complaints_closed_in_time", "complaints", len(in_time), *_twice(len(closed) + len(overdue))
        )
        found.add("complaints_upheld", "complaints", len(upheld), *_twice(len(once_closed)))
        if roster is None or not roster.rows:
            return
        found.sources["complaints"]["roster"] = {
            "filing": roster.public_id,
            "accounts": roster.rows,
            "table": roster.table_digest,
        }
        found.add("complaints_per_1000", "complaints", len(complaints), *_twice(roster.rows))

    # -- refunds ---------------------------------------------------------------------------------------------------

    def _count_refunds(self, found: CompanyFacts) -> None:
        """As the cases count them: an order is overdue when its last day has passed and no officer has confirmed it."""
        orders = self._session.scalars(
            select(RefundOrder)
            .where(RefundOrder.company_id == found.company.id, RefundOrder.season == self._season.text)
            .order_by(RefundOrder.id)
        ).all()
        today = local_date(self._now)
        found.sources["refunds"] = {
            "orders": [
                {
                    "case": one.case.public_id,
                    "number": one.case.number,
                    "ordered": str(one.total),
                    "confirmed": str(one.confirmed_amount or Decimal("0.00")),
                    "due_on": one.due_on.isoformat(),
                    "is_overdue": one.due_on < today and one.state is not RefundState.CONFIRMED,
                }
                for one in orders
            ]
        }
        sums = RefundService(self._session, self._clock).figures(found.company.id, self._season.text)
        found.add("refund_orders_overdue", "refunds", sums.overdue_orders, *_twice(sums.orders))
        if sums.orders:  # without an order nothing was found that could have been given back
            found.add("overcharge_corrected", "refunds", sums.confirmed, sums.ordered, sums.orders)


def _signing(answer: Answer) -> dict[str, Any]:
    """The day it was signed and the last one for that, where the season has such a limit; and whether it is a declaration
    that there is nothing."""
    if answer.is_declared:
        return {"declared": True}
    if answer.sign_by is None:
        return {}
    signed_on = None if answer.signed_on is None else answer.signed_on.isoformat()
    return {"signed_on": signed_on, "sign_by": answer.sign_by.isoformat()}


def _twice(count: int) -> tuple[int, int]:
    """A denominator of cases is its own n."""
    return count, count


def _summed(counts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for code, bills in one.items():
            total[code] = total.get(code, 0) + bills
    return dict(sorted(total.items()))


def _tallied(outcomes: pa.Table) -> _Bills:
    import pyarrow.compute as pc

    is_open = pc.equal(outcomes["outcome"], "inconclusive")
    is_over = pc.fill_null(pc.greater(outcomes["overcharge"], Decimal(0)), False)
    return _Bills(
        bills=outcomes.num_rows,
        inconclusive=pc.sum(is_open).as_py() or 0,
        breaches=pc.sum(pc.equal(outcomes["outcome"], "breach")).as_py() or 0,
        overcharged=pc.sum(is_over).as_py() or 0,
        billed=pc.sum(outcomes["billed_total"].filter(pc.invert(is_open))).as_py() or Decimal(0),
        over=pc.sum(outcomes["overcharge"].filter(is_over)).as_py() or Decimal(0),
    )
