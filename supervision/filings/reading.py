"""What has been filed, for whoever may see it: the filings of the register and their rows in the evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from ingest.standard import Period, PeriodKind, season_of, season_starting
from ingest.standard import feed as feed_of
from supervision.companies.models import Company
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing, RuleWithdrawal
from supervision.filings.problems import FilingRefused, NoSuchFiling
from supervision.security import Identity


class FiledTable(NamedTuple):
    """The rows of one filing, columns as ``ingest.standard.arrow_schema`` says."""

    filing: Filing
    table: pa.Table


class CurrentTables(NamedTuple):
    """What is in force of one company for one season: every bills filing, and the roster if there is one."""

    bills: list[FiledTable]
    accounts: FiledTable | None


class FiledRow(NamedTuple):
    """One row of a filing in force, column → value (Decimal, date, text, None)."""

    filing: Filing
    row: dict[str, Any]


def period_of(feed: str, text: str) -> Period:
    """The period that ``text`` names for ``feed``. Raises FilingRefused (T09, T10)."""
    try:
        kinds = feed_of(feed).periods
    except KeyError:
        raise FilingRefused("T09", feed[:40]) from None
    try:
        return Period.parse(text, kinds)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise FilingRefused("T10", zh.rstrip("。"), en.rstrip(".")) from None


def season_text(period: Period) -> str:
    """The season the period lies in, by its first day."""
    return period.text if period.kind is PeriodKind.SEASON else season_of(period.first_day).text


def withdrawn_edits(session: Session) -> frozenset[str]:
    """The edits that were withdrawn: they judge nothing any more."""
    query = select(RuleWithdrawal.edit_id).where(RuleWithdrawal.state == "approved")
    return frozenset(session.scalars(query))


class FilingReading:
    """Queries. ``viewer`` bounds what is found: company people find their own company's filings only, and another's is
    as absent as one that never was."""

    def __init__(self, session: Session, evidence: EvidenceStore) -> None:
        self._session, self._evidence = session, evidence

    # -- filings ------------------------------------------------------------------------------------------

    def find(self, public_id: str, viewer: Identity) -> Filing:
        """Raises NoSuchFiling."""
        found = self._session.scalars(
            self.visible_to(viewer).where(Filing.public_id == public_id)
        ).one_or_none()
        if found is None:
            raise NoSuchFiling(public_id)
        return found

    def visible_to(self, viewer: Identity) -> Select[Filing]:
        """All filings the viewer may see, newest first. A company's tests are its own affair."""
        query = select(Filing).order_by(Filing.received_at.desc(), Filing.id.desc())
        if viewer.is_company:
            return query.where(Filing.company_id == viewer.company_id)
        return query.where(Filing.is_test.is_(False))

    def listed(
        self,
        viewer: Identity,
        *,
        company: str | None = None,
        feed: str | None = None,
        period: str | None = None,
        state: State | None = None,
    ) -> Select[Filing]:
        """:meth:`visible_to`, narrowed by company code, feed, period and state where given."""
        query = self.visible_to(viewer)
        if company:
            query = query.where(
                Filing.company_id.in_(select(Company.id).where(Company.code == company).scalar_subquery())
            )
        for column, wanted in ((Filing.feed, feed), (Filing.period, period), (Filing.state, state)):
            if wanted:
                query = query.where(column == wanted)
        return query

    def counts(self, viewer: Identity) -> dict[State, int]:
        """How many filings stand in each state, tests aside."""
        seen = self.visible_to(viewer).where(Filing.is_test.is_(False)).order_by(None).subquery().c
        rows = self._session.execute(select(seen.state, func.count()).group_by(seen.state))
        return dict.fromkeys(State, 0) | {State(state): number for state, number in rows}

    def current(self, company_id: int, feed: str, period: str) -> Filing | None:
        """The filing in force."""
        return self._session.scalars(
            select(Filing).where(
                Filing.company_id == company_id,
                Filing.feed == feed,
                Filing.period == period,
                Filing.is_current,
            )
        ).one_or_none()

    def beside(self, company_id: int, feed: str, period: str, season: str) -> dict[str, list[str]]:
        """What a filing of ``feed`` for ``period`` is compared with besides the roster: for each feed that has filings of the
        season in force (of its own feed those of other periods), the digests of their tables; for a roster also the one
        of the season before, as ``earlier_accounts``."""
        from ingest.edits.beside import compared_with

        found: dict[str, list[str]] = {}
        for other in compared_with(feed):
            filings = self._beside(company_id, other, season)
            digests = [
                one.table_digest
                for one in filings
                if one.table_digest and (one.feed, one.period) != (feed, period)
            ]
            if digests and other != "accounts":
                found[other] = digests
        return found

    def _beside(self, company_id: int, other: str, season: str) -> Sequence[Filing]:
        from ingest.edits.comparing import EARLIER_ACCOUNTS

        if other == EARLIER_ACCOUNTS:
            return self.in_force(company_id, season_starting(int(season[:4]) - 1).text, "accounts")
        return self.in_force(company_id, season, other)

    def in_force(self, company_id: int, season: str, feed: str | None = None) -> Sequence[Filing]:
        """Every filing in force of that season, by feed and period."""
        query = select(Filing).where(
            Filing.company_id == company_id, Filing.season == season, Filing.is_current
        )
        if feed is not None:
            query = query.where(Filing.feed == feed)
        return self._session.scalars(query.order_by(Filing.feed, Filing.period)).all()

    def in_force_at(
        self, company_id: int, season: str, at: dt.datetime, feed: str | None = None
    ) -> Sequence[Filing]:
        """Every filing of that season that was in force at the instant, by feed and period: of each the last one signed by
        then."""
        query = select(Filing).where(
            Filing.company_id == company_id, Filing.season == season, Filing.signed_at <= at
        )
        if feed is not None:
            query = query.where(Filing.feed == feed)
        signed = self._session.scalars(query.order_by(Filing.signed_at, Filing.id)).all()
        last = {(one.feed, one.period): one for one in signed}
        return [last[key] for key in sorted(last)]

    def signed_filings(self, company_id: int | None = None, feed: str | None = None) -> Sequence[Filing]:
        """Every filing that was ever signed (in force or superseded), in order of signing."""
        query = select(Filing).where(Filing.signed_at.is_not(None))
        if company_id is not None:
            query = query.where(Filing.company_id == company_id)
        if feed is not None:
            query = query.where(Filing.feed == feed)
        return self._session.scalars(query.order_by(Filing.signed_at, Filing.id)).all()

    def by_receipt(self, receipt_no: str) -> Filing:
        """The signed filing behind a receipt; anybody may ask. Raises FilingRefused (F04)."""
        found = self._session.scalars(select(Filing).where(Filing.receipt_no == receipt_no)).one_or_none()
        if found is None:
            raise FilingRefused("F04", receipt_no[:40])
        return found

    def was_filed(self, digest: str) -> bool:
        """Whether a file of this SHA-256 was filed and signed, by whomever; anybody may ask."""
        signed = select(Filing.id).where(Filing.bytes_digest == digest, Filing.receipt_no.is_not(None))
        return self._session.scalar(signed.limit(1)) is not None

    def by_id(self, filing_id: int) -> Filing:
        """For other features, which hold filings by number. Raises NoSuchFiling."""
        found = self._session.get(Filing, filing_id)
        if found is None:
            raise NoSuchFiling(str(filing_id))
        return found

    def by_public_id(self, public_id: str) -> Filing:
        """For the system itself, which bounds nobody. Raises NoSuchFiling."""
        found = self._session.scalars(select(Filing).where(Filing.public_id == public_id)).one_or_none()
        if found is None:
            raise NoSuchFiling(public_id)
        return found

    # -- rows ---------------------------------------------------------------------------------------------

    def table_of(self, filing: Filing, columns: Sequence[str] | None = None) -> pa.Table:
        """The typed rows of a filing that passed. Raises NoSuchFiling when it has none (not judged, or rejected)."""
        return self._evidence.read_table(_table_digest(filing), columns)

    def rows_of(self, filing: Filing, source_rows: Sequence[int]) -> list[dict[str, Any]]:
        """The rows with these numbers, in the order asked. Raises EvidenceMissing for a row that is not there."""
        found: list[dict[str, Any]] = self._evidence.read_rows(_table_digest(filing), source_rows).to_pylist()
        return found

    def current_tables(self, company_id: int, season: str) -> CurrentTables:
        """All rows in force of that season: bills by period, and the roster."""
        bills = [
            FiledTable(filing, self.table_of(filing)) for filing in self.in_force(company_id, season, "bills")
        ]
        roster = self.current(company_id, "accounts", season)
        return CurrentTables(bills, FiledTable(roster, self.table_of(roster)) if roster else None)

    def find_bills(
        self, company_id: int, *, bill_no: str | None = None, account_no: str | None = None
    ) -> list[FiledRow]:
        """Bills in force with that bill number and of that account, last issued first; at least one of the two must
        be given (ValueError)."""
        wanted = {"bill_no": bill_no, "account_no": account_no}
        bills = self._matching(company_id, "bills", {name: value for name, value in wanted.items() if value})
        return sorted(bills, key=lambda bill: (bill.row["issued_on"], bill.filing.id), reverse=True)

    def find_bill(
        self, company_id: int, *, bill_no: str | None = None, account_no: str | None = None
    ) -> FiledRow | None:
        """The last issued of :meth:`find_bills`."""
        found = self.find_bills(company_id, bill_no=bill_no, account_no=account_no)
        return found[0] if found else None

    def find_account(self, company_id: int, account_no: str) -> FiledRow | None:
        """The account on the latest roster in force that has it."""
        found = self._matching(company_id, "accounts", {"account_no": account_no})
        return max(found, key=lambda account: account.filing.period, default=None)

    def _matching(self, company_id: int, feed: str, values: Mapping[str, str]) -> list[FiledRow]:
        if not values:
            raise ValueError("a bill is looked for by bill_no, by account_no, or by both")
        condition = None
        for name, value in values.items():
            equal = pc.field(name) == value
            condition = equal if condition is None else condition & equal
        filings = self._session.scalars(
            select(Filing).where(Filing.company_id == company_id, Filing.feed == feed, Filing.is_current)
        )
        return [
            FiledRow(filing, row)
            for filing in filings
            for row in self._evidence.read_table(_table_digest(filing), filters=condition).to_pylist()
        ]


def _table_digest(filing: Filing) -> str:
    if filing.table_digest is None:
        raise NoSuchFiling(f"{filing.public_id} has no rows")
    return filing.table_digest
