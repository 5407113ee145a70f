from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    Enum,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.companies.models import Company
from supervision.db import Base, FixedPoint, UTCDateTime, new_public_id
from supervision.filings.models import Filing
from supervision.findings.lifecycle import FindingState

_STATE = Enum(
    FindingState, native_enum=False, length=12, values_callable=lambda states: [one.value for one in states]
)
_STATES = ", ".join(f"'{state}'" for state in FindingState)


class CheckRun(Base):
    """One check of one signed bills filing, never changed afterwards but for ``is_current``: what it rested on, by
    digest, and what came out. A check on other inputs is a new run that names the one before it."""

    __tablename__ = "check_run"
    __table_args__ = (
        UniqueConstraint("company_id", "period", "number"),
        Index(
            "uq__check_run__current",
            "company_id",
            "period",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        CheckConstraint("bills = conforms + breaches + inconclusive", name="outcomes_add_up"),
        CheckConstraint("amount_over >= 0 AND amount_under >= 0", name="amounts"),
        Index(None, "company_id", "season"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"), index=True, doc="the bills checked")
    accounts_filing_id: Mapped[int | None] = mapped_column(
        ForeignKey("filing.id"), doc="the roster; null where none was in force"
    )
    period: Mapped[str] = mapped_column(String(10))
    season: Mapped[str] = mapped_column(String(7), doc="of the period")
    number: Mapped[int] = mapped_column(doc="1, 2, … within (company, period)")
    previous_run_id: Mapped[int | None] = mapped_column(ForeignKey("check_run.id"))
    is_current: Mapped[bool] = mapped_column(default=True)

    bills_digest: Mapped[str] = mapped_column(String(64), doc="evidence: the bills")
    accounts_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the roster")
    neighbours_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: bills of other filings of the season that speak of the same service"
    )
    measured_digest: Mapped[str | None] = mapped_column(
        String(64),
        doc="evidence: rooms measured after a request and time without heat; null where neither was in force",
    )
    readings_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: filed readings that a bill may rest on; null where none were in force"
    )
    tariffs: Mapped[list[list[str]]] = mapped_column(JSON, doc="id and digest of each tariff at hand")
    tariffs_digest: Mapped[str] = mapped_column(String(64))
    fees_digest: Mapped[str | None] = mapped_column(
        String(64),
        doc="evidence: the register of charges at hand; null for runs from before it was entered in the portal",
    )
    unknown_fees: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSON,
        doc="names on bills that the register did not know: name, bills, amount (CNY as text), first and last day of issue",
    )
    rules_digest: Mapped[str] = mapped_column(String(64), doc="of the rules that decide an amount")
    inputs_digest: Mapped[str] = mapped_column(String(64), doc="of all of the above")
    outcomes_digest: Mapped[str] = mapped_column(String(64), doc="evidence: one outcome a bill")
    second_opinions: Mapped[int | None] = mapped_column(
        doc="bills that the checker computed a second time, all agreeing; null for runs from before there was one"
    )
    second_seed: Mapped[str | None] = mapped_column(String(64), doc="hex: which bills were drawn")
    checker_digest: Mapped[str | None] = mapped_column(String(64), doc="SHA-256 of verify_certificate.py")

    started_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    bills: Mapped[int]
    conforms: Mapped[int]
    breaches: Mapped[int]
    inconclusive: Mapped[int]
    bounded: Mapped[int | None] = mapped_column(
        doc="of the bills that could be judged those known to a range; null for runs from before it was counted"
    )
    billed_total: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY")
    amount_over: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY that customers paid too much")
    amount_under: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY billed too little, positive")
    missing: Mapped[dict[str, int]] = mapped_column(JSON, doc="code → bills that lack it")
    within: Mapped[dict[str, Any] | None] = mapped_column(
        JSON,
        doc="bills that conform although they differ by less than the meter tells: bills, over, under (CNY as text)",
    )
    flips: Mapped[dict[str, dict[str, int]] | None] = mapped_column(
        JSON, doc="convention of proration → 'conforms' and 'breach': bills now judged so and then not"
    )
    flips_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: the bills whose verdict hangs on the convention"
    )
    delta: Mapped[dict[str, int] | None] = mapped_column(
        JSON, doc="to the previous run: added, removed, and 'conforms→breach' and the like"
    )
    moved: Mapped[dict[str, dict[str, Any]] | None] = mapped_column(
        JSON,
        doc="to the previous run, by whose difference it is: bills, change of the overcharge (CNY as text)",
    )
    moved_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: the bills of which the previous run says something else"
    )
    law_as_of: Mapped[dt.date | None] = mapped_column(
        Date, doc="tariffs known by this day were at hand; null: those known now"
    )
    data_as_of: Mapped[dt.datetime | None] = mapped_column(
        UTCDateTime, doc="filings in force at this instant were at hand; null: those in force now"
    )
    asked_by: Mapped[str | None] = mapped_column(
        String(80),
        doc="sign-in name of who asked for a run on what was known at a time; null for every other run",
    )

    @property
    def is_as_of(self) -> bool:
        """A run on what was known at a time: it is never in force and opens no finding."""
        return self.asked_by is not None

    @property
    def exact(self) -> int | None:
        """Bills whose amount due is one number."""
        return None if self.bounded is None else self.bills - self.inconclusive - self.bounded

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    filing: Mapped[Filing] = relationship(foreign_keys=[filing_id])
    accounts_filing: Mapped[Filing | None] = relationship(foreign_keys=[accounts_filing_id])
    previous: Mapped[CheckRun | None] = relationship(remote_side=[id])
    parts: Mapped[list[FindingPart]] = relationship(
        back_populates="run", order_by=lambda: (FindingPart.amount_over.desc(), FindingPart.id)
    )


