"""What the people of a company are told of their filings, in the transaction of what happened."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from ingest.standard import FEEDS
from supervision.filings.calendar_models import FilingExemption
from supervision.filings.models import Filing
from supervision.notifications import Kind, people_of, tell
from supervision.settings import Clock


def judged(session: Session, clock: Clock, filing: Filing) -> None:
    """The company is told the verdict and what to do next."""
    text = filing.text
    tell(
        session,
        clock,
        Kind.TEST_DONE if filing.is_test else Kind.FILING_JUDGED,
        people_of(session, filing.company_id),
        path=_path(filing),
        state_zh=text.name_zh,
        state_en=text.name_en,
        next_zh=text.next_zh,
        next_en=text.next_en,
        number=filing.number,
        **_named(filing.feed, filing.period),
    )


def judged_anew(session: Session, clock: Clock, filing: Filing, rule: str) -> None:
    """The company is told that a rule was withdrawn and what became of its filing."""
    text = filing.text
    tell(
        session,
        clock,
        Kind.JUDGED_ANEW,
        people_of(session, filing.company_id),
        path=_path(filing),
        rule=rule,
        state_zh=text.name_zh,
        state_en=text.name_en,
        next_zh=text.next_zh,
        next_en=text.next_en,
        number=filing.number,
        **_named(filing.feed, filing.period),
    )


def receipted(session: Session, clock: Clock, filing: Filing) -> None:
    """The company is told that its receipt can be fetched."""
    tell(
        session,
        clock,
        Kind.RECEIPT_ISSUED,
        people_of(session, filing.company_id),
        path=f"{_path(filing)}/receipt",
        receipt_no=filing.receipt_no,
        **_named(filing.feed, filing.period),
    )


def extended(
    session: Session, clock: Clock, company_id: int, feed: str, period: str, due_on: dt.date
) -> None:
    """The company is told its new last day."""
    tell(
        session,
        clock,
        Kind.EXTENDED,
        people_of(session, company_id),
        path="/company/calendar",
        due_on=due_on.isoformat(),
        **_named(feed, period),
    )


def exempted(session: Session, clock: Clock, exemption: FilingExemption) -> None:
    """The company is told which days of a feed it need not file."""
    feed = FEEDS[exemption.feed]
    last = None if exemption.last_day is None else exemption.last_day.isoformat()
    tell(
        session,
        clock,
        Kind.EXEMPTED,
        people_of(session, exemption.company_id),
        path="/company/calendar",
        feed_zh=feed.zh,
        feed_en=feed.en,
        first_day=exemption.first_day.isoformat(),
        last_zh=last or "另行通知",
        last_en=last or "further notice",
    )


def _path(filing: Filing) -> str:
    return f"/company/filings/{filing.public_id}"


def _named(feed: str, period: str) -> dict[str, str]:
    return {"feed_zh": FEEDS[feed].zh, "feed_en": FEEDS[feed].en, "period": period}
