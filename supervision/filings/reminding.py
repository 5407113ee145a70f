"""The daily round over the calendar: who owes what soon, or already too late, is told. A company has one message a day at most,
which lists all that is open, and has it on days that bring something new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.standard import FEEDS
from supervision.companies.models import Company
from supervision.filings.calendar import FilingCalendar
from supervision.filings.obligations import Obligation, Timeliness
from supervision.jobs import JobContext
from supervision.notifications import Kind, last_told, people_of, tell
from supervision.settings import Clock
from supervision.settings.clock import local_date
from supervision.settings.evidence import open_evidence

SEASONS = 2  # of the one that is running and the one before, some of whose days fall into it
TOLD_WITHIN = dt.timedelta(days=60)  # an older day is history
LOOKS_BACK = dt.timedelta(days=7)  # over days on which no round was made
SIGN_REMINDED = dt.timedelta(days=2)  # before the last day to sign
LISTED = 5  # of each sort, the most urgent first; the calendar has the rest
DAY = dt.timedelta(days=1)


def remind(context: JobContext) -> None:
    """Each active company in a transaction of its own: a round that is broken off goes on where it was."""
    evidence = open_evidence(context.settings)
    with context.transaction() as session:
        companies = session.scalars(select(Company.id).where(Company.is_active).order_by(Company.id)).all()
    for done, company_id in enumerate(companies):
        with context.transaction() as session:
            calendar = FilingCalendar(session, context.clock, evidence)
            company = session.get_one(Company, company_id)
            owed = [
                one for season in calendar.seasons()[:SEASONS] for one in calendar.of_company(company, season)
            ]
            tell_of(session, context.clock, company_id, owed, calendar.today)
        context.progress("reminding", done + 1, len(companies))


def tell_of(
    session: Session, clock: Clock, company_id: int, owed: Sequence[Obligation], today: dt.date
) -> None:
    """The company is told what is overdue, due soon and to be signed, where a day since it was told last brought something
    new: a day of reminding, a first day too late. Asked again on the same day it is told nothing more."""
    people = people_of(session, company_id)
    last = last_told(session, (Kind.DUE_SOON, Kind.OVERDUE), people)
    since = today - LOOKS_BACK if last is None else max(local_date(last), today - LOOKS_BACK)
    if not any(since < day <= today for one in owed for day in _days_of_news(one)):
        return
    overdue = [
        one
        for one in owed
        if one.timeliness is Timeliness.MISSING and any(today - day <= TOLD_WITHIN for day in _missing(one))
    ]
    to_sign = [one for one in owed if one.timeliness is Timeliness.NOT_YET and one.answer.sign_by]
    soon = [one for one in owed if one.is_soon]
    kind = Kind.OVERDUE if overdue else Kind.DUE_SOON
    tell(
        session,
        clock,
        kind,
        people,
        path=_path([*overdue, *to_sign, *soon]),
        key=f"filings of company {company_id} on {today.isoformat()}",
        list_zh="；".join(_parts(overdue, soon, to_sign, "zh")),
        list_en="; ".join(_parts(overdue, soon, to_sign, "en")),
    )


def _path(told: list[Obligation]) -> str:
    """To the upload where it is one file that is asked for, else to the calendar."""
    if len(told) == 1 and not told[0].days and told[0].filing is None:
        return f"/company/filings/upload?feed={told[0].rule.feed}&period={told[0].period}"
    return "/company/calendar"


def _days_of_news(one: Obligation) -> Iterator[dt.date]:
    """The days on which there is something new to say of it, as it stands now."""
    waits = [(day.due_on, day.answer) for day in one.days] or [(one.due_on, one.answer)]
    for due_on, answer in waits:
        if answer.timeliness is Timeliness.MISSING:
            yield due_on + DAY if answer.sign_by is None else max(due_on, answer.sign_by) + DAY
        elif answer.timeliness is Timeliness.NOT_YET and answer.sign_by is not None:
            yield answer.sign_by - SIGN_REMINDED
        elif answer.timeliness is Timeliness.NOT_YET:
            for days in one.rule.remind:
                yield due_on - dt.timedelta(days=days)


def _missing(one: Obligation) -> list[dt.date]:
    if not one.days:
        return [one.due_on]
    return [day.due_on for day in one.days if day.answer.timeliness is Timeliness.MISSING]


def _parts(
    overdue: list[Obligation], soon: list[Obligation], to_sign: list[Obligation], language: str
) -> Iterator[str]:
    is_zh = language == "zh"
    sorts = (
        (overdue, "逾期未报：" if is_zh else "Overdue: "),
        (to_sign, "待签署：" if is_zh else "To be signed: "),
        (soon, "即将到期：" if is_zh else "Due soon: "),
    )
    for some, heading in sorts:
        if some:
            listed = [_named(one, is_zh) for one in sorted(some, key=lambda one: one.due_on)[:LISTED]]
            more = len(some) - len(listed)
            if more:
                listed.append(f"等 {len(some)} 项" if is_zh else f"and {more} more")
            yield heading + ("、" if is_zh else ", ").join(listed)


def _named(one: Obligation, is_zh: bool) -> str:
    """The feed and period, with the day that matters; of days how many are missing."""
    feed = FEEDS[one.rule.feed]
    if one.days and one.missing:
        count = f"{one.missing} 日" if is_zh else f"days: {one.missing}"
        return f"{feed.zh} {one.period}（{count}）" if is_zh else f"{feed.en} {one.period} ({count})"
    day = (one.answer.sign_by or one.due_on).isoformat()
    return f"{feed.zh} {one.period}（{day}）" if is_zh else f"{feed.en} {one.period} ({day})"
