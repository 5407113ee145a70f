"""Findings and runs as the people of the portal see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.companies.models import Company
from supervision.findings import joining
from supervision.findings.daily import Day, bears_old_price, old_price_by_day
from supervision.findings.lifecycle import FindingState
from supervision.findings.models import CheckRun, Finding, FindingPart
from supervision.findings.rows import FoundBill, by_harm, counted, page_by_harm, rows_between, streamed
from supervision.findings.severity import Severity, customers, severities
from supervision.security import Identity
from supervision.web.paging import Page

ROWS_SHOWN = 50


class NoSuchFinding(LookupError):
    """No finding has this identifier, or it is not one the asker may see: the two are told apart by nobody."""


class NoSuchRun(LookupError):
    """No run has this identifier, or it is not one the asker may see."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which findings are wanted. ``state`` None is every state that a later run did not supersede."""

    company: str | None = None
    city: str | None = None
    cause: str | None = None
    category: str | None = None
    season: str | None = None
    state: FindingState | None = FindingState.OPEN
    least: Decimal | None = None  # CNY that customers paid too much
    run: str | None = None  # public id of a run
    by_under: bool = False  # order by what was billed too little


@dataclass(frozen=True, slots=True)
class Sums:
    """Findings counted and summed, CNY."""

    findings: int
    bills: int
    amount_over: Decimal
    amount_under: Decimal


@dataclass(frozen=True, slots=True)
class SeasonSummary:
    """What the current runs of a season (or of several) say together. Amounts are CNY, both positive."""

    runs: int
    bills: int
    conforms: int
    breaches: int
    inconclusive: int
    billed_total: Decimal
    amount_over: Decimal
    amount_under: Decimal


@dataclass(frozen=True, slots=True)
class WithinMeter:
    """Differences that no single bill is in breach for, added up over a company; CNY, both positive."""

    company: Company
    bills: int
    over: Decimal
    under: Decimal