class Finding(Base):
    """One cause × category × tariff of one company in one season: who is affected, by how much, since when. Its
    figures are those of its parts that count, over all periods of the season."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(state = 'dismissed') <= (reason IS NOT NULL)", name="dismissal_has_reason"),
        CheckConstraint("bills >= 1 AND exposed_bills >= bills", name="bills"),
        CheckConstraint("amount_over >= 0 AND amount_under >= 0", name="amounts"),
        Index(None, "state", "amount_over"),
        Index(None, "company_id", "season"),
        # At most one is open. Nulls are distinct in an index, so where no tariff applies another index says it.
        Index(
            "uq__finding__open",
            "company_id",
            "season",
            "cause",
            "category",
            "tariff_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "uq__finding__open_without_tariff",
            "company_id",
            "season",
            "cause",
            "category",
            unique=True,
            sqlite_where=text("state = 'open' AND tariff_id IS NULL"),
            postgresql_where=text("state = 'open' AND tariff_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    cause: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(40))
    tariff_id: Mapped[str | None] = mapped_column(String(80))
    season: Mapped[str] = mapped_column(String(7))
    opened_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, doc="when a run first found it")
    notified_at: Mapped[dt.datetime | None] = mapped_column(
        UTCDateTime, doc="when the notice of its case was issued to the company"
    )
    bills: Mapped[int]
    exposed_bills: Mapped[int] = mapped_column(doc="bills priced by the same tariff in the season")
    amount_over: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY")
    amount_under: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY, positive")
    largest: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY, the largest difference, without sign")
    first_seen: Mapped[dt.date | None] = mapped_column(Date, doc="first day of issue")
    last_seen: Mapped[dt.date | None] = mapped_column(Date)

    state: Mapped[FindingState] = mapped_column(_STATE, default=FindingState.OPEN)
    version: Mapped[int] = mapped_column(
        default=1, doc="another one whenever its state or its figures change"
    )
    reason: Mapped[str | None] = mapped_column(String(30), doc="code of REASONS")
    reason_note: Mapped[str | None] = mapped_column(String(2000))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(80), doc="sign-in name")

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    parts: Mapped[list[FindingPart]] = relationship(back_populates="finding", order_by="FindingPart.id")

    @property
    def key(self) -> FindingKey:
        return FindingKey(self.company_id, self.season, self.cause, self.category, self.tariff_id)


class FindingPart(Base):
    """What one run found of one finding. Its figures never change; a later run of the same period takes its place."""

    __tablename__ = "finding_part"
    __table_args__ = (
        UniqueConstraint("run_id", "finding_id"),
        CheckConstraint("bills >= 1 AND exposed_bills >= bills", name="bills"),
        CheckConstraint("amount_over >= 0 AND amount_under >= 0", name="amounts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("check_run.id"))
    predecessor_id: Mapped[int | None] = mapped_column(
        ForeignKey("finding_part.id"), doc="the same cause, category, tariff and season in the previous run"
    )
    is_counted: Mapped[bool] = mapped_column(default=True, doc="the figures of the finding include it")
    bills: Mapped[int]
    exposed_bills: Mapped[int] = mapped_column(doc="bills of the run of the same category, tariff and season")
    amount_over: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY")
    amount_under: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY, positive")
    largest: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY, the largest difference, without sign")
    first_seen: Mapped[dt.date | None] = mapped_column(Date, doc="first day of issue")
    last_seen: Mapped[dt.date | None] = mapped_column(Date)
    distribution: Mapped[list[list[Any]]] = mapped_column(JSON, doc="low, high (CNY as text), bills")
    rows_digest: Mapped[str] = mapped_column(
        String(64), doc="evidence: the outcomes of its bills, largest harm first"
    )

    finding: Mapped[Finding] = relationship(back_populates="parts", lazy="joined", innerjoin=True)
    run: Mapped[CheckRun] = relationship(back_populates="parts", lazy="joined", innerjoin=True)
    predecessor: Mapped[FindingPart | None] = relationship(remote_side=[id])

    @property
    def period(self) -> str:
        return self.run.period


class FindingKey(NamedTuple):
    """What makes two wrong bills one finding."""

    company_id: int
    season: str
    cause: str
    category: str
    tariff_id: str | None
