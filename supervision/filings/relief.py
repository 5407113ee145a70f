"""What answers or lifts an obligation without a file: a signatory declares that there is nothing to report, an officer
exempts a company from a feed. Each act and its journal entry are one transaction."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.standard import FEEDS, Period, PeriodKind
from supervision.companies.models import Company
from supervision.filings import telling
from supervision.filings.calendar import FilingCalendar
from supervision.filings.calendar_models import FilingExemption, NothingToReport
from supervision.filings.obligations import Obligation, Timeliness
from supervision.filings.problems import FilingRefused
from supervision.journal import Actor, Journal
from supervision.settings import Clock

DAY = dt.timedelta(days=1)


class FilingRelief:
    def __init__(self, session: Session, clock: Clock, calendar: FilingCalendar) -> None:
        self._session, self._clock, self._calendar = session, clock, calendar

    def speaks_of(
        self, company: Company, feed: str, period: str
    ) -> tuple[Obligation, dt.date, list[dt.date]]:
        """What a declaration made now would answer: the obligation, the last day it would speak of, and of a month that is
        owed by its days those days. Raises FilingRefused (F06 where nothing is owed, F13 where there is always something,
        F14 before the period is over, F15 where something is filed)."""
        month = period[:7] if len(period) == 10 else period
        owed = self._calendar.one(company, feed, month)
        named = f"{FEEDS[feed].zh} {period}", f"{FEEDS[feed].en} {period}"
        if not owed.rule.may_be_nothing:
            raise FilingRefused("F13", *named)
        today = self._calendar.today
        if not owed.days:
            last = Period.parse(period, (owed.rule.kind,)).last_day if period == month else None
            if last is None:
                raise FilingRefused("F06", f"{feed} {period}")
            if owed.filing is not None or owed.answer.is_declared:
                raise FilingRefused("F15", *named)
            if last >= today:
                raise FilingRefused("F14", *named)
            return owed, last, []
        wanted = [one for one in owed.days if period in (month, one.day.isoformat())]
        over = [one for one in wanted if one.day < today]
        open_days = [one.day for one in over if one.answer.filing is None and not one.answer.is_declared]
        if not open_days:
            raise FilingRefused("F15" if over else "F14", *named)
        return owed, max(open_days), open_days

    def declare_nothing(self, company: Company, feed: str, period: str, *, by: Actor) -> None:
        """The company has nothing to report of the feed for the period, and its signatory says so: of a month owed by days,
        for those that are over and have no filing. Raises FilingRefused (as ``speaks_of``)."""
        _, through, days = self.speaks_of(company, feed, period)
        self._session.add(
            NothingToReport(
                company_id=company.id,
                feed=feed,
                period=period,
                through=through,
                signed_by=by.name,
                signed_at=self._clock.now(),
            )
        )
        self._record(
            "filing.nothing_declared",
            by,
            company,
            "obligation",
            f"{company.code} {feed} {period}",
            {
                "feed": feed,
                "period": period,
                "through": through.isoformat(),
                **({"days": [day.isoformat() for day in days]} if days else {}),
            },
        )

    def exempt(
        self,
        company: Company,
        feed: str,
        *,
        first_day: dt.date,
        last_day: dt.date | None,
        reason: str,
        by: Actor,
    ) -> FilingExemption:
        """The company need not file the feed for periods within these days; without a last day until further notice. Raises
        FilingRefused (T09 the feed, F16 the days)."""
        if feed not in FEEDS:
            raise FilingRefused("T09", feed[:40])
        if last_day is not None and last_day < first_day:
            raise FilingRefused("F16")
        exemption = FilingExemption(
            company_id=company.id,
            feed=feed,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
            granted_by=by.name,
            granted_at=self._clock.now(),
        )
        self._session.add(exemption)
        self._session.flush()
        self._record(
            "filing.exempted", by, company, "exemption", exemption.public_id,
            {"feed": feed, "from": first_day.isoformat(), "to": _text(last_day), "reason": reason},
        )  # fmt: skip
        telling.exempted(self._session, self._clock, exemption)
        return exemption

    def end_exemption(self, public_id: str, *, by: Actor) -> FilingExemption:
        """Its last day is today: from tomorrow on the feed is owed again. Raises FilingRefused (F06 where there is no such
        exemption, F17 where it has ended)."""
        exemption = self._session.scalars(
            select(FilingExemption).where(FilingExemption.public_id == public_id)
        ).one_or_none()
        if exemption is None:
            raise FilingRefused("F06", public_id[:30])
        today = self._calendar.today
        if exemption.last_day is not None and exemption.last_day <= today:
            raise FilingRefused("F17")
        before = exemption.last_day
        exemption.last_day = max(today, exemption.first_day)
        exemption.ended_by, exemption.ended_at = by.name, self._clock.now()
        self._record(
            "filing.exemption_ended", by, exemption.company, "exemption", public_id,
            {"feed": exemption.feed, "before": _text(before), "to": exemption.last_day.isoformat()},
        )  # fmt: skip
        telling.exempted(self._session, self._clock, exemption)
        return exemption

    def _record(
        self,
        act: str,
        by: Actor,
        company: Company,
        object_type: str,
        object_id: str,
        detail: dict[str, object],
    ) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=by,
            object_type=object_type,
            object_id=object_id,
            company_id=company.id,
            detail=detail,
        )


def _text(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def may_declare(one: Obligation, today: dt.date) -> bool:
    """Whether a signatory could declare now that there is nothing: it is over, in whole or in part, and nothing is filed."""
    if not one.rule.may_be_nothing:
        return False
    if one.days:
        return any(
            not day.answer.is_given and day.answer.filing is None and day.day < today for day in one.days
        )
    last = Period.parse(one.period, (one.rule.kind,)).last_day
    return (
        last < today
        and one.filing is None
        and one.timeliness in (Timeliness.MISSING, Timeliness.NOT_YET)
        and one.rule.kind is not PeriodKind.DAY
    )