class FindingReading:
    """Queries. ``viewer`` bounds what is found: company people find their own company's only."""

    def __init__(self, session: Session, evidence: EvidenceStore) -> None:
        self._session, self._evidence = session, evidence

    # -- findings -----------------------------------------------------------------------------------------

    def queue(self, viewer: Identity, wanted: QueueFilter) -> Select[tuple[Finding]]:
        """The findings wanted, greatest harm to customers first."""
        query = self._visible(select(Finding), Finding.company_id, viewer)
        if wanted.state is not None:
            query = query.where(Finding.state == wanted.state)
        if wanted.run is not None:
            of_run = select(FindingPart.finding_id).join(CheckRun).where(CheckRun.public_id == wanted.run)
            query = query.where(Finding.id.in_(of_run))
        elif wanted.state is None:
            query = query.where(Finding.state != FindingState.SUPERSEDED)
        for column, value in (
            (Finding.cause, wanted.cause),
            (Finding.category, wanted.category),
            (Finding.season, wanted.season),
        ):
            if value:
                query = query.where(column == value)
        companies = select(Company.id)
        if wanted.company:
            query = query.where(Finding.company_id.in_(companies.where(Company.code == wanted.company)))
        if wanted.city:
            query = query.where(Finding.company_id.in_(companies.where(Company.city == wanted.city)))
        if wanted.least is not None:
            query = query.where(Finding.amount_over >= wanted.least)
        first, second = Finding.amount_over.desc(), Finding.amount_under.desc()
        if wanted.by_under:
            first, second = second, first
        return query.order_by(first, second, Finding.id)

    def sums(self, query: Select[tuple[Finding]]) -> Sums:
        """What the findings of a :meth:`queue` come to."""
        found = query.order_by(None).with_only_columns(Finding.id).subquery()
        row = self._session.execute(
            select(
                func.count(),
                func.sum(Finding.bills),
                func.sum(Finding.amount_over),
                func.sum(Finding.amount_under),
            ).where(Finding.id.in_(select(found.c.id)))
        ).one()
        return Sums(row[0], int(row[1] or 0), _yuan(row[2]), _yuan(row[3]))

    def choices(self, viewer: Identity) -> dict[str, list[str]]:
        """The causes, categories and seasons that findings have, for the filters."""
        return {
            name: list(
                self._session.scalars(
                    self._visible(select(column), Finding.company_id, viewer).distinct().order_by(column)
                )
            )
            for name, column in (
                ("cause", Finding.cause),
                ("category", Finding.category),
                ("season", Finding.season),
            )
        }

    def finding(self, public_id: str, viewer: Identity) -> Finding:
        """The finding of that identifier, or the one to which the part of that identifier belongs. Raises
        NoSuchFinding."""
        query = self._visible(select(Finding), Finding.company_id, viewer)
        part = select(FindingPart.finding_id).where(FindingPart.public_id == public_id).scalar_subquery()
        for is_it in (Finding.public_id == public_id, Finding.id == part):
            found = self._session.scalars(query.where(is_it)).one_or_none()
            if found is not None:
                return found
        raise NoSuchFinding(public_id)

    def by_id(self, finding_id: int) -> Finding:
        """For other features, which hold findings by number. Raises NoSuchFinding."""
        found = self._session.get(Finding, finding_id)
        if found is None:
            raise NoSuchFinding(str(finding_id))
        return found

    def of_same_cause(self, finding: Finding) -> Sequence[Finding]:
        """Every open finding of the company with this cause in this season, over all categories and tariffs, the first
        seen first; ``finding`` itself among them while it is open. One case takes them all."""
        query = select(Finding).where(
            Finding.company_id == finding.company_id,
            Finding.cause == finding.cause,
            Finding.season == finding.season,
            Finding.state == FindingState.OPEN,
        )
        return self._session.scalars(query.order_by(Finding.first_seen, Finding.id)).all()

    def others_alike(self, finding: Finding) -> Sequence[Finding]:
        """The other findings of the same cause, category, tariff and season that stand, the first opened first: what
        was decided before, and what came after it."""
        alike = joining.of_key(self._session, finding.key)
        return [one for one in alike if one.id != finding.id and one.state is not FindingState.SUPERSEDED]

    def parts(self, finding: Finding) -> Sequence[FindingPart]:
        """What makes up the figures of the finding, a part a period, the first period first."""
        query = (
            select(FindingPart)
            .join(CheckRun)
            .where(FindingPart.finding_id == finding.id, FindingPart.is_counted)
        )
        return self._session.scalars(query.order_by(CheckRun.period, FindingPart.id)).all()

    def severities(self, findings: Sequence[Finding], today: dt.date) -> dict[int, Severity]:
        """The four severities of each of these findings, by its id."""
        return severities(self._session, self._evidence, findings, today)

    def old_price_by_day(self, finding: Finding, parts: Sequence[FindingPart]) -> list[Day]:
        """Of a finding of an old price: day by day how many of the bills issued bear it. Of any other: nothing."""
        return old_price_by_day(self._evidence, finding, parts) if bears_old_price(finding) else []

    def customers(self, parts: Sequence[FindingPart]) -> int:
        """How many accounts the bills of these parts belong to, each counted once."""
        return customers(self._evidence, parts)

    def rows(self, finding: Finding, number: int, size: int = ROWS_SHOWN) -> Page[FoundBill]:
        """One page of the outcomes of its bills over all periods, the largest difference first."""
        items = page_by_harm(self._evidence, self.parts(finding), (number - 1) * size, size)
        return Page(items, number, max(1, -(-finding.bills // size)), finding.bills)

    def unexplained(self, viewer: Identity, number: int, size: int = ROWS_SHOWN) -> Page[FoundBill]:
        """One page of the bills of open findings for which no cause gave the billed total, over all companies that the
        viewer may see, the largest difference first."""
        query = self._visible(select(FindingPart), CheckRun.company_id, viewer)
        query = (
            query.join(CheckRun, CheckRun.id == FindingPart.run_id)
            .join(Finding, Finding.id == FindingPart.finding_id)
            .where(FindingPart.is_counted, Finding.state == FindingState.OPEN, Finding.cause == "unexplained")
            .order_by(FindingPart.id)
        )
        parts = self._session.scalars(query).all()
        total = sum(part.bills for part in parts)
        items = page_by_harm(self._evidence, parts, (number - 1) * size, size)
        return Page(items, number, max(1, -(-total // size)), total)

    def all_rows(self, parts: Sequence[FindingPart]) -> Iterator[FoundBill]:
        """Every outcome of the bills of these parts, the largest difference first; memory stays small."""
        return by_harm(self._evidence, parts)

    def outcomes(self, run: CheckRun) -> Iterator[dict[str, Any]]:
        """Every outcome of the run in the order filed; memory stays small."""
        return streamed(self._evidence, run.outcomes_digest)

    def page_of_rows(self, digest: str, number: int, size: int = ROWS_SHOWN) -> Page[dict[str, Any]]:
        """One page of a piece of evidence that a run keeps: the bills that moved, the verdicts that hang on proration."""
        total = counted(self._evidence, digest)
        items = rows_between(self._evidence, digest, (number - 1) * size, size)
        return Page(items, number, max(1, -(-total // size)), total)

    def kept_rows(self, digest: str) -> Iterator[dict[str, Any]]:
        """Every row of it; memory stays small."""
        return streamed(self._evidence, digest)

    def as_of(self, run: CheckRun) -> Sequence[CheckRun]:
        """The runs on what was known at a time of the same period, the last asked for first."""
        query = select(CheckRun).where(
            CheckRun.company_id == run.company_id,
            CheckRun.period == run.period,
            CheckRun.asked_by.is_not(None),
        )
        return self._session.scalars(query.order_by(CheckRun.number.desc())).all()

    # -- runs ---------------------------------------------------------------------------------------------

    def run(self, public_id: str, viewer: Identity) -> CheckRun:
        """Raises NoSuchRun."""
        query = self._visible(select(CheckRun), CheckRun.company_id, viewer)
        found = self._session.scalars(query.where(CheckRun.public_id == public_id)).one_or_none()
        if found is None:
            raise NoSuchRun(public_id)
        return found

    def runs(
        self, viewer: Identity, *, company: str | None = None, season: str | None = None
    ) -> Select[tuple[CheckRun]]:
        """The current runs, newest season and period first."""
        query = self._visible(select(CheckRun), CheckRun.company_id, viewer).where(CheckRun.is_current)
        if company:
            query = query.where(CheckRun.company_id.in_(select(Company.id).where(Company.code == company)))
        if season:
            query = query.where(CheckRun.season == season)
        return query.order_by(CheckRun.season.desc(), CheckRun.company_id, CheckRun.period.desc())

    def run_of_filing(self, filing_id: int) -> CheckRun | None:
        """The last run of that filing, if it was checked."""
        return self._session.scalars(
            select(CheckRun)
            .where(CheckRun.filing_id == filing_id, CheckRun.asked_by.is_(None))
            .order_by(CheckRun.number.desc())
            .limit(1)
        ).one_or_none()

    def parts_of(self, run: CheckRun) -> Sequence[FindingPart]:
        """All that a run found, greatest harm first."""
        return self._session.scalars(
            select(FindingPart)
            .where(FindingPart.run_id == run.id)
            .order_by(FindingPart.amount_over.desc(), FindingPart.amount_under.desc(), FindingPart.id)
        ).all()

    def seasons(self, viewer: Identity) -> list[str]:
        query = self._visible(select(CheckRun.season), CheckRun.company_id, viewer)
        return list(self._session.scalars(query.distinct().order_by(CheckRun.season.desc())))

    def season_summary(self, company_id: int | None = None, season: str | None = None) -> SeasonSummary:
        """The current runs of the company and season together; None is all of them. All zero without runs."""
        query = select(
            func.count(),
            *(func.sum(column) for column in _COUNTED),
            *(
                func.sum(column)
                for column in (CheckRun.billed_total, CheckRun.amount_over, CheckRun.amount_under)
            ),
        ).where(CheckRun.is_current)
        if company_id is not None:
            query = query.where(CheckRun.company_id == company_id)
        if season is not None:
            query = query.where(CheckRun.season == season)
        row = self._session.execute(query).one()
        bills, conforms, breaches, inconclusive = (int(value or 0) for value in row[1:5])
        billed, over, under = (_yuan(value) for value in row[5:])
        return SeasonSummary(row[0], bills, conforms, breaches, inconclusive, billed, over, under)

    def within(self, viewer: Identity, season: str | None = None) -> list[WithinMeter]:
        """Of each company the bills that conform although they differ by less than the digit of the meter, added up over
        its current runs; companies without any are left out."""
        query = self._visible(select(CheckRun), CheckRun.company_id, viewer).where(CheckRun.is_current)
        if season:
            query = query.where(CheckRun.season == season)
        found: dict[int, WithinMeter] = {}
        for run in self._session.scalars(query.order_by(CheckRun.company_id)):
            if run.within and run.within["bills"]:
                so_far = found.get(run.company_id, WithinMeter(run.company, 0, _yuan(None), _yuan(None)))
                found[run.company_id] = WithinMeter(
                    run.company,
                    so_far.bills + run.within["bills"],
                    so_far.over + Decimal(run.within["over"]),
                    so_far.under + Decimal(run.within["under"]),
                )
        return list(found.values())

    def _visible(self, query: Select[Any], company_id: Any, viewer: Identity) -> Select[Any]:
        return query.where(company_id == viewer.company_id) if viewer.is_company else query


_COUNTED = (CheckRun.bills, CheckRun.conforms, CheckRun.breaches, CheckRun.inconclusive)


def _yuan(value: Decimal | int | None) -> Decimal:
    return Decimal("0.00") if value is None else Decimal(value)
