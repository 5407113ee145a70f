"""Which filings a company owes for a season and by when (报送义务), as dated data.

No source we know of sets these days; they are our assumption for consultation, marked so wherever they are shown.
A day is the calendar day in Asia/Shanghai; the day itself is still in time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.standard import Period, PeriodKind
from supervision.filings import Filing, State
from supervision.settings.clock import local_date

ACCOUNTS, BILLS = "accounts", "bills"


@dataclass(frozen=True, slots=True)
class DueRule:
    """When a filing of ``feed`` for a period of ``kind`` is due: on ``day`` of ``month``, ``years_after`` the year the
    period begins in; without ``month``, on ``day`` of the month after the period. Binds seasons from ``since_season``
    until a later rule of the same feed and kind takes its place."""

    code: str
    feed: str
    kind: PeriodKind
    since_season: str
    month: int | None
    day: int
    years_after: int
    zh: str
    en: str
    is_assumed: bool = True

    def due_on(self, period: Period) -> dt.date:
        if self.month is not None:
            return dt.date(period.first_day.year + self.years_after, self.month, self.day)
        return (period.last_day + dt.timedelta(days=1)).replace(day=self.day)


# Oldest first within a feed and kind; a change of a day is a further entry, never an edit.
DUE_RULES: tuple[DueRule, ...] = (
    DueRule(
        "roster_by_31_october", ACCOUNTS, PeriodKind.SEASON, "2010-11", 10, 31, 0,
        "用户台账：采暖季首年10月31日前", "Roster of accounts: by 31 October of the season's first year",
    ),
    DueRule(
        "month_by_the_10th", BILLS, PeriodKind.MONTH, "2010-11", None, 10, 0,
        "当月账单：次月10日前", "Bills of a month: by the 10th of the next month",
    ),
    DueRule(
        "settlement_by_15_june", BILLS, PeriodKind.SEASON, "2010-11", 6, 15, 1,
        "采暖季结算账单：采暖季结束当年6月15日前", "Settlement of the season: by 15 June after it",
    ),
)  # fmt: skip


class Timeliness(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"  # due, and nothing was signed
    NOT_YET = "not_yet"  # not due yet, and nothing was signed


@dataclass(frozen=True, slots=True)
class Obligation:
    """One filing owed. ``filing`` is the public id of the first one handed in that was signed, ``received_on`` its day;
    ``is_due`` says whether the due day had passed when this was asked."""

    rule: DueRule
    period: str
    due_on: dt.date
    timeliness: Timeliness
    is_due: bool
    filing: str | None
    received_on: dt.date | None


def rule_for(feed: str, kind: PeriodKind, season: str) -> DueRule:
    """The rule that binds ``season``. Raises LookupError where none does."""
    found = [
        rule for rule in DUE_RULES if rule.feed == feed and rule.kind is kind and rule.since_season <= season
    ]
    if not found:
        raise LookupError(f"no due day for {feed} of {season}")
    return max(found, key=lambda rule: rule.since_season)


def obligations(
    season: Period, filings: Sequence[Filing], *, has_metered_accounts: bool, today: dt.date
) -> list[Obligation]:
    """What is owed for ``season`` by the company whose filings of that season these are (all of them, signed or not).

    Owed are the roster; each month for which bills are or were filed; and the settlement, when the company has metered
    accounts or has filed one, or has filed no bills at all. A filing that was rejected or withdrawn creates nothing:
    it may name a period by mistake.
    """
    counted = [one for one in filings if one.state not in (State.REJECTED, State.WITHDRAWN)]
    months = sorted({one.period for one in counted if one.feed == BILLS and one.period != season.text})
    owed = [_obligation(ACCOUNTS, season, season, counted, today)]
    owed += [
        _obligation(BILLS, Period.parse(month, (PeriodKind.MONTH,)), season, counted, today)
        for month in months
    ]
    settled = any(one.feed == BILLS and one.period == season.text for one in counted)
    if has_metered_accounts or settled or not months:
        owed.append(_obligation(BILLS, season, season, counted, today))
    return owed


def _obligation(
    feed: str, period: Period, season: Period, filings: Iterable[Filing], today: dt.date
) -> Obligation:
    rule = rule_for(feed, period.kind, season.text)
    due_on = rule.due_on(period)
    signed = [
        one for one in filings if (one.feed, one.period) == (feed, period.text) and one.signed_at is not None
    ]
    first = min(signed, key=lambda one: (one.received_at, one.id), default=None)
    received_on = None if first is None else local_date(first.received_at)
    if received_on is not None:
        timeliness = Timeliness.ON_TIME if received_on <= due_on else Timeliness.LATE
    else:
        timeliness = Timeliness.MISSING if today > due_on else Timeliness.NOT_YET
    return Obligation(
        rule=rule,
        period=period.text,
        due_on=due_on,
        timeliness=timeliness,
        is_due=today > due_on,
        filing=None if first is None else first.public_id,
        received_on=received_on,
    )
