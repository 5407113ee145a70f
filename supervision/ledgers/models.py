"""What a check of a company's ledger found."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.companies.models import Company
from supervision.db import Base, FixedPoint, UTCDateTime, new_public_id


class LedgerCheck(Base):
    """All payments, bills, readings and rosters in force of one company held against each other once; never changed
    afterwards but for ``is_current``. A check on other filings is a new one."""

    __tablename__ = "ledger_check"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        Index(
            "uq__ledger_check__current",
            "company_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        CheckConstraint("excess_amount >= 0 AND estimates_amount >= 0", name="amounts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    number: Mapped[int] = mapped_column(doc="1, 2, … within the company")
    is_current: Mapped[bool] = mapped_column(default=True)
    filings: Mapped[dict[str, list[str]]] = mapped_column(
        JSON, doc="feed → the filings in force it rests on, by identifier"
    )
    inputs_digest: Mapped[str] = mapped_column(
        String(64), doc="over the tables of these filings and the rules"
    )
    payments: Mapped[int] = mapped_column(doc="rows of the ledger looked at")
    not_judged: Mapped[int] = mapped_column(doc="rows of seasons of which no bills are in force")
    excess_payments: Mapped[int]
    excess_amount: Mapped[Decimal] = mapped_column(FixedPoint(2), doc="CNY that no bill claims")
    excess: Mapped[dict[str, dict[str, list[Any]]]] = mapped_column(
        JSON, doc="reason → season → payments, CNY as text"
    )
    excess_digest: Mapped[str] = mapped_column(String(64), doc="evidence: the payments, the largest first")
    estimates: Mapped[dict[str, list[Any]]] = mapped_column(
        JSON, doc="standing → bills, CNY as text (too much positive)"
    )
    estimates_amount: Mapped[Decimal] = mapped_column(
        FixedPoint(2), doc="CNY that estimates cost and nothing gave back"
    )
    estimates_digest: Mapped[str] = mapped_column(
        String(64), doc="evidence: the bills that close on an estimate, the largest amount first"
    )
    refunds: Mapped[dict[str, dict[str, list[Any]]] | None] = mapped_column(
        JSON(none_as_null=True),
        doc="standing → season → bills, CNY owed as text; null: a check from before they were looked at",
    )
    refunds_amount: Mapped[Decimal | None] = mapped_column(
        FixedPoint(2), doc="CNY that fell due after the bills and nothing gave back"
    )
    refunds_digest: Mapped[str | None] = mapped_column(
        String(64),
        doc="evidence: the bills on which a refund fell due after their issue, the most owed first",
    )
    finished_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
