"""What the people of a company are told of their filings, in the transaction of what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy.orm import Session

from ingest.standard import FEEDS
from supervision.filings.models import Filing
from supervision.filings.obligations import Obligation, Timeliness
from supervision.notifications import Kind, people_of, tell
from supervision.settings import Clock

TOLD_WITHIN = dt.timedelta(days=60)  # an older day is history: nobody is reminded of it for the first time


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


def reminded(
    session: Session, clock: Clock, company_id: int, owed: Iterable[Obligation], today: dt.date
) -> None:
    """The company is told once of each filing that is due within a week, and once of each that is overdue; again only
    where the day has moved."""
    people = people_of(session, company_id)
    for one in owed:
        if one.is_soon:
            kind = Kind.DUE_SOON
        elif one.timeliness is Timeliness.MISSING and today - one.due_on <= TOLD_WITHIN:
            kind = Kind.OVERDUE
        else:
            continue
        tell(
            session,
            clock,
            kind,
            people,
            path=f"/company/filings/upload?feed={one.rule.feed}&period={one.period}",
            key=f"{kind} {one.rule.feed} {one.period} {one.due_on.isoformat()}",
            due_on=one.due_on.isoformat(),
            **_named(one.rule.feed, one.period),
        )


def _path(filing: Filing) -> str:
    return f"/company/filings/{filing.public_id}"


def _named(feed: str, period: str) -> dict[str, str]:
    return {"feed_zh": FEEDS[feed].zh, "feed_en": FEEDS[feed].en, "period": period}
