"""Which filings a company owes for a season, by when, and how each stands (报送义务).

The one truth of what is late: the calendar of a company, the officers' page and the ratings all ask here. Days are those
of ``checks.deadlines``, extended by an officer, and moved where the portal could not be used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from checks.deadlines import DueRule, Unavailable, kept_free, rule_for
from ingest.standard import Period, PeriodKind
from supervision.filings.calendar_models import FilingExtension
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing
from supervision.settings.clock import local_date

ACCOUNTS, BILLS = "accounts", "bills"
SOON = dt.timedelta(days=7)


class Timeliness(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"  # due, and nothing was signed
    NOT_YET = "not_yet"  # not due yet, and nothing was signed


@dataclass(frozen=True, slots=True)
class Obligation:
    """One filing owed. ``filing`` is the public id of the first one handed in that was signed, ``received_on`` its day;
    ``is_due`` says whether the due day had passed when this was asked. ``rule_due_on`` is the day of the rule alone,
    ``due_on`` what binds after ``extension`` and ``outages``."""

    rule: DueRule
    period: str
    due_on: dt.date
    timeliness: Timeliness
    is_due: bool
    filing: str | None
    received_on: dt.date | None
    rule_due_on: dt.date
    extension: FilingExtension | None
    outages: tuple[Unavailable, ...]
    is_soon: bool


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What moves the days of one company: extensions granted to it, and outages of the portal."""

    extensions: Sequence[FilingExtension] = ()
    outages: Sequence[Unavailable] = ()


def obligations(
    season: Period,
    filings: Sequence[Filing],
    *,
    has_metered_accounts: bool,
    today: dt.date,
    circumstances: Circumstances = Circumstances(),
) -> list[Obligation]:
    """What is owed for ``season`` by the company whose filings of that season these are (all of them, signed or not).

    Owed are the roster; each month for which bills are or were filed; and the settlement, when the company has metered
    accounts or has filed one, or has filed no bills at all. A filing that was rejected, withdrawn or a test creates
    nothing: it may name a period by mistake.
    """
    counted = [
        one for one in filings if one.state not in (State.REJECTED, State.WITHDRAWN) and not one.is_test
    ]
    months = sorted({one.period for one in counted if one.feed == BILLS and one.period != season.text})
    owed = [(ACCOUNTS, season)] + [(BILLS, Period.parse(month, (PeriodKind.MONTH,))) for month in months]
    settled = any(one.feed == BILLS and one.period == season.text for one in counted)
    if has_metered_accounts or settled or not months:
        owed.append((BILLS, season))
    return [_obligation(feed, period, season, counted, today, circumstances) for feed, period in owed]


def due_day(
    rule: DueRule, period: Period, circumstances: Circumstances
) -> tuple[dt.date, FilingExtension | None, tuple[Unavailable, ...]]:
    """The last day in time, with the extension and the outages that made it that day."""
    granted = [one for one in circumstances.extensions if (one.feed, one.period) == (rule.feed, period.text)]
    extension = max(granted, key=lambda one: (one.due_on, one.id), default=None)
    day = rule.due_on(period)
    if extension is not None:
        day = max(day, extension.due_on)
    day, outages = kept_free(day, circumstances.outages)
    return day, extension, tuple(outages)


def _obligation(
    feed: str,
    period: Period,
    season: Period,
    filings: Iterable[Filing],
    today: dt.date,
    circumstances: Circumstances,
) -> Obligation:
    rule = rule_for(feed, period.kind, season.text)
    due_on, extension, outages = due_day(rule, period, circumstances)
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
        rule_due_on=rule.due_on(period),
        extension=extension,
        outages=outages,
        is_soon=timeliness is Timeliness.NOT_YET and due_on - today <= SOON,
    )
