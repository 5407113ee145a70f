"""When a filing is due: dated rules read from ``filings.toml``, moved off holidays, extended, kept free of our outages.

A day is the calendar day in Asia/Shanghai; the last day itself is still in time to its end (民法典第201、203条).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from checks.deadlines.calendar import in_shanghai, next_working_day
from checks.deadlines.rules import RuleError
from ingest.standard import Period, PeriodKind


@dataclass(frozen=True, slots=True)
class DueRule:
    """When a filing of ``feed`` for a period of ``kind`` is due. Binds seasons from ``since_season`` until a later rule
    of the same feed and kind takes its place."""

    code: str
    feed: str
    kind: PeriodKind
    since_season: str
    month: int | None
    day: int
    years_after: int
    zh: str
    en: str
    is_assumed: bool

    def due_on(self, period: Period) -> dt.date:
        """The last day in time: the day of the rule, or the next working day where that one is off. Where the holidays
        of a year are not announced yet, Monday to Friday stand in for them."""
        if self.month is not None:
            named = dt.date(period.first_day.year + self.years_after, self.month, self.day)
        else:
            named = (period.last_day + dt.timedelta(days=1)).replace(day=self.day)
        return next_working_day(named, provisional=True)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The portal could not be used ``since`` then ``until`` then (aware instants)."""

    since: dt.datetime
    until: dt.datetime


@cache
def due_rules() -> tuple[DueRule, ...]:
    """All rules, oldest first within a feed and kind. Raises RuleError naming a rule that cannot be used."""
    content = (resources.files("checks.deadlines") / "filings.toml").read_text(encoding="utf-8")
    found = []
    for entry in tomllib.loads(content)["rule"]:
        try:
            found.append(
                DueRule(
                    code=entry["code"],
                    feed=entry["feed"],
                    kind=PeriodKind(entry["kind"]),
                    since_season=entry["since_season"],
                    month=entry.get("month"),
                    day=entry["day"],
                    years_after=entry.get("years_after", 0),
                    zh=entry["zh"],
                    en=entry["en"],
                    is_assumed=entry["assumed"],
                )
            )
        except (KeyError, ValueError) as error:
            raise RuleError(f"filings.toml, rule {entry.get('code', '?')}: {error}") from error
    return tuple(found)


def rule_for(feed: str, kind: PeriodKind, season: str) -> DueRule:
    """The rule that binds ``season``. Raises LookupError where none does."""
    found = [
        rule
        for rule in due_rules()
        if rule.feed == feed and rule.kind is kind and rule.since_season <= season
    ]
    if not found:
        raise LookupError(f"no due day for {feed} of {season}")
    return max(found, key=lambda rule: rule.since_season)


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
