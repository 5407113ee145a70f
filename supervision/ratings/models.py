from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.companies.models import Company
from supervision.db import Base, FixedPoint, UTCDateTime, new_public_id
from supervision.documents import IssuedDocument
from supervision.ratings.lifecycle import ReleaseState

_STATE = Enum(
    ReleaseState, native_enum=False, length=12, values_callable=lambda states: [one.value for one in states]
)
_STATES = ", ".join(f"'{state}'" for state in ReleaseState)


class RatingRelease(Base):
    """The ratings of a season as computed once: facts and scheme by digest, so that they can be computed again years
    later. What is wrong in a release is never changed; an erratum is a further release that names this one."""

    __tablename__ = "rating_release"
    __table_args__ = (
        UniqueConstraint("season", "number"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("released_by_person <> computed_by_person", name="four_eyes"),
        CheckConstraint(
            "(state IN ('released', 'superseded', 'withdrawn')) = "
            "(released_at IS NOT NULL AND released_by IS NOT NULL AND released_by_person IS NOT NULL)",
            name="released",
        ),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name="withdrawn",
        ),
        CheckConstraint("(predecessor_id IS NULL) = (reason IS NULL)", name="erratum_has_reason"),
        Index(
            "uq__rating_release__in_force",
            "season",
            unique=True,
            sqlite_where=text("state = 'released'"),
            postgresql_where=text("state = 'released'"),
        ),
        Index(
            "uq__rating_release__draft",
            "season",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    season: Mapped[str] = mapped_column(String(7))
    number: Mapped[int] = mapped_column(doc="1, 2, … within the season, drafts counted")
    state: Mapped[ReleaseState] = mapped_column(_STATE, default=ReleaseState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    scheme_code: Mapped[str] = mapped_column(String(40))
    scheme_digest: Mapped[str] = mapped_column(String(64), doc="evidence: the scheme file")
    facts_digest: Mapped[str] = mapped_column(
        String(64), doc="evidence naming evidence: the frozen facts, JSON"
    )
    computed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    computed_by: Mapped[str] = mapped_column(String(80), doc="sign-in name")
    computed_by_person: Mapped[str] = mapped_column(String(40), doc="the natural person behind it")
    released_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    released_by: Mapped[str | None] = mapped_column(String(80))
    released_by_person: Mapped[str | None] = mapped_column(String(40))
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(80))
    withdrawal_reason: Mapped[str | None] = mapped_column(String(2000))
    predecessor_id: Mapped[int | None] = mapped_column(
        ForeignKey("rating_release.id"), doc="the published release of the season that this one corrects"
    )
    reason: Mapped[str | None] = mapped_column(String(2000), doc="why it is corrected")

    predecessor: Mapped[RatingRelease | None] = relationship(remote_side=[id])
    ratings: Mapped[list[CompanyRating]] = relationship(
        back_populates="release", order_by=lambda: (CompanyRating.rank, CompanyRating.company_code)
    )


class CompanyRating(Base):
    """A company's rating in one release; only its card is added, at release (triggers)."""

    __tablename__ = "company_rating"
    __table_args__ = (
        UniqueConstraint("release_id", "company_id"),
        CheckConstraint("rank >= 1 AND rank_low <= rank AND rank <= rank_high", name="rank"),
        CheckConstraint("score >= 0 AND score <= 100000000", name="score"),  # kept as millionths
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("rating_release.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    company_code: Mapped[str] = mapped_column(String(40))
    name_zh: Mapped[str] = mapped_column(String(120), doc="as it stood")
    name_en: Mapped[str] = mapped_column(String(120))
    score: Mapped[Decimal] = mapped_column(FixedPoint(6), doc="0 to 100, cut and never rounded up")
    exact: Mapped[str] = mapped_column(Text, doc="the score as a fraction; grade and rank come from it")
    grade: Mapped[str] = mapped_column(String(4))
    grade_before_limiters: Mapped[str] = mapped_column(String(4))
    rank: Mapped[int]
    rank_low: Mapped[int] = mapped_column(doc="best rank under the weights tried")
    rank_high: Mapped[int] = mapped_column(doc="worst rank under the weights tried")
    is_tied: Mapped[bool]
    alike: Mapped[list[str]] = mapped_column(JSON, doc="codes of companies it cannot be told from")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, doc="one an indicator, figures as text")
    limiters: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSON, doc="score and grade of each group")
    gap: Mapped[list[dict[str, str]]] = mapped_column(JSON, doc="what alone would reach the next grade")
    consequence_zh: Mapped[str] = mapped_column(Text)
    consequence_en: Mapped[str] = mapped_column(Text)
    is_escalated: Mapped[bool]
    card_id: Mapped[int | None] = mapped_column(
        ForeignKey("issued_document.id"), unique=True, doc="the report card, issued at release"
    )

    release: Mapped[RatingRelease] = relationship(back_populates="ratings", lazy="joined", innerjoin=True)
    company: Mapped[Company] = relationship()
    card: Mapped[IssuedDocument | None] = relationship()


# A release is frozen. On both databases a row may gain its card and nothing else; it never goes.
_FROZEN = ", ".join(column.name for column in CompanyRating.__table__.columns if column.name != "card_id")
FROZEN_SQLITE = [
    f"""CREATE TRIGGER company_rating_frozen BEFORE UPDATE OF {_FROZEN} ON company_rating
BEGIN SELECT RAISE(ABORT, 'a rating is frozen'); END""",
    """CREATE TRIGGER company_rating_one_card BEFORE UPDATE OF card_id ON company_rating
WHEN OLD.card_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a rating has its card'); END""",
    """CREATE TRIGGER company_rating_stays BEFORE DELETE ON company_rating
BEGIN SELECT RAISE(ABORT, 'a rating is frozen'); END""",
]
FROZEN_POSTGRESQL = [
    """CREATE FUNCTION company_rating_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a rating is frozen'; END $$""",
    f"""CREATE TRIGGER company_rating_frozen BEFORE UPDATE OF {_FROZEN} ON company_rating
FOR EACH ROW EXECUTE FUNCTION company_rating_frozen()""",
    """CREATE TRIGGER company_rating_one_card BEFORE UPDATE OF card_id ON company_rating
FOR EACH ROW WHEN (OLD.card_id IS NOT NULL) EXECUTE FUNCTION company_rating_frozen()""",
    """CREATE TRIGGER company_rating_stays BEFORE DELETE OR TRUNCATE ON company_rating
FOR EACH STATEMENT EXECUTE FUNCTION company_rating_frozen()""",
]
for dialect, statements in (("sqlite", FROZEN_SQLITE), ("postgresql", FROZEN_POSTGRESQL)):
    for statement in statements:
        event.listen(
            CompanyRating.__table__,
            "after_create",
            DDL(statement).execute_if(dialect=dialect),
        )
