"""The deadlines of one complaint: on the spot, answered, closed, each with the rule that sets it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from checks.deadlines.calendar import (
    CalendarMissing,
    add_hours,
    add_working_days,
    calendar_digest,
    end_of_day,
    in_shanghai,
    next_working_day,
)
from checks.deadlines.rules import TOPICS, Rule, RuleBook, Stage, Unit, rule_book, rules_digest


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """One stage of a complaint is due ``by`` this instant, itself still in time, under the rule told in ``zh``/``en``."""

    stage: Stage
    by: dt.datetime  # Asia/Shanghai
    rule_key: str
    zh: str
    en: str
    source: str
    confidence: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a complaint is due. ``on_site_by`` is ``None`` where nobody has to come; the digests say which calendar
    and rules were used, so that a deadline once given can be explained after the data changed."""

    received_at: dt.datetime  # Asia/Shanghai
    on_site_by: dt.datetime | None
    answer_by: dt.datetime
    close_by: dt.datetime
    limits: tuple[TimeLimit, ...]
    calendar_digest: str
    rules_digest: str

    @property
    def is_assumed(self) -> bool:
        """Whether any limit is our reading because no source speaks for the city."""
        return any(limit.assumed for limit in self.limits)

    @property
    def zh(self) -> str:
        """The rules in Chinese, one after the other, each once."""
        return "".join(dict.fromkeys(limit.zh for limit in self.limits))

    @property
    def en(self) -> str:
        """The rules in English, one after the other, each once."""
        return " ".join(dict.fromkeys(limit.en for limit in self.limits))

    @property
    def source(self) -> str:
        """Names of the laws and notices, each once."""
        return "; ".join(dict.fromkeys(name for limit in self.limits for name in limit.source.split("; ")))


def complaint_deadline(city: str, topic: str, received_at: dt.datetime) -> Deadline:
    """The deadlines of a complaint on ``topic`` (a code of the feed ``service_requests``) received in ``city``.

    Where a city's rules name no time to answer, the answer is due with the closing, which includes it. Where working
    days of a year are needed whose holidays are not announced yet, Monday to Friday stand in: the limit says so and is
    ``assumed``, because a complaint cannot wait for the notice. Raises ``ValueError`` for an unknown topic or an
    instant without offset.
    """
    if topic not in TOPICS:
        raise ValueError(
            f"诉求类别不明：{topic}，应为 {', '.join(TOPICS)} 之一。 "
            f"Unknown complaint topic {topic}; use one of {', '.join(TOPICS)}."
        )
    received = in_shanghai(received_at)
    book = rule_book()
    place = book.named(city)
    found = {stage: book.first(place, topic, stage) for stage in Stage}
    limits = {stage: _limit(rule, stage, place, received, book) for stage, rule in found.items() if rule}
    close = limits[Stage.CLOSE]  # the last rule of the file closes every topic everywhere
    answer = limits.setdefault(Stage.ANSWER, replace(close, stage=Stage.ANSWER))
    if close.by < answer.by:
        # A rule found for the city outweighs one we assume; between two found ones the earlier holds.
        if close.assumed:
            close = limits[Stage.CLOSE] = replace(answer, stage=Stage.CLOSE)
        else:
            answer = limits[Stage.ANSWER] = replace(close, stage=Stage.ANSWER)
    on_site = limits.get(Stage.ON_SITE)
    return Deadline(
        received_at=received,
        on_site_by=on_site.by if on_site else None,
        answer_by=answer.by,
        close_by=close.by,
        limits=tuple(limits[stage] for stage in Stage if stage in limits),
        calendar_digest=calendar_digest(),
        rules_digest=rules_digest(),
    )


def is_late(moment: dt.datetime, by: dt.datetime) -> bool:
    """Whether ``moment`` lies after the deadline ``by``; both need an offset. The deadline itself is in time."""
    return in_shanghai(moment) > in_shanghai(by)


def _limit(rule: Rule, stage: Stage, city: str, received: dt.datetime, book: RuleBook) -> TimeLimit:
    zh, en = rule.zh, rule.en
    try:
        by, is_assumed = _due(rule, city, received, book)
    except CalendarMissing as missing:
        by, is_assumed = _due(rule, city, received, book, provisional=True)
        zh += f"（{missing.year}年放假安排尚未公布，暂按周一至周五为工作日计。）"
        en += (
            f" (The holiday notice of {missing.year} is not out yet; counted with Monday to Friday for now.)"
        )
        is_assumed = True
    return TimeLimit(
        stage=stage,
        by=by,
        rule_key=rule.key,
        zh=zh,
        en=en,
        source=rule.source,
        confidence=rule.confidence,
        assumed=rule.assumed or is_assumed,
    )


def _due(
    rule: Rule, city: str, received: dt.datetime, book: RuleBook, *, provisional: bool = False
) -> tuple[dt.datetime, bool]:
    """The instant a rule sets, and whether it rests on an assumed start of the season."""
    if rule.unit is Unit.WORKING_DAYS:
        return end_of_day(add_working_days(received.date(), rule.count, provisional=provisional)), False
    if rule.unit is Unit.DAYS:
        last = received.date() + dt.timedelta(days=rule.count)
        return end_of_day(next_working_day(last, provisional=provisional)), False
    if rule.first_days_hours is None:
        return add_hours(received, rule.count), False
    start = book.season_start(city)
    if start is None:
        return add_hours(received, rule.count), True
    first = dt.date(received.year, start.month, start.day)
    is_early = first <= received.date() < first + dt.timedelta(days=book.season_first_days)
    return add_hours(received, rule.first_days_hours if is_early else rule.count), start.assumed
