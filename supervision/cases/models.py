from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    Enum,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.cases.lifecycle import CaseState, DecisionKind, DecisionState, RefundState
from supervision.companies.models import Company
from supervision.db import Base, FixedPoint, UTCDateTime, new_public_id
from supervision.documents.models import IssuedDocument
from supervision.findings.models import Finding, FindingPart


def _coded(codes: type[StrEnum], length: int) -> Enum:
    return Enum(
        codes, native_enum=False, length=length, values_callable=lambda each: [one.value for one in each]
    )


def _one_of(column: str, codes: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Case(Base):
    """One case (案件) against one company for one heating season. ``number`` counts without a gap within the year; the
    company sees the case from ``notified_at`` on."""

    __tablename__ = "supervision_case"
    __table_args__ = (
        UniqueConstraint("year", "serial"),
        _one_of("state", CaseState),
        CheckConstraint(
            "(state IN ('notified', 'replied', 'closed')) = (notified_at IS NOT NULL)", name="notified"
        ),
        CheckConstraint("(state IN ('closed', 'withdrawn')) = (ended_at IS NOT NULL)", name="ended"),
        Index(None, "state", "opened_at"),
        Index(None, "company_id", "season"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    year: Mapped[int]
    serial: Mapped[int] = mapped_column(doc="1, 2, … within the year")
    number: Mapped[str] = mapped_column(String(40), unique=True, doc="案〔2025〕12号")
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    season: Mapped[str] = mapped_column(String(7))
    title_zh: Mapped[str] = mapped_column(String(300))
    title_en: Mapped[str] = mapped_column(String(300))
    state: Mapped[CaseState] = mapped_column(_coded(CaseState, 12), default=CaseState.OPENED)
    version: Mapped[int] = mapped_column(default=1)
    opened_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    notified_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    replied_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, doc="of the first reply")
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    findings: Mapped[list[CaseFinding]] = relationship(back_populates="case", order_by="CaseFinding.id")
    decisions: Mapped[list[Decision]] = relationship(back_populates="case", order_by="Decision.revision")
    events: Mapped[list[CaseEvent]] = relationship(back_populates="case", order_by="CaseEvent.id")
    annex: Mapped[CaseAnnex | None] = relationship(back_populates="case")
    refund: Mapped[RefundOrder | None] = relationship(back_populates="case")


# Which parts of a finding the case was opened on: what a later run finds never joins them.
_CASE_FINDING_PART = Table(
    "case_finding_part",
    Base.metadata,
    Column("case_finding_id", ForeignKey("case_finding.id"), primary_key=True),
    Column("part_id", ForeignKey("finding_part.id"), primary_key=True, index=True),
)


class CaseFinding(Base):
    """A finding as it stood when the case was opened: its parts, with what they rested on by digest, and what it said.
    Later runs may add to the finding, never to this."""

    __tablename__ = "case_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("supervision_case.id"), index=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), index=True)
    cause: Mapped[str] = mapped_column(String(60))
    bills: Mapped[int]
    amount_over: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY")
    amount_under: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY, positive")
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON, doc="run digests, amounts, counts, days")
    snapshot_digest: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the canonical snapshot")

    case: Mapped[Case] = relationship(back_populates="findings")
    finding: Mapped[Finding] = relationship()
    parts: Mapped[list[FindingPart]] = relationship(
        secondary=_CASE_FINDING_PART, order_by="FindingPart.first_seen, FindingPart.id"
    )


class CaseAnnex(Base):
    """The bills of a case's findings, prepared once: the first 200 for the paper, all of them as CSV by digest."""

    __tablename__ = "case_annex"

    case_id: Mapped[int] = mapped_column(ForeignKey("supervision_case.id"), primary_key=True)
    rows: Mapped[list[dict[str, str]]] = mapped_column(JSON, doc="largest difference first; amounts as text")
    total_rows: Mapped[int]
    csv_digest: Mapped[str] = mapped_column(String(64), doc="evidence: every bill")
    csv_size: Mapped[int]
    billed_total: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY")
    recomputed_total: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY")
    amount_over: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY that customers paid too much")
    amount_under: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY billed too little, positive")
    prepared_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    case: Mapped[Case] = relationship(back_populates="annex")


class Decision(Base):
    """What is to be decided, revision by revision: a text that was sent back or withdrawn stays readable. ``content`` is
    everything the document will say but for what it is given at issue; ``text_digest`` is what gets approved."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("case_id", "revision"),
        Index(
            "uq__decision__approved",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
        _one_of("state", DecisionState),
        _one_of("kind", DecisionKind),
        CheckConstraint("refund_total >= 0", name="refund_total"),
        CheckConstraint("(refund_total > 0) = (refund_due_on IS NOT NULL)", name="refund_has_day"),
        CheckConstraint("(state = 'approved') = (approved_by IS NOT NULL)", name="approved_by"),
        CheckConstraint("(state = 'approved') = (document_id IS NOT NULL)", name="approved_has_document"),
        CheckConstraint("approved_person_no <> drafted_person_no", name="four_eyes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("supervision_case.id"), index=True)
    revision: Mapped[int] = mapped_column(doc="1, 2, …; a new one after each sending back")
    state: Mapped[DecisionState] = mapped_column(_coded(DecisionState, 12), default=DecisionState.DRAFT)
    kind: Mapped[DecisionKind] = mapped_column(_coded(DecisionKind, 24))
    facts: Mapped[str] = mapped_column(Text, doc="one paragraph a line")
    demand: Mapped[str] = mapped_column(Text, doc="one demand a line")
    summary_en: Mapped[str] = mapped_column(Text)
    refund_total: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY")
    refund_due_on: Mapped[dt.date | None] = mapped_column(Date)
    reply_due_on: Mapped[dt.date | None] = mapped_column(Date)
    legal_basis: Mapped[list[str]] = mapped_column(JSON, doc="codes of supervision.cases.basis")
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    text_digest: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the canonical content")
    drafted_by: Mapped[str] = mapped_column(String(80), doc="sign-in name of the last to change or submit it")
    drafted_person_no: Mapped[str] = mapped_column(String(40))
    drafter: Mapped[str] = mapped_column(String(80), doc="their name, as the document shows it")
    author_person_nos: Mapped[list[str]] = mapped_column(JSON, doc="everybody who had a hand in it")
    drafted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    sent_back_reason: Mapped[str | None] = mapped_column(Text)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_person_no: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("issued_document.id"), unique=True)

    case: Mapped[Case] = relationship(back_populates="decisions")
    document: Mapped[IssuedDocument | None] = relationship()


class RefundOrder(Base):
    """What a company was ordered to give back, what it says it gave back, and what an officer found."""

    __tablename__ = "refund_order"
    __table_args__ = (
        _one_of("state", RefundState),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("(state = 'ordered') <= (confirmed_amount IS NULL)", name="ordered"),
        CheckConstraint("(state <> 'ordered') <= (reported_amount IS NOT NULL)", name="reported"),
        CheckConstraint("(state = 'confirmed') = (confirmed_amount IS NOT NULL)", name="confirmed"),
        CheckConstraint("confirmed_amount <= reported_amount", name="confirmed_at_most"),
        Index(None, "company_id", "season"),
        Index(None, "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("supervision_case.id"), unique=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    season: Mapped[str] = mapped_column(String(7))
    total: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY to be given back")
    due_on: Mapped[dt.date] = mapped_column(Date, doc="the last day")
    state: Mapped[RefundState] = mapped_column(_coded(RefundState, 12), default=RefundState.ORDERED)
    version: Mapped[int] = mapped_column(default=1)
    reported_amount: Mapped[Decimal | None] = mapped_column(FixedPoint(2), doc="CNY")
    reported_text: Mapped[str | None] = mapped_column(Text)
    reported_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    first_reported_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    confirmed_amount: Mapped[Decimal | None] = mapped_column(FixedPoint(2), doc="CNY")
    confirmed_text: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(80))

    case: Mapped[Case] = relationship(back_populates="refund")


class CaseEvent(Base):
    """One step of a case. ``is_shared``: the company reads it too, without the officer's name."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("supervision_case.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    act: Mapped[str] = mapped_column(String(20))
    by_name: Mapped[str] = mapped_column(String(80))
    by_role: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), doc="of the case afterwards")
    is_shared: Mapped[bool]
    text: Mapped[str | None] = mapped_column(Text)

    case: Mapped[Case] = relationship(back_populates="events")
