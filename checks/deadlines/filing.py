"""What is owed and when it is due: dated rules read from ``filings.toml``, moved off holidays, extended, kept free of our
outages.

A day is the calendar day in Asia/Shanghai; the last day itself is still in time to its end (民法典第201、203条).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from checks.deadlines.calendar import add_working_days, in_shanghai, next_working_day
from checks.deadlines.rules import RuleError
from ingest.standard import FEEDS, Period, PeriodKind


class OwedWhen(StrEnum):
    ALWAYS = "always"
    BEGUN = "begun"  # once something is filed for the period
    METERED = "metered"  # with metered homes on the roster
    SETTLED = "settled"  # with metered homes, once a settlement is filed, or where no bills came at all


class AnsweredBy(StrEnum):
    FILING = "filing"
    EVERY_DAY = "every_day"
    ANY_DAY = "any_day"


@dataclass(frozen=True, slots=True)
class DueRule:
    """When a filing of ``feed`` for a period of ``kind`` is owed and due. Binds seasons from ``since_season`` until a later
    rule of the same feed and kind takes its place. ``months`` are owed whether begun or not; ``first`` and ``last`` are
    the (month, day) between which days are owed; ``remind`` is in days before the last one."""

    code: str
    feed: str
    kind: PeriodKind
    since_season: str
    month: int | None
    day: int | None
    years_after: int
    days_after: int | None
    owed: OwedWhen
    months: tuple[int, ...]
    first: tuple[int, int] | None
    last: tuple[int, int] | None
    answered_by: AnsweredBy
    may_be_nothing: bool
    remind: tuple[int, ...]
    zh: str
    en: str
    is_assumed: bool

    def due_on(self, period: Period) -> dt.date:
        """The last day in time: the day of the rule, or the next working day where that one is off. Where the holidays
        of a year are not announced yet, Monday to Friday stand in for them."""
        return _due_on(self.kind, self.month, self.day, self.years_after, self.days_after, period)

    def days_of(self, season: Period) -> list[dt.date]:
        """Every day of the season that is owed; none where the rule is not of days."""
        if self.first is None or self.last is None:
            return []
        first, last = _in_season(season, *self.first), _in_season(season, *self.last)
        return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]

    def months_of(self, season: Period) -> list[Period]:
        """Every month of the season that is owed whether begun or not."""
        days = [_in_season(season, month, 1) for month in self.months]
        return [Period.parse(f"{day:%Y-%m}", (PeriodKind.MONTH,)) for day in sorted(days)]


@cache
def _due_on(
    kind: PeriodKind,
    month: int | None,
    day: int | None,
    years_after: int,
    days_after: int | None,
    period: Period,
) -> dt.date:
    if days_after is not None:
        named = period.last_day + dt.timedelta(days=days_after)
    elif month is not None:
        named = dt.date(period.first_day.year + years_after, month, day or 1)
    else:
        named = (period.last_day + dt.timedelta(days=1)).replace(day=day or 1)
    return next_working_day(named, provisional=True)


def _in_season(season: Period, month: int, day: int) -> dt.date:
    """That day of the season, whose year begins in July."""
    return dt.date(season.first_day.year + (month < season.first_day.month), month, day)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The portal could not be used ``since`` then ``until`` then (aware instants)."""

    since: dt.datetime
    until: dt.datetime


@cache
def due_rules() -> tuple[DueRule, ...]:
    """All rules, oldest first within a feed and kind. Raises RuleError naming a rule that cannot be used."""
    found = []
    for entry in _content()["rule"]:
        try:
            found.append(_rule(entry))
        except (KeyError, ValueError) as error:
            raise RuleError(f"filings.toml, rule {entry.get('code', '?')}: {error}") from error
    return tuple(found)


def _content() -> dict[str, Any]:
    return tomllib.loads((resources.files("checks.deadlines") / "filings.toml").read_text(encoding="utf-8"))


def _rule(entry: Mapping[str, Any]) -> DueRule:
    kind = PeriodKind(entry["kind"])
    if entry["feed"] not in FEEDS:
        raise ValueError(f"no feed {entry['feed']}")
    if kind is PeriodKind.DAY and not {"days_after", "from", "to"} <= entry.keys():
        raise ValueError("a rule of days says days_after, from and to")
    if kind is not PeriodKind.DAY and "day" not in entry:
        raise ValueError("a rule of months or seasons says the day")
    return DueRule(
        code=entry["code"],
        feed=entry["feed"],
        kind=kind,
        since_season=entry["since_season"],
        month=entry.get("month"),
        day=entry.get("day"),
        years_after=entry.get("years_after", 0),
        days_after=entry.get("days_after"),
        owed=OwedWhen(entry["owed"]),
        months=tuple(entry.get("months", ())),
        first=_month_and_day(entry.get("from")),
        last=_month_and_day(entry.get("to")),
        answered_by=AnsweredBy(entry.get("answered_by", "filing")),
        may_be_nothing=entry.get("nothing", False),
        remind=tuple(entry["remind"]),
        zh=entry["zh"],
        en=entry["en"],
        is_assumed=entry["assumed"],
    )


def _month_and_day(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    month, day = text.split("-")
    return int(month), int(day)


@cache
def rules_of(season: str) -> tuple[DueRule, ...]:
    """The rules that bind ``season``, in the order of the standard's feeds."""
    bound: dict[tuple[str, PeriodKind], DueRule] = {}
    for rule in sorted(due_rules(), key=lambda one: one.since_season):
        if rule.since_season <= season:
            bound[rule.feed, rule.kind] = rule
    order = list(FEEDS)
    return tuple(sorted(bound.values(), key=lambda rule: order.index(rule.feed)))


def rule_for(feed: str, kind: PeriodKind, season: str) -> DueRule:
    """The rule that binds ``season``. Raises LookupError where none does."""
    for rule in rules_of(season):
        if (rule.feed, rule.kind) == (feed, kind):
            return rule
    raise LookupError(f"no due day for {feed} of {season}")


@cache
def sign_within(season: str) -> int | None:
    """In how many working days what was received in time is to be signed; None for seasons without such a limit."""
    bound = [one for one in _content()["signing"] if one["since_season"] <= season]
    if not bound:
        return None
    days: int = max(bound, key=lambda one: one["since_season"])["within_working_days"]
    return days


def sign_by(due_on: dt.date, judged_on: dt.date | None, working_days: int) -> dt.date:
    """The last day on which what was received by ``due_on`` and judged on ``judged_on`` is signed in time."""
    return _counted(max(due_on, judged_on or due_on), working_days)


@cache
def _counted(day: dt.date, working_days: int) -> dt.date:
    return add_working_days(day, working_days, provisional=True)


def kept_free(day: dt.date, outages: Iterable[Unavailable]) -> tuple[dt.date, Sequence[Unavailable]]:
    """The last day where the portal could not be used on ``day``: the first working day after the outage ended, again
    and again while that day has one too; with the outages that moved it. A company is not late because we were away."""
    waiting, moved = sorted(outages, key=lambda one: one.since), []
    for one in waiting:
        first, last = in_shanghai(one.since).date(), in_shanghai(one.until).date()
        if first <= day <= last:
            day = next_working_day(last + dt.timedelta(days=1), provisional=True)
            moved.append(one)
    return day, moved
