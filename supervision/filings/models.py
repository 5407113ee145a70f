from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ingest.edits.report import row_offset
from ingest.profiles import Profile
from supervision.companies.models import Company
from supervision.db import Base, UTCDateTime, new_public_id
from supervision.filings.lifecycle import TEST_TEXTS, TEXTS, State, StateText
from supervision.filings.profile_lifecycle import ProfileState

_STATE = Enum(
    State, native_enum=False, length=20, values_callable=lambda states: [one.value for one in states]
)
_STATES = ", ".join(f"'{state}'" for state in State)
_PROFILE_STATE = Enum(
    ProfileState, native_enum=False, length=20, values_callable=lambda states: [one.value for one in states]
)


class Filing(Base):
    """One feed of one company for one period, as filed once. Which rows it holds lies in the evidence; what became of
    it stands here. At most one filing of a (company, feed, period) is in force, and the database says so."""

    __tablename__ = "filing"
    __table_args__ = (
        UniqueConstraint("company_id", "feed", "period", "number"),
        UniqueConstraint("company_id", "feed", "period", "repeat_digest", name="uq__filing__repeat"),
        UniqueConstraint("company_id", "idempotency_key", name="uq__filing__idempotency_key"),
        Index(
            "uq__filing__in_force",
            "company_id",
            "feed",
            "period",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("is_current = (state = 'signed')", name="current_is_signed"),
        CheckConstraint(
            "(state IN ('signed', 'superseded')) = (receipt_no IS NOT NULL AND signed_at IS NOT NULL)",
            name="receipt",
        ),
        CheckConstraint("NOT (is_test AND state IN ('signed', 'superseded'))", name="test_never_counts"),
        CheckConstraint("number >= 1", name="number"),
        Index(None, "company_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    feed: Mapped[str] = mapped_column(String(30))
    period: Mapped[str] = mapped_column(String(10))
    season: Mapped[str] = mapped_column(String(7), index=True, doc="the season the period lies in")
    number: Mapped[int] = mapped_column(doc="1, 2, … within (company, feed, period), in order of arrival")
    state: Mapped[State] = mapped_column(_STATE, default=State.RECEIVED)
    version: Mapped[int] = mapped_column(default=1)
    is_current: Mapped[bool] = mapped_column(default=False)
    is_test: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"), doc="judged like any other, never signed, never counted"
    )

    filename: Mapped[str] = mapped_column(String(200), doc="cleaned, for display and downloads only")
    size: Mapped[int] = mapped_column(BigInteger, doc="bytes")
    bytes_digest: Mapped[str] = mapped_column(String(64), index=True, doc="evidence: the exact bytes")
    declared_digest: Mapped[str | None] = mapped_column(String(64))
    repeat_digest: Mapped[str | None] = mapped_column(
        String(64), doc="bytes_digest while a repeat of the same bytes is answered with this filing"
    )
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    declared: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, doc="said beside the file: rows, totals (column → decimal text)"
    )
    corrects: Mapped[str | None] = mapped_column(
        String(24), doc="of a partial correction: the public id of the filing whose rows it corrects"
    )
    profile_version: Mapped[int | None] = mapped_column(
        doc="of the mapping profile in force when it came in, by which it is read; none: the standard alone"
    )
    profile_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: that mapping profile")
    received_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    uploaded_by: Mapped[str] = mapped_column(String(80))
    job_id: Mapped[str | None] = mapped_column(String(24), doc="the job that judges it")

    judged_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    rows: Mapped[int | None]
    totals: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, doc="column → decimal text")
    report: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, doc="one entry an edit: edit_id, edit_class, count, start in the edits table"
    )
    edit_count: Mapped[int | None]
    not_evaluated: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, doc="edit_id, because, rows (0: the whole file); none of these edits passed"
    )
    encoding: Mapped[str | None] = mapped_column(String(20))
    delimiter: Mapped[str | None] = mapped_column(String(10))
    pack_digest: Mapped[str | None] = mapped_column(String(64), doc="of the rules it was judged by")
    roster_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: accounts it was held against"
    )
    table_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the typed rows")
    parts: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSON, doc="of a filing in several files: name, first_row, last_row, rows, sha256"
    )
    manifests: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSON, doc="what was declared beside the file or in it, as judged"
    )
    correction: Mapped[dict[str, int] | None] = mapped_column(
        JSON, doc="of a partial correction: rows added, changed, withdrawn"
    )
    whole_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: the whole filing that a partial correction makes, as a standard file"
    )
    edits_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the edits, by class and id")
    report_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the edit report as CSV")
    explanations_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: the explanation of each hit, given here or carried from an earlier filing"
    )
    explained: Mapped[dict[str, dict[str, int]]] = mapped_column(
        JSON, default=dict, server_default=text("'{}'"), doc="edit_id → new, carried, expired, missing → hits"
    )
    shadow_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: hits of edits that do not bind yet, by class and id"
    )
    shadow_report: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default=text("'[]'"), doc="as report, of edits that do not bind yet"
    )
    coercions_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: values read otherwise")
    coercion_count: Mapped[int | None]
    difference: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, doc="to the filing in force: compared_with, added, removed, changed, fields, amounts, digest"
    )

    signed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    receipt_no: Mapped[str | None] = mapped_column(String(40), unique=True)
    receipt: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, doc="what the receipt says, frozen at signing"
    )
    receipt_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the receipt as PDF")
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("filing.id"))

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    given: Mapped[list[GivenExplanation]] = relationship(
        back_populates="filing", order_by="GivenExplanation.id"
    )

    replaced: Mapped[list[ReplacedVerdict]] = relationship(
        back_populates="filing", order_by="ReplacedVerdict.id"
    )

    @property
    def row_offset(self) -> int:
        """What is added to a row to give the row of the company's own file."""
        return row_offset(self.encoding, self.delimiter)

    @property
    def profile_name(self) -> str:
        """As reports, receipts and journal name the mapping profile it is read by; empty where there is none."""
        return "" if self.profile_digest is None else f"v{self.profile_version} sha256:{self.profile_digest}"

    @property
    def text(self) -> StateText:
        return TEST_TEXTS.get(self.state, TEXTS[self.state]) if self.is_test else TEXTS[self.state]


class GivenExplanation(Base):
    """Explanations given at one time by one person: for one edit as a whole, hit by hit on the page, or in a report that was
    filled in and handed back. What each says of which hit lies in the evidence."""

    __tablename__ = "given_explanation"
    __table_args__ = (
        CheckConstraint("way IN ('edit', 'hits', 'report')", name="way"),
        CheckConstraint("(way = 'edit') = (edit_id IS NOT NULL AND text IS NOT NULL)", name="edit"),
        CheckConstraint("(way = 'report') = (report_digest IS NOT NULL)", name="report"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"), index=True)
    way: Mapped[str] = mapped_column(String(10))
    edit_id: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(
        String(30), doc="of the standard; none in what was given before codes"
    )
    text: Mapped[str | None] = mapped_column(String(2000))
    count: Mapped[int | None] = mapped_column(
        doc="hits explained; not counted in what was given before codes"
    )
    digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: line, hit, edit, row, code, note")
    report_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the report as handed back")
    given_by: Mapped[str] = mapped_column(String(80))
    given_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    filing: Mapped[Filing] = relationship(back_populates="given")
    attachment: Mapped[ExplanationAttachment | None] = relationship(lazy="joined")


class ExplanationAttachment(Base):
    """What a company attached to the explanation of an edit to prove it: an agreement, a photograph. It goes wherever the
    explanation goes, and is never replaced."""

    __tablename__ = "explanation_attachment"

    given_id: Mapped[int] = mapped_column(ForeignKey("given_explanation.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), doc="of the file, as its company called it")
    media_type: Mapped[str] = mapped_column(String(40), doc="told from the bytes")
    size: Mapped[int] = mapped_column(doc="bytes")
    digest: Mapped[str] = mapped_column(String(64), doc="evidence: the file as attached")


class FilingEdit(Base):
    """How often one edit hit a filing, as it is judged now; ``is_shadow`` where it did not bind yet."""

    __tablename__ = "filing_edit"

    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"), primary_key=True)
    edit_id: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)
    is_shadow: Mapped[bool] = mapped_column(primary_key=True, default=False)
    count: Mapped[int]


class RuleWithdrawal(Base):
    """An edit that turned out wrong, proposed for withdrawal by an officer and decided by a supervising officer. An approved
    one judges nothing from then on, and what it had touched is judged anew."""

    __tablename__ = "rule_withdrawal"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'approved', 'refused')", name="state"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq__rule_withdrawal__open",
            "edit_id",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'approved')"),
            postgresql_where=text("state IN ('proposed', 'approved')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    edit_id: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="proposed")
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(String(2000))
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_person: Mapped[str] = mapped_column(String(40), doc="the natural person, who may not approve it")
    proposed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    remark: Mapped[str | None] = mapped_column(String(2000))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class ReplacedVerdict(Base):
    """What a filing's verdict was before a rule was withdrawn and it was judged anew."""

    __tablename__ = "replaced_verdict"
    __table_args__ = (UniqueConstraint("filing_id", "withdrawal_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    withdrawal_id: Mapped[int] = mapped_column(ForeignKey("rule_withdrawal.id"))
    state: Mapped[str] = mapped_column(String(20), doc="of the filing then")
    judged_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    edit_count: Mapped[int | None]
    pack_digest: Mapped[str | None] = mapped_column(String(64))
    edits_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the edits of then")
    report_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: the edit report of then as CSV"
    )
    replaced_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    filing: Mapped[Filing] = relationship(back_populates="replaced")
    withdrawal: Mapped[RuleWithdrawal] = relationship(lazy="joined", innerjoin=True)


class MappingProfile(Base):
    """One version of what a company's own headers and codes mean in one feed. A draft is mended until it is signed; from then
    on its text never changes. At most one version of a (company, feed) is in force and one a draft, and the database says so."""

    __tablename__ = "mapping_profile"
    __table_args__ = (
        UniqueConstraint("company_id", "feed", "number"),
        *(
            Index(
                f"uq__mapping_profile__{state}",
                "company_id",
                "feed",
                unique=True,
                sqlite_where=text(f"state = '{state}'"),
                postgresql_where=text(f"state = '{state}'"),
            )
            for state in ("in_force", "draft")
        ),
        CheckConstraint("state IN ('draft', 'in_force', 'superseded', 'discarded')", name="state"),
        CheckConstraint(
            "(state IN ('in_force', 'superseded')) = (signed_at IS NOT NULL AND digest IS NOT NULL)",
            name="signed",
        ),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    feed: Mapped[str] = mapped_column(String(30))
    number: Mapped[int] = mapped_column(
        doc="1, 2, … within (company, feed): what the profile calls its version"
    )
    state: Mapped[ProfileState] = mapped_column(_PROFILE_STATE, default=ProfileState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text, doc="canonical JSON")
    digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the text as signed")
    sample_name: Mapped[str] = mapped_column(String(200))
    sample_period: Mapped[str] = mapped_column(String(10))
    sample_digest: Mapped[str] = mapped_column(String(64), doc="evidence: the file it was suggested from")
    looked: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="what the sample suggests, its first rows, and the verdict it would get"
    )
    drafted_by: Mapped[str] = mapped_column(String(80))
    drafted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    signed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, doc="superseded or discarded")

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    recheck: Mapped[ProfileRecheck | None] = relationship(back_populates="of_profile")

    @property
    def profile(self) -> Profile:
        return Profile.parse(self.text)


class ProfileRecheck(Base):
    """The last accepted filing of a feed, read again by a profile that was signed since. It counts for nothing: what is
    signed stays as it is."""

    __tablename__ = "profile_recheck"

    id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("mapping_profile.id"), unique=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    verdict: Mapped[str | None] = mapped_column(String(20))
    rows: Mapped[int | None]
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, doc="as of a filing")
    added: Mapped[int | None]
    removed: Mapped[int | None]
    changed: Mapped[int | None]
    fields: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, doc="column → values changed")
    pack_digest: Mapped[str | None] = mapped_column(String(64), doc="of the rules it was judged by")
    report_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the edit report as CSV")
    edits_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the edits")
    table_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the rows as read again")
    difference_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: the rows that come out otherwise"
    )

    of_profile: Mapped[MappingProfile] = relationship(back_populates="recheck")
    filing: Mapped[Filing] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_same(self) -> bool:
        """Every row comes out as it was signed."""
        return self.verdict != "rejected" and not (self.added or self.removed or self.changed)
